from odoo import models
from odoo.exceptions import UserError

from ..base.workbook import Formula, column_letter
from .excel_tree import (
    KEY_CHECK,
    MARK,
    MARK_EXPORT,
    MARK_KEY,
    MARK_TOTAL,
    TargetTree,
    parent_node,
)

# Columns before the periods: owner and kind.
BEFORE = 2
# Of owners, counted from 1: after title, subtitle, the hidden row and the headers.
FIRST_ROW = 5
OPEN = {"bg_color": "#FFFDE7", "locked": False}
SHUT = {"bg_color": "#EDEDED", "font_color": "#666666"}
QUIET = {"font_color": "#666666", "italic": True}


class SalesTargetPlan(models.Model):
    """A plan as a workbook that can be filled in and read again."""

    _inherit = "sales.target.plan"

    def action_excel_export(self):
        """Download the targets one may see; those one may set can be filled in.

        :raise UserError: for a plan without targets
        """
        self.ensure_one()
        sheets = self._excel_sheets()
        return self.env["sales.excel"]._download(self.display_name, sheets)

    def action_excel_import(self):
        """Open the dialog that reads a workbook."""
        self.ensure_one()
        return self.env["sales.target.excel"]._ask(self)

    def _excel_sheets(self):
        """What ``workbook.build_workbook`` takes.

        :raise UserError: for a plan without targets
        """
        tree = TargetTree(self)
        if not tree.rows:
            raise UserError(
                self.env._(
                    "“%s” has no targets that you may see. Press “Add Owners” first.",
                    self.display_name,
                )
            )
        titles = self._excel_titles()
        shown = tree.shown()
        return [
            *(_TargetSheet(tree, name, titles[name]).describe() for name in shown),
            self._excel_help(),
            self._excel_exported(tree, shown),
        ]

    def _excel_titles(self):
        """Names of the sheets by field."""
        return {
            "amount": self.env._("Targets"),
            "stretch_amount": self.env._("Stretch"),
            "proposed_amount": self.env._("Proposed"),
        }

    def _excel_help(self):
        lines = [
            self.env._(
                "Change the yellow cells only. Grey ones are not yours to set, and "
                "what stands below each owner shows at once whether it adds up."
            ),
            self.env._(
                "Leave names, periods and hidden columns as they are: by them each "
                "amount finds its place. Rows that you delete stay as they are in Odoo."
            ),
            self.env._(
                "Save as .xlsx, press “Import Excel” on the plan, look at what would "
                "change, and apply it. Until then nothing is written."
            ),
        ]
        label = self.env._("How to Use This Workbook")
        return {
            "title": self.env._("Help"),
            "columns": [{"label": label, "kind": "text", "width": 110}],
            "rows": [[line] for line in lines],
            "looks": lambda place, number: {"text_wrap": True, "valign": "top"},
            "protected": True,
            "filtered": False,
        }

    def _excel_exported(self, tree, shown):
        """The values at export, to tell later what was changed meanwhile, and where."""
        periods = [tree.mark(period) for period in tree.periods]
        columns = [{"label": text, "kind": "text"} for text in ("field", "key")]
        columns += [{"label": mark, "kind": "number", "zeros": 1} for mark in periods]
        return {
            "title": "sales_process",
            "columns": columns,
            "marks": [MARK_EXPORT + (self.env.lang or ""), MARK_KEY, *periods],
            "rows": [
                [
                    name,
                    tree.key(row.node),
                    *(
                        tree.value(row.targets.get(day), name)
                        for day, _ in tree.periods
                    ),
                ]
                for name in shown
                for row in tree.rows
            ],
            "protected": True,
            "filtered": False,
            "hidden": True,
        }


