from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import SalesProcessCommon


@tagged("post_install", "-at_install")
class TestGateEvidence(SalesProcessCommon):
    """Evidence is added, decided once by somebody entitled, and kept."""

    rule_tested_models = {
        "sales.evidence",
        "sales.evidence.submit",
        "sales.evidence.reject",
        "sales.evidence.explain",
        "sales.lead.waive",
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.signoff = cls._criterion(cls.p_meet, name="Manager signed off")
        cls.peer = cls._criterion(
            cls.p_meet, "document", name="Reviewed by a colleague", verifier="peer"
        )
        cls.buyer_says = cls._criterion(cls.p_prove, "customer", name="Buyer agreed")
        cls.deal = cls._deal()

    # === DECIDING === #

    def test_submit_records_who_and_when(self):
        row = self._submit(self.deal, self.signoff, note="They like it")
        self.assertEqual(
            (row.state, row.level, row.source), ("submitted", "self", "manual")
        )
        self.assertEqual(row.submitted_by_id, self.rep_user)
        self.assertTrue(row.date_submitted)
        self.assertEqual(row.lead_name, self.deal.name)
        self.assertFalse(row.verified_by_id)

    def test_leader_up_the_tree_verifies(self):
        for user in (self.leader_user, self.director_user):
            row = self._submit(self.deal, self.signoff)
            row.with_user(user).action_verify()
            self.assertEqual((row.state, row.level), ("verified", "manager"))
            self.assertEqual(row.verified_by_id, user)
            self.assertTrue(row.date_verified)

    def test_rep_cannot_verify_own_evidence(self):
        row = self._submit(self.deal, self.signoff)
        self.assertFalse(row.can_verify)
        with self.assertRaises(AccessError):
            row.action_verify()
        self.assertEqual(row.state, "submitted")

    def test_leader_cannot_verify_for_the_own_deal(self):
        self.deal.user_id = self.leader_user
        row = self._submit(self.deal, self.signoff, self.leader_user)
        with self.assertRaises(AccessError):
            row.action_verify()
        row.with_user(self.director_user).action_verify()
        self.assertEqual(row.state, "verified")

    def test_colleague_is_no_manager(self):
        self.deal.user_id = False  # visible to every salesperson
        row = self._submit(self.deal, self.signoff)
        with self.assertRaises(AccessError):
            row.with_user(self.colleague_user).action_verify()

    def test_leader_of_another_branch_cannot_verify(self):
        row = self._submit(self.deal, self.signoff)
        with self.assertRaises(AccessError):
            row.with_user(self.other_leader_user).action_verify()

    def test_peer_verifies_but_not_the_owner(self):
        self.deal.user_id = False
        row = self._submit(self.deal, self.peer)
        with self.assertRaises(AccessError):
            row.action_verify()
        row.with_user(self.colleague_user).action_verify()
        self.assertEqual((row.state, row.level), ("verified", "self"))

    def test_nobody_inside_verifies_for_the_customer(self):
        row = self._submit(self.deal, self.buyer_says)
        for user in (self.leader_user, self.director_user):
            with self.assertRaises(AccessError):
                row.with_user(user).action_verify()

    def test_decided_once(self):
        row = self._submit(self.deal, self.signoff)
        row.with_user(self.leader_user).action_verify()
        with self.assertRaises(UserError):
            row.with_user(self.leader_user).action_reject("Changed my mind")
        with self.assertRaises(UserError):
            row.with_user(self.leader_user).action_verify()

    def test_rejection_needs_and_shows_a_reason(self):
        row = self._submit(self.deal, self.signoff)
        with self.assertRaises(UserError):
            row.with_user(self.leader_user).action_reject("  ")
        row.with_user(self.leader_user).action_reject("Which budget?")
        self.assertEqual((row.state, row.reject_reason), ("rejected", "Which budget?"))
        todo = self.deal.activity_ids.filtered(lambda a: a.user_id == self.rep_user)
        self.assertIn("Which budget?", str(todo.note))
        self.assertTrue(self.deal._sales_unmet_criteria(self.prove))

    def test_verifier_gets_a_task_and_it_closes(self):
        row = self._submit(self.deal, self.signoff)
        todo = self.deal.activity_ids
        self.assertEqual(todo.user_id, self.leader_user)
        self.assertIn("Manager signed off", todo.summary)
        row.with_user(self.leader_user).action_verify()
        self.assertFalse(self.deal.activity_ids)

    def test_verified_evidence_opens_the_gate(self):
        for criterion in (self.signoff, self.peer):
            row = self._submit(self.deal, criterion)
            row.with_user(self.leader_user).action_verify()
        self.deal.with_user(self.rep_user).action_sales_advance()
        self.assertEqual(self.deal.stage_id, self.prove)

    def test_lapsed_evidence_closes_it_again(self):
        row = self._submit(self.deal, self.signoff)
        row.with_user(self.leader_user).action_verify()
        row.sudo().date_expiry = self._days_ago(0)
        self.env.invalidate_all()
        self.assertIn(self.signoff, self.deal.sales_missing_criterion_ids)
        self.assertEqual(row.state, "verified", "the nightly job has not run")
        self.env["sales.evidence"]._cron_expire()
        self.assertEqual(row.state, "expired")

    def test_settings_ask_for_an_attachment(self):
        self.company.sales_evidence_attachment_required = True
        with self.assertRaises(UserError):
            self._submit(self.deal, self.peer)
        self._submit(self.deal, self.signoff, note="A sign-off has no file")
        file = (
            self.env["ir.attachment"]
            .with_user(self.rep_user)
            .create({"name": "minutes.txt", "raw": b"We met."})
        )
        row = self._submit(self.deal, self.peer, attachment_ids=file.ids)
        self.assertEqual(row.attachment_ids, file)
        leader_file = file.with_user(self.leader_user)
        self.assertEqual(leader_file.raw, b"We met.", "the verifier can open it")

    def test_attachment_of_somebody_else_is_not_taken_over(self):
        secret = self.env["ir.attachment"].create({"name": "secret", "raw": b"s"})
        with self.assertRaises(AccessError):
            self._submit(self.deal, self.peer, attachment_ids=secret.ids)

    def test_criterion_of_another_process(self):
        other = self._create_process("Other", self.stages, sequence=99)
        foreign = self._criterion(other.stage_ids[0])
        with self.assertRaises(UserError):
            self._submit(self.deal, foreign)

    # === APPEND-ONLY === #

    def test_nobody_forges_a_decision(self):
        for forged in (
            {"state": "verified"},
            {"level": "customer"},
            {"source": "gate"},
            {"verified_by_id": self.leader_user.id},
            {"submitted_by_id": self.leader_user.id},
            {"date_verified": "2020-01-01 00:00:00"},
            {"partner_id": self.buyer.id},
            {"criterion_key": "other"},
        ):
            for user in (self.rep_user, self.director_user):
                with self.assertRaises(AccessError, msg=str(forged)):
                    self._submit(self.deal, self.signoff, user, **forged)

    def test_nobody_edits_or_deletes(self):
        row = self._submit(self.deal, self.signoff)
        admin = self.env.ref("base.user_admin")
        for user in (self.rep_user, self.leader_user, self.director_user, admin):
            for values in ({"state": "verified"}, {"note": "x"}, {"lead_id": False}):
                with self.assertRaises(AccessError):
                    row.with_user(user).write(values)
            with self.assertRaises(AccessError):
                row.with_user(user).unlink()

    def test_evidence_outlives_its_deal(self):
        self.deal.action_sales_waive(self.signoff.ids, "Agreed by phone")
        row = self.deal.sales_evidence_ids
        self.deal.unlink()
        self.env.invalidate_all()
        self.assertTrue(row.exists())
        self.assertEqual((row.lead_name, row.note), ("Deal", "Agreed by phone"))

    # === WAIVER === #

    def test_waiver_by_leader(self):
        self.deal.with_user(self.leader_user).action_sales_waive(
            (self.signoff | self.peer).ids, "Framework contract"
        )
        rows = self.deal.sales_evidence_ids
        self.assertEqual(set(rows.mapped("state")), {"waived"})
        self.assertEqual(rows.verified_by_id, self.leader_user)
        self.assertEqual(self.deal.sales_waiver_count, 2)
        self.assertIn("Framework contract", self.deal.message_ids[0].body)
        self.deal.with_user(self.rep_user).action_sales_advance()
        self.assertEqual(self.deal.stage_id, self.prove)

    def test_waiver_rights(self):
        for user in (self.rep_user, self.other_leader_user, self.designer_user):
            with self.assertRaises(AccessError):
                self.deal.with_user(user).action_sales_waive(self.signoff.ids, "Please")
        self.company.sales_waive_policy = "director"
        with self.assertRaises(AccessError):
            self.deal.with_user(self.leader_user).action_sales_waive(
                self.signoff.ids, "Please"
            )
        self.deal.with_user(self.director_user).action_sales_waive(
            self.signoff.ids, "Strategic"
        )
        self.assertEqual(self.deal.sales_waiver_count, 1)

    def test_waiver_needs_reason_and_criteria(self):
        deal = self.deal.with_user(self.director_user)
        for criteria, reason in ((self.signoff.ids, " "), ([], "Strategic")):
            with self.assertRaises(UserError):
                deal.action_sales_waive(criteria, reason)
        self.assertFalse(self.deal.sales_evidence_ids)

    def test_waiver_dialog(self):
        action = self.deal.with_user(self.leader_user).action_sales_open_waive()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.leader_user)
            .with_context(**action["context"])
            .create({"reason": "Framework contract"})
        )
        self.assertEqual(wizard.criterion_ids, self.signoff | self.peer)
        wizard.action_waive()
        self.assertFalse(self.deal._sales_unmet_criteria(self.prove))

    def test_waiver_lapses_like_a_proof(self):
        process = self._create_process("Short", self.stages, sequence=1)
        criterion = self._criterion(process.stage_ids[0], validity_days=10)
        deal = self._deal(sales_process_id=process.id)
        deal.action_sales_waive(criterion.ids, "For now")
        self.assertFalse(deal._sales_unmet_criteria(self.prove))
        deal.sales_evidence_ids.sudo().date_expiry = self._days_ago(0)
        self.assertTrue(deal._sales_unmet_criteria(self.prove))

    # === WHO SEES WHAT === #

    def test_evidence_is_seen_with_its_deal(self):
        own = self._submit(self.deal, self.signoff)
        rows = self.env["sales.evidence"]
        for user, seen in (
            (self.rep_user, True),
            (self.leader_user, True),
            (self.director_user, True),
            (self.colleague_user, False),
            (self.stranger_user, False),
            (self.other_leader_user, False),
        ):
            found = rows.with_user(user).search([("id", "=", own.id)])
            self.assertEqual(bool(found), seen, user.name)
        for user in (self.accountant_user, self.portal_user):
            with self.assertRaises(AccessError):
                rows.with_user(user).search([])

    def test_rep_cannot_hand_in_for_a_deal_of_somebody_else(self):
        with self.assertRaises(AccessError):
            self._submit(self.deal, self.signoff, self.stranger_user)

    def test_dialogs_are_private(self):
        self.env["sales.evidence.submit"].with_user(self.rep_user).create(
            {"lead_id": self.deal.id, "criterion_id": self.peer.id, "note": "mine"}
        )
        found = self.env["sales.evidence.submit"].with_user(self.colleague_user)
        self.assertFalse(found.search([]))
        for model in ("sales.evidence.reject", "sales.evidence.explain"):
            self.assertFalse(self.env[model].with_user(self.colleague_user).search([]))
        with self.assertRaises(AccessError):
            self.env["sales.lead.waive"].with_user(self.rep_user).search([])
        self.assertFalse(
            self.env["sales.lead.waive"].with_user(self.leader_user).search([])
        )

    def test_submit_dialog_files_a_document_on_the_deal(self):
        process = self._create_process("Paper", self.stages, sequence=1)
        criterion = self._criterion(
            process.stage_ids[0], "document", document_category="nda"
        )
        deal = self._deal(sales_process_id=process.id)
        file = (
            self.env["ir.attachment"]
            .with_user(self.rep_user)
            .create({"name": "nda.pdf", "raw": b"%PDF"})
        )
        self.env["sales.evidence.submit"].with_user(self.rep_user).create(
            {
                "lead_id": deal.id,
                "criterion_id": criterion.id,
                "attachment_ids": file.ids,
            }
        ).action_submit()
        self.assertEqual(file.sales_document_category, "nda")
        self.assertFalse(deal._sales_unmet_criteria(self.prove))


