import base64
import io

import openpyxl

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .performance_statement_common import StatementCommon


@tagged("post_install", "-at_install")
class TestPerformanceStatementPay(StatementCommon):
    """Vendor bills for dealers, a workbook for payroll, and paper to sign."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.expense = cls.company_data["default_account_expense"]
        cls.company.sudo().sales_commission_account_id = cls.expense

    def _dealer_statement(self, price=1000.0):
        invoice = self._invoiced(
            price,
            sales_split_ids=[
                Command.create({"partner_id": self.dealer.id, "percent": 100})
            ],
        )
        self._pay(invoice)
        self._compute()
        statement = self._of(self.dealer)
        self.assertEqual(statement.amount, price * 0.05)
        return statement

    def test_vendor_bill(self):
        statement = self._dealer_statement()
        as_accountant = statement.with_user(self.accountant)
        with self.assertRaisesRegex(UserError, "not confirmed"):
            as_accountant.action_create_bill()
        self._confirm(statement)
        with self.assertRaisesRegex(UserError, "vendor bill first"):
            as_accountant.action_pay()
        for user in (self.ann, self.director):
            with self.assertRaises(AccessError):
                statement.with_user(user).action_create_bill()
        self.assertTrue(as_accountant.can_bill)
        as_accountant.action_create_bill()
        bill = statement.move_ids
        self.assertEqual(
            (bill.move_type, bill.state, bill.partner_id, bill.amount_untaxed),
            ("in_invoice", "draft", self.dealer, 50.0),
        )
        self.assertEqual(bill.invoice_line_ids.account_id, self.expense)
        self.assertEqual(bill.action_sales_view_commission()["res_id"], statement.id)
        with self.assertRaisesRegex(UserError, "a bill already"):
            as_accountant.action_create_bill()
        with self.assertRaises(AccessError):
            bill.copy().sales_commission_statement_id = statement
        as_accountant.action_pay()
        self.assertEqual(statement.state, "paid")

    def test_a_cancelled_bill_can_be_made_again(self):
        statement = self._dealer_statement()
        self._confirm(statement)
        as_accountant = statement.with_user(self.accountant)
        as_accountant.action_create_bill()
        statement.move_ids.button_cancel()
        as_accountant.invalidate_recordset()
        as_accountant.action_create_bill()
        self.assertEqual(len(statement.move_ids), 2)

    def test_employees_get_no_bill(self):
        self._pay(self._invoiced())
        self._compute()
        statement = self._of(self.ann)
        self._confirm(statement)
        with self.assertRaisesRegex(UserError, "payroll"):
            statement.with_user(self.accountant).action_create_bill()

    def test_payroll(self):
        self._pay(self._invoiced(1000.0))
        self._pay(self._invoiced(400.0, user_id=self.bob.id, team_id=self.south.id))
        self._compute()
        both = self._of(self.ann) | self._of(self.bob)
        with self.assertRaisesRegex(UserError, "confirmed"):
            both.with_user(self.accountant).action_payroll_excel()
        self._confirm(both)
        with self.assertRaises(AccessError):
            self._of(self.ann).with_user(self.ann).action_payroll_excel()
        both.with_user(self.accountant).action_payroll_excel()
        made = self.env["sales.excel"].sudo().search([], order="id desc", limit=1)
        book = openpyxl.load_workbook(io.BytesIO(base64.b64decode(made.file)))
        sheet = book.worksheets[0]
        rows = [row for row in sheet.iter_rows(values_only=True) if row[1]]
        found = {
            row[0]: row[8]
            for row in rows
            if row[1] in ("sp_credit_ann", "sp_credit_bob")
        }
        self.assertEqual(found, {self.ann.name: 50.0, self.bob.name: 20.0})
        self.assertEqual(len(book.worksheets), 2)

    def test_paper(self):
        self._pay(self._invoiced(1000.0))
        second = self._invoiced(600.0)
        self._compute()
        statement = self._of(self.ann)
        report = self.env["ir.actions.report"]
        html = report._render_qweb_html(
            "sales_process.action_report_commission", statement.ids
        )[0].decode()
        for text in (self.ann.name, second.name, "110.00", "not checked yet"):
            self.assertIn(text, html)
        self._confirm(statement)
        statement.with_user(self.ann).action_acknowledge()
        html = report._render_qweb_html(
            "sales_process.action_report_commission", statement.ids
        )[0].decode()
        self.assertIn("agreed on", html)
        self.assertIn(self.director.name, html)
