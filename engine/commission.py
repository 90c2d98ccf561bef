"""What credit earns: brackets without gaps, added up over a period.

What
----
Brackets are entered by their lower bounds alone; the next bound ends a bracket and the
highest is open, so no amount lies between two brackets or above all of them. Below the
lowest bound nothing is earned. A negative sum (a refund of what an earlier period
brought) is taken back by the rate of the lowest bracket.

A rate applies to what lies in its bracket (``marginal``), so the commission has no
jumps, or to everything once the bracket is reached (``retroactive``). A bound belongs
to the bracket it begins. Accelerators are nothing but higher brackets.

:func:`earn` walks through the credits in their order: the first ones fill the lowest
bracket. So each document has its part of the commission, and one that is taken back
gives back what the last documents got. A fixed amount of a bracket is paid once when it
is reached, see :func:`fixed`.

How to use
----------
Amounts are ``Decimal``, rates percent. Bring the bounds into money first
(:func:`in_money`), round at the end (:func:`rounded`): what is in between is exact.

Examples
--------
>>> D = Decimal
>>> plan = [Bracket(D(0), D(5)), Bracket(D(1000), D(10))]
>>> total(D(1000), plan, "marginal"), total(D("1000.50"), plan, "marginal")
(Decimal('50'), Decimal('50.05'))
>>> total(D(1000), plan, "retroactive"), total(D(999), plan, "retroactive")
(Decimal('100'), Decimal('49.95'))
>>> [(piece.key, piece.base, piece.rate) for piece in earn(
...     [Credit("a", D(600)), Credit("b", D(600))], plan, "marginal")]
[('a', Decimal('600'), Decimal('5')), ('b', Decimal('400'), Decimal('5')), \
('b', Decimal('200'), Decimal('10'))]
>>> rounded([D("0.005")] * 3, D("0.01"))
[Decimal('0.01'), Decimal('0.01'), Decimal('0.00')]
"""

from bisect import bisect_right
from decimal import ROUND_FLOOR, Decimal
from typing import NamedTuple

from .plan_allocation import to_unit

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)
NO_BOUND = Decimal("Infinity")


class Bracket(NamedTuple):
    """From where on what is paid.

    :ivar lower: percent of the target or an amount; in money for :func:`earn`
    :ivar rate: percent of the credit
    :ivar amount: paid once when it is reached
    :ivar key: whatever the caller knows it by
    """

    lower: Decimal
    rate: Decimal
    amount: Decimal = ZERO
    key: object = None


class Credit(NamedTuple):
    """What something brought.

    :ivar key: whatever the caller knows it by
    :ivar base: the amount; negative for what is taken back
    :ivar factor: times the rate of the bracket
    :ivar own_rate: percent, instead of the rate of the bracket
    :ivar is_counted: whether it moves the sum on; only what has a rate of its own, or
        earns nothing, may not
    """

    key: object
    base: Decimal
    factor: Decimal = ONE
    own_rate: Decimal | None = None
    is_counted: bool = True


class Piece(NamedTuple):
    """What a credit earns in a bracket.

    :ivar key: of the credit
    :ivar bracket: its number; None below the lowest, or by a rate of its own
    :ivar base: what of the credit lies there
    :ivar rate: percent, with the factor
    :ivar amount: exact
    :ivar low: where the credit begins in the sum of the period
    :ivar high: where it ends
    """

    key: object
    bracket: int | None
    base: Decimal
    rate: Decimal
    amount: Decimal
    low: Decimal
    high: Decimal


def in_money(brackets, target=None, fraction=ONE, weight=ONE):
    """Brackets with bounds in money, the lowest first.

    :param target: what the bounds are percent of; None where they are amounts
    :param fraction: part of the period somebody is in it; a target is prorated already
    :param weight: the same with the person's share, for fixed amounts

    >>> in_money([Bracket(Decimal(80), ONE)], target=Decimal(500))[0].lower
    Decimal('400')
    >>> half = Decimal("0.5")
    >>> in_money([Bracket(Decimal(80), ONE, Decimal(9))], None, half, half)[0][::2]
    (Decimal('40.0'), Decimal('4.5'))
    """
    scale = fraction if target is None else target / HUNDRED
    return sorted(
        bracket._replace(lower=bracket.lower * scale, amount=bracket.amount * weight)
        for bracket in brackets
    )


def reached(position, brackets):
    """The number of the bracket a sum lies in; None below the lowest.

    :param list brackets: see :func:`in_money`
    """
    number = bisect_right([bracket.lower for bracket in brackets], position) - 1
    return number if number >= 0 else None


def rate_at(position, brackets):
    """The bracket and rate at a sum: ``(number or None, percent)``."""
    if not brackets:
        return None, ZERO
    number = 0 if position < 0 else reached(position, brackets)
    return number, ZERO if number is None else brackets[number].rate


