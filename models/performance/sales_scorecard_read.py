from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.pace import coverage
from ..pipeline.sales_funnel_criteria import PROVEN, WAIVED
from ..pipeline.sales_funnel_scope import Scope
from ..pipeline.sales_funnel_tally import percent


class SalesScorecard(models.AbstractModel):
    """Where the figures come from: each from the layer that knows it."""

    _inherit = "sales.scorecard"

    @api.model
    def _read_all(self, reading, metrics):
        """Fill a reading; the caller is the system.

        :param metrics: recordset of ``sales.metric``
        """
        self.env["sales.pipeline.history"]._write_pending()
        self._read_ledger(reading, metrics)
        self._read_targets(reading, metrics)
        scopes = [self._scope(reading, n) for n in range(len(reading.periods))]
        for number, scope in enumerate(scopes):
            self._read_closed(reading, number, scope)
            self._read_overdue(reading, number, scope)
            self._read_exits(reading, number)
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
            [("company_id", "=", company.id)], ["month"], order="month, id", limit=1
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
                [line for line in lines if line.target.metric_id.code == "booked"],
            )

    @api.model
    def _read_coverage(self, reading, lines):
        """How many times open deals are what is missing, as targets say it."""
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
    def _scope(self, reading, number):
        """What the funnel looks at: deals of all processes that people had in a period.

        :return: Scope; None without a process
        """
        processes = self.env["sales.process"].with_context(active_test=False)
        processes = processes.search(
            [
                ("state", "!=", "draft"),
                ("company_id", "in", [False, reading.company.id]),
            ]
        )
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
    def _read_overdue(self, reading, number, scope):
        """The share of open deals past their expected closing: now, or as the deals
        looked at the end of a period that is over."""
        if scope is None:
            return
        model, open_, overdue = self._overdue_domains(reading, number, scope)
        records = self.env[model]
        total, late = (
            {
                user.id: count
                for user, count in records._read_group(domain, ["user_id"], ["__count"])
            }
            for domain in (open_, overdue)
        )
        for user_id in reading.people_of(number):
            cases = total.get(user_id, 0)
            share = percent(late.get(user_id, 0), cases)
            reading.put("overdue", user_id, number, share, cases)

    @api.model
    def _overdue_domains(self, reading, number, scope):
        """Which open deals there were, and which were overdue.

        :return: name of the model, domain of all, domain of those overdue
        """
        if reading.is_running(number):
            funnel = self.env["sales.funnel.report"]
            return (
                "crm.lead",
                funnel._open_domain(scope),
                funnel._overdue_domain(scope),
            )
        history = self.env["sales.pipeline.history"]
        moment = fields.Datetime.subtract(scope.until, seconds=1)
        open_ = (
            scope.domain & Domain("status", "=", "open") & history._as_of_domain(moment)
        )
        return history._name, open_, open_ & self._past_closing(reading, number)

    @api.model
    def _past_closing(self, reading, number):
        """Closing dates that were past on the last day of a period."""
        grace = reading.company.sales_closing_grace_days
        day = fields.Date.subtract(reading.periods[number][1], days=grace + 1)
        return Domain("date_deadline", "<", day)

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
