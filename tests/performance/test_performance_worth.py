from odoo.fields import Command
from odoo.tests import tagged

from ...engine.periods import add_months
from .performance_worth_common import WorthCommon


@tagged("post_install", "-at_install")
class TestWorthOfDeals(WorthCommon):
    """What a deal is worth: hand-calculated."""

    rule_tested_models = ()

    def test_what_the_period_pays_more(self):
        deal = self._worth_deal()
        found = self.assertWorth(deal, 50.0, gap=1000.0, is_reached=True, rate_after=8)
        self.assertFalse(found["name"])
        chance = deal.sales_forecast_probability
        self.assertAlmostEqual(found["chance"], chance, 2)
        self.assertAlmostEqual(found["weighted"], round(50 * chance / 100, 2), 2)
        self._sold(600.0)
        # 5 % of 400 and 8 % of 600
        self.assertWorth(deal, 68.0, gap=400.0, gap_after=0.0, is_reached=True)
        self._sold(600.0)
        self.assertWorth(deal, 80.0, next=False, rate_after=8.0)

    def test_how_far_the_next_bracket_is(self):
        self._sold(600.0)
        deal = self._worth_deal(300.0)
        self.assertWorth(
            deal, 15.0, gap=400.0, gap_after=100.0, is_reached=False, mode="marginal"
        )

    def test_everything_counts_more(self):
        self._replace_plan((0, 5), (1000, 8), mode="retroactive")
        self._sold(600.0)
        # 8 % of 1,000 instead of 5 % of 600
        self.assertWorth(self._worth_deal(400.0), 50.0, is_reached=True)

    def test_the_period_it_closes_in(self):
        self._sold(900.0)
        later = add_months(self.month, 1)
        self.assertWorth(
            self._worth_deal(date_deadline=later), 50.0, **{"from": str(later)}
        )
        after = add_months(self.month, 2)
        self.assertIsNone(self._worth(self._worth_deal(date_deadline=after)))

    def test_several_people(self):
        deal = self._worth_deal(
            sales_split_ids=[
                Command.create({"user_id": self.ann.id, "percent": 60}),
                Command.create({"user_id": self.bob.id, "percent": 40}),
            ]
        )
        self._assign(self.bob, self.commission)
        self._sold(600.0)
        # Ann: 400 at 5 %, 200 at 8 %; Bob: 400 at 5 %
        self.assertWorth(deal, 36.0, share=60.0, base=600.0)
        deal.user_id = self.bob  # who now may read it
        self.assertWorth(deal, 20.0, self.bob, share=40.0, base=400.0)

    def test_threshold(self):
        self._replace_plan((0, 5), threshold=80.0, metric_id=self.booked.id)
        deal = self._worth_deal(500.0)
        self.assertWorth(deal, 0.0, no_target=True)
        plan = self._make_plan(
            name="This month", date_from=self.month, date_to=add_months(self.month, 1)
        )
        self._target({"user_id": self.ann.id}, None, plan, 1, 1000.0)
        plan.action_publish()
        self.assertWorth(deal, 0.0, missing=300.0, no_target=False)
        self._sold(300.0)
        # 5 % of all 800, for it reaches the threshold
        self.assertWorth(deal, 40.0, missing=0.0)

    def test_brackets_of_the_target(self):
        self._replace_plan((0, 5), (100, 10), basis="attainment")
        plan = self._make_plan(
            name="This month", date_from=self.month, date_to=add_months(self.month, 1)
        )
        self._target({"user_id": self.ann.id}, None, plan, 1, 800.0)
        plan.action_publish()
        self.assertWorth(self._worth_deal(), 60.0, gap=800.0, is_reached=True)

    def test_cap_and_guarantee(self):
        self._replace_plan((0, 5), cap_amount=60.0)
        self._sold(1000.0)
        self.assertWorth(self._worth_deal(), 10.0, is_capped=True)
        self._replace_plan((0, 5), draw_amount=80.0)
        self.assertWorth(self._worth_deal(), 20.0, is_guaranteed=True)
        # What is taken back later is no reason not to count it
        self._replace_plan((0, 5), draw_amount=80.0, draw_recoverable=True)
        self.assertWorth(self._worth_deal(), 50.0, is_guaranteed=False)

    def test_rates_of_the_products_quoted(self):
        plan = self._replace_plan((0, 5))
        self._retire_plan()
        self.env["sales.commission.rate"].create(
            {
                "plan_id": plan.id,
                "product_category_id": self.product_a.categ_id.id,
                "factor": 2.0,
            }
        )
        plan.action_publish()
        deal = self._worth_deal()
        self.assertWorth(deal, 50.0)
        order = self._quoted(500.0, deal)
        # At its forecast, with what is quoted; the quotation by itself
        self.assertWorth(deal, 100.0)
        self.assertWorth(order, 50.0)

    def test_margin_and_money(self):
        self._replace_plan(
            (0, 10), metric_id=self.env.ref("sales_process.metric_margin").id
        )
        deal = self._worth_deal()
        self.assertEqual(self._worth(deal)["reason"], "no_margin")
        self._quoted(1000.0, deal)
        self.assertWorth(deal, 40.0, base=400.0)
        self._replace_plan((0, 10), metric_id=self.collected.id)
        self.assertWorth(deal, 115.0, base=1150.0)

    def test_bonus_that_it_reaches(self):
        self._retire_plan()
        self.env["sales.commission.bonus"].create(
            {
                "plan_id": self.commission.id,
                "name": "First thousand",
                "trigger": "amount",
                "goal": 1000.0,
                "amount": 200.0,
                "is_once": True,
            }
        )
        self.commission.action_publish()
        self.assertWorth(self._worth_deal(), 250.0)
        self._sold(1000.0)
        self.assertWorth(self._worth_deal(), 80.0)

    def test_one_after_the_other(self):
        """What deals are worth adds up to what all of them are paid."""
        prices = (130.0, 1000.0, 55.55, 420.1)
        total = 0.0
        for price in prices:
            total += self._worth(self._quoted(price))["earned"]
            self._sold(price)
        [result] = self._compute(self.commission, self.month, add_months(self.month, 1))
        self.assertAlmostEqual(float(result.earned), total, 2)

    def test_when_it_is_paid(self):
        [paid] = self._worth(self._worth_deal())["plans"][0]["payments"]
        self.assertEqual(paid, {"month": str(self.month), "amount": 50.0})
        self._replace_plan((0, 5), payable="collected")
        [plan] = self._worth(self._worth_deal())["plans"]
        self.assertEqual(plan["payable"], "collected")
        self.assertAlmostEqual(sum(p["amount"] for p in plan["payments"]), 50.0)

    def test_what_is_not_open_is_worth_nothing_more(self):
        deal = self._worth_deal()
        order = self._quoted(1000.0, deal)
        order.action_confirm()
        self.assertIsNone(self._worth(order))
        self.assertIsNone(self._worth(deal))
        lost = self._worth_deal()
        lost.action_set_lost()
        self.assertIsNone(self._worth(lost))

    def test_another_currency(self):
        other = self.env["res.currency"].create(
            {
                "name": "WRT",
                "symbol": "W",
                "rate_ids": [
                    Command.create(
                        {
                            "name": "2001-01-01",
                            "rate": 2.0,
                            "company_id": self.company.id,
                        }
                    )
                ],
            }
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "W", "currency_id": other.id, "company_id": self.company.id}
        )
        order = self._quoted(1000.0, pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, other)
        # 1,000 of it are 500
        found = self.assertWorth(order, 25.0, base=500.0)
        self.assertEqual(found["currency_id"], self.company.currency_id.id)

    def test_as_many_queries_for_many(self):
        counts = []
        for number in (3, 6):
            deals = self.env["crm.lead"]
            for _number in range(number):
                deal = self._worth_deal()
                self._quoted(500.0, deal)
                deals |= deal
            self.env.flush_all()
            self.env.invalidate_all()
            deals = deals.with_user(self.ann)
            deals.get_commission_worth()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = deals.get_commission_worth()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(found), number)
        self.assertEqual(*counts)


