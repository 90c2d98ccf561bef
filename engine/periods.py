"""Periods of a fiscal year: months, quarters and weeks as half-open ranges of days.

What
----
:func:`cut` cuts a range into its periods. The range has to consist of whole ones: a plan
that begins in the middle of a month would have a first month nobody can compare. Quarters
follow the fiscal year, which may begin in any month. Weeks begin on Monday; the weeks of
a range are cut at its ends, because no year consists of whole weeks, and a plan by week
still has to be one of its year.

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
"""

from datetime import date, timedelta

MONTHS = {"month": 1, "quarter": 3, "year": 12}


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
        return start_of(day, kind) + timedelta(days=7)
    return add_months(start_of(day, kind, fiscal_month), MONTHS[kind])


def cut(first, after, kind, fiscal_month=1):
    """The periods of a range.

    :param date first: its first day
    :param date after: the day after its last
    :return: list of ``(first day, day after the last)``
    :raise ValueError: with the day that does not begin a period
    """
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
