from decimal import Decimal

from odoo.fields import Command
from odoo.tests import tagged

from ..common import REP
from .performance_commission_common import CommissionCommon


@tagged("post_install", "-at_install")
class TestCommission(CommissionCommon):
    """What is earned, worked out by hand."""

    rule_tested_models = ()

    # === BRACKETS === #

    def test_two_invoices_fill_the_brackets(self):
        """600 at 5 %, then 400 at 5 % and 200 at 10 %: 30 + 20 + 20."""
        self._invoice_of(600)
        second = self._invoice_of(600, self._day(9))
        result = self._result()
        self.assertEarned(result, 70.0)
        self.assertLines(result, "bracket", (600, 5, 30), (400, 5, 20), (200, 10, 20))
        last = result.lines[-1]
        self.assertEqual(last.source, ("account.move", second.id))
        self.assertEqual(last.credit_date, self._day(9))
        self.assertEqual(
            (last.detail["lower"], last.detail["upper"]), (Decimal(1000), None)
        )
        self.assertEqual((result.base, result.target), (Decimal(1200), None))

    def test_retroactive(self):
        plan = self._commission_plan(mode="retroactive")
        self._assign(self.ann, plan)
        self._invoice_of(999)
        self.assertEarned(self._result(plan), 49.95)
        self._invoice_of(1, self._day(6))
        self.assertEarned(self._result(plan), 100.0)

    def test_above_the_last_bracket(self):
        self._invoice_of(50000)
        self.assertEarned(self._result(), 50 + 4900)

    def test_nothing_says_why(self):
        result = self._result()
        self.assertEarned(result, 0.0)
        [line] = result.lines
        self.assertEqual((line.kind, line.detail["why"]), ("base", "no_credit"))

    def test_below_the_lowest_bracket(self):
        plan = self._commission_plan((500, 10))
        self._assign(self.ann, plan)
        self._invoice_of(400)
        result = self._result(plan)
        self.assertLines(result, "bracket", (400, 0, 0))
        self._invoice_of(300, self._day(9))
        self.assertEarned(self._result(plan), 20.0)

    def test_fixed_amounts(self):
        plan = self._commission_plan((0, 0, 100), (1000, 0, 200))
        self._assign(self.ann, plan)
        self._invoice_of(1000)
        self.assertEarned(self._result(plan), 300.0)
        plan.mode = "retroactive"
        self.assertEarned(self._result(plan), 200.0)

    def test_cents(self):
        """Three times 0.10 at 5 % are 0.015: 0.02 in all, not 0.03."""
        for number in (1, 2, 3):
            self._invoice_of(0.1, self._day(number))
        result = self._result()
        self.assertEarned(result, 0.02)
        self.assertLines(result, "bracket", (0.1, 5, 0.01), (0.1, 5, 0.01), (0.1, 5, 0))

    def test_begins_anew_each_period(self):
        self._invoice_of(1200)
        self._invoice_of(800, self._day(3, month=2))
        one, two = self._compute(after=self.third)
        self.assertEqual((float(one.earned), float(two.earned)), (70.0, 40.0))
        quarter = self._commission_plan(
            date_from=self.first.replace(month=1),
            date_to=self.first.replace(month=1, year=self.first.year + 1),
            period_type="year",
        )
        self._assign(self.ann, quarter)
        self.assertFalse(self._compute(quarter))
        [year] = self._compute(quarter, after=quarter.date_to)
        self.assertEqual(float(year.base), 2000.0)
        self.assertEqual(float(year.earned), 150.0)

    # === TARGETS === #

    def test_attainment(self):
        """Target 1000: 5 % up to 100 % of it, 10 % above."""
        self._publish_targets(ann=1000)
        plan = self._commission_plan((0, 5), (100, 10), basis="attainment")
        self._assign(self.ann, plan)
        self._invoice_of(1200)
        result = self._result(plan)
        self.assertEarned(result, 70.0)
        self.assertEqual(
            (result.target, result.attainment), (Decimal(1000), Decimal(120))
        )
        self.assertEqual(result.lines[-1].detail["lower_percent"], 100)

    def test_no_target(self):
        plan = self._commission_plan((0, 5), basis="attainment")
        self._assign(self.ann, plan)
        self._invoice_of(1200)
        result = self._result(plan)
        self.assertEarned(result, 0.0)
        self.assertEqual(result.lines[0].detail["why"], "no_target")
        self.assertEqual(result.lines[1].detail["why"], "no_target")

    def test_draft_targets_do_not_count(self):
        plan = self._make_plan(
            metric_id=self.invoiced.id, date_from=self.first, date_to=self.third
        )
        self._target({"user_id": self.ann.id}, None, plan, 1, 1000)
        self._invoice_of(1200)
        self.assertIsNone(self._result().target)

    def test_threshold(self):
        """Nothing below 80 % of 1000, everything from there on."""
        self._publish_targets(ann=1000)
        self.commission.threshold = 80
        self._invoice_of(799)
        result = self._result()
        self.assertEarned(result, 0.0)
        line = self._line(result, "threshold")
        self.assertEqual(float(line.amount), -39.95)
        self.assertEqual(line.detail["attainment"], Decimal("79.9"))
        self._invoice_of(1, self._day(6))
        self.assertEarned(self._result(), 40.0)

    def test_threshold_takes_back_nothing_it_did_not_give(self):
        self._publish_targets(ann=1000)
        self.commission.threshold = 80
        self._credit(self._invoice_of(400, self._day(1, 1)))
        credits = self.env["sales.credit"]
        credits._write_pending()
        self.assertEarned(self._result(), 0.0)

    # === CAP, BONUS === #

    def test_cap(self):
        self.commission.cap_amount = 60
        self._invoice_of(1200)
        result = self._result()
        self.assertEarned(result, 60.0)
        self.assertEqual(float(self._line(result, "cap").amount), -10.0)

    def test_bonus(self):
        self._publish_targets(ann=1000)
        self.commission.bonus_ids = [
            Command.create({"name": "Target", "amount": 200, "goal": 100}),
            Command.create(
                {"name": "Much", "amount": 9, "trigger": "amount", "goal": 1300}
            ),
            Command.create(
                {
                    "name": "Welcome",
                    "amount": 50,
                    "trigger": "day",
                    "date": self._day(15),
                    "user_id": self.ann.id,
                }
            ),
        ]
        self._assign(self.bob)
        self.commission.cap_amount = 60  # bonuses come on top
        self._invoice_of(1200)
        result = self._result()
        self.assertEarned(result, 60.0 + 200 + 50)
        lines = [line for line in result.lines if line.kind == "bonus"]
        self.assertEqual([float(line.amount) for line in lines], [200, 0, 50])
        self.assertEqual(lines[1].detail["why"], "not_reached")
        self.assertEarned(self._result(user=self.bob), 0.0)

    def test_bonus_of_the_first_time(self):
        self.commission.bonus_ids = [
            Command.create(
                {
                    "name": "First",
                    "amount": 100,
                    "trigger": "amount",
                    "goal": 500,
                    "is_once": True,
                }
            )
        ]
        self._invoice_of(600)
        self._invoice_of(600, self._day(3, month=2))
        one, two = self._compute(after=self.third)
        self.assertEqual((float(one.earned), float(two.earned)), (130.0, 30.0))
        # The second month alone knows of the first one.
        [two] = self._compute(first=self.second, after=self.third)
        self.assertEqual(float(two.earned), 30.0)

    # === PRODUCTS === #

    def test_categories(self):
        """Services pay double, what is below them too; spares 1 % and do not count."""
        category = self.env["product.category"]
        service = category.create({"name": "Service"})
        below = category.create({"name": "Repair", "parent_id": service.id})
        spare = category.create({"name": "Spare"})
        self.commission.rate_ids = [
            Command.create({"product_category_id": service.id, "factor": 2}),
            Command.create(
                {
                    "product_category_id": spare.id,
                    "kind": "rate",
                    "rate": 1,
                    "is_counted": False,
                }
            ),
        ]
        create = self.env["product.product"].create
        repair = create({"name": "R", "categ_id": below.id})
        part = create({"name": "P", "categ_id": spare.id})
        self._invoice_of(500, self._day(1), product=repair)
        self._invoice_of(2000, self._day(2), product=part)
        self._invoice_of(600, self._day(3))
        result = self._result()
        self.assertLines(
            result,
            "bracket",
            (500, 10, 50),
            (2000, 1, 20),
            (500, 5, 25),
            (100, 10, 10),
        )
        self.assertEqual(float(result.base), 3100.0)

    def test_products_go_before_categories(self):
        self.commission.rate_ids = [
            Command.create(
                {"product_category_id": self.product_a.categ_id.id, "factor": 0}
            ),
            Command.create(
                {
                    "product_tmpl_id": self.product_a.product_tmpl_id.id,
                    "kind": "rate",
                    "rate": 7,
                }
            ),
        ]
        self._invoice_of(100)
        self.assertEarned(self._result(), 7.0)

    def test_products_of_money(self):
        """Half of what an invoice brings is for the category that pays nothing."""
        nothing = self.env["product.category"].create({"name": "Freight"})
        freight = self.env["product.product"].create(
            {"name": "Freight", "categ_id": nothing.id}
        )
        plan = self._commission_plan(metric_id=self.collected.id)
        plan.rate_ids = [
            Command.create({"product_category_id": nothing.id, "factor": 0})
        ]
        self._assign(self.ann, plan)
        move = self._invoice_of(
            0,
            invoice_line_ids=[
                Command.create(
                    {
                        "product_id": product.id,
                        "quantity": 1,
                        "price_unit": 100,
                        "tax_ids": [Command.clear()],
                    }
                )
                for product in (self.product_a, freight)
            ],
        )
        self._pay(move, 100, payment_date=self._day(20))
        self.assertEarned(self._result(plan), 2.5)

    # === WHOSE CREDIT === #

    def test_splits_come_from_the_ledger(self):
        plan = self._commission_plan((0, 10), metric_id=self.booked.id)
        self._assign(self.ann, plan)
        self._assign(self.bob, plan)
        today = self.company._sales_today()
        plan.write(
            {
                "date_from": today.replace(day=1, month=1),
                "date_to": today.replace(day=1, month=1, year=today.year + 1),
                "period_type": "year",
            }
        )
        self._sold(
            1000,
            sales_split_ids=[
                Command.create({"user_id": self.ann.id, "percent": 70}),
                Command.create({"user_id": self.bob.id, "percent": 30}),
            ],
        )
        results = self._compute(plan, plan.date_from, plan.date_to)
        self.assertEqual([float(r.earned) for r in results], [70.0, 30.0])

    def test_share_of_the_commission(self):
        self.commission.assignment_ids.share = 60
        self._invoice_of(1200)
        result = self._result()
        self.assertEarned(result, 42.0)
        self.assertEqual({line.share for line in result.lines}, {Decimal(60)})

    def test_override(self):
        """A leader gets 1 % of what the teams below bring, and 5 % of the own."""
        leader = self._make_person(
            "commission_leader", "sales_team.group_sale_salesman"
        )
        world = self.env["crm.team"].create(
            {"name": "World", "company_id": self.company.id, "user_id": leader.id}
        )
        (self.north | self.south).sales_parent_id = world
        plan = self._commission_plan((0, 1))
        self._assign(leader, plan, role="override", team_id=world.id)
        self._invoice_of(600)
        self._invoice_of(400, user=self.bob)
        result = self._result(plan, leader)
        self.assertEarned(result, 10.0)
        self.assertLines(result, "override", (600, 1, 6), (400, 1, 4))
        self._publish_targets([(world, 2000)])
        self.assertEqual(self._result(plan, leader).attainment, Decimal(50))
        # The own credit is a part of its own, with brackets of its own.
        self._assign(leader, plan)
        self._invoice_of(100, self._day(7), user=leader)
        result = self._result(plan, leader)
        self.assertEqual(float(result.base), 100.0)
        self.assertEarned(result, 11.0 + 1.0)

    def test_dealers(self):
        plan = self._commission_plan((0, 10), metric_id=self.booked.id)
        today = self.company._sales_today()
        plan.write(
            {
                "date_from": today.replace(day=1, month=1),
                "date_to": today.replace(day=1, month=1, year=today.year + 1),
                "period_type": "year",
            }
        )
        self._assign(None, plan, partner_id=self.partner_b.id)
        self._sold(
            300,
            sales_split_ids=[
                Command.create({"user_id": self.ann.id, "percent": 80}),
                Command.create({"partner_id": self.partner_b.id, "percent": 20}),
            ],
        )
        [result] = self._compute(plan, plan.date_from, plan.date_to)
        self.assertEqual(result.owner, ("partner", self.partner_b.id))
        self.assertEarned(result, 6.0)

    # === COMPANIES, CURRENCIES === #

    def test_currencies(self):
        """Twice as much of the other currency is one of the company's."""
        other = self.setup_other_currency("EUR", rates=[("1900-01-01", 2.0)])
        self._invoice_of(2000, currency_id=other.id)
        result = self._result()
        rate = other._get_conversion_rate(
            other, self.company.currency_id, self.company, self._day(5)
        )
        base = round(2000 * rate, 2)
        self.assertEqual(float(result.base), base)
        expected = min(base, 1000) * 0.05 + max(0, base - 1000) * 0.1
        self.assertEarned(result, round(expected, 2))

    def test_companies(self):
        """Credit of another company, and its plans, are nothing of this one."""
        self._invoice_of(600)
        other = self.env["res.company"].create({"name": "Other"})
        self.env.user.company_ids |= other
        plans = self.env["sales.commission.plan"]
        self.commission.sudo().state = "published"
        everything = self._compute(plans)
        self.assertEqual([r.plan_id for r in everything], [self.commission.id])
        self.assertFalse(plans._compute_commission(other, self.first, self.second))

    def test_drafts_only_when_asked(self):
        self.assertFalse(self._compute(self.env["sales.commission.plan"]))
        self.assertTrue(self._compute())

    # === SPEED === #

    def test_queries(self):
        """As many queries for four people as for two."""
        people = [self._make_person(f"commission_{number}", REP) for number in range(4)]
        self._publish_targets(ann=1000)
        self.commission.write({"payable": "collected", "clawback_days": 30})
        for person in people:
            self._assign(person)
            move = self._invoice_of(100, user=person)
            self._pay(move, 50, payment_date=self._day(20))
            self._credit(self._invoice_of(10, user=person))
        self.env.flush_all()

        def queries(some):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            results = self._compute(people=[("user", p.id) for p in some])
            self.assertEqual(len(results), len(some))
            return self.env.cr.sql_log_count - before

        queries(people[:2])  # warm up
        few, many = queries(people[:2]), queries(people)
        self.assertEqual(few, many)
        self.assertLess(many, 40)
