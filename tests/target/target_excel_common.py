import base64
import io

import openpyxl

from ...models.base.workbook import build_workbook
from ..common import DIRECTOR, LEADER
from .target_common import TargetCommon

HEAD = 4  # the row of headers
NAME, KIND, JANUARY, FEBRUARY = 1, 2, 3, 4


class TargetExcelCommon(TargetCommon):
    """Targets of two months of the company, North with ann, and South with bob.

    ========  =======  ========
    owner     January  February
    ========  =======  ========
    company       100       200
    North          60       120
    ann            60       100
    South          40        80
    bob            40        80
    ========  =======  ========
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {"ann": cls.ann, "bob": cls.bob}
        for name, group in {
            "leader": LEADER,
            "director": DIRECTOR,
            "portal": "base.group_portal",
        }.items():
            cls.people[name] = cls._make_person(f"target_excel_{name}", group)
        cls.north.user_id = cls.people["leader"]
        cls.targets = {}
        for month, amounts in enumerate(
            ((100, 60, 60, 40, 40), (200, 120, 100, 80, 80)), 1
        ):
            cls._make_month(month, amounts)
        cls.env.flush_all()

    @classmethod
    def _make_month(cls, month, amounts):
        top = cls._target(month=month, amount=amounts[0])
        owners = {
            "north": ({"team_id": cls.north.id}, "top"),
            "ann": ({"user_id": cls.ann.id}, "north"),
            "south": ({"team_id": cls.south.id}, "top"),
            "bob": ({"user_id": cls.bob.id}, "south"),
        }
        cls.targets["top", month] = top
        for (name, (owner, above)), amount in zip(
            owners.items(), amounts[1:], strict=True
        ):
            parent = cls.targets[above, month]
            made = cls._target(owner, parent, month=month, amount=amount)
            cls.targets[name, month] = made

    def _name(self, owner):
        return self.targets[owner, 1].owner_name

    def _export(self, name="director", plan=None):
        """The bytes of the workbook that somebody downloads."""
        plan = (plan or self.plan).with_user(self.people[name])
        return build_workbook(plan.env, plan._excel_sheets())

    def _open(self, content, **options):
        return openpyxl.load_workbook(io.BytesIO(content), **options)

    def _save(self, book):
        content = io.BytesIO()
        book.save(content)
        return content.getvalue()

    def _row(self, sheet, owner):
        """The number of the row of an owner."""
        names = {}
        for number in range(HEAD + 1, sheet.max_row + 1):
            names.setdefault(sheet.cell(number, NAME).value, number)
        return names[self._name(owner)]

    def _edited(self, *cells, name="director", sheet="Targets"):
        """A downloaded workbook in which somebody typed.

        :param cells: ``(owner, month, value)``
        """
        book = self._open(self._export(name))
        paper = book[sheet]
        for owner, month, value in cells:
            paper.cell(self._row(paper, owner), KIND + month).value = value
        return self._save(book)

    def _wizard(self, content, name="director", plan=None):
        """The dialog after the file was chosen and checked."""
        plan = (plan or self.plan).with_user(self.people[name])
        action = plan.action_excel_import()
        excel = self.env["sales.target.excel"].with_user(self.people[name])
        excel = excel.browse(action["res_id"])
        excel.write({"file": base64.b64encode(content), "file_name": "a.xlsx"})
        excel.action_check()
        return excel

    def _found(self, excel):
        """The changes as ``{(owner, period, field): (before, after)}``."""
        return {
            (line.owner_name, line.period, line.field): (line.before, line.after)
            for line in excel.change_ids
        }

    def _amounts(self):
        self.env.invalidate_all()
        return {place: target.amount for place, target in self.targets.items()}
