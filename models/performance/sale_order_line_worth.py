from odoo import models

from ...engine.plan_split import decimal
from .sale_order_worth import build_line


class SaleOrderLine(models.Model):
    """What a line brings, as commission counts it."""

    _inherit = "sale.order.line"

    def _commission_line(self, rate, gift):
        """In the currency of the company: :class:`.commission_offer.Line`.

        :param rate: units of the currency of the order for one of the company's
        :param gift: the product that stands for a discount on the whole quotation
        """
        self.ensure_one()
        untaxed = decimal(self.price_subtotal)
        return build_line(
            self.product_id,
            rate,
            untaxed,
            decimal(self.price_total),
            untaxed - decimal(self.margin),
            decimal(self.discount),
            decimal(self.price_unit) * decimal(self.product_uom_qty),
            gift,
        )
