import { Component, onWillStart, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { Domain } from "@web/core/domain";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { InvalidNumberError, parseFloat } from "@web/views/fields/parsers";
import { full, percent, short } from "../../target/board/board_texts";
import { RangeChart } from "./range_chart";

/** What a selection of deals may bring, and the chance that it is enough. */
export class RangeDialog extends Component {
    static template = "sales_process.RangeDialog";
    static components = { Dialog, RangeChart };
    static props = {
        domain: Array,
        context: { type: Object, optional: true },
        close: Function,
    };
    static defaultProps = { context: {} };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ range: null, typed: "", isWrong: false });
        onWillStart(() => this.start());
    }

    async start() {
        await this.load(null);
        const { suggested_quota } = this.state.range;
        if (suggested_quota) {
            await this.load(suggested_quota);
            this.state.typed = full(suggested_quota, { unit: "number" });
        }
    }

    async load(quota) {
        this.state.range = await this.orm.call(
            "crm.lead",
            "get_forecast_range",
            [this.props.domain],
            { quota, context: this.props.context }
        );
    }

    get title() {
        return _t("Forecast Range");
    }

    get metric() {
        return { unit: "money", currency_id: this.state.range.currency_id };
    }

    short(value) {
        return short(value, this.metric);
    }

    full(value) {
        return full(value, this.metric);
    }

    get marks() {
        const { p10, p50, p90 } = this.state.range;
        return [
            { name: "p10", label: _t("At least"), hint: _t("in 9 of 10 cases"), value: p10 },
            { name: "p50", label: _t("Even chance"), hint: _t("as often more as less"), value: p50 },
            { name: "p90", label: _t("At best"), hint: _t("more in 1 of 10 cases"), value: p90 },
        ];
    }

    get chance() {
        const chance = 100 * this.state.range.chance;
        if (chance > 99 && chance < 100) {
            return _t("over 99 %");
        }
        return chance > 0 && chance < 1 ? _t("under 1 %") : percent(chance);
    }

    get tone() {
        const { chance } = this.state.range;
        return chance >= 0.7 ? "success" : chance >= 0.3 ? "warning" : "danger";
    }

    /** Lists of what keeps the range from being the whole truth. */
    get missing() {
        const { no_amount, no_date } = this.state.range;
        return [
            {
                ...no_amount,
                name: _t("Without Amount"),
                label: _t("Show those without amount"),
                field: "sales_forecast_value",
            },
            {
                ...no_date,
                name: _t("Without Closing Date"),
                label: _t("Show those without date"),
                field: "date_deadline",
            },
        ].filter(({ count }) => count);
    }

    shareOf(whale) {
        return percent(100 * whale.share);
    }

    async onQuota(ev) {
        const text = ev.target.value.trim();
        this.state.typed = text;
        try {
            const quota = text ? parseFloat(text) : null;
            this.state.isWrong = false;
            await this.load(quota);
        } catch (error) {
            if (!(error instanceof InvalidNumberError)) {
                throw error;
            }
            this.state.isWrong = true;
        }
    }

    onKeydown(ev) {
        if (ev.key === "Enter") {
            this.onQuota(ev);
        }
    }

    openDeal(id) {
        this.props.close();
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "crm.lead",
            res_id: id,
            views: [[false, "form"]],
        });
    }

    openMissing({ field, name }) {
        const empty = field === "date_deadline" ? false : 0;
        const open = [["won_status", "=", "pending"], ["sales_forecast_category", "!=", "omitted"]];
        const domain = Domain.and([this.props.domain, open, [[field, "=", empty]]]);
        this.props.close();
        return this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: "crm.lead",
            domain: domain.toList(),
            views: [
                [false, "list"],
                [false, "form"],
            ],
        });
    }
}
