from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from ..credit.sales_credit_scope import Scope
from .grid_tree import NOBODY


class SalesForecastGrid(models.AbstractModel):
    """What is to be reached, and what is booked: as targets and the ledger say it."""

    _inherit = "sales.forecast.grid"

    # === QUOTA === #

    @api.model
    def _read_quotas(self, frame, tree):
        """Targets of published plans of bookings, with a row for everybody who has one.

        Nobody has targets in two of them for the same days.

        :return: ``{(kind, id, team id or None): {target id: (first, after, amount)}}``
        """
        self.env["sales.target"].flush_model()
        self.env["sales.target.plan"].flush_model(["state", "active"])
        first, after = frame.periods[0][0], frame.periods[-1][1]
        rows = self.env.execute_query(
            SQL(
                """
                SELECT t.id, t.team_id, t.user_id, t.scope_team_id,
                       t.date_from, t.date_to, COALESCE(t.amount, 0)::float8
                  FROM sales_target t
                  JOIN sales_target_plan p ON p.id = t.plan_id
                 WHERE p.state = 'published' AND p.active
                   AND t.metric_id = %(metric)s AND t.company_id = %(company)s
                   AND t.date_from < %(after)s AND t.date_to > %(first)s
                   AND t.partner_id IS NULL AND t.territory_id IS NULL
                   AND t.product_category_id IS NULL AND %(whose)s
                 ORDER BY t.date_from, t.id
                """,
                metric=self._booked().id,
                company=frame.company.id,
                first=first,
                after=after,
                whose=_whose_target_sql(tree),
            )
        )
        quotas = defaultdict(dict)
        for id_, team_id, user_id, scope_id, begin, end, amount in rows:
            key = ("company", frame.company.id, None)
            if user_id:
                key = ("user", user_id, tree.place_of(scope_id))
            elif team_id:
                key = ("team", team_id, None)
            quotas[key][id_] = (begin, end, amount)
        for kind, id_, team_id in quotas:
            team = tree.teams.get(tree.place_of(team_id)) if kind == "user" else None
            if team:
                tree.person_in(id_, team)
        return quotas

    @api.model
    def _booked(self):
        metrics = self.env["sales.metric"].sudo()  # which one it is
        return metrics._by_code("booked")

    @api.model
    def _quotas_of(self, row, quotas):
        """The targets of a row: ``{target id: (first, after, amount)}``."""
        if row.kind != "user" or row.team_id is not None:
            return quotas.get((*row.owner, row.team_id), {})
        found = {}  # the own row: whatever the team
        for (kind, id_, _team_id), targets in quotas.items():
            if (kind, id_) == row.owner:
                found |= targets
        return found

    @api.model
    def _fill_quotas(self, frame, tree, quotas):
        parts = []
        for row in tree.walk():
            for begin, end, amount in self._quotas_of(row, quotas).values():
                for (first, after), cell in zip(frame.periods, row.cells, strict=True):
                    if begin >= after or end <= first:
                        continue
                    cell["quota"] = cell["quota"] or 0.0
                    if first <= begin and end <= after:
                        cell["quota"] += amount
                    else:
                        span = (max(first, begin), min(after, end), begin, end)
                        parts.append((row, cell, amount, span))
        if parts:
            self._add_parts(frame, parts)
        rounded = frame.rounded
        for row in tree.walk():
            for cell in row.cells:
                if cell["quota"] is not None:
                    cell["quota"] = rounded(cell["quota"])

    @api.model
    def _add_parts(self, frame, parts):
        """Add what of longer or shifted targets lies in a period, by working days."""
        users = self.env["res.users"]

        def place(row):
            user = users.browse(row.id if row.kind == "user" else [])
            return frame.company.sudo(), user.sudo()  # when they work is no secret

        working = self.env["sales.target"]._working_days(
            {place(row) for row, *_rest in parts},
            min(span[2] for *_rest, span in parts),
            max(span[3] for *_rest, span in parts),
        )
        for row, cell, amount, span in parts:
            cell["quota"] += amount * working[place(row)].part(*span)

    # === CLOSED === #

    @api.model
    def _fill_closed(self, frame, tree, quotas):
        """What was booked, read from the ledger; None where nobody can say."""
        scopes = self._scopes(frame, tree, quotas)
        sums = self._sum_credits(frame, set(scopes.values()), frame.periods)
        rounded = frame.rounded
        for row, scope in scopes.items():
            for period, cell in zip(frame.periods, row.cells, strict=True):
                cell["closed"] = rounded(sums.get((scope, *period), 0.0))

    @api.model
    def _sum_credits(self, frame, scopes, periods):
        """``{(scope, first day, day after): amount}`` of bookings."""
        credits = self.env["sales.credit"].sudo()  # sums of rows that are shown
        metric = self._booked()
        found = credits._sums_by_scope(list(scopes), periods, metric, frame.company)
        return {
            (scope, *period): amount
            for (scope, _metric_id), sums in found.items()
            for period, amount in sums.items()
        }

    @api.model
    def _scopes(self, frame, tree, quotas):
        """Whose credit counts for each row that credit can belong to.

        The same as for targets: all of a person's, or of somebody who has targets in
        several teams what was earned there. A person without a target has in a team
        what was earned in it.

        :return: ``{row: Scope}``
        """
        teams_of = defaultdict(set)
        for kind, id_, team_id in quotas:
            if kind == "user":
                teams_of[id_].add(team_id)
        scopes = {}
        for row in tree.walk():
            if row.id == NOBODY:
                continue
            if row.kind == "company":
                scopes[row] = Scope("company", frozenset([row.id]))
            elif row.kind == "team":
                scopes[row] = Scope("team", frozenset(tree.teams_below(row)))
            elif row.team_id is None or teams_of[row.id] == {row.team_id}:
                scopes[row] = Scope("user", frozenset([row.id]))
            elif row.team_id != NOBODY:
                teams = set(tree.teams_below(row.above))
                for other in teams_of[row.id] - {row.team_id}:
                    if other in teams:
                        teams -= set(tree.teams_below(tree.teams[other]))
                scopes[row] = Scope("user", frozenset([row.id]), frozenset(teams))
        return scopes


def _whose_target_sql(tree):
    """Whether a target ``t`` is of somebody in the tree."""
    if tree.is_whole:
        return SQL("TRUE")
    teams = [id_ for team_id in tree.teams for id_ in tree.teams_at(team_id)]
    return SQL(
        "(t.scope_team_id = ANY (%s) OR t.user_id = ANY (%s))", teams, list(tree.own)
    )
