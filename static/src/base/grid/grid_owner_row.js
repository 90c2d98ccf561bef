import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

/** A row of a grid: an owner, and a cell for each column. */
export class GridOwnerRow extends Component {
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
    // {kind of the owner: its icon}, and what a cell shows
    static icons = {};
    static cellView = () => ({});

    get icon() {
        return this.constructor.icons[this.props.row.kind];
    }

    get foldLabel() {
        return this.props.isFolded ? _t("Unfold") : _t("Fold");
    }

    get cells() {
        const { model, row } = this.props;
        return model.columns.map((column) => ({
            column,
            ...this.constructor.cellView(model, row, column),
        }));
    }
}
