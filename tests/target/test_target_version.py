from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from ..common import DIRECTOR, LEADER
from .target_common import TargetCommon


@tagged("post_install", "-at_install")
class TestTargetVersion(TargetCommon):
    """Proposals, publishing, and what changes afterwards."""

    rule_tested_models = ("sales.target.version", "sales.target.take")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leader, cls.director = (
            cls._make_person(f"version_{name}", group)
            for name, group in (("leader", LEADER), ("director", DIRECTOR))
        )
        cls.north.user_id = cls.leader
        cls._january()
        cls.all = cls.top | cls.t_north | cls.t_south | cls.t_ann | cls.t_bob
        cls.t_ann.amount, cls.t_bob.amount, cls.t_north.amount = 100, 200, 100
        cls.n = cls.t_north.node

    def _as(self, user):
        return self.plan.with_user(user)

    def _messages(self, plan):
        return (
            self.env["mail.message"]
            .sudo()
            .search(
                [("model", "=", "sales.target.plan"), ("res_id", "=", plan.id)],
                order="id desc",
            )
        )

    # === PROPOSALS === #

    def test_take(self):
        self.plan.action_ask_proposals()
        self.t_ann.with_user(self.ann).write({"proposed_amount": 80.0})
        self.assertTrue(self.t_ann.is_proposed)
        leader = self._as(self.leader)
        own = self._target({"user_id": self.leader.id}, self.t_north)
        own.write({"proposed_amount": 5.0})
        leader._take_proposals(self.n)
        self.assertEqual((self.t_ann.amount, own.amount), (80.0, 0.0))
        self.assertEqual(self.t_north.mismatch, 20.0)
        with self.assertRaisesRegex(UserError, "has proposed anything"):
            leader._take_proposals(self.t_south.node)
        self.t_bob.proposed_amount = 70.0
        leader._take_proposals("c")
        self.assertEqual(self.t_bob.amount, 200.0)
        self.plan.with_user(self.director)._take_proposals("c")
        self.assertEqual(self.t_bob.amount, 70.0)

    def test_sum(self):
        self.plan.action_ask_proposals()
        leader = self._as(self.leader)
        with self.assertRaisesRegex(UserError, "has proposed anything"):
            leader._sum_proposals(self.n)
        other = self._target({"user_id": self.leader.id}, self.t_north, amount=30.0)
        self.t_ann.proposed_amount = 80.0
        leader._sum_proposals(self.n)
        self.assertEqual(self.t_north.proposed_amount, 110.0)
        self.assertEqual((self.t_north.amount, other.amount), (100.0, 30.0))

    def test_only_while_wanted(self):
        for action in (
            self.plan.action_proposals,
            self.plan.action_remind_proposals,
            lambda: self.plan._take_proposals("c"),
            lambda: self.plan._sum_proposals("c"),
        ):
            with self.assertRaisesRegex(UserError, "does not ask for proposals"):
                action()

    def test_asked_and_reminded(self):
        plan = self._as(self.director)
        plan.action_ask_proposals()
        [message] = self._messages(plan)[:1]
        people = (self.ann | self.bob).partner_id
        self.assertEqual(message.notified_partner_ids, people)
        self.t_ann.proposed_amount = 0.0
        plan.action_remind_proposals()
        [message] = self._messages(plan)[:1]
        self.assertEqual(message.notified_partner_ids, self.bob.partner_id)
        self.t_bob.proposed_amount = 9.0
        with self.assertRaisesRegex(UserError, "Everybody"):
            plan.action_remind_proposals()

    def test_compare_proposals(self):
        self.plan.action_ask_proposals()
        self.t_ann.write({"proposed_amount": 80.0, "proposal_note": "Slow start"})
        wizard = self.env["sales.target.take"].with_user(self.leader)
        wizard = wizard.with_context(default_plan_id=self.plan.id).create({})
        self.assertEqual(wizard.root_id, self.t_north)
        action = wizard.action_apply()
        rows = self.env["sales.target.compare"].with_user(self.leader)
        rows = rows.search(action["domain"])
        self.assertEqual(rows.mapped("node"), [self.n, self.t_ann.node])
        self.assertEqual(rows.mapped("is_proposed"), [False, True])
        self.assertEqual(rows[1].difference, 0.0)
        self.assertEqual(rows[1].note, "Slow start")
        for user in (self.director, self.ann):
            with self.assertRaises(AccessError):
                rows.with_user(user).check_access("read")
        with self.assertRaises(AccessError):
            wizard.with_user(self.director).check_access("read")

    # === PUBLISHING === #

    def test_told_and_acknowledged(self):
        plan = self._as(self.director)
        plan.action_publish()
        [message] = self._messages(plan)[:1]
        told = (self.ann | self.bob | self.leader).partner_id
        self.assertEqual(message.notified_partner_ids, told)
        self.assertEqual((plan.acknowledged_count, plan.people_count), (0, 2))
        ann = self._as(self.ann)
        self.assertTrue(ann.is_mine_open)
        ann.action_acknowledge()
        self.env.invalidate_all()
        self.assertFalse(ann.is_mine_open)
        self.assertEqual((plan.acknowledged_count, plan.people_count), (1, 2))
        self.assertFalse(self.t_north.date_acknowledged)
        self._as(self.leader).action_acknowledge()
        self.assertTrue(self.t_north.date_acknowledged)
        with self.assertRaisesRegex(UserError, "no targets"):
            plan.action_acknowledge()

    def test_telling_many(self):
        def queries(plan):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            plan._tell(plan.target_ids.user_id, "Hello", "World")
            self.env.flush_all()
            return self.cr.sql_log_count - before

        other = self._make_plan(name="Many")
        for n in range(6):
            user = new_test_user(
                self.env,
                f"sp_version_many_{n}",
                "sales_team.group_sale_salesman",
                company_id=self.company.id,
                company_ids=[(6, 0, self.company.ids)],
            )
            self._target({"user_id": user.id}, plan=other)
        queries(self.plan)  # warm up
        few, many = queries(self.plan), queries(other)
        self.assertLessEqual(many, few + 4)  # 4 people more

    # === VERSIONS === #

    def test_new_version(self):
        with self.assertRaisesRegex(UserError, "is not published"):
            self.plan._make_version("Too early")
        self.plan.over_percent = 5
        self.plan.action_publish()
        with self.assertRaises(AccessError):
            self._as(self.leader)._make_version("Not mine")
        plan = self._as(self.director)
        wizard = self.env["sales.target.version"].with_user(self.director)
        wizard = wizard.create({"plan_id": plan.id, "reason": "  "})
        with self.assertRaisesRegex(UserError, "Say why"):
            wizard.action_create()
        with self.assertRaises(AccessError):
            wizard.with_user(self.leader).check_access("read")
        wizard.reason = "Bob works less"
        new = plan.browse(wizard.action_create()["res_id"])
        self.assertEqual(
            (new.version, new.state, new.predecessor_id, new.over_percent),
            (2, "draft", plan, 5),
        )
        self.assertEqual(plan.successor_id, new)
        self.assertEqual(
            sorted((t.node, t.amount, t.date_from) for t in new.target_ids),
            sorted((t.node, t.amount, t.date_from) for t in plan.target_ids),
        )
        for target in new.target_ids:
            self.assertEqual(
                target.parent_id.node or "", target.node.rpartition("/")[0]
            )
        with self.assertRaisesRegex(UserError, "being worked on"):
            plan._make_version("Once more")
        new.target_ids.filtered("user_id")[-1].amount = 150
        action = new.action_compare()
        rows = self.env["sales.target.compare"].with_user(self.director)
        changed = rows.search(action["domain"]).filtered("is_changed")
        self.assertEqual(
            changed.mapped(lambda r: (r.before, r.amount, r.change)),
            [(200.0, 150.0, -50.0)],
        )
        new.action_publish()
        self.assertEqual((plan.state, new.state), ("replaced", "published"))
        self.assertIn("Bob works less", str(self._messages(new)[0].body))
        with self.assertRaisesRegex(UserError, "is published"):
            new.target_ids[0].amount = 1

    def test_what_is_over_stays(self):
        """In a version a leader changes no period that is over; a director does."""
        today = self.company._sales_today()
        plan = self._make_plan(
            name="Now",
            period_type="week",
            date_from=today - timedelta(days=today.weekday() + 7),
            date_to=today - timedelta(days=today.weekday() - 14),
        )
        team = [
            self._target({"team_id": self.north.id}, plan=plan, month=n + 1)
            for n in range(3)
        ]
        ann = [
            self._target({"user_id": self.ann.id}, above, plan, n + 1, amount=10)
            for n, above in enumerate(team)
        ]
        team[0].amount = team[1].amount = team[2].amount = 10
        plan.action_publish()
        new = plan._make_version("Something changed")
        leader = new.with_user(self.leader)
        rows = leader.target_ids.filtered("user_id").sorted("date_from")
        self.assertEqual(len(rows), len(ann))
        with self.assertRaisesRegex(UserError, "this period is over"):
            rows[0].amount = 5
        rows[1].amount = 5
        leader._apply_division(self.north and f"t{self.north.id}", "equal")
        self.assertEqual(rows.mapped("amount"), [10.0, 10.0, 10.0])
        rows[0].with_user(self.director).amount = 7

    def test_queries(self):
        def queries(plan):
            plan.action_publish()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            plan.with_user(self.director)._make_version("Because")
            self.env.flush_all()
            return self.cr.sql_log_count - before

        won = self.env.ref("sales_process.metric_won_deal")
        visits = self.env.ref("sales_process.metric_visit")
        big = self._make_plan(name="Big", metric_id=won.id, period_type="quarter")
        warm = self._make_plan(name="Warm", metric_id=visits.id)
        self._target({"user_id": self.ann.id}, plan=warm, amount=1)
        for number in range(1, 5):
            top = self._target(plan=big, month=number, amount=1)
            for team, user in ((self.north, self.ann), (self.south, self.bob)):
                above = self._target({"team_id": team.id}, top, big, number)
                self._target({"user_id": user.id}, above, big, number)
        queries(warm)
        few, many = queries(self.plan), queries(big)
        self.assertLessEqual(many, few)
