import { beforeEach, expect, test } from "@odoo/hoot";
import { MEASURES } from "@sales_process/forecast/grid/forecast_columns";
import { ForecastModel } from "@sales_process/forecast/grid/forecast_model";
import { patchTranslations, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { localization } from "@web/core/l10n/localization";

const SHOWN = Object.fromEntries(Object.keys(MEASURES).map((name) => [name, true]));

function cell(values = {}) {
    return {
        quota: 1000,
        closed: 100,
        commit: 200,
        best_case: 300,
        pipeline: 50,
        weighted: 275,
        deals: 3,
        calls: {},
        ...values,
    };
}

function row(values = {}) {
    return {
        node: "u1",
        parent: false,
        level: 0,
        kind: "user",
        owner_id: 1,
        name: "Ann",
        is_mine: true,
        may_call: true,
        may_adjust: false,
        cells: [cell(), cell({ quota: null })],
        lines: Object.fromEntries(
            ["overdue", "undated", "later", "no_amount", "omitted"].map((name) => [name, [0, 0]])
        ),
        ...values,
    };
}

function load(rows = [row()], model = new ForecastModel()) {
    const periods = [
        { from: "2025-01-01", to: "2025-02-01" },
        { from: "2025-02-01", to: "2025-03-01" },
    ];
    const currency = { id: 1, name: "EUR", step: 0.01, digits: 2 };
    model.load({ currency, periods, period: "month", rows }, SHOWN);
    return model;
}

const column = (model, name, place = 0) =>
    model.columns.find((each) => each.name === name && each.place === place);
const value = (model, name, place) => model.value(model.rows[0], column(model, name, place));

beforeEach(() => {
    patchTranslations();
    patchWithCleanup(localization, { decimalPoint: ".", thousandsSep: ",", grouping: [3, 0] });
});

test("gap and coverage follow what is called", () => {
    const model = load();
    expect(value(model, "gap")).toBe(700_00);
    expect(value(model, "coverage")).toBe(0.5);
    model.enter(model.rows[0], column(model, "call_commit"), 550_00);
    expect(value(model, "gap")).toBe(350_00);
    expect(value(model, "coverage")).toBe(1);
    model.undo();
    expect(value(model, "gap")).toBe(700_00);
    expect(model.count).toBe(0);
});

test("without a quota nothing is missing", () => {
    const model = load();
    expect(value(model, "quota", 1)).toBe(null);
    expect(value(model, "gap", 1)).toBe(null);
    expect(value(model, "coverage", 1)).toBe(null);
    // The total is of the periods that have one.
    const total = model.columns.find(({ name, isTotal }) => isTotal && name === "gap");
    expect(model.value(model.rows[0], total)).toBe(700_00);
});

test("an adjustment counts above the call, which stays", () => {
    const calls = { commit: { call: 400, call_id: 5, adjusted: 350, adjustment_id: 6 } };
    const mine = load([row({ cells: [cell({ calls }), cell()] })]);
    expect(value(mine, "call_commit")).toBe(400_00);
    expect(value(mine, "gap")).toBe(550_00);
    const values = { may_call: false, may_adjust: true, is_mine: false };
    const other = load([row({ ...values, cells: [cell({ calls }), cell()] })]);
    expect(value(other, "call_commit")).toBe(350_00);
    other.enter(other.rows[0], column(other, "call_commit"), 300_00);
    expect(value(other, "gap")).toBe(600_00);
    expect(other.changesFor("")[0]).toEqual({
        owner: ["user", 1],
        date_from: "2025-01-01",
        date_to: "2025-02-01",
        kind: "adjustment",
        amount: 300,
        reason: "",
        category: "commit",
        note: "",
        seen: 6,
    });
});

test("what is not saved stays, and says what others did meanwhile", () => {
    const model = load();
    model.enter(model.rows[0], column(model, "call_commit"), 550_00);
    const calls = { commit: { call: 500, call_id: 9 } };
    load([row({ cells: [cell({ calls }), cell()] })], model);
    const [ann] = model.rows;
    expect(ann.now["0/commit"]).toBe(550_00);
    expect("0/commit" in ann.conflicts).toBe(true);
    expect(model.changesFor("")[0].seen).toBe(9);
    model.discard();
    expect(ann.now["0/commit"]).toBe(500_00);
    expect(model.count).toBe(0);
});

test("a block is pasted over calls alone", () => {
    const model = load();
    const result = model.paste(model.rows, column(model, "commit"), "1\t2\t3\t4\n");
    expect(result).toEqual({ changed: 4, refused: 0, wrong: [] });
    expect(model.rows[0].now["0/pipeline"]).toBe(3_00);
    expect(model.rows[0].now["1/commit"]).toBe(4_00);
    expect(model.paste(model.rows, column(model, "commit"), "1\tmany\n").wrong).toEqual(["many"]);
});

test("a number that is taken back wants a reason, a note goes with its number", () => {
    const calls = { commit: { call: 500, call_note: "Old", call_id: 9 } };
    const model = load([row({ cells: [cell({ calls }), cell()] })]);
    const [ann] = model.rows;
    model.setNote(ann, "0/commit", "New");
    expect(model.changesFor("")[0]).toInclude(["note", "New"]);
    model.setNote(ann, "0/commit", "Old");
    expect(model.count).toBe(0);
    model.enter(ann, column(model, "call_commit"), null);
    expect(model.hasResets).toBe(true);
});
