import { registry } from "@web/core/registry";

const bar = (key) => `.o_sales_waterfall_table tr[data-bar=${key}]`;
/** The helpers of tours cannot edit an empty date input. */
function setDay(day) {
    return ({ anchor }) => {
        anchor.value = day;
        anchor.dispatchEvent(new Event("change", { bubbles: true }));
    };
}

/** From the menu to the deals behind a bar, and back to the same choice. */
registry.category("web_tour.tours").add("sales_process_pipeline_changes", {
    steps: () => [
        {
            content: "The chart is there for those who see it",
            trigger: ".o_sales_waterfall canvas[role=img]",
        },
        {
            trigger: `${bar("start")}:contains(1):contains(100.00)`,
        },
        {
            trigger: `${bar("up")}:contains(+):contains(20.00)`,
        },
        {
            trigger: `${bar("won")}:contains(-):contains(120.00)`,
        },
        {
            content: "A bar opens its deals, old and new values side by side",
            trigger: `${bar("won")} button`,
            run: "click",
        },
        {
            trigger:
                ".o_list_view .o_data_row:contains(Won deal):contains(100.00):contains(120.00)",
        },
        {
            trigger: ".o_breadcrumb a:contains(Pipeline Changes), .o_back_button",
            run: "click",
        },
        {
            content: "A filter of one's own",
            trigger: ".o_sales_pipeline_changes button[name=filter]",
            run: "click",
        },
        { trigger: ".modal a:contains(New Rule), .modal button:contains(New Rule)", run: "click" },
        { trigger: ".modal .o_tree_editor_condition" },
        { trigger: ".modal-footer .btn-primary", run: "click" },
        { trigger: ".o_sales_waterfall_empty" },
        { trigger: ".o_sales_filter_chip button[aria-label]", run: "click" },
        { trigger: bar("won") },
        {
            trigger: "select[name=range]",
            run: "select custom",
        },
        {
            content: "Days upside down are told in a sentence",
            trigger: "input[name=range_to]",
            run: setDay("1990-01-31"),
        },
        {
            trigger: ".alert:contains(before it begins)",
        },
        {
            trigger: "input[name=range_from]",
            run: setDay("1990-01-01"),
        },
        {
            content: "Nothing then is said in words",
            trigger: ".o_sales_waterfall_empty:contains(No deals to compare)",
        },
        {
            trigger: "select[name=range]",
            run: "select month",
        },
        {
            trigger: bar("end"),
        },
    ],
});

/** The pipeline as of a day, in a pivot and a list, and compared with another. */
registry.category("web_tour.tours").add("sales_process_pipeline_as_of", {
    steps: () => [
        {
            trigger: ".o_pivot_view .o_sales_as_of input[name=as_of]",
            run: setDay("2024-01-02"),
        },
        {
            trigger: ".o_pivot_view th:contains(2024-01-02)",
        },
        {
            trigger: ".o_sales_as_of input[name=as_of_compare]",
            run: setDay("2024-01-09"),
        },
        {
            content: "Two days stand side by side with their difference",
            trigger:
                ".o_pivot_view tr:has(th:contains(On the Earlier Day)):has(th:contains(On the Later Day)):has(th:contains(Change))",
        },
        {
            trigger:
                ".o_pivot_view tbody tr:contains(Total):contains(100.00):contains(150.00):contains(50.00)",
        },
        {
            trigger: ".o_switch_view.o_list",
            run: "click",
        },
        {
            content: "The days go along to the other views",
            trigger:
                ".o_list_view:has(.o_data_row:contains(2024-01-02):contains(-100.00)) .o_data_row:contains(2024-01-09):contains(150.00)",
        },
        {
            trigger: ".o_switch_view.o_graph",
            run: "click",
        },
        {
            trigger: ".o_graph_view canvas",
        },
        {
            trigger: ".o_sales_as_of button:contains(Now)",
            run: "click",
        },
        {
            trigger: ".o_sales_as_of:not(:has(button))",
        },
    ],
});

/** From the pipeline to its past: the menu, the same filters, the same kind of view. */
registry.category("web_tour.tours").add("sales_process_as_of_from_pipeline", {
    steps: () => [
        { trigger: ".o_kanban_view .o_cp_action_menus button", run: "click" },
        { trigger: ".o_sales_as_of_menu", run: "click" },
        {
            content: "The filter of the pipeline came along",
            trigger: ".o_kanban_view:has(.o_facet_value:contains(My Pipeline)) .o_sales_as_of input[name=as_of]",
            run: setDay("2024-01-02"),
        },
        { trigger: ".o_kanban_view .o_kanban_record:contains(Grown deal):contains(100.00)" },
        { trigger: ".o_switch_view.o_list", run: "click" },
        {
            trigger: ".o_list_view:has(.o_facet_value:contains(My Pipeline)) .o_data_row:contains(Grown deal)",
        },
    ],
});
