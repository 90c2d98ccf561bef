from dataclasses import dataclass

from odoo.exceptions import UserError

from ...engine.workbook_cells import EMPTY, ERROR, NUMBER, TEXT, UNCALCULATED
from ..base.workbook import column_letter
from .excel_tree import KEY_CHECK, MARK_KEY, MARK_TOTAL

# Whole cents are exact in a float up to here.
MOST = 10**13


@dataclass
class Change:
    """One amount that would be written; None: no proposal."""

    target: object
    field: str
    row: object
    period: tuple
    before: float | None
    after: float | None


class SheetCheck:
    """Compare the sheet of one field with the targets.

    :param check: the :class:`ExcelCheck` of the whole workbook, which collects what is
        found
    :param str name: of the field
    :param found: row, column and text of the hidden mark the sheet begins with
    """

    def __init__(self, check, name, sheet, found):
        self.check = check
        self.env = check.env
        self.tree = check.tree
        self.name = name
        self.sheet = sheet
        self.head, self.first, _mark = found
        self.width = max((len(cells) for cells in sheet.rows.values()), default=0)
        self.columns = {}
        self.is_state_told = False

    def run(self):
        self.key = self._find_key()
        if not self.key:
            return
        self._read_columns()
        seen = {}
        for number in sorted(self.sheet.rows):
            if number > self.head + 1:
                self._read_row(number, seen)
        self._note_rows(seen)

    def _refuse(self, reason, row=0, column=0, value=""):
        self.check._refuse(
            reason,
            sheet=self.sheet.name,
            row=row,
            column=self._column_name(column) if column else "",
            value=str(value)[:100],
        )

    def _column_name(self, column):
        label = self.sheet.text(self.head + 1, column)
        letter = column_letter(column - 1)
        return f"{letter} ({label})" if label else letter

    # === COLUMNS === #

    def _find_key(self):
        for column in range(self.first + 1, self.width + 1):
            if self.sheet.text(self.head, column) == MARK_KEY:
                return column
        self._refuse(
            self.env._(
                "The hidden column with the keys of the owners is missing. Export the "
                "plan again."
            )
        )
        return None

    def _read_columns(self):
        """Which period each column is, by the hidden row; its header has to agree."""
        known = {self.tree.mark(period): period for period in self.tree.periods}
        for column in range(self.first + 2, self.width + 1):
            mark = self.sheet.text(self.head, column)
            label = self.sheet.text(self.head + 1, column)
            if column >= self.key or mark == MARK_TOTAL or not (mark or label):
                continue
            if mark not in known:
                self._refuse(self._period_unknown(mark), self.head + 1, column, label)
            elif known[mark] in self.columns.values():
                self._refuse(
                    self.env._("The period is there twice. Delete one of the columns."),
                    *(self.head + 1, column, label),
                )
            elif label != self.tree.label(known[mark]):
                self._refuse(
                    self.env._(
                        "The header was changed: the amounts below belong to "
                        "“%(period)s”. Put it back, or export the plan again.",
                        period=self.tree.label(known[mark]),
                    ),
                    *(self.head + 1, column, label),
                )
            else:
                self.columns[column] = known[mark]
        gone = len(known) - len(set(self.columns.values()))
        if gone and not self.check.problems:
            self.check.notes.append(
                self.env._(
                    "%(sheet)s: periods that are not in the file stay as they are: "
                    "%(count)s.",
                    sheet=self.sheet.name,
                    count=gone,
                )
            )

    def _period_unknown(self, mark):
        if not mark:
            return self.env._(
                "This column was added and is no period of the plan. Delete it; what "
                "stands to the right of all the others does no harm."
            )
        return self.env._(
            "%(days)s is no period of the plan; its periods are: %(periods)s",
            days=mark.replace("/", " – "),
            periods=self.check.plan._describe_periods(),
        )

    # === ROWS === #

    def _read_row(self, number, seen):
        key = self.sheet.text(number, self.key)
        name = self.sheet.text(number, self.first)
        if key == KEY_CHECK:
            return
        if not key:
            self._check_unkeyed(number, name)
            return
        row = self._find_row(key)
        if not row or (self.name, key) not in self.check.exported:
            self._refuse(self._key_unknown(key), number, self.key, key)
        elif key in seen:
            self._refuse(
                self.env._(
                    "%(owner)s is in row %(other)s already. Delete one of the rows.",
                    owner=row.name,
                    other=seen[key],
                ),
                *(number, self.first, name),
            )
        elif name != row.name:
            self._refuse(self._renamed(row, name), number, self.first, name)
            seen[key] = number
        else:
            seen[key] = number
            for column, period in self.columns.items():
                self._read_cell(number, column, row, period)

    def _find_row(self, key):
        start, _sign, node = key.partition(":")
        return self.tree.by_node.get(node) if f"{start}:" == self.tree.key() else None

    def _check_unkeyed(self, number, name):
        """A row somebody added: empty lines do no harm, owners and amounts would."""
        cells = [self.sheet.cell(number, column) for column in self.columns]
        if not name and all(cell.kind == EMPTY for cell in cells):
            return
        known = any(row.name == name for row in self.tree.rows)
        reason = (
            self.env._(
                "The row has no key, so it is not sure which “%s” it is. Change the "
                "amounts in the row that was exported.",
                name,
            )
            if known
            else self.env._(
                "“%s” is not in this plan. Add the owner to the plan first, then "
                "export again.",
                name,
            )
        )
        self._refuse(reason, number, self.first, name)

    def _key_unknown(self, key):
        start, _sign, _node = key.partition(":")
        plan_id, _dot, version = start.partition(".")
        version = version.partition(".")[0]
        plan = self.check.plan
        if f"{start}:" == self.tree.key():
            return self.env._(
                "The owner of this row is not in the plan any more, or not yours to "
                "see. Export the plan again."
            )
        if plan_id == str(plan.predecessor_id.id):
            return self.env._(
                "The row is of version %s of this plan, which was replaced. Export "
                "this version and change the amounts there.",
                version,
            )
        if plan_id.isdigit() and version.isdigit():
            return self.env._(
                "The row is of another plan. Open that one, or export this one."
            )
        return self.env._("The key of the row was changed. Export the plan again.")

    def _renamed(self, row, name):
        others = {other.name for other in self.tree.rows if other is not row}
        if name in others:
            return self.env._(
                "The key of this row belongs to “%(owner)s”, its name to somebody "
                "else: rows were mixed up. Export the plan again.",
                owner=row.name,
            )
        return self.env._(
            "The row belongs to “%(owner)s”, as the owner is called in Odoo now. Type "
            "that name; to give targets to somebody else, add the person to the plan.",
            owner=row.name,
        )

    def _note_rows(self, seen):
        there = {key for name, key in self.check.exported if name == self.name}
        gone = [
            row.name
            for row in self.tree.rows
            if self.tree.key(row.node) in there - seen.keys()
        ]
        if gone and not self.check.problems:
            self.check.notes.append(
                self.env._(
                    "%(sheet)s: rows that were deleted stay as they are: %(owners)s.",
                    sheet=self.sheet.name,
                    owners=", ".join(gone[:10]) + (" …" if len(gone) > 10 else ""),
                )
            )

    # === CELLS === #

    def _read_cell(self, number, column, row, period):
        cell = self.sheet.cell(number, column)
        target = row.targets.get(period[0])
        reason = self._unreadable(cell, target)
        if reason:
            self._refuse(reason, number, column, cell.value)
            return
        if not target:
            return
        after = self._amount(cell)
        before = self.tree.value(target, self.name)
        key = self.tree.key(row.node)
        mark = self.tree.mark(period)
        exported = self.check.exported[self.name, key].get(mark)
        if exported is None and self.name != "proposed_amount":
            exported = 0.0  # as an empty cell is read
        if self._same(after, before):
            return
        if self._same(after, exported):
            self.check.overtaken += 1
            return
        if not self._check_state(target):
            return
        reason = self._forbidden(target, before, exported)
        if reason:
            self._refuse(reason, number, column, cell.value)
            return
        exact = cell.kind == EMPTY or abs(cell.value - after) < self.check.step / 10**6
        self.check.rounded += not exact
        self.check.changes.append(Change(target, self.name, row, period, before, after))

    def _unreadable(self, cell, target):
        """Why a cell is no amount; "" if it is one."""
        if cell.kind == UNCALCULATED:
            return self.env._(
                "The formula has no result yet. Open the file in your spreadsheet "
                "program, save it there and upload it again."
            )
        if cell.kind == ERROR:
            return self.env._("The formula of this cell is broken. Type the amount.")
        if cell.kind == TEXT:
            return self.env._(
                "This is text, not a number. Type the amount as a number."
            )
        if cell.kind not in (NUMBER, EMPTY):
            return self.env._("This is not a number. Type the amount as a number.")
        if cell.kind == EMPTY:
            return ""
        if not cell.value < MOST:
            return self.env._("This is more than can be a target. Type the amount.")
        if cell.value < 0:
            return self.env._("Targets and proposals are not below zero.")
        if not target and cell.value:
            return self.env._("The owner has no target in this period. Clear the cell.")
        return ""

    def _amount(self, cell):
        if cell.kind == EMPTY:
            return None if self.name == "proposed_amount" else 0.0
        return self.check.plan._rounded(cell.value)

    def _same(self, one, other):
        if one is None or other is None:
            return one is other
        return abs(one - other) < self.check.step / 2

    def _check_state(self, target):
        """Whether the plan takes amounts; what it says otherwise is told once."""
        plan = self.check.plan
        is_proposal = self.name == "proposed_amount"
        check = target._check_may_propose if is_proposal else plan._check_editable
        try:
            check()
        except UserError as error:
            if not self.is_state_told:
                self._refuse(str(error))
            self.is_state_told = True
        return not self.is_state_told

    def _forbidden(self, target, before, exported):
        """Why a changed amount cannot be written; "" if it can."""
        if target.id in self.tree.own and self.name != "proposed_amount":
            return self.env._(
                "This is your own target. Whoever is above you sets it; propose an "
                "amount instead."
            )
        if not self.tree.is_open(target, self.name):
            return self.env._("You may see this amount, not set it.")
        if not self._same(before, exported):
            return self.env._(
                "It was changed in Odoo after the export, to %(now)s. Decide which one "
                "is right, and export again.",
                now="–" if before is None else f"{before:,.12g}",
            )
        return ""
