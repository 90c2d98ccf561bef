from odoo import api, models


class SalesPlanLineName(models.Model):
    """An instalment is found by its order, too: many have the same name."""

    _inherit = "sales.plan.line"
    _rec_names_search = ["name", "order_id.name"]

    @api.depends("name", "order_id.name")
    def _compute_display_name(self):
        for line in self:
            order = line.order_id.sudo()  # its number is on the instalment anyway
            line.display_name = ", ".join(filter(None, (order.name, line.name)))
