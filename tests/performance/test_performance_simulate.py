from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from ...engine.periods import add_months
from ..common import DIRECTOR, LEADER
from .performance_commission_common import CommissionCommon


@tagged("post_install", "-at_install")
class TestSimulate(CommissionCommon):
    """Two months, with what Ann and Bob invoiced in them, tried with other plans.

    Paid then: 5 % up to 1,000 and 10 % above, by month. Ann invoiced 1,500 and 400:
    100 and 20. Bob invoiced 600 in the first month: 30.
    """

    rule_tested_models = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._assign(cls.bob)
        cls.commission.action_publish()
        cls._invoice_of(1500.0)
        cls._invoice_of(400.0, cls._day(3, month=2))
        cls._invoice_of(600.0, user=cls.bob)
        cls.director = cls._make_person("simulate_director", DIRECTOR)
        cls.env.flush_all()
        cls.env["sales.credit"]._write_pending()

    def _simulated(self, *plans, user=None, **options):
        simulator = self.env["sales.commission.simulator"]
        return simulator.with_user(user or self.director).simulate(
            {
                "plans": [plan.id for plan in plans],
                "from": str(self.first),
                "to": str(self.third),
                **options,
            }
        )

    def _draft(self, *brackets, users=(), moved=12, **values):
        """A draft for the same months, later."""
        plan = self._commission_plan(
            *brackets,
            name="Draft",
            date_from=add_months(self.first, moved),
            date_to=add_months(self.third, moved),
            **values,
        )
        for user in users:
            self._assign(user, plan)
        return plan

    def _person(self, result, user):
        [person] = [p for p in result["people"] if p["key"] == f"user-{user.id}"]
        return person

    # === AMOUNTS === #

    def test_two_plans_side_by_side(self):
        flat = self._draft((0, 6), users=[self.ann, self.bob])
        steep = self._draft((0, 0), (1000, 40), users=[self.ann, self.bob])
        result = self._simulated(flat, steep)
        first, second = result["plans"]
        self.assertEqual(
            [first[key] for key in ("cost", "before", "difference")], [150, 150, 0]
        )
        self.assertEqual(
            [second[key] for key in ("cost", "before", "difference")], [200, 150, 50]
        )
        self.assertEqual((first["winners"], first["losers"]), (1, 1))
        self.assertEqual((second["winners"], second["losers"]), (1, 1))
        self.assertEqual((first["at_zero"], second["at_zero"]), (0, 1))
        # Of 2,500 invoiced
        self.assertAlmostEqual(first["of_revenue"], 6.0)
        self.assertAlmostEqual(second["of_revenue"], 8.0)
        self.assertEqual(
            [(p["after"], p["before"]) for p in second["periods"]],
            [(200.0, 130.0), (0.0, 20.0)],
        )
        ann = self._person(result, self.ann)
        self.assertEqual(ann["before"], 120.0)
        told = ann["plans"][steep.id]
        self.assertEqual((told["after"], told["difference"]), (200.0, 80.0))
        self.assertEqual((told["rate"], told["times"], told["of"]), (40.0, 1, 2))
        self.assertEqual(
            self._person(result, self.bob)["plans"][flat.id]["difference"], 6.0
        )
        self.assertEqual(sum(second["bars"]), 2)

    def test_in_its_own_time_it_is_what_was_paid(self):
        """The same code: what is simulated is what statements say."""
        result = self._simulated(self.commission)
        paid = sum(float(found.earned) for found in self._compute(after=self.third))
        [plan] = result["plans"]
        self.assertEqual((plan["cost"], plan["before"]), (paid, paid))
        self.assertEqual((plan["winners"], plan["losers"]), (0, 0))

    def test_everything_a_plan_can_have(self):
        """Rates, draws, caps, shares and what is overdue, against statements."""
        plan = self._commission_plan(
            (0, 5),
            (800, 9, 25),
            name="All",
            cap_amount=110,
            draw_amount=40,
            draw_recoverable=True,
            clawback_days=5,
            payable="collected",
            rate_ids=[
                Command.create(
                    {"product_category_id": self.product_a.categ_id.id, "factor": 1.5}
                )
            ],
        )
        self._assign(self.ann, plan, share=80.0)
        self._assign(self.bob, plan, date_from=self._day(3))
        expected = {
            (found.owner, found.date_from): found.earned
            for found in self._compute(plan, after=self.third)
        }
        trial = plan._simulate(self.first, self.third)
        self.assertEqual(
            {(r.owner, r.date_from): r.earned for r in trial.results}, expected
        )

    def test_people_of_then_where_there_are_none(self):
        plan = self._draft((0, 10))
        result = self._simulated(plan)
        self.assertEqual(result["plans"][0]["cost"], 250.0)
        self.assertFalse(result["plans"][0]["own_people"])

    def test_days_move_with_the_plan(self):
        plan = self._draft((0, 10))
        self._assign(self.ann, plan, date_to=add_months(self.second, 12))
        self.assertEqual(self._simulated(plan)["plans"][0]["cost"], 150.0)
        # Only those in the plan are compared
        self.assertEqual(self._simulated(plan)["plans"][0]["before"], 120.0)

    def test_cap(self):
        plan = self._draft((0, 10), users=[self.ann, self.bob], cap_amount=70.0)
        [found] = self._simulated(plan)["plans"]
        self.assertEqual((found["cost"], found["at_cap"]), (70.0 + 40.0 + 60.0, 1))

    def test_margin(self):
        self._sold(1000.0)
        plan = self._draft((0, 10), users=[self.ann])
        self.assertFalse(self._simulated(plan)["plans"][0]["of_margin"])

    # === TARGETS === #

    def test_targets_of_then(self):
        self._publish_targets(ann=1000.0)
        plan = self._draft((0, 5), (100, 10), basis="attainment", users=[self.ann])
        result = self._simulated(plan)
        # 50 + 10 % of 500, 5 % of 400
        self.assertEqual(result["plans"][0]["cost"], 120.0)
        told = self._person(result, self.ann)["plans"][plan.id]
        self.assertAlmostEqual(told["attainment"], 95.0)
        self.assertFalse(told["is_assumed"])

    def test_assumed_targets(self):
        self._invoice_of(1000.0, add_months(self.first, -12))
        plan = self._draft((0, 5), (100, 10), basis="attainment", users=[self.ann])
        [found] = self._simulated(plan)["plans"]
        self.assertEqual((found["cost"], found["no_target"]), (0.0, 1))
        result = self._simulated(plan, growth=25.0)
        # A target of 1,250 in the first month, none in the second
        self.assertEqual(result["plans"][0]["cost"], 62.5 + 25.0)
        self.assertEqual(result["plans"][0]["assumed"], 1)
        self.assertEqual(result["growth"], 25.0)

    # === WHAT STAYS, WHO MAY === #

    def test_nothing_is_written(self):
        plan = self._draft((0, 6), users=[self.ann])
        tables = (
            "sales.credit",
            "sales.commission.plan",
            "sales.commission.assignment",
            "sales.commission.statement",
        )
        before = [self.env[name].search_count([]) for name in tables]
        self._simulated(plan)
        self.assertEqual(before, [self.env[name].search_count([]) for name in tables])

    def test_who_may(self):
        plan = self._draft((0, 6), users=[self.ann])
        for groups in (LEADER, "account.group_account_invoice", "base.group_portal"):
            user = self._make_person(f"simulate_{groups[-5:]}", groups)
            with self.assertRaises(AccessError):
                self._simulated(plan, user=user)
            simulator = self.env["sales.commission.simulator"].with_user(user)
            with self.assertRaises(AccessError):
                simulator.get_choices()
            with self.assertRaises(AccessError):
                simulator.export_excel({"plans": plan.ids})
        with self.assertRaises(AccessError):
            self._simulated(plan, user=self.ann)

    def test_whole_periods(self):
        plan = self._draft((0, 6), users=[self.ann])
        with self.assertRaisesRegex(UserError, "whole"):
            self._simulated(plan, **{"from": str(self._day(2))})
        with self.assertRaises(UserError):
            self._simulated()

    def test_choices_and_workbook(self):
        plan = self._draft((0, 6), users=[self.ann])
        simulator = self.env["sales.commission.simulator"].with_user(self.director)
        choices = simulator.get_choices()
        self.assertIn(plan.id, [row["id"] for row in choices["plans"]])
        self.assertGreaterEqual(len(choices["times"]), 8)
        action = simulator.export_excel(
            {
                "plans": plan.ids,
                "from": str(self.first),
                "to": str(self.third),
                "growth": 5.0,
            }
        )
        self.assertEqual(action["target"], "download")

    def test_as_many_queries_for_many(self):
        counts = []
        for number in (2, 4):
            users = [
                self._make_person(f"simulate_{number}_{n}", DIRECTOR)
                for n in range(number)
            ]
            for user in users:
                self._invoice_of(100.0, user=user)
            plan = self._draft((0, 6), users=users)
            self.env.flush_all()
            self._simulated(plan)
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._simulated(plan)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
