import { GridOwnerCards } from "@sales_process/base/grid/grid_owner_cards";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { cellView, KIND_ICONS } from "./grid_row";

/** The grid on a phone: one's own first, a card for each period. */
export class GridCards extends GridOwnerCards {
    static template = "sales_process.GridCards";
    static props = { ...GridOwnerCards.props, openCredits: Function };

    setup() {
        super.setup();
        this.notification = useService("notification");
        this.icons = KIND_ICONS;
    }

    get total() {
        const { columns } = this.props.model;
        return columns.at(-1);
    }

    cell(row, column) {
        return cellView(this.props.model, row, column);
    }

    cardsOf(row) {
        const columns = this.props.model.columns.filter((column) => !column.isTotal);
        return columns.map((column) => ({ column, ...this.cell(row, column) }));
    }

    inputText(cell) {
        return cell.text === "–" ? "" : cell.text;
    }

    set(row, column, input) {
        const { model } = this.props;
        try {
            model.enter(row, column, model.units.parse(input.value));
        } catch {
            this.notification.add(
                _t("“%s” is no amount: type a number that is not below zero.", input.value),
                { type: "danger" }
            );
        }
        input.value = this.inputText(this.cell(row, column));
        this.props.onChange();
    }
}
