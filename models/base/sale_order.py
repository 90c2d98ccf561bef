from odoo import api, models

from .whole import as_a_whole


class SaleOrder(models.Model):
    """The addon's only ``create``, ``write`` and ``unlink`` of orders.

    Capabilities hook into ``_sales_before_create``, ``_sales_after_create``,
    ``_sales_before_write``, ``_sales_after_write`` and ``_sales_before_unlink``
    instead, so import order never matters. They all call ``super()``.
    """

    _inherit = "sale.order"

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [dict(vals) for vals in vals_list]  # core adds keys to them
        self._sales_before_create(vals_list)
        with as_a_whole(self):
            orders = super().create([dict(vals) for vals in vals_list])
        orders._sales_after_create(vals_list)
        return orders

    def write(self, vals):
        vals = dict(vals)
        before = self._sales_before_write(vals)
        with as_a_whole(self):
            result = super().write(dict(vals))
        self._sales_after_write(vals, before)
        return result

    def unlink(self):
        self._sales_before_unlink()
        return super().unlink()

    # === HOOKS === #

    def _sales_before_create(self, vals_list):
        """Hook: orders are about to be created. Raise to refuse them.

        :param list vals_list: a dict for each, which may be changed here
        """

    def _sales_after_create(self, vals_list):
        """Hook: orders were created with ``vals_list`` (one dict each, same order)."""

    def _sales_before_write(self, vals):
        """Hook: ``vals`` are about to be written. Raise to refuse them.

        :param dict vals: what is written; may be changed here
        :return: a dict of what :meth:`_sales_after_write` needs to know of the state
            before, with a key for each capability
        """
        return {}

    def _sales_after_write(self, vals, before):
        """Hook: ``vals`` were written; ``before`` is what was told beforehand."""

    def _sales_before_unlink(self):
        """Hook: the orders are about to be deleted. Raise to refuse it."""

    def _sales_check_whole(self):
        """Hook: check what lines have to be together. Raise to refuse them."""
