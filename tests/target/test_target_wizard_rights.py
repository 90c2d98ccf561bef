from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import LEADER
from .target_common import TargetCommon

WIZARDS = (
    "sales.target.compare",
    "sales.target.divide",
    "sales.target.divide.line",
    "sales.target.divide.period",
    "sales.target.excel",
    "sales.target.excel.line",
    "sales.target.excel.problem",
    "sales.target.move",
    "sales.target.owners",
    "sales.target.plans",
    "sales.target.take",
    "sales.target.version",
)


@tagged("post_install", "-at_install")
class TestTargetWizardRights(TargetCommon):
    """Dialogs and the menu of a plan are for those who work with targets."""

    rule_tested_models = WIZARDS

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {
            name: cls._make_person(f"target_wizard_{name}", group)
            for name, group in {
                "accountant": "account.group_account_invoice",
                "employee": "base.group_user",
                "portal": "base.group_portal",
                "leader": LEADER,
            }.items()
        }

    def test_all_of_them(self):
        """A dialog that is added later is listed here too."""
        found = self.env["ir.model"].search(
            [("model", "=like", "sales.target.%"), ("transient", "=", True)]
        )
        self.assertEqual(sorted(found.mapped("model")), sorted(WIZARDS))

    def test_strangers(self):
        for name in ("accountant", "employee", "portal"):
            for model in WIZARDS:
                wizards = self.env[model].with_user(self.people[name])
                with self.subTest(name=name, model=model):
                    with self.assertRaises(AccessError):
                        wizards.search([])
                    with self.assertRaises(AccessError):
                        wizards.create([{}])

    def _press(self, name, action):
        record = self.env.ref(f"sales_process.sales_target_plan_action_{action}")
        return (
            record.with_user(self.people[name])
            .with_context(active_model=self.plan._name, active_ids=self.plan.ids)
            .run()
        )

    def test_menu(self):
        """A leader may not write plans, and presses what a leader may."""
        self.north.user_id = self.people["leader"]
        self._january()
        for action, model in {
            "add_owners": "sales.target.owners",
            "divide": "sales.target.divide",
            "excel_import": "sales.target.excel",
            "changes": "sales.target.change",
        }.items():
            with self.subTest(action=action):
                opened = self._press("leader", action)
                self.assertEqual(opened["res_model"], model)
        self.assertTrue(self._press("leader", "excel_export"))
        for action in ("move", "remind", "lock", "reopen"):
            with self.subTest(action=action), self.assertRaises(AccessError):
                self._press("leader", action)
        for name in ("accountant", "employee", "portal"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                self._press(name, "excel_export")
