from odoo import fields, models

HOLD_MODES = [
    ("none", "Nothing happens"),
    ("warn", "A warning on the order"),
    ("approval", "Accounting has to release the order"),
]


class ResCompany(models.Model):
    _inherit = "res.company"

    sales_reminders = fields.Boolean(
        string="Send Payment Reminders",
        help="Customers are reminded of open instalments every day, by the reminder "
        "rules.",
    )
    sales_collector_id = fields.Many2one(
        comodel_name="res.users",
        string="Collects by Default",
        help="Who asks customers for the money where the contract names nobody. Empty: "
        "the salesperson.",
    )
    sales_hold_mode = fields.Selection(
        selection=HOLD_MODES,
        string="Customers Who Do Not Pay",
        required=True,
        default="none",
        help="What happens to quotations and deliveries of a customer with overdue "
        "invoices.",
    )
    sales_hold_days = fields.Integer(
        string="On Hold after Days Overdue",
        default=30,
        help="Invoices count from so many days after they were due.",
    )
    sales_hold_amount = fields.Monetary(
        string="On Hold from Overdue Amount",
        default=0.0,
        help="In the currency of the company. Zero: any amount.",
    )

    _hold_not_negative = models.Constraint(
        "CHECK (sales_hold_days >= 0 AND sales_hold_amount >= 0)",
        "A customer is put on hold after days and from an amount of zero or more.",
    )
