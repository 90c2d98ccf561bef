import { registry } from "@web/core/registry";

const CARD = ".o_sales_scorecard";
const BOOKED = `${CARD} tr[data-key=booked]`;
const tours = registry.category("web_tour.tours");

tours.add("sales_process_scorecard_leader", {
    steps: () => [
        { content: "It begins with the own one", trigger: `${CARD} select[name=person]` },
        {
            content: "Somebody else",
            trigger: `${CARD} select[name=person]`,
            run: "selectByLabel Tour Ann",
        },
        {
            content: "The month before, which is over",
            trigger: `${CARD}:has(button[name=start_review]) button[name=previous]`,
            run: "click",
        },
        { content: "Ann has the least", trigger: `${BOOKED}:contains(100) .fa-arrow-down` },
        { trigger: `${BOOKED} .o_median:contains((5))` },
        { content: "What is not known is said", trigger: `${CARD} .o_unknown:contains(Fewer)` },
        { trigger: `${CARD} .o_focus[data-key=booked]:contains(median of 5)` },
        { content: "A figure opens its records", trigger: `${BOOKED} button`, run: "click" },
        { trigger: ".o_data_row:contains(Tour Ann)" },
        { trigger: ".o_back_button a, .breadcrumb-item a", run: "click" },
        {
            content: "The choice is as it was",
            trigger: `${BOOKED}:contains(100)`,
        },
        { trigger: `${CARD} button[name=start_review]`, run: "click" },
        { trigger: ".o_form_view .o_field_widget[name=note_leader] textarea", run: "edit Well" },
        {
            trigger: ".o_field_widget[name=goal_ids] .o_field_x2many_list_row_add button, .o_field_widget[name=goal_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=goal_ids] .o_selected_row [name=name] input",
            run: "edit Tour goal",
        },
        {
            trigger: ".o_field_widget[name=goal_ids] .o_selected_row [name=date_due] button, .o_field_widget[name=goal_ids] .o_selected_row [name=date_due] input",
            run: "click",
        },
        { trigger: ".o_datetime_picker .o_next", run: "click" },
        { trigger: ".o_datetime_picker .o_date_item_cell:contains(/^20$/)", run: "click" },
        { trigger: "button[name=action_share]", run: "click" },
        { trigger: ".o_arrow_button_current:contains(Shared)" },
        { trigger: ".nav-link[name=figures]", run: "click" },
        { trigger: ".o_field_widget[name=line_ids] .o_data_row:contains(Booked) svg" },
    ],
});

tours.add("sales_process_review_rep", {
    steps: () => [
        { trigger: ".o_field_widget[name=note_person] textarea", run: "edit Tour answer" },
        { trigger: ".o_field_widget[name=note_leader]:not(:has(textarea)):contains(Well)" },
        { trigger: ".o_form_button_save", run: "click" },
        { trigger: ".o_form_saved" },
        { trigger: "button[name=action_sign]", run: "click" },
        { trigger: ".modal button:contains(Sign)", run: "click" },
        { trigger: ".o_form_view:not(:has(button[name=action_sign]))" },
        { trigger: ".o_field_widget[name=signed_person_on]" },
    ],
});

tours.add("sales_process_scorecard_phone", {
    steps: () => [
        { content: "A rep has no choice of people", trigger: `${CARD}:not(:has(select))` },
        { trigger: `${CARD} button[name=previous]`, run: "click" },
        { trigger: `${BOOKED} .o_value:contains(100)` },
        {
            content: "Nothing is wider than the phone",
            trigger: `${CARD} .o_sales_scorecard_page`,
            run: ({ anchor }) => {
                if (anchor.scrollWidth > anchor.clientWidth) {
                    throw new Error("The scorecard is wider than the screen");
                }
            },
        },
        { trigger: `${BOOKED} button`, run: "click" },
        { trigger: ".o_kanban_record:contains(Booked), .o_data_row" },
    ],
});
