from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    sales_forecast_call_period = fields.Selection(
        related="company_id.sales_forecast_call_period", readonly=False, required=True
    )
    sales_forecast_weekday = fields.Selection(
        related="company_id.sales_forecast_weekday", readonly=False, required=True
    )
    sales_forecast_hour = fields.Float(
        related="company_id.sales_forecast_hour", readonly=False
    )
    sales_forecast_lock = fields.Boolean(
        related="company_id.sales_forecast_lock", readonly=False
    )
    sales_forecast_reminder_days = fields.Integer(
        related="company_id.sales_forecast_reminder_days", readonly=False
    )
