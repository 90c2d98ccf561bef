from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, float_round

from ...engine.pace import Period, daily_rate, days_to_reach, expected_to_date, percent
from ...engine.plan_split import decimal
from ...engine.working_days import WorkingDays
from ..credit.sales_credit_scope import KINDS, Scope
from .sales_target import TREES

# The kind of scope of the ledger, by the field that says whose target it is.
SCOPE_KINDS = {
    "team_id": "team",
    "user_id": "user",
    "partner_id": "dealer",
    "territory_id": "territory",
    "product_category_id": "category",
}
# How far ahead the day is looked for at which a target is reached.
HORIZON_YEARS = 3
DAY = timedelta(days=1)


def rounder(step):
    """What rounds to multiples of a step as ``float_round`` does, and several times
    faster what is as good as round already: a grid has thousands of amounts.

    :param float step: such as 0.01
    """
    digits = max(0, -decimal(step).normalize().as_tuple().exponent)

    def exactly(amount):
        return float_round(amount, precision_rounding=step)

    def rounded(amount):
        near = round(amount, digits)
        return near if abs(amount - near) < step / 1000 else exactly(amount)

    return rounded if step == float(f"1e-{digits}") else exactly


@dataclass(eq=False)
class Line:
    """What is told about one owner: by a target, or by all of a place in the tree.

    :ivar target: one of them, in sudo
    :ivar list spans: ``(first day, day after, amount, stretch)``, in order: the parts
        of periods that count, with what is to be reached in them
    :ivar dict figures: what is known by now, see ``sales.target.plan._figures``
    :ivar scope: whose credit counts
    :ivar working: its working days, once its pace is known
    """

    target: object
    spans: list
    figures: dict = field(default_factory=dict)
    scope: Scope | None = None
    working: WorkingDays | None = None

    @cached_property
    def place(self):
        """Whose working days count."""
        return self.target.company_id, self.target.user_id

    @cached_property
    def unit(self):
        """The smallest amount of credit: two may have won one deal together."""
        plan = self.target.plan_id
        return plan.currency_id.rounding if plan.unit == "money" else 0.01

    def rounded(self, amount):
        """As exact as credit is."""
        return float_round(amount, precision_rounding=self.unit)

    @cached_property
    def owner_field(self):
        """The field that says whose target it is; None for the company's."""
        return self.target._owner_field()

    @property
    def ranges(self):
        """The days that count, as few ranges as possible."""
        result = []
        for first, after, *_amounts in self.spans:
            if result and result[-1][1] == first:
                result[-1] = (result[-1][0], after)
            else:
                result.append((first, after))
        return result

    def is_over(self, day):
        """Whether no day comes after that one."""
        return not self.spans or self.spans[-1][1] <= day + DAY

    def credit_domain(self):
        """The rows of the ledger that count; only of a line that knows its scope.

        :rtype: Domain
        """
        column, with_overlay = KINDS[self.scope.kind]
        domain = (
            Domain("metric_id", "=", self.target.metric_id.id)
            & Domain("company_id", "=", self.target.company_id.id)
            & Domain(column, "in", list(self.scope.ids))
            & Domain.OR(
                Domain("date", ">=", str(first)) & Domain("date", "<", str(after))
                for first, after in self.ranges
            )
        )
        if self.scope.team_ids is not None:
            domain &= Domain("team_id", "in", list(self.scope.team_ids))
        if not with_overlay:
            domain &= Domain("is_overlay", "!=", True)
        return domain

    def amount_between(self, working, first, after):
        """What is to be reached in some days, by working days.

        :param working: ``engine.working_days.WorkingDays``
        """
        total = 0.0
        for begin, end, amount, _stretch in self.spans:
            low, high = max(begin, first), min(end, after)
            if low < high:
                total += amount * working.part(low, high, begin, end)
        return total

    def days(self, working, first=None, after=None):
        """Working days of the line, within some days.

        :param working: ``engine.working_days.WorkingDays``
        """
        return sum(
            working.between(max(low, first or low), min(high, after or high))
            for low, high in self.ranges
        )


