import { registry } from "@web/core/registry";
import { graphView } from "@web/views/graph/graph_view";
import { pivotView } from "@web/views/pivot/pivot_view";
import { AsOfControlPanel } from "@sales_process/pipeline/as_of/as_of_control_panel";

registry.category("views").add("sales_pipeline_as_of_graph", {
    ...graphView,
    ControlPanel: AsOfControlPanel,
});
registry.category("views").add("sales_pipeline_as_of_pivot", {
    ...pivotView,
    ControlPanel: AsOfControlPanel,
});
