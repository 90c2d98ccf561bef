from odoo import api, fields, models
from odoo.exceptions import UserError

from ...engine.required_funnel import Stage, required_funnel
from .sales_funnel_scope import resolve, to_day
from .sales_funnel_tally import StageTally


class SalesFunnelReport(models.Model):
    """What a goal asks of each stage, and by when."""

    _inherit = "sales.funnel.report"

    @api.model
    @api.readonly
    def get_required_funnel(self, options=None):
        """How many deals must enter each stage by which day to reach a goal.

        Chances, average won amount and median stays come from the cohort or period of
        the options; the deals at hand are all that are open now.

        :param dict options: see :func:`.sales_funnel_scope.resolve`, with ``goal``
            (amount still to be won, in the currency of the user's company) and
            ``goal_date`` (the last day that counts)
        """
        options = options or {}
        scope = resolve(self.env, options)
        goal, end = self._goal(options)
        visits = self._tally_visits(scope).get(None, {})
        deals = self._tally_deals(scope).get(None)
        totals = deals.present() if deals else {"won": 0, "average_won": None}
        now = scope.but(since=None, until=None, mode="cohort", group_by=None)
        stock = self._tally_visits(now).get(None, {})
        stages = [s for s in self._stages(scope) if not s["former"]]
        plan = required_funnel(
            [self._engine_stage(s["stage_id"], visits, stock) for s in stages],
            goal,
            totals["average_won"] or 0.0,
            totals["won"],
            self.env.company._sales_today(),
            end,
        )
        names = {s["stage_id"]: s["name"] for s in stages}
        needs = {need.key: need for need in plan.needs}
        return {
            "goal": goal,
            "goal_date": fields.Date.to_string(end),
            "average_won": totals["average_won"],
            "won": totals["won"],
            "wins": plan.wins,
            "expected_wins": plan.expected_wins,
            "reasons": [self._thin(reason, names) for reason in plan.reasons],
            "stages": [
                self._present_need(stage, needs[stage["stage_id"]], stock)
                for stage in stages
                if stage["stage_id"] in needs
            ],
            "currency_id": self.env.company.currency_id.id,
        }

    @api.model
    def _goal(self, options):
        goal = options.get("goal")
        if isinstance(goal, bool) or not isinstance(goal, int | float) or goal <= 0:
            raise UserError(
                self.env._("Enter the amount still to be won: a number above 0.")
            )
        end = to_day(self.env, options.get("goal_date"))
        if not end or end <= self.env.company._sales_today():
            raise UserError(self.env._("Enter a day in the future for the goal."))
        return float(goal), end

    @api.model
    def _engine_stage(self, stage_id, visits, stock):
        tally = visits.get(stage_id, StageTally())
        median = tally.curve().median
        return Stage(
            key=stage_id,
            advanced=tally.outcomes["advanced"],
            lost=tally.outcomes["lost"],
            median_days=None if median is None else median / 24,
            stock=[
                (hours / 24, number)
                for hours, number in stock.get(stage_id, StageTally()).ages.items()
            ],
        )

    @api.model
    def _present_need(self, stage, need, stock):
        return {
            **stage,
            "chance": 100 * need.chance,
            "days": need.days,
            "needed": need.needed,
            "at_hand": need.at_hand,
            "still_there": stock.get(stage["stage_id"], StageTally()).still_there,
            "missing": need.missing,
            "by": fields.Date.to_string(need.by),
            "too_late": need.too_late,
        }

    @api.model
    def _thin(self, reason, names):
        what, key, cases = reason
        stage = names.get(key, "")
        return {
            "won": lambda: self.env._(
                "Only %s deals were won in this range: too few for an average amount. "
                "Choose a longer range.",
                cases,
            ),
            "cases": lambda: self.env._(
                "“%(stage)s”: only %(cases)s deals went on or were lost there, too few "
                "for a chance. Choose a longer range.",
                stage=stage,
                cases=cases,
            ),
            "blocked": lambda: self.env._(
                "“%(stage)s”: none of %(cases)s deals went on, so no number of deals "
                "would reach the goal.",
                stage=stage,
                cases=cases,
            ),
            "time": lambda: self.env._(
                "“%(stage)s”: more than half of the deals are still there, so how long "
                "it takes is not known yet.",
                stage=stage,
            ),
        }[what]()
