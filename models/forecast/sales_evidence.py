from odoo import api, models

# What decides whether something is proven.
DECISIVE = frozenset({"lead_id", "state", "date_expiry", "source"})


class SalesEvidence(models.Model):
    """What is proven tells how likely a deal is won, from the moment it is."""

    _inherit = "sales.evidence"

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows.filtered(
            lambda row: row.state != "submitted"
        ).lead_id._sales_forecast_proven()
        return rows

    def write(self, vals):
        result = super().write(vals)
        if DECISIVE & vals.keys():
            self.lead_id._sales_forecast_proven()
        return result
