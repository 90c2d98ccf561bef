import { registry } from "@web/core/registry";

const column = (name) => `.o_kanban_group:has(.o_column_title:contains(${name}))`;
const card = (name) => `.o_kanban_record:contains(${name})`;

/** The gate holds a dragged card: it springs back, and the message says why. */
registry.category("web_tour.tours").add("sales_process_kanban_gate", {
    steps: () => [
        {
            content: "The card says how far the deal is and what is missing",
            trigger: `${column("Test Meet")} ${card("Held deal")} .o_sales_exit_progress:contains(0%):contains(Missing: Budget is known)`,
        },
        {
            trigger: `${column("Test Meet")} ${card("Held deal")}`,
            run: `drag_and_drop (${column("Test Prove")})`,
        },
        {
            content: "The error names the criterion",
            trigger: ".modal:contains(Held deal cannot move):contains(Budget is known)",
        },
        {
            trigger: ".modal .btn-primary",
            run: "click",
        },
        {
            content: "The card is back where it was",
            trigger: `body:not(:has(.modal)) ${column("Test Meet")} ${card("Held deal")}`,
        },
        {
            trigger: `${column("Test Prove")}:not(:has(${card("Held deal")}))`,
        },
        {
            content: "A deal with nothing but soft exits open passes",
            trigger: `${column("Test Meet")} ${card("Soft deal")}`,
            run: `drag_and_drop (${column("Test Prove")})`,
        },
        {
            content: "… and the reason is asked at once",
            trigger: ".modal .o_field_widget[name=criteria]:contains(Reference visit offered)",
        },
        {
            trigger: ".modal .o_field_widget[name=reason] textarea",
            run: "edit No reference in this industry",
        },
        {
            trigger: ".modal .btn-primary:contains(Keep the Reason)",
            run: "click",
        },
        {
            trigger: `body:not(:has(.modal)) ${column("Test Prove")} ${card("Soft deal")}`,
        },
    ],
});

/** Losing asks what the settings ask. */
registry.category("web_tour.tours").add("sales_process_lost_reason", {
    steps: () => [
        {
            trigger: ".o_form_statusbar button:contains(Lost)",
            run: "click",
        },
        {
            trigger: ".modal:contains(Your company asks for a lost reason)",
        },
        {
            trigger: ".modal .btn-primary:contains(Mark as Lost)",
            run: "click",
        },
        {
            content: "Without a reason the dialog stays",
            trigger: ".modal .o_field_widget[name=lost_reason_id].o_field_invalid",
        },
        {
            trigger: ".modal .o_field_widget[name=lost_reason_id] .o_selection_badge:contains(Test reason)",
            run: "click",
        },
        {
            trigger: ".modal .btn-primary:contains(Mark as Lost)",
            run: "click",
        },
        {
            content: "A lost deal shows its path, and offers no way on",
            trigger: ".o_sales_path:not(:has(.o_sales_path_advance)):not(:has(.o_sales_path_step))",
        },
    ],
});
