from odoo import SUPERUSER_ID, api

from odoo.addons.sales_process.hooks import fill_forecast


def migrate(cr, version):
    """Work out what the deals of before count in the forecast."""
    fill_forecast(api.Environment(cr, SUPERUSER_ID, {}))
