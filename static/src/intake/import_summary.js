import { Component } from "@odoo/owl";
import { formatDate, deserializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloat, formatInteger, formatMonetary } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * What an import will create and what is wrong with its file, on one screen. Every kind
 * of problem opens its rows.
 */
export class ImportSummary extends Component {
    static template = "sales_process.ImportSummary";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
    }

    get data() {
        return this.props.record.data;
    }

    get summary() {
        return this.data[this.props.name] || {};
    }

    get figures() {
        const { data } = this;
        const done = ["done", "failed"].includes(data.state);
        return [
            done
                ? { label: _t("deals imported"), value: data.created_count, kind: "success" }
                : { label: _t("deals to import"), value: data.deal_count, kind: "primary" },
            { label: _t("already there"), value: data.existing_count, kind: "secondary" },
            {
                label: _t("rows rejected"),
                value: data.rejected_count + data.failed_count,
                kind: data.rejected_count + data.failed_count ? "danger" : "secondary",
            },
            {
                label: _t("warnings"),
                value: data.warning_count,
                kind: data.warning_count ? "warning" : "secondary",
            },
        ];
    }

    get period() {
        const { first, last } = this.summary;
        if (!first) {
            return "";
        }
        return _t("From %(first)s to %(last)s", {
            first: formatDate(deserializeDate(first)),
            last: formatDate(deserializeDate(last)),
        });
    }

    get outcomes() {
        return { open: _t("Open"), won: _t("Won"), lost: _t("Lost") };
    }

    number(value) {
        return formatInteger(value);
    }

    money(value) {
        const currency = this.data.currency_id;
        return currency
            ? formatMonetary(value, { currencyId: currency.id })
            : formatFloat(value);
    }

    async openTopic({ topic, severity }) {
        const { resModel, resId } = this.props.record;
        const action = await this.orm.call(resModel, "action_open_problems", [[resId]], {
            topic,
            severity,
        });
        await this.action.doAction(action);
    }
}

registry.category("fields").add("intake_import_summary", {
    component: ImportSummary,
    supportedTypes: ["json"],
    fieldDependencies: [
        { name: "state", type: "selection", selection: [] },
        { name: "currency_id", type: "many2one" },
        { name: "deal_count", type: "integer" },
        { name: "created_count", type: "integer" },
        { name: "existing_count", type: "integer" },
        { name: "rejected_count", type: "integer" },
        { name: "failed_count", type: "integer" },
        { name: "warning_count", type: "integer" },
    ],
});
