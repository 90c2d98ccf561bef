import { _t } from "@web/core/l10n/translation";
import { formatFloat, formatMonetary } from "@web/views/fields/formatters";

const { DateTime } = luxon;

export function money(amount, currencyId) {
    return formatMonetary(amount, { currencyId });
}

export function percent(number) {
    const digits = [0, 1, 2].find((count) => Math.abs(number - number.toFixed(count)) < 1e-6);
    return `${formatFloat(number, { digits: [16, digits ?? 2] })} %`;
}

/** The period of a plan, as it stands in a sentence. */
function periodText({ from, to, period }) {
    const today = DateTime.now().toISODate();
    if (from <= today && today < to) {
        return {
            month: _t("this month"),
            quarter: _t("this quarter"),
            year: _t("this year"),
        }[period];
    }
    const [first, last] = [DateTime.fromISO(from), DateTime.fromISO(to).minus({ days: 1 })];
    const text = (day) => day.toFormat("LLL yyyy");
    return first.hasSame(last, "month")
        ? _t("in %s", text(first))
        : _t("in %(first)s – %(last)s", { first: text(first), last: text(last) });
}

function countedText(metric) {
    return {
        booked: _t("booked"),
        invoiced: _t("invoiced"),
        collected: _t("collected"),
        margin: _t("of margin"),
    }[metric];
}

/** What the next bracket pays, as the end of a sentence. */
function rateText(plan, currencyId) {
    const rate = percent(plan.next.rate);
    const text =
        plan.mode === "retroactive"
            ? _t("everything of the period counts %s", rate)
            : _t("everything above counts %s", rate);
    return plan.next.amount
        ? _t("%(text)s, and %(amount)s on top", { text, amount: money(plan.next.amount, currencyId) })
        : text;
}

/** How far the next bracket is, and whether this gets there. */
function aheadText(plan, currencyId) {
    if (!plan.next) {
        return plan.rate ? _t("You are in the highest bracket: %s.", percent(plan.rate)) : "";
    }
    const values = {
        gap: money(plan.next.gap, currencyId),
        counted: countedText(plan.metric),
        period: periodText(plan),
        rate: rateText(plan, currencyId),
    };
    if (plan.next.is_reached) {
        values.after = percent(plan.rate_after);
        return _t("%(gap)s more %(counted)s %(period)s and %(rate)s: this gets to %(after)s.", values);
    }
    values.rest = money(plan.next.gap_after, currencyId);
    return _t("%(gap)s more %(counted)s %(period)s and %(rate)s; with this, %(rest)s more.", values);
}

/** Why it is less than the rate says. */
function limitText(plan, currencyId) {
    const texts = [];
    if (plan.no_target) {
        texts.push(_t("There is no target %s yet, so it cannot be worked out.", periodText(plan)));
    } else if (plan.missing) {
        texts.push(
            _t("Below %(threshold)s of the target nothing is earned: with this, %(missing)s are still missing.", {
                threshold: percent(plan.threshold),
                missing: money(plan.missing, currencyId),
            })
        );
    }
    if (plan.is_capped) {
        texts.push(_t("The cap of the period takes the rest."));
    }
    if (plan.is_guaranteed) {
        texts.push(_t("The guaranteed draw pays part of it anyway."));
    }
    return texts;
}

function paidText(plan, currencyId) {
    if (!plan.payments.length) {
        return "";
    }
    const months = plan.payments.map(({ month, amount }) =>
        _t("%(amount)s in %(month)s", {
            amount: money(amount, currencyId),
            month: DateTime.fromISO(month).toFormat("LLL yyyy"),
        })
    );
    const shown = months.slice(0, 4).join(" · ") + (months.length > 4 ? " …" : "");
    return plan.payable === "collected"
        ? _t("Payable as the customer pays: %s", shown)
        : _t("Payable: %s", shown);
}

/**
 * Everything said about what a deal or quotation is worth.
 *
 * @param {Object} worth as the server tells it
 * @returns {{ title: string, weighted: string, lines: string[], discount: string }}
 */
export function worthTexts(worth) {
    const { currency_id: currencyId } = worth;
    const amount = money(worth.earned, currencyId);
    const lines = [];
    for (const plan of worth.plans) {
        lines.push(...limitText(plan, currencyId));
        // What is ahead says nothing where nothing can be earned yet
        lines.push(plan.no_target ? "" : aheadText(plan, currencyId), paidText(plan, currencyId));
    }
    if (worth.reason === "no_margin") {
        lines.push(_t("Commission is paid on the margin: add a quotation to see it."));
    }
    let discount = "";
    if (worth.discount) {
        const values = {
            given: money(worth.discount.given, currencyId),
            cost: money(worth.discount.cost, currencyId),
            name: worth.name,
        };
        discount = worth.name
            ? _t("The discount of %(given)s costs %(name)s %(cost)s", values)
            : _t("The discount of %(given)s costs you %(cost)s", values);
    }
    return {
        label: worth.name ? _t("%s earns, if won", worth.name) : _t("You earn, if won"),
        amount: worth.plans.length ? amount : "",
        weighted:
            worth.plans.length && worth.weighted !== false
                ? _t("weighted %s", money(worth.weighted, currencyId))
                : "",
        chance: worth.chance === false ? "" : _t("by a chance of %s", percent(worth.chance)),
        lines: lines.filter(Boolean),
        discount,
    };
}
