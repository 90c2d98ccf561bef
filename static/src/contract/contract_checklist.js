import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * What a contract needs before it is signed: met or missing, what to do about it, and one
 * button that does it.
 */
export class ContractChecklist extends Component {
    static template = "sales_process.ContractChecklist";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ busy: false });
    }

    get data() {
        return this.props.record.data[this.props.name] || { items: [], met: 0 };
    }

    get progressText() {
        return _t("%(met)s of %(count)s", {
            met: this.data.met,
            count: this.data.items.length,
        });
    }

    get percent() {
        const count = this.data.items.length;
        return count ? Math.round((100 * this.data.met) / count) : 100;
    }

    isOpen(item) {
        return !item.met && this.data.can_write;
    }

    icon(item) {
        if (item.met) {
            return "fa-check-circle text-success";
        }
        return item.required ? "fa-times-circle text-danger" : "fa-circle-o text-muted";
    }

    stateText(item) {
        if (item.met) {
            return _t("Met");
        }
        return item.required ? _t("Missing") : _t("Recommended");
    }

    async onItem(item) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            const { record } = this.props;
            if (!(await record.save())) {
                return;
            }
            const action = await this.orm.call(record.resModel, "action_checklist", [
                [record.resId],
                item.key,
            ]);
            if (action) {
                await this.action.doAction(action, { onClose: () => record.load() });
            } else {
                await record.load();
            }
        } finally {
            this.state.busy = false;
        }
    }
}

export const contractChecklist = {
    component: ContractChecklist,
    displayName: _t("Contract Checklist"),
    supportedTypes: ["json"],
    isEmpty: () => false,
};

registry.category("fields").add("sales_contract_checklist", contractChecklist);
