"""Targets that add up, at every level and in every period.

What
----
:func:`share_out` divides an amount by weights. :func:`share_columns` divides the
amounts of several periods among owners: every period adds up exactly, no cell is a
whole unit away from its exact share and so none is negative, and what rounding takes
from an owner in one period is made good in the next. :func:`share_table` does both, for
an amount, weights of owners and weights of periods. The same input always gives the
same table.

Source: every period is divided by the largest remainder (M. L. Balinski, H. P. Young,
"Fair Representation", 2nd ed. 2001), with the remainders carried along: R. Tijdeman,
"The chairman assignment problem", Discrete Mathematics 32 (1980).

:func:`ramp_weight` says how much of a full person somebody is in a period: by the days
employed, and by how long somebody new takes to become fully productive.

:func:`seasonality` turns what was sold in the same periods of the past into weights:
the mean share of each period in its year, so that a good year counts no more than a
bad one.

How to use
----------
Amounts are ``Decimal`` and multiples of ``unit``; weights are numbers, not negative,
and not all zero (then :class:`ValueError`).

Examples
--------
>>> from datetime import date
>>> from decimal import Decimal as D
>>> share_out(D(1000), [1, 1, 1], D(1))
[Decimal('334'), Decimal('333'), Decimal('333')]
>>> table = share_table(D(100), [1, 2], [1, 1, 1], D(1))
>>> [[int(cell) for cell in row] for row in table]
[[11, 11, 11], [23, 22, 22]]
>>> [sum(row) for row in table], [sum(column) for column in zip(*table)]
([Decimal('33'), Decimal('67')], [Decimal('34'), Decimal('33'), Decimal('33')])
>>> new = date(2024, 1, 1)
>>> ramp_weight(new, date(2024, 1, 31), joined=new, ramp=[25, 50])
0.25
>>> seasonality([[10, 30], [100, 100]])
[0.375, 0.625]
"""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import floor

from .plan_split import largest_remainder


def share_out(amount, weights, unit):
    """Divide an amount by weights.

    :param amount: a multiple of ``unit``
    :param list weights: see above
    :param unit: the smallest amount there is
    :return: one ``Decimal`` per weight; they add up to ``amount``
    :raise ValueError: for weights that say nothing
    """
    return largest_remainder(amount, weights, unit)


def share_table(amount, rows, columns, unit):
    """Divide an amount into a table.

    :param amount: a multiple of ``unit``, not negative
    :param list rows: weights of the owners
    :param list columns: weights of the periods
    :return: a list of amounts for each row; all of them add up to ``amount``
    :raise ValueError: for weights that say nothing
    """
    parts = largest_remainder(amount, columns, unit)
    return share_columns(parts, [[weight] * len(columns) for weight in rows], unit)


def share_columns(amounts, weights, unit):
    """Divide the amount of each period among owners whose weights may change.

    Where the weights of a period are all zero, those of the whole range count.

    :param list amounts: of the periods, multiples of ``unit``, not negative
    :param list weights: for each owner a list of one weight per period
    :return: a list of amounts for each owner; every period adds up exactly
    :raise ValueError: for weights that say nothing, or amounts below zero
    """
    weights = [[_exact(weight) for weight in row] for row in weights]
    whole = [sum(row) for row in weights]
    if any(weight < 0 for row in weights for weight in row) or not any(whole):
        raise ValueError("Weights are not negative, and not all zero.")
    ahead = [Fraction(0)] * len(weights)
    table = [[] for _row in weights]
    for place, amount in enumerate(amounts):
        units = _exact(amount) / _exact(unit)
        if units < 0 or units.denominator != 1:
            raise ValueError("Amounts are multiples of the unit, not negative.")
        column = [row[place] for row in weights]
        column = column if any(column) else whole
        total = sum(column)
        exact = [units * weight / total for weight in column]
        given = [floor(part) for part in exact]
        broken = [row for row, part in enumerate(exact) if part != given[row]]
        # Whoever is furthest behind what is due so far gets the next unit.
        broken.sort(key=lambda row: (given[row] - exact[row] + ahead[row], row))
        for row in broken[: int(units) - sum(given)]:
            given[row] += 1
        for row, part in enumerate(exact):
            ahead[row] += given[row] - part
            table[row].append(given[row] * Decimal(unit))
    return table


def _exact(number):
    return Fraction(Decimal(str(number)))


def over_assign(amount, percent, unit):
    """What is given to those below so that the amount is met although some miss theirs.

    :param percent: on top, 0–100 and above
    """
    exact = Decimal(amount) * (100 + Decimal(str(percent))) / 100
    return (exact / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit


def ramp_weight(first, after, joined=None, left=None, ramp=()):
    """How much of a full person somebody is in a period.

    :param date first: first day of the period
    :param date after: the day after its last
    :param date joined: first day of employment; None for long ago
    :param date left: last day of employment; None for still there
    :param ramp: percent of full productivity, 0–100, in the first, second … 30 days
    :return: 0 to 1
    """
    total = (after - first).days
    begin = max(first, joined) if joined else first
    end = min(after, left + timedelta(days=1)) if left else after
    weight, day = 0.0, begin
    while day < end:
        step = (day - joined).days // 30 if joined else len(ramp)
        if step >= len(ramp):
            return (weight + (end - day).days) / total
        until = min(end, joined + timedelta(days=30 * (step + 1)))
        weight += (until - day).days * ramp[step] / 100
        day = until
    return weight / total


def seasonality(years):
    """Weights of the periods of a year, from the past.

    :param list years: what each period of each year brought; negative counts as zero
    :return: a share for each period, adding up to 1; None where the past says nothing
    """
    shares = []
    for year in years:
        kept = [max(float(value), 0.0) for value in year]
        if sum(kept):
            shares.append([value / sum(kept) for value in kept])
    if not shares:
        return None
    return [sum(column) / len(shares) for column in zip(*shares, strict=True)]
