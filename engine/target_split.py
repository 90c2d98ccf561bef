"""Targets that add up, at every level and in every period.

What
----
:func:`share_out` divides an amount by weights. :func:`share_table` divides it into a
table of owners and periods: every row adds up to what the owner gets, every column
to what the period gets, exactly. Cells are differences of rounded cumulative sums,
as in controlled rounding: so no cell is more than two units away from its exact
share, whatever the size of the table, and the same input always gives the same
table.

Source: L. H. Cox, "A constructive procedure for unbiased controlled rounding", Journal
of the American Statistical Association 82 (1987); cumulative rounding is its simple
form for tables without zeros to keep.

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
[[11, 11, 11], [22, 23, 22]]
>>> [sum(row) for row in table], [sum(column) for column in zip(*table)]
([Decimal('33'), Decimal('67')], [Decimal('33'), Decimal('34'), Decimal('33')])
>>> new = date(2024, 1, 1)
>>> ramp_weight(new, date(2024, 1, 31), joined=new, ramp=[25, 50])
0.25
>>> seasonality([[10, 30], [100, 100]])
[0.375, 0.625]
"""

from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

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
    down, across = _cumulative(rows), _cumulative(columns)
    units = Decimal(amount) / Decimal(unit)
    reached = [
        [(units * above * left).quantize(Decimal(1), ROUND_HALF_UP) for left in across]
        for above in down
    ]
    return [
        [
            unit * (lower[i + 1] - lower[i] - upper[i + 1] + upper[i])
            for i in range(len(columns))
        ]
        for upper, lower in zip(reached, reached[1:], strict=False)
    ]


def _cumulative(weights):
    """Shares up to each place, from 0 to 1."""
    weights = [Decimal(str(weight)) for weight in weights]
    whole = sum(weights)
    if not whole or min(weights) < 0:
        raise ValueError("Weights are not negative, and not all zero.")
    shares, reached = [Decimal(0)], Decimal(0)
    for weight in weights:
        reached += weight
        shares.append(reached / whole)
    return shares


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
