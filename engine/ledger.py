"""What a ledger has to be told so that it says what the documents say.

What
----
A ledger that nobody may change can only be added to. For every part of a document (a
line of an order, a matched payment) it is known what the part is worth now
(:class:`Worth`) and what the ledger holds of it (:class:`Row`). :func:`settle` gives
the rows to add:

1. A part the ledger does not know is credited on its own day to those who earn it, by
   their shares, exact to the unit.
2. A part that is worth nothing any more is taken back from those who hold it.
3. A part that is worth more or less is changed by the difference, divided between those
   who hold it by what they hold: who owns the document today does not matter, for what
   was earned stays with whoever earned it.
4. What was taken back and is worth something again is credited to those who earn it
   now.

Only the first rows of a part carry the day of the document. Whatever comes later is
dated when it happened, and never before the last row of its part: so the sum of the
rows up to any day is what the documents said on that day.

Telling the same thing twice adds nothing (idempotence), and after adding the rows the
ledger says what the documents say (convergence).

Overlay credit goes to people who helped and is not part of the sum: it follows the
worth of the part by its own percent.

How to use
----------
Amounts are ``Decimal``; percents are 0–100, those of the holders add up to 100. A
holder is anything hashable.

Examples
--------
>>> from datetime import date
>>> from decimal import Decimal as D
>>> day, later = date(2024, 1, 5), date(2024, 3, 1)
>>> worth = Worth(D("100.00"), day, D("0.01"), {"ann": D(60), "bob": D(40)})
>>> rows = settle(worth, [], today=later)
>>> [(row.holder, row.amount, row.date == day) for row in rows]
[('ann', Decimal('60.00'), True), ('bob', Decimal('40.00'), True)]
>>> held = [Row(number, *row[:4]) for number, row in enumerate(rows, 1)]
>>> settle(worth, held, today=later)
[]
>>> less = worth._replace(amount=D("90.00"), holders={"eve": D(100)})
>>> [(row.holder, row.amount, row.reverses) for row in settle(less, held, today=later)]
[('ann', Decimal('-6.00'), 1), ('bob', Decimal('-4.00'), 2)]
>>> [(row.holder, row.amount) for row in settle(None, held, today=later)]
[('ann', Decimal('-60.00')), ('bob', Decimal('-40.00'))]
"""

from datetime import date as Date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from .plan_allocation import divide

ZERO = Decimal(0)


class Worth(NamedTuple):
    """What a part of a document is worth now.

    :ivar amount: in the unit the ledger counts in
    :ivar date: the day of the document
    :ivar unit: the smallest amount there is
    :ivar holders: percent by who earns it, together 100
    :ivar overlay: percent by who helped, not part of the sum
    """

    amount: Decimal
    date: Date
    unit: Decimal
    holders: dict
    overlay: dict = {}


class Row(NamedTuple):
    """What the ledger holds already."""

    id: object
    holder: object
    amount: Decimal
    date: Date
    is_overlay: bool


class New(NamedTuple):
    """What is to be added. ``reverses`` is the id of the row it takes back, or None;
    ``share`` the percent of the part it stands for."""

    holder: object
    amount: Decimal
    date: Date
    is_overlay: bool
    share: Decimal
    reverses: object = None


def settle(worth, rows, today):
    """The rows to add for one part.

    :param Worth worth: what it is worth; None for nothing
    :param list rows: :class:`Row` of the part, the oldest first
    :param today: the day on which a later change happened
    :return: list of :class:`New`
    """
    target = worth.amount if worth else ZERO
    if not rows:
        return _credit(worth, worth.date) if target else []
    held, overlay, origin = _holdings(rows)
    total = sum(held.values(), ZERO)
    day = max([today, *(row.date for row in rows)])
    if total == target:
        return []
    if not target:
        return [
            New(
                holder, -amount, day, is_overlay, Decimal(0), origin[holder, is_overlay]
            )
            for is_overlay, kept in ((False, held), (True, overlay))
            for holder, amount in kept.items()
            if amount
        ]
    if not total:
        return _credit(worth, day)
    return [
        *_change(held, total, target, worth.unit, day, False, origin),
        *_change_overlay(overlay, total, target, worth.unit, day, origin),
    ]


def _holdings(rows):
    """What each holder has, and the first row that gave it, by holder and kind."""
    held, overlay, origin = {}, {}, {}
    for row in rows:
        kept = overlay if row.is_overlay else held
        kept[row.holder] = kept.get(row.holder, ZERO) + row.amount
        if row.amount and kept[row.holder] == row.amount:
            origin[row.holder, row.is_overlay] = row.id  # begins anew
        origin.setdefault((row.holder, row.is_overlay), row.id)
    return held, overlay, origin


def _credit(worth, day):
    """Rows for those who earn a part now."""
    percents = list(worth.holders.values())
    amounts = [worth.amount]
    if len(percents) > 1:
        amounts = divide(worth.amount, percents, worth.unit)
    rows = [
        New(holder, amount, day, False, percent)
        for (holder, percent), amount in zip(
            worth.holders.items(), amounts, strict=True
        )
        if amount
    ]
    for holder, percent in worth.overlay.items():
        amount = _to_unit(worth.amount * percent / 100, worth.unit)
        if amount:
            rows.append(New(holder, amount, day, True, percent))
    return rows


def _change(held, total, target, unit, day, is_overlay, origin):
    """Divide a difference between those who hold the part, by what they hold."""
    holders = [holder for holder, amount in held.items() if amount]
    weights = [held[holder] / total for holder in holders]
    amounts = divide(target - total, weights, unit)
    return [
        New(
            holder,
            amount,
            day,
            is_overlay,
            100 * weight,
            origin[holder, is_overlay] if abs(target) < abs(total) else None,
        )
        for holder, weight, amount in zip(holders, weights, amounts, strict=True)
        if amount
    ]


def _change_overlay(overlay, total, target, unit, day, origin):
    """Overlay credit keeps its proportion to the part."""
    rows = []
    for holder, amount in overlay.items():
        wanted = _to_unit(amount * target / total, unit)
        if wanted != amount:
            lower = abs(target) < abs(total)
            reverses = origin[holder, True] if lower else None
            rows.append(New(holder, wanted - amount, day, True, Decimal(0), reverses))
    return rows


def _to_unit(amount, unit):
    return (amount / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit
