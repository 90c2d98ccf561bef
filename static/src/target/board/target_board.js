import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { day, full, lastDay } from "./board_texts";
import { TargetBelow } from "./target_below";
import { TargetCard } from "./target_card";
import { TargetChart } from "./target_chart";

const MODEL = "sales.target";
// Steps of the chart that say something, the usual one first, by the kind of period.
const STEPS = {
    week: ["day"],
    month: ["day", "week"],
    quarter: ["week", "day", "month"],
    year: ["month", "week"],
};

/** Where one stands with the targets, what it takes, and who below stands where. */
export class TargetBoard extends Component {
    static template = "sales_process.TargetBoard";
    static components = { Layout, TargetBelow, TargetCard, TargetChart };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        Object.assign(this, { day, full, lastDay });
        this.state = useState({
            owner: null, // key; null: what the user sees first
            kind: "month",
            first: null, // day on which the period begins; null: the present one
            step: "day",
            metric: null, // plan of the chart
            board: null,
            error: "",
            isLoading: true,
            ...this.props.state?.choice,
        });
        // Coming back from the records of a figure finds the choice again.
        useSetupAction({ getLocalState: () => ({ choice: this.choice }) });
        this.env.config.setDisplayName(_t("My Targets"));
        onWillStart(async () => {
            this.isLeader = await user.hasGroup("sales_process.group_leader");
            await this.load();
        });
    }

    get choice() {
        const { owner, kind, first, step, metric } = this.state;
        return { owner, kind, first, step, metric };
    }

    /** Ask the server; an answer that comes after a newer question is dropped. */
    async load() {
        const { owner, kind, first, step } = this.state;
        this.state.isLoading = true;
        try {
            const board = await this.keepLast.add(
                this.orm.silent.call(MODEL, "get_board", [], { owner, kind, first, step })
            );
            Object.assign(this.state, { board, error: "", isLoading: false });
        } catch (error) {
            if (!error.data) {
                throw error;
            }
            Object.assign(this.state, { error: error.data.message, isLoading: false });
        }
    }

    // === CHOICES === //

    get kinds() {
        return [
            ["week", _t("Week")],
            ["month", _t("Month")],
            ["quarter", _t("Quarter")],
            ["year", _t("Year")],
        ];
    }

    get steps() {
        const labels = { day: _t("Day"), week: _t("Week"), month: _t("Month") };
        return Object.keys(labels)
            .filter((step) => STEPS[this.state.kind].includes(step))
            .map((step) => [step, labels[step]]);
    }

    setOwner(owner) {
        this.state.owner = owner;
        return this.load();
    }

    setKind(kind) {
        Object.assign(this.state, { kind, first: null, step: STEPS[kind][0] });
        return this.load();
    }

    setFirst(first) {
        this.state.first = first;
        return this.load();
    }

    setStep(step) {
        this.state.step = step;
        return this.load();
    }

    // === WHAT IS SHOWN === //

    /** Whether the period is over, under way or still to come. */
    get time() {
        const { first, after, today } = this.state.board;
        if (today < first) {
            return "future";
        }
        return today < after ? "present" : "past";
    }

    /** The metric of the chart and of the table below. */
    get chosen() {
        const { metrics } = this.state.board;
        return metrics.find((metric) => metric.metric_id === this.state.metric) || metrics[0];
    }

    get range() {
        const { first, after } = this.state.board;
        return _t("%(first)s to %(last)s", { first: day(first), last: day(lastDay(after)) });
    }

    get acknowledgeText() {
        const { plans } = this.state.board.acknowledge;
        return _t("Published and not yet acknowledged by you: %s", plans.join(", "));
    }

    async acknowledge() {
        await this.orm.call(MODEL, "action_acknowledge", [this.state.board.acknowledge.ids]);
        await this.load();
    }

    // === RECORDS BEHIND A FIGURE === //

    async open(method, metric, first, after) {
        const action = await this.orm.call(MODEL, method, [
            metric.plan_id,
            metric.node,
            first,
            after,
        ]);
        await this.action.doAction(action);
    }

    openCredits(metric, step = null) {
        const { first, after } = this.state.board;
        return this.open("open_credits", metric, step?.from || first, step?.to || after);
    }

    openPipeline(metric) {
        const { first, after } = this.state.board;
        return this.open("open_pipeline", metric, first, after);
    }

    openPlans() {
        return this.action.doAction("sales_process.sales_target_plan_action");
    }
}

registry.category("actions").add("sales_process.target_board", TargetBoard);
