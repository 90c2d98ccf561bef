"""Targets as the rows and columns of a sheet: owners in their tree, periods beside.

Export and import read the same rows, so what is compared is what was written.
"""

import hashlib
from dataclasses import dataclass, field

from .sales_target import COMPANY_LETTER, OWNER_LETTERS

# Fields that are written to a workbook and read again, each in a sheet of its own.
SHEETS = ("amount", "stretch_amount", "proposed_amount")
# What the hidden row above the headers and the column of keys say.
MARK = "targets/"
MARK_EXPORT = "targets/export:"
MARK_KEY = "key"
MARK_TOTAL = "total"
KEY_CHECK = "check"


@dataclass
class Row:
    """One owner at one place in the tree, with its targets by their first day."""

    node: str
    name: str
    kind: str
    level: int = 0
    targets: dict = field(default_factory=dict)
    #: the owners right below that one may see
    below: list = field(default_factory=list)
    #: whether these are all of them, so that their sum says something
    is_complete: bool = True


class TargetTree:
    """The targets of a plan that the user may see.

    :param plan: a target plan, with the rights and the language of the user
    :param lang: of names and labels, such as ``fr_FR``; the user's unless told
    """

    def __init__(self, plan, lang=None):
        self.plan = plan if not lang else plan.with_context(lang=lang)
        self.env = self.plan.env
        self.periods = self.plan._periods()
        # All at once: what is read later comes by the thousand.
        names = ["plan_id", "company_id", "node", "date_from", "is_proposed"]
        names += [*OWNER_LETTERS, *SHEETS]
        targets = self.env["sales.target"]
        self.targets = targets.search_fetch([("plan_id", "=", plan.id)], names)
        self.writable = set(self.targets._filtered_access("write").ids)
        self.own = set(self.targets._own_ones().ids)
        self.rows = self._in_order(self._read_rows())
        self.by_node = {row.node: row for row in self.rows}

    # === OWNERS === #

    def _read_rows(self):
        """``{node: row}`` in no order."""
        kinds = self._kinds()
        shown = self.targets.sudo()  # names of the owners of targets that are shown
        for name in OWNER_LETTERS:
            shown.mapped(name).mapped("display_name")  # of all of them at once
        rows = {}
        for target in self.targets:
            row = rows.get(target.node)
            if row is None:
                owner = target.sudo()._owner()  # of a target that is shown
                letter = target._owner_key()[0]
                name = (owner.display_name or "").strip()
                rows[target.node] = row = Row(target.node, name, kinds[letter])
            row.targets[target.date_from] = target
        return rows

    def _kinds(self):
        """What an owner is, by its letter."""
        labels = self.targets.fields_get(list(OWNER_LETTERS), ["string"])
        kinds = {
            letter: labels[name]["string"] for name, letter in OWNER_LETTERS.items()
        }
        return {**kinds, COMPANY_LETTER: self.env._("Company")}

    def _in_order(self, rows):
        """From the top down, those below an owner by kind and name."""
        tops = []
        for node, row in rows.items():
            above = rows.get(parent_node(node))
            (above.below if above else tops).append(row)
        for node in self._all_nodes() - rows.keys():
            if parent_node(node) in rows:
                rows[parent_node(node)].is_complete = False
        result, waiting = [], sorted(tops, key=_place, reverse=True)
        while waiting:
            row = waiting.pop()
            result.append(row)
            row.below.sort(key=_place)
            for child in reversed(row.below):
                child.level = row.level + 1
                waiting.append(child)
        return result

    def _all_nodes(self):
        """Also those one may not see: whether there are more, not who they are."""
        targets = self.env["sales.target"].sudo()  # to tell whether sums are complete
        groups = targets._read_group([("plan_id", "=", self.plan.id)], ["node"])
        return {node for (node,) in groups}

    # === VALUES === #

    @staticmethod
    def value(target, name):
        """What a cell shows: an amount, or None for no proposal and no target."""
        if not target or (name == "proposed_amount" and not target.is_proposed):
            return None
        return target[name] or 0.0

    def is_open(self, target, name):
        """Whether the user may change an amount."""
        if not target or target.id not in self.writable:
            return False
        if name == "proposed_amount":
            return self.plan.state == "proposed"
        return self.plan.state in ("draft", "proposed") and target.id not in self.own

    def shown(self):
        """Fields that have amounts, or may get some."""
        return [
            name
            for name in SHEETS
            if name == "amount"
            or any(
                self.is_open(target, name) or self._has_some(target, name)
                for target in self.targets
            )
        ]

    @staticmethod
    def _has_some(target, name):
        return target.is_proposed if name == "proposed_amount" else target[name]

    def missing(self, row, first, amounts):
        """What is not given to the owners below, as ``mismatch`` of a target.

        :param dict amounts: ``{target: amount}``
        :return: None where nobody stands below, or not everybody is seen
        """
        target = row.targets.get(first)
        below = [child.targets[first] for child in row.below if first in child.targets]
        if not (target and below and row.is_complete):
            return None
        plan = self.plan
        whole = plan._rounded(amounts[target] * (1 + plan.over_percent / 100))
        return plan._rounded(whole - sum(amounts[child] for child in below))

    # === KEYS AND LABELS === #

    def key(self, node=""):
        """Of a row: which plan of which database, which version, which place."""
        plan = self.plan
        parameters = self.env["ir.config_parameter"].sudo()  # which database this is
        told = f"{parameters.get_param('database.uuid')}/{plan.id}/{plan.version}"
        seal = hashlib.sha256(told.encode()).hexdigest()[:8]
        return f"{plan.id}.{plan.version}.{seal}:{node}"

    @staticmethod
    def mark(period):
        """A period as the hidden row says it; the end is excluded."""
        first, after = period
        return f"{first}/{after}"

    def label(self, period):
        """A period as a person says it, in the language of the workbook."""
        return self.plan._period_label(*period)


def parent_node(node):
    """The place right above: ``c/t4`` for ``c/t4/u7``."""
    return node.rpartition("/")[0]


def _place(row):
    letters = (COMPANY_LETTER, *OWNER_LETTERS.values())
    letter = row.node.rpartition("/")[2][0]
    return (letters.index(letter), row.name.casefold(), row.node)
