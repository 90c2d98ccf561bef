from odoo import models


class SaleOrder(models.Model):
    """Nobody accepts what a cancelled order was for."""

    _inherit = "sale.order"

    def _sales_after_write(self, vals, before):
        result = super()._sales_after_write(vals, before)
        if vals.get("state") in ("cancel", "draft"):
            self.sales_plan_line_ids._drop_outdated_questions()
        return result
