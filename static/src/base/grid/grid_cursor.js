import { useEffect, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";

const MOVES = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
};

/**
 * Where one is in a grid, and what the keys do there.
 *
 * The grid has `model`, `visibleRows`, `isSearching`, `root`, `notification`, `toggle(row)`,
 * `touch()` and `undo()`; its model `byNode`, `columns`, `units`, `isEditable`, `value`,
 * `enter`, `revert` and `paste`. What one grid does in its own way is a method of a subclass.
 */
export class GridCursor {
    constructor(grid, state) {
        Object.assign(this, { grid, state });
        // What an input that is about to be drawn begins with.
        this.text = "";
    }

    get model() {
        return this.grid.model;
    }

    get row() {
        return this.model.byNode?.[this.state.node];
    }

    get column() {
        return this.row && this.model.columns[this.state.col];
    }

    get isEditing() {
        return this.state.isEditing;
    }

    /** Id of the cell, for those who listen to the screen. */
    get cellId() {
        const index = this.grid.visibleRows.indexOf(this.row);
        return index < 0 ? undefined : `o_sales_cell_${index}_${this.state.col}`;
    }

    reset() {
        Object.assign(this.state, { node: false, col: 0, isEditing: false });
    }

    /** Where the row with the cursor says so, its column; -1 elsewhere. */
    columnIn(row) {
        return row.node === this.state.node ? this.state.col : -1;
    }

    go(row, col) {
        this.commit();
        Object.assign(this.state, { node: row.node, col, isEditing: false });
    }

    /** @returns {boolean} whether there was somewhere to go */
    move(down, across, wraps = false) {
        this.commit();
        const rows = this.grid.visibleRows;
        let index = rows.indexOf(this.row) + down;
        let col = this.state.col + across;
        if (wraps && (col < 0 || col >= this.model.columns.length)) {
            index += Math.sign(across);
            col = across > 0 ? 0 : this.model.columns.length - 1;
        }
        if (!rows[index] || !this.model.columns[col]) {
            return false;
        }
        Object.assign(this.state, { node: rows[index].node, col });
        return true;
    }

    /** @returns {boolean} whether there was somewhere to go */
    tab(step) {
        return this.move(0, step, true);
    }

    // --- Editing ------------------------------------------------------------------

    /** @param {string} [text] what was typed; without it the cell's amount is changed */
    edit(text) {
        if (!this.column) {
            return;
        }
        if (!this.model.isEditable(this.row, this.column)) {
            this.refuse(text !== undefined);
            return;
        }
        const value = this.model.value(this.row, this.column);
        this.state.isTyped = text !== undefined;
        this.text = text ?? (value === null ? "" : this.model.units.text(value));
        this.state.isEditing = true;
    }

    /**
     * A cell that does not take what is typed.
     *
     * @param {boolean} isTyped whether something was typed, or it was only pressed
     */
    refuse(isTyped) {
        this.grid.notification.add(this.whyNot, { type: "warning" });
    }

    /** @returns {string} why the cell does not take what is typed */
    get whyNot() {
        return _t("This cell is only read.");
    }

    /** @returns {boolean} whether a first click does what a second one does elsewhere */
    opensAtOnce() {
        return false;
    }

    /** @returns {boolean} whether the click was on something within the cell */
    clickWithin(target, cell) {
        return false;
    }

    /** @returns {boolean} whether the key is done with */
    keyOfOwn(ev) {
        return false;
    }

    /** Take what was typed over. */
    commit() {
        if (!this.isEditing) {
            return;
        }
        const input = this.grid.root.el?.querySelector(".o_cell_input");
        const text = input ? input.value : this.text;
        const isUntouched = !this.state.isTyped && text === this.text;
        this.stop();
        if (!isUntouched) {
            this.enter(text);
        }
        this.focus();
    }

    enter(text) {
        let problem = "";
        let units;
        try {
            units = this.model.units.parse(text);
        } catch {
            problem = _t("“%s” is no amount: type a number that is not below zero.", text);
        }
        try {
            if (!problem) {
                this.model.enter(this.row, this.column, units);
                this.grid.touch();
            }
        } catch (error) {
            problem = error.message;
        }
        if (problem) {
            this.grid.notification.add(problem, { type: "danger" });
        }
    }

    clear() {
        if (this.model.isEditable(this.row, this.column)) {
            this.enter("");
        } else {
            this.refuse(true);
        }
    }

    stop() {
        this.state.isEditing = false;
    }

    focus() {
        this.grid.root.el?.querySelector(".o_sales_grid_scroll")?.focus({ preventScroll: true });
    }

    // --- Events -------------------------------------------------------------------

    onKeydown(ev) {
        if (ev.ctrlKey || ev.metaKey || ev.altKey) {
            if (ev.key === "z" && (ev.ctrlKey || ev.metaKey) && !this.isEditing) {
                ev.preventDefault();
                this.grid.undo();
            }
            return;
        }
        if (!this.row) {
            return;
        }
        if (this.isEditing ? this._keyWhileEditing(ev) : this._keyWhileMoving(ev)) {
            ev.preventDefault();
            ev.stopPropagation();
        }
    }