def earn(credits, brackets, mode):
    """What credits earn, piece by piece; the sum begins at zero.

    :param credits: :class:`Credit` in the order in which they fill the brackets
    :param list brackets: see :func:`in_money`
    :param str mode: ``marginal`` or ``retroactive``
    :return: list of :class:`Piece`
    """
    credits = list(credits)
    final = sum((credit.base for credit in credits if credit.is_counted), ZERO)
    number, rate = rate_at(final, brackets)
    segments = _segments(brackets)
    pieces, position = [], ZERO
    for credit in credits:
        after = position + credit.base if credit.is_counted else position
        if credit.own_rate is not None:
            parts = [(None, credit.base, credit.own_rate)]
        elif mode == "retroactive" or not credit.is_counted:
            parts = [(number, credit.base, rate * credit.factor)]
        else:
            parts = [
                (index, base, percent * credit.factor)
                for index, base, percent in _cut(position, after, segments)
            ]
        pieces += [
            Piece(
                credit.key,
                index,
                base,
                percent,
                base * percent / HUNDRED,
                position,
                after,
            )
            for index, base, percent in parts
        ]
        position = after
    return pieces


def _segments(brackets):
    """``(number, rate, low, high)`` of the whole line of numbers, without gaps."""
    if not brackets:
        return [(None, ZERO, -NO_BOUND, NO_BOUND)]
    segments = [(0, brackets[0].rate, -NO_BOUND, ZERO)]
    if brackets[0].lower > 0:
        segments.append((None, ZERO, ZERO, brackets[0].lower))
    ends = [bracket.lower for bracket in brackets[1:]] + [NO_BOUND]
    for index, (bracket, end) in enumerate(zip(brackets, ends, strict=True)):
        segments.append((index, bracket.rate, bracket.lower, end))
    return segments


def _cut(start, end, segments):
    """The way from one sum to another, in pieces: ``(number, base, rate)``."""
    low, high = min(start, end), max(start, end)
    parts = [
        (index, min(high, above) - max(low, below), rate)
        for index, rate, below, above in segments
        if min(high, above) > max(low, below)
    ]
    if end < start:
        parts = [(index, -base, rate) for index, base, rate in reversed(parts)]
    return parts or [(None, ZERO, ZERO)]


def fixed(position, brackets, mode):
    """Fixed amounts a sum has reached: ``[(number of the bracket, amount)]``.

    Marginal: those of all brackets reached, one on top of the other. Retroactive: that
    of the highest one. A bracket that begins at zero is reached by anything above it.

    >>> plan = [Bracket(ZERO, ONE, Decimal(10)), Bracket(Decimal(50), ONE, Decimal(30))]
    >>> fixed(Decimal(50), plan, "marginal"), fixed(Decimal(50), plan, "retroactive")
    ([(0, Decimal('10')), (1, Decimal('30'))], [(1, Decimal('30'))])
    >>> fixed(ZERO, plan, "marginal")
    []
    """
    there = [
        (index, bracket.amount)
        for index, bracket in enumerate(brackets)
        if position > 0 and position >= bracket.lower
    ]
    if mode == "retroactive":
        there = there[-1:]
    return [(index, amount) for index, amount in there if amount]


def total(position, brackets, mode):
    """The commission of a sum, exact: that of a single credit, with fixed amounts."""
    pieces = earn([Credit(None, position)], brackets, mode)
    amounts = [piece.amount for piece in pieces]
    amounts += [amount for _index, amount in fixed(position, brackets, mode)]
    return sum(amounts, ZERO)


def rounded(amounts, unit):
    """Exact amounts, each rounded so that they add up to the rounded sum.

    The method of the largest remainder: each is rounded down, and the units that are
    left go to those that lost most, the first ones among equals.
    """
    units = [amount / unit for amount in amounts]
    floors = [number.to_integral_value(ROUND_FLOOR) for number in units]
    goal = to_unit(sum(amounts, ZERO), unit) / unit
    left = int(goal - sum(floors, ZERO))
    losses = [floor - number for floor, number in zip(floors, units, strict=True)]
    by_loss = sorted(range(len(units)), key=losses.__getitem__)
    for index in by_loss[:left]:
        floors[index] += 1
    return [number * unit for number in floors]


def capped(earned, payable, cap):
    """What a cap takes away of what is earned and of what is payable.

    >>> capped(Decimal(120), Decimal(30), Decimal(100))
    (Decimal('-20'), Decimal('0'))
    """
    return min(ZERO, cap - earned), min(ZERO, cap - payable)


def drawn(earned, draw, balance=None):
    """What a draw adds in a period, and what of it is still to be recovered.

    :param balance: advances not recovered yet; None where nothing is recovered
    :return: ``(amount, balance after)``

    >>> drawn(Decimal(300), Decimal(1000)), drawn(Decimal(1200), Decimal(1000))
    ((Decimal('700'), None), (Decimal('0'), None))
    >>> drawn(Decimal(300), Decimal(1000), ZERO)
    (Decimal('700'), Decimal('700'))
    >>> drawn(Decimal(1500), Decimal(1000), Decimal(700))
    (Decimal('-500'), Decimal('200'))
    """
    advance = max(ZERO, draw - earned)
    if balance is None:
        return advance, None
    back = min(balance, max(ZERO, earned - draw))
    return advance - back, balance + advance - back
