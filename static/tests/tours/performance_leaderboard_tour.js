import { registry } from "@web/core/registry";

const BOARD = ".o_sales_leaderboard";
const podium = (place, text) => `${BOARD} .o_place_${place}:contains(${text})`;

/** A rep: where I stand, what would move me up, opting out and in. */
registry.category("web_tour.tours").add("sales_process_leaderboard_rep", {
    steps: () => [
        { content: "Third of five", trigger: `${BOARD} .o_my_rank:contains(3)` },
        { trigger: `${BOARD} .o_sales_me:contains(of 5):contains(3 points)` },
        { content: "Bob is two points ahead", trigger: `${BOARD} .o_next:contains(Bob)` },
        { trigger: `${BOARD} .o_ways li:contains(Booked)` },
        { content: "What there is to win", trigger: `${BOARD} .o_sales_me .o_prize:contains(Dinner)` },
        { trigger: podium(1, "Ann") },
        { trigger: podium(3, "Cy (me)") },
        { content: "The last one is nobody's business", trigger: `${BOARD} .o_not_shown` },
        { trigger: `${BOARD} .o_sales_ranking:not(:contains(Dora))` },
        {
            content: "What my points are made of",
            trigger: `${podium(3, "Cy")} button`,
            run: "click",
        },
        { trigger: `${BOARD} .o_sales_lines:contains(Booked):contains(300)` },
        { content: "No celebrations for me", trigger: `${BOARD} input[name=celebrate]:checked`, run: "click" },
        { trigger: `${BOARD} input[name=celebrate]:not(:checked)` },
        { trigger: `${BOARD} button[name=opt_out]`, run: "click" },
        { trigger: ".modal .btn-primary", run: "click" },
        { trigger: `${BOARD} .o_sales_me:contains(not taking part)` },
        { trigger: podium(3, "Eva") },
        { trigger: `${BOARD} button[name=opt_in]`, run: "click" },
        { trigger: `${BOARD} .o_my_rank:contains(3)` },
    ],
});

/** A leader takes no part, sees everybody and what the own people's points are made of. */
registry.category("web_tour.tours").add("sales_process_leaderboard_leader", {
    steps: () => [
        { trigger: podium(1, "Ann") },
        { trigger: `${BOARD}:not(:has(.o_sales_me))` },
        { trigger: `${podium(1, "Ann")} button`, run: "click" },
        { trigger: `${BOARD} .o_sales_lines:contains(Ann):contains(600)` },
        { content: "Not of other teams", trigger: `${podium(2, "Bob")}:not(:has(button))` },
        { trigger: `${BOARD} .o_line:contains(Eva)` },
    ],
});

/** A director goes from contest to contest. */
registry.category("web_tour.tours").add("sales_process_leaderboard_director", {
    steps: () => [
        { trigger: `${BOARD} .o_sales_contests [data-contest='Spring Race']`, run: "click" },
        { trigger: podium(1, "Ann") },
        { content: "Even the last", trigger: `${BOARD} .o_line:contains(Dora)` },
        { trigger: `${BOARD} .o_sales_contests [data-contest='Teams']`, run: "click" },
        { trigger: podium(1, "North") },
        { trigger: `${BOARD} .o_sales_contests [data-contest='Teams'].active` },
    ],
});

registry.category("web_tour.tours").add("sales_process_leaderboard_nobody", {
    steps: () => [{ trigger: ".o_sales_leaderboard_empty:contains(team leader)" }],
});

/** On a phone the own place comes first, whatever it is. */
registry.category("web_tour.tours").add("sales_process_leaderboard_phone", {
    steps: () => [
        { trigger: `${BOARD} .o_my_rank:contains(5)` },
        { trigger: `${BOARD} .o_ways li:contains(Booked)` },
        { trigger: podium(1, "Ann") },
        { trigger: `${BOARD} .o_line.o_me:contains(Dora (me))` },
        {
            content: "Nothing is wider than the screen",
            trigger: BOARD,
            run: () => {
                const page = document.querySelector(".o_content") || document.body;
                if (page.scrollWidth > page.clientWidth + 1) {
                    throw new Error(`${page.scrollWidth} > ${page.clientWidth}`);
                }
            },
        },
    ],
});
