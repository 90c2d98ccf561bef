from odoo import models


class SalesPipelineHistory(models.Model):
    _inherit = "sales.pipeline.history"

    # The few deals in commit among all rows of all deals, see ``sales.demand``.
    _demand_idx = models.Index(
        "(lead_id) WHERE date_to IS NULL AND status = 'open'"
        " AND forecast_category = 'commit'"
    )
