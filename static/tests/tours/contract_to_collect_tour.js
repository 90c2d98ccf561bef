import { registry } from "@web/core/registry";

const CARD = ".o_kanban_record:not(.o_kanban_ghost):contains(12 days late)";

registry.category("web_tour.tours").add("sales_process_to_collect", {
    steps: () => [
        {
            content: "The customer stands above what is late",
            trigger: ".o_kanban_group:contains(Lumber Inc)",
        },
        {
            content: "The number is one tap away",
            trigger: `${CARD} a[href^='tel:']:contains(+1 555 0100)`,
        },
        {
            content: "One tap after the call",
            trigger: `${CARD} button[name=action_log_call]`,
            run: "click",
        },
        {
            content: "The call is on record",
            trigger: `${CARD}:contains(Called)`,
        },
        {
            content: "Look up what was ordered",
            trigger: `${CARD} button[name=action_view_order]`,
            run: "click",
        },
        {
            content: "The order is there",
            trigger: ".o_form_view .o_field_widget[name=partner_id]",
        },
    ],
});
