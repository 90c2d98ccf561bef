import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { useBus, useService } from "@web/core/utils/hooks";
import { ControlPanel } from "@web/search/control_panel/control_panel";

const isDay = (value) => !value || /^[1-9]\d{3}-\d\d-\d\d$/.test(value);

/** Which day the pipeline is shown as of, and which day it is compared with. */
export class AsOfDays extends Component {
    static template = "sales_process.AsOfDays";
    static props = {};

    setup() {
        this.action = useService("action");
        this.state = useState(this.days);
        useBus(this.env.searchModel, "update", () => Object.assign(this.state, this.days));
    }

    get days() {
        const { as_of, as_of_compare } = this.env.searchModel.context;
        return { as_of: as_of || "", as_of_compare: as_of_compare || "" };
    }

    get fields() {
        return [
            { name: "as_of", label: _t("As of"), hint: _t("now, if empty") },
            { name: "as_of_compare", label: _t("compared with"), hint: "" },
        ];
    }

    /** While a date is being typed, browsers hand over years such as 0002. */
    onChange(name, value) {
        if (isDay(value)) {
            this.setDays({ [name]: value || false });
        }
    }

    clear() {
        this.setDays({ as_of: false, as_of_compare: false });
    }

    setDays(days) {
        const { searchModel } = this.env;
        Object.assign(searchModel.globalContext, days);
        // Another view of this action starts from the context of the action.
        const controller = this.action.currentController;
        if (controller?.action?.context) {
            Object.assign(controller.action.context, days);
        }
        searchModel._notify();
    }
}

export class AsOfControlPanel extends ControlPanel {
    static template = "sales_process.AsOfControlPanel";
    static components = { ...ControlPanel.components, AsOfDays };
}
