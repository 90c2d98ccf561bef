from odoo import SUPERUSER_ID, api

from odoo.addons.sales_process.hooks import fill_forecast, fill_forecast_lines


def migrate(cr, version):
    """Work out what deals, orders and documents of before count in the forecast."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    fill_forecast(env)
    fill_forecast_lines(env)
