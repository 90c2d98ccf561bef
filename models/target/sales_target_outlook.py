from operator import attrgetter
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.pace import coverage, needed_coverage
from ..credit.sales_credit_scope import Scope
from . import outlook_sql
from .outlook_sql import COLUMNS, LONG_AGO, Ask
from .sales_target_figures import DAY

# Closed deals it takes to know one's own win rate.
ENOUGH_DEALS = 5
NOTHING = SQL("TRUE")
# An order that is confirmed is booked: its deal brings nothing on top.
NOT_ORDERED = SQL(
    """NOT EXISTS (SELECT 1 FROM sale_order ordered
                    WHERE ordered.opportunity_id = l.id AND ordered.state = 'sale')"""
)


class Outlook(NamedTuple):
    """What may still come in the days of a target that are left.

    :ivar float pipeline: all of it
    :ivar float weighted: by its chance
    :ivar needed: how many times the pipeline should cover what is missing; None where
        that is not known, or depends on how many deals are won
    """

    pipeline: float
    weighted: float
    needed: float | None = None


class SalesTarget(models.Model):
    """What targets will come to: achieved, and what may still come."""

    _inherit = "sales.target"

    pipeline = fields.Float(
        compute="_compute_outlook",
        digits=0,
        help="What may still come in the days that are left: open deals that are "
        "expected to close, instalments to invoice, or money to come in.",
    )
    weighted_pipeline = fields.Float(
        compute="_compute_outlook", digits=0, help="The pipeline by its chances."
    )
    projected = fields.Float(
        compute="_compute_outlook",
        digits=0,
        help="Achieved and the weighted pipeline; of what has no pipeline: as it goes "
        "so far.",
    )
    coverage = fields.Float(
        compute="_compute_outlook",
        aggregator=None,
        help="How many times the pipeline is what is missing.",
    )
    coverage_needed = fields.Float(
        compute="_compute_outlook",
        aggregator=None,
        help="How many times it should be: 1 ÷ own win rate of the last 12 months; of "
        "fewer than five closed deals that of the company.",
    )

    @api.depends("achieved", "expected_to_date")
    def _compute_outlook(self):
        lines = self._lines_achieved()
        for target, line in zip(self, lines, strict=True):
            line.figures["expected"] = target.expected_to_date
        self._fill_scopes(lines)
        self._fill_outlook(lines)
        for target, line in zip(self, lines, strict=True):
            figures = line.figures
            target.pipeline = figures["pipeline"]
            target.weighted_pipeline = figures["weighted"]
            target.projected = figures["projected"]
            target.coverage = figures["coverage"]
            target.coverage_needed = figures["coverage_needed"]

    # === WHAT IT COMES TO === #

    @api.model
    def _fill_outlook(self, lines, day=None):
        """``pipeline``, ``weighted``, ``projected``, ``coverage`` and
        ``coverage_needed`` of lines that know what was achieved and expected.

        Where nothing is known of what may come the first two are None.
        """
        if not lines:
            return
        self.env.flush_all()  # read by SQL
        today = self._days_of(lines, day)
        found = {}
        by_code = {}
        for line in lines:
            metric = line.target.metric_id
            if _is_past(line, today[line.target.company_id]):
                continue
            if metric.is_system and line.scope.kind in COLUMNS:
                by_code.setdefault(metric.code, []).append(line)
        for code, some in by_code.items():
            outlook = getattr(self, f"_outlook_{code}", None)
            if outlook:
                found.update(outlook(some, today))
        self._add_needed(found, today)
        for line in lines:
            day = today[line.target.company_id]
            line.figures.update(self._judge_outlook(line, found.get(line), day))

    @api.model
    def _judge_outlook(self, line, outlook, day):
        figures, rounded = line.figures, line.rounded
        achieved, gap = figures["achieved"], figures["gap"]
        if _is_past(line, day):
            return {
                "pipeline": 0.0,
                "weighted": 0.0,
                "projected": achieved,
                "coverage": None,
                "coverage_needed": None,
            }
        if outlook is None:
            expected = figures["expected"]
            projected = achieved * figures["target"] / expected if expected else None
            return {
                "pipeline": None,
                "weighted": None,
                "projected": projected and rounded(projected),
                "coverage": None,
                "coverage_needed": None,
            }
        weighted = rounded(outlook.weighted)
        return {
            "pipeline": rounded(outlook.pipeline),
            "weighted": weighted,
            "projected": rounded(achieved + weighted),
            "coverage": coverage(outlook.pipeline, gap),
            "coverage_needed": outlook.needed,
        }

    # === BY METRIC === #
    # ``_outlook_<code>`` gives ``{line: Outlook}`` of lines of that metric; what it
    # leaves out is projected by what was achieved so far. Where it does not say what is
    # needed, the win rate does.

    @api.model
    def _outlook_booked(self, lines, today):
        """Open deals that have no confirmed order yet."""
        return self._read_outlook(self._outlook_source("booked"), lines, today)

    @api.model
    def _outlook_margin(self, lines, today):
        """The same, as far as margin was left of what was booked in a year."""
        rates = self._read_margin_rates(lines, today)
        found = self._read_outlook(self._outlook_source("margin"), lines, today)
        return {
            line: Outlook(outlook.pipeline * rate, outlook.weighted * rate)
            for line, outlook in found.items()
            if (rate := rates[line]) is not None
        }

    @api.model
    def _outlook_won_deal(self, lines, today):
        return self._read_outlook(self._outlook_source("won_deal"), lines, today)

    @api.model
    def _outlook_new_customer(self, lines, today):
        """Open deals of customers who have not been credited as new ones."""
        return self._read_outlook(self._outlook_source("new_customer"), lines, today)

    @api.model
    def _outlook_invoiced(self, lines, today):
        """Instalments of confirmed orders: what is signed comes."""
        found = self._read_outlook(self._outlook_source("invoiced"), lines, today)
        return {line: sums._replace(needed=1.0) for line, sums in found.items()}

    @api.model
    def _outlook_collected(self, lines, today):
        """Money that is expected of confirmed orders."""
        found = self._read_outlook(self._outlook_source("collected"), lines, today)
        return {line: sums._replace(needed=1.0) for line, sums in found.items()}

    @api.model
    def _outlook_source(self, code):
        """Where the pipeline of a metric is read, see ``outlook_sql``.

        :return: SQL; None of metrics nobody knows the future of
        """
        chance = self._deal_chance_sql()
        revenue = SQL("COALESCE(l.expected_revenue, 0)")
        one = SQL("1")
        if code in ("booked", "margin"):
            return outlook_sql.open_deals(chance, revenue, NOT_ORDERED)
        if code == "won_deal":
            return outlook_sql.open_deals(chance, one, NOTHING)
        if code == "new_customer":
            return outlook_sql.open_deals(chance, one, self._is_new_sql())
        if code == "invoiced":
            return outlook_sql.instalments()
        if code == "collected":
            return outlook_sql.cash(self.env)
        return None

    @api.model
    def _deal_chance_sql(self):
        """Hook: the chance that a deal ``l`` of ``crm_lead`` is won, SQL, 0 to 1."""
        return SQL("COALESCE(l.probability, 0) / 100")

    @api.model
    def _is_new_sql(self):
        """Whether a deal ``l`` of a customer ``p`` would bring a new one."""
        metrics = self.env["sales.metric"].sudo()  # which one it is
        return SQL(
            """COALESCE((
                SELECT SUM(c.amount) FROM sales_credit c
                 WHERE c.metric_id = %s AND c.source_id = p.commercial_partner_id
                   AND c.company_id = COALESCE(l.company_id, u.company_id)), 0) <= 0
               AND %s""",
            metrics._by_code("new_customer").id,
            NOT_ORDERED,
        )

    # === READING === #

    @api.model
    def _read_outlook(self, source, lines, today):
        """``{line: Outlook}`` without what is needed, in one query."""
        result = dict.fromkeys(lines, Outlook(0.0, 0.0))
        asks, whose = [], []
        for line in lines:
            for ask in self._asks_of(line, today[line.target.company_id]):
                asks.append(ask)
                whose.append(line)
        if asks:
            for number, *more in self.env.execute_query(outlook_sql.sums(source, asks)):
                pipeline, weighted, _needed = result[whose[number]]
                result[whose[number]] = Outlook(pipeline + more[0], weighted + more[1])
        return result

    @api.model
    def _outlook_ids(self, line, today):
        """Ids of the records behind the pipeline of a line."""
        source = self._outlook_source(line.target.metric_id.code)
        asks = self._asks_of(line, today[line.target.company_id])
        if not asks:
            return []
        rows = self.env.execute_query(outlook_sql.ids(source, asks))
        return sorted({id_ for (id_,) in rows})

    @api.model
    def _asks_of(self, line, day):
        """The days of a line that are left; what is overdue counts in the present."""
        return [
            Ask(
                line.scope,
                line.target.company_id.id,
                LONG_AGO if first <= day else first,
                after,
            )
            for first, after in line.ranges
            if after > day
        ]

    @api.model
    def _add_needed(self, found, today):
        """Say of pipelines how large they should be, by the win rate of their owner.

        :param dict found: ``{line: Outlook}``; those that say it already stay
        """
        lines = [line for line, outlook in found.items() if outlook.needed is None]
        if not lines:
            return
        years = {company: self._year_until(day) for company, day in today.items()}
        asks, companies = {}, {}
        for line in lines:
            company = line.place[0]
            asks[line] = Ask(line.scope, company.id, *years[company])
            companies[line] = Ask(_company_scope(line), company.id, *years[company])
        unique = list(dict.fromkeys([*asks.values(), *companies.values()]))
        since = min(ask.low for ask in unique) - DAY  # days begin earlier elsewhere
        source = outlook_sql.closed_deals(self.env, since)
        closed = {
            unique[number]: (count, won)
            for number, count, won in self.env.execute_query(
                outlook_sql.sums(source, unique)
            )
        }
        for line in lines:
            count, won = closed.get(asks[line], (0, 0))
            if count < ENOUGH_DEALS:
                count, won = closed.get(companies[line], (0, 0))
            rate = won / count if count else None
            found[line] = found[line]._replace(needed=needed_coverage(rate))

    @api.model
    def _year_until(self, day):
        """The twelve months up to a day: first day, day after the last."""
        return fields.Date.subtract(day, years=1) + DAY, day + DAY

    @api.model
    def _read_margin_rates(self, lines, today):
        """Margin ÷ booked of the last twelve months: own, else the company's.

        :return: ``{line: rate or None}``
        """
        metrics = self.env["sales.metric"].sudo()  # which ones they are
        booked, margin = metrics._by_code("booked"), metrics._by_code("margin")
        credits = self.env["sales.credit"].sudo()  # a rate of the target's own
        result = dict.fromkeys(lines)
        for company, day in today.items():
            rest = [line for line in lines if line.target.company_id == company]
            period = self._year_until(day)
            # Everything of a company is much to add up, and is seldom needed.
            for scope_of in (attrgetter("scope"), _company_scope):
                if not rest:
                    break
                sums = credits._sum_by_scope(
                    list(map(scope_of, rest)), [period], booked | margin, company
                )
                for line in rest:
                    scope = scope_of(line)
                    whole = sums.get((scope, booked.id, *period), 0.0)
                    if whole > 0:
                        part = sums.get((scope, margin.id, *period), 0.0)
                        result[line] = part / whole
                rest = [line for line in rest if result[line] is None]
        return result


def _is_past(line, day):
    """Whether nothing may come any more; today is still open."""
    return not line.spans or line.spans[-1][1] <= day


def _company_scope(line):
    return Scope("company", frozenset(line.target.company_id.ids))
