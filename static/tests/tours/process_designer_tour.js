import { registry } from "@web/core/registry";

/**
 * A designer starts from a ready-made process, adds a stage with an exit criterion and
 * publishes it.
 */
registry.category("web_tour.tours").add("sales_process_designer", {
    steps: () => [
        {
            content: "Choose among the ready-made processes",
            trigger: ".o_control_panel button:contains(Ready-made Processes)",
            run: "click",
        },
        {
            content: "Take the one for quick deals",
            trigger: ".modal .o_field_widget[name=pack] label:contains(B2B Transactional)",
            run: "click",
        },
        {
            content: "The preview shows its stages",
            trigger: ".modal .o_field_widget[name=preview]:contains(Need clarified)",
        },
        {
            trigger: ".modal button[name=action_load]",
            run: "click",
        },
        {
            content: "The draft is open; add a stage",
            trigger:
                ".o_form_view:has(.o_arrow_button_current:contains(Draft)) .o_field_widget[name=stage_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=stage_id] input",
            run: "edit Tour Pilot",
        },
        {
            content: "It is a new stage of the pipeline",
            trigger: ".o_m2o_dropdown_option_create a",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=buyer_step] input",
            run: "edit Tries it for a week",
        },
        {
            trigger: ".modal .nav-link[name=criteria]",
            run: "click",
        },
        {
            trigger:
                ".modal .o_field_widget[name=criterion_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=name] :is(input, textarea)",
            run: "edit Pilot went well",
        },
        {
            content: "A criterion on fields asks for fields, not for a role",
            trigger:
                ".modal:has(.o_field_widget[name=field_ids]):not(:has(.o_field_widget[name=role])) .o_field_widget[name=kind] input",
            run: "click",
        },
        {
            trigger: ".o_field_selection_menu .o_select_menu_item:contains(Person in the)",
            run: "click",
        },
        {
            content: "Now the role is asked",
            trigger:
                ".modal:not(:has(.o_field_widget[name=field_ids])) .o_field_widget[name=role] input",
            run: "click",
        },
        {
            trigger: ".o_field_selection_menu .o_select_menu_item:contains(Champion)",
            run: "click",
        },
        {
            trigger: ".modal:has(.o_field_widget[name=kind]) .o_form_button_save",
            run: "click",
        },
        {
            content: "The criterion stands in the list with what it asks",
            trigger: ".modal .o_data_row:contains(Pilot went well):contains(Champion)",
        },
        {
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_data_row:contains(Tour Pilot)",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "Advice, not an obstacle",
            trigger: ".o_field_widget[name=hints]:contains(Tour Pilot)",
        },
        {
            trigger: "button[name=action_publish]",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current:contains(Live)",
        },
    ],
});
