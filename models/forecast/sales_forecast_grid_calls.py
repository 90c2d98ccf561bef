from math import isfinite

from odoo import api, fields, models
from odoo.exceptions import UserError

from .grid_tree import CATEGORIES, NOBODY

# What a save tells of at once; the rest shows after these are put right.
PROBLEMS_SHOWN = 5
# Beyond this, cents are not exact any more in a browser.
LARGEST = 1e13
# Where the number that a change replaces stands.
FIELDS = {"call": "call", "adjustment": "adjusted"}


class SalesForecastGrid(models.AbstractModel):
    """What people call, and what those above make of it, read and typed in the grid."""

    _inherit = "sales.forecast.grid"

    @api.model
    def _fill_calls(self, frame, tree):
        """Put the numbers that were called into their cells, and say who may call."""
        calls = self.env["sales.forecast.call"]
        rows = {
            row.owner: row for row in tree.walk() if row.is_home and row.id != NOBODY
        }
        places = {period: number for number, period in enumerate(frame.periods)}
        found = calls._numbers(frame.company, list(rows), frame.periods)
        for (kind, id_, first, after, category), number in found.items():
            if any(number[name] is not None for name in ("call", "adjusted", "below")):
                cell = rows[kind, id_].cells[places[first, after]]
                cell["calls"][category] = _plain(number)
        for row in tree.walk():
            row.flags.update(self._call_rights(tree.owners, row, rows))

    @api.model
    def _call_rights(self, owners, row, rows):
        """Whether it is one's own row, and whether its numbers are one's to give.

        :param owners: ``engine.owner_tree.OwnerTree``
        """
        calls = self.env["sales.forecast.call"]
        uid = self.env.uid
        kind, id_ = row.owner
        leads = kind == "team" and owners.leader.get(id_) == uid
        is_called = rows.get(row.owner) is row
        return {
            "is_mine": row.owner == ("user", uid) or leads,
            "may_call": is_called and not calls._call_problem(owners, row.owner),
            "may_adjust": is_called
            and not calls._adjustment_problem(owners, row.owner),
        }

    # === SAVING === #

    @api.model
    def save_calls(self, changes):
        """Save what was typed into the grid, all or nothing.

        :param list changes: dicts with ``owner`` (``[kind, id]``), ``date_from``,
            ``date_to`` (ISO), ``category``, ``kind`` (``call`` or ``adjustment``),
            ``amount`` (None takes the number back), ``old`` (the number the change was
            made from), ``note`` and ``reason`` of what is taken back
        :raise UserError: naming each cell that somebody changed meanwhile, or that does
            not take what was typed
        """
        company = self.env.company
        rows = [self._checked_change(change) for change in changes]
        problems = self._conflicts(company, rows, changes)
        if problems:
            shown = problems[:PROBLEMS_SHOWN]
            if len(problems) > len(shown):
                rest = len(problems) - len(shown)
                shown.append(self.env._("… and %s more.", rest))
            raise UserError("\n".join(shown))
        self.env["sales.forecast.call"]._submit(company, rows)
        return True

    @api.model
    def _checked_change(self, change):
        """A row for ``_submit``; only of what the grid may send."""
        amount = change.get("amount")
        is_number = isinstance(amount, int | float) and not isinstance(amount, bool)
        if amount is not None and not (
            is_number and isfinite(amount) and 0 <= amount <= LARGEST
        ):
            raise UserError(
                self.env._("“%s” is no amount: type a number from zero on.", amount)
            )
        if change["kind"] not in FIELDS or change["category"] not in CATEGORIES:
            raise UserError(self.env._("This cell of the grid is only read."))
        kind, id_ = change["owner"]
        row = {
            "owner": (kind, int(id_)),
            "date_from": fields.Date.to_date(change["date_from"]),
            "date_to": fields.Date.to_date(change["date_to"]),
            "category": change["category"],
            "kind": change["kind"],
            "amount": amount,
            "note": str(change.get("note") or "").strip(),
            "reason": str(change.get("reason") or "").strip(),
        }
        return row

    @api.model
    def _conflicts(self, company, rows, changes):
        """A sentence for each number that is not the one the change was made from."""
        owners = list(dict.fromkeys(row["owner"] for row in rows))
        periods = list(dict.fromkeys((row["date_from"], row["date_to"]) for row in rows))
        calls = self.env["sales.forecast.call"]
        found = calls._numbers(company, owners, periods) if rows else {}
        compare = company.currency_id.compare_amounts
        problems = []
        for row, change in zip(rows, changes, strict=True):
            key = (*row["owner"], row["date_from"], row["date_to"], row["category"])
            now = found.get(key, {}).get(FIELDS[row["kind"]])
            old = change.get("old")
            if now is None and old is None:
                continue
            if now is None or old is None or compare(now, old):
                problems.append(self._conflict(company, row, old, now))
        return problems

    @api.model
    def _conflict(self, company, row, old, now):
        def text(amount):
            if amount is None:
                return self.env._("nothing")
            return company.currency_id.format(amount)

        kind, id_ = row["owner"]
        name = self.env["sales.target"]._names_of(f"{kind}_id", [id_]).get(id_, "")
        month = row["date_from"], row["date_to"]
        return self.env._(
            "%(owner)s, %(period)s, %(category)s: somebody changed it to %(now)s "
            "meanwhile; it was %(old)s. Look at it and save again.",
            owner=name,
            period=self._period_label("quarter", *month),
            category=self._measure_names()[row["category"]],
            now=text(now),
            old=text(old),
        )


def _plain(number):
    """A number as JSON can say it."""
    return {
        name: str(value) if hasattr(value, "isoformat") else value
        for name, value in number.items()
    }
