import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, describe, expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import { queryAllTexts, queryOne } from "@odoo/hoot-dom";
import { wordsOf } from "@sales_process/performance/celebration/celebration_service";
import { rankingOf } from "@sales_process/performance/leaderboard/leaderboard_rows";
import {
    contains,
    getService,
    mockService,
    mountWithCleanup,
    onRpc,
    patchTranslations,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { user } from "@web/core/user";
import { WebClient } from "@web/webclient/webclient";

function row(rank, name, score, values = {}) {
    return {
        rank,
        name,
        score,
        avatar: false,
        is_me: false,
        change: 0,
        is_tied: false,
        is_qualified: true,
        league: false,
        streak: 0,
        lines: [],
        ...values,
    };
}

function boardOf(rows, values = {}) {
    return {
        contest: {
            id: 7,
            name: "Spring Race",
            kind: "individual",
            state: "running",
            scoring: "amount",
            scoring_name: "A point for each 100",
            date_from: "2025-03-01",
            date_to: "2025-04-01",
            days_left: 9,
            season: 1,
            version: 1,
            version_note: false,
            celebrate: true,
            allow_opt_out: true,
            minimum: 0,
            currency_id: 1,
            metrics: [{ name: "Booked", weight: 100, unit: "money", source: "ledger" }],
            prizes: [
                { rank_from: 1, rank_to: 1, name: "Dinner for two", badge_id: false, karma: 50 },
            ],
            rules: "One point for each 100.",
        },
        me: null,
        rows,
        hidden: 0,
        leagues: [],
        updated_on: "2025-03-20 10:00:00",
        ...values,
    };
}

function mine(values = {}) {
    return {
        rank: 5,
        score: 12,
        of: 9,
        change: -1,
        is_qualified: true,
        streak: 3,
        league: false,
        opted_out: false,
        next: {
            rank: 4,
            points: 3,
            name: "",
            ways: [{ metric: "Booked", amount: 300, unit: "money", text: "300 more booked" }],
        },
        prize: { name: "Dinner for two", rank: 1, points: 38 },
        ...values,
    };
}

const ROWS = [row(1, "Ann", 50), row(2, "Bob", 40), row(2, "Cy", 40), row(5, "Me", 12, { is_me: true })];

describe("places", () => {
    test("the first three stand on the podium, and gaps say how many are missing", () => {
        const { podium, rest } = rankingOf(boardOf(ROWS));
        expect(podium.map(({ name }) => name)).toEqual(["Ann", "Bob", "Cy"]);
        expect(rest.map(({ kind, count, key }) => [kind, count || key])).toEqual([
            ["gap", 1],
            ["row", "me"],
        ]);
    });

    test("nobody without points stands on the podium", () => {
        const { podium, rest } = rankingOf(boardOf([row(1, "Ann", 0), row(1, "Bob", 0)]));
        expect(podium).toEqual([]);
        expect(rest.length).toBe(2);
    });

    test("people without a name can be told apart", () => {
        const keys = rankingOf(boardOf([4, 5, 6].map((rank) => row(rank, "", 3)))).rest;
        expect(new Set(keys.map(({ key }) => key)).size).toBe(keys.length);
    });

    test("of a league, with those who go up and down", () => {
        const first = { id: 1, name: "First", promote: 0, demote: 1 };
        const second = { id: 2, name: "Second", promote: 1, demote: 0 };
        const rows = [
            row(1, "Ann", 9, { league: 1 }),
            row(2, "Bob", 8, { league: 1 }),
            row(3, "Cy", 7, { league: 1 }),
            row(1, "Di", 9, { league: 2 }),
        ];
        const board = boardOf(rows, {
            leagues: [first, second],
            me: mine({ league: 1, of: 3 }),
        });
        const zones = (league) => {
            const { podium, rest } = rankingOf(board, league);
            return [...podium, ...rest].map(({ name, zone }) => [name, zone]);
        };
        expect(zones(first)).toEqual([
            ["Ann", ""],
            ["Bob", ""],
            ["Cy", "down"],
        ]);
        expect(zones(second)).toEqual([["Di", "up"]]);
    });
});

describe("screen", () => {
    defineMailModels();

    let contests;
    let board;

    beforeEach(() => {
        contests = [{ id: 7, name: "Spring Race", state: "running", days_left: 9, rank: 5, of: 9 }];
        board = boardOf(ROWS, { me: mine(), hidden: 5 });
        patchWithCleanup(user, { hasGroup: () => Promise.resolve(false), showEffect: true });
        onRpc("sales.contest", "get_my_contests", () => contests);
        onRpc("sales.contest", "get_leaderboard", () => {
            expect.step("asked");
            return board;
        });
        onRpc("res.users", "read", () => [{ id: 7, sales_celebrate: true }]);
    });

    async function open() {
        await mountWithCleanup(WebClient);
        await getService("action").doAction({
            type: "ir.actions.client",
            tag: "sales_process.leaderboard",
        });
        await animationFrame();
    }

    test("where I stand, and what would move me up", async () => {
        await open();
        expect.verifySteps(["asked"]);
        expect(".o_my_rank").toHaveText(/5/);
        expect(".o_next strong").toHaveText("3 points to place 4");
        expect(queryAllTexts(".o_ways li")).toEqual(["300 more booked"]);
        expect(".o_sales_me .o_prize").toHaveText("38 points to place 1: Dinner for two");
        expect(queryAllTexts(".o_sales_podium .o_name")).toEqual(["Ann", "Bob", "Cy"]);
        expect(".o_sales_places .o_me .o_name").toHaveText("Me (me)");
        expect(".o_not_shown").toHaveText("4 not shown");
        expect(".o_version").toHaveCount(0);
    });

    test("my place is there when my row is not", async () => {
        board = boardOf(ROWS.slice(0, 3), { me: mine() });
        await open();
        expect(".o_sales_places .o_me").toHaveCount(0);
        expect(".o_my_rank").toHaveText(/5/);
        expect.verifySteps(["asked"]);
    });

    test("hidden names, and rules that changed", async () => {
        board = boardOf([row(1, "", 5)], { me: mine() });
        Object.assign(board.contest, { version: 2, version_note: "Margin counts, too" });
        await open();
        expect(".o_sales_podium .o_name").toHaveText("Participant");
        expect(".o_version").toHaveText(/version 2.*Margin counts, too/);
        await contains(".o_version button[name=seen]").click();
        expect(".o_version").toHaveCount(0);
        expect.verifySteps(["asked"]);
    });

    test("without a contest it says what to do", async () => {
        contests = [];
        await open();
        expect(".o_sales_leaderboard_empty").toHaveText(/No contest is running for you/);
        expect.verifySteps([]);
    });

    test("a change is heard, and a prize place is celebrated", async () => {
        const listeners = {};
        mockService("bus_service", {
            addEventListener: () => {},
            removeEventListener: () => {},
            subscribe: (type, callback) => (listeners[type] = callback),
            unsubscribe: () => {},
            addChannel: (channel) => expect.step(channel),
            deleteChannel: () => {},
            start: () => {},
            trigger: () => {},
        });
        await open();
        expect.verifySteps(["asked", "sales.contest_7"]);
        board = boardOf([row(1, "Me", 60, { is_me: true }), ...ROWS.slice(0, 2)], {
            me: mine({ rank: 1, next: null, prize: { name: "Dinner", rank: 1, points: 0 } }),
            updated_on: "2025-03-20 10:05:00",
        });
        listeners.sales_contest_changed({ contest_id: 8 });
        await advanceTime(5000);
        expect.verifySteps([]);
        listeners.sales_contest_changed({ contest_id: 7 });
        await advanceTime(3000);
        await animationFrame();
        expect.verifySteps(["asked"]);
        expect(queryAllTexts(".o_sales_podium .o_name")[0]).toBe("Me (me)");
        expect(queryOne(".o_sales_celebration strong")).toHaveText("You reached place 1");
        await advanceTime(5000);
        await animationFrame();
        expect(".o_sales_celebration").toHaveCount(0);
    });

    test("what is said of a win", () => {
        patchTranslations();
        expect(wordsOf({ kind: "win", contest: "Race" }).title).toBe("You won a deal!");
        expect(wordsOf({ kind: "team_win", name: "Ann" }).title).toBe("Ann won a deal!");
        expect(wordsOf({ kind: "team_win", name: "" }).title).toBe("Your team won a deal!");
        expect(wordsOf({ kind: "something new" })).toBe(null);
    });
});
