import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/views/fields/formatters";
import { full, isMissing, short, times } from "../../target/board/board_texts";

const { DateTime } = luxon;

function rounded(value) {
    const decimals = Math.abs(value) < 100 && Math.round(value * 10) % 10 ? 1 : 0;
    return formatFloat(value, { digits: [16, decimals] });
}

/** A figure in a few characters, with its unit. */
export function say(value, { unit, currency_id }) {
    if (isMissing(value)) {
        return "–";
    }
    if (unit === "percent") {
        return `${rounded(value)} %`;
    }
    if (unit === "days") {
        return _t("%s days", rounded(value));
    }
    return unit === "times" ? times(value) : short(value, { unit, currency_id });
}

/** The same to the cent, for titles. */
export function sayFully(value, row) {
    return ["percent", "days", "times"].includes(row.unit) ? say(value, row) : full(value, row);
}

function month(day) {
    return DateTime.fromISO(day).toLocaleString({ month: "short", year: "numeric" });
}

/** The course of a figure in words. */
export function course(row) {
    return row.trend
        .map(({ from, value }) => {
            const text = isMissing(value) ? _t("not known") : say(value, row);
            return `${month(from)}: ${text}`;
        })
        .join(" · ");
}
