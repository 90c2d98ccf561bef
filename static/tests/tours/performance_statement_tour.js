import { registry } from "@web/core/registry";

/** A rep reads the own commission, down to why an amount is held, and asks about it. */
registry.category("web_tour.tours").add("sales_process_my_commission", {
    steps: () => [
        {
            content: "A card for the month, with what is to be paid",
            trigger: ".o_kanban_record:contains('50.00')",
            run: "click",
        },
        {
            content: "The amount in words",
            trigger:
                ".o_field_widget[name=own_line_ids] .o_data_row:contains('are held') .o_data_cell[name=words]",
        },
        {
            trigger:
                ".o_field_widget[name=own_line_ids] .o_data_row:contains('are held') button[name=action_dispute]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=question] textarea",
            run: "edit Half of it was paid in cash",
        },
        {
            trigger: ".modal button[name=action_ask]",
            run: "click",
        },
        {
            content: "The question has a thread of its own",
            trigger: ".o_form_view .o_field_widget[name=question]:contains('in cash')",
        },
        {
            trigger: ".o-mail-Message:contains('in cash')",
        },
    ],
});
