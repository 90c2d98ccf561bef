import { nameOf, rangeOf } from "@sales_process/base/grid/grid_periods";
import { _t } from "@web/core/l10n/translation";

export const CATEGORIES = ["commit", "best_case", "pipeline"];
/** What is shown for each period, in this order; `call_…` is what people call. */
export const MEASURES = {
    quota: _t("Quota"),
    closed: _t("Closed"),
    commit: _t("Commit"),
    call_commit: _t("Call: Commit"),
    best_case: _t("Best Case"),
    call_best_case: _t("Call: Best Case"),
    pipeline: _t("Pipeline"),
    call_pipeline: _t("Call: Pipeline"),
    weighted: _t("Weighted"),
    gap: _t("Gap"),
    coverage: _t("Coverage"),
    chance: _t("Chance"),
};
export const TITLES = {
    quota: _t("Target of bookings, from published target plans"),
    closed: _t("Booked in the period"),
    commit: _t("Open deals of the category that close in the period"),
    best_case: _t("Open deals of the category that close in the period"),
    pipeline: _t("Open deals of the category that close in the period"),
    call_commit: _t("What was called; open to type"),
    call_best_case: _t("What was called; open to type"),
    call_pipeline: _t("What was called; open to type"),
    weighted: _t("Open deals of the period by their chances"),
    gap: _t("Quota − closed − commit; where commit was called the call counts"),
    coverage: _t("(Best case + pipeline) ÷ gap"),
    chance: _t("Chance to reach the quota with the deals there are"),
};
/** Deals that stand in no period, or have no amount. */
export const LINES = {
    overdue: _t("Overdue"),
    undated: _t("No Date"),
    later: _t("Later"),
    no_amount: _t("No Amount"),
    omitted: _t("Omitted"),
};
export const LINE_TITLES = {
    overdue: _t("Open deals whose closing date has passed"),
    undated: _t("Open deals without a closing date"),
    later: _t("Open deals that close after the last period"),
    no_amount: _t("Number of open deals without an amount, whenever they close"),
    omitted: _t("Open deals that are not forecast"),
};

/**
 * The columns of the grid: for each period the measures that are shown, their sums where
 * there are several periods, and what stands outside the periods.
 *
 * @param {Object[]} periods with `from` and `to` (the day after the last)
 * @param {string} kind of the periods
 * @param {Object} shown {measure: whether it is shown}
 * @returns {{ groups: Object[], columns: Object[] }}
 */
export function columnsOf(periods, kind, shown) {
    const measures = Object.keys(MEASURES).filter((name) => shown[name]);
    const withYear = new Set(periods.map(({ from }) => from.slice(0, 4))).size > 1;
    const groups = [];
    const columns = [];
    const add = (group, names, values) => {
        groups.push({ ...group, index: groups.length, span: names.length });
        names.forEach((name, place) =>
            columns.push({
                name,
                index: columns.length,
                isFirst: !place,
                isSum: false,
                category: name.startsWith("call_") ? name.slice("call_".length) : false,
                label: MEASURES[name] || LINES[name],
                help: TITLES[name] || LINE_TITLES[name],
                title: `${group.title}, ${MEASURES[name] || LINES[name]}`,
                ...values,
            })
        );
    };
    periods.forEach((period, place) => {
        const title = rangeOf(period);
        const group = { label: nameOf(period, kind, withYear), title, isCurrent: !place };
        add(group, measures, { place });
    });
    if (periods.length > 1) {
        const title = rangeOf({ from: periods[0].from, to: periods.at(-1).to });
        const names = measures.filter((name) => name !== "chance");
        add({ label: _t("Total"), title }, names, { place: null, isTotal: true });
    }
    const outside = _t("Outside the Periods");
    add({ label: outside, title: outside }, Object.keys(LINES), { place: null, isLine: true });
    return { groups, columns };
}
