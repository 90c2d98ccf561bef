import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { cellView } from "./forecast_cell";

export const KIND_ICONS = {
    company: "fa-building-o",
    team: "fa-users",
    user: "fa-user-o",
};

/** A row of the grid: an owner with the figures of all periods. */
export class ForecastRow extends Component {
    static template = "sales_process.ForecastRow";
    static props = {
        model: Object,
        row: Object,
        // Changes with what the row shows, so that other rows are not drawn again.
        version: Number,
        index: Number,
        activeCol: Number,
        isEditing: Boolean,
        isFolded: Boolean,
        hasChildren: Boolean,
    };

    get icon() {
        return KIND_ICONS[this.props.row.kind];
    }

    get foldLabel() {
        return this.props.isFolded ? _t("Unfold") : _t("Fold");
    }

    get cells() {
        const { model, row } = this.props;
        return model.columns.map((column) => ({ column, ...cellView(model, row, column) }));
    }

    cssOf(cell) {
        const { column } = cell;
        return {
            o_group: column.isFirst,
            o_call: Boolean(column.category),
            o_sum: Boolean(column.isTotal),
            o_readonly: !cell.isEditable,
            o_empty: cell.isEmpty,
            o_changed: cell.isChanged,
            o_conflict: cell.isConflict,
            o_opens: cell.opens,
            o_active: column.index === this.props.activeCol,
        };
    }
}
