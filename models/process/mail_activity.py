from odoo import fields, models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    sales_evidence_id = fields.Many2one(
        comodel_name="sales.evidence",
        string="Evidence to Verify",
        index="btree_not_null",
        ondelete="cascade",
        readonly=True,
        help="Closes by itself once the evidence is decided.",
    )
