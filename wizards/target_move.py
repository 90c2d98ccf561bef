from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.target.sales_target_proration import MOVES, RESTS
from ..models.target.sales_target_weight import RAMP


class SalesTargetMove(models.TransientModel):
    """A person joins, leaves or changes the team on a day."""

    _name = "sales.target.move"
    _description = "Join, Leave or Change the Team"

    plan_id = fields.Many2one(
        comodel_name="sales.target.plan", required=True, readonly=True
    )
    plan_state = fields.Selection(related="plan_id.state")
    kind = fields.Selection(
        selection=MOVES, string="What", required=True, default="join"
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Who",
        required=True,
        domain="[('share', '=', False)]",
    )
    day = fields.Date(
        string="From", required=True, help="The first day in the new team, or away."
    )
    team_choice_ids = fields.Many2many(
        comodel_name="crm.team", compute="_compute_team_choice_ids"
    )
    source_id = fields.Many2one(
        comodel_name="crm.team",
        string="Leaves",
        compute="_compute_source_id",
        store=True,
        readonly=False,
        domain="[('id', 'in', team_choice_ids)]",
    )
    goal_id = fields.Many2one(
        comodel_name="crm.team",
        string="Joins",
        domain="[('id', 'in', team_choice_ids)]",
    )
    is_typed = fields.Boolean(
        string="Enter the Target of a Full Period",
        help="Else somebody new gets the average of the people who are in the team for "
        "the whole period.",
    )
    amount = fields.Float(string="Full Period", digits=0)
    ramp_1 = fields.Float(string="First 30 Days (%)", default=RAMP[0])
    ramp_2 = fields.Float(string="Second 30 Days (%)", default=RAMP[1])
    ramp_3 = fields.Float(string="Third 30 Days (%)", default=RAMP[2])
    rest = fields.Selection(
        selection=RESTS,
        string="What Becomes of the Difference",
        required=True,
        default="open",
        help="Left open, it is shown as mismatch of the team until somebody divides "
        "it.",
    )
    reason = fields.Text(string="Why It Is Changed")
    is_published_now = fields.Boolean(
        string="Publish at Once", help="Else the new version stays a draft."
    )

    @api.depends("plan_id")
    def _compute_team_choice_ids(self):
        for wizard in self:
            wizard.team_choice_ids = wizard.plan_id._targets().team_id

    @api.depends("plan_id", "user_id")
    def _compute_source_id(self):
        """The team somebody has targets in, if it is one."""
        for wizard in self:
            mine = wizard.plan_id._targets().filtered(
                lambda target, user=wizard.user_id: target.user_id == user
            )
            teams = mine.parent_id.team_id
            wizard.source_id = teams if wizard.user_id and len(teams) == 1 else False

    def action_apply(self):
        """Change the plan, or make a version of it that is changed.

        :raise UserError: where a team is missing
        """
        self.ensure_one()
        if self.kind != "join" and not self.source_id:
            raise UserError(self.env._("Choose the team that is left."))
        if self.kind != "leave" and not self.goal_id:
            raise UserError(self.env._("Choose the team that is joined."))
        plan = self.plan_id
        if plan.state == "published":
            plan = plan._make_version(self.reason)
        new = {"ramp": (self.ramp_1, self.ramp_2, self.ramp_3)}
        if not all(0 <= percent <= 100 for percent in new["ramp"]) or self.amount < 0:
            raise UserError(
                self.env._("Enter percents between 0 and 100, and no negative amount.")
            )
        if self.is_typed:
            new["amount"] = self.amount
        plan._prorate(
            self.kind,
            self.user_id,
            self.day,
            source=self.source_id if self.kind != "join" else None,
            goal=self.goal_id if self.kind != "leave" else None,
            rest=self.rest,
            **(new if self.kind == "join" else {}),
        )
        if plan != self.plan_id:
            if self.is_published_now:
                plan.action_publish()
            return plan.get_formview_action()
        return {"type": "ir.actions.act_window_close"}
