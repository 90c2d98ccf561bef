import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { formatFloat, formatInteger, formatMonetary } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { reasonOf } from "@sales_process/base/refusal";
import { domainToList } from "../domain_filter/domain_filter";
import { FunnelFilter } from "./funnel_filter";
import { FunnelShape } from "./funnel_shape";

const MODEL = "sales.funnel.report";
const { DateTime } = luxon;

const TABS = {
    funnel: { label: _t("Funnel"), method: "get_funnel" },
    bottlenecks: { label: _t("Bottlenecks"), method: "get_bottlenecks" },
    required: { label: _t("Required"), method: "get_required_funnel" },
    criteria: { label: _t("Criteria"), method: "get_criterion_lift" },
    team: { label: _t("Team"), method: "get_team_comparison" },
};

// Names of columns; on a phone they stand beside each figure.
const LABELS = {
    conversion: _t("Conversion"),
    to_won: _t("To won"),
    median_stay: _t("Median stay"),
    p80_left: _t("80 % left"),
    win_rate: _t("Win rate"),
    average_won: _t("Average won"),
    cycle: _t("Cycle"),
    entered: _t("Entered"),
    went_on: _t("Went on"),
    lost: _t("Lost"),
    went_back: _t("Went back"),
    still_there: _t("Still there"),
    deals: _t("Deals"),
    won: _t("Won"),
    stage: _t("Stage"),
    share: _t("Share"),
    amount: _t("Amount"),
    expected_days: _t("Expected days"),
    chance_to_win: _t("Chance to win"),
    days_to_the_win: _t("Days to the win"),
    needed: _t("Needed"),
    at_hand: _t("At hand"),
    still_to_enter: _t("Still to enter"),
    by: _t("Due by"),
    difference: _t("Difference"),
    what_it_says: _t("What it says"),
    pushed: _t("Pushed"),
    pushed_by: _t("Pushed by"),
    open: _t("Open"),
    open_deals: _t("Open deals"),
    beyond_expected_days: _t("Beyond expected days"),
    past_expected_closing: _t("Past expected closing"),
    quiet_no_next_activity: _t("Quiet, no next activity"),
    won_with_proof: _t("Won with proof"),
    won_without: _t("Won without"),
    won_when_waived: _t("Won when waived"),
};

/** How deals go through a process, in five tables; every figure opens its records. */
export class FunnelAction extends Component {
    static template = "sales_process.Funnel";
    static components = { FunnelFilter, FunnelShape, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.tabs = TABS;
        this.labels = LABELS;
        const today = DateTime.now();
        this.state = useState({
            tab: "funnel",
            options: {
                process_id: false,
                mode: "cohort",
                date_from: today.minus({ years: 1 }).toISODate(),
                date_to: false,
                team_id: false,
                user_id: false,
                group_by: false,
                quiet_days: 30,
                goal: false,
                goal_date: today.endOf("quarter").plus({ quarters: 1 }).toISODate(),
            },
            filters: {},
            domain: "",
            ...this.props.state?.funnel,
            data: null,
            shape: null,
            error: "",
            loading: true,
        });
        useSetupAction({
            getLocalState: () => ({
                funnel: {
                    tab: this.state.tab,
                    options: { ...this.state.options },
                    filters: { ...this.state.filters },
                    domain: this.state.domain,
                },
            }),
        });
        onWillStart(async () => {
            this.filters = await this.orm.call(MODEL, "get_filters", []);
            const { processes, process_id } = this.filters;
            if (!this.state.options.process_id && processes.length) {
                const usual = processes.find(({ id }) => id === process_id);
                this.state.options.process_id = (usual || processes[0]).id;
            }
            await this.load();
        });
    }

    /** Ask the server; an answer that comes after a newer question is dropped. */
    async load() {
        const question = (this.question = {});
        const { tab } = this.state;
        Object.assign(this.state, { loading: true, error: "" });
        if (tab === "funnel") {
            this.loadShape(question); // below the fold: nobody waits for it
        }
        const { data, error } =
            tab !== "required" || this.state.options.goal
                ? await this.ask(TABS[tab].method)
                : { data: null, error: "" };
        if (question === this.question) {
            Object.assign(this.state, { data, error, loading: false });
        }
    }

    async loadShape(question) {
        const { data, error } = await this.ask("get_required_shape");
        if (question === this.question) {
            this.state.shape = data || { error };
        }
    }

    async ask(method) {
        try {
            return { data: await this.orm.silent.call(MODEL, method, [this.options]), error: "" };
        } catch (e) {
            return { data: null, error: reasonOf(e) };
        }
    }

