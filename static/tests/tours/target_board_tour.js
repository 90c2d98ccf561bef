import { registry } from "@web/core/registry";

const CARD = ".o_sales_target_card[data-metric=Booked]";

registry.category("web_tour.tours").add("sales_process_target_rep", {
    url: "/odoo/my-targets",
    steps: () => [
        {
            content: "Published targets are to be acknowledged",
            trigger: ".o_acknowledge:contains(Bookings of the year) button[name=acknowledge]",
            run: "click",
        },
        { trigger: ".o_sales_target_board:not(:has(.o_acknowledge))" },
        {
            content: "1,500 of 4,000 this month",
            trigger: `${CARD}:contains(38 %):contains(4k)`,
        },
        {
            content: "A rep sees nobody else",
            trigger: ".o_sales_target_board:not(:has(.o_sales_target_below))",
        },
        {
            content: "What was achieved opens its credits",
            trigger: `${CARD} .o_achieved:contains(1.5k)`,
            run: "click",
        },
        { trigger: ".o_data_row:contains(Ann Able):contains(1,500)" },
        { trigger: ".o_back_button a, .breadcrumb-item a", run: "click" },
        {
            content: "The year by months",
            trigger: ".o_sales_target_choice [data-kind=year]",
            run: "click",
        },
        { trigger: `${CARD}:contains(48k):contains(3 %)` },
        { trigger: ".o_sales_target_progress [data-step=month].active" },
        { trigger: ".o_sales_target_progress details summary", run: "click" },
        { trigger: ".o_sales_target_progress details tr button:contains(1.5k)", run: "click" },
        {
            content: "A step opens its credits too",
            trigger: ".o_data_row:contains(Ann Able):contains(1,500)",
        },
        {
            content: "Back: the choice is as it was",
            trigger: ".o_back_button a, .breadcrumb-item a",
            run: "click",
        },
        { trigger: ".o_sales_target_choice [data-kind=year].active" },
        {
            content: "Nothing was agreed for the year before",
            trigger: ".o_sales_target_period button[name=previous]",
            run: "click",
        },
        { trigger: ".o_sales_target_empty:contains(Ask your team leader)" },
        { trigger: ".o_sales_target_period button[name=next]", run: "click" },
        { trigger: CARD },
    ],
});

registry.category("web_tour.tours").add("sales_process_target_leader", {
    url: "/odoo/my-targets",
    steps: () => [
        {
            content: "A leader begins with the own team",
            trigger: `${CARD}:contains(5k):contains(30 %)`,
        },
        {
            content: "People, best first",
            trigger: ".o_sales_target_below tbody tr:first-child:contains(Ann Able):contains(38 %)",
        },
        { trigger: ".o_sales_target_below [data-sort=attainment]", run: "click" },
        { trigger: ".o_sales_target_below tbody tr:last-child:contains(Ann Able)" },
        {
            content: "A name opens the board of that person",
            trigger: ".o_sales_target_below .o_open_board:contains(Ann Able)",
            run: "click",
        },
        { trigger: `${CARD}:contains(4k):contains(38 %)` },
        { trigger: ".o_sales_target_board:not(:has(.o_sales_target_below))" },
        {
            content: "And the list leads back",
            trigger: ".o_sales_target_choice select[name=owner]",
            run: "selectByLabel North",
        },
        { trigger: `${CARD}:contains(5k):contains(30 %)` },
    ],
});

registry.category("web_tour.tours").add("sales_process_target_nobody", {
    url: "/odoo/my-targets",
    steps: () => [{ trigger: ".o_sales_target_empty:contains(Ask your team leader)" }],
});
