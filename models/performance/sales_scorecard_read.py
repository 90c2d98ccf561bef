from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.pace import coverage
from ..pipeline.sales_funnel_criteria import PROVEN, WAIVED
from ..pipeline.sales_funnel_scope import Scope
from ..pipeline.sales_funnel_tally import percent
from ..pipeline.waterfall_sql import holds


class SalesScorecard(models.AbstractModel):
    """Where the figures come from: each from the layer that knows it."""

    _inherit = "sales.scorecard"

    @api.model
    def _read_all(self, reading, metrics):
        """Fill a reading; the caller is the system.

        :param metrics: recordset of ``sales.metric``
        """
        self.env["sales.pipeline.history"]._write_pending()
        self.env["sales.pipeline.history"]._prepare_reading()
        self._read_ledger(reading, metrics)
        self._read_targets(reading, metrics)
        processes = self._processes(reading.company)
        scopes = [
            self._scope(reading, number, processes)
            for number in range(len(reading.periods))
        ]
        for number, scope in enumerate(scopes):
            self._read_closed(reading, number, scope)
            self._read_exits(reading, number)
        self._read_overdue(reading, scopes[-1])
        self._read_calls(reading)

    # === LEDGER AND TARGETS === #

    @api.model
    def _read_ledger(self, reading, metrics):
        """What the ledger says; before it begins nothing is known."""
        users = self.env["res.users"]
        begins = self._ledger_begins(reading.company)
        last = reading.last
        for people, numbers in (
            (reading.people, [last]),
            (reading.subjects, list(range(last))),
        ):
            periods = [reading.periods[number] for number in numbers]
            sums = metrics._values(
                users.browse(people), periods, metrics, reading.company
            )
            for metric in metrics:
                for number, period in zip(numbers, periods, strict=True):
                    if not begins or period[1] <= begins:
                        continue
                    for user_id in people:
                        value = sums.get((metric.id, user_id, *period), 0.0)
                        reading.put(metric.code, user_id, number, value)

    @api.model
    def _ledger_begins(self, company):
        """The month of the first credit of a company; None while there is none."""
        sums = self.env["sales.credit.sum"]
        row = sums.search_fetch(
            [("company_id", "=", company.id)], ["month"], order="month", limit=1
        )
        return row.month or None

    @api.model
    def _read_targets(self, reading, metrics):
        """What is to be reached in the last period, and the coverage of what is still
        missing of it."""
        first, after = reading.periods[-1]
        plans = self.env["sales.target.plan"].search(
            [
                ("state", "=", "published"),
                ("company_id", "=", reading.company.id),
                ("metric_id", "in", metrics.ids),
                ("date_from", "<", after),
                ("date_to", ">", first),
            ]
        )
        lines = list(
            plans._lines_of_places(
                [("user_id", "in", reading.people)], first, after
            ).values()
        )
        targets = self.env["sales.target"]
        targets._fill_achieved(lines)
        targets._fill_pace(lines)
        for line in lines:
            aim = reading.aims[line.target.metric_id.code, line.target.user_id.id]
            aim.target += line.figures["target"]
            aim.achieved += line.figures["achieved"]
            aim.expected += line.figures["expected"]
        if reading.is_running(reading.last):
            self._read_coverage(
                reading,
                [
                    line
                    for line in lines
                    if line.target.metric_id.code == "booked"
                    and line.target.user_id.id in reading.subjects
                ],
            )

    @api.model
    def _read_coverage(self, reading, lines):
        """How many times open deals are what is missing, as targets say it.

        They say how much it should be, too: nobody has to be compared with others, and
        open deals of a whole company are much to read.
        """
        self.env["sales.target"]._fill_outlook(lines)
        by_user = {}
        for line in lines:
            by_user.setdefault(line.target.user_id.id, []).append(line.figures)
        for user_id, some in by_user.items():
            if any(figures["pipeline"] is None for figures in some):
                continue
            missing = sum(figures["gap"] for figures in some)
            value = coverage(sum(figures["pipeline"] for figures in some), missing)
            needed = some[0]["coverage_needed"]
            if value is None:
                continue
            reading.put("coverage", user_id, reading.last, value)
            if needed:
                aim = reading.aims["coverage", user_id]
                aim.target = aim.expected = needed
                aim.achieved = value

    # === DEALS === #

    @api.model
    def _processes(self, company):
        """All processes that deals of a company may have followed."""
        processes = self.env["sales.process"].with_context(active_test=False)
        return processes.search(
            [("state", "!=", "draft"), ("company_id", "in", [False, company.id])]
        )

    @api.model
    def _scope(self, reading, number, processes):
        """What the funnel looks at: deals of all processes that people had in a period.

        :param processes: see :meth:`_processes`
        :return: Scope; None without a process
        """
        if not processes:
            return None
        since, until = reading.moments(number)
        whose = Domain("user_id", "in", reading.people_of(number)) & Domain(
            "company_id", "in", [False, reading.company.id]
        )
        return Scope(
            process=processes[0],
            family=tuple(processes.ids),
            mode="period",
            since=since,
            until=until,
            group_by="user",
            filters=whose,
            lead_filters=whose,
        )

    @api.model
    def _closed_scope(self, scope):
        """The same for deals that are closed. The present row of a deal closed since
        a moment begins after it as well, which finds it by its index."""
        closed = Domain("status", "in", ("won", "lost"))
        closed &= Domain("date_from", ">=", scope.since)
        return scope.but(filters=scope.filters & closed)

    @api.model
    def _read_closed(self, reading, number, scope):
        """Win rate, and the median days from entering the process to the win."""
        if scope is None:
            return
        funnel = self.env["sales.funnel.report"]
        tallies = funnel._tally_deals(self._closed_scope(scope))
        for user_id in reading.people_of(number):
            tally = tallies.get(user_id)
            found = tally.present() if tally else {"won": 0, "lost": 0}
            decided = found["won"] + found["lost"]
            rate, cycle = found.get("win_rate"), found.get("cycle_days")
            reading.put("win_rate", user_id, number, rate, decided)
            reading.put("cycle_days", user_id, number, cycle, found["won"])

    @api.model
    def _read_overdue(self, reading, scope):
        """The share of open deals past their expected closing: now, or as the deals
        looked at the end of periods that are over.

        :param scope: of the last period
        """
        if scope is None:
            return
        counts = {}
        over = [n for n, _p in enumerate(reading.periods) if not reading.is_running(n)]
        if over:
            counts.update(self._count_overdue(reading, scope, over))
        if reading.is_running(reading.last):
            for user_id, found in self._count_overdue_now(scope).items():
                counts[user_id, reading.last] = found
        for number in range(len(reading.periods)):
            for user_id in reading.people_of(number):
                cases, late = counts.get((user_id, number), (0, 0))
                reading.put("overdue", user_id, number, percent(late, cases), cases)

    @api.model
    def _count_overdue_now(self, scope):
        """``{user id: (open deals, overdue ones)}``"""
        funnel = self.env["sales.funnel.report"]
        total, late = (
            dict(self.env["crm.lead"]._read_group(domain, ["user_id"], ["__count"]))
            for domain in (funnel._open_domain(scope), funnel._overdue_domain(scope))
        )
        return {user.id: (cases, late.get(user, 0)) for user, cases in total.items()}

    @api.model
    def _count_overdue(self, reading, scope, numbers):
        """The same at the end of periods, in one reading of the history.

        :return: ``{(user id, number of the period): (open deals, overdue ones)}``
        """
        ends = [reading.moments(number)[1] for number in numbers]
        days = [self._due_before(reading, number) for number in numbers]
        people = reading.people_of(reading.last if reading.last in numbers else 0)
        history = self.env["sales.pipeline.history"]
        domain = scope.but(filters=Domain("user_id", "in", people)).domain
        domain &= Domain("status", "=", "open")
        domain &= Domain("company_id", "in", [False, reading.company.id])
        domain &= Domain("date_from", "<", max(ends))
        domain &= Domain("date_to", "=", False) | Domain("date_to", ">=", min(ends))
        query = history._search(domain)
        return {
            (user_id, number): (cases, late)
            for user_id, number, cases, late in self.env.execute_query(
                SQL(
                    """
                    SELECT %(user)s, m.number, COUNT(*),
                           COUNT(*) FILTER (WHERE %(deadline)s < m.day)
                      FROM %(tables)s
                      JOIN unnest(%(numbers)s::int[], %(ends)s::timestamp[],
                                  %(days)s::date[]) m (number, before, day)
                        ON %(holds)s
                     WHERE %(where)s
                       AND (m.number = %(last)s OR %(user)s = ANY (%(subjects)s))
                     GROUP BY 1, 2
                    """,
                    user=SQL.identifier(history._table, "user_id"),
                    deadline=SQL.identifier(history._table, "date_deadline"),
                    tables=query.from_clause,
                    numbers=numbers,
                    ends=ends,
                    days=days,
                    holds=holds(SQL("m.before")),
                    where=query.where_clause,
                    last=reading.last,
                    subjects=reading.subjects,
                )
            )
        }

    @api.model
    def _due_before(self, reading, number):
        """Closing dates before this day were past on the last day of a period."""
        grace = reading.company.sales_closing_grace_days
        return fields.Date.subtract(reading.periods[number][1], days=grace + 1)

    # === EVIDENCE === #

    @api.model
    def _exits_domain(self, reading, number):
        """Exit criteria decided in a period: proven or waived."""
        since, until = reading.moments(number)
        return (
            (Domain(PROVEN) | (Domain(WAIVED) & Domain("source", "!=", "skip")))
            & Domain("date_verified", ">=", since)
            & Domain("date_verified", "<", until)
            & Domain("company_id", "in", [False, reading.company.id])
        )

    @api.model
    def _read_exits(self, reading, number):
        """Of the exit criteria decided on somebody's deals: how many were proven."""
        evidence = self.env["sales.evidence"]
        evidence.flush_model()
        query = evidence._search(self._exits_domain(reading, number))
        deal = query.make_alias(evidence._table, "deal")
        query.add_join(
            "JOIN",
            deal,
            "crm_lead",
            SQL(
                "%s = %s AND %s = ANY (%s)",
                SQL.identifier(deal, "id"),
                SQL.identifier(evidence._table, "lead_id"),
                SQL.identifier(deal, "user_id"),
                reading.people_of(number),
            ),
        )
        found = {
            user_id: (proven, cases)
            for user_id, proven, cases in self.env.execute_query(
                SQL(
                    "SELECT %s, COUNT(*) FILTER (WHERE %s = 'verified'), COUNT(*)"
                    " FROM %s WHERE %s GROUP BY 1",
                    SQL.identifier(deal, "user_id"),
                    SQL.identifier(evidence._table, "state"),
                    query.from_clause,
                    query.where_clause,
                )
            )
        }
        for user_id in reading.people_of(number):
            proven, cases = found.get(user_id, (0, 0))
            reading.put("exits", user_id, number, percent(proven, cases), cases)
