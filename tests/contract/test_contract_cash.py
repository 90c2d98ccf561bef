from odoo.exceptions import AccessError
from odoo.tests import tagged

from .ageing_common import AgeingCommon


@tagged("post_install", "-at_install")
class TestContractCash(AgeingCommon):
    """When money comes: what is agreed, and what the customer is used to."""

    rule_tested_models = ("sales.cash.report", "sales.payment.delay")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.delays = cls.env["sales.payment.delay"]
        # Nobody has paid anything yet in this test.
        cls.slow = cls.env["res.partner"].create({"name": "Slow"})
        cls.prompt = cls.env["res.partner"].create({"name": "Prompt"})

    def _past(self, partner, *waits):
        """Invoices paid so many days after they were due.

        Each instalment was to be invoiced 100 days ago, was so 95 days ago and due 65
        days ago.
        """
        order = self._aged(
            *((1150.0 / len(waits), 100) for _wait in waits), partner_id=partner.id
        )
        for line, wait in zip(order._sorted_sales_plan(), waits, strict=True):
            move = self._invoice_on(line, 95)
            self._pay(move, payment_date=self._day(wait - 65))
        self.env.flush_all()
        return order

    def _learn(self):
        self.delays._learn(self.company)

    def _usual(self, partner):
        delay = self.delays.search(
            [("partner_id", "=", partner.id), ("company_id", "=", self.company.id)]
        )
        return (
            delay.days_after_due,
            delay.cases_after_due,
            delay.days_after_firm,
            delay.cases_after_firm,
        )

    def test_the_median_of_a_customer(self):
        """5, 10 and 40 days late: 10; 35 days from firm to due make it 45."""
        self._past(self.slow, 5, 10, 40, 11, 9)
        self._learn()
        self.assertEqual(self._usual(self.slow), (10, 5, 45, 5))
        self.assertEqual(self.slow.sales_payment_delay, 10)
        self.assertEqual(self.slow.sales_payment_cases, 5)

    def test_too_few_payments_are_like_all_others(self):
        self._past(self.slow, 20, 20, 20, 20, 20)
        self._past(self.prompt, -3)
        self._learn()
        self.assertEqual(self._usual(self.prompt), (20, 1, 55, 1))
        self.assertEqual(self._usual(self.env["res.partner"]), (20, 6, 55, 6))

    def test_credit_notes_pay_nothing(self):
        order = self._aged((500.0, 100), partner_id=self.slow.id)
        self._match(*self._with_credit(order._sorted_sales_plan()[0]))
        self.env.flush_all()
        self._learn()
        self.assertEqual(self._usual(self.slow)[1], 0)

    def _with_credit(self, line):
        invoice = self._invoice_on(line, 95)
        return invoice, self._credit(invoice)

    def test_learning_again_changes_what_is_new_only(self):
        self._past(self.slow, 10, 10, 10)
        self._learn()
        row = self.delays.search([("partner_id", "=", self.slow.id)])
        self._learn()
        self.assertEqual(self.delays.search([("partner_id", "=", self.slow.id)]), row)
        self._past(self.slow, 30, 30, 30, 30, 30)
        self._learn()
        self.assertEqual(self._usual(self.slow)[:2], (30, 8))

    def test_the_job_runs_over_every_company(self):
        self._past(self.slow, 10, 10, 10)
        cron = self.env.ref("sales_process.ir_cron_payment_delay")
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(self._usual(self.slow)[0], 10)

    def test_expected_days(self):
        """10 days after due, 45 after firm; what waits is only planned."""
        self._past(self.slow, 5, 10, 40, 11, 9)
        self._learn()
        order = self._aged((100.0, 20), (200.0, 5), partner_id=self.slow.id)
        first, second, third = order._sorted_sales_plan()
        third.write({"trigger": "acceptance", "date_planned": self._day(60)})
        self._invoice_on(first, 15)
        self.env.flush_all()
        rows = self.env["sales.cash.report"].search([("order_id", "=", order.id)])
        found = {
            row.line_id: (row.kind, row.date_base, row.delay, row.date, row.amount)
            for row in rows
        }
        self.assertEqual(
            found,
            {
                first: ("invoiced", self._day(15), 10, self._day(25), 100.0),
                second: ("firm", self._day(-5), 45, self._day(40), 200.0),
                third: ("planned", self._day(60), 45, self._day(105), 850.0),
            },
        )
        self.assertFalse(any(rows.mapped("is_late")))

    def test_late_money_keeps_its_day(self):
        order = self._aged((400.0, 200))
        self.env.flush_all()
        row = self.env["sales.cash.report"].search(
            [("line_id", "=", order._sorted_sales_plan()[0].id)]
        )
        self.assertTrue(row.is_late)
        self.assertEqual(row.date, self._day(-200))

    def test_who_pays_early_is_not_late_before_the_day(self):
        """Usually 20 days early, due in 5: every day now, and after it late."""
        self._past(self.prompt, -20, -20, -20)
        self._learn()
        order = self._aged((100.0, 30), partner_id=self.prompt.id)
        self._invoice_on(order._sorted_sales_plan()[0], 25)
        self.env.flush_all()
        row = self.env["sales.cash.report"].search(
            [("order_id", "=", order.id), ("kind", "=", "invoiced")]
        )
        self.assertEqual((row.delay, row.date, row.is_late), (-20, self.today, False))

    def test_partly_invoiced_is_two_rows_and_one_sum(self):
        order = self._aged((400.0, 20))
        line = order._sorted_sales_plan()[0]
        invoice = self._invoice_on(line, 10)
        self._credit(invoice, 150.0)
        self.env.flush_all()
        rows = self.env["sales.cash.report"].search([("line_id", "=", line.id)])
        self.assertEqual(sum(rows.mapped("amount")), line.amount_outstanding_company)

    def test_grouped_by_week_and_month(self):
        self._aged((400.0, 20))
        self._aged((300.0, 10))
        self.env.flush_all()
        for period in ("week", "month"):
            groups = self.env["sales.cash.report"]._read_group(
                [("company_id", "=", self.company.id)],
                [f"date:{period}"],
                ["amount:sum"],
            )
            self.assertEqual(sum(amount for _day, amount in groups), 2300.0)

    def test_who_sees_what(self):
        self._aged((100.0, 20))
        self._aged(
            (100.0, 20), user_id=self.people["stranger"].id, team_id=self.south.id
        )
        self._aged(
            (100.0, 20), user_id=self.people["stranger"].id, team_id=self.harbour.id
        )
        self.env.flush_all()
        for name, number in (
            ("rep", 2),
            ("leader", 4),
            ("director", 6),
            ("accountant", 6),
            ("auditor", 6),
        ):
            with self.subTest(name=name):
                rows = self._as(name, "sales.cash.report").search([])
                self.assertEqual(len(rows), number)
        for name in ("employee", "portal"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                self._as(name, "sales.cash.report").search([])

    def test_how_customers_pay_is_for_accountants_and_directors(self):
        self._past(self.slow, 10, 10, 10)
        self._learn()
        for name in ("accountant", "auditor", "director"):
            self.assertTrue(self._as(name, "sales.payment.delay").search([]))
        for name in ("rep", "leader", "employee", "portal"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                self._as(name, "sales.payment.delay").search([])
        with self.assertRaises(AccessError):
            self.delays.with_user(self.people["accountant"]).search([]).write(
                {"days_after_due": 0}
            )
        other = self.setup_other_company(name="Elsewhere")["company"]
        self.people["accountant"].company_ids |= other
        elsewhere = self._as("accountant", "sales.payment.delay").with_context(
            allowed_company_ids=other.ids
        )
        self.assertFalse(elsewhere.search([("company_id", "=", self.company.id)]))

    def test_the_cash_opens_its_instalment(self):
        order = self._aged((400.0, 20))
        self.env.flush_all()
        row = self.env["sales.cash.report"].search([("order_id", "=", order.id)])[0]
        action = row.action_open_instalment()
        self.assertEqual(action["res_model"], "sales.plan.line")
        self.assertEqual(action["res_id"], row.line_id.id)
