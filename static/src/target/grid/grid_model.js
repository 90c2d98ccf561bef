import { _t } from "@web/core/l10n/translation";
import { GridEditing } from "@sales_process/base/grid/grid_editing";
import { Units } from "@sales_process/base/grid/grid_numbers";
import { columnsOf } from "./grid_columns";

/**
 * What the grid knows: the tree of rows with an amount for each period, and what was
 * changed and is not saved yet, of every measure.
 *
 * Amounts are whole numbers of units, see `Units`; null is no target, or no proposal.
 */
export class GridModel extends GridEditing {
    // {measure: Map of "place|node" to { node, place, old, now }}
    pending = {};

    /** Take over what the server says; what is not saved stays on top of it. */
    load({ plan, periods, rows }, measure) {
        Object.assign(this, { plan, periods, measure });
        this.units = new Units(plan.step, plan.digits);
        this.columns = columnsOf(periods, plan.period_type, plan.today);
        if (!this.isAchieved) {
            this.pending[measure] ||= new Map();
        }
        const inUnits = (values) => values && values.map((value) => this.units.of(value));
        this.rows = rows.map((row) => ({
            ...row,
            base: inUnits(row.cells),
            now: inUnits(row.cells),
            below: inUnits(row.below),
            targets: inUnits(row.targets),
            version: 0,
            conflicts: {},
            children: [],
        }));
        this.byNode = Object.fromEntries(this.rows.map((row) => [row.node, row]));
        for (const row of this.rows) {
            this.byNode[row.parent]?.children.push(row);
        }
        for (const [key, change] of this.pending[measure] || []) {
            const row = this.byNode[change.node];
            if (!row || row.base[change.place] === change.now) {
                this.pending[measure].delete(key);
                continue;
            }
            if (row.base[change.place] !== change.old) {
                row.conflicts[change.place] = change.old;
                change.old = row.base[change.place];
            }
            row.now[change.place] = change.now;
        }
        this.withDecimals = this.rows.some((row) =>
            [...row.base, ...(row.targets || [])].some((value) => !this.units.isWhole(value))
        );
    }

    get isProposal() {
        return this.measure === "proposed_amount";
    }

    /** What was achieved is read only. */
    get isAchieved() {
        return ["achieved", "attainment"].includes(this.measure);
    }

    get count() {
        return Object.values(this.pending).reduce((sum, changes) => sum + changes.size, 0);
    }

    /** As the server wants them. */
    get changes() {
        return Object.entries(this.pending).flatMap(([field, changes]) =>
            [...changes.values()].map(({ node, place, old, now }) => ({
                node,
                date_from: this.periods[place].from,
                field,
                value: this.units.amount(now),
                old: this.units.amount(old),
            }))
        );
    }

    discard() {
        this.pending = this.isAchieved ? {} : { [this.measure]: new Map() };
        this.history = [];
        for (const row of this.rows) {
            row.now = [...row.base];
            row.conflicts = {};
            row.version++;
        }
    }

    // --- Reading ------------------------------------------------------------------

    mayEdit(row) {
        if (this.isAchieved) {
            return false;
        }
        return this.isProposal ? row.may_propose : row.may_edit;
    }

    /** Whether a cell takes what is typed: it has a target, and it is one's to set. */
    isEditable(row, column) {
        return this.mayEdit(row) && this.openPlaces(row, column).length > 0;
    }

    /** The periods of a column in which a row can have another amount. */
    openPlaces(row, column) {
        return this.placesOf(column).filter(
            (place) =>
                this.isProposal || (row.base[place] !== null && !this.periods[place].is_closed)
        );
    }

    placesOf({ first, after }) {
        return Array.from({ length: after - first }, (_, n) => first + n);
    }

    sum(values, column) {
        let sum = null;
        for (let place = column.first; place < column.after; place++) {
            if (values[place] !== null) {
                sum = (sum || 0) + values[place];
            }
        }
        return sum;
    }

    value(row, column) {
        return this.sum(row.now, column);
    }

    isChanged(row, column) {
        return this.placesOf(column).some((place) => row.now[place] !== row.base[place]);
    }

    directChildren(row) {
        return row.children.filter(({ node }) => node.lastIndexOf("/") === row.node.length);
    }

    /** What those right below have: as the server knows, and what was typed since. */
    givenAt(row, place) {
        if (!row.below || row.below[place] === null) {
            return null;
        }
        return this.directChildren(row).reduce(
            (sum, child) => sum + (child.now[place] || 0) - (child.base[place] || 0),
            row.below[place]
        );
    }

