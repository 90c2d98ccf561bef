from datetime import date, datetime, timedelta

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .forecast_call_common import ForecastCallCommon

HOUR = timedelta(hours=1)


@tagged("post_install", "-at_install")
class TestForecastCallLock(ForecastCallCommon):
    """Calls are handed in until Mondays at noon in Paris."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "Europe/Paris"
        cls.company.write(
            {
                "sales_forecast_weekday": "0",
                "sales_forecast_hour": 12.0,
                "sales_forecast_lock": True,
            }
        )
        # In March the clock goes forward on the last Sunday, in October back.
        cls.year = cls.company._sales_today().year + 1

    def _last_monday(self, month):
        day = date(self.year, month, 31)
        return day - timedelta(days=day.weekday())

    def _noon(self, day):
        """Noon in Paris in the end of a month, naive UTC."""
        last_sunday = date(self.year, day.month, 31)
        last_sunday -= timedelta(days=(last_sunday.weekday() + 1) % 7)
        is_summer = (day.month == 3) == (day >= last_sunday)
        return datetime(day.year, day.month, day.day, 10 if is_summer else 11)

    def test_until_the_last_cut_off(self):
        """The hour is that of the company before and after the clock changes."""
        for month in (3, 10):
            noon = self._noon(self._last_monday(month))
            period = self._period("month", date(self.year, month, 1))
            self.assertEqual(
                self.calls._cut_offs(self.company, [period]), {period: noon}
            )
            with freeze_time(noon - timedelta(seconds=1)):
                self._call(self.rep_user, self.of_rep, 10, period=period)
            with freeze_time(noon):
                for user, kind in (
                    (self.rep_user, "call"),
                    (self.leader_user, "adjustment"),
                    (self.director_user, "adjustment"),
                ):
                    for amount in (20, None):
                        row = self._row(
                            self.of_rep, amount, period=period, kind=kind, reason="x"
                        )
                        with self.assertRaisesRegex(UserError, "closed since"):
                            self._submit_as(user, row)
                # The next month is open.
                later = self._period("month", period[1])
                self._call(self.rep_user, self.of_rep, 30, period=later)
            self.assertEqual(self._number(self.of_rep, period=period), 10.0)

    def test_weeks_and_quarters(self):
        day = self._last_monday(3)
        noon = self._noon(day)
        week = self._period("week", day)
        self.assertEqual(self.calls._cut_offs(self.company, [week]), {week: noon})
        quarter = (date(self.year, 1, 1), date(self.year, 4, 1))
        self.assertEqual(self.calls._cut_offs(self.company, [quarter]), {quarter: noon})

    def test_without_the_lock_until_the_end(self):
        self.company.sales_forecast_lock = False
        period = self._period("month", date(self.year, 3, 1))
        midnight = datetime(self.year, 3, 31, 22)
        with freeze_time(midnight - HOUR):
            self._call(self.rep_user, self.of_rep, 10, period=period)
        with freeze_time(midnight), self.assertRaises(UserError):
            self._call(self.rep_user, self.of_rep, 20, period=period)

    def test_another_zone(self):
        """The same weekday and hour of another company is another moment."""
        self.company.resource_calendar_id.tz = "America/New_York"
        day = self._last_monday(1)
        period = self._period("month", day)
        self.assertEqual(
            self.calls._cut_offs(self.company, [period])[period],
            datetime(day.year, day.month, day.day, 17),
        )

    def test_unlock(self):
        day = self._last_monday(3)
        noon = self._noon(day)
        period = self._period("month", day)
        unlocks = self.env["sales.forecast.unlock"].with_user(self.director_user)
        with freeze_time(noon + HOUR):
            unlocks._unlock(self.company, period, self.of_rep, 2, "Order came late")
        with freeze_time(noon + 2 * HOUR):
            call = self._call(self.rep_user, self.of_rep, 10, period=period)
            self.assertTrue(call.is_late)
            with self.assertRaises(UserError):
                self._call(self.colleague_user, self.of_colleague, 10, period=period)
            owners = [self.of_rep, self.of_colleague]
            self.assertEqual(
                self.calls._locked(self.company, owners, [period]),
                {(*self.of_rep, *period): False, (*self.of_colleague, *period): True},
            )
            later = self._period("month", period[1])
            other = self._call(self.rep_user, self.of_rep, 10, period=later)
            self.assertFalse(other.is_late)
        with freeze_time(noon + 3 * HOUR):
            with self.assertRaises(UserError):
                self._call(self.rep_user, self.of_rep, 20, period=period)
            unlocks._unlock(self.company, period, None, 1, "Everybody was away")
            self._call(self.colleague_user, self.of_colleague, 10, period=period)
            self._call(self.director_user, self.of_company, 10, period=period)

    def test_unlock_by_the_wizard(self):
        month = self._period("month")  # by the clock of Paris
        asks = self.env["sales.forecast.unlock.ask"].with_user(self.director_user)
        ask = asks.create({"period_type": "month", "scope": "team", "reason": "Late"})
        self.assertEqual((ask.date_from, ask.date_to), month)
        with self.assertRaises(UserError):
            ask.action_unlock()
        ask.team_id = self.north
        ask.action_unlock()
        unlock = self.env["sales.forecast.unlock"].search([], limit=1)
        self.assertEqual(unlock.team_id, self.north)
        self.assertEqual((unlock.date_from, unlock.date_to), month)
        self.assertEqual(unlock.author_id, self.director_user)

    def test_queries_do_not_grow(self):
        periods = [
            self._period("month", date(self.year - 2, m, 1)) for m in range(1, 9)
        ]
        owners = [self.of_rep, self.of_colleague, self.of_north, self.of_south]
        locked = self.calls._locked
        locked(self.company, owners, periods)
        few = self._queries(locked, self.company, owners[:2], periods[:4])
        many = self._queries(locked, self.company, owners, periods)
        self.assertEqual(few, many)
