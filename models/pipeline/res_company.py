from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    sales_closing_ask = fields.Boolean(
        string="Ask for Overdue Closing Dates",
        default=True,
        help="A deal past its expected closing asks its owner for a new date with a "
        "reason, or for closing it.",
    )
    sales_closing_grace_days = fields.Integer(
        string="Days of Grace",
        help="How many calendar days a deal may be past its expected closing before it "
        "counts as overdue.",
    )
    sales_closing_escalation_days = fields.Integer(
        string="Days until the Leader Sees it",
        default=7,
        help="After how many calendar days of being overdue without an answer a deal "
        "appears before the leader.",
    )

    _sales_closing_days_not_negative = models.Constraint(
        "CHECK (sales_closing_grace_days >= 0 AND sales_closing_escalation_days >= 0)",
        "Days of grace and days until the leader sees it cannot be negative.",
    )
