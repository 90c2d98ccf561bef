import { registry } from "@web/core/registry";

const BEST = ".o_sales_accuracy_best";

registry.category("web_tour.tours").add("sales_process_accuracy_director", {
    url: "/odoo/forecast-accuracy",
    steps: () => [
        {
            content: "Odoo's probability was the best, and is not used",
            trigger: `${BEST}[data-best=score]:contains(Odoo's probability):contains(10 %)`,
        },
        { trigger: `${BEST}:contains(6 of 6 periods)` },
        { trigger: ".o_sales_accuracy_charts canvas" },
        {
            content: "Teams with error and bias",
            trigger: ".o_rows tr[data-name=North] [data-method=stage]:contains(60 %):contains(-60 %)",
        },
        {
            content: "By person",
            trigger: ".o_sales_accuracy_rows [data-by=user]",
            run: "click",
        },
        {
            content: "What came in opens its deals",
            trigger: ".o_sales_accuracy_rows tr[data-name=Rep] .o_came",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row:contains(Won in the period)" },
        {
            content: "Back: the choice is as it was",
            trigger: ".o_back_button a, .breadcrumb-item a",
            run: "click",
        },
        { trigger: ".o_sales_accuracy_rows [data-by=user].active" },
        {
            content: "One person alone",
            trigger: ".o_sales_accuracy_rows tr[data-name=Rep] th button",
            run: "click",
        },
        { trigger: ".o_sales_accuracy_choice .o_owner:contains(Rep)", run: "click" },
        {
            content: "Four weeks before the end",
            trigger: ".o_sales_accuracy_choice select[name=weeks]",
            run: "selectByLabel 4 weeks before the end",
        },
        { trigger: ".o_sales_accuracy_periods h3:contains(4 weeks before the end)" },
        {
            content: "Switch to the best method",
            trigger: `${BEST} button[name=use_method]`,
            run: "click",
        },
        { trigger: ".modal .btn-primary:contains(Use It)", run: "click" },
        { trigger: `${BEST}:not(:has(button)):contains(Used now: Odoo's probability)` },
    ],
});

registry.category("web_tour.tours").add("sales_process_accuracy_rep", {
    url: "/odoo/forecast-accuracy",
    steps: () => [
        { trigger: `${BEST}:not(:has(button))` },
        {
            content: "A rep sees nobody else",
            trigger: ".o_sales_accuracy_rows:not(:has([data-by=team])) tr[data-name=Rep]",
        },
    ],
});

registry.category("web_tour.tours").add("sales_process_accuracy_phone", {
    url: "/odoo/forecast-accuracy",
    steps: () => [
        {
            content: "Nothing is wider than the screen",
            trigger: ".o_sales_accuracy_rows tr[data-name=North]",
            run() {
                const page = document.querySelector(".o_sales_accuracy .o_content");
                if (page.scrollWidth > page.clientWidth) {
                    throw new Error(`${page.scrollWidth} > ${page.clientWidth}`);
                }
            },
        },
    ],
});

registry.category("web_tour.tours").add("sales_process_accuracy_empty", {
    url: "/odoo/forecast-accuracy",
    steps: () => [{ trigger: ".o_sales_accuracy_empty:contains(6 months)" }],
});
