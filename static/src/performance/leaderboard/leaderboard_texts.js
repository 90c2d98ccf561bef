import { deserializeDate, deserializeDateTime, formatDate, formatDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { formatFloat, formatInteger } from "@web/views/fields/formatters";

/** Points: whole where they are, else with one decimal. */
export function points(value) {
    const rounded = Math.round((value || 0) * 10) / 10;
    return Number.isInteger(rounded)
        ? formatInteger(rounded)
        : formatFloat(rounded, { digits: [16, 1] });
}

export function inPoints(value) {
    return Math.round(value * 10) === 10
        ? _t("1 point")
        : _t("%s points", points(Math.max(value, 0.1)));
}

export function nameOf(row) {
    return row.name || _t("Participant");
}

/** How a place changed since yesterday, for eyes and for ears. */
export function moved(change) {
    if (change > 0) {
        const says = change === 1 ? _t("1 place up") : _t("%s places up", change);
        return { icon: "fa-caret-up", tone: "success", text: String(change), says };
    }
    if (change < 0) {
        const says = change === -1 ? _t("1 place down") : _t("%s places down", -change);
        return { icon: "fa-caret-down", tone: "warning", text: String(-change), says };
    }
    return null;
}

export function streakText(days) {
    return days === 1 ? _t("1 working day in a row") : _t("%s working days in a row", days);
}

/** When a contest ends or ended. */
export function timeText({ state, date_from, date_to, days_left }) {
    if (state === "ended") {
        return _t("Ended on %s", lastDay(date_to));
    }
    if (state === "draft") {
        return _t("Begins on %s", day(date_from));
    }
    if (days_left > 1) {
        return _t("%s days left", days_left);
    }
    return days_left === 1 ? _t("Last day") : _t("Ends today");
}

export function day(text) {
    return text ? formatDate(deserializeDate(text)) : "";
}

export function daysBetween(from, to) {
    return Math.round(deserializeDate(to).diff(deserializeDate(from), "days").days);
}

/** Contests end on the day after their last. */
export function lastDay(text) {
    return text ? formatDate(deserializeDate(text).minus({ days: 1 })) : "";
}

export function moment(text) {
    return text ? formatDateTime(deserializeDateTime(text.slice(0, 19).replace("T", " "))) : "";
}

/** The places of a prize: 1, or 1–3. */
export function placesText({ rank_from, rank_to }) {
    return rank_to && rank_to !== rank_from
        ? _t("Places %(first)s–%(last)s", { first: rank_from, last: rank_to })
        : _t("Place %s", rank_from);
}
