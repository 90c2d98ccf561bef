"""What lies ahead of a sum: the next bracket, and whether more credit gets there.

What
----
Somebody has so much credit in a period, and something more may come. :func:`ahead` says
which bracket the sum lies in, how far the next one is, and where the sum would lie with
what may come. :func:`over_time` divides what is earned by when the customer pays.

What the credit earns is not worked out here: it is the difference of two commissions,
that of the period with it and that without (``engine.commission``). So what several
deals are worth, one after the other, always adds up to the commission of all of them.

Examples
--------
>>> from .commission import Bracket
>>> D = Decimal
>>> plan = [Bracket(D(0), D(5)), Bracket(D(1000), D(8)), Bracket(D(3000), D(10))]
>>> found = ahead(D(600), D(300), plan)
>>> found.rate, found.lower, found.next_rate, found.gap, found.gap_after
(Decimal('5'), Decimal('1000'), Decimal('8'), Decimal('400'), Decimal('100'))
>>> ahead(D(600), D(400), plan).is_reached, ahead(D(600), D(300), plan).is_reached
(True, False)
>>> ahead(D(3000), D(1), plan).lower is None
True
"""

from decimal import Decimal
from typing import NamedTuple

from .commission import ZERO, rate_at
from .plan_allocation import divide


class Ahead(NamedTuple):
    """Where a sum lies, and what comes next.

    :ivar rate: percent of the bracket it lies in
    :ivar lower: where the next bracket begins; None above the last bound
    :ivar next_rate: percent there
    :ivar next_amount: paid once when it is reached
    :ivar gap: what is missing up to there
    :ivar gap_after: the same with what may come; not above zero where it gets there
    :ivar is_reached: whether what may come gets there
    :ivar rate_after: percent of the bracket the sum lies in then
    """

    rate: Decimal
    lower: Decimal | None
    next_rate: Decimal
    next_amount: Decimal
    gap: Decimal
    gap_after: Decimal
    is_reached: bool
    rate_after: Decimal


def ahead(position, extra, brackets):
    """What lies ahead of a sum.

    :param position: credit of the period so far, as far as it counts for brackets
    :param extra: what may come
    :param list brackets: see ``engine.commission.in_money``
    :rtype: Ahead
    """
    rate = rate_at(position, brackets)[1]
    rate_after = rate_at(position + extra, brackets)[1]
    above = next((b for b in brackets if b.lower > position), None)
    if above is None:
        return Ahead(rate, None, ZERO, ZERO, ZERO, ZERO, False, rate_after)
    gap = above.lower - position
    return Ahead(
        rate,
        above.lower,
        above.rate,
        above.amount,
        gap,
        gap - extra,
        extra >= gap,
        rate_after,
    )


def over_time(amount, payments, unit):
    """An amount by the months in which it is paid, the first ones first.

    :param payments: ``(day, weight)``; weights of any sum, none below zero
    :param unit: smallest amount of the currency
    :return: list of ``(first day of the month, amount)``; they add up to the amount

    >>> from datetime import date
    >>> over_time(Decimal(100), [(date(2024, 3, 7), 1), (date(2024, 5, 9), 1),
    ...     (date(2024, 3, 31), 1)], Decimal("0.01"))
    [(datetime.date(2024, 3, 1), Decimal('66.67')), \
(datetime.date(2024, 5, 1), Decimal('33.33'))]
    """
    months = {}
    for day, weight in payments:
        first = day.replace(day=1)
        months[first] = months.get(first, ZERO) + weight
    if not any(months.values()):
        return []
    days = sorted(months)
    amounts = divide(amount, [months[day] for day in days], unit)
    return [(day, amount) for day, amount in zip(days, amounts, strict=True) if amount]
