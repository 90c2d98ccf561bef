from dataclasses import dataclass, field
from datetime import date, timedelta
from math import isfinite

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.outcome_range import NO_REST, Outcome, Rest
from . import range_sql

DAY = timedelta(days=1)
# For tables: a tenth of the time, and no difference to be seen.
COARSE = 1024


@dataclass
class Bundle:
    """What a selection holds, in one currency.

    :ivar list deals: ``[(amount, chance 0–1)]`` of open deals
    :ivar list ids: of these deals
    :ivar Rest rest: many small open deals, added up
    :ivar dict counts: ``{state: deals}`` of open, won, lost and omitted ones
    :ivar dict values: ``{state: sum of amounts}``
    :ivar dict missing: ``{"amount" | "date": (deals, ids of the first)}`` of open ones
    :ivar dict without_rate: ``{currency id: (deals, ids of the first)}``: not counted
    """

    deals: list = field(default_factory=list)
    ids: list = field(default_factory=list)
    rest: Rest = NO_REST
    counts: dict = field(default_factory=dict)
    values: dict = field(default_factory=dict)
    missing: dict = field(default_factory=dict)
    without_rate: dict = field(default_factory=dict)

    def outcome(self, base=0.0, cells=None, digits=2):
        """The distribution of what it brings on top of a base; what is won is won."""
        more = {"cells": cells} if cells else {}
        won = self.values.get("won", 0.0)
        return Outcome(self.deals, base + won, digits=digits, rest=self.rest, **more)

    def add(self, rate, row):
        """A row of :func:`range_sql.bundles`; rate None: its currency has none."""
        currency_id, state, count, value, ids, values, chances, *more = row
        *sums, bare, bare_ids, undated, undated_ids, first = more
        if rate is None:
            if state in ("open", "won"):
                known, some = self.without_rate.get(currency_id, (0, []))
                some = [*some, *first][: range_sql.TOLD]
                self.without_rate[currency_id] = known + count, some
            return
        self.counts[state] = self.counts.get(state, 0) + count
        self.values[state] = self.values.get(state, 0.0) + value * rate
        if state != "open":
            return
        self.ids += ids or ()
        pairs = zip(values or (), chances or (), strict=True)
        self.deals += [(amount * rate, min(chance, 1.0)) for amount, chance in pairs]
        self.rest += Rest(*sums) * rate
        for name, number, some in (
            ("amount", bare, bare_ids),
            ("date", undated, undated_ids),
        ):
            known, told = self.missing.get(name, (0, []))
            told = [*told, *(some or ())][: range_sql.TOLD]
            self.missing[name] = known + number, told


