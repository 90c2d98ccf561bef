from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    sales_reminders = fields.Boolean(
        related="company_id.sales_reminders", readonly=False
    )
    sales_collector_id = fields.Many2one(
        related="company_id.sales_collector_id",
        readonly=False,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    sales_hold_mode = fields.Selection(
        related="company_id.sales_hold_mode", readonly=False, required=True
    )
    sales_hold_days = fields.Integer(
        related="company_id.sales_hold_days", readonly=False
    )
    sales_hold_amount = fields.Monetary(
        related="company_id.sales_hold_amount", readonly=False
    )
