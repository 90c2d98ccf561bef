from odoo.fields import Command
from odoo.tests import tagged

from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestContractInvoice(MoneyCommon):
    """Instalments become invoices of exactly their amount."""

    def test_button_makes_one_draft_of_the_amount(self):
        order = self._order(300.0, 400.0, 450.0)
        first, second, final = order.sales_plan_line_ids
        action = first.action_invoice()
        move = self.env["account.move"].browse(action["res_id"])
        self.assertEqual(move.state, "draft")
        self.assertEqual(move.amount_total, 300.0)
        self.assertEqual(move.sales_plan_line_id, first)
        self.assertEqual(
            move.invoice_line_ids.filtered("price_unit").mapped("name"), ["Part 1"]
        )
        self.assertFigures(first, amount_draft=300.0, amount_to_invoice=0.0)
        move.action_post()
        self.assertFigures(first, 300, 0, 300, "invoiced", amount_draft=0.0)
        self._invoice(second)
        last = self._invoice(final)
        self.assertEqual(last.amount_total, 450.0)
        self.assertFigures(final, 450, 0, 450, "invoiced")
        self._pay(last)
        self.assertFigures(final, 450, 450, 0, "collected")
