import { registry } from "@web/core/registry";

/** Browsers take the parts of a date one by one; a tour gives it at once. */
const setDay = (value) => (helpers) => {
    helpers.anchor.value = value;
    helpers.anchor.dispatchEvent(new Event("change", { bubbles: true }));
};

registry.category("web_tour.tours").add("pipeline_funnel_tour", {
    url: "/odoo/funnel",
    steps: () => [
        {
            content: "All deals that ever entered",
            trigger: ".o_sales_funnel input[name=date_from]",
            run: setDay("2023-01-01"),
        },
        {
            content: "Eight stays in the first stage",
            trigger: ".o_sales_funnel tr:contains(Test Meet) [data-cell=entered]:contains(8)",
        },
        {
            content: "A range upside down says so",
            trigger: ".o_sales_funnel input[name=date_to]",
            run: setDay("2022-01-01"),
        },
        { trigger: ".o_sales_funnel .alert:contains(upside down)" },
        {
            trigger: ".o_sales_funnel input[name=date_to]",
            run: setDay("2025-01-01"),
        },
        {
            content: "The two stays lost there",
            trigger: ".o_sales_funnel tr:contains(Test Meet) [data-cell=lost]:contains(2)",
            run: "click",
        },
        { trigger: ".o_data_row:contains(Cid)" },
        { trigger: ".o_data_row:contains(Gus)" },
        {
            content: "Back: the filters are as they were",
            trigger: ".o_back_button a, .breadcrumb-item a",
            run: "click",
        },
        {
            trigger: ".o_sales_funnel tr:contains(Test Meet) [data-cell=entered]:contains(8)",
        },
        {
            content: "Open deals stand against what it takes, where that can be said",
            trigger:
                ".o_sales_funnel_shape tr:contains(Test Meet):contains(Too little known) [data-cell=open]:contains(1)",
        },
        {
            content: "A filter is two clicks away",
            trigger: ".o_sales_funnel button[name=filter]",
            run: "click",
        },
        {
            trigger: ".o_sales_funnel_more select[name=source_id]",
            run: "selectByLabel Test Fair",
        },
        { trigger: ".o_sales_filter_chip:contains(Source: Test Fair)" },
        {
            content: "The one deal that came from there",
            trigger: ".o_sales_funnel tr:contains(Test Meet) [data-cell=entered]:contains(1)",
        },
        {
            content: "Any other filter is built in a dialog",
            trigger: ".o_sales_funnel button[name=more]",
            run: "click",
        },
        { trigger: ".modal a:contains(New Rule), .modal button:contains(New Rule)", run: "click" },
        { trigger: ".modal .o_tree_editor_condition" },
        { trigger: ".modal-footer .btn-primary", run: "click" },
        {
            content: "It can be changed and taken away",
            trigger: ".o_sales_filter_chip[data-filter=domain] button[aria-label]",
            run: "click",
        },
        { trigger: ".o_sales_funnel_chips:not(:has([data-filter=domain]))" },
        {
            trigger: ".o_sales_filter_chip[data-filter=source_id] button[aria-label]",
            run: "click",
        },
        {
            trigger: ".o_sales_funnel tr:contains(Test Meet) [data-cell=entered]:contains(8)",
        },
        { trigger: "[data-tab=bottlenecks]", run: "click" },
        { trigger: "[data-figure=open] strong:contains(2)" },
        { trigger: "[data-tab=required]", run: "click" },
        { trigger: ".o_sales_funnel input[name=goal]", run: "edit 5000 && press Enter" },
        { trigger: ".alert:contains(Only 2 deals were won)" },
        { trigger: "[data-tab=criteria]", run: "click" },
        { trigger: ".alert:contains(no exit criteria)" },
        { trigger: "[data-tab=team]", run: "click" },
        { trigger: ".o_sales_funnel th:contains(Rep)" },
    ],
});
