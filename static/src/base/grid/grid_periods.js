const { DateTime } = luxon;

/** How a period is called: by its month, its year, or the days it lasts. */
export function nameOf(period, type, withYear) {
    const first = DateTime.fromISO(period.from);
    const last = DateTime.fromISO(period.to).minus({ days: 1 });
    if (type === "month") {
        return first.toFormat(withYear ? "LLL yy" : "LLL");
    }
    if (type === "year" && first.month === 1) {
        return first.toFormat("yyyy");
    }
    const short = { day: "numeric", month: "short" };
    if (type === "week") {
        return first.toLocaleString(withYear ? { ...short, year: "2-digit" } : short);
    }
    const monthly = ["quarter", "year"].includes(type);
    const format = monthly ? { month: "short" } : short;
    const end = withYear || monthly ? { ...format, year: "2-digit" } : format;
    return `${first.toLocaleString(format)} – ${last.toLocaleString(end)}`;
}

/** A period in full, for whoever listens to the screen or points at it. */
export function rangeOf(period) {
    const first = DateTime.fromISO(period.from);
    const last = DateTime.fromISO(period.to).minus({ days: 1 });
    return `${first.toLocaleString(DateTime.DATE_MED)} – ${last.toLocaleString(DateTime.DATE_MED)}`;
}
