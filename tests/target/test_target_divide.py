from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import SQL

from ..common import DIRECTOR, LEADER
from .target_common import TargetCommon


@tagged("post_install", "-at_install")
class TestTargetDivide(TargetCommon):
    """An amount divided among a tree of owners.

    company
    ├── North (leader): ann, cid, leader
    └── South: bob
    """

    rule_tested_models = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leader, cls.director, cls.cid = (
            cls._make_person(f"divide_{name}", group)
            for name, group in (
                ("leader", LEADER),
                ("director", DIRECTOR),
                ("cid", "sales_team.group_sale_salesman"),
            )
        )
        teams = cls.env["crm.team"]
        teams.search([("id", "not in", (cls.north | cls.south).ids)]).active = False
        cls.north.user_id = cls.leader
        cls.env["crm.team.member"].create(
            [
                {"crm_team_id": cls.north.id, "user_id": user.id}
                for user in (cls.cid, cls.leader)
            ]
        )
        cls.plan._add_owners()
        cls.n = f"c/t{cls.north.id}"
        cls.s = f"c/t{cls.south.id}"
        cls.ann_n, cls.cid_n, cls.leader_n = (
            f"{cls.n}/u{user.id}" for user in (cls.ann, cls.cid, cls.leader)
        )
        cls.bob_n = f"{cls.s}/u{cls.bob.id}"
        # Long there, all of them, unless a test says otherwise.
        cls._joined(cls.ann | cls.cid | cls.leader | cls.bob, date(2000, 1, 1))

    @classmethod
    def _joined(cls, users, day):
        cls.env.flush_all()
        cls.env.cr.execute(
            SQL(
                "UPDATE crm_team_member SET create_date = %s WHERE user_id IN %s",
                day,
                tuple(users.ids),
            )
        )
        cls.env.invalidate_all()

    def _sums(self, node, name="amount"):
        targets = self.plan.target_ids.filtered(lambda t: t.node == node)
        return round(sum(targets.mapped(name)), 2)

    def _row(self, node):
        targets = self.plan.target_ids.filtered(lambda t: t.node == node)
        return targets.sorted("date_from").mapped("amount")

    def assertExact(self):
        self.assertEqual(set(self.plan.target_ids.mapped("mismatch")), {0.0})

    def test_equal(self):
        self.plan._apply_division("c", "equal", amount=1000.0, stretch=15.0)
        self.assertEqual(self._sums("c"), 1000.0)
        self.assertEqual(self._sums("c", "stretch_amount"), 1150.0)
        self.assertEqual(self._row("c")[:5], [83.34, 83.34, 83.34, 83.34, 83.33])
        self.assertEqual(self._sums(self.n), 500.0)
        self.assertAlmostEqual(self._sums(self.ann_n), 500 / 3, delta=0.02)
        self.assertExact()
        for target in self.plan.target_ids.filtered("child_ids"):
            below = sum(target.child_ids.mapped("stretch_amount"))
            self.assertAlmostEqual(below, target.stretch_amount, 2)

    def test_over_assignment(self):
        self.plan.over_percent = 10
        self.plan._apply_division("c", "equal", amount=1200.0, stretch=10.0)
        self.assertEqual(self._sums("c"), 1200.0)
        self.assertEqual(self._sums(self.n) + self._sums(self.s), 1320.0)
        self.assertEqual(self._sums(self.bob_n), 726.0)
        self.assertEqual(self._sums(self.s, "stretch_amount"), 726.0)
        self.assertExact()

    def test_one_level(self):
        self.plan._apply_division("c", "equal", amount=100.0, all_levels=False)
        self.assertEqual(self._sums(self.n), 50.0)
        self.assertEqual(self._sums(self.ann_n), 0.0)
        self.assertEqual(len(self.plan.target_ids.filtered("mismatch")), 24)

    def test_custom(self):
        weights = {self.n: 3, self.s: 1, self.ann_n: 2, self.cid_n: 1, self.bob_n: 1}
        self.plan._apply_division("c", "custom", amount=1200.0, weights=weights)
        self.assertEqual(self._sums(self.n), 900.0)
        self.assertEqual(self._sums(self.ann_n), 600.0)
        self.assertEqual(self._sums(self.leader_n), 0.0)
        self.assertExact()
        for wrong in ({self.n: -1, self.s: 2}, {}):
            with self.subTest(wrong), self.assertRaises(UserError):
                self.plan._apply_division("c", "custom", amount=5.0, weights=wrong)
        self.assertEqual(self._sums("c"), 1200.0)

    def test_seasons(self):
        days = [first for first, _after in self.plan._periods()]
        weights = {days[0]: 1, days[11]: 3}
        self.plan._apply_division(
            "c", "equal", amount=400.0, season="typed", season_weights=weights
        )
        self.assertEqual(self._row("c"), [100.0] + [0.0] * 10 + [300.0])
        self.plan._apply_division(self.n, "equal", amount=20.0, season="parent")
        self.assertEqual(self._row(self.n), [5.0] + [0.0] * 10 + [15.0])
        with self.assertRaisesRegex(UserError, "periods are all zero"):
            self.plan._apply_division("c", "equal", amount=1.0, season="typed")
        with self.assertRaisesRegex(UserError, "Nothing above"):
            self.plan._apply_division("c", "equal", amount=1.0, season="parent")

    def _credit(self, user, team, day, amount, **values):
        rows = self.env["sales.credit"].sudo()
        row = rows.create(
            {
                "metric_id": self.booked.id,
                "date": day,
                "user_id": user.id,
                "team_id": team.id,
                "company_id": self.company.id,
                "currency_id": self.company.currency_id.id,
                "amount": amount,
                "share": 100.0,
                "source_model": "sale.order",
                "source_id": 1,
                "reason": "event",
                **values,
            }
        )
        # Written past the ledger: its sums do not know of it yet.
        self.env.flush_all()
        month = day.replace(day=1)
        self.env["sales.credit.sum"].sudo()._rebuild([(self.booked.id, month)])
        return row

    def test_last_year_and_history(self):
        day = date(self.year - 1, 3, 10)
        self.env["sales.credit"]._write_pending()
        self._credit(self.ann, self.north, day, 300.0)
        self._credit(self.cid, self.north, day, 100.0)
        self._credit(self.cid, self.north, day, 50.0, is_overlay=True)
        self._credit(self.bob, self.south, date(self.year - 1, 9, 1), 400.0)
        # Outside of the year before.
        self._credit(self.bob, self.south, date(self.year - 2, 12, 31), 999.0)
        self.env.flush_all()
        self.plan._apply_division("c", "last_year", amount=800.0)
        self.assertEqual(self._sums(self.n), 400.0)
        self.assertEqual(self._sums(self.ann_n), round(400 * 300 / 450, 2))
        self.assertEqual(self._sums(self.leader_n), 0.0)
        self.assertExact()
        self.plan._apply_division("c", "equal", amount=800.0, season="history")
        # Two years: half of one in March and half in September, all of the other in
        # December.
        row = self._row("c")
        self.assertEqual((row[2], row[8], row[11]), (200.0, 200.0, 400.0))

    def test_no_history(self):
        with self.assertRaisesRegex(UserError, "all zero"):
            self.plan._apply_division(self.n, "last_year", amount=10.0)
        self.plan._apply_division("c", "equal", amount=12.0, season="history")
        if not any(self.plan._season_by_history(self.plan._tree(), self.s)):
            self.fail("Nothing to go by is equal parts")

    def test_potential(self):
        deals = self.env["crm.lead"]
        for user, revenue in ((self.ann, 3000.0), (self.cid, 1000.0)):
            deal = deals.create(
                {
                    "name": "Deal",
                    "type": "opportunity",
                    "user_id": user.id,
                    "team_id": self.north.id,
                    "expected_revenue": revenue,
                }
            )
            deal.probability = 50
        self.plan._apply_division(self.n, "potential", amount=400.0)
        self.assertEqual(self._sums(self.ann_n), 300.0)
        self.assertEqual(self._sums(self.leader_n), 0.0)
        # No open deal in the South: customers count.
        self.env["res.partner"].create({"name": "Shop", "user_id": self.bob.id})
        self.plan._apply_division(self.s, "potential", amount=60.0)
        self.assertEqual(self._sums(self.bob_n), 60.0)

    def test_headcount_with_ramp(self):
        """Somebody new from March on gets less of it until the end of May."""
        self._joined(self.cid, date(self.year, 3, 1))
        self.plan._apply_division("c", "headcount", amount=12000.0)
        self.assertExact()
        north, ann, cid = (self._row(n) for n in (self.n, self.ann_n, self.cid_n))
        self.assertEqual(cid[:2], [0.0, 0.0])
        # March: 30 days at 25 % and one at 50 %; three people in the North, one South.
        march = (30 * 0.25 + 0.5) / 31
        self.assertAlmostEqual(north[2], 1000 * (2 + march) / (3 + march), delta=0.02)
        self.assertAlmostEqual(cid[2], 1000 * march / (3 + march), delta=0.02)
        self.assertLess(cid[3], ann[3])
        self.assertEqual(round(cid[6], 1), 250.0)
        self.plan._apply_division("c", "headcount", amount=12000.0, ramp=(0, 0, 0))
        self.assertEqual(self._row(self.cid_n)[2:4], [0.0, 0.0])

    def test_leader(self):
        self.plan._apply_division("c", "equal", amount=1200.0, all_levels=False)
        plan = self.plan.with_user(self.leader)
        plan._apply_division(self.n, "equal")
        self.assertEqual(self._sums(self.leader_n), 200.0)
        self.assertExact_of(self.n)
        with self.assertRaisesRegex(AccessError, "sp_divide_leader .* own target"):
            plan._apply_division(self.n, "custom", weights={self.ann_n: 1})
        with self.assertRaisesRegex(AccessError, self.north.display_name):
            plan._apply_division(self.n, "equal", amount=5.0)
        with self.assertRaises(UserError):
            plan._apply_division(self.s, "equal")
        with self.assertRaises(UserError):
            self.plan.with_user(self.ann)._apply_division(self.n, "equal")
        self.assertEqual(self._sums(self.n), 600.0)
        self.assertEqual(self._sums(self.leader_n), 200.0)

    def assertExact_of(self, node):
        targets = self.plan.target_ids.filtered(lambda t: t.node == node)
        self.assertEqual(set(targets.mapped("mismatch")), {0.0})

    def test_refused(self):
        for root, way, options, words in (
            (self.ann_n, "equal", {}, "Nobody stands below"),
            ("c", "equal", {}, "no amount to divide"),
            ("c", "equal", {"amount": -5.0}, "above zero"),
            ("c", "equal", {"amount": 0.0}, "above zero"),
        ):
            with self.subTest(words), self.assertRaisesRegex(UserError, words):
                self.plan._apply_division(root, way, **options)
        self.plan._apply_division("c", "equal", amount=12.0)
        self.plan.action_publish()
        with self.assertRaisesRegex(UserError, "is published"):
            self.plan._apply_division("c", "equal", amount=24.0)

    def test_wizard(self):
        model = self.env["sales.target.divide"].with_user(self.director)
        model = model.with_context(default_plan_id=self.plan.id)
        form = Form(model)
        self.assertTrue(form.is_typed)
        self.assertIn("Enter the amount", form.problem)
        form.is_typed = False
        self.assertIn("no amount to divide", form.problem)
        form.is_typed = True
        form.amount = 1200.0
        form.way = "custom"
        self.assertFalse(form.problem)
        self.assertEqual(form.root_id.node, "c")
        names = [form.line_ids.edit(i).name.strip() for i in range(6)]
        self.assertEqual(names[0], self.north.name)
        with form.line_ids.edit(0) as line:
            line.weight = 3.0
        with form.line_ids.edit(0) as line:
            self.assertEqual((line.amount, line.share), (900.0, 75.0))
        wizard = form.save()
        wizard.action_apply()
        self.assertEqual(self._sums(self.n), 900.0)
        with self.assertRaises(AccessError):
            wizard.with_user(self.leader).check_access("read")
        with self.assertRaises(AccessError):
            model.with_user(self.ann).create({"plan_id": self.plan.id})

    def test_wizard_of_a_leader(self):
        model = self.env["sales.target.divide"].with_user(self.leader)
        form = Form(model.with_context(default_plan_id=self.plan.id))
        self.assertEqual(form.root_id.node, self.n)
        self.assertEqual(len(form.root_choice_ids), 1)

    def test_queries(self):
        def queries(plan, base):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            plan.with_user(self.director)._apply_division(
                "c", "headcount", amount=base, stretch=10.0
            )
            self.env.flush_all()
            return self.cr.sql_log_count - before

        plans = [
            self._make_plan(name=name, period_type="whole") for name in ("One", "Two")
        ]
        plans[0]._add_owners(teams=self.south)
        plans[1].period_type = "quarter"
        plans[1]._add_owners()
        queries(plans[0], 50.0)  # warm up
        few, many = queries(plans[0], 100.0), queries(plans[1], 100.0)
        self.assertLessEqual(many, few)