class _TargetSheet:
    """The amounts of one field: owners below each other, periods side by side."""

    def __init__(self, tree, name, title):
        self.tree = tree
        self.env = tree.env
        self.name = name
        self.title = title
        self.plan = tree.plan
        count = len(tree.periods)
        self.total = BEFORE + count
        self.key, self.above = self.total + 1, self.total + 2
        self.step = float(self.plan._unit_step())
        self.digits = max(-self.plan._unit_step().as_tuple().exponent, 0)
        self.amounts = {
            target: tree.value(target, name) or 0.0 for target in tree.targets
        }
        self.lines, self.looks = [], []
        for row in tree.rows:
            self._add_row(row)

    def describe(self):
        """A sheet for ``workbook.build_workbook``."""
        plan, periods = self.plan, self.tree.periods
        first, last = column_letter(BEFORE), column_letter(self.total - 1)
        amount = {"kind": "money", "digits": self.digits, "width": 14, "zeros": True}
        columns = [
            {"label": self.env._("Owner"), "kind": "text", "width": 34},
            {"label": self.env._("Kind"), "kind": "text", "width": 14},
            *({**amount, "label": self.tree.label(period)} for period in periods),
            {
                **amount,
                "label": self.env._("Total"),
                "width": 16,
                "formula": lambda row: f"=SUM({first}{row}:{last}{row})",
            },
            {"label": MARK_KEY, "kind": "text", "hidden": True},
            {"label": "above", "kind": "text", "hidden": True},
        ]
        unit = plan.currency_id.name if plan.unit == "money" else ""
        told = [plan.display_name, plan.metric_id.name, unit]
        marks = [self.tree.mark(period) for period in periods]
        return {
            "title": self.title,
            "subtitle": " · ".join(filter(None, told)),
            "columns": columns,
            "rows": self.lines,
            "marks": [MARK + self.name, "", *marks, MARK_TOTAL, MARK_KEY, ""],
            "looks": lambda place, number: self.looks[place].get(number, {}),
            "not_negative": (
                BEFORE,
                self.total - 1,
                self.env._("Type a number that is not below zero."),
            ),
            "protected": True,
        }

    def _add_row(self, row):
        tree, name = self.tree, self.name
        targets = [row.targets.get(first) for first, _after in tree.periods]
        values = [tree.value(target, name) for target in targets]
        key, above = tree.key(row.node), tree.key(parent_node(row.node))
        self.lines.append([row.name, row.kind, *values, _sum(values), key, above])
        strong = {} if row.level else {"bold": True}
        looks = {0: {**strong, "indent": min(row.level, 15)}, self.total: strong}
        for place, target in enumerate(targets, start=BEFORE):
            looks[place] = {**strong, **(OPEN if tree.is_open(target, name) else SHUT)}
        self.looks.append(looks)
        if row.below and row.is_complete:
            self._add_checks(row)

    def _add_checks(self, row):
        """What the owners below have together, and what is not given to any."""
        line = FIRST_ROW + len(self.lines) - 1
        given, missing = [], []
        for place, (first, _after) in enumerate(self.tree.periods, start=BEFORE):
            letter = column_letter(place)
            result = self.tree.missing(row, first, self.amounts)
            given.append(None)
            missing.append(None)
            if result is None:
                continue
            below = [c.targets[first] for c in row.below if first in c.targets]
            sum_below = sum(self.amounts[target] for target in below)
            given[-1] = Formula(self._given(letter, line), sum_below)
            missing[-1] = Formula(self._missing(letter, line), result)
        exact = "." + "0" * self.digits if self.digits else ""
        signal = f"[Red]#,##0{exact};[Red]-#,##0{exact};✓"
        self._add_check(row, self.env._("given below"), given)
        if self.name == "amount":
            self._add_check(row, self.env._("not given"), missing, num_format=signal)

    def _add_check(self, row, label, cells, **look):
        values = [cell.result for cell in cells if cell]
        self.lines.append([label, "", *cells, _sum(values), KEY_CHECK, ""])
        quiet = dict.fromkeys(range(1, self.total + 1), {**QUIET, **look})
        self.looks.append({**quiet, 0: {**QUIET, "indent": min(row.level + 2, 15)}})

    def _given(self, letter, line):
        """Formula: the sum of the owners whose row says that they are right below."""
        above, key = column_letter(self.above), column_letter(self.key)
        last = FIRST_ROW + self._count() - 1
        return (
            f"=SUMIF(${above}${FIRST_ROW}:${above}${last},${key}{line},"
            f"{letter}${FIRST_ROW}:{letter}${last})"
        )

    def _missing(self, letter, line):
        """Formula: what should be given below, less what is."""
        over = 1 + self.plan.over_percent / 100
        whole = f"ROUND({letter}{line}*{over:.12g}/{self.step:g},0)*{self.step:g}"
        return f"=ROUND({whole}-{letter}{line + 1},{self.digits + 2})"

    def _count(self):
        """Rows of the whole sheet, with those that are still to come."""
        checks = sum(1 for row in self.tree.rows if row.below and row.is_complete)
        return len(self.tree.rows) + checks * (2 if self.name == "amount" else 1)


def _sum(values):
    return sum(value or 0.0 for value in values)
