import { nameOf, rangeOf } from "@sales_process/base/grid/grid_periods";
import { _t } from "@web/core/l10n/translation";

/**
 * The columns of a grid: a period each, after the months of a quarter their sum, and the
 * sum of all at the end.
 *
 * @param {Object[]} periods with `from`, `to` (the day after the last), `year`, `quarter`
 * @param {string} type of the periods
 * @param {string} today
 * @returns {Object[]} with `label`, `title`, `isSum`, `first` and `after`: which periods
 *  it is about, and `when`: past, current or future
 */
export function columnsOf(periods, type, today) {
    const years = new Set(periods.map((period) => period.from.slice(0, 4)));
    const withYear = years.size > 1;
    const columns = [];
    const add = (values) => {
        const from = periods[values.first].from;
        const { to } = periods[values.after - 1];
        const when = to <= today ? "past" : from > today ? "future" : "current";
        columns.push({
            isSum: true,
            isTotal: false,
            when,
            title: rangeOf({ from, to }),
            index: columns.length,
            ...values,
        });
    };
    const key = ({ year, quarter }) => (quarter ? `${year}/${quarter}` : false);
    const quarters = new Set(periods.map(key));
    let start = 0;
    periods.forEach((period, place) => {
        add({
            label: nameOf(period, type, withYear),
            first: place,
            after: place + 1,
            isSum: false,
        });
        const own = key(period);
        if (own && (!periods[place + 1] || key(periods[place + 1]) !== own)) {
            if (quarters.size > 1 && place > start) {
                const label = _t("Q%s", period.quarter);
                const short = `’${String(period.year).slice(2)}`;
                add({
                    label: withYear ? `${label} ${short}` : label,
                    first: start,
                    after: place + 1,
                });
            }
            start = place + 1;
        }
    });
    if (periods.length > 1) {
        add({ label: _t("Total"), first: 0, after: periods.length, isTotal: true });
    }
    return columns;
}
