from odoo.fields import Command
from odoo.tests import tagged

from ..common import SalesProcessCommon
from ..intake.intake_common import IntakeCase


@tagged("post_install", "-at_install")
class TestCreditDeals(SalesProcessCommon):
    """Deals and evidence for them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.signoff = cls._criterion(cls.p_close, name="Manager signed off")
        cls.deal = cls._deal()
        cls.env["sales.credit"]._write_pending()

    def _rows(self, code, **values):
        domain = [("metric_id.code", "=", code)]
        domain += [(name, "=", value) for name, value in values.items()]
        return self.env["sales.credit"].search(domain, order="id")

    def assertCredited(self, code, record, *amounts):
        rows = self._rows(code, source_id=record.id)
        self.assertEqual(rows.mapped("amount"), list(amounts))
        return rows

    def _audit(self):
        audits = self.env["sales.credit.audit"].sudo()
        audits.search([("state", "=", "running")]).state = "done"
        return audits._start("manual")._run()

    def test_qualified_forward_and_back(self):
        self.assertCredited("qualified_deal", self.deal)
        self.deal.stage_id = self.prove
        row = self.assertCredited("qualified_deal", self.deal, 1.0)
        self.assertEqual((row.user_id, row.team_id), (self.rep_user, self.retail))
        self.assertEqual(row.partner_id, self.customer)
        self.deal.stage_id = self.close  # further on is no second time
        self.assertCredited("qualified_deal", self.deal, 1.0)
        self.deal.stage_id = self.meet
        self.assertCredited("qualified_deal", self.deal, 1.0, -1.0)
        self.deal.user_id = self.colleague_user
        self.deal.stage_id = self.prove
        rows = self.assertCredited("qualified_deal", self.deal, 1.0, -1.0, 1.0)
        self.assertEqual(
            rows[-1].user_id, self.colleague_user, "whoever qualified it anew"
        )

    def test_lost_is_not_qualified_any_more(self):
        self.deal.stage_id = self.prove
        self.assertCredited("qualified_deal", self.deal, 1.0)
        self.deal.action_archive()
        self.assertCredited("qualified_deal", self.deal, 1.0, -1.0)

    def test_opened_again(self):
        self.deal.action_sales_waive(self.signoff.ids, "Agreed")
        self.deal.action_set_won()
        row = self.assertCredited("won_deal", self.deal, 1.0)
        self.assertEqual(row.date, self.company._sales_day(self.deal.date_closed))
        self.deal.stage_id = self.prove
        _won, back = self.assertCredited("won_deal", self.deal, 1.0, -1.0)
        self.assertEqual(back.reversal_of_id, row)
        self.deal.action_set_won()
        self.assertCredited("won_deal", self.deal, 1.0, -1.0, 1.0)
        self.assertEqual(self._audit().corrections, 0)

    def test_a_stage_that_becomes_one_of_winning(self):
        stage = self.env["crm.stage"].create({"name": "Test Signed", "sequence": 600})
        self.process.state = "retired"  # without one nothing has to be proven
        deal = self._deal(stage_id=stage.id)
        self.assertCredited("won_deal", deal)
        stage.is_won = True
        self.assertCredited("won_deal", deal, 1.0)

    def test_won_together(self):
        self.deal.sales_split_ids = [
            Command.create({"user_id": self.rep_user.id, "percent": 70}),
            Command.create({"user_id": self.stranger_user.id, "percent": 30}),
        ]
        self.deal.action_sales_waive(self.signoff.ids, "Agreed")
        self.deal.action_set_won()
        rows = self._rows("won_deal", source_id=self.deal.id)
        self.assertEqual(
            {(row.user_id, row.team_id, row.amount) for row in rows},
            {(self.rep_user, self.retail, 0.7), (self.stranger_user, self.south, 0.3)},
        )

    def test_merged(self):
        """Of two that were qualified one is left."""
        other = self._deal("Other")
        (self.deal | other).stage_id = self.prove
        self.env["sales.credit"]._write_pending()
        merged = (self.deal | other).merge_opportunity()
        self.env["sales.credit"]._write_pending()
        [gone] = {self.deal.id, other.id} - {merged.id}
        rows = self._rows("qualified_deal", source_id=gone)
        self.assertEqual(rows.mapped("amount"), [1.0, -1.0])
        self.assertCredited("qualified_deal", merged, 1.0)
        self.assertEqual(self._audit().corrections, 0)

    def test_deleted(self):
        self.deal.stage_id = self.prove
        evidence = self._submit(self.deal, self.signoff)
        evidence.with_user(self.leader_user).action_verify()
        deal_id, evidence_id = self.deal.id, evidence.id
        self.assertCredited("verified_evidence", evidence, 1.0)
        self.deal.unlink()
        for code, number in (
            ("qualified_deal", deal_id),
            ("verified_evidence", evidence_id),
        ):
            rows = self._rows(code, source_id=number)
            self.assertEqual(sum(rows.mapped("amount")), 0.0)
            self.assertTrue(rows[-1].display_name)
            self.assertEqual(
                bool(rows[-1].action_open_document()), code != "qualified_deal"
            )
        self.assertEqual(self._audit().corrections, 0)

    # === EVIDENCE === #

    def test_evidence_once_it_is_verified(self):
        evidence = self._submit(self.deal, self.signoff)
        self.assertCredited("verified_evidence", evidence)
        evidence.with_user(self.leader_user).action_verify()
        row = self.assertCredited("verified_evidence", evidence, 1.0)
        self.assertEqual((row.user_id, row.team_id), (self.rep_user, self.retail))
        self.assertEqual(row.date, self.company._sales_day(evidence.date_verified))

    def test_rejected_evidence_is_nothing(self):
        evidence = self._submit(self.deal, self.signoff)
        self.env["sales.evidence.reject"].with_user(self.leader_user).create(
            {"evidence_ids": [Command.set(evidence.ids)], "reason": "Not signed"}
        ).action_reject()
        self.assertEqual(evidence.state, "rejected")
        self.assertCredited("verified_evidence", evidence)

    def test_nobody_is_credited_for_looking_away(self):
        self.deal.action_sales_waive(self.signoff.ids, "Agreed by phone")
        self.assertFalse(self._rows("verified_evidence", partner_id=self.customer.id))

    def test_to_dos_of_a_deal(self):
        to_do = self.deal.activity_schedule(
            "mail.mail_activity_data_meeting", user_id=self.rep_user.id
        )
        self.assertCredited("visit", to_do)
        to_do.action_done()
        row = self.assertCredited("visit", to_do, 1.0)
        self.assertEqual((row.user_id, row.partner_id), (self.rep_user, self.customer))
        self.assertCredited("activity", to_do, 1.0)
        call = self.customer.activity_schedule(
            "mail.mail_activity_data_call", user_id=self.rep_user.id
        )
        call.action_done()
        self.assertCredited("activity", call, 1.0)
        self.assertCredited("visit", call)


@tagged("post_install", "-at_install")
class TestCreditImport(IntakeCase):
    """Deals that come from another system are credited on their own days."""

    def test_imported_won_deals(self):
        run = self.imported(
            self.deals(
                "C1,Acme,Thing,intake_manager,won,2023-01-02,2023-03-04,1000",
                "C2,Acme,Thing,intake_manager,engaging,2023-01-02,,",
                "C3,Acme,Thing,intake_manager,lost,2023-01-02,2023-03-04,0",
            )
        )
        won, still_open, lost = (self.lead(run, key) for key in ("C1", "C2", "C3"))
        metric = self.env.ref("sales_process.metric_won_deal")
        rows = self.env["sales.credit"].search(
            [
                ("metric_id", "=", metric.id),
                ("source_id", "in", (won | still_open | lost).ids),
            ]
        )
        self.assertEqual(rows.mapped("source_id"), [won.id])
        self.assertEqual(str(rows.date), "2023-03-04")
        self.assertEqual(rows.user_id, won.user_id)
