"""Whether a target will be met: expected to date, pace, run rate, day it is reached.

What
----
A target is spread over its periods, and within a period over its working days: what is
expected to date is the whole of the periods that are over and, of the present one, the
share of its working days that have passed. Today counts as passed: at the end of a
working day its share is expected.

* pace = achieved ÷ expected to date, in percent
* required daily rate = what is missing ÷ working days left
* own daily rate = achieved ÷ working days passed
* the day it is reached: as many working days from today as the gap takes at the own
  rate
* coverage = open pipeline of the period ÷ what is missing, and what it should be is
  1 ÷ own win rate

Source of coverage: a pipeline worth P, won with the chance w, brings w · P; to bring
the gap G it has to be G ÷ w.

How to use
----------
Working days are numbers of days per period (or per day, where the calendar of a person
says how much of it is worked). Amounts are numbers of one currency.

Examples
--------
>>> periods = [Period(300.0, 20, 20), Period(300.0, 20, 5), Period(400.0, 20, 0)]
>>> expected_to_date(periods)
375.0
>>> percent(450, 375)
120.0
>>> daily_rate(1000 - 450, 15 + 20)
15.714285714285714
>>> days_to_reach(gap=550, achieved=450, passed=25)
31
>>> coverage(pipeline=1100, gap=550), needed_coverage(win_rate=0.25)
(2.0, 4.0)
"""

from math import ceil
from typing import NamedTuple


class Period(NamedTuple):
    """A period of a target.

    :ivar amount: its target
    :ivar days: its working days
    :ivar passed: how many of them are over, today included
    """

    amount: float
    days: float
    passed: float


def expected_to_date(periods):
    """What should have been achieved by the end of today.

    A period without a working day is expected on its first day: there is none to wait
    for.
    """
    return sum(
        period.amount * (period.passed / period.days if period.days else 1.0)
        for period in periods
        if period.passed or not period.days
    )


def percent(part, whole):
    """A share in percent; None of nothing."""
    return 100.0 * part / whole if whole else None


def daily_rate(gap, days_left):
    """What is needed each working day; None where no day is left."""
    if gap <= 0:
        return 0.0
    return gap / days_left if days_left > 0 else None


def days_to_reach(gap, achieved, passed):
    """Working days until the gap is closed at the own rate.

    :return: 0 when it is reached; None where nothing was achieved to go by
    """
    if gap <= 0:
        return 0
    if achieved <= 0 or passed <= 0:
        return None
    return ceil(gap * passed / achieved - 1e-9)


def coverage(pipeline, gap):
    """How many times the pipeline covers what is missing; None if nothing is."""
    return pipeline / gap if gap > 0 else None


def needed_coverage(win_rate):
    """How many times it should; None without a win rate.

    :param win_rate: 0 to 1
    """
    return 1 / win_rate if win_rate else None
