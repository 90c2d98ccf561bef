from odoo.tests import tagged

from .plan_common import PlanCommon


@tagged("post_install", "-at_install")
class TestContractPlanSpeed(PlanCommon):
    """The number of queries does not grow with the number of orders."""

    def _orders(self, count, **values):
        vals = self._order_vals(sales_plan_template_id=self.plan.id, **values)
        return self.env["sale.order"].create([dict(vals) for _order in range(count)])

    def _count(self, function, *args):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function(*args)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def assertConstant(self, function, sizes=(5, 10)):
        """The same number of queries for n and 2n orders, on warm caches."""
        for _warm in range(2):
            self._count(function, self._orders(2))
        counts = [self._count(function, self._orders(size)) for size in sizes]
        self.assertEqual(*counts)
        return counts[0]

    def test_making_plans(self):
        """What instalments cost beyond the orders themselves."""

        def make(orders):
            orders.sales_plan_line_ids.unlink()
            orders._make_sales_plan()

        self.assertConstant(make)

    def test_creating_orders_with_plans(self):
        """Core reads prices order by order; we add a constant number to it."""

        def beyond(count):
            plain = self._count(self._create_plain, count)
            return self._count(self._orders, count) - plain

        beyond(2)
        self.assertEqual(beyond(5), beyond(10))

    def _create_plain(self, count):
        vals = self._order_vals()
        self.env["sale.order"].create([dict(vals) for _order in range(count)])

    def test_confirming(self):
        self.assertConstant(lambda orders: orders.action_confirm())

    def test_delivering(self):
        def deliver(orders):
            orders.order_line.qty_delivered = 1

        for orders in (self._orders(5), self._orders(10)):
            orders.action_confirm()
        counts = []
        for size in (2, 5, 10):
            orders = self._orders(size)
            orders.action_confirm()
            counts.append(self._count(deliver, orders))
            delivered = orders.sales_plan_line_ids.filtered("date_trigger")
            self.assertEqual(len(delivered), 2 * size, "signing and delivery")
        self.assertEqual(*counts[1:])

    def test_listing(self):
        names = ["name", "order_id", "when", "amount", "percent", "state", "is_final"]

        def read(orders):
            lines = self.env["sales.plan.line"].with_user(self.rep_user)
            lines.search_fetch([("order_id", "in", orders.ids)], names)
            lines.search([("order_id", "in", orders.ids)]).read(names)

        self.assertConstant(read)

    def test_orders_with_their_gap(self):
        def read(orders):
            orders.with_user(self.rep_user).read(
                ["sales_plan_gap", "sales_plan_collected", "sales_plan_message"]
            )

        self.assertConstant(read)

    def test_grouping(self):
        self._orders(3)
        lines = self.env["sales.plan.line"].with_user(self.rep_user)
        groups = lines.formatted_read_group([], ["state"], ["amount:sum"])
        self.assertTrue(groups)
        self.assertEqual(
            sum(group["amount:sum"] for group in groups),
            sum(lines.search([]).mapped("amount")),
        )
