import { Component } from "@odoo/owl";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { STATIC_ACTIONS_GROUP_NUMBER } from "@web/search/action_menus/action_menus";
import { RangeDialog } from "./range_dialog";

/** What the deals on the screen may bring. */
export class RangeMenu extends Component {
    static template = "sales_process.RangeMenu";
    static components = { DropdownItem };
    static props = {};

    onSelected() {
        const { searchModel } = this.env;
        this.env.services.dialog.add(RangeDialog, {
            domain: searchModel.domain,
            context: { active_test: searchModel.context.active_test ?? true },
        });
    }
}

registry.category("cogMenu").add(
    "sales-forecast-range",
    {
        Component: RangeMenu,
        groupNumber: STATIC_ACTIONS_GROUP_NUMBER,
        isDisplayed: async ({ config, searchModel }) =>
            searchModel?.resModel === "crm.lead" &&
            ["kanban", "list", "pivot", "graph"].includes(config.viewType) &&
            searchModel.globalContext?.default_type !== "lead" &&
            (await user.hasGroup("sales_process.group_rep")),
    },
    { sequence: 21 }
);
