from datetime import date

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .target_common import TargetCommon


@tagged("post_install", "-at_install")
class TestTargetPlan(TargetCommon):
    """Plans, their periods and states, and what they refuse."""

    rule_tested_models = ()

    def test_periods(self):
        self.assertEqual(len(self.plan._periods()), 12)
        quarters = self._make_plan(name="Quarters", period_type="quarter")
        self.assertEqual(
            quarters._periods()[1], (date(self.year, 4, 1), date(self.year, 7, 1))
        )
        whole = self._make_plan(
            name="Spring",
            period_type="whole",
            date_from=date(self.year, 3, 4),
            date_to=date(self.year, 3, 19),
        )
        self.assertEqual(len(whole._periods()), 1)

    def test_fiscal_year(self):
        self.company.fiscalyear_last_month = "3"
        plan = self._make_plan(
            name="Fiscal",
            period_type="quarter",
            date_from=date(self.year, 4, 1),
            date_to=date(self.year + 1, 4, 1),
        )
        self.assertEqual(
            plan._periods()[0], (date(self.year, 4, 1), date(self.year, 7, 1))
        )
        with self.assertRaises(ValidationError):
            plan.date_from = date(self.year, 5, 2)

    def test_a_day_off(self):
        with self.assertRaises(ValidationError):
            self._make_plan(name="Off", date_from=date(self.year, 1, 2))
        first, after = self.plan._periods()[0]
        with self.assertRaises(ValidationError):
            self._target(date_to=fields.Date.add(after, days=1))
        with self.assertRaises(ValidationError):
            self._target(date_from=fields.Date.add(first, days=1))

    def test_last_day(self):
        self.assertEqual(self.plan.date_last, date(self.year, 12, 31))
        plan = self._make_plan(name="Two years")
        plan.date_last = date(self.year + 1, 12, 31)
        self.assertEqual(plan.date_to, date(self.year + 2, 1, 1))

    def test_tree(self):
        self._january()
        self.assertEqual(self.t_ann.node, f"c/t{self.north.id}/u{self.ann.id}")
        self.assertEqual(self.t_ann.scope_team_id, self.north)
        self.assertFalse(self.top.scope_team_id)
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self._target({"user_id": self.ann.id}, self.t_north)
        with self.assertRaises(ValidationError):
            self._target({"user_id": self.ann.id, "team_id": self.north.id})
        with self.assertRaises(ValidationError):
            self._target({"user_id": self.bob.id}, self.t_north, month=2)

    def test_mismatch(self):
        self._january()
        self.top.amount = 1000
        self.t_north.amount = 600.004
        self.assertEqual(self.t_north.amount, 600.0)
        self.assertEqual(self.top.children_amount, 600.0)
        self.assertEqual(self.top.mismatch, 400.0)
        self.t_south.amount = 500
        self.assertEqual(self.top.mismatch, -100.0)
        self.plan.over_percent = 10
        self.assertEqual(self.top.mismatch, 0.0)
        self.assertEqual(self.t_ann.mismatch, 0.0)

    def test_states(self):
        plan = self.plan
        with self.assertRaises(UserError):
            plan.action_publish()
        self._january()
        with self.assertRaises(UserError):
            plan.action_lock()
        self.t_ann.amount = 10
        plan.action_ask_proposals()
        plan.action_lock()
        self.assertEqual(plan.state, "locked")
        plan.action_reopen()
        plan.action_publish()
        self.assertEqual(plan.state, "published")
        self.assertEqual(plan.date_published, self.company._sales_today())
        with self.assertRaises(UserError):
            plan.action_reopen()
        with self.assertRaises(UserError):
            plan.unlink()

    def test_overlap(self):
        self._january()
        self.t_ann.amount = 10
        self.plan.action_publish()
        other = self._make_plan(name="Second")
        self._target({"user_id": self.ann.id}, plan=other, amount=5)
        with self.assertRaisesRegex(UserError, "already has targets"):
            other.action_publish()
        self.assertEqual(other.state, "draft")
        # Somebody else, or another month, does not overlap.
        other.target_ids.unlink()
        self._target({"user_id": self.bob.id}, plan=other, month=2, amount=5)
        other.action_publish()
        self.assertEqual(other.state, "published")

    def test_shape_stays(self):
        self._january()
        with self.assertRaisesRegex(UserError, "has targets already"):
            self.plan.period_type = "quarter"
