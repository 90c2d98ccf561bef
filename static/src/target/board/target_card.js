import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { day, full, gap, isMissing, percent, short, times, verdict } from "./board_texts";

/** One metric of an owner in a period: where it stands and what it takes. */
export class TargetCard extends Component {
    static template = "sales_process.TargetCard";
    static props = {
        metric: Object,
        time: String,
        isChosen: Boolean,
        onChoose: Function,
        onOpenCredits: Function,
        onOpenPipeline: Function,
    };

    setup() {
        Object.assign(this, { day, full, gap, percent, short, times });
    }

    isKnown(value) {
        return !isMissing(value);
    }

    get verdict() {
        return verdict(this.props.metric, this.props.metric, this.props.time);
    }

    get isLimit() {
        return this.props.metric.better === "lower";
    }

    /** What the whole bar stands for: the largest of what it shows. */
    get scale() {
        const { target, achieved, stretch } = this.props.metric;
        return Math.max(target, achieved, stretch || 0) || 1;
    }

    place(value) {
        return Math.min(100, Math.max(0, (100 * (value || 0)) / this.scale)).toFixed(1);
    }

    /** What the pipeline adds beyond what is achieved, as part of the bar. */
    get hoped() {
        const { achieved, projected } = this.props.metric;
        return this.place(Math.max(0, Math.min(projected || 0, this.scale) - Math.max(achieved, 0)));
    }

    get projectedTitle() {
        const { metric } = this.props;
        return _t("Projected at the end: %s", full(metric.projected, metric));
    }

    get projectedHelp() {
        return this.isKnown(this.props.metric.pipeline)
            ? _t("Achieved and the pipeline by its chances")
            : _t("If it goes on like this");
    }

    get marks() {
        const { metric, time } = this.props;
        const marks = [];
        if (time === "present" && metric.target) {
            const title = _t("Expected by now: %s", full(metric.expected, metric));
            marks.push({ key: "expected", value: metric.expected, title });
        }
        if (this.scale > metric.target && metric.target) {
            const title = _t("Target: %s", full(metric.target, metric));
            marks.push({ key: "target", value: metric.target, title });
        }
        if (metric.stretch > metric.target) {
            const title = _t("Stretch: %s", full(metric.stretch, metric));
            marks.push({ key: "stretch", value: metric.stretch, title });
        }
        return marks;
    }

    /** The bar in words, for who does not see it. */
    get barText() {
        const { metric } = this.props;
        return _t("%(achieved)s of %(target)s, %(share)s", {
            achieved: full(metric.achieved, metric),
            target: full(metric.target, metric),
            share: percent(metric.attainment),
        });
    }

    get isReached() {
        const { achieved, target } = this.props.metric;
        return !this.isLimit && target > 0 && achieved >= target;
    }

    get rateText() {
        const { metric } = this.props;
        const own = short(metric.rate_own, metric);
        return isMissing(metric.rate_needed)
            ? _t("No day is left; so far %s", own)
            : _t("%(needed)s, so far %(own)s", { needed: short(metric.rate_needed, metric), own });
    }

    /** The day it was reached or will be, or that it will not. */
    get reachedText() {
        const { metric, time } = this.props;
        if (metric.day_reached) {
            return _t("On %s", day(metric.day_reached));
        }
        if (time === "past") {
            return _t("Not reached");
        }
        const { date_reached, to } = metric;
        return date_reached && date_reached < to
            ? _t("Around %s", day(date_reached))
            : _t("Not at this pace");
    }

    /** When it would be, also after the end. */
    get reachedTitle() {
        const { date_reached } = this.props.metric;
        return date_reached ? _t("At this pace around %s", day(date_reached)) : "";
    }

    get isCovered() {
        const { coverage, coverage_needed } = this.props.metric;
        return !coverage_needed || coverage >= coverage_needed;
    }

    get coverageTitle() {
        return this.isCovered ? _t("Enough") : _t("Too thin");
    }

    get coverageText() {
        const { coverage, coverage_needed } = this.props.metric;
        return coverage_needed
            ? _t("%(coverage)s of %(needed)s needed", {
                  coverage: times(coverage),
                  needed: times(coverage_needed),
              })
            : times(coverage);
    }
}
