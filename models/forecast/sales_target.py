from odoo import api, models
from odoo.tools import SQL


class SalesTarget(models.Model):
    """What targets will come to follows the forecast of the deals."""

    _inherit = "sales.target"

    @api.model
    def _deal_chance_sql(self):
        return SQL(
            "CASE WHEN l.sales_forecast_category = 'omitted' THEN 0"
            " ELSE COALESCE(l.sales_forecast_probability, 0) / 100 END"
        )
