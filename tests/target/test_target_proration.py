from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..common import DIRECTOR, LEADER
from .target_common import TargetCommon


@tagged("post_install", "-at_install")
class TestTargetProration(TargetCommon):
    """Somebody joins, leaves or changes the team.

    company 2,400 a month
    ├── North 1,200: ann 600, cid 600
    └── South 1,200: bob 1,200
    """

    rule_tested_models = ("sales.target.move", "sales.target.compare")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leader, cls.director, cls.cid, cls.eve = (
            cls._make_person(f"move_{name}", group)
            for name, group in (
                ("leader", LEADER),
                ("director", DIRECTOR),
                ("cid", "sales_team.group_sale_salesman"),
                ("eve", "sales_team.group_sale_salesman"),
            )
        )
        # Monday to Friday, without holidays.
        cls.company.resource_calendar_id.global_leave_ids.unlink()
        teams = cls.env["crm.team"]
        teams.search([("id", "not in", (cls.north | cls.south).ids)]).active = False
        cls.env["crm.team.member"].create(
            {"crm_team_id": cls.north.id, "user_id": cls.cid.id}
        )
        cls.plan._add_owners()
        for node, amount in (
            ("c", 2400.0),
            (f"c/t{cls.north.id}", 1200.0),
            (f"c/t{cls.south.id}", 1200.0),
            (f"c/t{cls.north.id}/u{cls.ann.id}", 600.0),
            (f"c/t{cls.north.id}/u{cls.cid.id}", 600.0),
            (f"c/t{cls.south.id}/u{cls.bob.id}", 1200.0),
        ):
            rows = cls.plan.target_ids.filtered(lambda t, node=node: t.node == node)
            rows.write({"amount": amount, "stretch_amount": amount * 1.1})
        cls.day = date(cls.year, 4, 16)

    def _part(self, first, after, day):
        """Weekdays from the day on, of those of the period: counted one by one."""
        days = [first + timedelta(days=n) for n in range((after - first).days)]
        work = [day_ for day_ in days if day_.weekday() < 5]
        return sum(1 for day_ in work if day_ >= day) / len(work)

    def _row(self, team, user=None, plan=None, name="amount"):
        node = f"c/t{team.id}" + (f"/u{user.id}" if user else "")
        plan = plan or self.plan
        rows = plan.target_ids.filtered(lambda t: t.node == node)
        return {t.date_from.month: t[name] for t in rows}

    def assertExact(self, plan=None):
        plan = plan or self.plan
        self.assertEqual(set(plan.target_ids.mapped("mismatch")), {0.0})

    @property
    def april(self):
        return self._part(date(self.year, 4, 1), date(self.year, 5, 1), self.day)

    def test_leave_open(self):
        self.plan._prorate("leave", self.ann, self.day, source=self.north)
        ann = self._row(self.north, self.ann)
        kept = round(600 * (1 - self.april), 2)
        self.assertEqual([ann[3], ann[4], ann[5]], [600.0, kept, 0.0])
        share = self._row(self.north, self.ann, name="share")
        self.assertAlmostEqual(share[4], 100 * (1 - self.april), 2)
        self.assertEqual((share[3], share[5]), (100.0, 0.0))
        mismatch = self._row(self.north, name="mismatch")
        self.assertEqual(mismatch[3], 0.0)
        self.assertAlmostEqual(mismatch[4], 600 - kept, 2)
        self.assertEqual(mismatch[12], 600.0)

    def test_leave_to_the_others(self):
        self.plan._prorate(
            "leave", self.ann, self.day, source=self.north, rest="others"
        )
        self.assertExact()
        cid = self._row(self.north, self.cid)
        self.assertEqual((cid[3], cid[5]), (600.0, 1200.0))
        stretch = self._row(self.north, self.cid, name="stretch_amount")
        self.assertEqual(stretch[5], 1320.0)
        with self.assertRaisesRegex(UserError, "nobody else in"):
            self.plan._prorate(
                "leave", self.bob, self.day, source=self.south, rest="others"
            )

    def test_leave_with_the_team(self):
        self.plan._prorate("leave", self.ann, self.day, source=self.north, rest="team")
        self.assertExact()
        self.assertEqual(self._row(self.north)[5], 600.0)
        top = self.plan.target_ids.filtered(lambda t: t.node == "c")
        self.assertEqual(top.sorted("date_from")[-1].amount, 1800.0)

    def test_join(self):
        self.plan._prorate("join", self.eve, self.day, goal=self.north)
        eve = self._row(self.north, self.eve)
        self.assertNotIn(3, eve)
        # 15 days of April at 25 %; of May 15 more, then 16 of 31 at 50 %.
        self.assertAlmostEqual(eve[4], 600 * 0.25 * self.april, delta=0.01)
        may = (15 * 0.25 + 16 * 0.5) / 31
        self.assertAlmostEqual(eve[5], 600 * may, delta=0.01)
        self.assertEqual(eve[12], 600.0)
        share = self._row(self.north, self.eve, name="share")
        self.assertAlmostEqual(share[4], 100 * self.april, 2)
        self.assertEqual(share[5], 100.0)
        self.assertEqual(self._row(self.north, name="mismatch")[12], -600.0)

    def test_join_others_give(self):
        self.plan._prorate(
            "join",
            self.eve,
            self.day,
            goal=self.north,
            rest="others",
            amount=400.0,
            ramp=(100, 100, 100),
        )
        self.assertExact()
        self.assertEqual(self._row(self.north, self.eve)[6], 400.0)
        self.assertEqual(self._row(self.north, self.ann)[6], 400.0)
        with self.assertRaisesRegex(UserError, "too little"):
            self.plan._prorate(
                "join", self.bob, self.day, goal=self.north, rest="others", amount=9e6
            )

    def test_move(self):
        self.plan._prorate(
            "move", self.ann, self.day, source=self.north, goal=self.south, rest="team"
        )
        self.assertExact()
        here, there = self._row(self.north, self.ann), self._row(self.south, self.ann)
        moved = round(600 * self.april, 2)
        self.assertAlmostEqual(there[4], moved, delta=0.01)
        self.assertEqual(round(here[4] + there[4], 2), 600.0)
        self.assertEqual((here[5], there[5]), (0.0, 600.0))
        self.assertNotIn(3, there)
        self.assertEqual(
            (self._row(self.south)[5], self._row(self.north)[5]), (1800, 600)
        )
        shares = [
            self._row(team, self.ann, name="share")[4]
            for team in (self.north, self.south)
        ]
        self.assertAlmostEqual(sum(shares), 100.0, 2)
        top = self.plan.target_ids.filtered(lambda t: t.node == "c")
        self.assertEqual(set(top.mapped("amount")), {2400.0})

    def test_move_teams_stay(self):
        self.plan._prorate(
            "move", self.ann, self.day, source=self.north, goal=self.south
        )
        self.assertEqual(self._row(self.north, name="mismatch")[5], 600.0)
        self.assertEqual(self._row(self.south, name="mismatch")[5], -600.0)

    def test_published(self):
        self.plan.action_publish()
        model = self.env["sales.target.move"].with_user(self.director)
        wizard = model.create(
            {
                "plan_id": self.plan.id,
                "kind": "move",
                "user_id": self.ann.id,
                "day": self.day,
                "goal_id": self.south.id,
                "rest": "team",
            }
        )
        self.assertEqual(wizard.source_id, self.north)
        with self.assertRaisesRegex(UserError, "Say why"):
            wizard.action_apply()
        wizard.write({"reason": "Ann moves", "is_published_now": True})
        action = wizard.action_apply()
        new = self.plan.browse(action["res_id"])
        self.assertEqual((self.plan.state, new.state), ("replaced", "published"))
        self.assertEqual(self._row(self.north, self.ann)[5], 600.0)
        self.assertEqual(self._row(self.south, self.ann, new)[5], 600.0)
        self.assertExact(new)
        for user in (self.leader, self.ann):
            with self.assertRaises(AccessError):
                model.with_user(user).create({"plan_id": new.id})
        other = new_test_user(
            self.env,
            "sp_move_other",
            DIRECTOR,
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        with self.assertRaises(AccessError):
            wizard.with_user(other).check_access("read")

    def test_refused(self):
        other = self.env["crm.team"].create({"name": "East"})
        for kind, user, day, teams, words in (
            (
                "leave",
                self.ann,
                date(self.year + 1, 1, 1),
                {"source": self.north},
                "no day",
            ),
            ("leave", self.bob, self.day, {"source": self.north}, "has no targets in"),
            ("join", self.eve, self.day, {"goal": other}, "add it first"),
            (
                "move",
                self.ann,
                self.day,
                {"source": self.north, "goal": self.north},
                "another team",
            ),
        ):
            with self.subTest(words), self.assertRaisesRegex(UserError, words):
                self.plan._prorate(kind, user, day, **teams)
        own = self.plan.with_user(self.director)
        self.env["crm.team.member"].create(
            {"crm_team_id": self.north.id, "user_id": self.director.id}
        )
        self.plan._add_owners()
        rows = self.plan.target_ids.filtered(lambda t: t.user_id == self.director)
        rows.sudo().amount = 10
        with self.assertRaisesRegex(AccessError, "own target"):
            own._prorate("leave", self.director, self.day, source=self.north)
