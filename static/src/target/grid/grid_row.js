import { GridOwnerRow } from "@sales_process/base/grid/grid_owner_row";
import { _t } from "@web/core/l10n/translation";
import { formatFloat } from "@web/views/fields/formatters";

const ROUND = { digits: [16, 0] };
// As many percent short of the pace is not good, and not bad yet.
const FAIR = 20;

export const KIND_ICONS = {
    company_id: "fa-building-o",
    team_id: "fa-users",
    user_id: "fa-user-o",
    partner_id: "fa-handshake-o",
    territory_id: "fa-map-o",
    product_category_id: "fa-tag",
};

/** What a cell of the grid shows. Rows of the table and cards of a phone both ask it. */
export function cellView(model, row, column) {
    const text = (units) => model.units.text(units, model.withDecimals);
    const value = model.value(row, column);
    const view = {
        text: value === null ? "–" : text(value),
        isEditable: model.isEditable(row, column),
        isChanged: model.isChanged(row, column),
        isConflict: model.placesOf(column).some((place) => place in row.conflicts),
        title: "",
        hint: "",
        hintKind: "",
        judged: "",
        opens: false,
    };
    if (view.isConflict && !column.isSum) {
        view.title = _t("Somebody changed it to %(now)s meanwhile; it was %(old)s.", {
            now: text(row.base[column.first]),
            old: text(row.conflicts[column.first]) || _t("nothing"),
        });
    } else if (view.isChanged) {
        view.title = _t("Not saved yet; it was %s.", text(model.sum(row.base, column)) || "–");
    }
    let more;
    if (model.isAchieved) {
        more = achievedView(model, row, column, value, text);
    } else if (model.isProposal) {
        more = differenceView(model, row, column, value, text);
    } else {
        more = mismatchView(model, row, column, text);
    }
    return Object.assign(view, more);
}

/** Under a sum: what is not given to those below, or what was given too much. */
function mismatchView(model, row, column, text) {
    const mismatch = model.mismatch(row, column);
    if (!mismatch) {
        return {};
    }
    return {
        hint: mismatch > 0 ? _t("%s left", text(mismatch)) : _t("%s over", text(-mismatch)),
        hintKind: mismatch > 0 ? "left" : "over",
        hintTitle: _t("Given below: %s. Click to divide.", text(model.given(row, column))),
    };
}

/** Under a proposal: how far it is from the target. */
function differenceView(model, row, column, value, text) {
    const target = model.sum(row.targets, column);
    if (value === null || target === null) {
        return target === null ? {} : { hint: text(target), hintKind: "target" };
    }
    const difference = value - target;
    const sign = difference > 0 ? "+" : difference < 0 ? "−" : "±";
    return {
        hint: sign + text(Math.abs(difference)),
        hintKind: difference > 0 ? "more" : difference < 0 ? "less" : "same",
        hintTitle: _t("Target: %s", text(target)),
    };
}

/** How much of the target was achieved, judged by what should be by today. */
function achievedView(model, row, column, value, text) {
    const target = model.sum(row.targets, column);
    if (value === null || target === null) {
        return {};
    }
    const percent = target ? _t("%s %%", formatFloat((100 * value) / target, ROUND)) : "–";
    const expected = model.expected(row, column);
    const isMain = model.measure === "attainment";
    return {
        text: isMain ? percent : text(value),
        hint: isMain ? model.units.text(value, false) : percent,
        hintKind: "target",
        judged: judge(value, expected, model.plan.better === "lower"),
        title: _t("Target: %(target)s. Expected by today: %(expected)s. Click for the records.", {
            target: text(target),
            expected: text(expected),
        }),
        opens: true,
    };
}

/** @returns {string} good, fair or bad; empty where nothing was expected yet */
function judge(value, expected, isLowerBetter) {
    if (!expected) {
        return "";
    }
    const pace = (100 * value) / expected;
    const short = isLowerBetter ? pace - 100 : 100 - pace;
    return short <= 0 ? "good" : short <= FAIR ? "fair" : "bad";
}

/** A row of the grid: an owner, a cell for each period, their sums. */
export class GridRow extends GridOwnerRow {
    static template = "sales_process.GridRow";
    static props = { ...GridOwnerRow.props, withDecimals: Boolean };
    static icons = KIND_ICONS;
    static cellView = cellView;

    cssOf(cell) {
        const { column } = cell;
        return {
            o_sum: column.isSum,
            o_total: column.isTotal,
            o_current: column.when === "current" && !column.isSum,
            o_readonly: !cell.isEditable,
            o_changed: cell.isChanged,
            o_conflict: cell.isConflict,
            o_good: cell.judged === "good",
            o_fair: cell.judged === "fair",
            o_bad: cell.judged === "bad",
            o_opens: cell.opens,
            o_active: column.index === this.props.activeCol,
        };
    }
}
