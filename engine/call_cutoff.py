"""When calls have to be in: a day of the week and an hour, on the company's clock.

What
----
A company hands in its forecast once a week, such as Monday at noon. A period of calls
closes with the last of these moments in it: what is called for March is settled on the
last Monday of March. A period too short to have one closes when it ends.

Moments are naive UTC; days and hours are those of the company. At the change of the
clock an hour that is skipped is taken as before the change, and of one that comes twice
the first counts.

Examples
--------
>>> from datetime import date
>>> from zoneinfo import ZoneInfo
>>> noon = Rhythm(weekday=0, hour=12.0, zone=ZoneInfo("Europe/Paris"))
>>> noon.last_in(date(2024, 3, 1), date(2024, 4, 1))
datetime.datetime(2024, 3, 25, 11, 0)
>>> noon.last_in(date(2024, 4, 1), date(2024, 5, 1))
datetime.datetime(2024, 4, 29, 10, 0)
>>> noon.last_in(date(2024, 4, 2), date(2024, 4, 5))  # no Monday
datetime.datetime(2024, 4, 4, 22, 0)
>>> noon.next_after(datetime(2024, 4, 29, 10, 0))
datetime.datetime(2024, 5, 6, 10, 0)
>>> noon.before(datetime(2024, 5, 6, 10, 0))
datetime.datetime(2024, 4, 29, 10, 0)
"""

from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
WEEK = timedelta(days=7)


class Rhythm(NamedTuple):
    """A moment of every week.

    :ivar int weekday: 0 is Monday
    :ivar float hour: of the day, 0 up to 24
    :ivar ZoneInfo zone: of the company
    """

    weekday: int
    hour: float
    zone: ZoneInfo

    def on(self, day):
        """The moment on a day, naive UTC, whatever its weekday."""
        minutes = min(round(self.hour * 60), 24 * 60 - 1)
        clock = time(minutes // 60, minutes % 60)
        return self._utc(datetime.combine(day, clock))

    def last_in(self, first, after):
        """The last of these moments in a period, else when the period ends.

        :param date first: its first day
        :param date after: the day after its last
        """
        last = after - DAY
        day = last - ((last.weekday() - self.weekday) % 7) * DAY
        if day < first:
            return self._utc(datetime.combine(after, time.min))
        return self.on(day)

    def next_after(self, moment):
        """The first of these moments that is later than ``moment``."""
        day = self.day_of(moment)
        day += ((self.weekday - day.weekday()) % 7) * DAY
        found = self.on(day)
        return found if found > moment else self.on(day + WEEK)

    def before(self, moment):
        """The last of these moments that is earlier than ``moment``."""
        day = self.day_of(moment)
        day -= ((day.weekday() - self.weekday) % 7) * DAY
        found = self.on(day)
        return found if found < moment else self.on(day - WEEK)

    def day_of(self, moment):
        """The day of the company on which a moment lies."""
        return moment.replace(tzinfo=UTC).astimezone(self.zone).date()

    def _utc(self, local):
        moment = local.replace(tzinfo=self.zone).astimezone(UTC)
        return moment.replace(tzinfo=None)
