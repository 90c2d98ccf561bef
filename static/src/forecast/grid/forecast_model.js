import { GridEditing } from "@sales_process/base/grid/grid_editing";
import { Units } from "@sales_process/base/grid/grid_numbers";
import { CATEGORIES, columnsOf } from "./forecast_columns";

const SUMS = ["quota", "closed", ...CATEGORIES, "weighted"];
// By what a row takes: the number that is typed over, its note and its id.
const PARTS = {
    call: ["call", "call_note", "call_id"],
    adjustment: ["adjusted", "adjust_note", "adjustment_id"],
};

/**
 * What the grid knows: the tree of rows with their figures, and the calls that were typed
 * and are not saved yet. Amounts are whole numbers of units, see `Units`.
 *
 * A place of a row is `period/category`.
 */
export class ForecastModel extends GridEditing {
    // Map of "place|node" to { node, place, old, now, note, seen }
    pending = new Map();
    chances = {};
    changes = null;

    /** Take over what the server says; what is not saved stays on top of it. */
    load(grid, shown) {
        Object.assign(this, grid);
        const { step, digits } = grid.currency;
        this.units = new Units(step, digits);
        this.rows = grid.rows.map((row) => this._rowOf(row));
        this.byNode = Object.fromEntries(this.rows.map((row) => [row.node, row]));
        this.rows.forEach((row) => this.byNode[row.parent]?.children.push(row));
        for (const [key, change] of this.pending) {
            const row = this.byNode[change.node];
            if (!row?.mode) {
                this.pending.delete(key);
                continue;
            }
            const { place } = change;
            if (row.seen[place] !== change.seen) {
                row.conflicts[place] = change.old;
                Object.assign(change, { old: row.base[place], seen: row.seen[place] });
            }
            row.now[place] = change.now;
            row.notes[place] = change.note;
        }
        this.withDecimals = this.rows.some(({ cells, now }) =>
            [
                ...Object.values(now),
                ...cells.flatMap((cell) => SUMS.map((name) => cell[name])),
            ].some((units) => !this.units.isWhole(units))
        );
        this.show(shown);
    }

    _rowOf(row) {
        const mode = row.may_call ? "call" : row.may_adjust ? "adjustment" : false;
        const [amount, note, id] = PARTS[mode || "call"];
        const own = { base: {}, now: {}, notes: {}, baseNotes: {}, seen: {} };
        const cells = row.cells.map((cell, period) => {
            for (const category of CATEGORIES) {
                const call = cell.calls[category] || {};
                const place = `${period}/${category}`;
                own.base[place] = own.now[place] = this.units.of(call[amount]);
                own.notes[place] = own.baseNotes[place] = call[note] || "";
                own.seen[place] = call[id] || null;
            }
            const sums = SUMS.map((name) => [name, this.units.of(cell[name])]);
            return { ...cell, ...Object.fromEntries(sums) };
        });
        const lines = Object.entries(row.lines).map(([name, [amount, deals]]) => [
            name,
            { units: this.units.of(amount), deals },
        ]);
        return {
            ...row,
            ...own,
            mode,
            cells,
            lines: Object.fromEntries(lines),
            conflicts: {},
            children: [],
            version: 0,
        };
    }

    show(shown) {
        Object.assign(this, columnsOf(this.periods, this.period, shown));
        this.redraw();
    }

    redraw() {
        this.rows.forEach((row) => row.version++);
    }

    get count() {
        return this.pending.size;
    }

    /** @returns {boolean} whether a number is taken back, which wants a reason */
    get hasResets() {
        return [...this.pending.values()].some(({ now }) => now === null);
    }

    /** As the server wants them. */
    changesFor(reason) {
        return [...this.pending.values()].map(({ node, place, now, note, seen }) => {
            const [period, category] = place.split("/");
            const { kind, owner_id, mode } = this.byNode[node];
            return {
                owner: [kind, owner_id],
                date_from: this.periods[period].from,
                date_to: this.periods[period].to,
                kind: mode,
                amount: this.units.amount(now),
                reason,
                category,
                note,
                seen,
            };
        });
    }

    saved() {
        this.pending.clear();
        this.history = [];
    }

    discard() {
        for (const { node, place } of [...this.pending.values()]) {
            const row = this.byNode[node];
            row.notes[place] = row.baseNotes[place];
            this._set(row, place, row.base[place]);
        }
        this.saved();
        this.rows.forEach((row) => (row.conflicts = {}));
        this.redraw();
    }

