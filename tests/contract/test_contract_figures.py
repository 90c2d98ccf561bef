from odoo.fields import Command
from odoo.tests import tagged

from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestContractFigures(MoneyCommon):
    """What was invoiced and collected follows documents and reconciliations at once."""

    def setUp(self):
        super().setUp()
        self.order = self._order(300.0, 400.0, 450.0)
        self.first, self.second, self.final = self.order.sales_plan_line_ids

    def _plain_down_payment(self, amount, order=None):
        """A down payment by Odoo's own wizard, which knows of no instalment."""
        order = order or self.order
        wizard = self.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": [Command.set(order.ids)],
                "advance_payment_method": "fixed",
                "fixed_amount": amount,
            }
        )
        return wizard._create_invoices(order)

    def test_unpinned_fills_in_sequence(self):
        invoice = self._plain_down_payment(500.0)
        self.assertFigures(self.first, amount_draft=300.0, amount_to_invoice=0.0)
        self.assertFigures(self.second, amount_draft=200.0, amount_to_invoice=200.0)
        invoice.action_post()
        self.assertFigures(self.first, 300, 0, 300, "invoiced", amount_draft=0.0)
        self.assertFigures(self.second, 200, 0, 200, "invoiced", amount_draft=0.0)
        self.assertFigures(self.final)
        self._pay(invoice, 350.0)
        self.assertFigures(self.first, 300, 300, 0, "collected")
        self.assertFigures(self.second, 200, 50, 150, "partial")
