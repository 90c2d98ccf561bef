from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import DIRECTOR, LEADER
from .performance_commission_common import CommissionCommon


@tagged("post_install", "-at_install")
class TestCommissionRights(CommissionCommon):
    """Directors edit, leaders read those of their teams, reps their own plan."""

    rule_tested_models = (
        "sales.commission.plan",
        "sales.commission.bracket",
        "sales.commission.rate",
        "sales.commission.bonus",
        "sales.commission.assignment",
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
            cls.people[name] = cls._make_person(f"commission_{name}", group)
        cls.north.user_id = cls.people["leader"]
        cls.of_bob = cls._assign(cls.bob)
        cls.of_ann = cls.commission.assignment_ids - cls.of_bob
        cls.other = cls._commission_plan(name="South")
        cls._assign(cls.bob, cls.other)
        cls.rate = cls.env["sales.commission.rate"].create(
            {
                "plan_id": cls.commission.id,
                "product_category_id": cls.product_a.categ_id.id,
            }
        )
        cls.bonus = cls.env["sales.commission.bonus"].create(
            {
                "plan_id": cls.commission.id,
                "name": "For Bob",
                "amount": 5,
                "goal": 1,
                "user_id": cls.bob.id,
            }
        )
        cls.plans = cls.commission | cls.other

    def _seen(self, name, model="sales.commission.plan"):
        records = self.env[model].with_user(self.people[name])
        column = "id" if model == "sales.commission.plan" else "plan_id"
        return records.search([(column, "in", self.plans.ids)]).sudo()

    def test_drafts_are_for_directors(self):
        for name in ("ann", "leader"):
            for model in self.rule_tested_models:
                self.assertFalse(self._seen(name, model), (name, model))
        self.assertEqual(self._seen("director"), self.plans)
        self.assertEqual(self._seen("accountant"), self.plans)

    def test_who_sees_what_is_published(self):
        self.plans.action_publish()
        self.assertEqual(self._seen("ann"), self.commission)
        self.assertEqual(self._seen("bob"), self.plans)
        self.assertEqual(self._seen("leader"), self.commission)
        rows = "sales.commission.assignment"
        self.assertEqual(self._seen("ann", rows), self.of_ann)
        self.assertEqual(self._seen("leader", rows), self.of_ann)
        self.assertEqual(len(self._seen("director", rows)), 3)
        brackets = "sales.commission.bracket"
        own = self.commission.bracket_ids
        self.assertEqual(self._seen("ann", brackets), own)
        self.assertEqual(self._seen("leader", brackets), own)
        self.assertEqual(self._seen("ann", "sales.commission.rate"), self.rate)
        self.assertFalse(self._seen("ann", "sales.commission.bonus"))
        self.assertEqual(self._seen("bob", "sales.commission.bonus"), self.bonus)

    def test_strangers(self):
        self.plans.action_publish()
        for name in ("employee", "portal"):
            for model in self.rule_tested_models:
                records = self.env[model].with_user(self.people[name])
                with (
                    self.subTest(name=name, model=model),
                    self.assertRaises(AccessError),
                ):
                    records.search([])

    def test_nobody_else_writes(self):
        """Own rates, colleagues' rows, the plan itself: nothing of it over RPC."""
        self.plans.action_publish()
        bracket = self.commission.bracket_ids[0]
        for name in ("ann", "bob", "leader", "accountant", "employee", "portal"):
            for record, vals in (
                (bracket, {"rate": 50.0}),
                (self.commission, {"cap_amount": 0.0}),
                (self.of_ann, {"share": 1.0}),
                (self.rate, {"factor": 9.0}),
                (self.bonus, {"amount": 9.0}),
            ):
                record = record.with_user(self.people[name])
                with self.subTest(name=name, record=record):
                    with self.assertRaises(AccessError):
                        record.write(vals)
                    with self.assertRaises(AccessError):
                        record.unlink()
                    with self.assertRaises(AccessError):
                        record.create([{**vals, "plan_id": self.commission.id}])
            with self.assertRaises(AccessError):
                self.commission.with_user(self.people[name]).action_close()

    def test_published_rules_are_fixed(self):
        self.commission.action_publish()
        plan = self.commission.with_user(self.people["director"])
        for change in (
            lambda: plan.write({"cap_amount": 5}),
            lambda: plan.bracket_ids[0].write({"rate": 9}),
            lambda: plan.bracket_ids[0].unlink(),
            lambda: plan.bracket_ids.create({"plan_id": plan.id, "lower": 7}),
            lambda: plan.rate_ids.write({"factor": 9}),
            lambda: plan.bonus_ids.write({"amount": 9}),
            lambda: plan.assignment_ids[0].unlink(),
            lambda: plan.unlink(),
        ):
            with self.assertRaises(UserError):
                change()
        with self.assertRaises(AccessError):
            plan.state = "draft"
        with self.assertRaises(AccessError):
            plan.version = 7
        # People come and go.
        plan.assignment_ids[0].date_to = self._day(9, month=2)
        plan.name = "Another name"

    def test_nobody_writes_own_rates(self):
        director = self.people["director"]
        plan = self.commission.with_user(director)
        with self.assertRaises(AccessError):
            plan.assignment_ids.create({"plan_id": plan.id, "user_id": director.id})
        with self.assertRaises(AccessError):
            plan.assignment_ids[0].user_id = director
        with self.assertRaises(AccessError):
            plan.bonus_ids.create(
                {
                    "plan_id": plan.id,
                    "name": "Mine",
                    "amount": 1,
                    "goal": 1,
                    "user_id": director.id,
                }
            )
        self._assign(director)
        row = self.commission.assignment_ids.filtered(lambda r: r.user_id == director)
        for change in (
            lambda: plan.write({"cap_amount": 5}),
            lambda: plan.bracket_ids[0].write({"rate": 9}),
            lambda: plan.bracket_ids.create({"plan_id": plan.id, "lower": 7}),
            lambda: plan.rate_ids.unlink(),
            lambda: row.with_user(director).write({"share": 1}),
            lambda: row.with_user(director).unlink(),
            lambda: plan.action_publish(),
            lambda: plan.unlink(),
        ):
            with self.assertRaises(AccessError):
                change()
        # Somebody else does.
        self.commission.action_publish()
        with self.assertRaises(AccessError):
            plan.action_new_version()
        with self.assertRaises(AccessError):
            plan.action_close()

    def test_not_by_moving(self):
        """Rules of somebody else's plan do not become those of one's own."""
        director = self.people["director"]
        self._assign(director, self.other)
        bracket = self.commission.bracket_ids[0].with_user(director)
        with self.assertRaises(AccessError):
            bracket.plan_id = self.other
        with self.assertRaises(AccessError):
            self.commission.bonus_ids.with_user(director).plan_id = self.other

    def test_other_companies(self):
        other = self.env["res.company"].create({"name": "Other"})
        director = self.people["director"]
        director.sudo().company_ids |= other
        plan = self.commission.with_user(director).with_company(other)
        plan = plan.with_context(allowed_company_ids=other.ids)
        self.assertFalse(plan.search([("id", "in", self.plans.ids)]))
