"""How late customers pay, how old what they owe is, and when it can be expected.

What
----
:func:`median_of_counts` is the median of values that occur several times each.
:func:`usual_delays` gives each customer the median of the days between the day a
payment was due and the day it was matched, where there are enough cases to speak of a
habit, and the median of the whole company where there are not. A median, because one
invoice that was disputed for a year says nothing about the next one, and every case
counts once whatever its amount: what is asked is how this customer behaves, not how the
money does. Between two middle values it is half-way, and the later day where that is no
whole one: money that is expected too early helps nobody.

Source: the median minimizes the expected absolute error of a forecast, R. Koenker,
"Quantile Regression", 2005, section 1.3.

:func:`days_sales_outstanding` is the count-back-free form that controllers use: open
receivables ÷ sales of the period × days of the period (both including taxes).

Source: A. Damodaran, "Investment Valuation", 3rd ed. 2012, chapter 10, working capital
ratios.

:func:`age_bucket` names the bucket of an ageing.

How to use
----------
Days are whole days, below zero for who pays early. Amounts are of one currency.

Examples
--------
>>> median_of_counts({0: 1, 10: 1, 400: 1})
10
>>> median_of_counts({5: 1, 8: 1})
7
>>> delays, common = usual_delays({"ann": {-2: 5}, "bob": {30: 1}}, minimum=5)
>>> common, delays["ann"]
(-2, Delay(days=-2, cases=5, own=True))
>>> delays["bob"]
Delay(days=-2, cases=1, own=False)
>>> days_sales_outstanding(open_amount=500, sales=1000, days=90)
45.0
>>> days_sales_outstanding(500, 0, 90) is None
True
>>> [age_bucket(days) for days in (-3, 0, 1, 30, 31, 60, 61, 90, 91)]
['current', 'current', '1', '1', '31', '31', '61', '61', '91']
"""

from collections import Counter
from typing import NamedTuple

# First day past due of each bucket; what is due today or later is current.
BUCKETS = (("1", 1, 30), ("31", 31, 60), ("61", 61, 90), ("91", 91, None))


class Delay(NamedTuple):
    """How late a customer usually pays.

    :ivar days: after the due date, below zero for early
    :ivar cases: how many payments are known
    :ivar own: by these payments; else those of the company
    """

    days: int
    cases: int
    own: bool


def median_of_counts(counts):
    """The median of whole numbers by how often each occurs.

    :param dict counts: how often, not negative, by value
    :return: half-way between two middle values, rounded up; None without any
    """
    total = sum(counts.values())
    if not total:
        return None
    low, high = _ranked(counts, (total + 1) // 2), _ranked(counts, total // 2 + 1)
    return -((low + high) // -2)


def _ranked(counts, rank):
    """The value at a place, counted from 1, in the sorted row of all of them."""
    for value in sorted(counts):
        rank -= counts[value]
        if rank <= 0:
            return value
    raise IndexError(rank)


def usual_delays(cases, minimum):
    """The usual delay of each customer, and of all of them.

    :param dict cases: ``{customer: {days late: how many payments}}``
    :param int minimum: payments a customer needs to be judged by
    :return: ``({customer: Delay}, days of the company)``; 0 days where nobody ever paid
    """
    total = Counter()
    for counts in cases.values():
        total.update(counts)
    common = median_of_counts(total) or 0
    delays = {}
    for customer, counts in cases.items():
        number = sum(counts.values())
        own = number >= max(minimum, 1)
        days = median_of_counts(counts) if own else common
        delays[customer] = Delay(days, number, own)
    return delays, common


def days_sales_outstanding(open_amount, sales, days):
    """How many days of sales are still to be collected.

    :param open_amount: receivables open at the end of the period
    :param sales: invoiced in the period, less credit notes
    :param int days: length of the period
    :return: days as float; None where nothing was sold, for then it says nothing
    """
    if sales <= 0:
        return None
    return float(open_amount) / float(sales) * days


def age_bucket(days):
    """Bucket of ``days`` past due: ``current``, ``1``, ``31``, ``61``, ``91``."""
    for name, first, last in BUCKETS:
        if days >= first and (last is None or days <= last):
            return name
    return "current"
