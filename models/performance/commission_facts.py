"""What commission is worked out from, read for everybody at once: plain data."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ...engine.plan_split import decimal


def as_decimal(value):
    """A stored number as a ``Decimal``; nothing is zero."""
    return decimal(value or 0)


@dataclass
class Rules:
    """A plan as it is reckoned with, read once.

    :ivar id: of the plan
    :ivar str metric: its code
    :ivar brackets: ``engine.commission.Bracket``, keys are ids
    :ivar rates: see ``Rates``
    :ivar bonuses: dicts with ``id, trigger, goal, date, owner, amount, is_once``
    :ivar threshold: percent of the target; 0 for none
    :ivar cap: 0 for none
    :ivar draw: 0 for none
    :ivar unit: smallest amount of the currency
    """

    id: int
    metric: str
    basis: str
    mode: str
    payable: str
    brackets: list
    rates: object
    bonuses: list
    threshold: Decimal
    cap: Decimal
    draw: Decimal
    is_recoverable: bool
    clawback_days: int
    unit: Decimal


class Rates:
    """Rates by product and category of a plan.

    :param list rows: dicts with ``id, category, product, kind, factor, rate,
        is_counted``
    :param dict above: ids of a category and all above it, the nearest first
    """

    def __init__(self, rows, above):
        self._products = {row["product"]: row for row in rows if row["product"]}
        self._categories = {row["category"]: row for row in rows if row["category"]}
        self._above = above
        self._known = {}

    def __bool__(self):
        return bool(self._products or self._categories)

    def of(self, category, product):
        """The row that holds for something; None where there is none."""
        key = category, product
        if key not in self._known:
            places = self._above.get(category, ())
            found = self._products.get(product) or next(
                (self._categories[id_] for id_ in places if id_ in self._categories),
                None,
            )
            self._known[key] = found
        return self._known[key]


@dataclass
class Window:
    """Days in which somebody's credit counts, with the share of the commission."""

    first: date
    after: date
    share: Decimal

    @property
    def days(self):
        return (self.after - self.first).days


@dataclass
class Part:
    """What somebody is paid for in a period: the own credit, or that of a team.

    :ivar str role: ``own`` or ``override``
    :ivar team: id of the team; None for the own credit
    :ivar windows: list of :class:`Window` that do not overlap
    :ivar rows: ``(window, model, id, day, category, product, amount)`` in order
    :ivar target: for the days of the windows; None without
    """

    role: str
    team: int | None
    windows: list
    rows: list = field(default_factory=list)
    target: Decimal | None = None


@dataclass
class Job:
    """One result to work out.

    :ivar owner: ``("user", id)`` or ``("partner", id)``
    :ivar parts: list of :class:`Part`
    :ivar is_wanted: whether it was asked for, or only what came before matters
    """

    rules: Rules
    owner: tuple
    first: date
    after: date
    parts: list
    is_wanted: bool = True

    @property
    def days(self):
        return (self.after - self.first).days


class Stay(NamedTuple):
    """From when to when somebody is paid by a plan.

    :ivar owner: ``("user", id)`` or ``("partner", id)``
    :ivar str role: ``own`` or ``override``
    :ivar team: id of the team; None for the own credit
    :ivar first: first day
    :ivar after: day after the last
    :ivar share: percent of the commission
    """

    owner: tuple
    role: str
    team: int | None
    first: date
    after: date
    share: Decimal


def parts_of(stays, first, after):
    """What somebody is paid for in a period: list of :class:`Part`.

    :param stays: of one owner, in the order of time
    """
    parts = {}
    for stay in stays:
        window = Window(max(stay.first, first), min(stay.after, after), stay.share)
        if window.first < window.after:
            key = (stay.role != "own", stay.team or 0)
            part = parts.setdefault(key, Part(stay.role, stay.team, []))
            part.windows.append(window)
    return [part for _key, part in sorted(parts.items(), key=lambda item: item[0])]
