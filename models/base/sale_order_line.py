from odoo import api, models


class SaleOrderLine(models.Model):
    """The addon's only ``create`` and ``write`` of order lines.

    Capabilities hook into ``_sales_before_write`` and ``_sales_after_create`` instead,
    so import order never matters. They all call ``super()``.
    """

    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        copies = [dict(vals) for vals in vals_list]  # core adds keys to them
        lines = super().create(vals_list)
        lines._sales_after_create(copies)
        return lines

    def write(self, vals):
        self._sales_before_write(vals)
        return super().write(vals)

    def _sales_after_create(self, vals_list):
        """Hook: lines were created with ``vals_list`` (one dict each, same order)."""

    def _sales_before_write(self, vals):
        """Hook: ``vals`` are about to be written. Raise to refuse them.

        :param dict vals: what is written; not to be changed here
        """
