import { registry } from "@web/core/registry";

/** A deal past its expected closing gets a new date and a reason in three clicks. */
registry.category("web_tour.tours").add("sales_process_closing_date", {
    steps: () => [
        {
            content: "The deal says since when and asks",
            trigger: ".o_sales_closing[role=status]:contains(9 days ago)",
        },
        {
            content: "Won and lost are as near as a new date",
            trigger:
                ".o_sales_closing:has(button:contains(Won)):has(button:contains(Lost)) button.btn-primary:contains(New Date)",
            run: "click",
        },
        {
            content: "A usual date is one tap",
            trigger: ".modal .o_field_widget[name=delay] input[data-value='30']",
            run: "click",
        },
        {
            content: "So is the reason",
            trigger: ".modal .o_field_widget[name=reason] input[data-value=customer]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit They audit first",
        },
        {
            trigger: ".modal .btn-primary:contains(Move the Date)",
            run: "click",
        },
        {
            content: "Answered: the question is gone",
            trigger: "body:not(:has(.modal)) .o_form_view:not(:has(.o_sales_closing))",
        },
        {
            content: "How often it moved stands on the deal, the list one click away",
            trigger: "button[name=action_sales_view_closing_changes]:contains(1)",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains(Customer postponed):contains(39)",
        },
    ],
});
