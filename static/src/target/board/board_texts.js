import { _t } from "@web/core/l10n/translation";
import { humanNumber } from "@web/core/utils/numbers";
import { formatFloat, formatInteger, formatMonetary } from "@web/views/fields/formatters";

const { DateTime } = luxon;

const NOTHING = "–";
// Nobody is ahead or behind by less than this, in percent of what is expected.
const ON_PACE = 0.5;
// Who is behind by more than this hardly gets there by working a little faster.
const FAR_BEHIND = 15;

export const isMissing = (value) => value === null || value === undefined || value === false;

/** As many decimals as a number of three digits needs: 12.4k, 120k, 3.5. */
function decimalsOf(value) {
    let size = Math.abs(value);
    while (size >= 1000) {
        size /= 1000;
    }
    return size < 100 && Math.round(size * 10) % 10 ? 1 : 0;
}

/** An amount in a few characters; the title beside it says it in full. */
export function short(value, { unit, currency_id }) {
    if (isMissing(value)) {
        return NOTHING;
    }
    const decimals = decimalsOf(value);
    if (unit === "money") {
        return formatMonetary(value, {
            currencyId: currency_id,
            humanReadable: true,
            digits: [16, decimals],
        });
    }
    const text = humanNumber(value, { decimals });
    return unit === "hours" ? _t("%s h", text) : text;
}

/** An amount to the cent. */
export function full(value, { unit, currency_id }) {
    if (isMissing(value)) {
        return "";
    }
    if (unit === "money") {
        return formatMonetary(value, { currencyId: currency_id });
    }
    const text = Number.isInteger(value)
        ? formatInteger(value)
        : formatFloat(value, { digits: [16, 2] });
    return unit === "hours" ? _t("%s h", text) : text;
}

/** What is missing; with a plus what is more than the target. */
export function gap({ gap }, metric) {
    return gap < 0 && metric.better !== "lower" ? `+${short(-gap, metric)}` : short(gap, metric);
}

export function percent(value) {
    return isMissing(value) ? NOTHING : `${formatFloat(value, { digits: [16, 0] })} %`;
}

export function times(value) {
    const decimals = value < 10 && Math.round(value * 10) % 10 ? 1 : 0;
    return isMissing(value) ? NOTHING : `${formatFloat(value, { digits: [16, decimals] })} ×`;
}

export function day(value) {
    const date = DateTime.fromISO(value);
    const isThisYear = date.year === DateTime.now().year;
    const format = isThisYear ? { month: "long", day: "numeric" } : DateTime.DATE_FULL;
    return date.toLocaleString(format);
}

/** The last day of a range whose end is the day after. */
export function lastDay(after) {
    return DateTime.fromISO(after).minus({ days: 1 }).toISODate();
}

/**
 * How it stands, in words, with a mark and a tone that say the same.
 *
 * @param {Object} figures of an owner: achieved, target, expected, pace, attainment
 * @param {Object} metric its unit and whether higher or lower is better
 * @param {"past" | "present" | "future"} time when the period is
 */
export function verdict(figures, metric, time = "present") {
    if (!figures.target) {
        return { tone: "secondary", icon: "fa-minus", text: _t("No target") };
    }
    if (time === "future") {
        return { tone: "secondary", icon: "fa-clock-o", text: _t("Not begun") };
    }
    return metric.better === "lower"
        ? verdictOfLimit(figures, metric, time)
        : verdictOfGoal(figures, metric, time);
}

function verdictOfGoal({ achieved, target, expected, pace }, metric, time) {
    if (achieved >= target) {
        return { tone: "success", icon: "fa-check", text: _t("Reached") };
    }
    if (time === "past") {
        const text = _t("Missed by %s", short(target - achieved, metric));
        return { tone: "danger", icon: "fa-times", text };
    }
    if (isMissing(pace) || Math.abs(pace - 100) < ON_PACE) {
        return { tone: "success", icon: "fa-arrow-right", text: _t("On pace") };
    }
    if (pace > 100) {
        return { tone: "success", icon: "fa-arrow-up", text: _t("%s ahead", percent(pace - 100)) };
    }
    return {
        tone: pace < 100 - FAR_BEHIND ? "danger" : "warning",
        icon: "fa-arrow-down",
        text: _t("Behind by %s", short(expected - achieved, metric)),
    };
}

/** Of something there should be little of, the target is a limit. */
function verdictOfLimit({ achieved, target, expected }, metric, time) {
    if (achieved > target) {
        const text = _t("Over the limit by %s", short(achieved - target, metric));
        return { tone: "danger", icon: "fa-times", text };
    }
    if (time === "past") {
        return { tone: "success", icon: "fa-check", text: _t("Within the limit") };
    }
    if (achieved <= expected) {
        const text = _t("%s below the expected", short(expected - achieved, metric));
        return { tone: "success", icon: "fa-arrow-down", text };
    }
    const text = _t("%s above the expected", short(achieved - expected, metric));
    return { tone: "warning", icon: "fa-arrow-up", text };
}
