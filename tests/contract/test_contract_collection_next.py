from datetime import timedelta

from odoo.tests import freeze_time, tagged

from .collection_common import CollectionCommon


@tagged("post_install", "-at_install")
@freeze_time("2031-05-12 10:00:00")
class TestContractCollectionNext(CollectionCommon):
    """What to do next stands on each instalment, in words."""

    def assertNext(self, line, action, text, day=None):
        self.env.flush_all()
        self.env.invalidate_all()
        line = line.with_context(lang="en_US")
        self.assertEqual((line.collection_action, line.collection_next), (action, text))
        if day:
            self.assertEqual(line.collection_date, day)

    def test_before_it_is_invoiced(self):
        order = self._order(300.0, 850.0)
        first, second = order._sorted_sales_plan()
        second.date_planned = self.today + timedelta(days=5)
        self.assertNext(first, "invoice", "Invoice it", self.today)
        self.assertNext(second, False, False)
        draft = self._invoice(first, post=False)
        self.assertNext(first, "post", "Post the draft invoice", self.today)
        draft.action_post()
        self._pay(draft)
        self.assertNext(first, False, False)

    def test_reminders(self):
        line = self._owed(-10)
        self.assertNext(
            line, "remind", "Remind on May 15", self.today + timedelta(days=3)
        )
        line = self._owed(8)
        self.assertNext(line, "remind", "Remind today", self.today)
        self._run()
        self.assertNext(
            line, "remind", "Remind on May 25", self.today + timedelta(days=13)
        )

    def test_last_reminder(self):
        line = self._owed(21)
        self._run()
        self.assertNext(line, "call", "Call: last reminder sent today, nothing came")
        for days, words in ((1, "yesterday"), (3, "3 days ago")):
            with freeze_time(self.today + timedelta(days=days)):
                self.assertNext(
                    line, "call", f"Call: last reminder sent {words}, nothing came"
                )

    def test_promise(self):
        line = self._owed(8)
        line._record_promise(1150.0, self.today + timedelta(days=2))
        self.assertNext(
            line, "promise", "Promise due May 14", self.today + timedelta(days=2)
        )
        with freeze_time(self.today + timedelta(days=3)):
            self.assertNext(line, "call", "Call: promise of May 14 broken")
        line.promise_ids._withdraw("Not meant")
        self.assertNext(line, "remind", "Remind today")

    def test_where_nobody_is_reminded(self):
        late, early = self._owed(1), self._owed(-233)
        self.company.sales_reminders = False
        self.assertNext(late, "call", "Call: 1 day late", self.today)
        self.assertNext(
            early, "wait", "Payment due Dec 31", self.today + timedelta(233)
        )
        other_year = self._owed(-234)
        self.assertNext(other_year, "wait", "Payment due Jan 1, 2032")
        self.company.sales_reminders = True
        self.partner_a.sales_no_reminders = True
        self.assertNext(late, "call", "Call: 1 day late")
        self.partner_a.sales_no_reminders = False
        late.order_id.action_sales_create_contract()
        late.contract_id.no_reminders = True
        self.assertNext(late, "call", "Call: 1 day late")

    def test_not_reminded(self):
        self.partner_a.email = False
        line = self._owed(8)
        self._run()
        self.assertNext(line, "call", "Call: the reminder could not be sent")

    def test_whom_to_call(self):
        line = self._owed(8)
        self.partner_a.phone = "+1 555 0100"
        self.assertEqual(line.call_phone, "+1 555 0100")
        line.order_id.partner_invoice_id = self.partner_a.copy({"phone": "+1 555 0200"})
        self.assertEqual(line.call_phone, "+1 555 0200")

    def test_who_collects(self):
        line = self._owed(8)
        self.assertEqual(line.collector_id, self.collector)
        self.company.sales_collector_id = False
        self.assertEqual(line.collector_id, self.people["rep"])
        line.order_id.action_sales_create_contract()
        line.contract_id.collector_id = self.people["manager"]
        self.assertEqual(line.collector_id, self.people["manager"])
        self.assertIn(
            line, line.search([("collector_id", "=", self.people["manager"].id)])
        )

    def test_queries_do_not_grow_with_the_instalments(self):
        lines = self.env["sales.plan.line"]
        for days in (-10, 8, 8, 21) * 2:
            lines |= self._owed(days)
        for line in lines[1::4]:
            line._record_promise(1150.0, self.today)
        self._run()
        counts = []
        for size in (8, 4, 8):  # the first one fills the caches
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            lines[:size].read(
                [
                    "collection_next",
                    "collection_action",
                    "call_phone",
                    "collector_id",
                ]
            )
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
