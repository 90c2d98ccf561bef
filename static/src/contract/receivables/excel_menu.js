import { Component } from "@odoo/owl";
import { Domain } from "@web/core/domain";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { registry } from "@web/core/registry";
import { STATIC_ACTIONS_GROUP_NUMBER } from "@web/search/action_menus/action_menus";

const MODELS = ["sales.plan.line", "sales.cash.report"];

/** The rows of the screen as a workbook with live totals, laid out to be sent on. */
export class ExcelMenu extends Component {
    static template = "sales_process.ExcelMenu";
    static components = { DropdownItem };
    static props = {};

    async onSelected() {
        const { searchModel, config } = this.env;
        // The menu closes with the click, and a destroyed component hears no answer.
        const { orm, action: actionService } = this.env.services;
        const domain = new Domain(searchModel.domain).toList(searchModel.domainEvalContext);
        const title = config.getDisplayName();
        const action = await orm.call(searchModel.resModel, "get_excel", [domain, title]);
        await actionService.doAction(action);
    }
}

registry.category("cogMenu").add(
    "sales-excel",
    {
        Component: ExcelMenu,
        groupNumber: STATIC_ACTIONS_GROUP_NUMBER,
        isDisplayed: ({ config, searchModel }) =>
            MODELS.includes(searchModel?.resModel) && config.viewType !== "form",
    },
    { sequence: 21 }
);
