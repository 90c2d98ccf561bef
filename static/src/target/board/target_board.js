import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { reasonOf } from "@sales_process/base/refusal";
import { day, full, lastDay, short } from "./board_texts";
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
        this.notification = useService("notification");
        this.keepLast = new KeepLast();
        Object.assign(this, { day, full, short });
        this.state = useState({
            owner: {}, // whose board, see get_board; nobody: one's own
            kind: "month",
            period: null, // {from, to}; null: the present one
            step: "day",
            code: null, // metric of the chart and of the table
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
        const { owner, kind, period, step, code } = this.state;
        return { owner: { ...owner }, kind, period: period && { ...period }, step, code };
    }

    /** Ask the server; an answer that comes after a newer question is dropped. */
    async load() {
        const { owner, period, step } = this.state;
        this.state.isLoading = true;
        try {
            const board = await this.keepLast.add(
                this.orm.silent.call(MODEL, "get_board", [], {
                    ...owner,
                    step,
                    first: period?.from || null,
                    after: period?.to || null,
                })
            );
            Object.assign(this.state, { board, error: "", isLoading: false });
        } catch (error) {
            Object.assign(this.state, { error: reasonOf(error), isLoading: false });
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

    /** Periods of the chosen kind, in order. */
    get periods() {
        return this.state.board.periods.filter(({ kind }) => kind === this.state.kind);
    }

    get period() {
        const { from } = this.state.board;
        return this.periods.find((period) => period.from === from) || this.state.board;
    }

    get earlier() {
        const { from } = this.state.board;
        return this.periods.findLast((period) => period.from < from);
    }

    get later() {
        const { from } = this.state.board;
        return this.periods.find((period) => period.from > from);
    }

    setOwner({ user_id, plan_id, node }) {
        this.state.owner = user_id ? { user_id } : { plan_id, node };
        return this.load();
    }

    /** Who stands below whom, in a list. */
    indented({ level, name, is_own }) {
        const top = Math.min(...this.state.board.owners.map((owner) => owner.level));
        const text = is_own ? _t("%s (me)", name) : name;
        return "\u2003".repeat(level - top) + text;
    }

    onOwner(ev) {
        return this.setOwner(
            this.state.board.owners.find(({ key }) => key === ev.target.value)
        );
    }

    /** Another kind of period: the present one, or the one that was looked at. */
    setKind(kind) {
        const { from, to, today } = this.state.board;
        const moment = from <= today && today < to ? today : from;
        Object.assign(this.state, { kind, step: STEPS[kind][0] });
        const period =
            this.periods.find((item) => item.from <= moment && moment < item.to) ||
            this.periods.find((item) => item.is_current);
        return this.setPeriod(period);
    }

    setPeriod({ from, to }) {
        this.state.period = { from, to };
        return this.load();
    }

    setStep(step) {
        this.state.step = step;
        return this.load();
    }

    // === WHAT IS SHOWN === //

    /** Whether the period is over, under way or still to come. */
    get time() {
        const { from, to, today } = this.state.board;
        if (today < from) {
            return "future";
        }
        return today < to ? "present" : "past";
    }

    /** The metric of the chart and of the table below. */
    get chosen() {
        const { metrics } = this.state.board;
        return metrics.find(({ code }) => code === this.state.code) || metrics[0];
    }

    get range() {
        const { from, to } = this.state.board;
        return _t("%(first)s to %(last)s", { first: day(from), last: day(lastDay(to)) });
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

    async open(method, { plan_id, node, from, to }) {
        try {
            const action = await this.orm.call(MODEL, method, [plan_id, node, from, to]);
            await this.action.doAction(action);
        } catch (error) {
            this.notification.add(error.data?.message || String(error), { type: "warning" });
        }
    }

    openCredits(metric, step = metric) {
        const { plan_id, node } = metric;
        return this.open("open_credits", { plan_id, node, from: step.from, to: step.to });
    }

    openPipeline(metric) {
        return this.open("open_pipeline", metric);
    }

    openPlans() {
        return this.action.doAction("sales_process.sales_target_plan_action");
    }
}

registry.category("actions").add("sales_process.target_board", TargetBoard);
