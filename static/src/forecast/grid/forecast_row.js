import { GridOwnerRow } from "@sales_process/base/grid/grid_owner_row";
import { cellView } from "./forecast_cell";

export const KIND_ICONS = {
    company: "fa-building-o",
    team: "fa-users",
    user: "fa-user-o",
};

/** A row of the grid: an owner with the figures of all periods. */
export class ForecastRow extends GridOwnerRow {
    static template = "sales_process.ForecastRow";
    static icons = KIND_ICONS;
    static cellView = cellView;

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
