import { beforeEach, expect, test } from "@odoo/hoot";
import { allowTranslations, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { localization } from "@web/core/l10n/localization";
import { gap, short, times, verdict } from "@sales_process/target/board/board_texts";

const COUNT = { unit: "count", better: "higher" };
const LIMIT = { unit: "count", better: "lower" };

beforeEach(() => {
    allowTranslations();
    patchWithCleanup(localization, {
        decimalPoint: ".",
        grouping: [3, 0],
        thousandsSep: ",",
    });
});

test("an amount takes three digits", () => {
    const texts = [0, 7, 7.04, 0.45, 950, 1000, 12400, 12040, 120400, 1250000, -12400];
    expect(texts.map((value) => short(value, COUNT))).toEqual([
        "0",
        "7",
        "7",
        "0.5",
        "950",
        "1k",
        "12.4k",
        "12k",
        "120k",
        "1.3M",
        "-12.4k",
    ]);
    expect(short(null, COUNT)).toBe("–");
    expect(short(3.5, { unit: "hours" })).toBe("3.5 h");
    expect([2.14, 3, 62.3, null].map(times)).toEqual(["2.1 ×", "3 ×", "62 ×", "–"]);
});

test("how a target stands, in words", () => {
    const say = (achieved, expected, time) => {
        const figures = { target: 100, achieved, expected, pace: (100 * achieved) / expected };
        const { tone, text } = verdict(figures, COUNT, time);
        return [tone, text];
    };
    expect(say(54, 50)).toEqual(["success", "8 % ahead"]);
    expect(say(50, 50)).toEqual(["success", "On pace"]);
    expect(say(45, 50)).toEqual(["warning", "Behind by 5"]);
    expect(say(30, 50)).toEqual(["danger", "Behind by 20"]);
    expect(say(100, 50)).toEqual(["success", "Reached"]);
    expect(say(90, 100, "past")).toEqual(["danger", "Missed by 10"]);
    expect(say(0, 0, "future")).toEqual(["secondary", "Not begun"]);
    expect(verdict({ target: 0, achieved: 5 }, COUNT).text).toBe("No target");
});

test("a target that is a limit is coloured the other way round", () => {
    const say = (achieved, time) => {
        const figures = { target: 10, achieved, expected: 5, pace: 20 * achieved };
        const { tone, text } = verdict(figures, LIMIT, time);
        return [tone, text];
    };
    expect(say(3)).toEqual(["success", "2 below the expected"]);
    expect(say(8)).toEqual(["warning", "3 above the expected"]);
    expect(say(12)).toEqual(["danger", "Over the limit by 2"]);
    expect(say(8, "past")).toEqual(["success", "Within the limit"]);
    expect(gap({ gap: -5 }, COUNT)).toBe("+5");
    expect(gap({ gap: -5 }, LIMIT)).toBe("-5");
});