    get options() {
        const { options, filters, domain } = this.state;
        return { ...options, ...filters, domain: domainToList(domain) };
    }

    async setTab(tab) {
        Object.assign(this.state, { tab, data: null });
        await this.load();
    }

    async setOption(name, value) {
        this.state.options[name] = value;
        await this.load();
    }

    async setFilter(values) {
        Object.assign(this.state, values);
        await this.load();
    }

    setId(name, ev) {
        return this.setOption(name, parseInt(ev.target.value) || false);
    }

    setNumber(name, ev) {
        return this.setOption(name, parseFloat(ev.target.value) || false);
    }

    /** While a date is being typed, browsers hand over years such as 0002. */
    setDay(name, ev) {
        const { value } = ev.target;
        if (!value || /^[1-9]\d{3}-/.test(value)) {
            return this.setOption(name, value || false);
        }
    }

    // --- Opening what a figure counts ---------------------------------------------

    async open(method, ...args) {
        try {
            const action = await this.orm.call(MODEL, method, [this.options, ...args]);
            await this.action.doAction(action);
        } catch (e) {
            this.state.error = e.data?.message || String(e);
        }
    }

    openFigure(figure, stageId = null, group = null) {
        return this.open("action_open", figure, stageId, group);
    }

    // --- Texts --------------------------------------------------------------------

    get currencyId() {
        return this.state.data?.currency_id || this.filters.currency_id;
    }

    int(value) {
        return formatInteger(value);
    }

    money(value) {
        return value === null || value === undefined
            ? "–"
            : formatMonetary(value, { currencyId: this.currencyId, digits: [16, 0] });
    }

    days(value) {
        return value === null || value === undefined
            ? "–"
            : _t("%s d", formatFloat(value, { digits: [16, 1] }));
    }

    /** A percentage, or how few cases there are. */
    percent(value, cases) {
        if (value === null || value === undefined) {
            return cases === undefined ? "–" : _t("n = %s", cases);
        }
        return `${formatFloat(value, { digits: [16, 0] })} %`;
    }

    points(value) {
        const sign = value > 0 ? "+" : "";
        return `${sign}${formatFloat(value, { digits: [16, 0] })}`;
    }

    interval(pair) {
        return pair
            ? _t("95 %% interval: %(low)s to %(high)s", {
                  low: formatFloat(pair[0], { digits: [16, 0] }),
                  high: formatFloat(pair[1], { digits: [16, 0] }),
              })
            : "";
    }

    day(value) {
        return DateTime.fromISO(value).toLocaleString(DateTime.DATE_MED);
    }

    width(value, rows, name) {
        const most = Math.max(...rows.map((row) => row[name]), 1e-9);
        return `width: ${Math.max(0, (100 * value) / most).toFixed(1)}%`;
    }

    get totals() {
        const { totals } = this.state.data;
        return [
            { key: "deals", label: _t("Deals"), text: this.int(totals.deals) },
            { key: "won", label: _t("Won"), text: this.int(totals.won) },
            { key: "lost_deals", label: _t("Lost"), text: this.int(totals.lost) },
            { key: "open", label: _t("Open"), text: this.int(totals.open) },
            {
                label: _t("Win rate"),
                text: this.percent(totals.win_rate, totals.won + totals.lost),
                title: this.interval(totals.win_interval),
            },
            { label: _t("Average won"), text: this.money(totals.average_won) },
            {
                label: _t("Cycle"),
                text: this.days(totals.cycle_days),
                title: _t("Median days from entering the process to the win"),
            },
            {
                label: _t("Velocity per day"),
                text: this.money(totals.velocity_day),
                title: _t("Open deals × average won × win rate ÷ cycle"),
            },
        ];
    }

    /** Whole wins the goal takes; 12.000000001 are 12. */
    get wins() {
        return Math.ceil(this.state.data.wins - 1e-6);
    }

    get verdicts() {
        return {
            thin: { text: _t("Too few cases"), css: "text-bg-light" },
            predicts: { text: _t("Tells won from lost"), css: "text-bg-success" },
            harms: { text: _t("Won less often with it"), css: "text-bg-danger" },
            nothing: { text: _t("Predicts nothing"), css: "text-bg-warning" },
            unclear: { text: _t("Not clear yet"), css: "text-bg-light" },
        };
    }

    get hygiene() {
        return [
            { key: "overdue", label: _t("Past closing date") },
            { key: "no_activity", label: _t("No next activity") },
            { key: "stuck", label: _t("Beyond expected days") },
            { key: "missing", label: _t("… exits missing") },
        ];
    }
}

registry.category("actions").add("sales_process.funnel", FunnelAction);
