from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import DIRECTOR, LEADER
from .target_common import TargetCommon


@tagged("post_install", "-at_install")
class TestTargetRights(TargetCommon):
    """Own and the team's sum, the subtree, or all; nobody changes the own targets."""

    rule_tested_models = (
        "sales.target.plan",
        "sales.target",
        "sales.target.change",
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {"ann": cls.ann, "bob": cls.bob}
        for name, group in {
            "leader": LEADER,
            "director": DIRECTOR,
            "accountant": "account.group_account_invoice",
            "employee": "base.group_user",
            "portal": "base.group_portal",
        }.items():
            cls.people[name] = cls._make_person(f"target_{name}", group)
        cls.north.user_id = cls.people["leader"]
        cls._january()
        cls.all = cls.top | cls.t_north | cls.t_south | cls.t_ann | cls.t_bob
        cls.all.amount = 100

    def _seen(self, name):
        targets = self.env["sales.target"].with_user(self.people[name])
        return targets.search([("plan_id", "=", self.plan.id)]).sudo()

    def _as(self, name, target):
        return target.with_user(self.people[name])

    def test_who_sees_a_draft(self):
        self.assertFalse(self._seen("ann"))
        self.assertEqual(self._seen("leader"), self.t_north | self.t_ann)
        self.assertEqual(self._seen("director"), self.all)
        plans = self.env["sales.target.plan"].with_user(self.ann)
        self.assertFalse(plans.search([("id", "=", self.plan.id)]))

    def test_who_sees_what_is_published(self):
        self.plan.action_publish()
        self.assertEqual(self._seen("ann"), self.t_ann | self.t_north)
        self.assertEqual(self._seen("bob"), self.t_bob | self.t_south)
        self.assertEqual(self._seen("leader"), self.t_north | self.t_ann)
        self.assertEqual(self._seen("director"), self.all)

    def test_strangers(self):
        self.plan.action_publish()
        for name in ("accountant", "employee", "portal"):
            for model in self.rule_tested_models:
                records = self.env[model].with_user(self.people[name])
                with (
                    self.subTest(name=name, model=model),
                    self.assertRaises(AccessError),
                ):
                    records.search([])

    def test_own_targets(self):
        for name, target in (
            ("ann", self.t_ann),
            ("ann", self.t_north),
            ("leader", self.t_north),
            ("leader", self.t_south),
            ("leader", self.t_bob),
        ):
            for vals in ({"amount": 1.0}, {"share": 50.0}, {"stretch_amount": 1.0}):
                with self.subTest(name=name, vals=vals), self.assertRaises(AccessError):
                    self._as(name, target).write(vals)
        self._as("leader", self.t_ann).amount = 120
        self._as("director", self.t_north).amount = 130
        self.assertEqual((self.t_ann.amount, self.t_north.amount), (120, 130))

    def test_director_who_sells(self):
        director = self.people["director"]
        own = self._target({"user_id": director.id}, self.t_south, amount=10)
        with self.assertRaises(AccessError):
            self._as("director", own).amount = 1
        with self.assertRaises(AccessError):
            self._as("director", own).unlink()

    def test_not_by_moving(self):
        """A target of somebody else does not become one's own, nor the other way."""
        with self.assertRaises(AccessError):
            self._as("leader", self.t_ann).user_id = self.people["leader"]
        with self.assertRaises(AccessError):
            self._as("leader", self.t_ann).parent_id = self.t_south

    def test_proposals(self):
        proposal = {"proposed_amount": 80.0, "proposal_note": "Two gave notice"}
        with self.assertRaises(AccessError):
            self._as("ann", self.t_ann).write(proposal)
        self.plan.action_ask_proposals()
        self._as("ann", self.t_ann).write(proposal)
        self._as("leader", self.t_north).write({"proposed_amount": 90.0})
        self.assertEqual(self.t_ann.proposed_amount, 80.0)
        with self.assertRaises(AccessError):
            self._as("ann", self.t_ann).write({**proposal, "amount": 80.0})
        with self.assertRaises(AccessError):
            self._as("bob", self.t_ann).write(proposal)
        self.plan.action_lock()
        with self.assertRaises(UserError):
            self._as("leader", self.t_north).write(proposal)

    def test_published_stays(self):
        self.plan.action_publish()
        for name in ("leader", "director"):
            with self.subTest(name), self.assertRaises(UserError):
                self._as(name, self.t_ann).amount = 1
        with self.assertRaises(UserError):
            self._as("director", self.t_ann).unlink()

    def test_only_buttons(self):
        for vals in ({"state": "published"}, {"version": 3}):
            with self.assertRaises(AccessError):
                self._as("director", self.plan).write(vals)
        with self.assertRaises(AccessError):
            self._as("leader", self.plan).action_publish()
        with self.assertRaises(AccessError):
            self._as("director", self.t_bob).date_acknowledged = self.today

    def test_acknowledge(self):
        self.plan.action_publish()
        self._as("ann", self.t_ann).action_acknowledge()
        self._as("leader", self.t_north).action_acknowledge()
        self.assertEqual(self.t_ann.date_acknowledged, self.company._sales_today())
        self.assertEqual(self.t_north.date_acknowledged, self.company._sales_today())
        with self.assertRaises(AccessError):
            self._as("leader", self.t_ann).action_acknowledge()

    def test_changes_are_kept(self):
        self._as("leader", self.t_ann).amount = 120
        change = self.t_ann.change_ids[0]
        self.assertEqual(
            (change.field, change.old_value, change.new_value, change.user_id),
            ("amount", 100.0, 120.0, self.people["leader"]),
        )
        for name in ("leader", "director"):
            with self.assertRaises(AccessError):
                self._as(name, change).write({"new_value": 1})
            with self.assertRaises(AccessError):
                self._as(name, change).unlink()
        seen = self.env["sales.target.change"].with_user(self.ann)
        self.assertFalse(seen.search([]))
        self.plan.action_publish()
        self.assertIn(change, seen.search([]).sudo())
