from datetime import timedelta
from unittest.mock import patch

import psycopg2

from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .collection_common import CollectionCommon

JOB = "odoo.addons.sales_process.models.contract.sales_plan_line_collection_job"


@tagged("post_install", "-at_install")
class TestContractReminder(CollectionCommon):
    """Customers are reminded by rule, once by each."""

    def test_off_unless_switched_on(self):
        self.company.sales_reminders = False
        self._owed(8)
        self._run()
        self.assertFalse(self._sent())

    def test_each_rule_on_its_day(self):
        """-7, 0, +7, +21: what is sent so many days after the payment was due."""
        expected = {
            -8: self.before.browse(),
            -7: self.before,
            -1: self.before,
            0: self.due,
            6: self.due,
            7: self.late,
            20: self.late,
            21: self.last,
            300: self.last,
        }
        lines = {days: self._owed(days) for days in expected}
        for number, line in enumerate(lines.values()):
            line.order_id.partner_invoice_id = self.partner_a.copy(
                {"name": f"Lumber {number}", "email": f"pay{number}@lumber.example"}
            )
        self._run()
        for days, rule in expected.items():
            self.assertEqual(self._sent(lines[days]).rule_id, rule, days)
        # The log says what was owed.
        sent = self._sent(lines[7])
        self.assertEqual(sent.line_ids.amount, 1150.0)
        self.assertEqual(sent.line_ids.date_due, self.today - timedelta(days=7))
        self.assertEqual(sent.line_ids.move_id, self._newest(lines[7]))
        self.assertFalse(sent.user_id)
        self.assertEqual(sent.delivery, "waiting")

    def test_never_twice(self):
        line = self._owed(7)
        self._run()
        self._run()
        self.assertEqual(len(self._sent()), 1)
        later = self.today + timedelta(days=13)
        with freeze_time(later):
            self._run()
            self.assertEqual(len(self._sent()), 1)
        with freeze_time(later + timedelta(days=1)):
            self._run()
            self._run()
        self.assertEqual(self._sent().rule_id, self.late | self.last)
        self.assertEqual(len(self._sent()), 2)
        # Nor where two jobs do it at the same time.
        log = self._sent(line)[0].line_ids
        with (
            self.assertRaises(psycopg2.errors.UniqueViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            log.sudo().copy()

    def test_what_is_paid_or_not_invoiced_is_left_alone(self):
        paid = self._owed(8)
        self._pay(self._newest(paid))
        self._order(1150.0)
        self._run()
        self.assertFalse(self._sent())

    def test_part_paid_is_asked_for_the_rest(self):
        line = self._owed(8)
        self._pay(self._newest(line), 150.0)
        self._run()
        self.assertEqual(self._sent().line_ids.amount, 1000.0)

    def test_one_mail_per_address(self):
        first, second = self._owed(7), self._owed(21)
        other = self._owed(7, partner_id=self.partner_b.id)
        self._run()
        sent = self._sent(first)
        self.assertEqual(sent, self._sent(second))
        self.assertEqual(sent.line_ids.plan_line_id, first | second)
        self.assertEqual(sent.rule_id, self.last)  # the more urgent one
        # Each counts by its own rule, so the first still gets its last reminder.
        counts = {line.plan_line_id: line.rule_id for line in sent.line_ids}
        self.assertEqual(counts, {first: self.late, second: self.last})
        self.assertEqual(sent.email, "pay@lumber.example")
        self.assertIn("2,300.00", sent.total)
        self.assertNotEqual(self._sent(other), sent)
        mail = self.env["mail.mail"].search(
            [("mail_message_id", "=", sent.message_id.id)]
        )
        self.assertEqual(mail.recipient_ids, self.partner_a)

    def test_the_mail_says_what_is_owed(self):
        line = self._owed(8)
        self._run()
        sent = self._sent()
        move = self._newest(line)
        self.assertIn("1,150.00", sent.subject)
        for text in (move.name, line.order_id.name, "Part 1", "1,150.00", "Accountant"):
            self.assertIn(text, sent.body)
        self.assertTrue(move.access_token)
        self.assertIn(
            f"/my/invoices/{move.id}?access_token={move.access_token}", sent.body
        )
        mail = self.env["mail.mail"].search(
            [("mail_message_id", "=", sent.message_id.id)]
        )
        self.assertIn("accountant@us.example", mail.reply_to)

    def test_in_the_language_of_the_customer(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.partner_a.lang = "fr_FR"
        template = self.late.template_id
        template.with_context(lang="fr_FR").subject = "Rappel {{ object._get_total() }}"
        self._owed(8)
        self._run()
        self.assertTrue(self._sent().subject.startswith("Rappel"), self._sent().subject)
        self.assertEqual(self._sent().lang, "fr_FR")
        self.assertIn("1\u00a0150,00", self._sent().subject)

    def test_amounts_of_several_currencies(self):
        foreign = self.setup_other_currency("EUR")
        pricelist = self.env["product.pricelist"].create(
            {"name": "Foreign", "currency_id": foreign.id}
        )
        self._owed(8)
        self._owed(8, pricelist_id=pricelist.id)
        self._run()
        sent = self._sent()
        self.assertEqual(len(sent), 1)
        self.assertEqual(set(sent.line_ids.mapped("amount")), {1150.0})
        self.assertEqual(sent.line_ids.currency_id, self.company.currency_id | foreign)
        self.assertEqual(len(sent.total.split(", ")), 2)

    def test_not_where_it_is_switched_off(self):
        line = self._owed(8)
        self.partner_a.sales_no_reminders = True
        self._run()
        self.assertFalse(self._sent())
        self.partner_a.sales_no_reminders = False
        line.order_id.action_sales_create_contract()
        line.contract_id.no_reminders = True
        self._run()
        self.assertFalse(self._sent())
        line.contract_id.no_reminders = False
        self._run()
        self.assertEqual(len(self._sent()), 1)

    def test_not_while_a_promise_runs(self):
        line = self._owed(8)
        line._record_promise(1150.0, self.today)
        self._run()
        self.assertFalse(self._sent())
        with freeze_time(self.today + timedelta(days=1)):
            self._run()
        self.assertEqual(len(self._sent()), 1)

    def test_without_address_the_collector_is_told(self):
        self.partner_a.email = False
        lines = self._owed(8) | self._owed(8)
        self._run()
        self.assertFalse(self._sent())
        todo = self._todos("not_reminded", self.collector)
        self.assertEqual(len(todo), 1)
        self.assertIn(": 1", todo.summary)  # one customer
        self.assertIn("no valid e-mail address", todo.note)
        self.assertIn("no valid e-mail", lines[0].reminder_error)
        # The next day the address is there: it is sent, and the to-do is done.
        self.partner_a.email = "pay@lumber.example"
        with freeze_time(self.today + timedelta(days=1)):
            self._run()
        self.assertEqual(len(self._sent()), 1)
        self.assertFalse(self._todos("not_reminded"))
        self.assertFalse(lines[0].reminder_error)

    def test_a_failing_customer_stops_no_other(self):
        bad, good = self._owed(8), self._owed(8, partner_id=self.partner_b.id)
        Reminder = type(self.env["sales.reminder"])
        total = Reminder._get_total

        def fail(reminder):
            if reminder.partner_id == self.partner_a:
                raise ZeroDivisionError("division by zero")
            return total(reminder)

        with (
            patch.object(Reminder, "_get_total", fail),
            mute_logger(JOB, "odoo.addons.mail.models.mail_render_mixin"),
        ):
            self._run()
        self.assertFalse(self._sent(bad))
        self.assertEqual(len(self._sent(good)), 1)
        self.assertIn("division by zero", bad.reminder_error)
        self.assertLess(len(bad.reminder_error), 100)
        self.assertFalse(good.reminder_error)
        todo = self._todos("not_reminded", self.collector)
        self.assertIn("Lumber", todo.note)
        self.assertNotIn("Granite", todo.note)

    def test_a_rule_may_ask_to_call(self):
        line = self._owed(21)
        other = self._owed(8, partner_id=self.partner_b.id)
        self._run()
        todo = self._todos("collection", self.collector)
        self.assertEqual(todo.res_id, line.id)
        self.assertIn("Call Lumber", todo.summary)
        self.assertFalse(self._todos().filtered(lambda item: item.res_id == other.id))
        # Nobody has to call about what was paid.
        self._pay(self._newest(line))
        self._run()
        self.assertFalse(self._todos("collection"))

    def test_rule_of_a_company_goes_first(self):
        own = self.late.copy({"name": "Ours", "company_id": self.company.id})
        self._owed(8)
        self._run()
        self.assertEqual(self._sent().rule_id, own)

    def test_rules_are_unique_by_days(self):
        with (
            self.assertRaises(psycopg2.errors.UniqueViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.late.copy()
        self.late.active = False
        self.late.copy()

    def test_rule_needs_a_reminder_mail(self):
        wrong = self.env["mail.template"].create(
            {"name": "Other", "model_id": self.env["ir.model"]._get_id("res.partner")}
        )
        with self.assertRaisesRegex(ValidationError, "not a mail for payment"):
            self.late.template_id = wrong

    def test_other_companies_stay_alone(self):
        other = self.setup_other_company()["company"]
        other.sales_reminders = True
        self.company.sales_reminders = False
        self._owed(8)
        self._run()
        self.assertFalse(self._sent())

    # === BY HAND === #

    def _wizard(self, lines):
        action = lines.action_remind()
        return self.env["sales.reminder.send"].browse(action["res_id"])

    def test_now(self):
        line = self._owed(8)
        wizard = self._wizard(line)
        self.assertEqual(wizard.rule_id, self.late)
        self.assertEqual(wizard.mail_count, 1)
        self.assertIn("pay@lumber.example", wizard.summary)
        move = self._newest(line)
        for text in (move.name, "1,150.00", "Lumber"):
            self.assertIn(text, wizard.preview)
        self.assertFalse(self._sent())
        wizard.action_send()
        sent = self._sent()
        self.assertEqual(sent.user_id, self.env.user)
        self.assertEqual(sent.line_ids.rule_id, self.late)
        # It stands for the one by rule, which is not sent on top.
        self._run()
        self.assertEqual(self._sent(), sent)
        # A second one by hand may follow; it counts as nothing.
        self._wizard(line).action_send()
        self.assertEqual(len(self._sent()), 2)
        self.assertFalse(self._sent()[1].line_ids.rule_id)

    def test_now_in_other_words(self):
        line = self._owed(8)
        wizard = self._wizard(line)
        wizard.rule_id = self.due
        wizard.action_send()
        self.assertEqual(self._sent().rule_id, self.due)
        self._run()
        self.assertEqual(len(self._sent()), 1)

    def test_now_says_who_cannot_be_reminded(self):
        self.partner_b.email = False
        lines = self._owed(8) | self._owed(8, partner_id=self.partner_b.id)
        wizard = self._wizard(lines)
        self.assertIn("Granite", wizard.problem)
        wizard.action_send()
        self.assertEqual(self._sent().partner_id, self.partner_a)
        with self.assertRaisesRegex(UserError, "no valid e-mail"):
            self._wizard(lines[1]).action_send()

    def test_now_needs_something_open(self):
        line = self._owed(8)
        self._pay(self._newest(line))
        with self.assertRaisesRegex(UserError, "Nothing is open"):
            line.action_remind()
