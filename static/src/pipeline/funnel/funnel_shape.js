import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { formatInteger } from "@web/views/fields/formatters";

const { DateTime } = luxon;

/** Open deals in each stage against what a steady number of wins takes. */
export class FunnelShape extends Component {
    static template = "sales_process.FunnelShape";
    static props = { shape: Object, open: Function };

    get verdicts() {
        return {
            thin: { text: _t("Too thin"), css: "text-bg-danger" },
            enough: { text: _t("Enough"), css: "text-bg-success" },
            full: { text: _t("More than it takes"), css: "text-bg-warning" },
            unknown: { text: _t("Too little known"), css: "text-bg-light" },
        };
    }

    /** What the stages are measured against. */
    get pace() {
        const { goal, goal_date, wins, days, cases } = this.props.shape;
        if (goal) {
            return _t("Measured against the goal on the tab Required: %(wins)s wins until %(day)s.", {
                wins: formatInteger(Math.ceil(wins - 1e-6)), // 12.000000001 are 12
                day: DateTime.fromISO(goal_date).toLocaleString(DateTime.DATE_MED),
            });
        }
        return _t(
            "Measured at the pace of this range: %(wins)s wins in %(days)s days. A goal on the tab Required sets another one.",
            { wins: formatInteger(cases), days: formatInteger(Math.round(days)) }
        );
    }

    int(value) {
        return formatInteger(value);
    }

    /** Where a number of deals lies on the bars of all stages, in percent. */
    place(value) {
        const { stages } = this.props.shape;
        const most = Math.max(1, ...stages.map((stage) => Math.max(stage.open, stage.need || 0)));
        return ((100 * value) / most).toFixed(1);
    }
}