@tagged("post_install", "-at_install")
class TestWorthOfQuotations(WorthCommon):
    """What a quotation is worth and what its discount costs, also while it is typed."""

    rule_tested_models = ()

    def _typed(self, order, user=None, **line):
        """What is told while the one line is typed; as a screen sends it."""
        self.env.flush_all()
        saved = order.order_line
        draft = {
            "currency_id": order.currency_id.id,
            "lines": [{"id": saved.id, "product_id": saved.product_id.id, **line}],
        }
        return order.with_user(user or self.ann).get_commission_draft(draft)

    def test_what_a_discount_costs(self):
        order = self._quoted(2000.0, discount=25.0)
        found = self.assertWorth(order, 90.0)  # 50 + 8 % of 500
        # Without it: 50 + 8 % of 1,000
        self.assertEqual(found["discount"], {"given": 500.0, "cost": 40.0})
        self.assertFalse(self._worth(self._quoted())["discount"])

    def test_before_it_is_saved(self):
        order = self._quoted(2000.0)
        found = self._typed(order, discount=25.0, subtotal=1500.0, quantity=1)
        self.assertEqual(found["earned"], 90.0)
        self.assertEqual(found["discount"], {"given": 500.0, "cost": 40.0})
        self.assertEqual(order.order_line.discount, 0.0)

    def test_of_the_margin(self):
        self._replace_plan(
            (0, 10), metric_id=self.env.ref("sales_process.metric_margin").id
        )
        order = self._quoted(1000.0, discount=10.0)
        # 10 % of a margin of 300 instead of 400
        found = self.assertWorth(order, 30.0)
        self.assertEqual(found["discount"], {"given": 100.0, "cost": 10.0})
        found = self._typed(order, discount=40.0, subtotal=600.0, quantity=1)
        self.assertEqual(found["earned"], 0.0)
        self.assertEqual(found["discount"], {"given": 400.0, "cost": 40.0})
        # The screen knows another cost
        found = self._typed(
            order, discount=0.0, subtotal=1000.0, cost=500.0, quantity=1
        )
        self.assertEqual(found["earned"], 50.0)

    def test_a_new_one(self):
        draft = {
            "user_id": self.ann.id,
            "team_id": self.north.id,
            "company_id": self.company.id,
            "currency_id": self.company.currency_id.id,
            "lines": [
                {
                    "id": False,
                    "product_id": self.product_a.id,
                    "quantity": 2,
                    "price_unit": 1000.0,
                    "discount": 100.0,
                    "subtotal": 0.0,
                },
            ],
        }
        orders = self.env["sale.order"].with_user(self.ann)
        found = orders.get_commission_draft(draft)
        self.assertEqual(found["earned"], 0.0)
        self.assertEqual(found["discount"], {"given": 2000.0, "cost": 130.0})
        # Nobody is told of what somebody else would get
        orders = orders.with_user(self.bob)
        self.assertFalse(orders.get_commission_draft(draft))

    def test_of_the_deal(self):
        deal = self._worth_deal(date_deadline=add_months(self.month, 1))
        order = self._quoted(deal=deal)
        found = self.assertWorth(
            order, 50.0, **{"from": str(add_months(self.month, 1))}
        )
        self.assertAlmostEqual(found["chance"], deal.sales_forecast_probability, 2)
