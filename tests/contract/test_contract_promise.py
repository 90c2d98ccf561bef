from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from .collection_common import CollectionCommon


@tagged("post_install", "-at_install")
class TestContractPromise(CollectionCommon):
    """A promise is kept or broken by what is collected after it was made."""

    def _promise(self, lines, amount=1150.0, days=3, **values):
        return lines._record_promise(
            amount, self.today + timedelta(days=days), **values
        )

    def _later(self, days):
        return freeze_time(self.today + timedelta(days=days))

    def _states(self, promise):
        """The state as it is read, and as it is searched."""
        self.env.flush_all()
        self.env.invalidate_all()
        found = [
            state
            for state in ("open", "kept", "broken", "withdrawn")
            if promise.search([("id", "=", promise.id), ("state", "=", state)])
        ]
        self.assertEqual(found, [promise.state])
        return promise.state

    def test_kept(self):
        line = self._owed(8)
        promise = self._promise(line)
        self.assertEqual(self._states(promise), "open")
        self._pay(self._newest(line), 1149.0)
        self.assertEqual(self._states(promise), "open")
        self.assertEqual(promise.amount_since, 1149.0)
        self._pay(self._newest(line), 1.0)
        self.assertEqual(self._states(promise), "kept")
        self.assertEqual(promise.date_kept, self.today)
        with self._later(30):
            self.assertEqual(self._states(promise), "kept")
        # The bank took the money back.
        self._unmatch(self._newest(line))
        self.assertEqual(self._states(promise), "open")

    def test_only_what_came_after_counts(self):
        line = self._owed(8)
        self._pay(self._newest(line), 500.0)
        promise = self._promise(line, 600.0)
        self.assertEqual(promise.amount_before, 500.0)
        self._pay(self._newest(line), 500.0)
        self.assertEqual(self._states(promise), "open")
        self.assertEqual(promise.amount_since, 500.0)
        self._pay(self._newest(line), 100.0)
        self.assertEqual(self._states(promise), "kept")

    def test_broken(self):
        line = self._owed(8)
        promise = self._promise(line)
        with self._later(3):
            self.assertEqual(self._states(promise), "open")
        with self._later(4):
            self.assertEqual(self._states(promise), "broken")
            # Money that comes later does not mend it.
            self._pay(self._newest(line))
            self.env.flush_all()
            self.assertEqual(self._states(promise), "broken")

    def test_over_several_instalments(self):
        lines = self._owed(8) | self._owed(2)
        promise = self._promise(lines, 1500.0)
        self.assertEqual(promise.plan_line_ids, lines)
        self._pay(self._newest(lines[0]))
        self.assertEqual(self._states(promise), "open")
        self._pay(self._newest(lines[1]), 350.0)
        self.assertEqual(self._states(promise), "kept")

    def test_kept_when_credited(self):
        """Nobody has to pay what was credited."""
        line = self._owed(8)
        promise = self._promise(line)
        refund = self._credit(self._newest(line))
        self._match(self._newest(line), refund)
        self.assertEqual(line.amount_due, 0.0)
        self.assertEqual(self._states(promise), "kept")

    def test_broken_makes_a_todo_once(self):
        line = self._owed(8)
        promise = self._promise(line, contact=self.partner_a)
        with self._later(3):
            self._run()
            self.assertFalse(self._todos())
        with self._later(4):
            self._run()
            self._run()
            todo = self._todos("collection", self.collector).filtered(
                lambda item: "promised" in item.summary
            )
            self.assertEqual(len(todo), 1)
            self.assertEqual(todo.res_id, line.id)
            self.assertIn("1,150.00", todo.summary)
            self.assertEqual(promise.date_reported, self.today + timedelta(days=4))

    def test_broken_makes_no_todo_where_paid_late(self):
        line = self._owed(8)
        self._promise(line)
        with self._later(4):
            self._pay(self._newest(line))
            self._run()
        self.assertFalse(self._todos())

    def test_withdrawn_with_reason(self):
        line = self._owed(8)
        promise = self._promise(line)
        with self.assertRaisesRegex(UserError, "Say why"):
            promise._withdraw(" ")
        action = promise.action_withdraw()
        wizard = self.env[action["res_model"]].with_context(**action["context"])
        wizard.create({"reason": "For another invoice"}).action_withdraw()
        self.assertEqual(self._states(promise), "withdrawn")
        self.assertEqual(promise.withdrawn_by_id, self.env.user)
        self.assertIn("For another invoice", line.message_ids[0].body)
        with self.assertRaisesRegex(UserError, "already"):
            promise._withdraw("Again")
        with self._later(9):
            self._run()
            self.assertEqual(self._states(promise), "withdrawn")
        self.assertFalse(promise.date_reported)

    def test_kept_stays(self):
        line = self._owed(8)
        promise = self._promise(line)
        self._pay(self._newest(line))
        with self.assertRaisesRegex(UserError, "already"):
            promise._withdraw("No")

    def test_new_one_takes_the_place_of_a_running_one(self):
        line = self._owed(8)
        first = self._promise(line)
        second = self._promise(line, days=9)
        self.assertEqual(self._states(first), "withdrawn")
        self.assertEqual(self._states(second), "open")

    def test_bad_input(self):
        line = self._owed(8)
        with self.assertRaisesRegex(UserError, "today or a day to come"):
            self._promise(line, days=-1)
        with self.assertRaisesRegex(UserError, "more than zero"):
            self._promise(line, 0.0)
        with self.assertRaisesRegex(UserError, "Only .*1,150.00 is open"):
            self._promise(line, 1150.01)
        with self.assertRaisesRegex(UserError, "one customer"):
            self._promise(line | self._owed(8, partner_id=self.partner_b.id))
        self._pay(self._newest(line))
        with self.assertRaisesRegex(UserError, "Nothing is open"):
            line.action_record_promise()
        self.assertFalse(line.promise_ids)

    def test_dialog(self):
        line = self._owed(8)
        line.order_id.action_sales_create_contract()
        action = line.contract_id.action_record_promise()
        wizard = self.env[action["res_model"]].with_context(**action["context"])
        with Form(wizard) as form:
            self.assertEqual(form.amount, 1150.0)
            form.date_promised = self.today
            form.contact_id = self.partner_a
            form.note = "With the next payment run"
        form.record.action_record()
        promise = line.promise_ids
        self.assertEqual(promise.amount, 1150.0)
        self.assertEqual(promise.contact_id, self.partner_a)
        self.assertEqual(promise.user_id, self.env.user)
        self.assertEqual(promise.partner_id, self.partner_a)
        self.assertIn("next payment run", line.message_ids[0].body)

    def test_nobody_changes_or_deletes_one(self):
        line = self._owed(8)
        promise = self._promise(line)
        for name in ("rep", "leader", "director", "accountant", "manager"):
            mine = self._as(name, promise)
            self.assertEqual(mine.amount, 1150.0)
            for change in (
                lambda mine=mine: mine.write({"amount": 1.0}),
                lambda mine=mine: mine.unlink(),
                lambda mine=mine: mine.copy(),
                lambda name=name: self._as(name, line).write({"promise_ids": [(5,)]}),
            ):
                with self.assertRaises(AccessError):
                    change()