    given(row, column) {
        return this.sum(
            this.periods.map((_, place) =>
                place >= column.first && place < column.after ? this.givenAt(row, place) : null
            ),
            column
        );
    }

    /** What those below should have together, with what is assigned on top. */
    wantedAt(row, place) {
        const over = this.measure === "amount" ? this.plan.over_percent : 0;
        return Math.round(((row.now[place] || 0) * Math.round(10000 + over * 100)) / 10000);
    }

    /** What is not given to those below; negative: more was given. Null without any. */
    mismatch(row, column) {
        let sum = null;
        for (let place = column.first; place < column.after; place++) {
            const given = this.givenAt(row, place);
            if (given !== null) {
                sum = (sum || 0) + this.wantedAt(row, place) - given;
            }
        }
        return sum;
    }

    /** What should be achieved by today: periods that are over, a part of the present. */
    expected(row, column) {
        const { today } = this.plan;
        const values = this.periods.map(({ from, to }, place) => {
            const part = to <= today ? 1 : from <= today ? row.passed : 0;
            return row.targets[place] === null ? null : Math.round(row.targets[place] * part);
        });
        return this.sum(values, column);
    }

    // --- Changing -----------------------------------------------------------------

    _set(row, place, now) {
        const changes = this.pending[this.measure];
        const key = `${place}|${row.node}`;
        row.now[place] = now;
        if (now === row.base[place]) {
            changes.delete(key);
        } else {
            changes.set(key, { node: row.node, place, old: row.base[place], now });
        }
        if (!this.units.isWhole(now) && !this.withDecimals) {
            this.withDecimals = true;
            this.rows.forEach((each) => each.version++);
        }
        for (let each = row; each; each = this.byNode[each.parent]) {
            each.version++;
        }
    }

    revert(row, column) {
        return this.apply(this.placesOf(column).map((place) => [row, place, row.base[place]]));
    }

    /**
     * What was typed: the amount of a period, or a sum that is divided over its periods in
     * proportion to what they have.
     */
    enter(row, column, units) {
        if (!column.isSum) {
            return this.apply([[row, column.first, units ?? this.nothing]]);
        }
        const places = this.openPlaces(row, column);
        const kept = this.placesOf(column).filter((place) => !places.includes(place));
        if (units !== null) {
            units -= kept.reduce((sum, place) => sum + (row.now[place] || 0), 0);
            if (units < 0) {
                throw new Error(_t("The periods that stay as they are have more than that."));
            }
        }
        const weights = places.map((place) => row.now[place] || 0);
        const seeds =
            this.isProposal && !weights.some(Boolean)
                ? places.map((place) => row.targets[place] || 0)
                : weights;
        const parts =
            units === null ? places.map(() => this.nothing) : this.units.shareOut(units, seeds);
        return this.apply(places.map((place, n) => [row, place, parts[n]]));
    }

    /** An emptied cell: no proposal, or a target of zero. */
    get nothing() {
        return this.isProposal ? null : 0;
    }

    /** What stops those below from being given what is there; empty if nothing does. */
    whyNotDivide(row) {
        return this.directChildren(row).some((child) => this.mayEdit(child))
            ? ""
            : _t("You may not set the targets below %s.", row.name);
    }

    /**
     * Give those right below what they should have together, in proportion to what they
     * have; those one may not set keep theirs.
     *
     * @throws {Error} where they have more than there is
     */
    divideBelow(row, column) {
        const cells = [];
        for (const place of this.placesOf(column)) {
            const cell = { first: place, after: place + 1 };
            const open = this.directChildren(row).filter((child) => this.isEditable(child, cell));
            if (!open.length) {
                continue;
            }
            const mine = open.reduce((sum, child) => sum + (child.now[place] || 0), 0);
            const rest = this.wantedAt(row, place) - (this.givenAt(row, place) - mine);
            if (rest < 0) {
                throw new Error(
                    _t("Those below %s whose targets you may not set have more than there is.", row.name)
                );
            }
            let weights = open.map((child) => child.now[place] || 0);
            if (!weights.some(Boolean)) {
                // Nothing here yet: as they share the other periods.
                weights = open.map((child) => child.now.reduce((sum, units) => sum + units, 0));
            }
            const parts = this.units.shareOut(rest, weights);
            open.forEach((child, n) => cells.push([child, place, parts[n]]));
        }
        return this.apply(cells);
    }

    /** Make a row what those below have together. */
    takeSum(row, column) {
        return this.apply(
            this.openPlaces(row, column)
                .filter((place) => this.givenAt(row, place) !== null)
                .map((place) => [row, place, this.givenAt(row, place)])
        );
    }
}
