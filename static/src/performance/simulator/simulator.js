import { Component, onWillStart, useState } from "@odoo/owl";
import { CheckboxItem } from "@web/core/dropdown/checkbox_item";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { formatFloat, formatMonetary } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { reasonOf } from "@sales_process/base/refusal";

const MODEL = "sales.commission.simulator";
const MOST = 4;
// People that are shown before somebody asks for all.
const FEW = 20;

/** Plans against the ledger of a time that is over: cost, winners, losers. */
export class CommissionSimulator extends Component {
    static template = "sales_process.CommissionSimulator";
    static components = { CheckboxItem, Dropdown, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.keepLast = new KeepLast();
        this.state = useState({
            choices: null,
            plans: this.props.action.params?.plans || [],
            time: 0, // which of the times to choose from
            assumes: false,
            growth: 5,
            result: null,
            asked: null, // what the result is of
            error: "",
            isLoading: false,
            isWhole: false, // all people are shown
            sort: null, // {plan, key}: null is by name
            ...this.props.state?.choice,
        });
        useSetupAction({ getLocalState: () => ({ choice: this.choice }) });
        this.env.config.setDisplayName(_t("Commission Simulator"));
        onWillStart(async () => {
            await this.try(async () => {
                this.state.choices = await this.orm.call(MODEL, "get_choices");
            });
            if (this.state.choices && this.state.plans.length) {
                this.simulate();
            }
        });
    }

    get choice() {
        const { plans, time, assumes, growth } = this.state;
        return { plans: [...plans], time, assumes, growth };
    }

    get options() {
        const { plans, time, assumes, growth, choices } = this.state;
        const { from, to } = choices.times[time];
        return { plans: [...plans], from, to, growth: assumes ? Number(growth) || 0 : false };
    }

    async try(step) {
        this.state.error = "";
        this.state.isLoading = true;
        try {
            await step();
        } catch (error) {
            this.state.error = reasonOf(error);
        }
        this.state.isLoading = false;
    }

    // --- What is chosen ------------------------------------------------------

    get planLabel() {
        const names = this.state.choices.plans
            .filter(({ id }) => this.state.plans.includes(id))
            .map(({ name }) => name);
        if (names.length > 2) {
            return _t("%s plans", names.length);
        }
        return names.join(", ") || _t("Choose plans");
    }

    isChosen(plan) {
        return this.state.plans.includes(plan.id);
    }

    isFull(plan) {
        return this.state.plans.length >= MOST && !this.isChosen(plan);
    }

    toggle(plan) {
        const { plans } = this.state;
        if (this.isFull(plan)) {
            return;
        }
        this.state.plans = this.isChosen(plan)
            ? plans.filter((id) => id !== plan.id)
            : [...plans, plan.id];
    }

    onTime(ev) {
        this.state.time = Number(ev.target.value);
    }

    /** Whether the result is of something else than what is chosen now. */
    get isOld() {
        return this.state.asked !== JSON.stringify(this.options);
    }

    // --- Asking --------------------------------------------------------------

    async simulate() {
        const { options } = this;
        await this.try(async () => {
            const result = await this.keepLast.add(
                this.orm.silent.call(MODEL, "simulate", [options])
            );
            const asked = JSON.stringify(options);
            Object.assign(this.state, { result, asked, isWhole: false, sort: null });
        });
    }

    async download() {
        await this.try(async () => {
            const action = await this.orm.call(MODEL, "export_excel", [
                JSON.parse(this.state.asked),
            ]);
            await this.action.doAction(action);
        });
    }

    open(plan) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "sales.commission.plan",
            res_id: plan.id,
            views: [[false, "form"]],
        });
    }

    async copy(plan) {
        await this.try(async () => {
            const action = await this.orm.call("sales.commission.plan", "action_copy_draft", [
                [plan.id],
            ]);
            await this.action.doAction(action);
        });
    }

    // --- What is shown -------------------------------------------------------

    get result() {
        return this.state.result;
    }

    money(value, withSign = false) {
        const text = formatMonetary(value, {
            currencyId: this.result.currency_id,
            digits: [16, 0],
        });
        return withSign && value > 0 ? `+${text}` : text;
    }

    percent(value) {
        return value === false ? "–" : `${formatFloat(value, { digits: [16, 1] })} %`;
    }

    changeClass(value) {
        return { "text-danger": value < -0.005, "text-success": value > 0.005 };
    }

    changePercent(plan) {
        if (!plan.before) {
            return "";
        }
        const change = (100 * plan.difference) / plan.before;
        return `${change > 0 ? "+" : ""}${this.percent(change)}`;
    }

    share(of, before) {
        return before === false ? this.percent(of) : _t("%(now)s, was %(before)s", {
            now: this.percent(of),
            before: this.percent(before),
        });
    }

    /** What was assumed, in words; it stands above the figures. */
    notes(plan) {
        const notes = [];
        if (!plan.own_people) {
            notes.push(_t("Nobody is in it: with the people who were paid then."));
        }
        if (plan.assumed) {
            notes.push(
                _t("%(count)s without a target got the result of the year before and %(growth)s.", {
                    count: plan.assumed,
                    growth: this.percent(this.result.growth),
                })
            );
        }
        if (plan.is_whole) {
            notes.push(_t("Revenue and margin are those of the company."));
        }
        if (plan.no_target) {
            notes.push(
                _t("Without a published target in some period, earning nothing there: %s.", plan.no_target)
            );
        }
        return notes;
    }

    barTexts() {
        const { bars } = this.result;
        return bars.slice(0, -1).map((low, place) =>
            _t("%(low)s – %(high)s", { low: this.money(low), high: this.money(bars[place + 1]) })
        );
    }

    isZero(value) {
        return Math.abs(value) < 0.5;
    }

    /** Width of a bar, in percent of the longest one. */
    barWidth(count) {
        const all = [this.result.before_bars, ...this.result.plans.map(({ bars }) => bars)];
        return (100 * count) / Math.max(1, ...all.flat());
    }

    quartileText(plan) {
        const [low, , middle, , high] = plan.quartiles;
        return _t("%(low)s to %(high)s, half below %(middle)s", {
            low: this.money(low),
            high: this.money(high),
            middle: this.money(middle),
        });
    }

    get people() {
        const { sort, isWhole } = this.state;
        const people = [...this.result.people];
        if (sort) {
            const value = (person) => person.plans[sort.plan]?.[sort.key] ?? -Infinity;
            people.sort((a, b) => value(b) - value(a));
            if (sort.up) {
                people.reverse();
            }
        } else {
            people.sort((a, b) => a.name.localeCompare(b.name));
        }
        return isWhole ? people : people.slice(0, FEW);
    }

    get more() {
        return this.state.isWhole ? 0 : Math.max(0, this.result.people.length - FEW);
    }

    sortBy(plan, key) {
        const { sort } = this.state;
        const isSame = sort?.plan === plan.id && sort?.key === key;
        this.state.sort = { plan: plan.id, key, up: isSame && !sort.up };
    }

    sortOf(plan, key) {
        const { sort } = this.state;
        if (sort?.plan !== plan.id || sort?.key !== key) {
            return "none";
        }
        return sort.up ? "ascending" : "descending";
    }

    rateText(told) {
        if (told.rate === false) {
            return "–";
        }
        return _t("%(rate)s (%(times)s of %(of)s)", {
            rate: this.percent(told.rate),
            times: told.times,
            of: told.of,
        });
    }
}

registry.category("actions").add("sales_process.commission_simulator", CommissionSimulator);
