from odoo import models


class SalesMetric(models.Model):
    """Goals of challenges on a metric say what it says."""

    _inherit = "sales.metric"

    def write(self, vals):
        result = super().write(vals)
        if {"better", "unit"} & vals.keys():
            goals = self.env["gamification.goal.definition"]
            goals = goals.sudo()  # who may change metrics need not manage challenges
            goals.search([("sales_metric_id", "in", self.ids)])._sales_follow_metric()
        return result
