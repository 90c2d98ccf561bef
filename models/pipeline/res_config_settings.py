from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    sales_closing_ask = fields.Boolean(
        related="company_id.sales_closing_ask", readonly=False
    )
    sales_closing_grace_days = fields.Integer(
        related="company_id.sales_closing_grace_days", readonly=False
    )
    sales_closing_escalation_days = fields.Integer(
        related="company_id.sales_closing_escalation_days", readonly=False
    )