    /** @returns {boolean} whether the key is done with */
    _keyWhileEditing(ev) {
        if (ev.key === "Escape") {
            this.stop();
            this.focus();
            return true;
        }
        if (ev.key === "Enter") {
            this.commit();
            this.move(ev.shiftKey ? -1 : 1, 0);
            return true;
        }
        if (ev.key === "Tab") {
            this.commit();
            return this.tab(ev.shiftKey ? -1 : 1);
        }
        if (ev.key.length === 1 && !ev.target.classList.contains("o_cell_input")) {
            // Somebody types faster than the input is drawn.
            this.text += ev.key;
            return true;
        }
        const isSideways = ["ArrowLeft", "ArrowRight"].includes(ev.key);
        if (MOVES[ev.key] && (this.state.isTyped || !isSideways)) {
            this.commit();
            this.move(...MOVES[ev.key]);
            return true;
        }
        return false;
    }

    _keyWhileMoving(ev) {
        if (MOVES[ev.key]) {
            this.move(...MOVES[ev.key]);
        } else if (ev.key === "Tab") {
            return this.tab(ev.shiftKey ? -1 : 1);
        } else if (["Enter", "F2"].includes(ev.key)) {
            this.edit();
        } else if (["Home", "End"].includes(ev.key)) {
            this.state.col = ev.key === "Home" ? 0 : this.model.columns.length - 1;
        } else if (["Delete", "Backspace"].includes(ev.key)) {
            this.clear();
        } else if (ev.key === "Escape") {
            this.model.revert(this.row, this.column);
            this.grid.touch();
        } else if (ev.key === " " && this.row.children.length) {
            this.grid.toggle(this.row);
        } else if (/^[\d=.,+-]$/.test(ev.key)) {
            this.edit(ev.key);
        } else {
            return this.keyOfOwn(ev);
        }
        return true;
    }

    onClick(ev) {
        const tr = ev.target.closest("tr[data-node]");
        const row = tr && this.model.byNode[tr.dataset.node];
        if (!row || ev.target.closest(".o_cell_input")) {
            return;
        }
        const td = ev.target.closest("td[data-col]");
        if (!td) {
            if (row.children.length && !this.grid.isSearching) {
                this.grid.toggle(row);
            }
            return;
        }
        const col = Number(td.dataset.col);
        const wasThere = this.state.node === row.node && this.state.col === col;
        this.go(row, col);
        this.focus();
        if (!this.clickWithin(ev.target, td) && (wasThere || ev.detail > 1 || this.opensAtOnce())) {
            this.edit();
        }
    }

    onFocusout(ev) {
        if (ev.target.classList.contains("o_cell_input") && ev.relatedTarget) {
            this.commit();
        }
    }

    onPaste(ev) {
        const text = ev.clipboardData?.getData("text/plain") || "";
        if (!this.row || !text || (this.isEditing && !/[\t\n]/.test(text.trim()))) {
            return;
        }
        ev.preventDefault();
        this.stop();
        if (!this.takesPaste) {
            return;
        }
        if (this.column.isSum && !/[\t\n]/.test(text.trim())) {
            this.enter(text);
            return;
        }
        const rows = this.grid.visibleRows;
        const below = rows.slice(rows.indexOf(this.row));
        this.tellPasted(this.model.paste(below, this.column, text));
        this.grid.touch();
        this.focus();
    }

    get takesPaste() {
        return true;
    }

    tellPasted({ changed, refused, wrong }) {
        if (wrong.length) {
            this.grid.notification.add(
                _t("Nothing was pasted. These are no amounts: %s", wrong.slice(0, 5).join("; ")),
                { type: "danger" }
            );
        } else if (refused) {
            this.grid.notification.add(
                this.refusedText({ changed, refused }),
                { type: "warning" }
            );
        }
    }

    refusedText({ changed, refused }) {
        return _t("%(changed)s cells were changed. %(refused)s were left out: they are only read.", {
            changed,
            refused,
        });
    }

    onCopy(ev) {
        if (!this.isEditing && this.row && document.getSelection().isCollapsed) {
            const value = this.model.value(this.row, this.column);
            ev.clipboardData.setData("text/plain", this.model.units.text(value));
            ev.preventDefault();
        }
    }
}

/**
 * The cursor of a grid, kept in sight.
 *
 * @param {Object} grid the component
 * @param {typeof GridCursor} Cursor
 */
export function useGridCursor(grid, Cursor = GridCursor) {
    const state = useState({ node: false, col: 0, isEditing: false, isTyped: false });
    const cursor = new Cursor(grid, state);
    useEffect(
        () => {
            grid.root.el
                ?.querySelector("td.o_active")
                ?.scrollIntoView({ block: "nearest", inline: "nearest" });
        },
        () => [state.node, state.col]
    );
    useEffect(
        (isEditing) => {
            const input = isEditing && grid.root.el?.querySelector(".o_cell_input");
            if (input) {
                input.value = cursor.text;
                input.focus();
                input.setSelectionRange(input.value.length, input.value.length);
            }
        },
        () => [state.isEditing, state.node, state.col]
    );
    return cursor;
}
