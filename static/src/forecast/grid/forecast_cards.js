import { GridOwnerCards } from "@sales_process/base/grid/grid_owner_cards";
import { _t } from "@web/core/l10n/translation";
import { cellView } from "./forecast_cell";
import { KIND_ICONS } from "./forecast_row";

/** The grid on a phone: one's own first, a card for each period. */
export class ForecastCards extends GridOwnerCards {
    static template = "sales_process.ForecastCards";
    static props = { ...GridOwnerCards.props, openCell: Function };

    setup() {
        super.setup();
        this.icons = KIND_ICONS;
    }

    /** Groups of columns with the cells of a row; totals are for wider screens. */
    cardsOf(row) {
        const { model } = this.props;
        let start = 0;
        return model.groups.map((group) => {
            const columns = model.columns.slice(start, start + group.span);
            start += group.span;
            const cells = columns
                .filter(({ isTotal }) => !isTotal)
                .map((column) => ({ column, ...cellView(model, row, column) }))
                .filter((cell) => !cell.column.isLine || cell.opens);
            return { group, cells };
        });
    }

    inputText(cell) {
        return cell.isEmpty ? "" : cell.text;
    }

    set(row, cell, input) {
        const { model } = this.props;
        const key = `${cell.column.index}|${row.node}`;
        delete this.state.wrong[key];
        try {
            model.enter(row, cell.column, model.units.parse(input.value));
        } catch {
            this.state.wrong[key] = _t("“%s” is no amount: type a number that is not below zero.", input.value);
        }
        input.value = this.inputText(cellView(model, row, cell.column));
        this.props.onChange();
    }

    wrongOf(row, cell) {
        return this.state.wrong[`${cell.column.index}|${row.node}`];
    }
}
