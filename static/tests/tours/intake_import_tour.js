import { inputFiles } from "@web/../tests/utils";
import { registry } from "@web/core/registry";

const DEALS = [
    "deal_id,account,product,deal_stage,created,close_date,close_value",
    "T1,Tour Ltd,Tour product,Won,2024-01-05,2024-01-25,1200",
    "T2,Tour Ltd,,Lost,2024-01-05,2024-02-25,",
    "T3,Tour Ltd,,Won,2024-03-05,2024-02-25,10",
].join("\n");

registry.category("web_tour.tours").add("intake_import_tour", {
    url: "/odoo/pipeline-import",
    steps: () => [
        {
            content: "Start a run",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "Upload the deals",
            trigger: ".o_intake_import_upload .o_attach, .o_intake_import_upload",
            async run() {
                const file = new File([DEALS], "deals.csv", { type: "text/csv" });
                await inputFiles(".o_intake_import_upload .o_input_file", [file]);
            },
        },
        { trigger: ".o_attachment:contains(deals.csv)" },
        {
            content: "Read the file",
            trigger: "button[name=action_read]",
            run: "click",
        },
        { trigger: ".o_field_widget[name=column_ids] td:contains(close_value)" },
        {
            content: "Check it",
            trigger: "button[name=action_check]",
            run: "click",
        },
        { trigger: ".o_intake_figure:contains(2):contains(deals to import)" },
        {
            content: "See which dates are in the wrong order",
            trigger: ".o_intake_topic:contains(Dates in the wrong order)",
            run: "click",
        },
        { trigger: ".o_data_row:contains(2024-02-25)" },
        {
            content: "Back to the run",
            trigger: ".o_back_button a, .breadcrumb-item:last a",
            run: "click",
        },
        {
            content: "Import",
            trigger: "button[name=action_run_now]",
            run: "click",
        },
        { trigger: ".o_intake_figure:contains(2):contains(deals imported)" },
        {
            content: "Look at the deals",
            trigger: "button[name=action_open_leads]",
            run: "click",
        },
        { trigger: ".o_data_row:contains(Tour Ltd: Tour product)" },
    ],
});
