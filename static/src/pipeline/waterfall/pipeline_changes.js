import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { RecordSelector } from "@web/core/record_selectors/record_selector";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { formatInteger, formatMonetary } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { domainToList, useDomainFilter } from "../domain_filter/domain_filter";
import { WaterfallChart } from "./waterfall_chart";

const MODEL = "sales.pipeline.history";

/** Why the pipeline is not what it was: a chart to see it, a table to read it. */
export class PipelineChanges extends Component {
    static template = "sales_process.PipelineChanges";
    static components = { Layout, RecordSelector, WaterfallChart };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        // Coming back from the deals of a bar finds the choice again.
        this.state = useState({
            range: "month",
            period: "quarter",
            dates: {},
            periodDates: {},
            team_id: false,
            user_id: false,
            domain: "",
            currencies: [],
            error: "",
            isLoading: true,
            ...this.props.state?.choice,
        });
        this.domain = useDomainFilter({
            resModel: MODEL,
            title: _t("Filter the Pipeline"),
            getDomain: () => this.state.domain,
            setDomain: (domain) => this.setRecord("domain", domain),
        });
        onWillStart(async () => {
            const { ranges } = await this.orm.call(MODEL, "get_waterfall_ranges", []);
            this.ranges = ranges;
            await this.load();
        });
        this.env.config.setDisplayName(_t("Pipeline Changes"));
        this.props.updateActionState?.({ choice: this.choice });
    }

    get rangeChoices() {
        return [
            ["week", _t("This week")],
            ["month", _t("This month")],
            ["last_month", _t("Last month")],
            ["quarter", _t("This quarter")],
            ["last_quarter", _t("Last quarter")],
            ["year", _t("This year")],
            ["custom", _t("Other days")],
        ];
    }

    get periodChoices() {
        return [
            ["any", _t("Any time")],
            ["month", _t("This month")],
            ["quarter", _t("This quarter")],
            ["last_quarter", _t("Last quarter")],
            ["next_quarter", _t("Next quarter")],
            ["year", _t("This year")],
            ["custom", _t("Other days")],
        ];
    }

    get choice() {
        const { range, period, dates, periodDates, team_id, user_id, domain } = this.state;
        return {
            range,
            period,
            dates: { ...dates },
            periodDates: { ...periodDates },
            team_id,
            user_id,
            domain,
        };
    }

    get options() {
        const { range, period, dates, periodDates, team_id, user_id, domain } = this.state;
        const [date_from, date_to] = this.ranges[range] || [dates.from, dates.to];
        const options = { date_from, date_to, team_id, user_id, domain: domainToList(domain) };
        if (period !== "any") {
            const [from, to] = this.ranges[period] || [periodDates.from, periodDates.to];
            Object.assign(options, { period_from: from, period_to: to });
        }
        return options;
    }

    async load() {
        this.props.updateActionState?.({ choice: this.choice });
        this.state.isLoading = true;
        try {
            const { currencies } = await this.keepLast.add(
                this.orm.silent.call(MODEL, "get_waterfall", [this.options])
            );
            Object.assign(this.state, { currencies, error: "" });
        } catch (error) {
            if (!error.data) {
                throw error;
            }
            Object.assign(this.state, { currencies: [], error: error.data.message });
        }
        this.state.isLoading = false;
    }

    setRange(name, range) {
        const [which, dates] = name === "range" ? ["range", "dates"] : ["period", "periodDates"];
        const known = this.ranges[this.state[which]];
        if (range === "custom" && known) {
            // The days begin as those of the choice before.
            this.state[dates] = { from: known[0], to: known[1] };
        } else if (range === "custom" && !this.state[dates].from) {
            const [from, to] = this.ranges.quarter;
            this.state[dates] = { from, to };
        }
        this.state[which] = range;
        return this.load();
    }

    setDay(dates, side, value) {
        this.state[dates][side] = value;
        return this.load();
    }

    setRecord(name, id) {
        this.state[name] = id;
        return this.load();
    }

    get chip() {
        return {
            key: "domain",
            text: this.domain.text,
            edit: () => this.domain.edit(),
            remove: () => this.domain.remove(),
        };
    }

    /** Bars without a deal say nothing; the start and the end always do. */
    barsOf(currency) {
        return currency.bars.filter((bar) => bar.count || ["start", "end"].includes(bar.key));
    }

    kindOf(bar) {
        if (["start", "end"].includes(bar.key)) {
            return "total";
        }
        return bar.sign * bar.amount < 0 ? "decrease" : "increase";
    }

    signed(bar, currency) {
        const amount = this.kindOf(bar) === "total" ? bar.amount : bar.sign * bar.amount;
        const text = this.money(amount, currency);
        return this.kindOf(bar) !== "total" && amount > 0 ? `+${text}` : text;
    }

    money(amount, currency) {
        return formatMonetary(amount, { currencyId: currency.currency_id });
    }

    number(value) {
        return formatInteger(value);
    }

    async open(bar, currency) {
        if (!bar.count) {
            return;
        }
        const action = await this.orm.call(MODEL, "get_waterfall_action", [
            this.options,
            bar.key,
            currency.currency_id,
        ]);
        await this.action.doAction(action);
    }
}

registry.category("actions").add("sales_process.pipeline_changes", PipelineChanges);
