import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { reasonOf } from "@sales_process/base/refusal";
import { isMissing, percent } from "../../target/board/board_texts";
import { course, say, sayFully } from "./scorecard_texts";
import { Sparkline } from "./sparkline";

const MODEL = "sales.scorecard";

/** How a person is doing in a period: results, and what leads to them. */
export class Scorecard extends Component {
    static template = "sales_process.Scorecard";
    static components = { Layout, Sparkline };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.keepLast = new KeepLast();
        Object.assign(this, { course, isMissing, percent, say, sayFully });
        this.state = useState({
            userId: this.props.action.params?.user_id || null, // null: one's own
            kind: "month",
            first: null, // a day of the period; null: now
            card: null,
            error: "",
            isLoading: true,
            ...this.props.state?.choice,
        });
        // Coming back from the records of a figure finds the choice again.
        useSetupAction({ getLocalState: () => ({ choice: this.choice }) });
        this.env.config.setDisplayName(_t("Scorecard"));
        onWillStart(() => this.load());
    }

    get choice() {
        const { userId, kind, first } = this.state;
        return { userId, kind, first };
    }

    /** Ask the server; an answer that comes after a newer question is dropped. */
    async load() {
        const { userId, kind, first } = this.state;
        this.state.isLoading = true;
        try {
            const card = await this.keepLast.add(
                this.orm.silent.call(MODEL, "get_scorecard", [], {
                    user_id: userId,
                    kind,
                    first,
                })
            );
            Object.assign(this.state, { card, error: "", isLoading: false });
        } catch (error) {
            Object.assign(this.state, { error: reasonOf(error), isLoading: false });
        }
    }

    // === CHOICES === //

    get kinds() {
        return [
            ["month", _t("Month")],
            ["quarter", _t("Quarter")],
            ["year", _t("Year")],
        ];
    }

    setPerson(userId) {
        this.state.userId = userId;
        return this.load();
    }

    onPerson(ev) {
        return this.setPerson(Number(ev.target.value));
    }

    /** Another kind of period: the present one, or the one that was looked at. */
    setKind(kind) {
        const { period } = this.state.card;
        Object.assign(this.state, { kind, first: period.is_running ? null : period.from });
        return this.load();
    }

    setFirst(first) {
        this.state.first = first;
        return this.load();
    }

    // === WHAT IS SHOWN === //

    get groups() {
        const { rows } = this.state.card;
        return [
            { key: "results", name: _t("Results"), rows: rows.filter((row) => row.is_result) },
            {
                key: "process",
                name: _t("What leads to them"),
                rows: rows.filter((row) => !row.is_result),
            },
        ];
    }

    /** A row as texts take it. */
    asMetric(row) {
        return { ...row, currency_id: this.state.card.currency_id };
    }

    personName(person) {
        const { is_own, id } = this.state.card.user;
        return is_own && person.id === id ? _t("%s (me)", person.name) : person.name;
    }

    mark(row) {
        return {
            good: { icon: "fa-arrow-up text-success", text: _t("Good") },
            weak: { icon: "fa-arrow-down text-danger", text: _t("Falls short") },
        }[row.tone];
    }

    /** What stands behind a share or median: of how many. */
    cases(row) {
        const known = !isMissing(row.value) && !isMissing(row.cases);
        return known ? _t("of %s", row.cases) : "";
    }

    pace(row) {
        const { is_running } = this.state.card.period;
        const differs = is_running && !isMissing(row.pace) && row.unit !== "times";
        return differs ? _t("%s of what is expected by now", percent(row.pace)) : "";
    }

    get peersText() {
        const { peers } = this.state.card;
        return peers >= 3
            ? _t("Compared with %s people of the same level under the same top team", peers)
            : _t("Fewer than three comparable people: no median is shown");
    }

    // === WHAT IT OPENS === //

    async run(method, args) {
        try {
            const action = await this.orm.call(MODEL, method, args);
            await this.action.doAction(action);
        } catch (error) {
            this.notification.add(error.data?.message || String(error), { type: "warning" });
        }
    }

    open(row) {
        const { user, period } = this.state.card;
        return this.run("open_figure", [row.key, user.id, period.kind, period.from]);
    }

    startReview() {
        const { user, period } = this.state.card;
        return this.run("start_review", [user.id, period.kind, period.from]);
    }

    openReview() {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "sales.review",
            res_id: this.state.card.review.id,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("sales_process.scorecard", Scorecard);
