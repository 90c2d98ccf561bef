import { registry } from "@web/core/registry";
import { GraphModel } from "@web/views/graph/graph_model";
import { graphView } from "@web/views/graph/graph_view";
import { PivotModel } from "@web/views/pivot/pivot_model";
import { pivotView } from "@web/views/pivot/pivot_view";
import { AsOfControlPanel } from "@sales_process/pipeline/as_of/as_of_control_panel";

const COMPARED = ["earlier_revenue", "later_revenue", "revenue_change"];

/**
 * Two days stand side by side as measures: a column per day would have a total that adds
 * the days up. Measures chosen by hand stay until one day becomes two or two become one.
 */
export class AsOfPivotModel extends PivotModel {
    load(searchParams) {
        const { context } = searchParams;
        const isCompared = Boolean(context.as_of_compare);
        const changes = isCompared !== Boolean(this.isCompared);
        this.isCompared = isCompared;
        if (!changes || context.pivot_measures) {
            return super.load(searchParams);
        }
        return super.load({
            ...searchParams,
            context: {
                ...context,
                pivot_measures: isCompared ? COMPARED : ["expected_revenue"],
                pivot_column_groupby: isCompared ? [] : ["as_of"],
            },
        });
    }
}

/** Two days stand side by side, whatever else is grouped by: their sum says nothing. */
export class AsOfGraphModel extends GraphModel {
    load(searchParams) {
        const { context, groupBy } = searchParams;
        if (!context.as_of_compare || !groupBy.length || groupBy.includes("as_of")) {
            return super.load(searchParams);
        }
        return super.load({ ...searchParams, groupBy: [...groupBy, "as_of"] });
    }
}

registry.category("views").add("sales_pipeline_as_of_graph", {
    ...graphView,
    ControlPanel: AsOfControlPanel,
    Model: AsOfGraphModel,
});
registry.category("views").add("sales_pipeline_as_of_pivot", {
    ...pivotView,
    ControlPanel: AsOfControlPanel,
    Model: AsOfPivotModel,
});
