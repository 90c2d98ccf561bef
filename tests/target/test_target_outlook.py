from datetime import date, datetime

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .attainment_common import JANUARY, YEAR, AttainmentCommon

DAY = date(YEAR, 1, 10)


@tagged("post_install", "-at_install")
class TestTargetOutlook(AttainmentCommon):
    """What may still come, on 10 January.

    ==== ===== ======== =========== =====================================
    deal who   expected probability
    ==== ===== ======== =========== =====================================
    A    Ann       1000        40 % 20 January
    B    Ann        500        20 % 15 December: overdue
    C    Ann        800        50 % 3 February: not in January
    D    Bob       2000        10 % 31 January; Bob 75 %, Ann 25 %
    E    Bob        900        90 % 25 January; its order is confirmed
    ==== ===== ======== =========== =====================================
    """

    rule_tested_models = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.lead"].search([("company_id", "=", cls.company.id)]).unlink()
        cls._history()
        cls.top.amount = 2100.0
        cls.t_north.amount = cls.t_south.amount = 2100.0
        cls.t_ann.amount = 1950.0
        cls.t_bob.amount = 2100.0
        cls.deal_a = cls._deal(cls.ann, 1000, 40, date(YEAR, 1, 20))
        cls.deal_b = cls._deal(cls.ann, 500, 20, date(YEAR - 1, 12, 15))
        cls.deal_c = cls._deal(cls.ann, 800, 50, date(YEAR, 2, 3))
        cls.deal_d = cls._deal(
            cls.bob,
            2000,
            10,
            date(YEAR, 1, 31),
            sales_split_ids=[
                Command.create({"user_id": cls.bob.id, "percent": 75}),
                Command.create({"user_id": cls.ann.id, "percent": 25}),
            ],
        )
        cls.deal_e = cls._deal(cls.bob, 900, 90, date(YEAR, 1, 25))
        cls._sold(
            900.0,
            user_id=cls.bob.id,
            team_id=cls.south.id,
            opportunity_id=cls.deal_e.id,
        )

    @classmethod
    def _deal(cls, user, revenue, probability, deadline, **values):
        team = cls.north if user == cls.ann else cls.south
        return cls.env["crm.lead"].create(
            {
                "name": f"{revenue} of {user.name}",
                "type": "opportunity",
                "company_id": cls.company.id,
                "user_id": user.id,
                "team_id": team.id,
                "partner_id": cls.customer.id,
                "expected_revenue": revenue,
                "probability": probability,
                "date_deadline": deadline,
                **values,
            }
        )

    def _close(self, user, moment, won):
        deal = self._deal(user, 10, 50, moment.date())
        if won:
            deal.action_set_won()
        else:
            deal.action_set_lost()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET date_closed = %s WHERE id = %s", (moment, deal.id)
        )
        self.env.invalidate_all()

    def _outlook(self, target, *names, plan=None, day=DAY):
        self.env.invalidate_all()
        figures = (plan or self.plan)._figures([target.node], *JANUARY, day=day)
        return tuple(figures[target.node][name] for name in names)

    def test_booked(self):
        wanted = {
            self.t_ann: (2000.0, 550.0, 1690.0),
            self.t_bob: (1500.0, 150.0, 650.0),
            self.t_north: (1500.0, 500.0, 1400.0),
            self.t_south: (2000.0, 200.0, 900.0),
            self.top: (3500.0, 700.0, 2300.0),
        }
        for target, figures in wanted.items():
            with self.subTest(target.owner_name):
                self.assertEqual(
                    self._outlook(target, "pipeline", "weighted", "projected"), figures
                )
        [covered] = self._outlook(self.t_ann, "coverage")
        self.assertAlmostEqual(covered, 2000 / 810)

    def test_days_that_are_left(self):
        # Whatever is not closed by the last evening is not January's any more.
        wanted = {
            date(YEAR, 1, 21): 2000.0,  # A is overdue by now, and still counts
            date(YEAR, 1, 31): 2000.0,
            date(YEAR, 2, 1): 0.0,
            date(YEAR - 1, 12, 31): 1500.0,  # overdue in December
        }
        for day, amount in wanted.items():
            with self.subTest(day):
                self.assertEqual(
                    self._outlook(self.t_ann, "pipeline", day=day), (amount,)
                )

    def test_coverage_needed(self):
        self.assertEqual(self._outlook(self.t_ann, "coverage_needed"), (None,))
        moment = datetime(YEAR - 1, 6, 1, 12)
        for won in (True, True, False, False, False, False):
            self._close(self.ann, moment, won)
        self._close(self.bob, datetime(YEAR, 1, 9, 12), False)
        self._close(self.bob, datetime(YEAR - 2, 12, 1, 12), True)  # long ago
        self._close(self.bob, datetime(YEAR, 1, 20, 12), True)  # not yet
        # Ann won 2 of 6; Bob closed one deal alone, so the company's 2 of 7 count.
        self.assertEqual(self._outlook(self.t_ann, "coverage_needed"), (3.0,))
        self.assertEqual(self._outlook(self.t_bob, "coverage_needed"), (3.5,))
        self.assertEqual(self._outlook(self.top, "coverage_needed"), (3.5,))

    def _other_plan(self, code):
        plan = self._make_plan(
            name=code,
            metric_id=self.env.ref(f"sales_process.metric_{code}").id,
            date_from=date(YEAR, 1, 1),
            date_to=date(YEAR + 1, 1, 1),
        )
        top = self._target(plan=plan)
        for team, user in ((self.north, self.ann), (self.south, self.bob)):
            above = self._target({"team_id": team.id}, top, plan)
            self._target({"user_id": user.id}, above, plan)
        return plan

    def test_won_deals(self):
        plan = self._other_plan("won_deal")
        figures = self._outlook(self.t_ann, "pipeline", "weighted", plan=plan)
        self.assertEqual(figures, (2.25, 0.63))  # 0.4 + 0.2 + a quarter of 0.1
        figures = self._outlook(self.t_bob, "pipeline", "weighted", plan=plan)
        self.assertEqual(figures, (1.75, 0.98))  # three quarters of 0.1, and 0.9

    def test_new_customers(self):
        """The customer of all these deals has bought before."""
        plan = self._other_plan("new_customer")
        self.assertEqual(self._outlook(self.t_ann, "pipeline", plan=plan), (0.0,))
        self.deal_a.partner_id = self.env["res.partner"].create({"name": "Unknown"})
        self.deal_b.partner_id = False
        figures = self._outlook(self.t_ann, "pipeline", "weighted", plan=plan)
        self.assertEqual(figures, (2.0, 0.6))

    def test_margin(self):
        """North booked 600 in January and 1000 before, with margins of 0 and 400."""
        plan = self._other_plan("margin")
        self._sold_on(date(YEAR - 1, 12, 1), 1000.0)
        figures = self._outlook(self.t_north, "pipeline", "weighted", plan=plan)
        self.assertEqual(figures, (375.0, 125.0))

    def test_own_rate(self):
        """Of product categories deals know nothing: by what was achieved so far."""
        category = self.product_a.categ_id
        target = self._target(
            {"product_category_id": category.id}, self.top, amount=1050.0
        )
        figures = self._outlook(
            target, "achieved", "expected", "pipeline", "projected", "coverage"
        )
        self.assertEqual(figures, (1600.0, 300.0, None, 5600.0, None))
        with self.assertRaises(UserError):
            self.env["sales.target"].open_pipeline(self.plan.id, target.node)

    def test_day_it_is_reached(self):
        """By hand: 1600 in 6 days, so 500 take 1.9; 810 take Ann 4.3 of her days,
        and the 11th is none, the 12th half a one."""
        self.assertEqual(self._outlook(self.top, "date_reached"), (date(YEAR, 1, 12),))
        self.assertEqual(
            self._outlook(self.t_ann, "date_reached"), (date(YEAR, 1, 19),)
        )
        self.t_bob.amount = 400.0  # reached
        self.assertEqual(self._outlook(self.t_bob, "date_reached"), (None,))
        self.t_bob.amount = 10.0**7  # not in three years
        self.assertEqual(self._outlook(self.t_bob, "date_reached"), (None,))

    def test_deals_behind(self):
        """The plan lies in the past, so that only a later one has open days."""
        plan = self._make_plan(
            name="Now",
            period_type="whole",
            date_from=self._days(-5),
            date_to=self._days(30),
        )
        target = self.env["sales.target"].create(
            {
                "plan_id": plan.id,
                "user_id": self.ann.id,
                "date_from": plan.date_from,
                "date_to": plan.date_to,
                "amount": 100.0,
            }
        )
        self.deal_c.date_deadline = self._days(40)
        plan.action_publish()
        action = target.with_user(self.bob).env["sales.target"]
        with self.assertRaises(UserError):
            action.open_pipeline(plan.id, target.node)
        action = target.action_open_pipeline()
        deals = self.env["crm.lead"].search(action["domain"])
        self.assertEqual(deals, self.deal_a | self.deal_b | self.deal_d)
        # Ann does not see Bob's deal: nothing is shown rather than a part.
        with self.assertRaises(UserError):
            target.with_user(self.ann).action_open_pipeline()
        self.deal_d.sales_split_ids.unlink()
        action = target.with_user(self.ann).action_open_pipeline()
        self.env.invalidate_all()
        self.assertEqual((target.pipeline, target.weighted_pipeline), (1500.0, 500.0))

    def test_instalments(self):
        """1,150.00 with taxes in two instalments, 575.00 of it invoiced today."""
        targets = {}
        for code in ("invoiced", "collected"):
            plan = self._make_plan(
                name=code,
                metric_id=self.env.ref(f"sales_process.metric_{code}").id,
                period_type="whole",
                date_from=self._days(-1),
                date_to=self._days(20),
            )
            targets[code] = self.env["sales.target"].create(
                {
                    "plan_id": plan.id,
                    "user_id": self.ann.id,
                    "date_from": plan.date_from,
                    "date_to": plan.date_to,
                    "amount": 5000.0,
                }
            )
        order = self._order(575, 575, user_id=self.ann.id, team_id=self.north.id)
        self._order(1150, firm=False, user_id=self.ann.id)  # in 30 days
        self._order(1150, user_id=self.bob.id)
        self.env["sales.credit"]._write_pending()
        self.env.invalidate_all()
        invoiced, collected = targets["invoiced"], targets["collected"]
        self.assertEqual((invoiced.pipeline, invoiced.achieved), (1000.0, 0.0))
        self.assertEqual(collected.pipeline, 1150.0)
        self.assertEqual(invoiced.coverage, 0.2)
        self.assertEqual(invoiced.coverage_needed, 1.0)
        order.sales_plan_line_ids[0].action_invoice()
        order.invoice_ids.action_post()
        self.env.flush_all()
        self.env["sales.credit"]._write_pending()
        self.env.invalidate_all()
        self.assertEqual((invoiced.pipeline, invoiced.achieved), (500.0, 500.0))
        self.assertEqual(invoiced.projected, 1000.0)
        self.assertEqual(collected.pipeline, 1150.0)
        action = collected.action_open_pipeline()
        rows = self.env["sales.cash.report"].search(action["domain"])
        self.assertEqual(sum(rows.mapped("amount")), 1150.0)
