import { registry } from "@web/core/registry";

/** An accountant reads both ageings, sees our own delay and opens who is late. */
registry.category("web_tour.tours").add("sales_process_receivables", {
    steps: () => [
        {
            content: "By contract 100.00 is late for more than 60 days",
            trigger: ".o_sales_receivables_table tr:contains('partner_a') td:nth-child(6):contains('100')",
        },
        {
            content: "By invoice nothing is: it was never invoiced",
            trigger: "[data-ageing=invoice]",
            run: "click",
        },
        {
            trigger: ".o_sales_receivables_total:not(:contains('100'))",
        },
        {
            content: "So it is our own delay",
            trigger: "[data-ageing=difference]",
            run: "click",
        },
        {
            trigger: ".o_sales_receivables_total td:contains('100')",
        },
        {
            content: "The list behind the figure",
            trigger: "[data-ageing=contract]",
            run: "click",
        },
        {
            trigger: ".o_sales_receivables_total [data-column=late]",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:only-of-type .o_data_cell[name=name]:contains('Part 1')",
        },
        {
            content: "Back to where it was",
            trigger: ".o_back_button",
            run: "click",
        },
        {
            trigger: ".o_sales_receivables_lists [data-list=to_invoice]",
            run: "click",
        },
        {
            trigger: ".o_data_row:contains('Part 1') button[name=action_invoice]",
            run: "click",
        },
        {
            content: "A draft of the instalment",
            trigger: ".o_form_view .o_field_widget[name=invoice_line_ids]",
        },
    ],
});
