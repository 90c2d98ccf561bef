from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from ..common import DIRECTOR, LEADER, REP
from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestContractInvoiceRoles(MoneyCommon):
    """Who may invoice an order in Odoo may invoice its instalments, nobody else."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = {
            "rep": REP,
            "stranger": REP,
            "leader": LEADER,
            "director": DIRECTOR,
            "accountant": "account.group_account_invoice",
            "employee": "base.group_user",
            "portal": "base.group_portal",
        }
        cls.people = {
            name: new_test_user(
                cls.env,
                f"sp_invoice_{name}",
                group,
                company_id=cls.company.id,
                company_ids=[(6, 0, cls.company.ids)],
            )
            for name, group in groups.items()
        }
        cls.team = cls.env["crm.team"].create(
            {
                "name": "North",
                "company_id": cls.company.id,
                "user_id": cls.people["leader"].id,
                "member_ids": [(6, 0, cls.people["rep"].ids)],
            }
        )

    def setUp(self):
        super().setUp()
        self.order = self._order(
            300.0, 850.0, user_id=self.people["rep"].id, team_id=self.team.id
        )
        self.first, self.final = self.order.sales_plan_line_ids
        self.env.flush_all()

    def _as(self, name, records=None):
        return (records or self.first).with_user(self.people[name])

    def test_who_may(self):
        for name in ("rep", "leader", "director", "accountant"):
            with self.subTest(name=name), self.env.cr.savepoint() as savepoint:
                action = self._as(name).action_invoice()
                move = self.env["account.move"].browse(action["res_id"])
                self.assertEqual(move.amount_total, 300.0)
                self.assertEqual(move.create_uid, self.people[name])
                savepoint.close(rollback=True)
            self.env.invalidate_all()

    def test_who_may_not(self):
        for name in ("stranger", "employee", "portal"):
            for method in ("action_invoice", "action_invoice_due"):
                with self.subTest(name=name, method=method):
                    with self.assertRaises(AccessError):
                        getattr(self._as(name), method)()
        self.assertFalse(self.order.invoice_ids)

    def test_rep_sees_own_draft_and_figures_without_accounting(self):
        rep = self.people["rep"]
        self.assertFalse(rep.has_group("account.group_account_readonly"))
        line = self._as("rep")
        draft = self.env["account.move"].with_user(rep)
        draft = draft.browse(line.action_invoice()["res_id"])
        self.assertEqual(draft.amount_total, 300.0)
        self.assertEqual(draft.state, "draft")
        with self.assertRaises(AccessError):
            draft.action_post()
        draft.sudo().action_post()
        self._pay(draft.with_user(self.env.user), 100.0)
        self.assertEqual(line.amount_invoiced, 300.0)
        self.assertEqual(line.amount_collected, 100.0)
        self.assertEqual(line.state, "partial")
        self.assertEqual(line.invoice_ids, draft)

    def test_leader_reads_invoices_of_the_teams_below_only(self):
        move = self._invoice(self.first)
        self.assertEqual(self._as("leader", move).amount_total, 300.0)
        self.assertEqual(len(self._as("leader", move.line_ids).mapped("balance")), 3)
        other = self._invoice(self._order(1150.0).sales_plan_line_ids)
        other.team_id = self.env["crm.team"].create({"name": "South"})
        for records in (other, other.line_ids):
            with self.assertRaises(AccessError):
                self._as("leader", records).read(["company_id"])

    def test_rep_sees_no_document_of_somebody_else(self):
        """Accounting gave the invoice to another person: the figures stay."""
        self._invoice(self.first).invoice_user_id = self.people["stranger"]
        line = self._as("rep")
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(line.invoice_ids)
        self.assertEqual(line.amount_invoiced, 300.0)

    def test_everybody_reads_every_new_field(self):
        self._pay(self._invoice(self.first), 100.0)
        self.env.flush_all()
        for name in ("rep", "leader", "director", "accountant"):
            with self.subTest(name=name):
                self.env.invalidate_all()
                line = self._as(name)
                self.assertEqual(
                    line.read(["amount_collected"])[0]["amount_collected"], 100
                )
                line.read()
                line.web_read({"invoice_ids": {"fields": {"display_name": {}}}})

    def test_accountant_changes_the_instalment_of_an_invoice(self):
        draft = self._invoice(self.first)
        self._as("accountant", draft).sales_plan_line_id = self.final
        self.assertFigures(self.final, 300, 0, 300)
        with self.assertRaises(AccessError):
            self._as("rep", draft).sales_plan_line_id = self.first

    def test_question_and_report_belong_to_who_asked(self):
        self.first.date_planned = self._later()
        action = self._as("rep").action_invoice()
        question = self.env[action["res_model"]].browse(action["res_id"])
        self.assertIn("is due on", self._as("rep", question).line_ids.message)
        for name in ("stranger", "accountant"):
            with self.assertRaises(AccessError):
                self._as(name, question).read(["is_report"])
            with self.assertRaises(AccessError):
                self._as(name, question.line_ids).read(["message"])
        # A record made by hand would show orders of others through its related fields.
        for model in ("sales.plan.invoicing", "sales.plan.invoicing.line"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(self.people["stranger"]).create({})
        self._as("rep", question).action_confirm()
        self.assertEqual(self.order.invoice_ids.amount_total, 300.0)

    def _later(self):
        return self.today.replace(year=self.today.year + 1, day=1)

    def test_bulk_as_rep_tells_only_own(self):
        other = self._order(1150.0, user_id=self.people["stranger"].id)
        action = self._as("rep").action_invoice_due()
        report = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(report.invoiced_count, 1)
        lines = self.first | other.sales_plan_line_ids
        with self.assertRaises(AccessError):
            self._as("rep", lines).action_invoice_due()

    def test_invoicing_by_the_accountant_shows_no_pipeline(self):
        """Orders of deals are invoiced by people who may not see the deal."""
        lead = self.env["crm.lead"].create({"name": "Deal", "type": "opportunity"})
        self.order.opportunity_id = lead
        self._as("accountant").action_invoice()
        self._as("accountant", self.order).read(["name", "amount_total"])
        with self.assertRaises(AccessError):
            self._as("accountant", lead).read(["name"])

    def test_posting_and_paying_needs_no_right_in_sales(self):
        """Figures follow an accountant who may see neither order nor instalment."""
        draft = self._invoice(self.first, post=False)
        clerk = self.people["accountant"]
        self.env["ir.model.access"].search(
            [("model_id.model", "=", "sales.plan.line")]
        ).unlink()
        self.env.registry.clear_cache()
        draft.with_user(clerk).action_post()
        self._pay(draft.with_user(clerk).with_env(self.env), 100.0)
        self.assertEqual(self.first.sudo().amount_collected, 100.0)

    def test_portal_reads_own_figures_only(self):
        portal = self.people["portal"]
        portal.partner_id.parent_id = self.partner_a
        self.env.flush_all()
        self.assertEqual(self._as("portal").amount, 300.0)
        with self.assertRaises(AccessError):
            self._as("portal").write({"amount": 1.0})
