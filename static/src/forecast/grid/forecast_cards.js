import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { cellView } from "./forecast_cell";
import { KIND_ICONS } from "./forecast_row";

/** The grid on a phone: one's own first, a card for each period. */
export class ForecastCards extends Component {
    static template = "sales_process.ForecastCards";
    static props = {
        model: Object,
        changed: Number,
        rows: Array,
        isSearching: Boolean,
        onChange: Function,
        openCell: Function,
    };

    setup() {
        this.icons = KIND_ICONS;
        this.state = useState({ open: {}, wrong: {} });
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
