from odoo import fields, models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    sales_closing_lead_id = fields.Many2one(
        comodel_name="crm.lead",
        string="Deal past its Expected Closing",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
        help="Closes by itself once the deal has a new closing date or is closed.",
    )
