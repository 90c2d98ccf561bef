"""How much of a range of days is worked: attendances, holidays and own leaves.

What
----
A working time is a pattern of a week, or of two weeks that take turns, less the hours
of absence: public holidays for everybody, leaves for a person. A day counts as much as
the pattern says (a morning alone may be half a day), less the part of its hours that
somebody is absent.

How it works
------------
:class:`WorkingDays` adds a pattern up once, so that a range of days costs a subtraction
whatever its length. People who share a working time share that sum: their own leaves
are kept beside it (:meth:`WorkingDays.less`).

Weeks of two-week patterns are counted from 1 January of the year 1, as Odoo does, so
that they take turns at the end of a year, too.

Examples
--------
>>> from datetime import date, datetime
>>> week = WorkingDays(WEEKDAYS, date(2024, 1, 1), date(2025, 1, 1))
>>> week.between(date(2024, 1, 1), date(2024, 2, 1))
23.0
>>> new_year = datetime(2024, 1, 1), datetime(2024, 1, 1, 23, 59, 59)
>>> week.less([new_year]).between(date(2024, 1, 1), date(2024, 2, 1))
22.0
>>> afternoon = datetime(2024, 1, 2, 12), datetime(2024, 1, 2, 18)
>>> week.less([new_year, afternoon]).between(date(2024, 1, 1), date(2024, 2, 1))
21.5
>>> week.day_of(date(2024, 1, 5), 2)  # Friday, then Monday
datetime.date(2024, 1, 8)
"""

from bisect import bisect_left
from datetime import datetime, time, timedelta
from itertools import accumulate
from typing import NamedTuple

DAY = timedelta(days=1)


class Stint(NamedTuple):
    """Hours of a day in one go.

    :ivar float start: hours since midnight
    :ivar float end: the same
    :ivar float days: how much of a working day it is
    """

    start: float
    end: float
    days: float


_USUAL = (Stint(8.0, 12.0, 0.5), Stint(13.0, 17.0, 0.5))
# Two weeks of full days from Monday to Friday: where nobody says anything else.
WEEKDAYS = tuple(_USUAL if day % 7 < 5 else () for day in range(14))


class WorkingDays:
    """Working days of a calendar between two days.

    :param pattern: 14 tuples of :class:`Stint`, from the Monday of the first week to
        the Sunday of the second one
    :param date first: where it begins; nothing before it is known
    :param date after: the day after the last one
    :param absences: ``(from, until)``, local time without a zone
    """

    def __init__(self, pattern, first, after, absences=()):
        self.first, self.after = first, after
        self._pattern = pattern
        worth = [sum(stint.days for stint in stints) for stints in pattern]
        days = [
            worth[_place(first + number * DAY)]
            for number in range((after - first).days)
        ]
        self._absences = list(absences)
        for day, lost in self._lost(self._absences).items():
            days[(day - first).days] -= lost
        self._sums = [0.0, *accumulate(days)]
        self._own_days, self._own_sums = [], [0.0]
        self._worked = []

    def less(self, absences):
        """The same working time of somebody who is absent as well.

        :param absences: see the class
        """
        other = object.__new__(WorkingDays)
        other.__dict__.update(self.__dict__)
        absences = list(absences)
        other._absences = self._absences + absences
        # What everybody is absent for is not lost twice.
        touched = set(self._lost(absences))
        before = self._lost(self._absences, touched)
        lost = {
            day: part - before.get(day, 0.0)
            for day, part in self._lost(other._absences, touched).items()
        }
        other._own_days = sorted(lost)
        other._own_sums = [0.0, *accumulate(lost[day] for day in other._own_days)]
        return other

    def between(self, first, after):
        """Working days of a range; days outside of what is known count as none."""
        first, after = max(first, self.first), min(after, self.after)
        if first >= after:
            return 0.0
        sums = self._sums
        worked = sums[(after - self.first).days] - sums[(first - self.first).days]
        own = self._own_sums
        return worked - (
            own[bisect_left(self._own_days, after)]
            - own[bisect_left(self._own_days, first)]
        )

    def worked_days(self):
        """Days of which some part is worked, in order; the list is shared by all who
        have no leaves of their own.

        >>> first, after = datetime(2024, 1, 5).date(), datetime(2024, 1, 9).date()
        >>> week = WorkingDays(WEEKDAYS, first, after)
        >>> [day.day for day in week.worked_days()]
        [5, 8]
        """
        worked = [] if self._own_days else self._worked
        if not worked:
            number = (self.after - self.first).days
            days = (self.first + place * DAY for place in range(number))
            worked += [day for day in days if self.between(day, day + DAY) > 0]
        return worked

    def part(self, first, after, begin, end):
        """How much of the working time of a period lies in some days of it, 0 to 1.

        A period without any is spread over its days.
        """
        days = self.between(begin, end)
        if days:
            return self.between(first, after) / days
        return (after - first) / (end - begin)

    def day_of(self, first, number):
        """The day by whose end so many working days are over, counted from ``first``.

        :return: None where it lies beyond what is known
        """
        low, high = first, self.after
        if self.between(first, self.after) < number - 1e-9:
            return None
        while low < high:
            middle = low + (high - low) // 2
            if self.between(first, middle + DAY) >= number - 1e-9:
                high = middle
            else:
                low = middle + DAY
        return low

    def _lost(self, absences, only=None):
        """Parts of days that are lost to absences: ``{day: working days}``.

        :param only: the days to look at; all by default
        """
        by_day = {}
        for start, end in absences:
            day = max(start.date(), self.first)
            while day < self.after and datetime.combine(day, time.min) < end:
                if only is None or day in only:
                    by_day.setdefault(day, []).append(
                        (_hours(start, day), _hours(end, day))
                    )
                day += DAY
        lost = {}
        for day, hours in by_day.items():
            free = _merged(hours)
            lost[day] = sum(
                stint.days * _covered(stint, free)
                for stint in self._pattern[_place(day)]
            )
        return lost


def _place(day):
    """Where a day lies in two weeks that take turns."""
    return day.weekday() + 7 * ((day.toordinal() - 1) // 7 % 2)


def _hours(moment, day):
    """Hours from the beginning of a day, within that day."""
    passed = moment - datetime.combine(day, time.min)
    return min(max(passed.total_seconds() / 3600, 0.0), 24.0)


def _merged(ranges):
    """Ranges without overlaps, in order."""
    result = []
    for start, end in sorted(ranges):
        if result and start <= result[-1][1]:
            result[-1][1] = max(result[-1][1], end)
        else:
            result.append([start, end])
    return result


def _covered(stint, free):
    """The part of a stint that lies in ranges of hours, 0 to 1."""
    length = stint.end - stint.start
    if length <= 0:  # hours are not known: whoever is absent at that hour is
        return float(any(start <= stint.start < end for start, end in free))
    hours = sum(
        max(min(stint.end, end) - max(stint.start, start), 0.0) for start, end in free
    )
    return hours / length
