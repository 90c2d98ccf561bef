from odoo.tests import HttpCase, tagged

from .ageing_common import AgeingCommon


@tagged("post_install", "-at_install")
class TestContractReceivablesTour(AgeingCommon, HttpCase):
    """The board in a browser, as an accountant."""

    def test_receivables(self):
        order = self._aged((100.0, 100))
        self.start_tour(
            "/odoo/receivables",
            "sales_process_receivables",
            login="sp_ageing_accountant",
        )
        first = order._sorted_sales_plan()[0]
        self.assertEqual(first.invoice_ids.amount_total, 100.0)
