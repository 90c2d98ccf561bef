"""Compare a workbook with the targets of a plan: what it would change, what is wrong.

Nothing is written here. What the workbook says is held against two things: the targets
as they are, and as they were when it was made. So it is known which of the two sides
changed an amount.
"""

import hashlib
from dataclasses import dataclass

from odoo.exceptions import UserError

from ...engine.tabular import TableError
from ...engine.workbook_cells import TEXT, read_workbook
from .excel_sheet_check import SheetCheck
from .excel_tree import MARK, MARK_EXPORT, SHEETS, TargetTree

# Rows in which the hidden row is looked for, if somebody put lines above it.
HEAD_ROWS = 30


@dataclass
class Problem:
    """Why a workbook cannot be read as it is, and where."""

    reason: str
    sheet: str = ""
    row: int = 0
    column: str = ""
    value: str = ""


class ExcelCheck:
    """What a workbook would change in a plan.

    :param plan: a target plan, with the rights of the user
    :param bytes content: of the file
    :raise UserError: for a file that is no readable workbook
    """

    def __init__(self, plan, content):
        self.env = plan.env
        self.plan = plan
        self.problems, self.changes, self.notes = [], [], []
        self.overtaken = 0
        self.rounded = 0
        try:
            self.sheets = read_workbook(content)
        except TableError as error:
            raise UserError(self._table_message(error)) from error
        self._compare()

    def _table_message(self, error):
        messages = {
            "empty": self.env._("The file is empty. Choose the saved workbook."),
            "old_excel": self.env._(
                "This is an old Excel file (.xls), or one with a password. Save it as "
                ".xlsx without a password and upload it again."
            ),
            "not_xlsx": self.env._(
                "This is not a readable Excel file. Export the plan, change the "
                "amounts in that workbook, save it as .xlsx and upload it."
            ),
            "too_large": self.env._(
                "The file holds more than %(limit)s MB. Export the plan again and "
                "change only the amounts."
            ),
            "too_long": self.env._(
                "The file has more rows or columns than a plan. Export the plan again "
                "and change only the amounts."
            ),
        }
        return messages[error.code] % error.params

    def digest(self):
        """A short text that is the same for the same changes."""
        told = sorted(
            (change.target.id, change.field, repr(change.before), repr(change.after))
            for change in self.changes
        )
        return hashlib.sha256(repr(told).encode()).hexdigest()

    def values(self):
        """What ``sales.target._set_amounts`` takes."""
        values = {}
        for change in self.changes:
            vals = values.setdefault(change.target, {})
            vals[change.field] = change.after or 0.0
            if change.field == "proposed_amount":
                vals["is_proposed"] = change.after is not None
        return values

    # === SHEETS === #

    def _compare(self):
        marked = {}
        for sheet in self.sheets:
            found = _find_mark(sheet)
            if found:
                marked.setdefault(found[2].partition(":")[0], []).append((sheet, found))
        exported = marked.pop(MARK_EXPORT.rstrip(":"), None)
        names = {MARK + name: name for name in SHEETS}
        papers = {names[mark]: marked[mark] for mark in marked if mark in names}
        if not exported or not papers:
            self._refuse(
                self.env._(
                    "This workbook was not made by “Download as Excel” of a plan, or "
                    "its hidden parts were lost. Export the plan again and change the "
                    "amounts there."
                )
            )
            return
        self.tree = TargetTree(self.plan, self._lang(exported[0][1][2]))
        self.step = float(self.plan._unit_step())
        self.exported = self._read_exported(*exported[0])
        for name, found in papers.items():
            if len(found) > 1:
                self._refuse(
                    self.env._(
                        "The sheet is there more than once. Delete the copy, or export "
                        "again."
                    ),
                    sheet=found[1][0].name,
                )
                continue
            SheetCheck(self, name, *found[0]).run()
        self._note_sheets(papers)
        self._note_counts()

    def _lang(self, mark):
        """The language of the names in the workbook."""
        lang = mark.partition(":")[2]
        installed = [code for code, _name in self.env["res.lang"].get_installed()]
        return lang if lang in installed and lang != self.env.lang else None

    def _read_exported(self, sheet, found):
        """The amounts at export: ``{(field, key): {mark of the period: amount}}``."""
        head, place, _mark = found
        marks = {
            column: sheet.text(head, column)
            for column in range(place + 2, len(sheet.rows[head]) + 1)
        }
        return {
            (sheet.text(row, place), sheet.text(row, place + 1)): {
                mark: sheet.cell(row, column).value for column, mark in marks.items()
            }
            for row in sheet.rows
            if row > head + 1
        }

    def _refuse(self, reason, **where):
        self.problems.append(Problem(reason, **where))

    # === OUTCOME === #

    def levels(self):
        """What each level of the tree has together, before and after.

        :return: list of ``(field, kinds of owners, before, after)``
        """
        fields = {"amount", *(change.field for change in self.changes)}
        result = []
        for name in SHEETS if self.changes else ():
            if name not in fields:
                continue
            before, after = self._amounts(name)
            levels = {}
            for row in self.tree.rows:
                levels.setdefault(row.level, []).append(row)
            for _level, rows in sorted(levels.items()):
                kinds = ", ".join(dict.fromkeys(row.kind for row in rows))
                targets = [t for row in rows for t in row.targets.values()]
                sums = [sum(each[t] for t in targets) for each in (before, after)]
                result.append((name, kinds, *map(self.plan._rounded, sums)))
        return result

    def mismatches(self):
        """Where the owners below would not have what they should.

        :return: list of ``(row, period, missing before, missing after)``
        """
        before, after = self._amounts("amount")
        result = []
        for row in self.tree.rows:
            for period in self.tree.periods:
                is_missing = self.tree.missing(row, period[0], after)
                if is_missing:
                    was_missing = self.tree.missing(row, period[0], before)
                    result.append((row, period, was_missing, is_missing))
        return result

    def _amounts(self, name):
        """``{target: amount}`` before and after."""
        before = {t: self.tree.value(t, name) or 0.0 for t in self.tree.targets}
        changed = {c.target: c.after or 0.0 for c in self.changes if c.field == name}
        return before, before | changed

    # === NOTES === #

    def _note_sheets(self, papers):
        titles = self.plan._excel_titles()
        exported = {name for name, _key in self.exported}
        gone = [titles[name] for name in SHEETS if name in exported - papers.keys()]
        if gone:
            self.notes.append(
                self.env._(
                    "Sheets that are not in the file stay as they are: %s.",
                    ", ".join(gone),
                )
            )

    def _note_counts(self):
        if self.overtaken:
            self.notes.append(
                self.env._(
                    "Amounts that were changed in Odoo after the export and not in the "
                    "file stay as they are: %s.",
                    self.overtaken,
                )
            )
        if self.rounded:
            self.notes.append(
                self.env._(
                    "Amounts that are rounded to %(step)s: %(count)s.",
                    step=f"{self.step:g}",
                    count=self.rounded,
                )
            )


def _find_mark(sheet):
    """Where the hidden row of a sheet begins: (row, column, mark), or None."""
    for number in sorted(sheet.rows):
        if number > HEAD_ROWS:
            return None
        for column, cell in enumerate(sheet.rows[number], start=1):
            if cell.kind == TEXT and str(cell.value).startswith(MARK):
                return number, column, str(cell.value)
    return None
