from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ...engine.required_stock import Flow, required_stock
from .sales_funnel_query import PRESENT, closed_domain
from .sales_funnel_scope import resolve
from .sales_funnel_tally import StageTally

DAY = timedelta(days=1)


class SalesFunnelReport(models.Model):
    """The shape of the funnel against the shape it would need."""

    _inherit = "sales.funnel.report"

    @api.model
    @api.readonly
    def get_required_shape(self, options=None):
        """Open deals now, per stage, against what a steady number of wins takes.

        The pace is that of the wins in the range of the options, whatever its mode, or,
        with a goal, what reaches it in time. Chances and stays come from the cohort or
        period of the options; see :mod:`..engine.required_stock`.

        :param dict options: see :func:`.sales_funnel_scope.resolve`, optionally with
            ``goal`` and ``goal_date`` as for :meth:`get_required_funnel`
        """
        scope = resolve(self.env, options).but(group_by=None)
        visits = self._tally_visits(scope).get(None, {})
        stages = [s for s in self._stages(scope) if not s["former"]]
        pace = self._goal_pace(scope, options) or self._range_pace(scope)
        number = self._open_by_stage(scope)
        found = required_stock(
            [
                self._engine_flow(s["stage_id"], visits, number.get(s["stage_id"], 0))
                for s in stages
            ],
            pace["wins"] / pace["days"] if pace["days"] > 0 else 0.0,
            pace["cases"],
        )
        names = {s["stage_id"]: s["name"] for s in stages}
        thin = next((s.reason for s in found if s.reason and s.reason[0] == "won"), ())
        return {
            **pace,
            "reason": self._thin(thin, names) if thin else False,
            "stages": [
                {
                    "stage_id": stock.key,
                    "name": names[stock.key],
                    "open": stock.open,
                    "needed": stock.needed,
                    "need": stock.need,
                    "verdict": stock.verdict,
                    "reason": self._thin(stock.reason, names)
                    if stock.reason
                    else False,
                    "cases": stock.reason[2] if stock.reason else False,
                }
                for stock in found
            ],
        }

    @api.model
    def _goal_pace(self, scope, options):
        """Wins and days the goal asks for; None without a goal."""
        if not (options or {}).get("goal"):
            return None
        goal, end = self._goal(options)
        deals = self._tally_deals(scope).get(None)
        totals = deals.present() if deals else {"won": 0, "average_won": None}
        average = totals["average_won"]
        return {
            "goal": goal,
            "goal_date": fields.Date.to_string(end),
            "wins": goal / average if average else 0.0,
            "days": (end - self.env.company._sales_today()).days,
            "cases": totals["won"] if average else 0,
        }

    @api.model
    def _range_pace(self, scope):
        """Wins in the range and its days; without a first day, since the first deal."""
        history = self.env["sales.pipeline.history"]
        now = fields.Datetime.now()
        until = min(scope.until or now, now)
        since = scope.since
        if not since:
            [(since,)] = history._read_group(scope.domain, [], ["date_from:min"])
        since = since or until
        closed = closed_domain(scope.but(mode="period", since=since, until=until))
        won = PRESENT & closed & Domain("status", "=", "won")
        wins = history.search_count(scope.domain & won)
        return {
            "goal": False,
            "goal_date": False,
            "wins": float(wins),
            "days": max((until - since) / DAY, 0.0),
            "cases": wins,
        }

    @api.model
    def _open_by_stage(self, scope):
        """``{crm.stage id: deals open now}``"""
        leads = self.env["crm.lead"].with_context(active_test=False)
        rows = leads._read_group(self._open_domain(scope), ["stage_id"], ["__count"])
        return {stage.id: count for stage, count in rows}

    @api.model
    def _engine_flow(self, stage_id, visits, number):
        tally = visits.get(stage_id, StageTally())
        curve = tally.curve()
        known = curve.median is not None
        return Flow(
            key=stage_id,
            advanced=tally.outcomes["advanced"],
            lost=tally.outcomes["lost"],
            returned=tally.outcomes["returned"],
            mean_days=curve.restricted_mean / 24 if known else None,
            open=number,
        )
