import base64
import io

from openpyxl import load_workbook

from odoo.exceptions import UserError
from odoo.tests import tagged

from .ageing_common import AgeingCommon


@tagged("post_install", "-at_install")
class TestContractExcel(AgeingCommon):
    """Workbooks: the figures of the screen, totals that live, nothing that is run."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner_a.name = "=HYPERLINK(1)"
        cls._aged((100.0, 100), (200.0, 50))
        cls._aged((400.0, 40), partner_id=cls.partner_b.id)
        cls.env.flush_all()

    def _open(self, action, values=False):
        self.assertEqual(action["type"], "ir.actions.act_url")
        made = self.env["sales.excel"].search([], order="id desc", limit=1)
        content = io.BytesIO(base64.b64decode(made.file))
        return load_workbook(content, data_only=values)

    def _column(self, sheet, label):
        """Letter of a column and number of the row of headers."""
        for row in sheet.iter_rows(min_row=1, max_row=8):
            for cell in row:
                if cell.value == label:
                    return cell.column_letter, cell.row
        raise AssertionError(f"no column {label}")

    def test_instalments(self):
        domain = [("amount_outstanding", "!=", 0), ("order_state", "=", "sale")]
        action = self.env["sales.plan.line"].get_excel(domain, "To Invoice: now/late")
        sheet = self._open(action).worksheets[0]
        self.assertEqual(sheet.title, "To Invoice  now late")
        self.assertEqual(sheet["A1"].value, "To Invoice: now/late")
        letter, head = self._column(sheet, "Outstanding (Company)")
        last = sheet.max_row
        self.assertEqual(
            last - head - 1, 5, "three and two instalments, then the total"
        )
        self.assertEqual(
            sheet[f"{letter}{last}"].value,
            f"=SUBTOTAL(109,{letter}{head + 1}:{letter}{last - 1})",
        )
        self.assertEqual(sheet.freeze_panes, f"B{head + 1}")
        self.assertTrue(sheet.auto_filter.ref.startswith(f"A{head}:"))
        self.assertEqual(sheet.page_setup.orientation, "landscape")
        values = self._open(action, values=True).worksheets[0]
        self.assertEqual(values[f"{letter}{last}"].value, 2300.0)
        customers, _head = self._column(sheet, "Customer")
        cell = sheet[f"{customers}{head + 1}"]
        self.assertEqual(cell.data_type, "s", "a name is never a formula")

    def test_receivables(self):
        action = self.receivables.get_excel({"by": "partner_id"})
        book = self._open(action)
        sheet, lines = book.worksheets
        self.assertEqual(lines.title, "Instalments")
        values = self._open(action, values=True).worksheets[0]
        # A customer, five buckets by contract, five by invoice, five of difference
        by_name = {
            row[0]: row[1:17]
            for row in values.iter_rows(min_row=6, values_only=True)
            if row[0]
        }
        self.assertEqual(
            [amount or 0 for amount in by_name["=HYPERLINK(1)"]],
            [850, 200, 0, 100, 0, *[0] * 5, 850, 200, 0, 100, 0, 1150],
        )
        self.assertEqual(sheet["L6"].value, "=B6-G6")
        self.assertEqual(by_name["Total"][15], 2300)

    def test_cash_by_month_and_week(self):
        action = self.env["sales.cash.report"].get_excel([], "Expected Cash")
        book = self._open(action)
        self.assertEqual(
            [sheet.title for sheet in book.worksheets],
            ["By Month", "By Week", "Expected Cash"],
        )
        values = self._open(action, values=True)
        for sheet in values.worksheets[:2]:
            self.assertEqual(sheet.cell(sheet.max_row, 6).value, 2300.0)
        self.assertEqual(book.worksheets[0]["F5"].value, "=SUM(C5:E5)")

    def test_nothing_to_show(self):
        action = self.env["sales.plan.line"].get_excel([("id", "=", 0)], "")
        self.assertTrue(self._open(action).worksheets[0].title)

    def test_wrong_filter(self):
        with self.assertRaises(UserError):
            self.env["sales.plan.line"].get_excel([("nothing", "=", 1)], "x")

    def test_queries_do_not_grow(self):
        counts = []
        self.env["sales.plan.line"].get_excel([], "x")  # what is read once is kept
        for _round in range(2):
            for _order in range(5 * (_round + 1)):
                self._aged((10.0, 20))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["sales.plan.line"].get_excel([], "x")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertGreaterEqual(*counts)
