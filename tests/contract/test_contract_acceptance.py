from datetime import date, timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from ...models.base.sales_personal_link import digest_of
from .acceptance_common import LINK, AcceptanceCommon

TODAY = date(2024, 3, 20)


@tagged("post_install", "-at_install")
@freeze_time("2024-03-20 09:00:00")
class TestContractAcceptance(AcceptanceCommon):
    """A customer is asked to accept; what the answer does, and who may do what."""

    rule_tested_models = {
        "sales.acceptance",
        "sales.acceptance.ask",
        "sales.acceptance.withdraw",
    }

    # === ASKING === #

    def test_asking_mails_the_contact_and_notes_it(self):
        row = self._ask()
        self.assertRecordValues(
            row,
            [
                {
                    "kind": "page",
                    "state": "sent",
                    "plan_line_id": self.line.id,
                    "plan_line_name": "Acceptance",
                    "order_id": self.order.id,
                    "amount": 500.0,
                    "email": "dana@lumber.example",
                    "requested_by_id": self.rep_user.id,
                }
            ],
        )
        mail = self._mails()
        self.assertEqual(len(mail), 1)
        self.assertTrue(LINK.search(mail.body_html))
        self.assertIn("2 machines", mail.body_html)
        self.assertIn("500.00", mail.body_html)
        self.assertIn("rep@colleague.test", mail.reply_to)
        for record in (self.line, self.order, self.contract):
            with self.subTest(record._name):
                note = record.message_ids[0]
                self.assertIn("Dana Decider", note.body)
                self.assertEqual(note.author_id, self.rep_user.partner_id)
        self.assertFalse(self.line.date_accepted)

    def test_nobody_inside_sees_the_link(self):
        row = self._ask(token="t" * 43)
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT count(*) FROM mail_message WHERE body LIKE '%/sales/accept/%'"
        )
        self.assertEqual(self.env.cr.fetchone(), (0,))
        self.env.cr.execute("SELECT a::text FROM sales_acceptance a")
        text = self.env.cr.fetchone()[0]
        self.assertNotIn("t" * 43, text)
        self.assertIn(digest_of("t" * 43), text)
        for user in (self.rep_user, self.leader_user, self.accountant_user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                row.with_user(user).read(["token_digest"])
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["mail.mail"].with_user(user).search([])

    def test_whom_nobody_can_ask(self):
        stranger = self.env["res.partner"].create(
            {"name": "Stranger", "email": "stranger@elsewhere.test"}
        )
        with self.assertRefused("not a contact of Lumber Inc"):
            self._ask(partner=stranger.with_user(self.rep_user))
        self.buyer.email = "rep@colleague.test"
        with self.assertRefused("your own company"):
            self._ask()
        self.buyer.email = False
        with self.assertRefused("no valid e-mail"):
            self._ask()

    def test_what_nobody_can_ask(self):
        with self.assertRefused("Write what was delivered"):
            self._ask(delivered="  ")
        for days in (0, 91):
            with self.subTest(days), self.assertRefused("1 to 90 days"):
                self._ask(days=days)
        with self.assertRefused("does not wait for acceptance"):
            self._ask(line=self.signing.with_user(self.rep_user))
        self._record()
        with self.assertRefused("was accepted on 03/15/2024"):
            self._ask()

    def test_asking_again_replaces_the_question_to_the_same_contact(self):
        first = self._ask()
        other = self._ask(partner=self.other_buyer.with_user(self.rep_user))
        second = self._ask(user=self.leader_user)
        self.assertEqual(first.state, "revoked")
        self.assertEqual((other | second).mapped("state"), ["sent", "sent"])
        self.assertEqual(len(self._mails()), 1)

    def test_dialog_proposes_contact_and_words(self):
        self.order.order_line[0].qty_delivered = 1.5
        dialog = self._dialog()
        self.assertEqual(dialog.partner_id, self.buyer)
        self.assertEqual(dialog.delivered, "1.5 Units Machine")
        self.assertIn("1.5 Units Machine", dialog.preview)
        self.assertIn("on April 19, 2024", dialog.preview)
        self.assertFalse(dialog.problem)
        dialog.save().action_send()
        self.assertEqual(self.line.acceptance_ids.delivered, "1.5 Units Machine")

    def test_dialog_without_delivered_quantities_names_what_was_ordered(self):
        self.assertEqual(self._dialog().delivered, "2 Units Machine\n1 Units Training")

    def test_dialog_speaks_the_language_of_the_contact(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.goods.with_context(lang="fr_FR").name = "Machine à café"
        self.other_buyer.lang = "fr_FR"
        self.order.order_line[0].qty_delivered = 1.5
        dialog = self._dialog()
        dialog.partner_id = self.other_buyer
        self.assertIn("1,5", dialog.delivered)
        self.assertIn("Machine à café", dialog.delivered)
        dialog.delivered = "Deux machines"
        dialog.partner_id = self.buyer
        self.assertEqual(dialog.delivered, "Deux machines")

    def _dialog(self, user=None):
        user = user or self.rep_user
        action = self.line.with_user(user).action_ask_acceptance()
        model = self.env[action["res_model"]].with_user(user)
        return Form(model.with_context(**action["context"]))

    # === ANSWERING === #

    def test_accepting_makes_the_instalment_due(self):
        row = self._ask()
        self._mails().unlink()
        self.assertTrue(self._answer(row))
        self.assertRecordValues(
            row,
            [
                {
                    "state": "accepted",
                    "date_accepted": TODAY,
                    "answer_name": "Dana D.",
                    "date_answered": fields.Datetime.now(),
                }
            ],
        )
        self.assertEqual(row.sudo().ip, "203.0.113.7")
        self.assertEqual(row.sudo().user_agent, "Browser 1")
        self.assertEqual(self.line.date_accepted, TODAY)
        self.assertEqual(self.line.date_firm, date(2024, 4, 19))
        for record in (self.line, self.order, self.contract):
            with self.subTest(record._name):
                note = record.message_ids[0]
                self.assertIn("Dana D. accepted", note.body)
                self.assertEqual(note.author_id, self.buyer)
        receipt = self._mails()
        self.assertIn("you accepted", receipt.body_html)
        self.assertIn("Dana D.", receipt.body_html)
        self.assertNotIn("/sales/accept/", receipt.body_html)
        self.assertIn("leader@colleague.test", receipt.reply_to)
        self.assertFalse(self.line.activity_ids)

    def test_not_yet_is_a_task_for_the_salesperson(self):
        row = self._ask()
        self._mails().unlink()
        self.assertTrue(self._answer(row, False, "Two <b>sensors</b>\nare missing"))
        self.assertEqual(row.state, "refused")
        self.assertEqual(row.answer_note, "Two <b>sensors</b>\nare missing")
        self.assertFalse(row.date_accepted or self.line.date_accepted)
        activity = self.line.activity_ids
        self.assertEqual(activity.user_id, self.rep_user)
        self.assertIn("Dana D. does not accept yet", activity.summary)
        for text in (activity.note, self.contract.message_ids[0].body):
            self.assertIn("&lt;b&gt;sensors", text)
        self.assertIn("did not accept", self._mails().body_html)
        self.assertTrue(self._ask())

    def test_an_answer_counts_once(self):
        row = self._ask()
        self.assertTrue(self._answer(row))
        for accepted in (True, False):
            self.assertFalse(self._answer(row, accepted, "No"))
        self.assertEqual(row.state, "accepted")
        self.assertEqual(len(self.line.acceptance_ids), 1)

    def test_the_first_of_two_contacts_accepts(self):
        first = self._ask()
        second = self._ask(partner=self.other_buyer.with_user(self.rep_user))
        self.assertTrue(self._answer(first))
        self.assertEqual(second.state, "revoked")
        self.assertFalse(self._answer(second))
        self.assertTrue(second._is_answered())

    def test_the_day_is_that_of_the_company(self):
        self.company.resource_calendar_id.tz = "Pacific/Auckland"
        with freeze_time("2024-03-20 13:00:00"):
            self._answer(self._ask())
        self.assertEqual(self.line.date_accepted, date(2024, 3, 21))

    def test_questions_end_with_what_they_are_about(self):
        for change in (
            lambda: self.line.write({"trigger": "delivery"}),
            lambda: self.order.write(
                {
                    "sales_plan_line_ids": [
                        Command.update(self.signing.id, {"amount": 400}),
                        Command.update(self.line.id, {"amount": 600}),
                    ]
                }
            ),
            lambda: self.order._action_cancel(),
        ):
            self.line.trigger = "acceptance"
            row = self._ask()
            change()
            with self.subTest(row.id):
                self.assertEqual(row.state, "revoked")
                self.assertFalse(self._answer(row))
                self.assertIn("has changed", self.line.message_ids[0].body)

    def test_the_same_amount_again_asks_nothing_again(self):
        row = self._ask()
        self.line.amount = 500.0
        self.assertEqual(row.state, "sent")

    def test_long_answers_are_cut(self):
        row = self._ask()
        row.sudo()._answer(False, "n" * 500, "x" * 9000, "::1", "a" * 9000)
        self.assertEqual(len(row.answer_name), 100)
        self.assertEqual(len(row.answer_note), 2000)
        self.assertEqual(len(row.sudo().user_agent), 300)

    def test_expiry_is_recorded_and_told(self):
        row = self._ask()
        fresh = self._ask(partner=self.other_buyer.with_user(self.rep_user), days=30)
        with freeze_time("2024-04-04 09:00:00"):
            self.assertFalse(self._answer(row))
            with self.enter_registry_test_mode():
                cron = self.env.ref("sales_process.cron_acceptance_expire")
                cron.method_direct_trigger()
        self.assertEqual((row.state, fresh.state), ("expired", "sent"))
        self.assertIn("No answer from Dana", self.line.activity_ids.summary)

    # === ON PAPER === #

    def test_a_person_records_a_document(self):
        asked = self._ask()
        row = self._record()
        self.assertRecordValues(
            row,
            [
                {
                    "kind": "document",
                    "state": "accepted",
                    "date_accepted": date(2024, 3, 15),
                    "answer_note": "All works",
                    "requested_by_id": self.rep_user.id,
                    "amount": 500.0,
                }
            ],
        )
        self.assertEqual(asked.state, "revoked")
        self.assertEqual(self.line.date_firm, date(2024, 4, 14))
        self.assertEqual(row.attachment_ids.name, "accepted.pdf")
        self.assertEqual(self.line.message_ids[0].attachment_ids, row.attachment_ids)
        for record in (self.line, self.order, self.contract):
            self.assertIn("was accepted by the customer", record.message_ids[0].body)

    def test_the_document_stays(self):
        attachment = self._record().attachment_ids
        for user in (self.rep_user, self.leader_user, self.director_user):
            document = attachment.with_user(user)
            self.assertTrue(document.read(["datas"]))
            with self.subTest(user.login), self.assertRaises(AccessError):
                document.write({"datas": b"JVBERi0="})
            with self.subTest(user.login), self.assertRaises(AccessError):
                document.unlink()
        with self.assertRaises(AccessError):
            attachment.with_user(self.colleague_user).read(["datas"])

    def test_nobody_records_it_twice(self):
        self._record()
        with self.assertRefused("was accepted on"):
            self._record()

    # === WITHDRAWING === #

    def test_a_leader_withdraws_with_a_reason(self):
        row = self._ask()
        self._answer(row)
        self._withdraw(self.leader_user, "Was another order")
        self.assertFalse(self.line.date_accepted or self.line.date_firm)
        withdrawal = self.line.acceptance_ids - row
        self.assertRecordValues(
            withdrawal,
            [
                {
                    "kind": "withdrawal",
                    "state": "revoked",
                    "withdraws_id": row.id,
                    "answer_note": "Was another order",
                    "requested_by_id": self.leader_user.id,
                }
            ],
        )
        self.assertEqual(row.state, "accepted", "what was said stays on record")
        for record in (self.line, self.order, self.contract):
            self.assertIn("Was another order", record.message_ids[0].body)
        again = self._ask()
        self._answer(again)
        self._withdraw(self.accountant_user, "Once more")
        self.assertEqual(again.withdrawal_ids.answer_note, "Once more")

    def _withdraw(self, user, reason):
        action = self.line.with_user(user).action_withdraw_acceptance()
        dialog = self.env[action["res_model"]].with_user(user)
        dialog = dialog.with_context(**action["context"]).create({"reason": reason})
        dialog.action_withdraw()

    def test_who_and_what_is_not_withdrawn(self):
        with self.assertRefused("not accepted, so there is nothing"):
            self._withdraw(self.leader_user, "x")
        self._record()
        with self.assertRefused("Only team leaders", AccessError):
            self.line.with_user(self.rep_user).action_withdraw_acceptance()
        with self.assertRefused("Only team leaders", AccessError):
            self.line.with_user(self.rep_user)._withdraw_acceptance("x")
        with self.assertRefused("Say why"):
            self._withdraw(self.leader_user, "  ")
        self._invoice(self.line, 500)
        with self.assertRefused("Credit the invoice first"):
            self._withdraw(self.leader_user, "x")
        self.assertTrue(self.line.date_accepted)

    # === RIGHTS === #

    def test_who_sees_rows(self):
        rows = self._ask()
        self._answer(rows)
        for name in ("rep", "leader", "director", "accountant", "auditor"):
            user = getattr(self, f"{name}_user")
            with self.subTest(name):
                self.assertEqual(self._sees(user, rows), rows)
                self.assertEqual(self.line.with_user(user).acceptance_count, 1)
                self.assertIn("Dana", self.line.with_user(user).acceptance_text)
        for name in ("colleague", "stranger", "other_leader"):
            with self.subTest(name):
                self.assertFalse(self._sees(getattr(self, f"{name}_user"), rows))
        self.portal_user.partner_id.parent_id = self.customer
        for user in (self.portal_user, self.env.ref("base.public_user")):
            with self.subTest(user.login), self.assertRaises(AccessError):
                rows.with_user(user).read(["state"])
        self.assertTrue(self._sees(self.portal_user, self.line))
        with self.assertRaises(AccessError):
            self.line.with_user(self.portal_user).read(["acceptance_ids"])

    def _sees(self, user, records):
        return records.with_user(user).search([("id", "in", records.ids)])

    def test_where_an_answer_came_from_is_for_few(self):
        row = self._ask()
        self._answer(row)
        for name in ("leader", "director", "accountant", "auditor"):
            user = getattr(self, f"{name}_user")
            self.assertEqual(row.with_user(user).ip, "203.0.113.7")
        with self.assertRaises(AccessError):
            row.with_user(self.rep_user).read(["ip"])

    def test_who_asks_and_records(self):
        for name in ("rep", "leader", "director", "accountant"):
            with self.subTest(name):
                self.assertTrue(self._ask(user=getattr(self, f"{name}_user")))
        for name in ("colleague", "other_leader", "auditor", "portal"):
            user = getattr(self, f"{name}_user")
            with self.subTest(name), self.assertRaises(AccessError):
                self._ask(user=user)
            with self.subTest(name), self.assertRaises(AccessError):
                self.line.with_user(user).action_accept()
            with self.subTest(name), self.assertRaises(AccessError):
                self.line.with_user(user)._withdraw_acceptance("x")

    def test_rows_are_the_engines_alone(self):
        row = self._ask()
        admin = new_test_user(self.env, "sp_acceptance_admin", "base.group_system")
        users = (self.rep_user, self.leader_user, self.director_user, admin)
        for user in (*users, self.accountant_user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                row.with_user(user).write({"state": "accepted"})
            with self.subTest(user.login), self.assertRaises(AccessError):
                row.with_user(user).unlink()
            with self.subTest(user.login), self.assertRaises(AccessError):
                row.with_user(user).create({"kind": "document"})
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.line.with_user(user).write({"date_accepted": TODAY})

    def test_what_was_answered_never_changes(self):
        row = self._ask().sudo()
        self._answer(row)
        with self.assertRaises(AccessError):
            row.answer_note = "Changed"
        with self.assertRaises(UserError):
            row.unlink()

    def test_an_answer_outlives_its_instalment(self):
        row = self._ask()
        self._answer(row, False, "Not ours")
        self.order.write(
            {
                "sales_plan_line_ids": [
                    Command.update(self.signing.id, {"amount": 1000}),
                    Command.delete(self.line.id),
                ]
            }
        )
        kept = row.sudo()
        self.assertTrue(kept.exists())
        self.assertFalse(kept.plan_line_id)
        self.assertEqual(kept.plan_line_name, "Acceptance")
        self.assertFalse(self._sees(self.rep_user, row))
        self.assertTrue(self._sees(self.accountant_user, row))

    def test_companies_stay_apart(self):
        row = self._ask()
        _company, user = self._other_company()
        self.assertFalse(self._sees(user, row))
        with self.assertRaises(AccessError):
            self._ask(user=user)

    def test_dialogs_are_private(self):
        dialog = self._dialog().save()
        with self.assertRaises(AccessError):
            dialog.with_user(self.leader_user).read(["delivered"])
        self._record()
        withdraw = (
            self.env["sales.acceptance.withdraw"]
            .with_user(self.leader_user)
            .create({"line_id": self.line.id, "reason": "x"})
        )
        with self.assertRaises(AccessError):
            withdraw.with_user(self.accountant_user).read(["reason"])
        with self.assertRaises(AccessError):
            withdraw.with_user(self.rep_user).create(
                {"line_id": self.line.id, "reason": "x"}
            )

    def test_questions_are_withdrawn_by_those_who_may_ask(self):
        row = self._ask()
        with self.assertRaises(AccessError):
            row.with_user(self.colleague_user).action_cancel()
        row.with_user(self.rep_user).action_cancel()
        self.assertEqual(row.state, "revoked")
        self.assertFalse(self._mails())
        with self.assertRefused("no longer open"):
            row.with_user(self.rep_user).action_cancel()
        again = row.with_user(self.rep_user).action_ask_again()
        model = self.env[again["res_model"]].with_user(self.rep_user)
        dialog = Form(model.with_context(**again["context"]))
        self.assertEqual(dialog.delivered, "2 machines")

    def test_mail_templates_are_out_of_reach(self):
        for name in ("ask", "receipt"):
            template = self.env.ref(f"sales_process.acceptance_mail_{name}")
            for user in (self.rep_user, self.director_user, self.accountant_user):
                with self.subTest(user.login), self.assertRaises(AccessError):
                    template.with_user(user).email_cc = "me@x.test"

    @mute_logger("odoo.sql_db")
    def test_a_link_leads_to_one_question(self):
        self._ask(token="u" * 43)
        partner = self.other_buyer.with_user(self.rep_user)
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self._ask(token="u" * 43, partner=partner)

    # === WHAT IS SHOWN === #

    def test_the_last_thing_that_happened_in_words(self):
        def shown():
            self.line.invalidate_recordset(["acceptance_text"])
            return self.line.with_user(self.rep_user).acceptance_text

        self.assertFalse(shown())
        row = self._ask()
        self.assertEqual(shown(), "Dana Decider was asked on 03/20/2024")
        row.sudo().mail_id.state = "exception"
        self.env.invalidate_all()
        self.assertIn("could not be delivered", shown())
        self._answer(row, False, "No sensors")
        self.assertEqual(shown(), "Dana D., not yet: No sensors")
        self._record()
        self.assertEqual(shown(), "Recorded by Rep on 03/20/2024")
        self.line.with_user(self.leader_user)._withdraw_acceptance("Oh")
        self.assertEqual(shown(), "Withdrawn by Leader on 03/20/2024: Oh")

    def test_lists_ask_a_constant_number_of_queries(self):
        orders = self.env["sale.order"]
        for _number in range(6):
            order = self.order.copy({"sales_plan_template_id": self.two.id})
            order.action_confirm()
            line = order._sorted_sales_plan()[-1]
            self._ask(line=line.with_user(self.rep_user))
            orders |= order
        names = ["acceptance_text", "acceptance_count", "acceptance_pending"]
        counts = []
        for number in (3, 3, 6):  # the first fills the caches of rules
            lines = self.line.browse(orders[:number].sales_plan_line_ids.ids)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            lines.with_user(self.rep_user).read(names)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_old_questions_stay_what_they_were(self):
        """The row keeps name and amount as they were when the contact was asked."""
        row = self._ask()
        self._answer(row, False, "No")
        self.line.name = "Final acceptance"
        self.assertEqual(row.plan_line_name, "Acceptance")
        self.assertEqual(row.date_expiry - row.date_sent, timedelta(days=14))