class SalesTarget(models.Model):
    """What targets of any owner have come to: everything in a few queries."""

    _inherit = "sales.target"

    @api.model
    def _fill_achieved(self, lines):
        """What the ledger says: ``target``, ``stretch``, ``achieved``, ``attainment``
        and ``gap`` of lines.

        :param list lines: of :class:`Line`, of any plans
        """
        self._fill_scopes(lines)
        sums = self._sums_of(lines)
        for line in lines:
            achieved = sum(sums.get((line, *period), 0.0) for period in line.ranges)
            achieved = line.rounded(achieved)
            amount = line.rounded(sum(span[2] for span in line.spans))
            line.figures.update(
                target=amount,
                stretch=line.rounded(sum(span[3] for span in line.spans)),
                achieved=achieved,
                attainment=percent(achieved, amount),
                gap=line.rounded(amount - achieved),
            )

    @api.model
    def _sums_of(self, lines, periods=None):
        """Credit of lines that know their scope.

        :param list periods: ``(first day, day after)``; by default the days of each
        :return: ``{(line, first day, day after): amount}``, without zeros
        """
        return {
            (line, *period): amount
            for line, sums in self._periods_of(lines, periods).items()
            for period, amount in sums.items()
        }

    @api.model
    def _periods_of(self, lines, periods=None):
        """The same, by line: ``{line: {(first day, day after): amount}}``."""
        result = {}
        for company, some in _by_company(lines).items():
            credits = self.env["sales.credit"].sudo()  # the sum is the target's own
            found = credits._sums_by_scope(
                [line.scope for line in some],
                periods or [period for line in some for period in line.ranges],
                self.env["sales.metric"].union(
                    *(line.target.metric_id for line in some)
                ),
                company,
            )
            for line in some:
                known = found.get((line.scope, line.target.metric_id.id), {})
                # Others of the same scope may have asked for other days.
                wanted = known if periods else known.keys() & set(line.ranges)
                result[line] = {period: known[period] for period in wanted}
        return result

    def _rounded_credit(self, amount):
        """As exact as credit is, see ``Line.unit``."""
        self.ensure_one()
        return Line(self, []).rounded(amount)

    # === WHOSE CREDIT === #

    @api.model
    def _fill_scopes(self, lines):
        """Say whose credit counts for each line."""
        if not lines:
            return
        below = self._read_below(lines)
        limits = self._read_limits(lines)
        for line in lines:
            target, name = line.target, line.owner_field
            owner = target[name] if name else target.company_id
            kind = SCOPE_KINDS.get(name, "company")
            ids = owner.ids
            if name in TREES:
                ids = below[name].of(ids)
            teams = None
            others = limits and limits.get(target._owner_place())
            if name not in (None, "team_id") and others and target.scope_team_id:
                teams = self._limit_to_team(target.scope_team_id.id, others, below)
            line.scope = Scope(kind, frozenset(ids), teams)

    @api.model
    def _limit_to_team(self, team_id, others, below):
        """Teams of a place of somebody who has several: those below it, but for what
        counts at another place."""
        teams = below["team_id"].of([team_id])
        for other in others:
            if other != team_id and other in teams:
                teams = teams - below["team_id"].of([other])
        return frozenset(teams)

    def _owner_field(self):
        """The field that says whose target it is; None for the company's."""
        return next((name for name in SCOPE_KINDS if self[name]), None)

    def _owner_place(self):
        """Whose target it is, of which plan: what ``_read_limits`` goes by."""
        return self.plan_id.id, *(self[name].id or None for name in SCOPE_KINDS)

    @api.model
    def _read_below(self, lines):
        """What is below what, by field: one query for each tree that is needed."""
        needed = {"team_id", *(line.owner_field for line in lines)}
        return {name: self._read_tree(name) for name in TREES if name in needed}

    @api.model
    def _read_tree(self, name):
        """What is below what, archived or not.

        :param name: a field of ``TREES``
        """
        parent = TREES[name]
        records = self.env[self._fields[name].comodel_name].sudo()  # sums below
        records = records.with_context(active_test=False)
        return _Tree(
            (record.id, record[parent].id)
            for record in records.search_fetch([], [parent], order="id")
        )

    @api.model
    def _read_limits(self, lines):
        """The teams of owners that stand in several of them, in one plan.

        :return: ``{(plan id, ids of owners …): [team ids]}``
        """
        owners = {}
        for line in lines:
            if line.owner_field not in (None, "team_id"):
                ids = owners.setdefault(line.owner_field, set())
                ids.add(line.target[line.owner_field].id)
        if not owners:
            return {}
        self.flush_model(["plan_id", "scope_team_id", *SCOPE_KINDS])
        # An arm for each kind of owner, so that each finds its own index; told apart
        # here, since what the database makes of it is to sort all targets of a plan.
        rows = self.env.execute_query(
            SQL(" UNION ALL ").join(
                SQL(
                    """
                    SELECT DISTINCT plan_id, %(owners)s, scope_team_id
                      FROM sales_target
                     WHERE plan_id = ANY (%(plans)s) AND %(owner)s = ANY (%(ids)s)
                       AND scope_team_id IS NOT NULL AND team_id IS NULL
                    """,
                    owners=SQL(", ").join(SQL.identifier(name) for name in SCOPE_KINDS),
                    plans=list({line.target.plan_id.id for line in lines}),
                    owner=SQL.identifier(name),
                    ids=list(ids),
                )
                for name, ids in owners.items()
            )
        )
        teams = {}
        for *owner, team_id in rows:
            teams.setdefault(tuple(owner), []).append(team_id)
        return {owner: some for owner, some in teams.items() if len(some) > 1}

    # === PACE === #

    @api.model
    def _fill_pace(self, lines, day=None):
        """Whether it is on its way: ``expected``, ``pace``, ``rate_needed``,
        ``rate_own`` and ``date_reached`` of lines that know what was achieved.

        :param date day: by whose end; today by default
        """
        if not lines:
            return
        today = self._days_of(lines, day)
        working = self._working_days_of(lines, today)
        for line in lines:
            line.working = working[line.place]
            line.figures.update(
                self._judge_pace(line, line.working, today[line.place[0]])
            )

    @api.model
    def _days_of(self, lines, day=None):
        """The day up to which is judged, by company."""
        companies = {line.place[0] for line in lines}
        return {company: day or company._sales_today() for company in companies}

    @api.model
    def _working_days_of(self, lines, today):
        """Working days of lines, as far as anybody looks ahead."""
        horizon = fields.Date.add(max(today.values()), years=HORIZON_YEARS) + DAY
        spans = [span for line in lines for span in line.spans]
        first = min([*today.values(), *(span[0] for span in spans)])
        after = max([horizon, *(span[1] for span in spans)])
        return self._working_days({line.place for line in lines}, first, after)

    @api.model
    def _judge_pace(self, line, working, day):
        figures = line.figures
        expected = line.rounded(
            expected_to_date(
                Period(
                    amount,
                    working.between(first, after),
                    working.between(first, min(after, day + DAY)),
                )
                for first, after, amount, _stretch in line.spans
                if first <= day
            )
        )
        achieved, gap = figures["achieved"], figures["gap"]
        passed = line.days(working, after=day + DAY)
        left = line.days(working, first=day + DAY)
        number = None if line.is_over(day) else days_to_reach(gap, achieved, passed)
        reached = working.day_of(day + DAY, number) if number else None
        if reached and reached > fields.Date.add(day, years=HORIZON_YEARS):
            reached = None
        return {
            "expected": expected,
            "pace": percent(achieved, expected),
            "rate_needed": daily_rate(gap, left),
            "rate_own": achieved / passed if passed else None,
            "date_reached": reached,
        }


class _Tree:
    """What is below what.

    :param pairs: ``(id, id above or False)``
    """

    def __init__(self, pairs):
        self._children = {}
        for id_, above in pairs:
            self._children.setdefault(above, []).append(id_)

    def of(self, ids):
        """Some and all below them."""
        found, rest = set(), list(ids)
        while rest:
            id_ = rest.pop()
            if id_ not in found:
                found.add(id_)
                rest += self._children.get(id_, ())
        return found


def _by_company(lines):
    result = {}
    for line in lines:
        result.setdefault(line.place[0], []).append(line)
    return result
