from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    sales_commission_period = fields.Selection(
        related="company_id.sales_commission_period", readonly=False, required=True
    )
    sales_commission_product_id = fields.Many2one(
        related="company_id.sales_commission_product_id", readonly=False
    )
    sales_commission_account_id = fields.Many2one(
        related="company_id.sales_commission_account_id", readonly=False
    )
