import { patch } from "@web/core/utils/patch";
import { CrmKanbanDynamicGroupList } from "@crm/views/crm_kanban/crm_kanban_model";

patch(CrmKanbanDynamicGroupList.prototype, {
    /**
     * Core puts the card back when the gate refuses the move. When the gate let it pass
     * with soft exits open, ask for the reason at once: later nobody remembers it.
     */
    async moveRecord(dataRecordId, dataGroupId, refId, targetGroupId) {
        const record = this.records.find((r) => r.id === dataRecordId);
        await super.moveRecord(...arguments);
        const moved =
            dataGroupId !== targetGroupId &&
            this.groupByField.name === "stage_id" &&
            record?.data.sales_process_id;
        if (moved) {
            const action = await this.model.orm.call(
                "crm.lead",
                "action_sales_explain",
                [[record.resId]]
            );
            if (action && action.type) {
                await this.model.env.services.action.doAction(action);
            }
        }
    },
});
