import base64

from odoo.exceptions import UserError
from odoo.tests import tagged

from .target_excel_common import (
    FEBRUARY,
    HEAD,
    JANUARY,
    KIND,
    NAME,
    TargetExcelCommon,
)

KEY = KIND + 14


@tagged("post_install", "-at_install")
class TestTargetExcelRefuse(TargetExcelCommon):
    """What is wrong in a workbook: where, why, and nothing of it is written."""

    rule_tested_models = (
        "sales.target.excel",
        "sales.target.excel.line",
        "sales.target.excel.problem",
    )

    def _refused(self, change, reason, owner="ann", column=None, **options):
        """A workbook with one thing wrong, and one amount that would be right."""
        book = self._open(self._export())
        sheet = book["Targets"]
        row = self._row(sheet, owner)
        sheet.cell(self._row(sheet, "bob"), FEBRUARY).value = 77
        place = change(sheet, row) or row
        excel = self._wizard(self._save(book), **options)
        problem = excel.problem_ids[:1]
        self.assertRegex(problem.reason or "", reason)
        self.assertFalse(excel.change_ids)
        excel.action_apply()
        self.assertEqual(self._amounts()["bob", 2], 80)
        problem = excel.problem_ids[:1]
        self.assertRegex(problem.reason or "", reason)
        if column:
            self.assertEqual((problem.sheet, problem.row), ("Targets", place))
            self.assertTrue(problem.column.startswith(column), problem.column)
        return excel

    def _cell(self, value, column=JANUARY):
        def change(sheet, row):
            sheet.cell(row, column).value = value

        return change

    def test_values(self):
        for value, reason in (
            ("lots", "text, not a number"),
            ("65", "text, not a number"),
            ("#REF!", "broken"),
            (-1, "not below zero"),
            (True, "not a number"),
            (self.today, "not a number"),
            (1e15, "more than can be"),
            ("=A1*2", "has no result yet"),
        ):
            with self.subTest(value):
                excel = self._refused(self._cell(value), reason, column="C (Jan")
                self.assertEqual(len(excel.problem_ids), 1)
        no_target = self._cell(5, KIND + 7)
        self._refused(no_target, "no target in this period", column="I (Jul")

    def test_names(self):
        self._refused(self._cell("Somebody", NAME), "belongs to", column="A (Owner)")
        self._refused(self._cell(self._name("bob"), NAME), "mixed up", column="A")
        content = self._edited(("bob", 1, 50))
        self.ann.name = "Ann Married"
        excel = self._wizard(content)
        self.assertEqual(excel.problem_ids.mapped("sheet"), ["Targets", "Stretch"])
        self.assertIn("belongs to “Ann Married”", excel.problem_ids[0].reason)

    def test_swapped(self):
        def swap(sheet, row):
            other = sheet.cell(self._row(sheet, "bob"), KEY)
            mine = sheet.cell(row, KEY)
            mine.value, other.value = other.value, mine.value

        excel = self._refused(swap, "mixed up", column="A")
        self.assertEqual(len(excel.problem_ids), 2)

    def test_keys(self):
        self._refused(self._cell(None, KEY), "has no key", column="A")
        self._refused(self._cell("nonsense", KEY), "key of the row was changed")
        other = f"{self.plan.id}.1.00000000:c"
        self._refused(self._cell(other, KEY), "of another plan", column="P")

        def unknown(sheet, row):
            sheet.cell(row, KEY).value += "/u9"

        self._refused(unknown, "not in the plan any more", column="P")

        def double(sheet, row):
            last = sheet.max_row + 1
            for column in range(1, KEY + 1):
                sheet.cell(last, column).value = sheet.cell(row, column).value
            return last

        self._refused(double, r"in row \d+ already", column="A")

        def add(sheet, row):
            last = sheet.max_row + 1
            sheet.cell(last, NAME).value = "Carol"
            sheet.cell(last, JANUARY).value = 5
            return last

        self._refused(add, "“Carol” is not in this plan", column="A")

    def test_gone_from_the_plan(self):
        content = self._edited(("ann", 1, 65))
        (self.targets["bob", 1] | self.targets["bob", 2]).unlink()
        excel = self._wizard(content)
        self.assertIn("not in the plan any more", excel.problem_ids[0].reason)

    def test_periods(self):
        def head(text, row=HEAD):
            def change(sheet, _row):
                sheet.cell(row, JANUARY).value = text
                return HEAD

            return change

        year = self.year
        self._refused(head("January"), "header was changed", column="C (January)")
        self._refused(head(f"Feb {year}"), "header was changed", column="C")
        off = f"{year}-01-02/{year}-02-01"
        self._refused(head(off, HEAD - 1), "is no period of the plan", column="C")
        february = f"{year}-02-01/{year}-03-01"
        self._refused(head(february, HEAD - 1), "header was changed", column="C")

        def copy(sheet, _row):
            for row in (HEAD - 1, HEAD):
                sheet.cell(row, FEBRUARY).value = sheet.cell(row, JANUARY).value
            return HEAD

        self._refused(copy, "there twice", column="D")

        def add(sheet, _row):
            sheet.insert_cols(JANUARY)
            sheet.cell(HEAD, JANUARY).value = "Growth"
            return HEAD

        self._refused(add, "was added", column="C (Growth)")

    def test_other_plans(self):
        other = self._make_plan(name="Other")
        self._target(plan=other, amount=1)
        excel = self._wizard(self._edited(("ann", 1, 65)), plan=other)
        self.assertIn("of another plan", excel.problem_ids[0].reason)
        new = self._make_plan(name="Newer")
        self._target(plan=new, amount=1)
        new.sudo().write({"predecessor_id": self.plan.id, "version": 2})
        excel = self._wizard(self._edited(("ann", 1, 65)), plan=new)
        self.assertIn("of version 1 of this plan", excel.problem_ids[0].reason)

    def test_states(self):
        contents = self._edited(("ann", 1, 65), ("ann", 2, 65))
        self.plan.action_lock()
        excel = self._wizard(contents)
        self.assertIn("is agreed", excel.problem_ids.reason)
        self.plan.action_publish()
        excel.action_check()
        self.assertIn("is published", excel.problem_ids.reason)
        self.assertFalse(self._wizard(self._export()).problem_ids, "nothing is changed")

    def test_files(self):
        book = self._open(self._export())
        del book["sales_process"]
        excel = self._wizard(self._save(book))
        self.assertIn("hidden parts were lost", excel.problem_ids.reason)
        with self.assertRaisesRegex(UserError, "readable Excel file"):
            self._wizard(self._export()[:3000])
        with self.assertRaisesRegex(UserError, "readable Excel file"):
            self._wizard(b"Owner;Jan\nann;5\n")
        with self.assertRaisesRegex(UserError, "with a password"):
            self._wizard(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old")
        with self.assertRaisesRegex(UserError, "more than 10 MB"):
            self._wizard(b"PK\x03\x04" + bytes(11 * 2**20))
        with self.assertRaisesRegex(UserError, "Choose the saved workbook"):
            self._wizard(b"")

    def test_sheets(self):
        book = self._open(self._edited(("ann", 1, 65)))
        book.copy_worksheet(book["Targets"])
        excel = self._wizard(self._save(book))
        self.assertIn("more than once", excel.problem_ids.reason)
        book = self._open(self._edited(("ann", 1, 65)))
        del book["Stretch"], book["Help"]
        book.create_sheet("My notes")["A1"] = "x"
        excel = self._wizard(self._save(book))
        self.assertEqual(len(excel.change_ids), 1)
        self.assertIn("not in the file stay as they are: Stretch", excel.notes)

    def test_deleted(self):
        book = self._open(self._edited(("ann", 1, 65)))
        sheet = book["Targets"]
        sheet.delete_rows(self._row(sheet, "bob"))
        excel = self._wizard(self._save(book))
        self.assertFalse(excel.problem_ids)
        self.assertIn(f"deleted stay as they are: {self._name('bob')}", excel.notes)
        excel.action_apply()
        self.assertEqual(self._amounts()["bob", 1], 40)

    def test_moved_about(self):
        """Rows in another order, columns moved, lines above, notes beside: no harm."""
        book = self._open(self._edited(("ann", 1, 65)))
        sheet = book["Targets"]
        row, last = self._row(sheet, "ann"), sheet.max_row + 3
        for column in range(1, KEY + 1):
            sheet.cell(last, column).value = sheet.cell(row, column).value
        sheet.delete_rows(row)
        sheet.cell(HEAD, KEY + 3).value = "Notes"
        sheet.cell(HEAD + 2, KEY + 3).value = "grows"
        sheet.insert_rows(1, 2)
        excel = self._wizard(self._save(book))
        self.assertFalse(excel.problem_ids)
        self.assertEqual([*self._found(excel).values()], [(60, 65)])

    def test_list_of_problems(self):
        excel = self._refused(self._cell("lots"), "text")
        action = excel.action_download_problems()
        self.assertEqual(action["type"], "ir.actions.act_url")
        made = self.env["sales.excel"].with_user(self.people["director"])
        made = made.search([], order="id desc", limit=1)
        content = base64.b64decode(made.file)
        sheet = self._open(content).worksheets[0]
        [problem] = excel.problem_ids
        self.assertEqual(
            [cell.value for cell in sheet[HEAD + 1]],
            ["Targets", problem.row, problem.column, "lots", problem.reason],
        )
