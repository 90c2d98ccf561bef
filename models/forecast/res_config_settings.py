from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    sales_forecast_method = fields.Selection(
        related="company_id.sales_forecast_method", readonly=False
    )