@tagged("post_install", "-at_install")
class TestStakeholderRules(SalesProcessCommon):
    """The buying committee is seen and edited with its deal."""

    rule_tested_models = {"sales.stakeholder"}

    def test_rules(self):
        deal = self._deal()
        people = self.env["sales.stakeholder"]
        person = people.with_user(self.rep_user).create(
            {"lead_id": deal.id, "partner_id": self.buyer.id, "role": "champion"}
        )
        for user, seen in (
            (self.rep_user, True),
            (self.leader_user, True),
            (self.director_user, True),
            (self.colleague_user, False),
            (self.other_leader_user, False),
        ):
            found = people.with_user(user).search([("id", "=", person.id)])
            self.assertEqual(bool(found), seen, user.name)
        with self.assertRaises(AccessError):
            person.with_user(self.stranger_user).unlink()
        for user in (self.accountant_user, self.portal_user):
            with self.assertRaises(AccessError):
                people.with_user(user).search([])

    def test_last_contact(self):
        deal = self._deal()
        person = self.env["sales.stakeholder"].create(
            {"lead_id": deal.id, "partner_id": self.buyer.id, "role": "champion"}
        )
        self.assertFalse(person.last_contact)
        moment = self._days_ago(3)
        deal.message_post(  # pylint: disable=translation-required
            body="Hello", author_id=self.buyer.id, message_type="email"
        ).date = moment
        person.invalidate_recordset()
        self.assertEqual(person.last_contact, moment)
        later = self._days_ago(1)
        self.env["calendar.event"].create(
            {
                "name": "Visit",
                "opportunity_id": deal.id,
                "start": later,
                "stop": later,
                "partner_ids": [(6, 0, self.buyer.ids)],
            }
        )
        person.invalidate_recordset()
        self.assertEqual(person.last_contact, later)
