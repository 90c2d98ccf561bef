from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .forecast_line_common import ForecastLineCommon


@tagged("post_install", "-at_install")
class TestForecastLineMoney(ForecastLineCommon):
    """Currencies and companies; and the same number of queries for twice as much."""

    rule_tested_models = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pounds = cls.setup_other_currency("GBP", rates=[("1900-01-01", 2.0)])

    def _abroad(self, currency, **values):
        pricelist = self.env["product.pricelist"].create(
            {"name": currency.name, "currency_id": currency.id}
        )
        return self._order(
            1150.0,
            lines=[(self.product_a, 1, 1000.0, self.tax_sale_a)],
            pricelist_id=pricelist.id,
            **values,
        )

    # === CURRENCIES === #

    def test_in_the_currency_of_the_company(self):
        """1,150.00 pounds at 2 pounds for one: 575.00, also on the invoice."""
        order = self._abroad(self.pounds)
        self.assertSlices(order, ("backlog", self.today, 575.0))
        [row] = self._rows(order)
        self.assertEqual(row.currency_id, self.company.currency_id)
        self.assertFalse(row.is_rate_missing)
        move = self._invoice(order.sales_plan_line_ids)
        self.assertEqual(self._sums(order), {"invoiced": 575.0})
        self._pay(move, 230.0, currency_id=self.pounds.id, installments_mode="full")
        self.assertEqual(self._sums(order), {"invoiced": 460.0, "collected": 115.0})

    def test_an_order_without_plan_abroad(self):
        pricelist = self.env["product.pricelist"].create(
            {"name": "P", "currency_id": self.pounds.id}
        )
        order = self._order(
            lines=[(self.product_a, 1, 1000.0, self.tax_sale_a)],
            pricelist_id=pricelist.id,
        )
        self.assertEqual(self._sums(order), {"backlog": 575.0})
        self._down_payment(order, 115.0).action_post()
        self.assertEqual(self._sums(order), {"backlog": 517.5, "invoiced": 57.5})

    def test_shown_in_a_chosen_currency(self):
        deal = self._deal()
        own, pounds = self.company.currency_id, self.pounds
        self.assertEqual(self._shown(deal, []), (own, 1000.0, 400.0))
        chosen = [("shown_currency_id", "=", pounds.id)]
        self.assertEqual(self._shown(deal, chosen), (pounds, 2000.0, 800.0))
        typed = [("shown_currency_id", "ilike", "gbp")]
        self.assertEqual(self._shown(deal, typed), (pounds, 2000.0, 800.0))
        groups = self.lines._read_group(
            [("lead_id", "=", deal.id), *chosen], ["kind"], ["weighted_shown:sum"]
        )
        self.assertEqual(groups, [("pipeline", 800.0)])

    def _shown(self, deal, domain):
        self.lines.invalidate_model(flush=False)
        [row] = self.lines.search_fetch(
            [("lead_id", "=", deal.id), *domain],
            ["shown_currency_id", "amount_shown", "weighted_shown"],
        )
        return row.shown_currency_id, row.amount_shown, row.weighted_shown

    def test_a_currency_without_a_rate(self):
        """Nobody shows amounts in it, and what is booked in it says so."""
        bare = self.env["res.currency"].create(
            {"name": "BAR", "symbol": "B", "rounding": 0.01}
        )
        with self.assertRaisesRegex(UserError, "BAR has no exchange rate"):
            self.lines.search([("shown_currency_id", "=", bare.id)])
        order = self._abroad(bare)
        [row] = self._rows(order)
        self.assertEqual((row.amount, row.is_rate_missing), (1150.0, True))
        found = self.lines.search([("is_rate_missing", "=", True)])
        self.assertEqual(found.order_id, order)
        self._invoice(order.sales_plan_line_ids)
        self.assertTrue(self._rows(order).is_rate_missing)

    def test_one_currency_at_a_time(self):
        own, pounds = self.company.currency_id, self.pounds
        with self.assertRaisesRegex(UserError, "Choose one currency"):
            self.lines.search([("shown_currency_id", "in", (own | pounds).ids)])
        with self.assertRaisesRegex(UserError, "no currency “Nothing”"):
            self.lines.search([("shown_currency_id", "ilike", "Nothing")])

    # === COMPANIES === #

    def test_companies_apart(self):
        other = self.setup_other_company(name="Elsewhere")["company"]
        other.sales_forecast_method = "manual"
        here, there = self._deal(), self._deal(company_id=other.id)
        loose = self._deal(company_id=False, user_id=False)
        lines = self.lines.with_context(allowed_company_ids=other.ids)
        # A deal of no company is one of whoever looks, and never lost
        found = lines.search([("kind", "=", "pipeline")]).lead_id
        self.assertEqual(found, there | loose)
        lines = self.lines.with_context(allowed_company_ids=self.company.ids)
        found = lines.search([("kind", "=", "pipeline")]).lead_id
        self.assertIn(here, found)
        self.assertNotIn(there, found)
        self.assertIn(loose, found)
        both = self.lines.with_context(allowed_company_ids=(self.company | other).ids)
        groups = dict(
            both._read_group(
                [("lead_id", "in", (here | there).ids)], ["company_id"], ["amount:sum"]
            )
        )
        self.assertEqual(groups, {self.company: 1000.0, other: 1000.0})

    def test_companies_of_several_currencies(self):
        other = self.setup_other_company(name="Abroad")["company"]
        other.currency_id = self.pounds
        self.env["res.currency.rate"].create(
            {
                "name": "1900-01-01",
                "currency_id": self.company.currency_id.id,
                "company_id": other.id,
                "rate": 0.5,
            }
        )
        there = self._deal(company_id=other.id)
        lines = self.lines.with_context(allowed_company_ids=(self.company | other).ids)
        [row] = lines.search([("lead_id", "=", there.id)])
        self.assertEqual(row.currency_id, self.pounds)
        self.assertEqual(row.amount_shown, 500.0)
        self.assertEqual(row.shown_currency_id, self.company.currency_id)

    # === QUERIES === #

    def test_as_many_queries_for_twice_as_much(self):
        counts = []
        for _time in range(2):
            for _deal in range(3):
                deal = self._deal()
                order = self._order_of(deal, 150.0, 1000.0)
                self._pay(self._invoice(order.sales_plan_line_ids[0]), 50.0)
                self._deal()
            self.lines.search([]).mapped("amount")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.lines._read_group([], ["date:month", "kind"], ["amount:sum"])
            self.lines.search_fetch([], ["amount", "date_cash", "partner_id"])
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_confirming_twice_as_many_orders(self):
        counts = []
        for number in (2, 4):
            orders = self.env["sale.order"].union(
                *(self._order(confirm=False) for _n in range(number))
            )
            orders.action_confirm()
            moves = orders._create_invoices(grouped=True)
            moves.action_post()
            self.env.flush_all()
            self.env.invalidate_all()
            for records, name in (
                (orders, "sales_unplanned"),
                (orders, "sales_main_category_id"),
                (moves, "sales_main_order_id"),
            ):
                self.env.add_to_compute(records._fields[name], records)
            before = self.env.cr.sql_log_count
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    # === WHAT IT IS ABOUT === #

    def test_the_main_category(self):
        """The largest part of an order; down payments are about the order's."""
        big, small = self.env["product.category"].create(
            [{"name": "Big"}, {"name": "Small"}]
        )
        self.product_a.categ_id, self.product_b.categ_id = big, small
        none = self.env["account.tax"]
        order = self._order(
            lines=[(self.product_a, 1, 600.0, none), (self.product_b, 1, 500.0, none)]
        )
        self.assertEqual(order.sales_main_category_id, big)
        order.order_line[1].price_unit = 700.0
        self.assertEqual(order.sales_main_category_id, small)
        self.assertEqual(self._rows(order).product_category_id, small)
        down = self._down_payment(order, 300.0)
        down.action_post()
        self.assertEqual(down.sales_main_order_id, order)
        self.assertEqual(self._rows(down).product_category_id, small)
        self.product_b.categ_id = big  # an order stays where it was
        self.assertEqual(order.sales_main_category_id, small)

    def test_shares_of_a_plan(self):
        order = self._order(383.33, 383.33, 383.34, confirm=False)
        lines = order._sorted_sales_plan()
        self.assertEqual(lines[0].sales_share_from, 0.0)
        self.assertEqual(lines[-1].sales_share_to, 1.0)
        for one, after in zip(lines, lines[1:], strict=False):
            self.assertEqual(one.sales_share_to, after.sales_share_from)
        self._replan(order, {lines[0]: 0.0, lines[1]: 766.66})
        self.assertEqual(lines[0].sales_share_to, 0.0)
        self.assertAlmostEqual(lines[1].sales_share_to, 766.66 / 1150)

    def test_where_the_customer_is(self):
        state = self.env.ref("base.state_us_5")
        industry = self.env["res.partner.industry"].create({"name": "Mining"})
        self.partner_a.write(
            {
                "country_id": state.country_id.id,
                "state_id": state.id,
                "industry_id": industry.id,
            }
        )
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.partner_a.id, "type": "other"}
        )
        deal = self._deal(partner_id=contact.id)
        [row] = self._rows(deal)
        self.assertEqual(row.partner_id, self.partner_a)
        self.assertEqual(
            (row.state_id, row.country_id, row.industry_id),
            (state, state.country_id, industry),
        )

    def test_demand_follows_the_forecast(self):
        """80 % of 5 by the stage, whatever Odoo's score says."""
        process = self.env["sales.process"].create(
            {
                "name": "P",
                "stage_ids": [
                    Command.create(
                        {
                            "stage_id": self.env["crm.stage"]
                            .create({"name": "Sure"})
                            .id,
                            "probability": 80,
                            "forecast_category": "commit",
                        }
                    )
                ],
            }
        )
        process.state = "live"
        self.company.sales_forecast_method = "stage"
        deal = self._deal(
            sales_process_id=process.id,
            stage_id=process.stage_ids.stage_id.id,
            probability=20.0,
        )
        self._quote(deal, lines=[(self.product_a, 5, 10.0, self.env["account.tax"])])
        [row] = self.env["sales.demand"].search([("lead_id", "=", deal.id)])
        self.assertEqual((row.probability, row.quantity_weighted), (80.0, 4.0))
