from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .intake_common import IntakeCase


@tagged("post_install", "-at_install")
class TestIntakeRights(IntakeCase):
    """Designers see their own runs, sales managers those of the company, reps none."""

    rule_tested_models = {
        "sales.pipeline.import",
        "sales.pipeline.import.file",
        "sales.pipeline.import.column",
        "sales.pipeline.import.value",
        "sales.pipeline.import.problem",
        "sales.pipeline.import.memory",
    }
    parts = ("file_ids", "column_ids", "value_ids", "problem_ids")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.designer, cls.other = (
            new_test_user(cls.env, login, "sales_process.group_designer")
            for login in ("intake_designer", "intake_other")
        )
        cls.rep = new_test_user(cls.env, "intake_rep", "sales_process.group_rep")

    def _visible(self, user, records):
        return records.with_user(user).search([("id", "in", records.ids)])

    def test_who_sees_a_run_and_its_parts(self):
        run = self.checked(self.sample("deals.csv"), user=self.designer)
        for records in (run, *(run[name] for name in self.parts)):
            with self.subTest(records._name):
                self.assertTrue(records)
                self.assertEqual(self._visible(self.designer, records), records)
                self.assertEqual(self._visible(self.manager, records), records)
                self.assertFalse(self._visible(self.other, records))
                with self.assertRaises(AccessError):
                    self._visible(self.rep, records)

    def test_companies_stay_apart(self):
        company = self.env["res.company"].create({"name": "Intake Two"})
        stranger = new_test_user(
            self.env,
            "intake_stranger",
            "sales_team.group_sale_manager",
            company_id=company.id,
            company_ids=[company.id],
        )
        run = self.imported(self.sample("deals.csv"))
        memory = self.env["sales.pipeline.import.memory"].search([])
        self.assertTrue(memory)
        for records in (run, memory, *(run[name] for name in self.parts)):
            with self.subTest(records._name):
                self.assertFalse(self._visible(stranger, records))

    def test_a_designer_prepares_a_manager_imports(self):
        run = self.checked(self.sample("deals.csv"), user=self.designer)
        self.assertTrue(run.summary["rights"])
        with self.assertRaisesRegex(AccessError, "sales manager"):
            run.action_import()
        as_manager = run.with_user(self.manager)
        as_manager.action_check()
        as_manager.action_run_now()
        self.assertEqual((run.state, run.confirmed_by_id), ("done", self.manager))

    def test_nobody_can_start_a_run_in_another_name(self):
        """The background job writes as whoever confirmed; that cannot be forged."""
        run = self.checked(self.sample("deals.csv"), user=self.designer)
        admin = self.env.ref("base.user_admin")
        for vals in (
            {"confirmed_by_id": admin.id},
            {"state": "running"},
            {"created_count": 1},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                run.write(vals)
        with self.assertRaises(AccessError):
            run.create({"state": "running", "confirmed_by_id": admin.id})

    def test_records_belong_to_the_company_of_the_run(self):
        company = self.env["res.company"].create({"name": "Intake Three"})
        self.manager.company_ids |= company
        run = self.upload(
            self.sample("deals.csv", "customers.csv", "products.csv", "people.csv"),
            user=self.manager.with_context(allowed_company_ids=company.ids),
            company_id=company.id,
        ).with_context(allowed_company_ids=company.ids)
        self.choose_stages(run)
        run.action_check()
        run.action_run_now()
        leads = run.lead_ids
        self.assertEqual(len(leads), 5)
        self.assertEqual(leads.company_id, company)
        self.assertEqual(leads.partner_id.company_id, company)
        self.assertEqual(leads.sales_product_id.company_id, company)
        self.assertEqual(leads.team_id.company_id, company)
        self.assertEqual(run._existing_leads([]), {})
        same = self.checked(self.sample("deals.csv"))
        self.assertEqual(same.deal_count, 5, "another company has its own identifiers")
