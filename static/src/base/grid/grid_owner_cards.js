import { Component, useState } from "@odoo/owl";

/** A grid on a phone: one's own first, each owner to unfold. */
export class GridOwnerCards extends Component {
    static props = { model: Object, changed: Number, rows: Array, isSearching: Boolean, onChange: Function };

    setup() {
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
}
