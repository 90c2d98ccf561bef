from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL

from .test_credit_ledger import CreditCommon


@tagged("post_install", "-at_install")
class TestCreditAudit(CreditCommon):
    """Ledger and documents are compared, and the past is credited."""

    rule_tested_models = ("sales.credit.audit",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.audits = cls.env["sales.credit.audit"].sudo()
        cls.audits.search([("state", "=", "running")]).state = "done"
        cls.audits._start("manual")._run()

    def _run(self, **values):
        return self.audits._start("manual", **values)._run()

    def test_nothing_to_correct(self):
        self._sold()
        audit = self._run()
        self.assertEqual(
            (audit.state, audit.corrections, audit.sums_mended), ("done", 0, 0)
        )
        self.assertEqual(audit.progress, 100)

    def test_what_bypassed_the_ledger_is_corrected(self):
        order = self._sold()
        self.env["sales.credit"]._write_pending()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "UPDATE sale_order_line SET price_subtotal = 1300 WHERE order_id = %s",
                order.id,
            )
        )
        self.env.invalidate_all()
        audit = self._run()
        self.assertEqual(audit.corrections, 1)
        row = audit.credit_ids
        self.assertEqual(
            (row.amount, row.reason, row.user_id), (300.0, "audit", self.ann)
        )
        self.assertEqual(row.date, self.today)
        self.assertEqual(self._run().corrections, 0)

    def test_a_sum_that_is_wrong_is_corrected(self):
        self._sold()
        self.env["sales.credit"]._write_pending()
        self.env.cr.execute(SQL("UPDATE sales_credit_sum SET amount = amount + 1"))
        audit = self._run()
        self.assertGreater(audit.sums_mended, 0)
        self.assertSums()
        self.assertEqual(self._run().sums_mended, 0)

    def test_the_past_is_credited_on_its_own_days(self):
        order = self._sold()
        invoice = order._create_invoices()
        invoice.invoice_date = self._days(-40)
        invoice.action_post()
        self._pay(invoice)
        self.env["sales.credit"]._write_pending()
        before = self._all()
        self._forget()
        self.assertFalse(self._all())
        audit = self.audits._start("backfill")._run()
        self.assertEqual(self._all(), before)
        self.assertEqual(set(audit.credit_ids.mapped("reason")), {"backfill"})
        self.assertSums()

    def _forget(self):
        self.env.cr.execute(SQL("DELETE FROM sales_credit_sum"))
        self.env.cr.execute(SQL("DELETE FROM sales_credit"))
        self.env.invalidate_all()

    def _all(self):
        """Credit by metric, day and person, as pairs that can be compared."""
        found = {}
        for row in self.env["sales.credit"].search([]):
            key = (row.metric_id.code, row.date, row.user_id.id, row.source_id)
            found[key] = round(found.get(key, 0) + row.amount, 2)
        return {key: amount for key, amount in found.items() if amount}

    def test_a_range_of_days(self):
        old = self._sold()
        old.date_order = fields.Datetime.subtract(fields.Datetime.now(), days=100)
        new = self._sold()
        self.env["sales.credit"]._write_pending()
        self._forget()
        self._run(date_from=self._days(-5), date_to=self.today)
        self.assertTrue(self._rows("booked", source_id=new.id))
        self.assertFalse(self._rows("booked", source_id=old.id))

    def test_one_at_a_time_and_in_order(self):
        self.audits._start("manual")
        with self.assertRaises(UserError):
            self.audits._start("manual")
        with self.assertRaises(UserError):
            self.env["sales.credit.rebuild"].create({}).action_start()
        self.audits.search([("state", "=", "running")]).state = "done"
        with self.assertRaises(UserError):
            self._run(date_from=self.today, date_to=self._days(-1))

    def test_goes_on_where_it_was_stopped(self):
        for _order in range(3):
            self._sold()
        self.env["sales.credit"]._write_pending()
        before = self._all()
        self._forget()
        audit = self.audits._start("backfill")
        audit._step()
        self.assertTrue(audit.position)
        self.env.invalidate_all()
        cron = self.env.ref("sales_process.ir_cron_credit_audit")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(audit.state, "done")
        self.assertEqual(self._all(), before)

    def test_months_become_one_row(self):
        for _order in range(3):
            self._sold()
            self.env["sales.credit"]._write_pending()
        sums = self.env["sales.credit.sum"]
        domain = [("metric_id.code", "=", "booked"), ("user_id", "=", self.ann.id)]
        self.assertEqual(sums.search_count(domain), 3)
        sums._merge()
        self.assertEqual(sums.search(domain).amount, 3000.0)
        self.assertSums()

    def test_whole_months_and_single_days_agree(self):
        self._sold()
        metric = self.env.ref("sales_process.metric_booked")
        first = self.today.replace(day=1)
        after = fields.Date.add(first, months=1)
        month = (first, after)
        days = [
            (fields.Date.add(first, days=n), fields.Date.add(first, days=n + 1))
            for n in range((after - first).days)
        ]
        values = metric._values(self.ann, [month, *days], metric, self.company)
        self.assertEqual(values.pop((metric.id, self.ann.id, *month)), 1000.0)
        self.assertEqual(sum(values.values()), 1000.0)
