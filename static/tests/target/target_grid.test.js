import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { shareOut, Units } from "@sales_process/base/grid/grid_numbers";
import { GridModel } from "@sales_process/target/grid/grid_model";
import { patchTranslations, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { localization } from "@web/core/l10n/localization";

const PLACES = 4;

function row(node, cells, values = {}) {
    return {
        node,
        parent: node.includes("/") ? node.slice(0, node.lastIndexOf("/")) : false,
        level: node.split("/").length - 1,
        name: node,
        kind: "user_id",
        may_edit: true,
        may_propose: true,
        is_mine: false,
        below: null,
        cells,
        ...values,
    };
}

/** Two quarters of two months, a team of 100 a month with 60 and 30 below it. */
function gridOf(plan = {}, rows = null) {
    const month = (number) => `2025-0${number}-01`;
    return {
        plan: {
            step: 0.01,
            digits: 2,
            over_percent: 0,
            period_type: "month",
            today: "2025-03-15",
            ...plan,
        },
        periods: [3, 4, 5, 6].slice(0, PLACES).map((number) => ({
            from: month(number - 1),
            to: month(number),
            year: 2025,
            quarter: number < 5 ? 1 : 2,
        })),
        rows: rows || [
            row("t1", [100, 100, 100, 100], { below: [90, 90, 90, 90] }),
            row("t1/u1", [60, 60, 60, 60]),
            row("t1/u2", [30, 30, 30, 30]),
        ],
    };
}

function load(plan, rows, measure = "amount") {
    const model = new GridModel();
    model.load(gridOf(plan, rows), measure);
    return model;
}

const amounts = (model, node) =>
    model.byNode[node].now.map((units) => model.units.amount(units));

beforeEach(() => {
    patchTranslations();
    patchWithCleanup(localization, { decimalPoint: ".", thousandsSep: ",", grouping: [3, 0] });
});

describe("numbers", () => {
    test("parts add up exactly and differ by one at most from their share", () => {
        expect(shareOut(1000, [1, 1, 1])).toEqual([334, 333, 333]);
        expect(shareOut(10, [0, 0, 0])).toEqual([4, 3, 3]);
        expect(shareOut(0, [5, 1])).toEqual([0, 0]);
        // Products of these are beyond what a number holds exactly.
        const large = 999_999_999_999_999;
        const parts = shareOut(large, [large, large, 1]);
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(large);
    });

    test("whole amounts are divided into whole ones", () => {
        const units = new Units(0.01, 2);
        expect(units.shareOut(100_00, [1, 1, 1])).toEqual([34_00, 33_00, 33_00]);
        expect(units.shareOut(100_01, [1, 1, 1])).toEqual([33_34, 33_34, 33_33]);
        expect(new Units(1, 0).shareOut(7, [1, 1])).toEqual([4, 3]);
    });

    test("what is typed or copied", () => {
        const units = new Units(0.01, 2);
        expect(units.parse("1,200.5")).toBe(120050);
        expect(units.parse("$ 1,200.50")).toBe(120050);
        expect(units.parse("1\u00a0200,00 €".replace(",", "."))).toBe(120000);
        expect(units.parse("1,200 USD")).toBe(120000);
        expect(units.parse("=3*400")).toBe(120000);
        expect(units.parse("  ")).toBe(null);
        for (const text of ["abc", "-1", "1e99x", "(5)", "12k", "1e14"]) {
            expect(() => units.parse(text)).toThrow();
        }
    });
});

describe("columns", () => {
    test("quarters after their months, the total at the end", () => {
        const { columns } = load();
        expect(columns.map((column) => [column.first, column.after])).toEqual([
            [0, 1],
            [1, 2],
            [0, 2],
            [2, 3],
            [3, 4],
            [2, 4],
            [0, 4],
        ]);
        expect(columns.map((column) => column.when)).toEqual([
            "past",
            "current",
            "current",
            "future",
            "future",
            "future",
            "current",
        ]);
        expect(columns.at(-1).isTotal).toBe(true);
    });
});

describe("changes", () => {
    test("a sum is divided over its periods in proportion", () => {
        const model = load({}, [row("u1", [10, 30, 0, 0])]);
        model.enter(model.rows[0], model.columns.at(-1), 100_00);
        expect(amounts(model, "u1")).toEqual([25, 75, 0, 0]);
        expect(model.changes).toEqual([
            { node: "u1", date_from: "2025-02-01", field: "amount", value: 25, old: 10 },
            { node: "u1", date_from: "2025-03-01", field: "amount", value: 75, old: 30 },
        ]);
        // What is as it was is no change.
        model.enter(model.rows[0], model.columns[0], 10_00);
        expect(model.count).toBe(1);
    });

    test("an empty sum is divided equally, and only over periods there are", () => {
        const model = load({}, [row("u1", [0, null, 0, 0])]);
        model.enter(model.rows[0], model.columns.at(-1), 100_00);
        expect(amounts(model, "u1")).toEqual([34, null, 33, 33]);
    });

    test("what is given below follows what is typed", () => {
        const model = load();
        const [team, ann] = model.rows;
        const [first] = model.columns;
        expect(model.mismatch(team, first)).toBe(10_00);
        model.enter(ann, first, 75_00);
        expect(model.given(team, first)).toBe(105_00);
        expect(model.mismatch(team, first)).toBe(-5_00);
        expect(model.mismatch(team, model.columns[2])).toBe(5_00);
        expect(model.mismatch(ann, first)).toBe(null);
    });

    test("dividing below, with what is assigned on top", () => {
        const model = load({ over_percent: 20 });
        const [team] = model.rows;
        model.divideBelow(team, model.columns[2]);
        expect(amounts(model, "t1/u1")).toEqual([80, 80, 60, 60]);
        expect(amounts(model, "t1/u2")).toEqual([40, 40, 30, 30]);
        expect(model.mismatch(team, model.columns[2])).toBe(0);
        model.undo();
        expect(model.count).toBe(0);
    });

    test("dividing leaves alone what one may not set", () => {
        const rows = gridOf().rows;
        rows[1].may_edit = false;
        const model = load({}, rows);
        const [team] = model.rows;
        model.divideBelow(team, model.columns[0]);
        expect(amounts(model, "t1/u1")[0]).toBe(60);
        expect(amounts(model, "t1/u2")[0]).toBe(40);
        model.enter(team, model.columns[0], 50_00);
        expect(() => model.divideBelow(team, model.columns[0])).toThrow();
    });

    test("taking what is given below", () => {
        const model = load();
        model.takeSum(model.rows[0], model.columns.at(-1));
        expect(amounts(model, "t1")).toEqual([90, 90, 90, 90]);
    });

    test("pasting a block passes sums over and reads nothing in halves", () => {
        const model = load();
        const [, ...below] = model.rows;
        const february = model.columns[1];
        expect(model.paste(below, february, "1\t2\n\t4\r\n9\n")).toEqual({
            changed: 3,
            refused: 1,
            wrong: [],
        });
        expect(amounts(model, "t1/u1")).toEqual([60, 1, 2, 60]);
        expect(amounts(model, "t1/u2")).toEqual([30, 30, 4, 30]);
        const result = model.paste(below, february, "7\tx");
        expect(result.wrong).toEqual(["x"]);
        expect(amounts(model, "t1/u1")).toEqual([60, 1, 2, 60]);
    });

    test("what is not saved stays, and what others changed shows", () => {
        const model = load();
        const [, ann] = model.rows;
        model.enter(ann, model.columns[0], 70_00);
        model.enter(ann, model.columns[1], 61_00);
        model.load(gridOf(), "stretch_amount");
        expect(model.count).toBe(2);
        const grid = gridOf();
        grid.rows[1].cells = [65, 61, 60, 60];
        model.load(grid, "amount");
        expect(model.byNode["t1/u1"].conflicts).toEqual({ 0: 60_00 });
        expect(model.changes).toEqual([
            { node: "t1/u1", date_from: "2025-02-01", field: "amount", value: 70, old: 65 },
        ]);
        model.discard();
        expect(amounts(model, "t1/u1")).toEqual([65, 61, 60, 60]);
    });

    test("a proposal can be taken back", () => {
        const rows = [row("u1", [5, null, null, null], { targets: [10, 20, 30, 40] })];
        const model = load({}, rows, "proposed_amount");
        const [ann] = model.rows;
        model.enter(ann, model.columns[0], null);
        expect([model.changes[0].value, model.changes[0].old]).toEqual([null, 5]);
        // A first proposal for all is spread as the targets are.
        model.enter(ann, model.columns.at(-1), 50_00);
        expect(amounts(model, "u1")).toEqual([5, 10, 15, 20]);
    });
});

test("what was achieved is judged by what should be by today", () => {
    const rows = [row("u1", [8, 3, null, null], { targets: [10, 20, 30, 40], passed: 0.25 })];
    const model = load({}, rows, "achieved");
    const [ann] = model.rows;
    expect(model.expected(ann, model.columns[0])).toBe(10_00);
    expect(model.expected(ann, model.columns[1])).toBe(5_00);
    expect(model.expected(ann, model.columns[3])).toBe(0);
    expect(model.expected(ann, model.columns.at(-1))).toBe(15_00);
    expect(model.isEditable(ann, model.columns[0])).toBe(false);
});
