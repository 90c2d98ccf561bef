"""How amounts of people are spread: quartiles and bars of even width.

Several sets of amounts are only comparable over the same bars, so :func:`bounds` gives
bars for all of them and :func:`counts` fills them. The width is a round number.

Examples
--------
>>> bounds([D(0), D(430)], [D(980)])
[Decimal('0'), Decimal('200'), Decimal('400'), Decimal('600'), Decimal('800'), \
Decimal('1000')]
>>> counts([D(0), D(200), D(999)], [D(0), D(200), D(400), D(600), D(800), D(1000)])
[1, 1, 0, 0, 1]
>>> quantiles([D(1), D(2), D(3), D(4), D(9)])
[Decimal('1'), Decimal('2'), Decimal('3'), Decimal('4'), Decimal('9')]
"""

from bisect import bisect_right
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

D = Decimal
ROUND_STEPS = (D(1), D(2), D("2.5"), D(5), D(10))
QUARTERS = 4


def bounds(*sets, most=6):
    """Bounds of bars that hold all amounts of some sets.

    :param int most: bars at most
    :return: list of ``Decimal``, one more than there are bars; empty without amounts

    >>> bounds([D(-5), D(5)], most=4)
    [Decimal('-5'), Decimal('0'), Decimal('5'), Decimal('10')]
    >>> bounds([D(0)])
    [Decimal('0'), Decimal('1')]
    """
    amounts = [amount for amounts in sets for amount in amounts]
    if not amounts:
        return []
    low, high = min(D(0), *amounts), max(D(0), *amounts)
    if low == high:
        return [D(0), D(1)]
    step = _step((high - low) / most)
    while _bars(low, high, step) > most:
        step = _step(step + step / 100)
    first = (low / step).to_integral_value(ROUND_FLOOR) * step
    return [
        _plain(first + step * number) for number in range(_bars(low, high, step) + 1)
    ]


def _step(width):
    """The next round number that is not below a width."""
    power = D(10) ** width.adjusted()
    return next(power * step for step in ROUND_STEPS if power * step >= width)


def _bars(low, high, step):
    """As many as hold both ends; an upper bound belongs to the next bar."""
    first = (low / step).to_integral_value(ROUND_FLOOR)
    last = (high / step).to_integral_value(ROUND_CEILING)
    return int(last - first) + (high / step == last)


def _plain(number):
    return D(0) if not number else number.quantize(D(1)) if number % 1 == 0 else number


def counts(amounts, bars):
    """How many amounts lie in each bar; a bound belongs to the bar it begins."""
    found = [0] * max(0, len(bars) - 1)
    for amount in amounts:
        found[min(bisect_right(bars, amount) - 1, len(found) - 1)] += 1
    return found


def quantiles(amounts):
    """Smallest, quarter, middle, three quarters, largest; empty without amounts."""
    amounts = sorted(amounts)
    if not amounts:
        return []
    last = len(amounts) - 1
    found = []
    for number in range(QUARTERS + 1):
        place = D(last) * number / QUARTERS
        below = int(place)
        above = min(below + 1, last)
        found.append(
            amounts[below] + (amounts[above] - amounts[below]) * (place - below)
        )
    return [_plain(number) for number in found]
