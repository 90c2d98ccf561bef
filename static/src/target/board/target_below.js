import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { full, gap, isMissing, percent, short, verdict } from "./board_texts";

/** Teams and people below an owner, side by side. */
export class TargetBelow extends Component {
    static template = "sales_process.TargetBelow";
    static props = { metric: Object, time: String, onOpen: Function };

    setup() {
        Object.assign(this, { full, gap, percent, short });
        this.state = useState({ by: "attainment", isDescending: true });
    }

    /** Only what has a pipeline is projected. */
    get hasProjection() {
        return this.props.metric.below.some(({ projected }) => !isMissing(projected));
    }

    get columns() {
        return [
            { key: "name", label: _t("Owner") },
            { key: "achieved", label: _t("Achieved") },
            { key: "attainment", label: _t("Attainment") },
            { key: "pace", label: _t("Pace") },
            { key: "gap", label: _t("Gap") },
            ...(this.hasProjection ? [{ key: "projected", label: _t("Projected") }] : []),
        ];
    }

    /** What is not known stands last, however the rows are sorted. */
    get rows() {
        const { by, isDescending } = this.state;
        const sign = isDescending ? -1 : 1;
        const known = (row) => !isMissing(row[by]);
        return [...this.props.metric.below].sort((a, b) => {
            if (!known(a) || !known(b)) {
                return known(b) - known(a);
            }
            const order = by === "name" ? a.name.localeCompare(b.name) : a[by] - b[by];
            return sign * order || a.name.localeCompare(b.name);
        });
    }

    sortBy(key) {
        const { by, isDescending } = this.state;
        Object.assign(this.state, {
            by: key,
            isDescending: key === by ? !isDescending : key !== "name",
        });
    }

    ariaSort(key) {
        if (key !== this.state.by) {
            return "none";
        }
        return this.state.isDescending ? "descending" : "ascending";
    }

    verdictOf(row) {
        return verdict(row, this.props.metric, this.props.time);
    }

    width(row) {
        return `width: ${Math.min(100, Math.max(0, row.attainment || 0)).toFixed(1)}%`;
    }
}
