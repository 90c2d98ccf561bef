from odoo import api, models

CREDITED = {"price_subtotal", "margin", "product_id", "order_id"}


class SaleOrderLine(models.Model):
    """A confirmed order is worth what its lines are."""

    _inherit = "sale.order.line"

    def _sales_after_create(self, vals_list):
        result = super()._sales_after_create(vals_list)
        self._sales_note_credit()
        return result

    def _write_multi(self, vals_list):
        if any(CREDITED & vals.keys() for vals in vals_list):
            self._sales_note_credit()
        return super()._write_multi(vals_list)

    @api.ondelete(at_uninstall=False)
    def _sales_note_gone(self):
        self._sales_note_credit()

    def _sales_note_credit(self):
        confirmed = self.order_id.filtered(lambda order: order.state == "sale")
        self.env["sales.credit"]._note("sale.order", confirmed.ids, begins=False)
