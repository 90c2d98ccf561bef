import { Component, onWillUnmount, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useRecordObserver } from "@web/model/relational_model/utils";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { worthTexts } from "./worth_texts";

// As long as somebody may go on typing.
const WAIT = 250;

/**
 * What a deal is worth to whoever sells it. The server tells each user the own figure
 * alone, and nothing where there is none: then nothing is shown.
 */
export class CommissionWorth extends Component {
    static template = "sales_process.CommissionWorth";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.keepLast = new KeepLast();
        this.state = useState({ worth: null });
        useRecordObserver((record) => this.look(record));
        onWillUnmount(() => browser.clearTimeout(this.timer));
    }

    get texts() {
        return worthTexts(this.state.worth);
    }

    /** The record was loaded, saved or typed in: ask once it says something else. */
    look(record) {
        const question = this.question(record);
        const key = JSON.stringify(question);
        if (key === this.key) {
            return;
        }
        const isFirst = this.key === undefined;
        this.key = key;
        browser.clearTimeout(this.timer);
        this.timer = browser.setTimeout(() => this.ask(question), isFirst ? 0 : WAIT);
    }

    async ask(question) {
        let worth = null;
        try {
            worth = question && (await this.keepLast.add(this.fetch(question)));
        } catch {
            // It is an extra: a form works without it
        }
        this.state.worth = worth || null;
    }

    // --- What differs by document --------------------------------------------

    /** What the answer depends on, as plain data; null where there is nothing to ask. */
    question(record) {
        const { data, resId } = record;
        const { expected_revenue, probability, date_deadline } = data;
        const saved = [expected_revenue, probability, String(date_deadline || ""), data.won_status];
        return resId ? { id: resId, saved } : null;
    }

    async fetch({ id }) {
        const found = await this.orm.silent.call("crm.lead", "get_commission_worth", [[id]]);
        return found[id];
    }
}

export const commissionWorth = {
    component: CommissionWorth,
    fieldDependencies: [
        { name: "expected_revenue", type: "monetary" },
        { name: "probability", type: "float" },
        { name: "date_deadline", type: "date" },
        { name: "won_status", type: "selection", selection: [] },
    ],
};

registry.category("view_widgets").add("sales_commission_worth", commissionWorth);
