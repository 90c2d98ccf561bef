from odoo.tests import tagged

from odoo.addons.sales_process.hooks import fill_forecast_lines

from .forecast_line_common import ForecastLineCommon

ORDER = ("sales_main_category_id", "sales_unplanned", "sales_is_ordered")
MOVE = ("sales_main_order_id", "sales_is_shared", "sales_main_category_id")


@tagged("post_install", "-at_install")
class TestForecastLineFill(ForecastLineCommon):
    """What was there before the installation looks as if it had come after it."""

    rule_tested_models = ()

    def test_orders_and_documents_of_before(self):
        orders = self._order() | self._order(1150.0) | self._order(confirm=False)
        self._down_payment(orders[0], 300.0).action_post()
        (orders[0] | self._order())._create_invoices().action_post()
        cancelled = self._order()
        self._down_payment(cancelled, 200.0).action_post()
        cancelled.with_context(disable_cancel_warning=True).action_cancel()
        orders = self.env["sale.order"].search([])
        moves = self.env["account.move"].search([])
        expected = self._columns(orders, ORDER), self._columns(moves, MOVE)
        self.env.cr.execute(
            "UPDATE sale_order SET sales_main_category_id = NULL,"
            " sales_unplanned = NULL, sales_is_ordered = NULL;"
            " UPDATE account_move SET sales_main_order_id = NULL,"
            " sales_is_shared = NULL, sales_main_category_id = NULL"
        )
        self.env.invalidate_all()
        fill_forecast_lines(self.env)
        self.env.invalidate_all()
        found = self._columns(orders, ORDER), self._columns(moves, MOVE)
        self.assertEqual(found, expected)
        self.assertTrue(cancelled.sales_is_ordered)

    def _columns(self, records, names):
        self.env.flush_all()
        return {
            record.id: [record[name] or False for name in names] for record in records
        }
