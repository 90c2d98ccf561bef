from collections import defaultdict
from datetime import datetime

from odoo import models

from . import contest_sql


class SalesContest(models.Model):
    """Contests about good order: closing dates, and exits that are proven."""

    _inherit = "sales.contest"

    def _fill_deals(self, measures, people):
        """How many open deals people have, and how many of them are in order.

        :param measures: what it is written to, see ``Measures``
        :param dict people: ``{contest id: [Person]}``
        """
        rows = self.metric_ids.filtered(
            lambda row: row.source in ("closing_dates", "exits")
        )
        if not rows:
            return
        trees = self.env["sales.target"]._read_tree("team_id")
        found = self._read_closing_dates(rows) | self._read_exits(rows)
        for row in rows:
            by_user, by_team = found[row]
            for person in people[row.contest_id.id]:
                if person.user:
                    held = [by_user.get(person.user, (0, 0))]
                else:
                    teams = trees.of([person.team])
                    held = [by_team.get(team, (0, 0)) for team in teams]
                key = (row.id, person.id)
                measures.references[key] = sum(total for total, _good in held)
                measures.values[(*key, 0)] = sum(good for _total, good in held)

    def _read_closing_dates(self, rows):
        """:return: ``{row: ({user: (deals, in order)}, {team: the same})}``"""
        rows = rows.filtered(lambda row: row.source == "closing_dates")
        if not rows:
            return {}
        now = datetime.utcnow()  # as exact as the history is
        moments = {row: row.contest_id._moment(now) for row in rows}
        self.env["sales.pipeline.history"].sudo()._write_pending()  # all deals count
        by_moment = defaultdict(lambda: (defaultdict(_nothing), defaultdict(_nothing)))
        statement = contest_sql.open_deals(sorted(set(moments.values())))
        for company, moment, user, team, total, good in self.env.execute_query(
            statement
        ):
            for place, owner in enumerate((user, team)):
                if owner:
                    sums = by_moment[company, moment][place]
                    old = sums[owner]
                    sums[owner] = (old[0] + total, old[1] + good)
        return {row: by_moment[moment[:2]] for row, moment in moments.items()}

    def _moment(self, now):
        """As of when deals are looked at: now, or when the contest was over.

        :return: ``(company id, moment, day of the company)``
        """
        self.ensure_one()
        company = self.company_id
        end = company._sales_midnight(self.date_to)
        day = min(company._sales_today(), self.date_last)
        return company.id, min(now, end), day

    def _read_exits(self, rows):
        """The same of deals whose exits are proven, as it is now."""
        rows = rows.filtered(lambda row: row.source == "exits")
        if not rows:
            return {}
        deals = self.env["crm.lead"].search_fetch(
            [
                ("type", "=", "opportunity"),
                ("sales_process_id", "!=", False),
                ("won_status", "=", "pending"),
                ("company_id", "in", [*rows.company_id.ids, False]),
                ("user_id", "!=", False),
            ],
            ["user_id", "team_id", "company_id"],
        )
        found = {}
        for row in rows:
            company = row.company_id
            sums = defaultdict(_nothing), defaultdict(_nothing)
            for deal in deals:
                if deal.company_id not in (company, company.browse()):
                    continue
                good = deal.sales_exit_progress >= 100
                for place, owner in enumerate((deal.user_id.id, deal.team_id.id)):
                    old = sums[place][owner]
                    sums[place][owner] = (old[0] + 1, old[1] + good)
            found[row] = sums
        return found


def _nothing():
    return (0, 0)