    // --- Reading ------------------------------------------------------------------

    isEditable(row, column) {
        return Boolean(row.mode && column.category && column.place !== null);
    }

    takesPaste(column) {
        return Boolean(column.category) && column.place !== null;
    }

    placeOf(column) {
        return `${column.place}/${column.category}`;
    }

    callOf(row, period, category) {
        return row.cells[period].calls[category] || {};
    }

    /** What counts of a row: what was made of the call, else the call; null without. */
    numberOf(row, period, category) {
        const typed = row.now[`${period}/${category}`];
        const { call, adjusted } = this.callOf(row, period, category);
        if (row.mode === "call") {
            return this.units.of(adjusted) ?? typed;
        }
        const made = row.mode === "adjustment" ? typed : this.units.of(adjusted);
        return made ?? this.units.of(call);
    }

    gapOf(row, period) {
        const { quota, closed, commit } = row.cells[period];
        const counted = this.numberOf(row, period, "commit") ?? commit;
        return quota === null ? null : quota - (closed || 0) - counted;
    }

    /**
     * The value of a cell: units; of coverage a factor, of a chance percent.
     *
     * @returns {number|null|undefined} undefined while it is not known yet
     */
    value(row, column) {
        const { name, place, category } = column;
        if (column.isLine) {
            return name === "no_amount" ? row.lines[name].deals : row.lines[name].units;
        }
        if (column.isTotal) {
            return this._total(row, column);
        }
        if (category) {
            // One's own number is what one types, others' what counts of them.
            return row.mode === "call"
                ? row.now[this.placeOf(column)]
                : this.numberOf(row, place, category);
        }
        if (name === "gap") {
            return this.gapOf(row, place);
        }
        if (name === "coverage") {
            const { best_case, pipeline } = row.cells[place];
            return factorOf(best_case + pipeline, this.gapOf(row, place));
        }
        if (name === "chance") {
            if (row.cells[place].quota === null) {
                return null;
            }
            const chance = this.chances[row.node]?.[place];
            return chance === undefined ? undefined : chance && chance.chance;
        }
        return row.cells[place][name];
    }

    _total(row, { name, category }) {
        const all = (valueOf) =>
            this.periods.reduce((sum, _period, place) => {
                const value = valueOf(place);
                return value === null ? sum : (sum || 0) + value;
            }, null);
        if (category) {
            return all((place) => this.numberOf(row, place, category));
        }
        if (name === "gap") {
            return all((place) => this.gapOf(row, place));
        }
        if (name === "coverage") {
            // Only where there is a quota something is missing.
            const open = all((place) => {
                const { quota, best_case, pipeline } = row.cells[place];
                return quota === null ? null : best_case + pipeline;
            });
            return factorOf(open, all((place) => this.gapOf(row, place)));
        }
        return all((place) => row.cells[place][name]);
    }

    /** How much more it is than on the day it is compared with; 0 where nothing changed. */
    changeOf(row, column) {
        const change = this.changes?.rows[row.node];
        if (!change || column.isTotal) {
            return 0;
        }
        const values = column.isLine ? change.lines : change.cells[column.place];
        return this.units.of(values[column.name] || 0);
    }

    // --- Changing -----------------------------------------------------------------

    _set(row, place, now) {
        row.now[place] = now;
        const key = `${place}|${row.node}`;
        if (now === row.base[place] && row.notes[place] === row.baseNotes[place]) {
            this.pending.delete(key);
        } else {
            this.pending.set(key, {
                node: row.node,
                place,
                now,
                old: row.base[place],
                note: row.notes[place],
                seen: row.seen[place],
            });
        }
        if (!this.units.isWhole(now) && !this.withDecimals) {
            this.withDecimals = true;
            this.redraw();
        }
        row.version++;
    }

    setNote(row, place, note) {
        row.notes[place] = note;
        this._set(row, place, row.now[place]);
    }

    enter(row, column, units) {
        return this.apply([[row, this.placeOf(column), units]]);
    }

    revert(row, column) {
        if (this.isEditable(row, column)) {
            const place = this.placeOf(column);
            row.notes[place] = row.baseNotes[place];
            this.apply([[row, place, row.base[place]]]);
            this._set(row, place, row.base[place]);
        }
    }
}

function factorOf(open, gap) {
    return gap > 0 ? (open || 0) / gap : null;
}
