import { registry } from "@web/core/registry";
import { listView } from "@web/views/list/list_view";
import { AsOfControlPanel } from "./as_of_control_panel";

registry.category("views").add("sales_pipeline_as_of_list", {
    ...listView,
    ControlPanel: AsOfControlPanel,
});
