import { registry } from "@web/core/registry";

const header = (name) => `.o_statusbar_buttons button[name=${name}]`;
const preview = (text) => `.o_field_widget[name=preview]:contains(${text})`;

/** A director writes a plan, which explains itself meanwhile, publishes and changes it. */
registry.category("web_tour.tours").add("sales_process_commission_plan", {
    steps: () => [
        { trigger: ".o_list_button_add, .o-kanban-button-new", run: "click" },
        { trigger: ".o_field_widget[name=name] textarea, .o_field_widget[name=name] input", run: "edit Tour Commission" },
        { content: "It says what is missing", trigger: ".alert-warning:contains(pays nothing)" },
        { trigger: ".o_field_widget[name=bracket_ids] .o_field_x2many_list_row_add a", run: "click" },
        {
            trigger: ".o_field_widget[name=bracket_ids] .o_selected_row [name=rate] input",
            run: "edit 5 && press Tab",
        },
        { content: "The table follows", trigger: preview("5,000.00") },
        { trigger: ".nav-link:contains(People)", run: "click" },
        { trigger: ".o_field_widget[name=assignment_ids] .o_field_x2many_list_row_add a", run: "click" },
        {
            trigger: ".o_field_widget[name=assignment_ids] .o_selected_row [name=user_id] input",
            run: "edit Tour Ann",
        },
        { trigger: ".o-autocomplete--dropdown-item:contains(Tour Ann)", run: "click" },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: ".o_form_saved" },
        { content: "Nothing to warn of", trigger: "body:not(:has(.alert-warning:contains(Nobody)))" },
        { trigger: header("action_publish"), run: "click" },
        { trigger: ".modal .modal-footer .btn-primary", run: "click" },
        { trigger: ".o_arrow_button_current:contains(Published)" },
        { content: "Fixed from now on", trigger: "body:not(:has([name=mode] select))" },
        { trigger: header("action_new_version"), run: "click" },
        { trigger: ".o_field_widget[name=reason] textarea", run: "edit Twice as much" },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: ".o_form_saved" },
        { trigger: ".o_arrow_button_current:contains(Draft)" },
        { trigger: ".o-form-buttonbox button[name=action_open_previous]" },
    ],
});
