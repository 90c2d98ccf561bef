import { Component, markup, useRef } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";

// Trees with more rows than this begin folded: nobody reads them from top to bottom.
const MANY_ROWS = 60;

/**
 * A screen with a tree of owners down, whose cells are typed into and saved together.
 *
 * A subclass has `model`, `cursor`, `load()` and a `state` with `folded`, `search`, `isBusy`,
 * `error`, `reason` and `changed`, which counts up whenever the model changed.
 */
export class GridScreen extends Component {
    static props = ["*"];

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.ui = useService("ui");
        this.root = useRef("root");
    }

    /**
     * Ask before what was typed is lost, and find the screen again as it was left.
     *
     * @param {string[]} names of what is kept of the state
     */
    useLeaving(names) {
        useSetupAction({
            getLocalState: () => ({
                grid: Object.fromEntries(names.map((name) => [name, this.state[name]])),
            }),
            beforeLeave: () => this.confirmLeaving(),
            beforeUnload: (ev) => {
                if (this.model.count) {
                    ev.preventDefault();
                    ev.returnValue = "";
                }
            },
        });
    }

    /**
     * Do what the server may refuse; what it says is shown above the grid.
     *
     * @param {Function} work
     * @param {Function} [afterRefusal] before it is shown
     * @returns {Promise<boolean>} whether it was done
     */
    async attempt(work, afterRefusal = () => {}) {
        this.state.isBusy = true;
        try {
            await work();
            return true;
        } catch (error) {
            if (!error.data) {
                throw error;
            }
            await afterRefusal();
            this.state.error = error.data.message;
            return false;
        } finally {
            this.state.isBusy = false;
        }
    }

    /** Open what the server answered with. */
    openAction(action) {
        // Only actions that are loaded by their id come with help that may be shown.
        return this.action.doAction({ ...action, help: action.help && markup(action.help) });
    }

    touch() {
        this.state.changed++;
    }

    get columns() {
        return this.model.columns;
    }

    // --- The tree -----------------------------------------------------------------

    get foldedAtFirst() {
        if (this.model.rows.length <= MANY_ROWS) {
            return {};
        }
        const below = this.model.rows.filter((row) => row.level && row.children.length);
        return Object.fromEntries(below.map((row) => [row.node, true]));
    }

    get isSearching() {
        return Boolean(this.state.search.trim());
    }

    /** The rows that are shown: those that match with all above them, or what is unfolded. */
    get visibleRows() {
        const { rows, byNode } = this.model;
        if (this.isSearching) {
            const word = this.state.search.trim().toLowerCase();
            const found = new Set();
            for (const row of rows.filter(({ name }) => name.toLowerCase().includes(word))) {
                for (let each = row; each; each = byNode[each.parent]) {
                    found.add(each);
                }
            }
            return rows.filter((row) => found.has(row));
        }
        const hidden = new Set();
        return rows.filter((row) => {
            const isHidden =
                row.parent && (hidden.has(row.parent) || this.state.folded[row.parent]);
            if (isHidden) {
                hidden.add(row.node);
            }
            return !isHidden;
        });
    }

    isFolded(row) {
        return Boolean(!this.isSearching && this.state.folded[row.node]);
    }

    toggle(row) {
        this.state.folded[row.node] = !this.state.folded[row.node];
    }

    foldAll(isFolded) {
        const parents = this.model.rows.filter((row) => row.children.length);
        this.state.folded = Object.fromEntries(parents.map(({ node }) => [node, isFolded]));
    }

    // --- What is not saved ----------------------------------------------------------

    get count() {
        return this.state.changed >= 0 && this.model.count;
    }

    get countText() {
        return this.count === 1
            ? _t("1 cell is not saved")
            : _t("%s cells are not saved", this.count);
    }

    discard() {
        this.cursor.stop();
        this.model.discard();
        Object.assign(this.state, { error: "", reason: "" });
        this.touch();
    }

    undo() {
        if (this.model.undo()) {
            this.touch();
        }
    }

    /** @returns {Promise<boolean>} whether nothing is lost, or it may be */
    confirmLeaving() {
        this.cursor.commit();
        if (!this.model.count) {
            return Promise.resolve(true);
        }
        return new Promise((resolve) => {
            this.dialog.add(ConfirmationDialog, {
                title: _t("Leave without saving?"),
                body: this.countText,
                confirmLabel: _t("Discard and Leave"),
                confirm: () => {
                    this.discard();
                    resolve(true);
                },
                cancelLabel: _t("Stay"),
                cancel: () => resolve(false),
                dismiss: () => resolve(false),
            });
        });
    }
}
