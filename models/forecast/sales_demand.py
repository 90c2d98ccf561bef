from odoo import api, models
from odoo.tools import SQL


class SalesDemand(models.Model):
    """Quantities are weighted as the forecast weighs money."""

    _inherit = "sales.demand"
    _depends = {"crm.lead": ["sales_forecast_probability"]}

    @api.model
    def _chance_sql(self):
        return SQL("COALESCE(deal.sales_forecast_probability, 0)::numeric")
