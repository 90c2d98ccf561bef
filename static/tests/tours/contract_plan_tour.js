import { registry } from "@web/core/registry";

const plan = ".o_field_widget[name=sales_plan_line_ids]";

/** A rep quotes 30/40/30, changes the total, takes over the proposal and confirms. */
registry.category("web_tour.tours").add("sales_process_contract_plan", {
    steps: () => [
        {
            content: "A new quotation",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=partner_id] input",
            run: "edit Lumber Inc",
        },
        {
            trigger: ".o-autocomplete--dropdown-item a:contains('Lumber Inc')",
            run: "click",
        },
        {
            content: "One machine",
            trigger: ".o_field_x2many_list_row_add > button:contains(Add a product), .o_field_x2many_list_row_add > a:contains(Add a product)",
            run: "click",
        },
        {
            trigger: ".o_selected_row .o_field_widget[name=product_template_id] input, .o_selected_row .o_field_widget[name=product_id] input",
            run: "edit Tour machine",
        },
        {
            trigger: ".o-autocomplete--dropdown-item a:contains('Tour machine')",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=tax_totals]:contains('1,000.00')",
        },
        {
            content: "How does the customer pay?",
            trigger: ".nav-link[name=sales_plan]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=sales_plan_template_id] input",
            run: "edit 30 / 40 / 30",
        },
        {
            trigger: ".o-autocomplete--dropdown-item a:contains('30 / 40 / 30')",
            run: "click",
        },
        {
            content: "The instalments are there at once",
            trigger: `${plan}:has(.o_data_row:contains('300.00')):has(.o_data_row:contains('400.00'))`,
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_form_saved",
        },
        {
            content: "The customer wants two",
            trigger: ".nav-link[name=order_lines]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=order_line] .o_data_row td[name=product_uom_qty]",
            run: "click",
        },
        {
            trigger: ".o_selected_row .o_field_widget[name=product_uom_qty] input",
            run: "edit 2 && click .o_form_sheet",
        },
        {
            trigger: ".o_field_widget[name=tax_totals]:contains('2,000.00')",
        },
        {
            trigger: ".nav-link[name=sales_plan]",
            run: "click",
        },
        {
            content: "The plan stays; what it would be stands beside it",
            trigger: `.o_sales_plan_gap:contains('1,000.00 of its total unplanned')`,
        },
        {
            trigger: `${plan} .o_data_row:contains('400.00'):contains('800.00')`,
        },
        {
            trigger: "button[data-command=adjust]",
            run: "click",
        },
        {
            trigger: `${plan}:has(.o_data_row:contains('600.00')):has(.o_data_row:contains('800.00')):not(:contains('400.00'))`,
        },
        {
            trigger: ".o_form_view:not(:has(.o_sales_plan_gap))",
        },
        {
            trigger: ".o_statusbar_buttons button[name=action_confirm]",
            run: "click",
        },
        {
            content: "Signed today, so the first one can be invoiced",
            trigger: `${plan} .o_data_row:first:contains('To Invoice')`,
        },
        {
            trigger: "button[name=action_sales_view_plan]:contains('2,000.00')",
            run: "click",
        },
        {
            trigger: ".o_list_view:not(.o_form_view) .o_data_row:contains(Acceptance)",
        },
    ],
});
