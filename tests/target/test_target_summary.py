from odoo.tests import tagged

from ..common import DIRECTOR, LEADER
from .target_common import TargetCommon


@tagged("post_install", "-at_install")
class TestTargetSummary(TargetCommon):
    """What a plan adds up to, as far as one sees it."""

    rule_tested_models = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leader, cls.director = (
            cls._make_person(f"summary_{name}", group)
            for name, group in (("leader", LEADER), ("director", DIRECTOR))
        )
        cls.north.user_id = cls.leader
        cls._january()

    def _summary(self, user):
        plan = self.plan.with_user(user)
        return (
            plan.owner_count,
            plan.total_amount,
            plan.given_amount,
            plan.missing_amount,
            plan.excess_amount,
            plan.mismatch_count,
        )

    def test_nothing_yet(self):
        empty = self._make_plan(name="Empty")
        self.assertEqual((empty.owner_count, empty.total_amount), (0, 0))
        self.assertFalse(empty.mismatch_count)

    def test_adds_up(self):
        self.top.amount = 100
        self.t_north.amount = self.t_ann.amount = 60
        self.t_south.amount = self.t_bob.amount = 40
        self.assertEqual(self._summary(self.director), (5, 100, 100, 0, 0, 0))

    def test_periods_do_not_make_up_for_each_other(self):
        """January 30 left, February 10 too much: neither is hidden by the other."""
        self.top.amount, self.t_north.amount, self.t_ann.amount = 100, 70, 70
        february = self._target(month=2, amount=50)
        self._target({"team_id": self.north.id}, february, month=2, amount=60)
        # North of February has nobody below: nothing there could fail to add up.
        self.assertEqual(self._summary(self.director), (5, 150, 130, 30, 10, 1))

    def test_on_top_on_purpose(self):
        self.plan.over_percent = 10
        self.top.amount, self.t_north.amount, self.t_south.amount = 100, 70, 40
        self.t_ann.amount, self.t_bob.amount = 77, 40
        # South should give 44 to Bob, and gives 40.
        self.assertEqual(self._summary(self.director), (5, 100, 110, 0, 0, 1))

    def test_leader_sees_the_own_team(self):
        self.top.amount = 1000
        self.t_north.amount, self.t_ann.amount = 80, 50
        self.assertEqual(self._summary(self.leader), (2, 80, 50, 30, 0, 1))

    def test_currency(self):
        self.assertEqual(self.plan.amount_currency_id, self.company.currency_id)
        visits = self._make_plan(
            name="Visits", metric_id=self.env.ref("sales_process.metric_visit").id
        )
        self.assertFalse(visits.amount_currency_id)

    def test_changes(self):
        self.t_ann.with_user(self.director).amount = 5
        action = self.plan.with_user(self.director).action_open_changes()
        changes = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(changes.target_id, self.t_ann)

    def test_queries(self):
        """As many for twice as many owners."""

        def count(plans):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            plans.with_user(self.director).mapped("mismatch_count")
            return self.env.cr.sql_log_count - start

        count(self.plan)
        few = count(self.plan)
        for month in (2, 3, 4):
            above = self._target(month=month)
            for team, user in ((self.north, self.ann), (self.south, self.bob)):
                below = self._target({"team_id": team.id}, above, month=month)
                self._target({"user_id": user.id}, below, month=month)
        self.assertEqual(count(self.plan), few)
