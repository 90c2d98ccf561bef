import { registry } from "@web/core/registry";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { listView } from "@web/views/list/list_view";
import { AsOfControlPanel } from "./as_of_control_panel";

registry.category("views").add("sales_pipeline_as_of_list", {
    ...listView,
    ControlPanel: AsOfControlPanel,
});
registry.category("views").add("sales_pipeline_as_of_kanban", {
    ...kanbanView,
    ControlPanel: AsOfControlPanel,
});
