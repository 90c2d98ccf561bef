import { registry } from "@web/core/registry";

const cell = (name, col, text) =>
    `.o_sales_grid_table tbody tr:contains(${name}) td[data-col="${col}"]:contains(${text})`;
const header = (name) => `.o_statusbar_buttons button[name=${name}]`;
const plan = ".o_data_row:contains(Tour Metric Tour Year)";

/** A director makes a plan, adds owners, divides an amount, publishes and changes it. */
registry.category("web_tour.tours").add("sales_process_target_plan", {
    steps: () => [
        {
            content: "Several plans at once",
            trigger: ".o_control_panel button:contains(New Plans for Several Metrics)",
            run: "click",
        },
        { trigger: ".modal .o_field_widget[name=metric_ids] input", run: "edit Tour Metric" },
        { trigger: ".o-autocomplete--dropdown-item:contains(Tour Metric)", run: "click" },
        { trigger: ".modal .o_field_widget[name=metric_ids] .o_tag:contains(Tour Metric)" },
        { trigger: ".modal .o_field_widget[name=name] input", run: "edit Tour Year" },
        { trigger: ".modal .o_field_widget[name=with_owners] input", run: "click" },
        { trigger: ".modal button[name=action_create]", run: "click" },
        {
            content: "The grid of a plan without owners offers to add some",
            trigger: `${plan} button[name=action_open_grid]`,
            run: "click",
        },
        { trigger: ".o_sales_grid_empty button[name=add_owners]", run: "click" },
        { trigger: ".modal button[name=action_apply]", run: "click" },
        { trigger: cell("Tour North", 0, "0") },
        { trigger: cell("Tour Ann", 0, "0") },
        { trigger: ".o_back_button a, .breadcrumb-item a", run: "click" },
        { trigger: `${plan} td[name=name]`, run: "click" },
        { content: "Nothing to divide yet", trigger: header("action_divide"), run: "click" },
        {
            trigger: ".modal .o_inner_group .o_field_widget[name=amount] input",
            run: "edit 24000 && press Tab",
        },
        {
            content: "What everybody gets is shown before it is written",
            trigger: ".modal .o_field_widget[name=line_ids] .o_data_row:contains(Tour South):contains(12,000)",
        },
        { trigger: ".modal button[name=action_apply]", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        { content: "It adds up", trigger: ".o_field_widget[name=total_amount]:contains(24,000)" },
        { trigger: ".o_field_widget[name=given_amount]:contains(24,000)" },
        { trigger: header("action_open_grid"), run: "click" },
        { trigger: cell("Tour North", 0, "1,000") },
        { trigger: cell("Tour Ann", 0, "1,000") },
        { trigger: ".o_back_button a, .breadcrumb-item a:contains(Tour Year)", run: "click" },
        { trigger: header("action_publish"), run: "click" },
        { trigger: ".modal .modal-footer .btn-primary", run: "click" },
        { trigger: ".o_arrow_button_current:contains(Published)" },
        {
            content: "What is published is changed by a new version",
            trigger: ".o-form-buttonbox button[name=action_open_grid]",
            run: "click",
        },
        { trigger: ".o_sales_grid_notice button[name=new_version]", run: "click" },
        { trigger: ".modal .o_field_widget[name=reason] textarea", run: "edit Two people joined" },
        { trigger: ".modal button[name=action_create]", run: "click" },
        { trigger: ".o_form_view .o_field_widget[name=reason] textarea" },
        { trigger: ".o_arrow_button_current:contains(Draft)" },
        { trigger: ".o-form-buttonbox button[name=action_open_predecessor]" },
    ],
});
