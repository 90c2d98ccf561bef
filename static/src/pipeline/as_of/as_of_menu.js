import { Component } from "@odoo/owl";
import { Domain } from "@web/core/domain";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { STATIC_ACTIONS_GROUP_NUMBER } from "@web/search/action_menus/action_menus";

/** The past of the deals on the screen, with the same filters, in the same kind of view. */
export class AsOfMenu extends Component {
    static template = "sales_process.AsOfMenu";
    static components = { DropdownItem };
    static props = {};

    get facets() {
        const { searchModel } = this.env;
        return searchModel.facets
            .filter(({ domain }) => domain)
            .map(({ title, values, separator, domain }) => ({
                description: [title, values.join(` ${separator} `)].filter(Boolean).join(": "),
                domain: new Domain(domain).toList(searchModel.domainEvalContext),
            }));
    }

    async onSelected() {
        const { searchModel, config } = this.env;
        // The menu closes with the click, and a destroyed component hears no answer.
        const { orm, action: actionService } = this.env.services;
        const base = new Domain(searchModel.globalDomain || []);
        const { action, filters } = await orm.call(
            "sales.pipeline.as.of",
            "get_action_from_deals",
            [this.facets, base.toList(searchModel.domainEvalContext)]
        );
        await actionService.doAction(action, {
            viewType: config.viewType,
            props: { dynamicFilters: filters },
        });
    }
}

registry.category("cogMenu").add(
    "sales-pipeline-as-of",
    {
        Component: AsOfMenu,
        groupNumber: STATIC_ACTIONS_GROUP_NUMBER,
        isDisplayed: async ({ config, searchModel }) =>
            searchModel?.resModel === "crm.lead" &&
            ["kanban", "list", "pivot", "graph"].includes(config.viewType) &&
            searchModel.globalContext?.default_type !== "lead" &&
            (await user.hasGroup("sales_process.group_rep")),
    },
    { sequence: 20 }
);
