import logging
import re
from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.fields import Command
from odoo.modules.registry import Registry
from odoo.tests import (
    BaseCase,
    Form,
    HttpCase,
    TransactionCase,
    freeze_time,
    new_test_user,
    tagged,
)
from odoo.tests.common import get_db_name
from odoo.tools import mute_logger

from ...controllers.base_personal_link import GUESSES
from ...models.base.sales_personal_link import digest_of, mailbox_of
from ...models.base.sales_personal_link_answer import readable_on

LINK = re.compile(r"/sales/confirm/[\w-]{43}")


class ConfirmationCommon(TransactionCase):
    """One deal in a process whose first stage asks the buyer to confirm.

    North (leader: conf_leader)
        conf_rep     owns the deal
        conf_peer    another rep
    conf_director, conf_clerk (accountant), conf_admin (settings)
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.email = "hello@ourselves.test"
        sales = "sales_team.group_sale_salesman"
        cls.rep = cls._user("conf_rep", sales)
        cls.peer = cls._user("conf_peer", sales)
        cls.leader = cls._user("conf_leader", "sales_process.group_leader")
        cls.director = cls._user("conf_director", "sales_team.group_sale_manager")
        cls.clerk = cls._user("conf_clerk", "account.group_account_invoice")
        cls.admin = cls._user("conf_admin", f"base.group_system,{sales}")
        cls.team = cls.env["crm.team"].create(
            {"name": "North", "user_id": cls.leader.id, "company_id": False}
        )
        cls.buyer_company = cls.env["res.partner"].create(
            {"name": "Buyer Ltd", "is_company": True, "email": "info@buyer.test"}
        )
        cls.jane = cls.env["res.partner"].create(
            {
                "name": "Jane Doe",
                "email": "jane@buyer.test",
                "parent_id": cls.buyer_company.id,
                "lang": "en_US",
            }
        )
        cls.process, cls.criterion = cls._process()
        cls.lead = cls._lead()

    @classmethod
    def _user(cls, login, group):
        return new_test_user(
            cls.env, login, f"base.group_user,{group}", email=f"{login}@colleague.test"
        )

    @classmethod
    def _process(cls):
        stages = cls.env["crm.stage"].create(
            [{"name": "Agree"}, {"name": "Evaluate"}, {"name": "Won", "is_won": True}]
        )
        process = cls.env["sales.process"].create(
            {
                "name": "Confirmed",
                "stage_ids": [
                    Command.create({"stage_id": stage.id, "sequence": sequence})
                    for sequence, stage in enumerate(stages, 1)
                ],
            }
        )
        criterion = cls.env["sales.process.criterion"].create(
            {
                "process_stage_id": process.stage_ids.sorted()[0].id,
                "name": "Buyer wants to evaluate",
                "kind": "customer",
                "role": "champion",
                "statement": "You agreed to evaluate the product.",
            }
        )
        process.action_publish()
        return process, criterion

    @classmethod
    def _lead(cls, **values):
        return cls.env["crm.lead"].create(
            {
                "name": "Pumps",
                "type": "opportunity",
                "partner_id": cls.jane.id,
                "user_id": cls.rep.id,
                "team_id": cls.team.id,
                "sales_process_id": cls.process.id,
                "stage_id": cls.process.stage_ids.sorted()[0].stage_id.id,
                **values,
            }
        )

    @classmethod
    def _ask(cls, user=None, token=None, **values):
        """Ask as ``user``; with ``token`` the link is known to the test."""
        env = cls.env(user=user or cls.rep)
        values = {
            "lead": cls.lead.with_env(env),
            "criterion": cls.criterion.with_env(env),
            "partner": cls.jane.with_env(env),
            "statement": "You agreed to evaluate the product.",
            **values,
        }
        requests = env["sales.confirmation"]
        if not token:
            return requests._request(**values)
        with patch("secrets.token_urlsafe", return_value=token):
            return requests._request(**values)

    def _mails(self):
        return self.env["mail.mail"].search([("email_to", "ilike", "jane@buyer.test")])

    def _link_in_mail(self):
        return LINK.search(self._mails()[:1].body_html).group()


@tagged("post_install", "-at_install")
class TestProcessConfirmationPlain(BaseCase):
    def test_mailbox_ignores_what_follows_a_plus(self):
        self.assertEqual(mailbox_of("ann+deal@b.test"), "ann@b.test")

    def test_request_log_does_not_name_the_link(self):
        text = '"%s" %s'
        args = ("POST /sales/confirm/secret-1/answer HTTP/1.1", "200")
        record = logging.LogRecord("werkzeug", 20, "", 1, text, args, None)
        self.assertTrue(logging.getLogger("werkzeug").filter(record))
        self.assertEqual(
            record.getMessage(), '"POST /sales/confirm/***/answer HTTP/1.1" 200'
        )

    def test_text_on_a_button_can_be_read(self):
        self.assertEqual(readable_on("#1d4ed8"), "#FFFFFF")
        self.assertEqual(readable_on("#fde047"), "#000000")


@tagged("post_install", "-at_install")
class TestProcessConfirmation(ConfirmationCommon):
    rule_tested_models = {"sales.confirmation", "sales.confirmation.send"}

    # === ASKING === #

    def test_ask_mails_the_contact_and_notes_it_on_the_deal(self):
        request = self._ask()
        self.assertEqual(request.state, "sent")
        self.assertEqual(request.requested_by_id, self.rep)
        self.assertEqual(request.email, "jane@buyer.test")
        mail = self._mails()
        self.assertEqual(len(mail), 1)
        self.assertIn("You agreed to evaluate the product.", mail.body_html)
        self.assertIn("hello@ourselves.test", mail.email_from)
        self.assertIn("conf_rep@colleague.test", mail.reply_to)
        self.assertTrue(mail.auto_delete)
        note = self.lead.message_ids[0]
        self.assertIn("Jane Doe", note.body)
        self.assertIn("You agreed to evaluate the product.", note.body)
        self.assertEqual(note.author_id, self.rep.partner_id)

    def test_only_a_digest_of_the_link_is_stored(self):
        request = self._ask(token="t" * 43)
        self.env.flush_all()
        self.env.cr.execute("SELECT c::text FROM sales_confirmation c")
        row = self.env.cr.fetchone()[0]
        self.assertNotIn("t" * 43, row)
        self.assertIn(digest_of("t" * 43), row)
        self.assertEqual(self.env["sales.confirmation"]._find("t" * 43), request)

    def test_tokens_are_long_and_differ(self):
        self._ask()
        first = self._link_in_mail()
        self._ask()
        self.assertNotEqual(self._link_in_mail(), first)

    def test_asking_again_withdraws_the_former_request(self):
        first = self._ask()
        second = self._ask(user=self.leader)
        self.assertEqual(first.state, "cancelled")
        self.assertEqual(second.state, "sent")

    def test_withdrawn_request_takes_its_unsent_mail_along(self):
        request = self._ask()
        self.assertTrue(self._mails())
        request.with_user(self.rep).action_cancel()
        self.assertFalse(self._mails())

    def test_another_contact_is_asked_beside_the_first(self):
        john = self.jane.copy({"name": "John", "email": "john@buyer.test"})
        first = self._ask()
        self._ask(partner=john.with_user(self.rep))
        self.assertEqual(first.state, "sent")

    def test_mail_is_in_the_language_of_the_contact(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.jane.lang = "fr_FR"
        template = self.env.ref("sales_process.confirmation_mail_ask")
        template.with_context(lang="fr_FR").subject = "Merci de confirmer"
        request = self._ask()
        self.assertEqual(self._mails().subject, "Merci de confirmer")
        with freeze_time("2031-03-05"):
            self.assertEqual(request._format_day(fields.Datetime.now()), "5 mars 2031")

    def test_own_addresses_are_refused(self):
        self.env["mail.alias.domain"].create({"name": "aliases.test"})
        for email in (
            "conf_rep@colleague.test",
            "Conf_Rep+deal@colleague.test",
            "CONF_PEER@COLLEAGUE.TEST",
            "hello@ourselves.test",
            "somebody@ourselves.test",
            "catchall@aliases.test",
        ):
            self.jane.email = email
            with self.subTest(email), self.assertRaisesRegex(UserError, "your own"):
                self._ask()

    def test_free_mail_of_the_company_does_not_refuse_all_free_mail(self):
        self.company.email = "ourshop@gmail.com"
        self.jane.email = "jane.doe@gmail.com"
        self.assertTrue(self._ask())
        self.jane.email = "ourshop+x@gmail.com"
        with self.assertRaisesRegex(UserError, "your own"):
            self._ask()

    def test_archived_colleague_is_refused(self):
        self.peer.active = False
        self.jane.email = "conf_peer@colleague.test"
        with self.assertRaisesRegex(UserError, "your own"):
            self._ask()

    def test_colleague_as_contact_is_refused(self):
        self.peer.partner_id.email = "private@buyer.test"
        self.env["sales.stakeholder"].create(
            {"lead_id": self.lead.id, "partner_id": self.peer.partner_id.id}
        )
        with self.assertRaisesRegex(UserError, "your own"):
            self._ask(partner=self.peer.partner_id.with_user(self.rep))

    def test_contact_needs_an_address(self):
        for email in (False, "jane at buyer"):
            self.jane.email = email
            with self.subTest(email), self.assertRaisesRegex(UserError, "no valid"):
                self._ask()

    def test_stranger_is_refused_until_in_the_committee(self):
        stranger = self.env["res.partner"].create(
            {"name": "Expert", "email": "expert@consult.test"}
        )
        with self.assertRaisesRegex(UserError, "buying committee"):
            self._ask(partner=stranger.with_user(self.rep))
        self.env["sales.stakeholder"].create(
            {"lead_id": self.lead.id, "partner_id": stranger.id}
        )
        self.assertTrue(self._ask(partner=stranger.with_user(self.rep)))

    def test_criterion_has_to_ask_the_buyer_and_be_of_the_process(self):
        _process, other = self._process()
        with self.assertRaisesRegex(UserError, "is not asked"):
            self._ask(criterion=other.with_user(self.rep))
        signoff = self.env["sales.process.criterion"].create(
            {
                "process_stage_id": other.process_stage_id.id,
                "name": "Budget",
                "kind": "signoff",
            }
        )
        with self.assertRaisesRegex(UserError, "not confirmed by the buyer"):
            self._ask(criterion=signoff.with_user(self.rep))

    def test_statement_and_days_are_checked(self):
        with self.assertRaisesRegex(UserError, "Write what"):
            self._ask(statement="  ")
        for days in (0, -1, 1000):
            with self.subTest(days), self.assertRaisesRegex(UserError, "days"):
                self._ask(days=days)

    # === NOBODY INSIDE SEES THE LINK === #

    def _assert_no_link(self, user):
        env = self.env(user=user)
        messages = self.env["mail.message"].sudo().search([])
        texts = []
        for message in messages.with_env(env):
            try:
                texts += [str(v) for v in message.read()[0].values()]
            except AccessError:
                continue
        found = env["mail.message"].search([])
        texts += [str(row) for row in env["mail.message"].search_read([])]
        self.assertTrue(found)
        self.assertFalse(
            env["mail.message"].search([("body", "like", "/sales/confirm/")])
        )
        for text in texts:
            self.assertNotIn("/sales/confirm/", text)
        mail = self._mails()[0]
        for method in ("read", "search_read"):
            with self.assertRaises(AccessError):
                getattr(mail.with_env(env), method)()
        with self.assertRaises(AccessError):
            env["mail.mail"].search([])
        request = env["sales.confirmation"].browse(self.request.id)
        for name in ("token_digest", "mail_id"):
            with self.subTest(name), self.assertRaises(AccessError):
                request.read([name])
            with self.subTest(name), self.assertRaises(AccessError):
                env["sales.confirmation"].search([(name, "!=", False)])

    def test_link_is_out_of_reach_of_everybody_in_sales(self):
        self.request = self._ask()
        self.assertTrue(LINK.search(self._mails().body_html))
        for user in (self.rep, self.leader, self.director):
            with self.subTest(user.login):
                self._assert_no_link(user)

    def test_no_message_carries_the_link_even_for_the_system(self):
        self._ask()
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT count(*) FROM mail_message WHERE body LIKE '%/sales/confirm/%'"
        )
        self.assertEqual(self.env.cr.fetchone(), (0,))
        message = self._mails().mail_message_id
        self.assertFalse(message.model or message.res_id)
        self.assertEqual(message.create_uid.id, SUPERUSER_ID)

    def test_employee_cannot_change_the_template(self):
        template = self.env.ref("sales_process.confirmation_mail_ask")
        for user in (self.rep, self.leader, self.director):
            for change in ({"email_cc": "me@x.test"}, {"body_html": "<p>x</p>"}):
                with self.subTest(user.login), self.assertRaises(AccessError):
                    template.with_user(user).write(change)
            with self.assertRaises(AccessError):
                template.with_user(user).unlink()
        template.with_user(self.admin).subject = "Please confirm"
        own = self.env["mail.template"].with_user(self.rep)
        model = self.env["ir.model"]._get_id("crm.lead")
        self.assertTrue(own.create({"name": "Mine", "model_id": model}))

    def test_template_cannot_add_recipients(self):
        template = self.env.ref("sales_process.confirmation_mail_ask")
        template.write(
            {"email_cc": "spy@x.test", "partner_to": str(self.rep.partner_id.id)}
        )
        self._ask()
        mail = self._mails()
        self.assertFalse(mail.email_cc or mail.recipient_ids or mail.partner_ids)

    def test_context_of_a_client_does_not_reach_the_mail(self):
        rep = self.env(
            user=self.rep,
            context={
                "default_email_cc": "spy@x.test",
                "default_recipient_ids": [Command.link(self.rep.partner_id.id)],
                "default_author_id": self.rep.partner_id.id,
                "default_model": "crm.lead",
                "default_res_id": self.lead.id,
            },
        )
        rep["sales.confirmation"]._request(
            self.lead.with_env(rep),
            self.criterion.with_env(rep),
            self.jane.with_env(rep),
            "Right?",
        )
        mail = self._mails()
        self.assertFalse(mail.email_cc or mail.recipient_ids or mail.model)
        self.assertNotEqual(mail.author_id, self.rep.partner_id)

    # === RIGHTS === #

    def test_who_sees_requests(self):
        request = self._ask()
        for user, sees in (
            (self.rep, True),
            (self.peer, False),
            (self.leader, True),
            (self.director, True),
        ):
            with self.subTest(user.login):
                found = request.with_user(user).search([("id", "=", request.id)])
                self.assertEqual(bool(found), sees)
        outsiders = (
            self.clerk,
            self.env.ref("base.public_user"),
            new_test_user(self.env, "conf_portal", "base.group_portal"),
        )
        for user in outsiders:
            with self.subTest(user.login), self.assertRaises(AccessError):
                request.with_user(user).read(["state"])

    def test_other_company_sees_nothing(self):
        request = self._ask()
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.director.write(
            {"company_ids": [Command.set(other.ids)], "company_id": other.id}
        )
        found = request.with_user(self.director).search([("id", "=", request.id)])
        self.assertFalse(found)

    def test_rows_are_the_engines_alone(self):
        request = self._ask()
        values = request.sudo().copy_data()[0]
        for user in (self.rep, self.leader, self.director, self.admin):
            row = request.with_user(user)
            for name in ("state", "statement", "token_digest", "partner_id"):
                with self.subTest(name), self.assertRaises(AccessError):
                    row.write({name: "confirmed"})
            with self.assertRaises(AccessError):
                row.unlink()
            with self.assertRaises(AccessError):
                row.create(values)

    def test_deal_lists_its_requests(self):
        request = self._ask()
        lead = self.lead.with_user(self.rep)
        action = lead.action_sales_confirmations()
        found = self.env["sales.confirmation"].with_user(self.rep)
        self.assertEqual(found.search(action["domain"]), request)
        again = request.with_user(self.rep).action_ask_again()
        wizard = self.env[again["res_model"]].with_user(self.rep)
        wizard = Form(wizard.with_context(**again["context"]))
        self.assertEqual(wizard.partner_id, self.jane)
        self.assertEqual(wizard.statement, request.statement)

    def test_peer_cannot_ask_about_anothers_deal(self):
        with self.assertRaises(AccessError):
            self._ask(user=self.peer)

    def test_wizard_is_private(self):
        wizard = self._wizard().save()
        with self.assertRaises(AccessError):
            wizard.with_user(self.leader).read(["statement"])
        with self.assertRaises(AccessError):
            wizard.with_user(self.clerk).create({})

    def test_rep_can_neither_answer_nor_verify(self):
        request = self._ask()
        row = self.env["sales.evidence"].with_user(self.rep)
        row = row.create(
            {"lead_id": self.lead.id, "criterion_id": self.criterion.id, "note": "Yes"}
        )
        for user in (self.rep, self.leader, self.director):
            with self.subTest(user.login), self.assertRaises(AccessError):
                row.with_user(user).action_verify()
            with self.subTest(user.login), self.assertRaises(AccessError):
                request.with_user(user)._record_answer(True, "")

    def test_cancel_needs_the_deal(self):
        request = self._ask()
        with self.assertRaises(AccessError):
            request.with_user(self.peer).action_cancel()
        request.with_user(self.rep).action_cancel()
        self.assertEqual(request.state, "cancelled")
        with self.assertRaises(UserError):
            request.with_user(self.rep).action_cancel()

    # === ANSWERING === #

    def test_confirmation_is_evidence_on_the_word_of_the_customer(self):
        request = self._ask()
        self.assertIn(self.criterion, self.lead.sales_missing_criterion_ids)
        self.assertTrue(request.sudo()._answer(True))
        evidence = request.evidence_id
        self.assertRecordValues(
            evidence,
            [
                {
                    "lead_id": self.lead.id,
                    "criterion_id": self.criterion.id,
                    "state": "verified",
                    "level": "customer",
                    "source": "buyer",
                    "partner_id": self.jane.id,
                    "submitted_by_id": self.rep.id,
                    "verified_by_id": False,
                    "res_model": "sales.confirmation",
                    "res_id": request.id,
                }
            ],
        )
        self.assertIn("Jane Doe <jane@buyer.test>", evidence.note)
        self.assertIn("You agreed to evaluate the product.", evidence.note)
        self.assertEqual(evidence.date_verified, request.date_answered)
        self.lead.invalidate_recordset()
        self.assertNotIn(self.criterion, self.lead.sales_missing_criterion_ids)
        self.lead.with_user(self.rep).action_sales_advance()
        self.assertEqual(self.lead.stage_id.name, "Evaluate")

    def test_salesperson_hears_of_the_answer(self):
        request = self._ask()
        request.sudo()._answer(True)
        message = self.lead.message_ids[0]
        self.assertEqual(message.author_id, self.jane)
        self.assertIn("Jane Doe confirmed", message.body)
        self.assertEqual(message.message_type, "notification")
        activity = self.lead.activity_ids
        self.assertEqual(activity.user_id, self.rep)
        self.assertIn("Jane Doe confirmed", activity.summary)

    def test_correction_is_rejected_evidence_with_the_text(self):
        request = self._ask()
        self.assertTrue(request.sudo()._answer(False, "Only a <b>demo</b>\nin May"))
        evidence = request.evidence_id
        self.assertEqual(evidence.state, "rejected")
        self.assertEqual(evidence.level, "customer")
        self.assertEqual(evidence.reject_reason, "Only a <b>demo</b>\nin May")
        self.assertFalse(evidence.date_expiry)
        self.assertEqual(request.state, "corrected")
        self.assertIn(self.criterion, self.lead.sales_missing_criterion_ids)
        for text in (self.lead.activity_ids.note, self.lead.message_ids[0].body):
            self.assertIn("&lt;b&gt;demo", text)
            self.assertNotIn("<b>demo", text)

    def test_correction_takes_back_an_earlier_confirmation(self):
        self._ask().sudo()._answer(True)
        self._ask().sudo()._answer(False, "Plans have changed")
        self.lead.invalidate_recordset()
        self.assertIn(self.criterion, self.lead.sales_missing_criterion_ids)

    def test_contact_gets_a_receipt_that_management_answers_for(self):
        request = self._ask()
        self._mails().unlink()
        request.sudo()._answer(True)
        receipt = self._mails()
        self.assertIn("You agreed to evaluate", receipt.body_html)
        self.assertNotIn("/sales/confirm/", receipt.body_html)
        self.assertIn("conf_leader@colleague.test", receipt.reply_to)
        nobody = self.env["res.users"]
        for leaders in (nobody, self.rep):
            with patch.object(
                type(self.lead), "_sales_verifier", lambda _lead, found=leaders: found
            ):
                reply_to = request._get_receipt_reply_to()
            self.assertIn("hello@ourselves.test", reply_to)

    def test_an_answer_counts_once(self):
        request = self._ask().sudo()
        self.assertTrue(request._answer(True))
        self.assertFalse(request._answer(True))
        self.assertFalse(request._answer(False, "No"))
        self.assertEqual(request.state, "confirmed")
        self.assertEqual(len(self.lead.sales_evidence_ids), 1)

    def test_closed_requests_take_no_answer(self):
        for state in ("cancelled", "expired", "corrected"):
            request = self._ask().sudo()
            request.state = state
            with self.subTest(state):
                self.assertFalse(request._answer(True))
        request = self._ask().sudo()
        with freeze_time(fields.Datetime.now() + timedelta(days=14)):
            self.assertFalse(request._answer(True))
        request = self._ask().sudo()
        self.lead.unlink()
        self.assertFalse(request._answer(True))
        self.assertFalse(request.evidence_id)
        self.assertTrue(request.exists())

    def test_nothing_personal_but_time_and_person_is_kept(self):
        names = self.env["sales.confirmation"]._fields
        self.assertFalse([name for name in names if "ip" in name.split("_")])

    def test_validity_of_the_criterion_dates_the_evidence(self):
        self.criterion.sudo().process_id.state = "live"
        self.env.cr.execute(
            "UPDATE sales_process_criterion SET validity_days = 30 WHERE id = %s",
            [self.criterion.id],
        )
        self.criterion.invalidate_recordset()
        request = self._ask().sudo()
        request._answer(True)
        evidence = request.evidence_id
        self.assertEqual(evidence.date_expiry - evidence.date_verified, timedelta(30))

    def test_merged_deal_keeps_its_open_request(self):
        request = self._ask().sudo()
        head = self._lead(name="Pumps again", probability=90)
        left = (head | self.lead).merge_opportunity()
        self.assertEqual(len((head | self.lead).exists()), 1)
        self.assertEqual(request.lead_id, left)
        self.assertTrue(request._answer(True))
        self.assertIn(request.evidence_id, left.sales_evidence_ids)

    # === EXPIRY === #

    def test_expiry_is_recorded_and_told(self):
        request = self._ask()
        fresh = self._ask(
            partner=self.jane.copy({"email": "j@buyer.test"}).with_user(self.rep),
            days=30,
        )
        with (
            freeze_time(fields.Datetime.now() + timedelta(days=15)),
            self.enter_registry_test_mode(),
        ):
            self.env.ref(
                "sales_process.cron_confirmation_expire"
            ).method_direct_trigger()
        self.assertEqual(request.state, "expired")
        self.assertEqual(fresh.state, "sent")
        self.assertIn("No answer from Jane Doe", self.lead.activity_ids.summary)

    def test_evidence_cron_runs(self):
        with self.enter_registry_test_mode():
            self.env.ref("sales_process.cron_evidence_expire").method_direct_trigger()

    # === WIZARD AND PATH === #

    def _wizard(self):
        action = self.lead.with_user(self.rep).action_sales_criterion(self.criterion.id)
        model = self.env[action["res_model"]].with_user(self.rep)
        return Form(model.with_context(**action["context"]))

    def test_wizard_proposes_contact_and_statement(self):
        wizard = self._wizard()
        self.assertEqual(wizard.partner_id, self.jane)
        self.assertEqual(wizard.statement, "You agreed to evaluate the product.")
        self.assertIn("You agreed to evaluate the product.", wizard.preview)
        self.assertFalse(wizard.problem)
        wizard.statement = "You want to try it until …"
        self.assertTrue(wizard.has_gap)
        wizard.statement = "You want to try it until May."
        self.assertFalse(wizard.has_gap)
        action = wizard.save().action_send()
        self.assertIn("jane@buyer.test", action["params"]["message"])
        request = self.lead.sales_confirmation_ids
        self.assertEqual(request.statement, "You want to try it until May.")

    def test_buyer_may_verify_another_kind_of_criterion(self):
        process = self.process.copy()
        stage = process.stage_ids.sorted()[0]
        document = self.env["sales.process.criterion"].create(
            {
                "process_stage_id": stage.id,
                "name": "Plan is agreed",
                "kind": "document",
                "verifier": "customer",
            }
        )
        process.action_publish()
        lead = self._lead(sales_process_id=process.id, stage_id=stage.stage_id.id)
        action = lead.with_user(self.rep).action_sales_criterion(document.id)
        self.assertEqual(action["res_model"], "sales.confirmation.send")
        request = self._ask(
            lead=lead.with_user(self.rep), criterion=document.with_user(self.rep)
        )
        self.assertIn(document, lead.sales_missing_criterion_ids)
        request.sudo()._answer(True)
        lead.invalidate_recordset()
        self.assertNotIn(document, lead.sales_missing_criterion_ids)

    def test_wizard_prefers_the_committee_member_with_the_role(self):
        champion = self.jane.copy({"name": "Champion", "email": "c@buyer.test"})
        self.env["sales.stakeholder"].create(
            {
                "lead_id": self.lead.id,
                "partner_id": champion.id,
                "role": "champion",
            }
        )
        self.assertEqual(self._wizard().partner_id, champion)

    def test_wizard_speaks_the_language_of_the_contact(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.criterion.with_context(lang="fr_FR").statement = "Vous voulez essayer."
        pierre = self.jane.copy({"email": "pierre@buyer.test", "lang": "fr_FR"})
        wizard = self._wizard()
        wizard.partner_id = pierre
        self.assertEqual(wizard.statement, "Vous voulez essayer.")
        wizard.statement = "Mots à moi"
        wizard.partner_id = self.jane
        self.assertEqual(wizard.statement, "Mots à moi")

    def test_wizard_says_what_is_wrong_with_the_contact(self):
        self.jane.email = "conf_rep@colleague.test"
        self.assertIn("your own company", self._wizard().problem)

    def test_path_tells_who_was_asked(self):
        lead = self.lead.with_user(self.rep)

        def shown():
            lead.invalidate_recordset()
            return lead.sales_path_data()["current"]["criteria"][0]["asked"]

        self.assertFalse(shown())
        request = self._ask()
        self.assertIn("Asked Jane Doe on", shown())
        request.sudo().mail_id.write({"state": "exception"})
        self.env.invalidate_all()
        self.assertIn("could not be delivered", shown())
        request.with_user(self.rep).action_cancel()
        self.assertFalse(shown())

    def test_colors_follow_the_company(self):
        request = self._ask().sudo()
        self.company.write(
            {"primary_color": "#fde047", "email_secondary_color": "#875A7B"}
        )
        self.assertEqual(request._get_colors(), ("#fde047", "#000000"))
        self.company.write(
            {"email_secondary_color": "#0f766e", "email_primary_color": "#f0fdfa"}
        )
        self.assertEqual(request._get_colors(), ("#0f766e", "#f0fdfa"))
        self.company.email_secondary_color = "red;} body{display:none"
        self.assertEqual(request._get_colors()[0], "#875A7B")

    @mute_logger("odoo.sql_db")
    def test_a_link_leads_to_one_request(self):
        self._ask(token="u" * 43)
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self._ask(token="u" * 43, lead=self._lead().with_user(self.rep))


@tagged("post_install", "-at_install")
class TestProcessConfirmationPage(ConfirmationCommon, HttpCase):
    token = "v" * 43

    def setUp(self):
        super().setUp()
        GUESSES.forget()
        self.addCleanup(GUESSES.forget)
        self.request = self._ask(
            token=self.token, statement="You agreed <i>to</i> evaluate\nthe product."
        )
        self.url = f"/sales/confirm/{self.token}"
        self._mails().unlink()

    def _open(self, url=None, **kwargs):
        return self.url_open(url or self.url, **kwargs)

    def _csrf(self, response):
        return re.search(r'name="csrf_token" value="([^"]+)"', response.text).group(1)

    def _post(self, csrf=True, token=None, **data):
        if csrf:
            data["csrf_token"] = self._csrf(self._open())
        return self.url_open(f"/sales/confirm/{token or self.token}/answer", data=data)

    def _state(self):
        self.request.invalidate_recordset()
        return self.request.state

    def test_page_shows_what_is_asked(self):
        response = self._open()
        self.assertEqual(response.status_code, 200)
        self.assertIn("You agreed &lt;i&gt;to&lt;/i&gt; evaluate<br/>", response.text)
        self.assertIn("Jane Doe", response.text)
        self.assertIn("conf_rep", response.text)
        self.assertIn('lang="en-US"', response.text)
        headers = response.headers
        self.assertEqual(headers["Cache-Control"], "no-store")
        self.assertEqual(headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(headers["X-Frame-Options"], "DENY")
        self.assertIn("noindex", headers["X-Robots-Tag"])
        self.assertIn('name="robots" content="noindex', response.text)

    def test_page_loads_nothing_from_elsewhere(self):
        sources = re.findall(r'(?:src|href)="([^"]+)"', self._open().text)
        self.assertFalse([s for s in sources if not re.match(r"/[^/]|data:", s)])

    def test_opening_changes_nothing(self):
        """Mail scanners follow every link they find, with GET or HEAD."""
        for _time in range(3):
            self._open()
        self.assertEqual(self._open(method="HEAD").status_code, 200)
        for query in ("?action=confirm", "/answer", "/answer?action=confirm"):
            with mute_logger("odoo.http"):
                self._open(self.url + query)
        self.assertEqual(self._state(), "sent")
        self.assertFalse(self.lead.sales_evidence_ids)

    def test_confirming(self):
        response = self._post(action="confirm")
        self.assertEqual(response.status_code, 200)
        self.assertIn("Your confirmation is recorded", response.text)
        self.assertEqual(self._state(), "confirmed")
        self.assertEqual(self.lead.sales_evidence_ids.level, "customer")
        author = self.lead.message_ids[0].author_id
        self.assertEqual(author, self.jane)

    def test_correcting_needs_words(self):
        response = self._post(action="correct", note="   ")
        self.assertEqual(response.status_code, 400)
        self.assertIn("Please write what is not right", response.text)
        self.assertEqual(self._state(), "sent")
        response = self._post(
            action="correct", note="In June <script>alert(1)</script>"
        )
        self.assertEqual(response.status_code, 200)
        self.assertIn("Nothing was confirmed", response.text)
        self.assertEqual(self._state(), "corrected")
        self.assertEqual(self.request.answer_note, "In June <script>alert(1)</script>")

    def test_long_correction_is_cut(self):
        self._post(action="correct", note="x" * 100_000)
        self.assertEqual(len(self.request.answer_note), 2000)

    def test_without_csrf_token_nothing_is_recorded(self):
        for token in (None, "forged", "forgedo99999999999"):
            data = {"action": "confirm"} | ({"csrf_token": token} if token else {})
            response = self._post(csrf=False, **data)
            self.assertEqual(response.status_code, 400)
            self.assertIn("press the button once more", response.text)
        self.assertEqual(self._state(), "sent")

    def test_unknown_action_is_refused(self):
        self.assertEqual(self._post(action="delete").status_code, 400)
        self.assertEqual(self._state(), "sent")

    def test_link_works_once(self):
        csrf = self._csrf(self._open())
        self._post(action="confirm")
        count = len(self.lead.sales_evidence_ids)
        again = self._post(csrf=False, csrf_token=csrf, action="correct", note="No!")
        for response in (again, self._open()):
            self.assertEqual(response.status_code, 200)
            self.assertIn("answered already", response.text)
            self.assertNotIn("You agreed", response.text)
            self.assertNotIn("Jane", response.text)
        self.assertEqual(self._state(), "confirmed")
        self.assertEqual(len(self.lead.sales_evidence_ids), count)

    def _body(self, response):
        """The page without what differs on every request."""
        return re.sub(r'csrf_token: "[^"]+"|"registry_hash": "\w+"', "", response.text)

    def test_dead_links_reveal_nothing(self):
        unknown = self._open("/sales/confirm/" + "w" * 43)
        self.assertEqual(unknown.status_code, 404)
        self.assertIn("does not work any more", unknown.text)
        self.assertNotIn(self.company.name, unknown.text)
        for token in ("short", "x" * 5000, "%00", "ü", "../../etc"):
            with self.subTest(token), mute_logger("odoo.http"):
                self.assertEqual(self._open(f"/sales/confirm/{token}").status_code, 404)
        dead = self.request.sudo()
        for values in (
            {"state": "cancelled"},
            {"state": "expired"},
            {"state": "sent", "date_expiry": fields.Datetime.now()},
            {"date_expiry": fields.Datetime.now() + timedelta(1), "lead_id": False},
        ):
            dead.write(values)
            with self.subTest(values):
                response = self._open()
                self.assertEqual(response.status_code, 410)
                self.assertEqual(self._body(response), self._body(unknown))
                posted = self._post(csrf=False, action="confirm")
                self.assertEqual(posted.status_code, 410)

    def test_guessing_has_to_wait(self):
        for _time in range(GUESSES.limit - 1):
            self.assertEqual(self._open("/sales/confirm/guess").status_code, 404)
        for url in ("/sales/confirm/guess", self.url):
            response = self._open(url)
            self.assertEqual(response.status_code, 429)
            self.assertIn("wait a minute", response.text)
            self.assertNotIn("Jane", response.text)
        self.assertEqual(
            self._post(csrf=False, token="guess", action="confirm").status_code, 429
        )
        GUESSES.forget()
        self.assertEqual(self._open().status_code, 200)

    def test_posting_to_an_unknown_link(self):
        response = self._post(csrf=False, token="w" * 43, action="confirm")
        self.assertEqual(response.status_code, 404)

    def test_colleague_who_is_signed_in_cannot_answer(self):
        csrf = self._csrf(self._open())
        self.authenticate("conf_rep", "conf_rep")
        page = self._open()
        self.assertIn("signed in as a colleague", page.text)
        self.assertNotIn("<form", page.text)
        response = self._post(csrf=False, csrf_token=csrf, action="confirm")
        self.assertEqual(response.status_code, 403)
        self.assertEqual(self._state(), "sent")

    def test_page_is_in_the_language_of_the_contact(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.jane.lang = "fr_FR"
        view = self.env.ref("sales_process.confirmation_ask")
        view.update_field_translations(
            "arch_db", {"fr_FR": {"Something is not right": "Il y a une erreur"}}
        )
        response = self._open()
        self.assertIn("Il y a une erreur", response.text)
        self.assertIn('lang="fr-FR"', response.text)

    def test_tour_confirm(self):
        self.start_tour(self.url, "sales_confirmation_confirm")
        self.assertEqual(self._state(), "confirmed")

    def test_tour_correct_on_a_phone(self):
        self.browser_size = "390x844"
        self.touch_enabled = True
        self.start_tour(self.url, "sales_confirmation_correct")
        self.assertEqual(self._state(), "corrected")
        self.assertEqual(self.request.answer_note, "The pilot starts in June.")


@tagged("post_install", "-at_install")
class TestProcessConfirmationRace(BaseCase):
    """Two clicks at the same moment, on two connections of their own."""

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self._connect() as env:
            self.ids = self._create_rows(env)
        self.addCleanup(self._remove_rows)

    @contextmanager
    def _connect(self):
        with self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})

    def _create_rows(self, env):
        """What an open request needs, committed so that both connections see it."""
        stage = env["crm.stage"].create({"name": "Race", "sequence": 999})
        process = env["sales.process"].create(
            {
                "name": "Race",
                "stage_ids": [
                    Command.create(
                        {
                            "stage_id": stage.id,
                            "criterion_ids": [
                                Command.create({"name": "Race", "kind": "customer"})
                            ],
                        }
                    )
                ],
            }
        )
        partner = env["res.partner"].create(
            {"name": "Race", "email": "race@buyer.test"}
        )
        lead = env["crm.lead"].create({"name": "Race", "type": "lead"})
        requests = env["sales.confirmation"]
        request = requests.create(
            requests._prepare_request(
                lead, process.stage_ids.criterion_ids, partner, "Race?", 1, "race" * 9
            )
        )
        # In this order they can be deleted again
        records = (request, lead, partner, process, stage)
        return [(record._name, record.id) for record in records]

    def _remove_rows(self):
        with self._connect() as env:
            mails = env["mail.mail"].search([("email_to", "like", "race@buyer.test")])
            mails.unlink()
            lead = env["crm.lead"].browse(dict(self.ids)["crm.lead"])
            lead.sales_evidence_ids.unlink()
            for name, id_ in self.ids:
                env[name].browse(id_).unlink()

    def test_two_clicks_at_once_are_one_answer(self):
        id_ = dict(self.ids)["sales.confirmation"]
        with self._connect() as one, self._connect() as two:
            first = one["sales.confirmation"].browse(id_)
            second = two["sales.confirmation"].browse(id_)
            self.assertTrue(second._is_open())
            self.assertTrue(first._answer(True))
            one.flush_all()
            # The web layer tries the request again on this error …
            with self.assertRaises(ConcurrencyError):
                second._answer(False, "No")
            one.cr.commit()
            two.cr.rollback()
            two.invalidate_all()
            # … and finds the question answered.
            self.assertFalse(second._answer(False, "No"))
            self.assertEqual(second.state, "confirmed")
            self.assertEqual(len(second.lead_id.sales_evidence_ids), 1)
