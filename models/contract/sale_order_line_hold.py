from odoo import models
from odoo.tools import float_compare


class SaleOrderLine(models.Model):
    """Nobody types a delivery to a customer on hold."""

    _inherit = "sale.order.line"

    def _sales_after_create(self, vals_list):
        result = super()._sales_after_create(vals_list)
        delivered = self.browse(
            line.id
            for line, vals in zip(self, vals_list, strict=True)
            if vals.get("qty_delivered", 0) > 0
        )
        delivered._sales_check_delivery()
        return result

    def _sales_before_write(self, vals):
        result = super()._sales_before_write(vals)
        if "qty_delivered" in vals:
            # Taking back what was typed by mistake stays possible.
            digits = self.env["decimal.precision"].precision_get("Product Unit")
            self.filtered(
                lambda line: (
                    float_compare(
                        vals["qty_delivered"] or 0, line.qty_delivered, digits
                    )
                    > 0
                )
            )._sales_check_delivery()
        return result

    def _sales_check_delivery(self):
        """:raise UserError: where the order may not be delivered"""
        typed = self.filtered(lambda line: not line.is_downpayment)
        typed.order_id.filtered(lambda order: order.state == "sale")._check_hold()
