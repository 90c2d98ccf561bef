from datetime import datetime, timedelta
from decimal import Decimal

from odoo.fields import Command
from odoo.tests import tagged

from .performance_commission_common import CommissionCommon


@tagged("post_install", "-at_install")
class TestCommissionMoney(CommissionCommon):
    """Earned at the invoice, payable as the customer pays; taken back by name."""

    rule_tested_models = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.commission.payable = "collected"

    def test_held_until_collected(self):
        move = self._invoice_of(1200)
        result = self._result()
        self.assertEarned(result, 70.0, 0.0)
        self.assertEqual(float(result.held), 70.0)
        self.assertEqual(
            {line.hold_reason for line in result.lines if line.amount}, {"uncollected"}
        )
        self._pay(move, 300, payment_date=self._day(20))
        self.assertEarned(self._result(), 70.0, 17.5)
        self._pay(move, 900, payment_date=self._day(9, month=2))
        result = self._result()
        self.assertEarned(result, 70.0)
        self.assertFalse([line for line in result.lines if line.hold_reason])

    def test_as_of_a_moment(self):
        move = self._invoice_of(1200)
        self._pay(move, 300, payment_date=self._day(20))
        self._pay(move, 900, payment_date=self._day(9, month=2))
        moment = datetime.combine(self._day(25), datetime.min.time())
        self.assertEarned(self._result(moment=moment), 70.0, 17.5)
        moment = datetime.combine(self._day(4), datetime.min.time())
        self.assertEarned(self._result(moment=moment), 0.0)

    def test_undone(self):
        move = self._invoice_of(1200)
        self._pay(move, 1200, payment_date=self._day(20))
        self.assertEarned(self._result(), 70.0)
        self._unmatch(move)
        self.assertEarned(self._result(), 70.0, 0.0)

    def test_refund_of_what_is_not_paid(self):
        """1000 and a credit note of 400: 5 % of 600, of which 300 are collected."""
        move = self._invoice_of(1000)
        self._pay(move, 300, payment_date=self._day(20))
        note = self._credit(move, 400)
        note.button_draft()
        note.invoice_date = self._day(25)
        note.action_post()
        if not self._receivable(note).reconciled:
            self._match(move, note)
        result = self._refunded(note)
        self.assertEarned(result, 30.0, 15.0)
        line = self._line(result, "clawback")
        self.assertEqual(line.detail["why"], "refund")
        self.assertEqual(line.source, ("account.move", note.id))
        self.assertEqual(float(line.amount), -20.0)

    def _refunded(self, note):
        """The result up to the day on which the credit note counts."""
        row = self._rows("invoiced", source_id=note.id)
        self.assertTrue(row)
        year = self.first.replace(month=1, day=1)
        self.commission.write(
            {
                "date_from": year,
                "date_to": year.replace(year=year.year + 2),
                "period_type": "year",
                "bracket_ids": [
                    Command.clear(),
                    Command.create({"lower": 0, "rate": 5}),
                ],
            }
        )
        results = self._compute(after=self.commission.date_to, first=year)
        self.assertAddsUp(results[0])
        return results[0]

    def test_whole_refund(self):
        move = self._invoice_of(1000)
        self._credit(move)
        result = self._refunded(move.reversal_move_ids)
        if len({row.date.year for row in self._rows("invoiced")}) == 1:
            self.assertEarned(result, 0.0)

    def test_written_off_was_never_collected(self):
        move = self._invoice_of(1000)
        self._pay(
            move,
            950,
            payment_date=self._day(20),
            payment_difference_handling="reconcile",
            writeoff_account_id=self.company_data["default_account_expense"].id,
        )
        self.assertEqual(move.amount_residual, 0)
        self.assertEarned(self._result(), 50.0, 47.5)

    def test_money_is_collected(self):
        plan = self._commission_plan((0, 10), metric_id=self.collected.id)
        plan.payable = "collected"
        self._assign(self.ann, plan)
        move = self._invoice_of(1000)
        self.assertEarned(self._result(plan), 0.0)
        self._pay(move, 400, payment_date=self._day(20))
        self.assertEarned(self._result(plan), 40.0)

    def test_overdue_is_taken_back(self):
        """30 days after it was due what is unpaid earns nothing, until it is paid."""
        self.commission.clawback_days = 30
        move = self._invoice_of(1000, invoice_date_due=self._day(5))
        self._pay(move, 400, payment_date=self._day(20))
        due = datetime.combine(self._day(5), datetime.min.time())
        on_time = due + timedelta(days=30, hours=12)
        self.assertEarned(self._result(moment=on_time), 50.0, 20.0)
        late = on_time + timedelta(days=1)
        result = self._result(moment=late)
        self.assertEarned(result, 20.0)
        line = self._line(result, "clawback")
        self.assertEqual(
            (line.detail["why"], line.detail["overdue"], float(line.base)),
            ("overdue", Decimal("0.6"), -600.0),
        )
        self._pay(move, 600, payment_date=self._day(25, month=2))
        self.assertEarned(self._result(), 50.0)

    def test_overdue_where_it_was_paid_already(self):
        self.commission.write({"clawback_days": 30, "payable": "earned"})
        self._invoice_of(1000, invoice_date_due=self._day(5))
        due = datetime.combine(self._day(5), datetime.min.time())
        self.assertEarned(self._result(moment=due + timedelta(days=1)), 50.0)
        self.assertEarned(self._result(moment=due + timedelta(days=32)), 0.0)

    def test_instalments_are_overdue_one_by_one(self):
        self.commission.clawback_days = 5
        term = self.env["account.payment.term"].create(
            {
                "name": "Halves",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": days}
                    )
                    for days in (0, 20)
                ],
            }
        )
        self._invoice_of(1000, self._day(1), invoice_payment_term_id=term.id)
        start = datetime.combine(self._day(1), datetime.min.time())
        earned = [
            float(self._result(moment=start + timedelta(days=days, hours=12)).earned)
            for days in (5, 6, 25, 26)
        ]
        self.assertEqual(earned, [50.0, 25.0, 25.0, 0.0])

    def test_orders_are_collected_by_their_invoices(self):
        """Order of 1000 plus tax, 230 of 1,150 paid: a fifth of the commission."""
        today = self.company._sales_today()
        plan = self._commission_plan((0, 10), metric_id=self.booked.id)
        plan.write(
            {
                "payable": "collected",
                "date_from": today.replace(day=1, month=1),
                "date_to": today.replace(day=1, month=1, year=today.year + 1),
                "period_type": "year",
            }
        )
        self._assign(self.ann, plan)
        order = self._sold(1000)
        days = {"first": plan.date_from, "after": plan.date_to}
        self.assertEarned(self._result(plan, **days), 100.0, 0.0)
        move = order._create_invoices()
        move.action_post()
        self._pay(move, 230)
        self.assertEarned(self._result(plan, **days), 100.0, 20.0)
        self._pay(move, 920)
        self.assertEarned(self._result(plan, **days), 100.0)

    def test_cancelled_order(self):
        today = self.company._sales_today()
        plan = self._commission_plan((0, 10), metric_id=self.booked.id)
        plan.write(
            {
                "date_from": today.replace(day=1, month=1),
                "date_to": today.replace(day=1, month=1, year=today.year + 1),
                "period_type": "year",
            }
        )
        self._assign(self.ann, plan)
        order = self._sold(1000)
        self.env["sales.credit"]._write_pending()
        order._action_cancel()
        result = self._result(plan, first=plan.date_from, after=plan.date_to)
        self.assertEarned(result, 0.0)
        self.assertEqual(self._line(result, "clawback").detail["why"], "cancelled")

    def test_threshold_and_cap_of_what_is_held(self):
        self.commission.cap_amount = 60
        move = self._invoice_of(1200)
        self.assertEarned(self._result(), 60.0, 0.0)
        self._pay(move, 600, payment_date=self._day(20))
        self.assertEarned(self._result(), 60.0, 35.0)
        self._pay(move, 600, payment_date=self._day(21))
        self.assertEarned(self._result(), 60.0)
