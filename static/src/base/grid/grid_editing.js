/**
 * Cells of a grid that are typed into: changed in steps that can be undone, and pasted.
 *
 * A row has `now`: its amounts by place. A subclass has `byNode`, `columns`, `units`,
 * `isEditable(row, column)` and `_set(row, place, now)`, which takes one amount over.
 */
export class GridEditing {
    history = [];

    /** @returns {boolean} whether cells of a column take what is pasted */
    takesPaste(column) {
        return !column.isSum;
    }

    /** The place of a column in `now` of a row. */
    placeOf(column) {
        return column.first;
    }

    /**
     * Change cells in one step, which can be undone.
     *
     * @param {[Object, number, number|null][]} cells row, place and what it becomes
     */
    apply(cells) {
        const step = [];
        for (const [row, place, now] of cells) {
            if (row.now[place] !== now) {
                step.push([row.node, place, row.now[place]]);
                this._set(row, place, now);
            }
        }
        if (step.length) {
            this.history.push({ measure: this.measure, step });
        }
        return step.length;
    }

    /** @returns {boolean} whether there was something to undo in this measure */
    undo() {
        const last = this.history.at(-1);
        if (!last || last.measure !== this.measure) {
            return false;
        }
        this.history.pop();
        for (const [node, place, before] of last.step.reverse()) {
            this._set(this.byNode[node], place, before);
        }
        return true;
    }

    /**
     * Put a copied block where the cursor is; what takes none is passed over, blanks left as they are.
     *
     * @param {Object[]} rows that are shown, from the one with the cursor
     * @param {Object} column with the cursor
     * @param {string} text lines of cells with tabs between them
     * @returns {{ changed: number, refused: number, wrong: string[] }}
     */
    paste(rows, column, text) {
        const lines = text.replace(/\r/g, "").replace(/\n+$/, "").split("\n");
        const columns = this.columns.filter(
            (each) => this.takesPaste(each) && each.index >= column.index
        );
        const cells = [];
        const wrong = [];
        let refused = 0;
        lines.forEach((line, down) => {
            line.split("\t").forEach((cell, across) => {
                let units;
                try {
                    units = this.units.parse(cell);
                } catch {
                    wrong.push(cell.trim());
                    return;
                }
                const row = rows[down];
                const target = columns[across];
                if (units === null) {
                    return;
                }
                if (row && target && this.isEditable(row, target)) {
                    cells.push([row, this.placeOf(target), units]);
                } else {
                    refused++;
                }
            });
        });
        return { changed: wrong.length ? 0 : this.apply(cells), refused, wrong };
    }
}
