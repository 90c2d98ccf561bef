from datetime import date, datetime

from odoo.fields import Command
from odoo.tests import tagged

from .demand_common import DemandCommon


@tagged("post_install", "-at_install")
class TestContractDemand(DemandCommon):
    """What is about to be signed, by product and month, against sums made by hand."""

    # === WHICH DEALS === #

    def test_a_row_for_each_product_line(self):
        deal = self._committed(probability=25)
        order = self._quote(deal, (self.goods, 8, 10), (self.service, 3, 100))
        rows = self._rows(deal).sorted("quantity")
        self.assertEqual(rows.product_id, self.service | self.goods)
        self.assertEqual(rows.mapped("quantity"), [3, 8])
        self.assertEqual(rows.mapped("quantity_weighted"), [0.75, 2])
        self.assertEqual(rows.mapped("amount"), [300, 80])
        self.assertEqual(rows.mapped("product_type"), ["service", "consu"])
        self.assertEqual(rows.lead_id, deal)
        self.assertEqual(rows.order_id, order)
        self.assertEqual(rows.partner_id, self.customer)
        self.assertEqual(rows.stage_id, self.close)
        self.assertEqual(rows.user_id, self.rep_user)
        self.assertEqual(rows.team_id, self.retail)
        self.assertEqual(rows.company_id, self.company)
        self.assertEqual(rows.currency_id, self.company.currency_id)
        self.assertEqual(rows.mapped("date_closing"), [date(2031, 3, 15)] * 2)
        self.assertEqual(rows.product_category_id, self.goods.categ_id)

    def test_only_open_deals_in_commit(self):
        deals = {
            "best case": self._committed(stage_id=self.prove.id),
            "no process": self._committed(),
            "won": self._committed(),
            "lost": self._committed(),
            "archived": self._committed(),
            "lead": self._committed(),
        }
        for deal in deals.values():
            self._quote(deal, (self.goods, 1, 10))
        deals["no process"].sales_process_id = False
        deals["won"].action_set_won()
        deals["lost"].action_set_lost()
        deals["archived"].active = False
        deals["lead"].type = "lead"
        for name, deal in deals.items():
            with self.subTest(name):
                self.assertFalse(self._rows(deal))

    def test_follows_the_deal_at_once(self):
        deal = self._committed()
        self._quote(deal, (self.goods, 1, 10))
        self.assertRows([deal], (self.goods, 1, 10))
        deal.stage_id = self.prove
        self.assertRows([deal])
        deal.stage_id = self.close
        self.assertRows([deal], (self.goods, 1, 10))

    def test_follows_the_quotation_at_once(self):
        deal = self._committed()
        order = self._quote(deal, (self.goods, 1, 10))
        self.assertRows([deal], (self.goods, 1, 10))
        order.order_line.write({"product_uom_qty": 4, "price_unit": 10})
        self.assertRows([deal], (self.goods, 4, 40))
        order.action_confirm()
        self.assertRows([deal])

    # === WHICH QUOTATION === #

    def test_demand_counts_once(self):
        """The latest of those that were sent, whatever else was drafted since."""
        deal = self._committed()
        sent = {"state": "sent"}
        self._quote(deal, (self.goods, 1, 10), date_order=datetime(2030, 1, 1), **sent)
        self._quote(deal, (self.goods, 2, 10), date_order=datetime(2030, 1, 5), **sent)
        self._quote(deal, (self.goods, 3, 10), date_order=datetime(2030, 1, 3), **sent)
        self._quote(deal, (self.goods, 4, 10), date_order=datetime(2030, 1, 9))
        self.assertRows([deal], (self.goods, 2, 20))

    def test_nothing_sent_yet(self):
        deal = self._committed()
        self._quote(deal, (self.goods, 1, 10), date_order=datetime(2030, 1, 5))
        self._quote(deal, (self.goods, 2, 10), date_order=datetime(2030, 1, 9))
        self._quote(
            deal, (self.goods, 3, 10), date_order=datetime(2030, 2, 9), state="cancel"
        )
        self.assertRows([deal], (self.goods, 2, 20))

    def test_an_order_beside_a_quotation(self):
        """Half of it is signed; the other half is about to be."""
        deal = self._committed()
        self._quote(deal, (self.goods, 1, 10)).action_confirm()
        deal.stage_id = self.close
        self.assertRows([deal])
        self._quote(deal, (self.goods, 5, 10))
        self.assertRows([deal], (self.goods, 5, 50))

    def test_without_a_quotation(self):
        """Nothing is hidden: the deal stands for itself."""
        none = self.env["product.product"]
        deal = self._committed(expected_revenue=1234.5)
        self.assertRows([deal], (none, 0, 1234.5))
        [row] = self._rows(deal)
        self.assertEqual(row.partner_id, self.customer)
        self.assertEqual(row.date_closing, date(2031, 3, 15))
        self.assertEqual(row.date_delivery, date(2031, 3, 15))
        self.assertFalse(row.order_id or row.quantity_weighted)
        order = self._quote(deal, state="cancel")
        self.assertRows([deal], (none, 0, 1234.5))
        order.state = "draft"  # an empty one says nothing either
        deal.expected_revenue = 1234.5
        self.assertRows([deal], (none, 0, 1234.5))

    # === HOW MUCH === #

    def test_what_adds_up_to_the_quotation(self):
        """Discounts count; texts and options that nobody chose do not."""
        deal = self._committed()
        order = self._quote(
            deal,
            (self.goods, 3, 33.33, {"discount": 10}),
            (self.service, -1, 5),
            (self.service, 0, 100),
        )
        order.order_line = [
            Command.create({"display_type": "line_section", "name": "Machines"}),
            Command.create({"display_type": "line_note", "name": "Painted red"}),
        ]
        # 99.99 less 10 % is 89.991
        self.assertRows([deal], (self.goods, 3, 89.99), (self.service, -1, -5))
        self.assertEqual(sum(self._rows(deal).mapped("amount")), order.amount_untaxed)

    def test_units_of_measure(self):
        unit = self.env.ref("uom.product_uom_unit")
        dozen = self.env.ref("uom.product_uom_dozen")
        hundreds = self.env["uom.uom"].create(
            {"name": "Hundred", "relative_factor": 100, "relative_uom_id": unit.id}
        )
        boxed = self.env["product.product"].create(
            {"name": "Screws", "type": "consu", "uom_id": dozen.id}
        )
        deal = self._committed(probability=50)
        self._quote(
            deal,
            (self.goods, 2, 60, {"product_uom_id": dozen.id}),
            (self.goods, 1, 500, {"product_uom_id": hundreds.id}),
            (boxed, 30, 1, {"product_uom_id": unit.id}),
            (boxed, 3, 12, {"product_uom_id": dozen.id}),
        )
        self.assertRows(
            [deal],
            (self.goods, 24, 120),
            (self.goods, 100, 500),
            (boxed, 2.5, 30),
            (boxed, 3, 36),
        )
        [[quantity, weighted]] = self.demand._read_group(
            [("lead_id", "=", deal.id), ("product_uom_id", "=", dozen.id)],
            aggregates=["quantity:sum", "quantity_weighted:sum"],
        )
        self.assertAlmostEqual(quantity, 5.5)
        self.assertAlmostEqual(weighted, 2.75)

    def test_currencies(self):
        """In the currency of the company, at the rate of the quotation's day."""
        gulden = self.env["res.currency"].create(
            {
                "name": "GLD",
                "symbol": "ƒ",
                "rate_ids": [
                    Command.create(
                        {
                            "name": day,
                            "rate": rate,
                            "company_id": self.company.root_id.id,
                        }
                    )
                    for day, rate in (("2029-01-01", 2), ("2030-01-01", 4))
                ],
            }
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Gulden", "currency_id": gulden.id}
        )
        for day, expected in ((datetime(2029, 6, 1), 50), (datetime(2030, 6, 1), 25)):
            deal = self._committed()
            order = self._quote(
                deal,
                (self.goods, 3, 33.33),
                date_order=day,
                pricelist_id=pricelist.id,
            )
            self.assertEqual(order.currency_id, gulden)
            # 99.99 / 2 = 49.995 and 99.99 / 4 = 24.9975
            self.assertRows([deal], (self.goods, 3, expected))

    # === WHEN === #

    def test_promised_delivery(self):
        """On the company's calendar: 23:30 in UTC is the next day in Paris."""
        self.company.resource_calendar_id.tz = "Europe/Paris"
        deal = self._committed()
        self._quote(
            deal,
            (self.goods, 1, 10, {"customer_lead": 5}),
            commitment_date=datetime(2031, 4, 1, 23, 30),
        )
        self.assertEqual(self._rows(deal).date_delivery, date(2031, 4, 2))

    def test_lead_time(self):
        deal = self._committed()
        self._quote(
            deal,
            (self.goods, 1, 10, {"customer_lead": 20}),
            (self.service, 1, 10, {"customer_lead": 0.5}),
        )
        days = {row.product_id: row.date_delivery for row in self._rows(deal)}
        self.assertEqual(days[self.goods], date(2031, 4, 4))
        self.assertEqual(days[self.service], date(2031, 3, 16))
        deal.date_deadline = False
        self.assertEqual(self._rows(deal).mapped("date_delivery"), [False, False])

    def test_by_product_and_month(self):
        march = self._committed()
        april = self._committed(date_deadline=date(2031, 4, 30))
        self._quote(march, (self.goods, 1, 10), (self.goods, 2, 10))
        self._quote(april, (self.goods, 5, 10), (self.service, 7, 10))
        groups = self.demand._read_group(
            [("lead_id", "in", (march | april).ids)],
            ["product_id", "date_closing:month"],
            ["quantity:sum", "amount:sum"],
        )
        self.assertCountEqual(
            groups,
            [
                (self.goods, date(2031, 3, 1), 3, 30),
                (self.goods, date(2031, 4, 1), 5, 50),
                (self.service, date(2031, 4, 1), 7, 70),
            ],
        )

    # === SPEED === #

    def test_constant_number_of_queries(self):
        names = [name for name in self.demand._fields if name != "id"]

        def count(user, size):
            deals = self.env["crm.lead"].browse()
            for _number in range(size):
                deal = self._committed()
                self._quote(deal, (self.goods, 1, 10), (self.service, 1, 10))
                deals |= deal
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            demand = self.demand.with_user(user)
            rows = demand.search_read([("lead_id", "in", deals.ids)], names)
            demand.formatted_read_group(
                [("lead_id", "in", deals.ids)],
                ["product_id", "date_closing:month"],
                ["quantity:sum", "amount:sum"],
            )
            self.assertEqual(len(rows), 2 * size)
            return self.env.cr.sql_log_count - before

        for user in (self.rep_user, self.leader_user):
            with self.subTest(user.name):
                count(user, 2)
                self.assertEqual(count(user, 4), count(user, 8))
