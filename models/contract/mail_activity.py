from odoo import fields, models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    sales_contract_reminder = fields.Selection(
        selection=[("notice", "Notice"), ("end", "End")],
        string="Reminder of a Contract",
        readonly=True,
        index="btree_not_null",
        help="Asks for a decision on a contract; closes when there is one.",
    )
