import { Component, onWillStart, useState } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { reasonOf } from "@sales_process/base/refusal";
import { CalibrationChart, ErrorChart } from "./accuracy_chart";
import { isMissing, momentText, money, percent, score, signed } from "./accuracy_texts";

const MODEL = "sales.forecast.accuracy";

/** Forecasts against what came in: how far off, which method, and whose. */
export class ForecastAccuracy extends Component {
    static template = "sales_process.ForecastAccuracy";
    static components = { CalibrationChart, ErrorChart, Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.keepLast = new KeepLast();
        Object.assign(this, { isMissing, momentText, percent, score, signed });
        this.state = useState({
            kind: "month",
            weeks: 0,
            owner: null, // {kind, id, name}: whose forecasts; null: all one may see
            by: "team",
            method: null, // of the table of chances; null: the best or used one
            summary: null,
            error: "",
            isLoading: true,
            ...this.props.state?.choice,
        });
        // Coming back from the deals of a figure finds the choice again.
        useSetupAction({ getLocalState: () => ({ choice: this.choice }) });
        this.env.config.setDisplayName(_t("Forecast Accuracy"));
        onWillStart(() => this.load());
    }

    get choice() {
        const { kind, weeks, owner, by, method } = this.state;
        return { kind, weeks, owner: owner && { ...owner }, by, method };
    }

    get options() {
        const { kind, weeks, owner } = this.state;
        const options = { kind, weeks };
        if (owner) {
            options[owner.kind === "category" ? "category" : `${owner.kind}_id`] = owner.id;
        }
        return options;
    }

    /** Ask the server; an answer that comes after a newer question is dropped. */
    async load() {
        this.state.isLoading = true;
        try {
            const summary = await this.keepLast.add(
                this.orm.silent.call(MODEL, "get_summary", [this.options])
            );
            Object.assign(this.state, { summary, error: "", isLoading: false });
        } catch (error) {
            Object.assign(this.state, { error: reasonOf(error), isLoading: false });
        }
    }

    // === CHOICES === //

    get kinds() {
        return [
            ["month", _t("Months")],
            ["quarter", _t("Quarters")],
        ];
    }

    get weekChoices() {
        return [0, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1];
    }

    get groupings() {
        const labels = { team: _t("Teams"), user: _t("People"), category: _t("Categories") };
        return Object.entries(labels).filter(([key]) => this.summary.rows[key].length);
    }

    get by() {
        const known = this.groupings.map(([key]) => key);
        return known.includes(this.state.by) ? this.state.by : known[0];
    }

    set(name, value) {
        this.state[name] = value;
        return this.load();
    }

    onWeeks(ev) {
        return this.set("weeks", Number(ev.target.value));
    }

    // === WHAT IS SHOWN === //

    get summary() {
        return this.state.summary;
    }

    get best() {
        return this.summary.best;
    }

    get isEmpty() {
        return !this.summary.wins;
    }

    get emptyText() {
        const number = this.summary.needed;
        return this.summary.kind === "month"
            ? _t("The accuracy of forecasts needs %s months in which deals were won.", number)
            : _t("The accuracy of forecasts needs %s quarters in which deals were won.", number);
    }

    get notEnough() {
        return _t(
            "Not enough past: %(known)s of %(needed)s closed periods with deals won are known.",
            { known: Math.min(this.summary.wins, this.best.periods), needed: this.summary.needed }
        );
    }

    /** How sure it is that the best method is better, in words. */
    get sureText() {
        const { nearer, farther, sure, periods, used_label } = this.best;
        if (!sure) {
            return _t("over %s closed periods", periods);
        }
        const words = {
            sure: _t("that is hardly chance"),
            likely: _t("that is likely no chance"),
            hint: _t("that may be chance"),
        };
        return _t("nearer than “%(used)s” in %(nearer)s of %(cases)s periods: %(sure)s", {
            used: used_label,
            nearer,
            cases: nearer + farther,
            sure: words[sure],
        });
    }

    get canSwitch() {
        return this.best.can_use && this.best.best && this.best.best !== this.best.used;
    }

    methodLabel(key) {
        return this.summary.methods.find((method) => method.key === key)?.label || key;
    }

    money(value) {
        return money(value, this.summary.currency_id);
    }

    /** The methods that gave chances of which some are known to have come true or not. */
    get chanceMethods() {
        return this.summary.methods.filter(({ key }) => this.summary.chances.methods[key]);
    }

    get chanceMethod() {
        const wanted = this.state.method || this.best.best || this.best.used;
        const methods = this.chanceMethods;
        return methods.find(({ key }) => key === wanted) || methods[0];
    }

    get chances() {
        return this.summary.chances.methods[this.chanceMethod.key];
    }

    groupLabel({ number }) {
        return `${number * 10}–${number * 10 + 10} %`;
    }

    get rows() {
        return this.summary.rows[this.by];
    }

    get hasCalls() {
        return this.rows.some((row) => !isMissing(row.called_now));
    }

    correctedTitle(row) {
        return isMissing(row.corrected)
            ? _t("Not enough past: %(known)s of %(needed)s periods were called.", {
                  known: row.called_periods,
                  needed: this.summary.needed,
              })
            : _t("Called, less what calls were off over %s periods.", row.called_periods);
    }

    // === ACTIONS === //

    useBest() {
        const { best, label, used_label } = this.best;
        this.dialog.add(ConfirmationDialog, {
            title: _t("Forecast by another method"),
            body: _t(
                "From now on, all open deals of %(company)s count by “%(after)s” instead of “%(before)s”. It is noted on the company that you decided it.",
                { company: this.summary.company, after: label, before: used_label }
            ),
            confirmLabel: _t("Use It"),
            confirm: async () => {
                await this.orm.call(MODEL, "use_method", [best, this.options]);
                this.notification.add(_t("Deals count by “%s” now.", label), {
                    type: "success",
                });
                await this.load();
            },
            cancel: () => {},
        });
    }

    narrow(row) {
        const owner = row && { kind: this.by, id: row.id, name: row.name };
        return this.set("owner", owner);
    }

    async open(owner = null, period = null) {
        try {
            const action = await this.orm.call(MODEL, "get_deals_action", [
                this.options,
                owner,
                period,
            ]);
            await this.action.doAction(action);
        } catch (error) {
            this.notification.add(error.data?.message || String(error), { type: "warning" });
        }
    }
}

registry.category("actions").add("sales_process.forecast_accuracy", ForecastAccuracy);
