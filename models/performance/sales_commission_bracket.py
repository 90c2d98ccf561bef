from odoo import api, fields, models

from ...engine.commission import Bracket
from ...engine.plan_split import decimal


class SalesCommissionBracket(models.Model):
    """From where on which rate applies; the next one ends it, so there are no gaps."""

    _name = "sales.commission.bracket"
    _description = "Bracket of a Commission Plan"
    _inherit = ["sales.commission.part"]
    _order = "plan_id, lower, id"
    _rec_name = "lower"

    lower = fields.Float(
        string="From",
        digits=(16, 2),
        help="Percent of the target, or an amount; the next bracket ends it.",
    )
    basis = fields.Selection(related="plan_id.basis", string="Of")
    rate = fields.Float(
        string="Rate (%)", digits=(16, 4), help="Percent of the credit."
    )
    amount = fields.Monetary(
        string="Fixed Amount", help="Paid once in a period that reaches the bracket."
    )
    upper = fields.Float(
        string="Up to",
        compute="_compute_upper",
        digits=(16, 2),
        help="Where the next bracket begins; 0: open.",
    )

    _not_negative = models.Constraint(
        "CHECK (lower >= 0 AND COALESCE(rate, 0) >= 0 AND COALESCE(amount, 0) >= 0)",
        "Brackets, rates and amounts are not below zero.",
    )
    _lower_uniq = models.UniqueIndex(
        "(plan_id, lower)", "Two brackets of a plan cannot begin at the same place."
    )

    @api.depends("lower", "plan_id.bracket_ids.lower")
    def _compute_upper(self):
        for bracket in self:
            above = [
                other.lower
                for other in bracket.plan_id.bracket_ids
                if other.lower > bracket.lower
            ]
            bracket.upper = min(above, default=0.0)

    def _as_bracket(self):
        """As the engine knows it."""
        self.ensure_one()
        return Bracket(
            decimal(self.lower),
            decimal(self.rate),
            decimal(self.amount),
            self._origin.id or self.id,
        )
