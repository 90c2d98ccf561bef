from collections import defaultdict
from decimal import Decimal

from odoo import api, models

from ...engine.contest import own_medians, previous_spans
from . import contest_sql

# How exact references are: what is stored is what was divided by.
CENT = Decimal("0.01")
NONE = Decimal(0)


class SalesContest(models.Model):
    """What credit is measured against: targets, or what people usually bring."""

    _inherit = "sales.contest"

    def _read_references(self, measures, people):
        """Targets, or what people usually bring."""
        parts = []
        for contest in self:
            for row in contest.metric_ids.filtered(lambda row: row.source == "ledger"):
                if contest.scoring == "improvement":
                    self._fill_medians(measures, contest, row, people[contest.id])
                elif contest.scoring == "attainment":
                    parts.append(row)
        if parts:
            self._fill_targets(measures, parts, people)

    @api.model
    def _fill_medians(self, measures, contest, row, people):
        spans = previous_spans(
            contest.date_from, contest.date_to, contest.previous_periods
        )
        part, past = row.id, {}
        for person in people:
            joined = person.user and person.joined
            past[person.id] = [
                measures.values[part, person.id, number]
                for number, (first, _after) in enumerate(spans, 1)
                if not joined or joined <= first
            ]
        medians = own_medians(past, [person.id for person in people])
        for id_, value in medians.items():
            measures.references[part, id_] = Decimal(value).quantize(CENT)

    @api.model
    def _fill_targets(self, measures, parts, people):
        """Targets of the days of the contest, by their working days."""
        contests = self.browse({row.contest_id.id for row in parts})
        some = [person for contest in contests for person in people[contest.id]]
        rows = self.env.execute_query(
            contest_sql.targets(
                contests.company_id.ids,
                {row.metric_id.id for row in parts},
                {person.user for person in some if person.user},
                {person.team for person in some if person.team},
                min(contests.mapped("date_from")),
                max(contests.mapped("date_to")),
            )
        )
        if not rows:
            return
        known = defaultdict(list)
        for company, metric, user, team, *span in rows:
            known[company, metric, user or 0, team or 0].append(span)
        working = self._company_days(rows, contests)
        for row in parts:
            contest, company, metric = row.contest_id, row.company_id.id, row.metric_id
            low, high, shares = contest.date_from, contest.date_to, {}
            for person in people[contest.id]:
                total = NONE
                owner = (company, metric.id, person.user or 0, person.team or 0)
                for first, after, amount in known.get(owner, ()):
                    begin, end = max(first, low), min(after, high)
                    if begin >= end:
                        continue
                    if (first, after) not in shares:
                        part = working[company].part(begin, end, first, after)
                        shares[first, after] = Decimal(f"{part:.10f}")
                    total += Decimal(str(amount)) * shares[first, after]
                measures.references[row.id, person.id] = total.quantize(CENT)

    @api.model
    def _company_days(self, targets, contests):
        """Working days of companies in the periods of targets."""
        nobody = self.env["res.users"]
        working = self.env["sales.target"]._working_days(
            {(company, nobody) for company in contests.company_id},
            min(row[4] for row in targets),
            max(row[5] for row in targets),
        )
        return {place[0].id: days for place, days in working.items()}
