from odoo.fields import Command
from odoo.tests import tagged

from .forecast_line_common import ForecastLineCommon


@tagged("post_install", "-at_install")
class TestForecastLine(ForecastLineCommon):
    """From the deal to the cash, each sum once."""

    rule_tested_models = ()

    # === DEALS === #

    def test_a_deal_is_one_slice(self):
        deal = self._deal()
        self.assertSlices(deal, ("pipeline", self._days(30), 1000.0, 400.0))
        [row] = self._rows(deal)
        self.assertEqual(row.partner_id, self.partner_a)
        self.assertEqual(row.forecast_category, "pipeline")
        self.assertEqual(row.probability, 40.0)
        self.assertFalse(row.is_late)
        deal.action_set_lost()
        self.assertSlices(deal)

    def test_a_past_deal_is_late_on_its_day(self):
        deal = self._deal(date_deadline=self._days(-5))
        [row] = self._rows(deal)
        self.assertEqual((row.date, row.is_late), (self._days(-5), True))

    def test_without_date_or_amount(self):
        dateless = self._deal(date_deadline=False)
        worthless = self._deal(expected_revenue=0.0)
        self.assertSlices(dateless, ("pipeline", False, 1000.0, 400.0))
        self.assertSlices(worthless, ("pipeline", self._days(30), 0.0))
        rows = self.lines.search([("date", "=", False)])
        self.assertEqual(rows.lead_id, dateless)
        self.assertFalse(rows.is_late)
        self.assertFalse(rows.date_cash)
        rows = self.lines.search([("amount", "=", 0), ("kind", "=", "pipeline")])
        self.assertEqual(rows.lead_id, worthless)

    def test_a_lead_is_no_deal(self):
        lead = self._deal(type="lead")
        self.assertSlices(lead)

    def test_recurring_revenue_counts(self):
        plan = self.env["crm.recurring.plan"].create(
            {"name": "Year", "number_of_months": 12}
        )
        deal = self._deal(recurring_revenue=500.0, recurring_plan=plan.id)
        self.assertSlices(deal, ("pipeline", self._days(30), 1500.0, 600.0))

    def test_an_omitted_deal_weighs_nothing(self):
        deal = self._deal()
        deal.sales_forecast_choice = "omitted"
        self.assertSlices(deal, ("pipeline", self._days(30), 1000.0, 0.0))

    def test_a_deal_by_the_plan_of_its_quotation(self):
        """Signed in 30 days instead of today: what was in 10 days is in 40."""
        deal = self._deal()
        order = self._quote(deal, 350.0, 800.0)
        first, last = order._sorted_sales_plan()
        first.write({"trigger": "signing", "date_planned": self._days(10)})
        last.write({"trigger": "date", "date_planned": self._days(90)})
        # 1,000.00 × 350 ÷ 1,150 = 304.35; 400.00 × 350 ÷ 1,150 = 121.74
        self.assertSlices(
            deal,
            ("pipeline", self._days(40), 304.35, 121.74),
            ("pipeline", self._days(90), 695.65, 278.26),
        )
        self.assertEqual(self._rows(deal).order_id, order)
        self.assertEqual(self._rows(deal).plan_line_id, first | last)
        self.assertEqual(self._rows(deal).product_category_id, self.product_a.categ_id)

    def test_an_agreed_day_before_the_closing(self):
        deal = self._deal()
        order = self._quote(deal, 1150.0)
        order.sales_plan_line_ids.date_planned = self._days(3)
        self.assertSlices(deal, ("pipeline", self._days(30), 1000.0, 400.0))

    def test_the_plan_of_a_deal_without_date(self):
        deal = self._deal(date_deadline=False)
        self._quote(deal, 575.0, 575.0)
        self.assertSlices(
            deal, ("pipeline", False, 500.0, 200.0), ("pipeline", False, 500.0, 200.0)
        )

    def test_of_several_quotations_one_counts(self):
        """The last one that was sent, else the newest."""
        deal = self._deal()
        self._quote(deal, 575.0, 575.0)
        newer = self._quote(deal, 1150.0)
        self.assertEqual(self._rows(deal).order_id, newer)
        sent = self._quote(deal, 150.0, 1000.0)
        sent.write({"state": "sent", "date_order": "2000-01-01"})
        self.assertEqual(self._rows(deal).order_id, sent)
        self.assertEqual(sum(self._rows(deal).mapped("amount")), 1000.0)
        plain = self._quote(deal)  # has no plan
        plain.state = "sent"
        self.assertEqual(self._rows(deal).order_id, sent)
        sent.action_cancel()
        self.assertEqual(self._rows(deal).order_id, newer)

    def test_a_won_deal_waits_for_its_order(self):
        deal = self._deal()
        deal.action_set_won()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET date_closed = %s WHERE id = %s",
            (f"{self._days(-3)} 12:00:00", deal.id),
        )
        self.env.invalidate_all()
        self.assertSlices(deal, ("pipeline", self._days(-3), 1000.0))
        [row] = self._rows(deal)
        self.assertEqual((row.forecast_category, row.is_late), ("closed", True))
        self._order_of(deal, 1150.0)
        self.assertEqual(self._rows(deal).mapped("kind"), ["backlog"])

    # === ORDERS === #

    def test_an_order_replaces_its_deal(self):
        deal = self._deal()
        order = self._quote(deal, 350.0, 800.0)
        order.sales_plan_line_ids[1].date_planned = self._days(60)
        order.action_confirm()
        self.assertSlices(
            deal,
            ("backlog", self.today, 350.0),
            ("backlog", self._days(60), 800.0),
        )
        rows = self._rows(deal)
        untaxed = rows.mapped("amount_untaxed")
        self.assertEqual([round(amount, 2) for amount in untaxed], [304.35, 695.65])
        self.assertAlmostEqual(sum(untaxed), order.amount_untaxed)
        self.assertEqual(set(rows.mapped("forecast_category")), {"closed"})
        order._action_cancel()
        self.assertEqual(self._rows(deal).mapped("kind"), ["pipeline"])

    def test_two_orders_of_a_deal(self):
        deal = self._deal()
        self._order_of(deal, 1150.0)
        other = self._quote(deal)
        self.assertSlices(deal, ("backlog", self.today, 1150.0))
        other.action_confirm()
        self.assertSlices(
            deal, ("backlog", self.today, 1150.0), ("backlog", self.today, 1150.0)
        )

    def test_an_order_without_plan(self):
        """A down payment of 300.00, then the rest; a draft is not invoiced yet."""
        order = self._order()
        order.commitment_date = f"{self._days(20)} 12:00:00"
        self.assertSlices(order, ("backlog", self._days(20), 1150.0))
        down = self._down_payment(order, 300.0)
        self.assertSlices(order, ("backlog", self._days(20), 1150.0))
        down.action_post()
        self.assertSlices(
            order,
            ("backlog", self._days(20), 850.0),
            ("invoiced", self.today, 300.0),
        )
        final = order._create_invoices(final=True)
        final.action_post()
        self.assertSlices(
            order, ("invoiced", self.today, 300.0), ("invoiced", self.today, 850.0)
        )
        self._pay(down)
        self.assertSlices(
            order, ("collected", self.today, 300.0), ("invoiced", self.today, 850.0)
        )

    def test_less_is_invoiced_than_ordered(self):
        """A discount on the invoice: nothing of it is still to come."""
        order = self._order()
        move = order._create_invoices()
        move.invoice_line_ids.price_unit = 900.0
        move.action_post()
        self.assertSlices(order, ("invoiced", self.today, 1035.0))

    def test_what_a_plan_leaves_out(self):
        order = self._order(1150.0)
        order.order_line.price_unit = 1100.0
        self.assertSlices(
            order, ("backlog", self.today, 1150.0), ("backlog", self.today, 115.0)
        )

    def test_a_planned_order_nobody_invoices_is_late(self):
        order = self._order(1150.0)
        order.sales_plan_line_ids.date_planned = self._days(-10)
        [row] = self._rows(order)
        self.assertEqual((row.date, row.is_late), (self._days(-10), True))

    # === INVOICES AND MONEY === #

    def test_instalments_of_an_invoice(self):
        """30 % at once, the rest in 30 days: two slices with days of their own."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Two",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 30, "nb_days": 0}
                    ),
                    Command.create(
                        {"value": "percent", "value_amount": 70, "nb_days": 30}
                    ),
                ],
            }
        )
        order = self._order(1150.0, payment_term_id=term.id)
        move = self._invoice(order.sales_plan_line_ids)
        self.assertSlices(
            order,
            ("invoiced", self.today, 345.0),
            ("invoiced", self._days(30), 805.0),
        )
        self._pay(move, 500.0, installments_mode="full")
        self.assertSlices(
            order,
            ("invoiced", self._days(30), 650.0),
            ("collected", self.today, 500.0),
        )
        self.assertEqual(self._rows(order).plan_line_id, order.sales_plan_line_ids)

    def test_money_that_is_taken_back(self):
        order = self._order(1150.0)
        move = self._invoice(order.sales_plan_line_ids)
        self._pay(move, 1150.0)
        self.assertEqual(self._sums(order), {"collected": 1150.0})
        self._unmatch(move)
        self.assertEqual(self._sums(order), {"invoiced": 1150.0})

    def test_a_credit_note_lowers_it(self):
        order = self._order(1150.0)
        move = self._invoice(order.sales_plan_line_ids)
        refund = self._credit(move, 150.0, post=False)
        self.assertEqual(self._sums(order), {"invoiced": 1150.0})
        refund.action_post()
        self.assertEqual(self._sums(order), {"backlog": 150.0, "invoiced": 1000.0})
        self._pay(move)
        self.assertEqual(self._sums(order), {"backlog": 150.0, "collected": 1000.0})

    def test_an_invoice_without_order(self):
        move = self.init_invoice(
            "out_invoice", products=self.product_a, taxes=self.tax_sale_a, post=True
        )
        [row] = self._rows(move)
        self.assertEqual((row.kind, row.amount), ("invoiced", 1150.0))
        self.assertEqual(row.product_category_id, self.product_a.categ_id)
        self.assertFalse(row.order_id)

    def test_an_invoice_for_two_orders(self):
        """1,150.00 and 230.00 on one invoice; 690.00 of it is paid."""
        orders = self._order() | self._order(
            lines=[(self.product_a, 1, 200.0, self.tax_sale_a)]
        )
        move = orders._create_invoices()
        self.assertTrue(move.sales_is_shared)
        move.action_post()
        self.assertEqual(
            [self._sums(order) for order in orders],
            [
                {"invoiced": 1150.0},
                {"invoiced": 230.0},
            ],
        )
        self._pay(move, 690.01, installments_mode="full")
        self.assertEqual(
            [self._sums(order) for order in orders],
            [
                {"invoiced": 574.99, "collected": 575.01},
                {"invoiced": 115.0, "collected": 115.0},
            ],
        )
        rows = self._rows(move)
        self.assertEqual(len(set(rows.ids)), 4)
        self.assertEqual(
            rows.sorted("id").mapped("amount"),
            [self.lines.browse(id_).amount for id_ in sorted(rows.ids)],
        )

    # === WHEN MONEY COMES === #

    def test_expected_cash(self):
        """This customer pays 12 days late, everybody 5, 20 from the invoicing on."""
        self.env["sales.payment.delay"].sudo().create(  # learnt every night
            [
                {
                    "company_id": self.company.id,
                    "partner_id": self.partner_a.id,
                    "days_after_due": 12,
                    "days_after_firm": 40,
                },
                {
                    "company_id": self.company.id,
                    "days_after_due": 5,
                    "days_after_firm": 20,
                },
            ]
        )
        deal = self._deal()
        foreign = self._deal(partner_id=self.partner_b.id)
        self.assertEqual(self._rows(deal).date_cash, self._days(70))
        self.assertEqual(self._rows(foreign).date_cash, self._days(50))
        order = self._order_of(deal, 150.0, 1000.0)
        move = self._invoice(order.sales_plan_line_ids[0])
        self._pay(move, 50.0)
        found = {row.kind: row.date_cash for row in self._rows(deal)}
        self.assertEqual(
            found,
            {
                "backlog": self._days(40),
                "invoiced": self._days(12),
                "collected": self.today,
            },
        )

    # === THE SCREENS === #

    def test_every_slice_opens_its_document(self):
        deal = self._deal()
        self.assertEqual(self._opened(deal), deal)
        order = self._order_of(deal, 1150.0)
        self.assertEqual(self._opened(deal), order)
        move = self._invoice(order.sales_plan_line_ids)
        self.assertEqual(self._opened(deal), move)
        self._pay(move)
        self.assertEqual(self._opened(deal), move)

    def _opened(self, deal):
        [row] = self._rows(deal)
        action = row.action_open()
        return self.env[action["res_model"]].browse(action["res_id"])

    def test_every_cell_is_the_sum_of_its_slices(self):
        deal = self._deal()
        self._deal(date_deadline=False)
        order = self._order_of(deal, 150.0, 1000.0)
        self._pay(self._invoice(order.sales_plan_line_ids[0]), 50.0)
        for by in (
            "date:month",
            "date:quarter",
            "date_cash:week",
            "team_id",
            "industry_id",
            "product_category_id",
            "country_id",
            "state_id",
        ):
            with self.subTest(by):
                groups = self.lines.formatted_read_group(
                    [], [by, "kind"], ["amount:sum", "__count"]
                )
                self.assertTrue(groups)
                for group in groups:
                    rows = self.lines.search(group["__extra_domain"])
                    self.assertEqual(len(rows), group["__count"])
                    self.assertAlmostEqual(
                        sum(rows.mapped("amount")), group["amount:sum"]
                    )

    def test_a_row_is_found_by_its_id(self):
        deal = self._deal()
        self._order_of(self._deal(), 1150.0)
        rows = self.lines.search([])
        for row in rows:
            self.assertEqual(self.lines.search([("id", "=", row.id)]), row)
        self.assertEqual(self.lines.search([("id", "in", rows.ids)]), rows)
        self.assertFalse(self.lines.search([("id", "in", [])]))
        either = ["|", ("id", "=", rows[0].id), ("lead_id", "=", deal.id)]
        self.assertEqual(self.lines.search(either), rows[0] | self._rows(deal))
