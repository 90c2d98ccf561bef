import { registry } from "@web/core/registry";

const worth = (text) => `.o_sales_worth:contains(${text})`;

/** A rep looks at what a deal is worth. */
registry.category("web_tour.tours").add("sales_process_worth_deal", {
    steps: () => [
        { trigger: ".o_form_view .o_sales_worth_amount:contains(50.00)" },
        { content: "And what is missing up to the next bracket", trigger: worth("8 %") },
    ],
});

/** … and at what a discount costs, before it is saved. */
registry.category("web_tour.tours").add("sales_process_worth_quotation", {
    steps: () => [
        { trigger: ".o_form_view .o_sales_worth_amount:contains(130.00)" },
        { trigger: "body:not(:has(.o_sales_worth_discount))" },
        { trigger: ".o_field_widget[name=order_line] td[name=discount]", run: "click" },
        { trigger: ".o_field_widget[name=order_line] td[name=discount] input", run: "edit 25 && press Tab" },
        { trigger: ".o_sales_worth_amount:contains(90.00)" },
        { trigger: ".o_sales_worth_discount:contains(500.00):contains(40.00)" },
        { content: "Nothing is saved yet", trigger: ".o_form_status_indicator_buttons:not(.invisible) .o_form_button_cancel", run: "click" },
        { trigger: ".o_sales_worth_amount:contains(130.00)" },
    ],
});

/** Somebody who has no plan is shown nothing. */
registry.category("web_tour.tours").add("sales_process_worth_nothing", {
    steps: () => [
        { trigger: ".o_form_view .o_field_widget[name=order_line]" },
        { trigger: "body:not(:has(.o_sales_worth))" },
    ],
});

/** A director tries two plans on a year that is over. */
registry.category("web_tour.tours").add("sales_process_simulator", {
    steps: () => [
        { trigger: ".o_statusbar_buttons button[name=action_simulate]", run: "click" },
        { content: "The plan is tried at once", trigger: ".o_sales_simulator_plan[data-plan='Tour Flat'] .o_cost" },
        { trigger: ".o_sales_simulator_plans", run: "click" },
        { trigger: ".o-dropdown-item[data-plan='Tour Steep'], .dropdown-item[data-plan='Tour Steep']", run: "click" },
        { trigger: ".o_sales_simulator_plans", run: "click" },
        { trigger: "button[name=simulate]", run: "click" },
        { trigger: ".o_sales_simulator_plan[data-plan='Tour Flat'][data-cost='60'] .o_cost:contains(60)" },
        { trigger: ".o_sales_simulator_plan[data-plan='Tour Steep'][data-cost='200'] .o_cost:contains(200)" },
        { trigger: ".o_people tr[data-name='Tour Ann']:contains(200)" },
        { trigger: ".o_sort_difference", run: "click" },
        { trigger: "th[aria-sort=descending]" },
        { trigger: "input[name=assumes]", run: "click" },
        { trigger: "button[name=simulate]", run: "click" },
        { trigger: "[aria-busy=false] .o_sales_simulator_plan" },
        { trigger: ".o_sales_simulator_plan[data-plan='Tour Flat'] button:contains(Edit a Copy)", run: "click" },
        { content: "A draft to go on with", trigger: ".o_form_view .o_arrow_button_current:contains(Draft)" },
    ],
});
