import { registry } from "@web/core/registry";

const line = (name) => `.o_sales_path_line:contains(${name})`;

/**
 * A rep brings a deal to its next stage by what the path says: fills in a field, hands
 * in evidence, explains what was left open. The leader has verified in between.
 */
registry.category("web_tour.tours").add("sales_process_path_open_exits", {
    steps: () => [
        {
            content: "The path stands in place of core's status bar",
            trigger:
                ".o_form_view:not(:has(.o_form_statusbar .o_field_widget[name=stage_id])) .o_sales_path",
        },
        {
            content: "The stage of the deal is marked for eyes and screen readers",
            trigger: ".o_sales_path [aria-current=step]:contains(Test Meet)",
        },
        {
            content: "Buyer step, goal and days are in sight",
            trigger:
                ".o_sales_path_about:contains(Names the problem):contains(We know the cost):contains(of 10 expected days)",
        },
        {
            content: "Advancing shows what is missing instead of an error",
            trigger: ".o_sales_path_advance.btn-secondary:contains(2 open)",
            run: "click",
        },
        {
            content: "The first open exit has the focus",
            trigger: `${line("Budget is known")} .o_sales_path_step:focus`,
        },
        {
            content: "The screen reader is told",
            trigger: ".o_sales_path [role=status]:contains(2 exits are still open: Budget)",
        },
        {
            content: "How to is one click away",
            trigger: ".o_sales_path_how_to_toggle[aria-expanded=false]",
            run: "click",
        },
        {
            trigger: "#o_sales_path_how_to:contains(Ask before you show):contains(Value sheet)",
        },
        {
            trigger: ".o_sales_path_how_to_toggle[aria-expanded=true]",
            run: "click",
        },
        {
            content: "The checklist leads to the field",
            trigger: `${line("Budget is known")} .o_sales_path_step:contains(Fill in)`,
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=expected_revenue] input:focus",
            run: "edit 5000 && press Tab",
        },
        {
            content: "What is filled in counts once it is saved",
            trigger: `${line("Budget is known")} .o_sales_path_step:contains(Save)`,
            run: "click",
        },
        {
            trigger: `${line("Budget is known")}[data-state=met]`,
        },
        {
            content: "Evidence is handed in in a dialog",
            trigger: `${line("Cost is reckoned")} .o_sales_path_step:contains(sign-off)`,
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=note] textarea",
            run: "edit Reckoned together with the plant manager",
        },
        {
            trigger: ".modal .btn-primary:contains(Hand in)",
            run: "click",
        },
        {
            content: "It waits for a decision, in words",
            trigger: `${line("Cost is reckoned")}[data-state=submitted]:contains(Waiting for a decision):contains(together with the plant manager)`,
        },
        {
            content: "The rep cannot verify own evidence",
            trigger: `${line("Cost is reckoned")}:not(:has(.btn-primary))`,
        },
    ],
});

registry.category("web_tour.tours").add("sales_process_path_verify", {
    steps: () => [
        {
            content: "The leader verifies in the checklist",
            trigger: `${line("Cost is reckoned")} .btn-primary:contains(Verify)`,
            run: "click",
        },
        {
            trigger: `${line("Cost is reckoned")}[data-state=met]`,
        },
        {
            trigger: ".o_sales_path_advance.btn-primary",
        },
    ],
});

registry.category("web_tour.tours").add("sales_process_path_advance", {
    steps: () => [
        {
            content: "Nothing holds the deal any more: the hotkey moves it",
            trigger: ".o_sales_path_advance.btn-primary:contains(Advance to Test Prove)[data-hotkey]",
            run: "click",
        },
        {
            content: "A soft exit was left open: the reason is asked at once",
            trigger: ".modal .o_field_widget[name=criteria]:contains(Reference visit offered)",
        },
        {
            trigger: ".modal .btn-secondary:contains(Later)",
            run: "click",
        },
        {
            content: "The deal has moved and still owes the reason",
            trigger: ".o_sales_path [aria-current=step]:contains(Test Prove)",
        },
        {
            trigger: ".o_sales_path .alert:contains(1 exit was left open) button",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=reason] textarea",
            run: "edit The buyer decides without a visit",
        },
        {
            trigger: ".modal .btn-primary:contains(Keep the Reason)",
            run: "click",
        },
        {
            trigger: ".o_sales_path:not(:has(.alert))",
        },
        {
            content: "A click on another stage asks the gate",
            trigger: ".o_sales_path .o_arrow_button:contains(Test Close)",
            run: "click",
        },
        {
            trigger: ".modal:contains(cannot move):contains(Plan is agreed)",
        },
        {
            trigger: ".modal .btn-primary",
            run: "click",
        },
        {
            trigger: ".o_sales_path [aria-current=step]:contains(Test Prove)",
        },
    ],
});

registry.category("web_tour.tours").add("sales_process_path_waive", {
    steps: () => [
        {
            trigger: `${line("Plan is agreed")} .o_sales_path_more`,
            run: "click",
        },
        {
            trigger: ".o-dropdown-item:contains(Waive)",
            run: "click",
        },
        {
            content: "The waiver is for the line it was asked on, and for no other",
            trigger:
                ".modal .o_field_widget[name=criterion_ids] .o_tag:contains(Plan is agreed)",
        },
        {
            trigger: ".modal .o_field_widget[name=reason] textarea",
            run: "edit The frame contract covers it",
        },
        {
            trigger: ".modal .btn-primary:contains(Waive)",
            run: "click",
        },
        {
            trigger: `${line("Plan is agreed")}[data-state=waived]:contains(Waived)`,
        },
        {
            content: "It is counted, and told in full on the deal",
            trigger: ".o_sales_path_waivers_toggle:contains(1 waiver)",
            run: "click",
        },
        {
            trigger: "#o_sales_path_waivers:contains(The frame contract covers it)",
        },
    ],
});
