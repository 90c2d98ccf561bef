from datetime import timedelta
from functools import cached_property

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ..common import SalesProcessCommon


@tagged("post_install", "-at_install")
class TestGateCriteria(SalesProcessCommon):
    """What the system finds by itself, kind by kind."""

    @cached_property
    def deal(self):
        """Made when first used: stages are fixed once a deal follows them."""
        return self._deal()

    def _state(self, criterion, deal=None):
        deal = deal or self.deal
        self.env.flush_all()
        self.env.invalidate_all()
        return deal._sales_judge({deal: range(3)})[deal][criterion.id].state

    def _meeting(self, partners, days=1, **values):
        stop = self._days_ago(days)
        return self.env["calendar.event"].create(
            {
                "name": "Demo at the plant",
                "opportunity_id": self.deal.id,
                "start": stop - timedelta(hours=1),
                "stop": stop,
                "partner_ids": [Command.set(partners.ids)],
                **values,
            }
        )

    def _mail(self, author, when=None, **values):
        """A mail as the gateway, which runs as the system, puts it on a deal."""
        message = self.deal.message_post(  # pylint: disable=translation-required
            body="Yes, let us meet.",
            author_id=author.id,
            message_type="email",
            subtype_xmlid="mail.mt_comment",
            **values,
        )
        if when:
            message.date = when
        return message

    def _person(self, role, partner=None):
        return self.env["sales.stakeholder"].create(
            {
                "lead_id": self.deal.id,
                "partner_id": (partner or self.buyer).id,
                "role": role,
            }
        )

    def test_fields(self):
        criterion = self._fields_criterion(
            self.p_meet, "date_deadline", "expected_revenue"
        )
        self.assertEqual(self._state(criterion), "open")
        self.deal.date_deadline = fields.Date.today()
        self.assertEqual(self._state(criterion), "open", "an amount of 0 is no amount")
        self.deal.expected_revenue = 5
        self.assertEqual(self._state(criterion), "met")
        self.deal.date_deadline = False
        self.assertEqual(self._state(criterion), "open")

    def test_empty_html_is_not_filled(self):
        criterion = self._fields_criterion(self.p_meet, "description")
        self.deal.description = "<p><br></p>"
        self.assertEqual(self._state(criterion), "open")
        self.deal.description = "<p>They lose 2 hours a day.</p>"
        self.assertEqual(self._state(criterion), "met")

    def test_domain(self):
        criterion = self._criterion(
            self.p_meet, "domain", domain="[('partner_id.email', 'ilike', 'lumber')]"
        )
        self.assertEqual(self._state(criterion), "met")
        self.deal.partner_id = False
        self.assertEqual(self._state(criterion), "open")

    def test_activity_of_the_type_and_number(self):
        call = self.env.ref("mail.mail_activity_data_call")
        criterion = self._criterion(
            self.p_meet, "activity", activity_type_id=call.id, minimum_count=2
        )
        for expected in ("open", "met"):
            activity = self.deal.activity_schedule(
                "mail.mail_activity_data_call", user_id=self.rep_user.id
            )
            self.assertNotEqual(self._state(criterion), expected == "met")
            activity.action_feedback("Talked to Dana")
            self.assertEqual(self._state(criterion), expected)

    def test_activity_of_another_type_does_not_count(self):
        criterion = self._criterion(
            self.p_meet,
            "activity",
            activity_type_id=self.env.ref("mail.mail_activity_data_call").id,
        )
        self.deal.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.rep_user.id
        ).action_feedback("Done")
        self.assertEqual(self._state(criterion), "open")

    def test_meeting_with_a_buying_role(self):
        criterion = self._criterion(self.p_meet, "meeting", role="decision_maker")
        self._meeting(self.buyer | self.rep_user.partner_id)
        self.assertEqual(self._state(criterion), "open", "Dana has no role yet")
        self._person("decision_maker")
        self.assertEqual(self._state(criterion), "met")

    def test_meeting_among_ourselves_or_in_future_or_declined(self):
        criterion = self._criterion(self.p_meet, "meeting")
        self._meeting(self.rep_user.partner_id | self.leader_user.partner_id)
        self._meeting(self.buyer, days=-1)
        declined = self._meeting(self.buyer)
        declined.attendee_ids.filtered(
            lambda a: a.partner_id == self.buyer
        ).state = "declined"
        self.assertEqual(self._state(criterion), "open")
        self._meeting(self.buyer)
        self.assertEqual(self._state(criterion), "met")

    def test_meeting_of_two_roles_counts_once(self):
        criterion = self._criterion(self.p_meet, "meeting", minimum_count=2)
        self._person("decision_maker")
        self._person("champion")
        self._meeting(self.buyer)
        self.assertEqual(self._state(criterion), "open")
        self._meeting(self.buyer, days=2)
        self.assertEqual(self._state(criterion), "met")

    def test_stakeholder(self):
        criterion = self._criterion(self.p_meet, "stakeholder", role="champion")
        self._person("influencer")
        self._person("champion", self.rep_user.partner_id)
        self.assertEqual(self._state(criterion), "open", "a colleague is no champion")
        self._person("champion")
        self.assertEqual(self._state(criterion), "met")

    def test_mail_from_the_customer(self):
        criterion = self._criterion(self.p_meet, "email")
        self._mail(self.rep_user.partner_id)
        self._mail(self.env["res.partner"].create({"name": "Somebody else"}))
        self.assertEqual(self._state(criterion), "open")
        self._mail(self.customer)
        self.assertEqual(self._state(criterion), "met", "same company as the contact")

    def test_mail_from_the_decision_maker(self):
        criterion = self._criterion(self.p_meet, "email", role="decision_maker")
        self._mail(self.buyer)
        self.assertEqual(self._state(criterion), "open")
        self._person("decision_maker")
        self.assertEqual(self._state(criterion), "met")

    def test_mail_before_the_stage_does_not_count(self):
        criterion = self._criterion(self.p_prove, "email")
        self._mail(self.buyer, when=self._days_ago(2))
        self.deal.write({"stage_id": self.prove.id})
        self.assertEqual(self._state(criterion), "open")
        self._mail(self.buyer)
        self.assertEqual(self._state(criterion), "met")

    def test_mail_forged_by_a_rep_does_not_count(self):
        criterion = self._criterion(self.p_meet, "email")
        self.env["mail.message"].with_user(self.rep_user).create(
            {
                "model": "crm.lead",
                "res_id": self.deal.id,
                "message_type": "email",
                "author_id": self.buyer.id,
                "body": "Yes!",
            }
        )
        self.assertEqual(self._state(criterion), "open")

    def test_gateway_mail_end_to_end(self):
        criterion = self._criterion(self.p_meet, "email")
        self.env["mail.thread"].message_process(
            "crm.lead",
            "From: Dana <dana@lumber.example>\n"
            "To: sales@ours.example\n"
            "Message-ID: <gate-test@lumber.example>\n"
            "Subject: Meeting\n\nYes, Tuesday.",
            thread_id=self.deal.id,
        )
        self.assertEqual(self._state(criterion), "met")

    def test_document_of_a_category(self):
        criterion = self._criterion(
            self.p_meet, "document", document_category="contract"
        )
        file = self.env["ir.attachment"].create(
            {
                "name": "contract.pdf",
                "raw": b"%PDF",
                "res_model": "crm.lead",
                "res_id": self.deal.id,
            }
        )
        self.assertEqual(self._state(criterion), "open")
        file.sales_document_category = "proposal"
        self.assertEqual(self._state(criterion), "open")
        file.sales_document_category = "contract"
        self.assertEqual(self._state(criterion), "met")

    def test_quotation_sent_viewed_signed(self):
        sent, viewed, signed = (
            self._criterion(self.p_meet, "quotation", quotation_state=state)
            for state in ("sent", "viewed", "signed")
        )
        order = self.env["sale.order"].create(
            {"partner_id": self.buyer.id, "opportunity_id": self.deal.id}
        )
        self.assertEqual(self._state(sent), "open")
        order.action_quotation_sent()
        self.assertEqual([self._state(c) for c in (sent, viewed)], ["met", "open"])
        order.message_post(subtype_xmlid="sale.mt_order_viewed")
        self.assertEqual([self._state(c) for c in (viewed, signed)], ["met", "open"])
        order.write({"signed_by": "Dana", "signed_on": fields.Datetime.now()})
        self.assertEqual(self._state(signed), "met")
        order.action_cancel()
        self.assertEqual(self._state(sent), "open")

    def test_confirmed_order_counts_as_signed(self):
        signed = self._criterion(self.p_meet, "quotation", quotation_state="signed")
        order = self.env["sale.order"].create(
            {"partner_id": self.buyer.id, "opportunity_id": self.deal.id}
        )
        order.action_confirm()
        self.assertEqual(self._state(signed), "met")

    def test_minimum_amount(self):
        self._criterion(self.p_meet, name="Board approved", minimum_amount=1000)
        self.deal.expected_revenue = 999.99
        self.assertFalse(self.deal._sales_unmet_criteria(self.prove))
        self.deal.expected_revenue = 1000
        self.assertTrue(self.deal._sales_unmet_criteria(self.prove))

    def test_minimum_amount_in_another_currency(self):
        """A deal of 600 at 2 units per company unit is 300 in the company currency."""
        foreign = self.env["res.currency"].create(
            {"name": "XTS", "symbol": "T", "rounding": 0.01}
        )
        self.env["res.currency.rate"].create(
            {"currency_id": foreign.id, "rate": 2.0, "name": "2000-01-01"}
        )
        process = self._create_process(
            "Foreign", self.stages, currency_id=foreign.id, sequence=1
        )
        self._criterion(process.stage_ids[0], minimum_amount=600)
        deal = self._deal(sales_process_id=process.id)
        deal.expected_revenue = 299
        self.assertFalse(deal._sales_unmet_criteria(self.prove))
        deal.expected_revenue = 300
        self.assertTrue(deal._sales_unmet_criteria(self.prove))

    def test_validity_of_a_meeting(self):
        criterion = self._criterion(self.p_meet, "meeting", validity_days=30)
        self._meeting(self.buyer, days=31)
        self.assertEqual(self._state(criterion), "open")
        self._meeting(self.buyer, days=29)
        self.assertEqual(self._state(criterion), "met")

    def test_validity_of_a_field_needs_a_confirmation(self):
        criterion = self._fields_criterion(
            self.p_meet, "expected_revenue", validity_days=90
        )
        self.deal.expected_revenue = 100
        self.assertEqual(self._state(criterion), "open")
        row = self._submit(self.deal, criterion)
        self.assertEqual(row.state, "verified")
        self.assertEqual((row.date_expiry - row.date_verified).days, 90)
        self.assertEqual(self._state(criterion), "met")
        row.sudo().date_expiry = self._days_ago(1)
        self.assertEqual(self._state(criterion), "expired")

    def test_progress_and_what_is_missing(self):
        self._fields_criterion(self.p_meet, "expected_revenue", name="Budget")
        self._criterion(self.p_meet, name="Sign-off")
        self._criterion(self.p_meet, name="Reminder", severity="advisory")
        self._criterion(self.p_meet, name="Only large", minimum_amount=1000)
        self.deal.expected_revenue = 100
        self.env.invalidate_all()
        self.assertAlmostEqual(self.deal.sales_exit_progress, 100 / 3)
        self.assertEqual(self.deal.sales_missing_summary, "Sign-off, Reminder")
        found = self.env["crm.lead"].search(
            [("sales_missing_criterion_ids.name", "=", "Sign-off")]
        )
        self.assertIn(self.deal, found)

    def test_soft_criterion_lets_go_and_asks_why(self):
        soft = self._criterion(self.p_meet, severity="soft")
        action = self.deal.with_user(self.rep_user).action_sales_advance()
        self.assertEqual(self.deal.stage_id, self.prove)
        self.assertEqual(action["res_model"], "sales.evidence.explain")
        row = self.deal.sales_evidence_ids
        self.assertEqual((row.criterion_id, row.source), (soft, "skip"))
        wizard = self.env["sales.evidence.explain"].with_user(self.rep_user)
        wizard = wizard.with_context(**action["context"]).create({"reason": "On leave"})
        wizard.action_explain()
        self.assertEqual(row.note, "On leave")
        with self.assertRaises(UserError):
            row.with_user(self.rep_user)._explain("Something else")

    def test_advisory_criterion_only_reminds(self):
        self._criterion(self.p_meet, severity="advisory")
        self.assertTrue(self.deal.with_user(self.rep_user).action_sales_advance())
        self.assertEqual(self.deal.stage_id, self.prove)
        self.assertFalse(self.deal.sales_evidence_ids)

    def test_no_skip_and_no_backward(self):
        strict = self._create_process("Strict", self.stages, sequence=1)
        strict.stage_ids[1].write({"allow_skip": False, "allow_backward": False})
        deal = self._deal(sales_process_id=strict.id)
        with self.assertRaises(UserError) as caught:
            deal.write({"stage_id": self.close.id})
        self.assertIn("Test Prove", str(caught.exception))
        deal.write({"stage_id": self.prove.id})
        with self.assertRaises(UserError):
            deal.write({"stage_id": self.meet.id})
        deal.write({"stage_id": self.close.id})
        deal.write({"stage_id": self.prove.id})

    def test_back_and_forward_is_judged_afresh(self):
        budget = self._fields_criterion(self.p_meet, "expected_revenue")
        self.deal.expected_revenue = 10
        self.deal.write({"stage_id": self.prove.id})
        self.deal.expected_revenue = 0
        self.assertFalse(
            self.deal._sales_unmet_criteria(self.close),
            "what the gate accepted holds while the deal is beyond the stage",
        )
        self.deal.write({"stage_id": self.meet.id})
        unmet = self.deal._sales_unmet_criteria(self.prove)
        self.assertEqual(unmet, {self.deal: budget})

    def test_gate_keeps_what_it_accepted(self):
        criterion = self._criterion(self.p_meet, "meeting", name="Met the buyer")
        meeting = self._meeting(self.buyer)
        self.deal.with_user(self.rep_user).write({"stage_id": self.prove.id})
        row = self.deal.sales_evidence_ids
        self.assertEqual(row.criterion_id, criterion)
        self.assertEqual(
            (row.state, row.level, row.source), ("verified", "system", "gate")
        )
        self.assertEqual((row.res_model, row.res_id), ("calendar.event", meeting.id))
        self.assertEqual(row.note, "Demo at the plant")
        self.assertEqual(row.verified_by_id, self.rep_user)
        meeting.unlink()
        self.assertEqual(row.note, "Demo at the plant")

    def test_criterion_parameters_are_checked(self):
        with self.assertRaises(ValidationError):
            self._criterion(self.p_meet, "fields")
        with self.assertRaises(ValidationError):
            self._criterion(self.p_meet, "domain", domain="[('no_such', '=', 1)]")
        with self.assertRaises(ValidationError):
            self._criterion(self.p_meet, "signoff", verifier="system")

    def test_unmet_criteria_takes_either_kind_of_stage(self):
        criterion = self._criterion(self.p_prove)
        for stage in (self.close, self.p_close):
            self.assertEqual(
                self.deal._sales_unmet_criteria(stage), {self.deal: criterion}
            )
        self.assertEqual(self.deal._sales_unmet_criteria(self.prove), {})

    def test_plan_of_a_stage_is_launched_on_entry(self):
        plan = self.env["mail.activity.plan"].create(
            {
                "name": "Kick-off",
                "res_model": "crm.lead",
                "template_ids": [
                    Command.create(
                        {
                            "summary": "Prepare the demo",
                            "activity_type_id": self.env.ref(
                                "mail.mail_activity_data_todo"
                            ).id,
                            "responsible_type": "other",
                            "responsible_id": self.colleague_user.id,
                            "delay_count": 2,
                            "delay_unit": "days",
                            "delay_from": "before_plan_date",
                        }
                    )
                ],
            }
        )
        (self.p_meet | self.p_prove).activity_plan_id = plan
        deal = self._deal()
        self.assertEqual(deal.activity_ids.summary, "Prepare the demo")
        self.assertEqual(deal.activity_ids.user_id, self.colleague_user)
        deal.with_user(self.rep_user).action_sales_advance()
        self.assertEqual(len(deal.activity_ids), 2)
        imported = self.env["crm.lead"].with_context(import_file=True)
        quiet = imported.create({"name": "Old", "type": "opportunity"})
        self.assertEqual(quiet.stage_id, self.meet)
        self.assertFalse(quiet.activity_ids)

    def test_unsaved_form_shows_what_is_saved(self):
        self._fields_criterion(self.p_meet, "expected_revenue")
        self.deal.expected_revenue = 5
        with Form(self.deal, "crm.crm_lead_view_form") as form:
            form.expected_revenue = 0
            form.expected_revenue = 5
        self.env.invalidate_all()
        self.assertEqual(self.deal.sales_exit_progress, 100)

    def test_process_of_a_company_leaves_deals_without_company_alone(self):
        """A mail may create a deal without company; it must never be lost."""
        self.process.company_id = self.company
        deal = self.env["crm.lead"].create(
            {
                "name": "By mail",
                "type": "opportunity",
                "user_id": False,
                "team_id": False,
            }
        )
        self.assertFalse(deal.company_id)
        self.assertFalse(deal.sales_process_id)
