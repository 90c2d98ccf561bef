from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ...engine.plan_split import decimal
from .sales_commission_assignment import is_own


class SalesCommissionBonus(models.Model):
    """An amount for reaching something in a period, or for somebody on a day."""

    _name = "sales.commission.bonus"
    _description = "Bonus of a Commission Plan"
    _inherit = ["sales.commission.part"]
    _order = "plan_id, id"

    name = fields.Char(required=True)
    trigger = fields.Selection(
        selection=[
            ("attainment", "Target Reached by (%)"),
            ("amount", "Amount Reached"),
            ("day", "On a Day"),
        ],
        string="Paid When",
        required=True,
        default="attainment",
    )
    goal = fields.Float(
        default=100.0, digits=(16, 2), help="Percent of the target, or an amount."
    )
    date = fields.Date(string="Day")
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Salesperson",
        ondelete="restrict",
        help="Empty: everybody in the plan.",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Dealer", ondelete="restrict"
    )
    amount = fields.Monetary(required=True)
    is_once = fields.Boolean(
        string="Only the First Time",
        help="In this version of the plan; else in every period that reaches it.",
    )

    _amount_not_negative = models.Constraint(
        "CHECK (amount >= 0 AND COALESCE(goal, 0) >= 0)",
        "A bonus is not below zero.",
    )

    @api.constrains("trigger", "date", "goal", "user_id", "partner_id")
    def _check_complete(self):
        for bonus in self:
            if bonus.trigger == "day" and not bonus.date:
                raise ValidationError(
                    self.env._("Say on which day “%s” is paid.", bonus.name)
                )
            if bonus.trigger != "day" and not bonus.goal:
                raise ValidationError(
                    self.env._("Say what has to be reached for “%s”.", bonus.name)
                )
            if bonus.user_id and bonus.partner_id:
                raise ValidationError(
                    self.env._(
                        "“%s” is for a salesperson or for a dealer, not both.",
                        bonus.name,
                    )
                )

    def _check_may_change(self):
        """One for a day can be given later too, but not to oneself."""
        given = self.filtered(
            lambda bonus: bonus.trigger == "day" and bonus.plan_id.state == "published"
        )
        given.plan_id._check_not_own()
        if not self.env.su and any(is_own(bonus) for bonus in self):
            raise AccessError(self.env._("Nobody gives a bonus to oneself."))
        return super(SalesCommissionBonus, self - given)._check_may_change()

    def _as_dict(self):
        """As commission is worked out with it."""
        self.ensure_one()
        owner = ("user", self.user_id.id) if self.user_id else None
        if self.partner_id:
            owner = ("partner", self.partner_id.id)
        return {
            "id": self.id,
            "trigger": self.trigger,
            "goal": decimal(self.goal),
            "date": self.date,
            "owner": owner,
            "amount": decimal(self.amount),
            "is_once": self.is_once,
        }
