from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import float_compare

from .sales_target_figures import DAY


class SalesTarget(models.Model):
    """The board: what is still to be acknowledged, and since when a target is
    reached."""

    _inherit = "sales.target"

    @api.model
    @api.readonly
    def get_board(
        self,
        user_id=None,
        plan_id=None,
        node=None,
        step="week",
        first=None,
        after=None,
    ):
        """Add to what the board shows:

        * ``acknowledge``: ``ids`` of own targets that are published and not yet
          acknowledged, and the names of their ``plans``
        * ``days_left`` of each metric, working days after today
        * ``day_reached`` of each metric: the day since which it is
        """
        board = super().get_board(user_id, plan_id, node, step, first, after)
        board["acknowledge"] = self._board_to_acknowledge()
        return board

    @api.model
    def _board_owner(self, owners, user_id, plan_id, node):
        """Other days have other plans: it is the owner who was asked for."""
        found = super()._board_owner(owners, user_id, plan_id, node)
        if found or not node:
            return found
        same = (row for row in owners.values() if row["node"] == node)
        return owners.get(node.rpartition("/")[2]) or next(same, None)

    @api.model
    def _board_to_acknowledge(self):
        """Own targets the user has not yet said to know, of today and later."""
        today = self.env.company._sales_today()
        targets = self.search_fetch(
            Domain("plan_state", "=", "published")
            & Domain("date_acknowledged", "=", False)
            & Domain("date_to", ">", today)
            & Domain("company_id", "in", self.env.companies.ids)
            & (
                Domain("user_id", "=", self.env.uid)
                | Domain("team_id.user_id", "=", self.env.uid)
            ),
            ["plan_id"],
        )
        return {"ids": targets.ids, "plans": targets.plan_id.mapped("display_name")}

    # === FIGURES === #

    @api.model
    def _judge_pace(self, line, working, day):
        """With the working days that are left."""
        figures = super()._judge_pace(line, working, day)
        return {**figures, "days_left": line.days(working, first=day + DAY)}

    @api.model
    def _series(self, lines, step):
        """Say of what is reached since when: from the ledger, day by day."""
        reached = [line for line in lines if _is_reached(line)]
        if reached:
            first = min(line.spans[0][0] for line in reached)
            until = min(
                max(line.spans[-1][1] for line in reached),
                max(self._days_of(reached).values()) + DAY,
            )
            days = [first + DAY * number for number in range((until - first).days)]
            sums = self._sums_of(reached, [(day, day + DAY) for day in days])
        for line in lines:
            since = _reached_since(line, days, sums) if line in reached else None
            line.figures["day_reached"] = fields.Date.to_string(since)
        return super()._series(lines, step)


def _is_reached(line):
    figures = line.figures
    return figures["target"] > 0 and figures["gap"] <= 0


def _reached_since(line, days, sums):
    """The first day from whose end on the target was reached and stayed so.

    What was achieved may shrink: an order is cancelled, an invoice is refunded.

    :param list days: all that may matter, in order
    :param dict sums: see ``_sums_of``
    """
    wanted, total, since = line.figures["target"], 0.0, None
    for day in days:
        total += sums.get((line, day, day + DAY), 0.0)
        if float_compare(total, wanted, precision_digits=6) < 0:
            since = None
        elif since is None:
            since = day
    return since