class CrmLead(models.Model):
    """What a selection of deals may bring, as a range; see ``engine.outcome_range``."""

    _inherit = "crm.lead"

    @api.readonly
    @api.model
    def get_forecast_range(self, domain, quota=None, base=0.0, currency_id=None):
        """What deals may bring, with reasons; of what the user may see.

        What is won counts as certain, what is lost or omitted not at all. Deals are
        taken as independent.

        :param list domain: of deals
        :param quota: to be reached; None: no chance is worked out
        :param base: what is certain on top of the deals
        :param currency_id: of all amounts, the quota's and the base's included; that of
            the company if there is none
        :return: ``p10``, ``p50``, ``p90``, ``mean``, ``chance`` (0–1 or None), ``n``
            (open deals), ``pipeline`` (what they are worth), ``won``, ``omitted``,
            ``lost`` (``count``, ``amount``), ``whales``, ``no_amount``, ``no_date``,
            ``no_rate``, ``bars`` (``[from, to, probability]``), ``reasons``,
            ``suggested_quota``, ``currency_id``, ``quota``, ``base``, ``method``
        """
        quota = None if quota in (None, False, "") else self._range_number(quota)
        base = self._range_number(base or 0.0)
        currency = self._range_currency(currency_id)
        domain = Domain(domain or Domain.TRUE)
        bundle = self._forecast_bundles({0: domain}, currency)[0]
        outcome = bundle.outcome(base, digits=currency.decimal_places)
        result = {
            "currency_id": currency.id,
            "quota": quota,
            "base": base,
            "chance": None if quota is None else outcome.chance(quota),
            "method": outcome.method,
            "n": bundle.counts.get("open", 0),
            "pipeline": currency.round(bundle.values.get("open", 0.0)),
            "bars": [list(bar) for bar in outcome.histogram()],
            "suggested_quota": self._range_quota(domain, currency),
            **self._range_marks(outcome, currency),
        }
        for state in ("won", "omitted", "lost"):
            result[state] = {
                "count": bundle.counts.get(state, 0),
                "amount": currency.round(bundle.values.get(state, 0.0)),
            }
        result["whales"] = self._range_whales(bundle, base, currency)
        result.update(self._range_missing(bundle))
        result["reasons"] = self._range_reasons(result, currency)
        return result

    @api.model
    def _forecast_ranges(self, groups, quotas=None, bases=None, currency=None):
        """Ranges of many selections, read with one query.

        :param dict groups: ``{key: domain}``
        :param dict quotas: ``{key: amount}`` of those that have one
        :param dict bases: ``{key: what is certain on top of the deals}``
        :return: ``{key: dict}`` with p10, p50, p90, mean and chance (0–1 or None)
        """
        currency = currency or self.env.company.currency_id
        quotas, bases = quotas or {}, bases or {}
        result = {}
        for key, bundle in self._forecast_bundles(groups, currency).items():
            outcome = bundle.outcome(
                bases.get(key, 0.0), COARSE, currency.decimal_places
            )
            quota = quotas.get(key)
            result[key] = {
                **self._range_marks(outcome, currency),
                "chance": None if quota is None else outcome.chance(quota),
            }
        return result

    @api.model
    def _range_marks(self, outcome, currency):
        return {
            "p10": currency.round(outcome.quantile(0.1)),
            "p50": currency.round(outcome.quantile(0.5)),
            "p90": currency.round(outcome.quantile(0.9)),
            "mean": currency.round(outcome.mean),
        }

    # === READING === #

    @api.model
    def _forecast_bundles(self, groups, currency):
        """What selections hold of what the user may see, with one query.

        :param dict groups: ``{key: domain}``
        :return: ``{key: Bundle}`` in the currency
        """
        self.env["crm.lead"].check_access("read")
        keys = list(groups)
        if not keys:
            return {}
        self.flush_model()
        own = self.env.company.currency_id.id
        parts = []
        for number, key in enumerate(keys):
            query = self._search(Domain(groups[key]), order="id")
            where = SQL("l.id IN %s", query.subselect())
            parts.append(range_sql.deals_of(number, where, own))
        found = self._bundles_of(SQL(" UNION ALL ").join(parts), currency)
        return {key: found.get(n) or Bundle() for n, key in enumerate(keys)}

    @api.model
    def _bundles_of(self, deals, currency):
        """What selections hold that were put together by hand.

        :param SQL deals: with the columns of :func:`range_sql.deals_of`; whoever asks
            has flushed what it reads and minded the rights
        :return: ``{key: Bundle}`` in the currency
        """
        rows = self.env.execute_query(range_sql.bundles(deals))
        rates = self._range_rates({row[1] for row in rows}, currency)
        result = {}
        for key, *row in rows:
            result.setdefault(key, Bundle()).add(rates[row[0]], row)
        return result

    @api.model
    def _range_rates(self, currency_ids, currency):
        """``{currency id: rate into the currency}`` of today; None where none is known.

        Odoo takes 1 where there is no rate.
        """
        company = self.env.company
        others = self.env["res.currency"].browse(currency_ids - {currency.id})
        rates = {currency.id: 1.0}
        if not others:
            return rates
        groups = (
            self.env["res.currency.rate"]
            .sudo()  # which currencies have one is no secret
            ._read_group(
                [
                    ("currency_id", "in", (others | currency).ids),
                    ("company_id", "in", (False, company.root_id.id)),
                ],
                ["currency_id"],
            )
        )
        known = {found.id for (found,) in groups} | {company.root_id.currency_id.id}
        day = company._sales_today()
        for other in others:
            rates[other.id] = (
                self.env["res.currency"]._get_conversion_rate(
                    other, currency, company, day
                )
                if {other.id, currency.id} <= known
                else None
            )
        return rates

    # === ARGUMENTS === #

    @api.model
    def _range_number(self, value):
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = float("nan")
        if not isfinite(number):
            raise UserError(
                self.env._("“%s” is no amount. Enter a number, such as 120000.", value)
            )
        return number

    @api.model
    def _range_currency(self, currency_id):
        if not currency_id:
            return self.env.company.currency_id
        currency = self.env["res.currency"].browse(currency_id).exists()
        if not currency:
            raise UserError(self.env._("This currency does not exist. Choose another."))
        return currency

    @api.model
    def _range_quota(self, domain, currency):
        """Own target of what a domain selects: own deals that close in a period.

        :return: amount; None if the domain is another, or there is no such target
        """
        period = self._range_own_period(domain)
        if not period:
            return None
        first, after = period
        targets = self.env["sales.target"].search(
            [
                ("user_id", "=", self.env.uid),
                ("plan_state", "=", "published"),
                ("metric_id.code", "=", "booked"),
                ("company_id", "=", self.env.company.id),
                ("date_from", ">=", first),
                ("date_to", "<=", after),
            ]
        )
        days = sum((target.date_to - target.date_from).days for target in targets)
        places = len(set(targets.mapped("node")))
        plan = targets.plan_id
        if not targets or len(plan) > 1 or days != (after - first).days * places:
            return None
        rate = self._range_rates(set(plan.currency_id.ids), currency)
        rate = rate.get(plan.currency_id.id)
        return rate and currency.round(sum(targets.mapped("amount")) * rate)

    @api.model
    def _range_own_period(self, domain):
        """``(first day, day after the last)`` of own deals; None of other domains."""
        first = after = None
        is_own = False
        if {"|", "!"} & {part for part in domain if isinstance(part, str)}:
            return None
        for part in domain.optimize(self).iter_conditions():
            name, operator, value = part.field_expr, part.operator, part.value
            if name == "user_id" and operator in ("=", "in"):
                values = value if operator == "in" else [value]
                is_own = set(values) == {self.env.uid}
            elif name == "date_deadline" and isinstance(value, date):
                if operator in (">=", ">"):
                    first = value + DAY * (operator == ">")
                elif operator in ("<=", "<"):
                    after = value + DAY * (operator == "<=")
        return (first, after) if is_own and first and after and first < after else None
