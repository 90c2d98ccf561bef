import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { cellView, KIND_ICONS } from "./grid_row";

/** The grid on a phone: one's own first, a card for each period. */
export class GridCards extends Component {
    static template = "sales_process.GridCards";
    static props = {
        model: Object,
        changed: Number,
        rows: Array,
        isSearching: Boolean,
        onChange: Function,
        openCredits: Function,
    };

    setup() {
        this.notification = useService("notification");
        this.icons = KIND_ICONS;
        this.state = useState({ open: {} });
    }

    /** One's own, then the tree as it stands; folding is that of the cards here. */
    get rows() {
        const { model, rows, isSearching } = this.props;
        const shown = isSearching ? rows : model.rows;
        return [...shown].sort((a, b) => Number(b.is_mine) - Number(a.is_mine));
    }

    isOpen(row, isFirst) {
        return this.state.open[row.node] ?? (isFirst || row.is_mine);
    }

    toggle(row, isFirst) {
        this.state.open[row.node] = !this.isOpen(row, isFirst);
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
