from collections import defaultdict
from datetime import timedelta

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...engine.periods import start_of
from .grid_tree import CATEGORIES
from .sales_forecast_grid_deals import number_sql, period_of, whose_sql

DAY = timedelta(days=1)
SINCE = ("day", "week", "month", "quarter")


class SalesForecastGrid(models.AbstractModel):
    """What has changed since a day: what deals were worth then, by their history."""

    _inherit = "sales.forecast.grid"

    @api.readonly
    @api.model
    def get_changes(self, options=None):
        """How much more stands in each cell than at the end of an earlier day.

        Both sides are read from the history of deals, so they are expected revenue
        without what recurs, and of whoever had the deal then. What was booked is
        compared by the days of the ledger.

        :param dict options: those of the grid, and ``since``: ``day`` (yesterday),
            ``week`` (a week ago, by default), ``month`` or ``quarter`` (the day before
            it began)
        :return: ``{"since": day, "rows": {node: {"cells": [{measure: amount}],
            "lines": {line: amount}}}}``, without zeros
        """
        frame = self._frame(options)
        since = self._since(frame, (options or {}).get("since") or "week")
        tree = self._places(frame)
        quotas = self._read_quotas(frame, tree)
        changes = defaultdict(
            lambda: {"cells": [{} for _period in frame.periods], "lines": {}}
        )
        self._compare_deals(frame, tree, since, changes)
        self._compare_closed(frame, tree, quotas, since, changes)
        rounded = frame.rounded
        for row in changes.values():
            row["cells"] = [_without_zeros(cell, rounded) for cell in row["cells"]]
            row["lines"] = _without_zeros(row["lines"], rounded)
        return {
            "since": str(since),
            "rows": {
                node: row
                for node, row in changes.items()
                if row["lines"] or any(row["cells"])
            },
        }

    @api.model
    def _since(self, frame, since):
        """The day by whose end it is compared."""
        if since not in SINCE:
            raise UserError(
                self.env._("Compare with yesterday, last week, month or quarter.")
            )
        if since in ("day", "week"):
            return frame.today - (DAY if since == "day" else 7 * DAY)
        month = frame.company._sales_fiscal_month()
        return start_of(frame.today, since, month) - DAY

    @api.model
    def _compare_deals(self, frame, tree, since, changes):
        history = self.env["sales.pipeline.history"]
        history._write_pending()
        for team_id, user_id, number, category, amount in self._read_fast(
            self._changes_statement(frame, tree, since)
        ):
            if number is None:
                continue
            place = period_of(number)
            for row in tree.rows_of(team_id, user_id):
                while row:
                    _note(changes[row.node], place, category, amount)
                    row = row.above

    @api.model
    def _changes_statement(self, frame, tree, since):
        """Rows (team, person, number, category, difference).

        Only rows of the history that hold on one of the two days alone are read, and
        of those that hold on both what has become overdue between them.
        """
        company = frame.company
        before = company._sales_midnight(since + DAY)
        day = SQL("h.date_deadline")
        parts = {
            "after": number_sql(day, frame.bounds),
            "before": _number_then_sql(day, frame, since),
            "moment": before,
            "whose": SQL(
                "COALESCE(h.company_id, u.company_id) = %s AND %s"
                " AND h.status = 'open'",
                company.id,
                whose_sql(tree, "h"),
            ),
            "since": since,
            "today": frame.today,
        }
        return SQL(
            """
            WITH side AS (
                SELECT h.team_id, h.user_id, %(after)s AS number, h.forecast_category,
                       h.expected_revenue AS amount
                  FROM sales_pipeline_history h
                  LEFT JOIN res_users u ON u.id = h.user_id
                 WHERE h.date_to IS NULL AND h.date_from >= %(moment)s AND %(whose)s
                 UNION ALL
                SELECT h.team_id, h.user_id, %(before)s, h.forecast_category,
                       -h.expected_revenue
                  FROM sales_pipeline_history h
                  LEFT JOIN res_users u ON u.id = h.user_id
                 WHERE h.date_from < %(moment)s AND h.date_to >= %(moment)s
                   AND %(whose)s
                 UNION ALL
                SELECT h.team_id, h.user_id, x.number, h.forecast_category,
                       x.sign * h.expected_revenue
                  FROM crm_lead l
                  JOIN sales_pipeline_history h
                    ON h.lead_id = l.id AND h.date_to IS NULL
                  LEFT JOIN res_users u ON u.id = h.user_id
                 CROSS JOIN LATERAL (
                       VALUES (%(after)s, 1), (%(before)s, -1)) x(number, sign)
                 WHERE l.type = 'opportunity' AND l.active
                   AND l.won_status = 'pending'
                   AND l.date_deadline >= %(since)s AND l.date_deadline < %(today)s
                   AND h.date_from < %(moment)s AND %(whose)s)
            SELECT team_id, user_id, number, forecast_category, SUM(amount)::float8
              FROM side GROUP BY 1, 2, 3, 4
            """,
            **parts,
        )

    @api.model
    def _compare_closed(self, frame, tree, quotas, since, changes):
        """What was booked after that day."""
        scopes = self._scopes(frame, tree, quotas)
        parts = {
            (max(first, since + DAY), after): number
            for number, (first, after) in enumerate(frame.periods)
            if since + DAY < after
        }
        sums = self._sum_credits(frame, set(scopes.values()), list(parts))
        for row, scope in scopes.items():
            for period, number in parts.items():
                if amount := sums.get((scope, *period)):
                    changes[row.node]["cells"][number]["closed"] = amount


def _number_then_sql(day, frame, since):
    """In which period a day lay, see ``number_sql``; NULL in one that is over now."""
    begin = frame.periods[0][0]
    if since >= begin:
        return number_sql(day, [since, *frame.bounds[1:]])
    return SQL(
        "CASE WHEN %(day)s >= %(since)s AND %(day)s < %(begin)s THEN NULL"
        " WHEN %(day)s < %(since)s THEN 0 ELSE %(number)s END",
        day=day,
        since=since,
        begin=begin,
        number=number_sql(day, [begin, *frame.bounds[1:]]),
    )


def _note(change, place, category, amount):
    """Add a difference where deals of that day and category stand."""
    if (
        category in CATEGORIES
        and place is not None
        and 0 <= place < len(change["cells"])
    ):
        cell = change["cells"][place]
        cell[category] = cell.get(category, 0.0) + amount
        return
    line = "omitted"
    if category in CATEGORIES:
        line = "overdue" if place is None else "undated" if place < 0 else "later"
    change["lines"][line] = change["lines"].get(line, 0.0) + amount


def _without_zeros(amounts, rounded):
    return {
        name: rounded(amount) for name, amount in amounts.items() if rounded(amount)
    }
