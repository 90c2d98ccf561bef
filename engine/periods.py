"""Periods of a plan: months, quarters, weeks, retail months; half-open ranges of days.

What
----
:func:`cut` cuts a range into its periods. The range has to consist of whole ones: a
plan that begins in the middle of a month would have a first month nobody can
compare. Quarters and years follow the fiscal year, which may begin in any month.
Weeks begin on Monday; the weeks of a range are cut at its ends, because no year
consists of whole weeks, and a plan by week still has to be one of its year.

Retail calendars divide a quarter of 13 weeks into 4, 4 and 5 (or another order), so
that the same months of two years have the same number of weekends. A year has 52 weeks,
every fifth or sixth one 53: the week more belongs to its last month.

Source of retail calendars: National Retail Federation, "4-5-4 Calendar".

Examples
--------
>>> from datetime import date
>>> year = date(2024, 1, 1), date(2025, 1, 1)
>>> len(cut(*year, "month")), len(cut(*year, "quarter")), len(cut(*year, "week"))
(12, 4, 53)
>>> cut(date(2024, 2, 1), date(2025, 2, 1), "quarter", fiscal_month=2)[0]
(datetime.date(2024, 2, 1), datetime.date(2024, 5, 1))
>>> cut(date(2024, 1, 2), date(2025, 1, 1), "month")
Traceback (most recent call last):
    ...
ValueError: 2024-01-02
>>> [(after - first).days // 7 for first, after in cut(
...     date(2024, 2, 4), date(2025, 2, 2), "4-5-4")]
[4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5, 4]
>>> cut(*year, "whole")
[(datetime.date(2024, 1, 1), datetime.date(2025, 1, 1))]
"""

from datetime import date, timedelta

MONTHS = {"month": 1, "quarter": 3, "year": 12}
RETAIL = {"4-4-5": (4, 4, 5), "4-5-4": (4, 5, 4), "5-4-4": (5, 4, 4)}
WEEK = timedelta(days=7)


def add_months(day, number):
    """The same day so many months later; ``day`` is the first of its month."""
    months = day.year * 12 + day.month - 1 + number
    return date(months // 12, months % 12 + 1, 1)


def start_of(day, kind, fiscal_month=1):
    """The first day of the period a day lies in.

    :param kind: ``week``, ``month``, ``quarter`` or ``year``
    :param int fiscal_month: in which the fiscal year begins, 1–12
    """
    if kind == "week":
        return day - timedelta(days=day.weekday())
    first = day.replace(day=1)
    return add_months(first, -((first.month - fiscal_month) % MONTHS[kind]))


def next_of(day, kind, fiscal_month=1):
    """The first day of the period after the one a day lies in."""
    if kind == "week":
        return start_of(day, kind) + WEEK
    return add_months(start_of(day, kind, fiscal_month), MONTHS[kind])


def cut(first, after, kind, fiscal_month=1):
    """The periods of a range.

    :param date first: its first day
    :param date after: the day after its last
    :param kind: ``week``, ``month``, ``quarter``, ``year``, a retail calendar
        (``4-4-5``, ``4-5-4``, ``5-4-4``), or ``whole`` for a single period
    :return: list of ``(first day, day after the last)``
    :raise ValueError: with the day that does not begin a period
    """
    if kind == "whole":
        return [(first, after)]
    if kind in RETAIL:
        return _cut_retail(first, after, RETAIL[kind])
    if kind != "week":
        for day in (first, after):
            if start_of(day, kind, fiscal_month) != day:
                raise ValueError(str(day))
    periods = []
    while first < after:
        end = min(next_of(first, kind, fiscal_month), after)
        periods.append((first, end))
        first = end
    return periods


def _cut_retail(first, after, weeks):
    """Months of whole weeks; the last one of a year takes a 53rd week."""
    if (after - first).days % 7:
        raise ValueError(str(after))
    periods, place = [], 0
    while first < after:
        end = first + weeks[place % len(weeks)] * WEEK
        place += 1
        # What is left is the week more of a long year.
        if end + WEEK == after and place % 12 == 0:
            end = after
        if end > after:
            raise ValueError(str(after))
        periods.append((first, end))
        first = end
    return periods
