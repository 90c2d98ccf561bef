from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .plan_common import PlanCommon


@tagged("post_install", "-at_install")
class TestContractPlanRights(PlanCommon):
    """Instalments are seen with their order; templates by all, changed by few."""

    rule_tested_models = {
        "sales.plan.template",
        "sales.plan.template.line",
        "sales.plan.line",
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager_user = new_test_user(
            cls.env, "sp_plan_manager", "account.group_account_manager"
        )
        cls.auditor_user = new_test_user(
            cls.env, "sp_plan_auditor", "account.group_account_readonly"
        )
        cls.order = cls._planned(partner_id=cls.buyer.id)
        cls.order.action_confirm()
        cls.lines = cls.order.sales_plan_line_ids
        cls.portal_user.partner_id.parent_id = cls.customer

    def _sees(self, user, records):
        return records.with_user(user).search([("id", "in", records.ids)])

    # === INSTALMENTS === #

    def test_who_sees_instalments(self):
        for name in ("rep", "leader", "director", "accountant", "auditor", "portal"):
            user = getattr(self, f"{name}_user")
            with self.subTest(name):
                self.assertEqual(self._sees(user, self.lines), self.lines)
                self.lines.with_user(user).read(["name", "amount", "state", "when"])
        for name in ("colleague", "stranger", "other_leader"):
            with self.subTest(name):
                user = getattr(self, f"{name}_user")
                self.assertFalse(self._sees(user, self.lines))
                with self.assertRaises(AccessError):
                    self.lines.with_user(user).read(["amount"])

    def test_who_changes_instalments(self):
        for name in ("rep", "leader", "director", "accountant"):
            with self.subTest(name):
                user = getattr(self, f"{name}_user")
                self.lines[0].with_user(user).name = f"Changed by {name}"
        for name in ("colleague", "other_leader", "auditor", "portal"):
            user = getattr(self, f"{name}_user")
            with self.subTest(name), self.assertRaises(AccessError):
                self.lines[0].with_user(user).name = "Not mine"

    def test_nobody_plans_the_order_of_another(self):
        vals = {"order_id": self.order.id, "name": "x", "date_planned": "2024-05-01"}
        for name in ("colleague", "other_leader", "portal"):
            user = getattr(self, f"{name}_user")
            with self.subTest(name), self.assertRaises(AccessError):
                self.env["sales.plan.line"].with_user(user).create(vals)

    def test_an_order_nobody_owns(self):
        order = self._planned(user_id=False)
        self.assertFalse(order.user_id)
        lines = order.sales_plan_line_ids
        self.assertEqual(self._sees(self.colleague_user, lines), lines)
        order.user_id = self.rep_user
        self.assertFalse(self._sees(self.colleague_user, lines))

    def test_a_new_salesperson_takes_the_instalments_along(self):
        self.order.user_id = self.colleague_user
        self.assertEqual(self._sees(self.colleague_user, self.lines), self.lines)
        self.assertFalse(self._sees(self.rep_user, self.lines))

    def test_customers_see_no_drafts_and_no_others(self):
        draft = self._planned(partner_id=self.buyer.id)
        self.assertFalse(self._sees(self.portal_user, draft.sales_plan_line_ids))
        draft.state = "sent"
        self.assertTrue(self._sees(self.portal_user, draft.sales_plan_line_ids))
        stranger = self.env["res.partner"].create({"name": "Other customer"})
        other = self._planned(partner_id=stranger.id)
        other.action_confirm()
        self.assertFalse(self._sees(self.portal_user, other.sales_plan_line_ids))

    def test_companies_stay_apart(self):
        company = self.env["res.company"].create({"name": "Plan Three"})
        user = new_test_user(
            self.env,
            "sp_plan_other",
            "sales_process.group_director,account.group_account_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.assertFalse(self._sees(user, self.lines))
        own = self._template("Own", ("A", "balance", 0, "date"), company_id=company.id)
        shared = self.plan
        for records in (own | shared, (own | shared).line_ids):
            with self.subTest(records._name):
                self.assertEqual(self._sees(user, records), records)
                left = self._sees(self.director_user, records)
                self.assertEqual(left, records.filtered(lambda r: not r.company_id))
        with self.assertRefused("company"):
            self.order.sales_plan_template_id = own

    # === TEMPLATES === #

    def test_who_sees_templates(self):
        for name in ("rep", "leader", "director", "accountant", "manager"):
            user = getattr(self, f"{name}_user")
            for records in (self.plan, self.plan.line_ids):
                with self.subTest(name, model=records._name):
                    self.assertEqual(self._sees(user, records), records)
        for records in (self.plan, self.plan.line_ids):
            with self.assertRaises(AccessError):
                self._sees(self.portal_user, records)

    def test_who_designs_templates(self):
        for name in ("director", "manager"):
            user = getattr(self, f"{name}_user")
            with self.subTest(name):
                plan = self.plan.with_user(user).copy()
                plan.line_ids[0].name = "Changed"
                plan.unlink()
        for name in ("rep", "leader", "accountant"):
            user = getattr(self, f"{name}_user")
            for records in (self.plan, self.plan.line_ids[0]):
                with self.subTest(name), self.assertRaises(AccessError):
                    records.with_user(user).name = "Not mine"
                with self.subTest(name), self.assertRaises(AccessError):
                    records.with_user(user).unlink()

    # === SCREENS === #

    def test_screens_of_those_without_a_plan(self):
        """Who reads orders without reading instalments still opens them."""
        views = self.env["sale.order"].with_user(self.auditor_user)
        arch = views.get_view(view_type="form")["arch"]
        self.assertIn("sales_plan_line_ids", arch)
        reader = new_test_user(self.env, "sp_plan_reader", "base.group_user")
        self.env["ir.model.access"].create(
            {
                "name": "orders alone",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "group_id": self.env.ref("base.group_user").id,
                "perm_read": True,
            }
        )
        arch = views.with_user(reader).get_view(view_type="form")["arch"]
        self.assertNotIn("sales_plan_line_ids", arch)
