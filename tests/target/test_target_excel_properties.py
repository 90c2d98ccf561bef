from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import tagged

from ...models.target.excel_check import ExcelCheck
from ..properties import properties
from .target_excel_common import KIND, TargetExcelCommon

OWNERS = ("top", "north", "ann", "south", "bob")
PLACES = st.tuples(st.sampled_from(OWNERS), st.sampled_from((1, 2)))
CENTS = st.none() | st.integers(min_value=0, max_value=10**9)


@tagged("post_install", "-at_install")
class TestTargetExcelProperties(TargetExcelCommon):
    """Whatever is typed: exactly these cells change, and the screen's stay."""

    rule_tested_models = ()

    def _read(self, content):
        self.env.invalidate_all()
        return ExcelCheck(self.plan, content)

    def test_exactly_what_was_typed(self):
        content = self._export()

        @properties(examples=25)
        @given(
            typed=st.dictionaries(PLACES, CENTS, max_size=10),
            on_screen=st.dictionaries(PLACES, CENTS, max_size=3),
        )
        def check(typed, on_screen):
            before = self._amounts()
            book = self._open(content)
            sheet = book["Targets"]
            for (owner, month), cents in typed.items():
                cell = sheet.cell(self._row(sheet, owner), KIND + month)
                cell.value = None if cents is None else cents / 100
            for place, cents in on_screen.items():
                self.targets[place].amount = (cents or 0) / 100
            now = self._amounts()
            wanted = {place: (cents or 0) / 100 for place, cents in typed.items()}
            changed = {p: v for p, v in wanted.items() if v not in (now[p], before[p])}
            clash = {p for p in changed if now[p] != before[p]}
            found = self._read(self._save(book))
            self.assertEqual(len(found.problems), len(clash))
            self.assertEqual(
                {change.target: change.after for change in found.changes},
                {self.targets[p]: v for p, v in changed.items() if p not in clash},
            )
            if not clash:
                self.env["sales.target"]._set_amounts(found.values())
                self.assertEqual(self._amounts(), now | changed)
                self.assertFalse(self._read(self._save(book)).changes)
            for place, amount in before.items():
                self.targets[place].amount = amount

        check()
