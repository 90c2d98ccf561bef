import { registry } from "@web/core/registry";

/** Everything of the dialog fits the width of the window. */
function checkWidth() {
    const dialog = document.querySelector(".o_sales_range");
    for (const el of dialog.querySelectorAll("*")) {
        const { right, width } = el.getBoundingClientRect();
        if (width && right > window.innerWidth + 1) {
            throw new Error(`Too wide: ${el.className || el.tagName} ends at ${right}`);
        }
    }
}

const dialog = [
    {
        content: "Six of 1,000 at 50 %, 90,000 at 30 %, one without amount",
        trigger: ".o_sales_range:contains(Open deals: 8) [name=p90]:contains(94)",
    },
    { trigger: ".o_sales_range canvas" },
    { trigger: ".o_sales_range_whale:contains(Whale):contains(94 %)" },
    { trigger: ".o_sales_range_reason:contains(decides)" },
    { trigger: ".o_sales_range_reason:contains(Without amount):contains(Bare)" },
    { trigger: ".o_sales_range input[name=quota]", run: "edit 50000 && press Enter" },
    { trigger: ".o_sales_range_chance:contains(30 %)", run: checkWidth },
    { trigger: ".o_sales_range input[name=quota]", run: "edit much && press Enter" },
    { trigger: ".o_sales_range [role=alert]:contains(Enter a number)" },
    { trigger: ".o_sales_range input[name=quota]", run: "edit 3000 && press Enter" },
    { trigger: ".o_sales_range_chance:contains(76 %)" },
];

registry.category("web_tour.tours").add("sales_process_forecast_range", {
    steps: () => [
        { trigger: ".o_kanban_view .o_cp_action_menus button", run: "click" },
        { trigger: ".o_sales_range_menu", run: "click" },
        ...dialog,
        { trigger: ".o_sales_range button:contains(Show those without amount)", run: "click" },
        { trigger: ".o_list_view .o_data_cell[name=name]:contains(Bare)", run: "click" },
        {
            content: "The deal says where its figures come from",
            trigger: ".o_form_view .o_notebook .nav-link:contains(Forecast)",
            run: "click",
        },
        { trigger: ".o_field_widget[name=sales_forecast_why]:contains(no amount yet)" },
        { trigger: ".o_field_widget[name=sales_forecast_choice]" },
        { trigger: ".breadcrumb-item a:contains(Without Amount)", run: "click" },
        { trigger: ".o_list_view .o_cp_action_menus button", run: "click" },
        { trigger: ".o_sales_range_menu", run: "click" },
        { trigger: ".o_sales_range:contains(Open deals: 1)" },
        { trigger: ".o_sales_range footer button:contains(Close)", run: "click" },
        { trigger: "body:not(:has(.o_sales_range))" },
    ],
});

registry.category("web_tour.tours").add("sales_process_forecast_range_phone", {
    steps: () => [
        { trigger: ".o_kanban_view .o_cp_action_menus button", run: "click" },
        { trigger: ".o_sales_range_menu", run: "click" },
        ...dialog,
        { trigger: ".o_sales_range_whale button", run: "click" },
        { trigger: ".o_form_view .o_field_widget[name=name] textarea:value(Whale)" },
    ],
});

/** Odoo's own forecast: months that add up the weighted revenue, and its other views. */
registry.category("web_tour.tours").add("sales_process_odoo_forecast", {
    steps: () => [
        {
            content: "90,000 at 30 % and six of 1,000 at 50 %: 30,000 in this month",
            trigger:
                ".o_kanban_view .o_kanban_group:has(.o_kanban_record:contains(Whale)) .o_kanban_counter:contains(30k), .o_kanban_view .o_kanban_group:has(.o_kanban_record:contains(Whale)) .o_kanban_counter:contains(30,000)",
        },
        {
            trigger: ".o_kanban_record:contains(Whale):contains(27,000.00):contains(90,000.00):contains(Pipeline)",
        },
        { trigger: ".o_kanban_record:contains(Bare):contains(No amount)" },
        { trigger: ".o_switch_view.o_graph", run: "click" },
        { trigger: ".o_graph_view canvas" },
        { trigger: ".o_graph_view button:contains(Measures)", run: "click" },
        { trigger: ".o_menu_item.selected:contains(Weighted Revenue)" },
        { trigger: ".o_switch_view.o_pivot", run: "click" },
        { trigger: ".o_pivot_view .o_pivot_measure_row:contains(Weighted Revenue)" },
        { trigger: ".o_pivot_view .o_pivot_cell_value:contains(30,000.00)" },
        { trigger: ".o_switch_view.o_list", run: "click" },
        { trigger: ".o_list_view .o_group_header:contains(30,000.00)" },
    ],
});
