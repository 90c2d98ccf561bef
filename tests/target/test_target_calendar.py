from datetime import date

from odoo.fields import Command
from odoo.tests import BaseCase, new_test_user, tagged

from ...engine.working_days import WEEKDAYS, Stint, WorkingDays
from .attainment_common import JANUARY, YEAR, AttainmentCommon


@tagged("post_install", "-at_install")
class TestTargetCalendar(AttainmentCommon):
    """Working days of companies and people, counted on a calendar by hand."""

    rule_tested_models = ()

    def _days(self, user=None, first=JANUARY[0], after=JANUARY[1], company=None):
        company = company or self.company
        user = user or self.env["res.users"]
        targets = self.env["sales.target"]
        self.env.invalidate_all()
        working = targets._working_days([(company, user)], first, after)
        return working[company, user].between(first, after)

    def test_company(self):
        self.assertEqual(self._days(), 21.0)
        # Friday to Monday, the 2nd being a holiday.
        self.assertEqual(
            self._days(first=date(YEAR - 1, 12, 30), after=date(YEAR, 1, 3)), 1.0
        )

    def test_leaves_are_own(self):
        self.assertEqual(self._days(self.ann), 19.5)
        self.assertEqual(self._days(self.bob), 21.0)

    def test_leave_on_a_holiday_is_not_lost_twice(self):
        self._absence(date(YEAR, 1, 1), 0, date(YEAR, 1, 3), 24, self.resource)
        self.assertEqual(self._days(self.ann), 18.5)

    def test_other_absences(self):
        """Trainings are work; a holiday of another calendar or company is none."""
        other = self._make_calendar("Other")
        company = self.env["res.company"].sudo().create({"name": "Far away"})
        self._absence(date(YEAR, 1, 4), 0, date(YEAR, 1, 4), 24, time_type="other")
        self._absence(date(YEAR, 1, 5), 0, date(YEAR, 1, 5), 24, calendar_id=other.id)
        self._absence(
            date(YEAR, 1, 6),
            0,
            date(YEAR, 1, 6),
            24,
            calendar_id=self._make_calendar("Far", company_id=company.id).id,
        )
        self.assertEqual(self._days(), 21.0)

    def test_own_calendar(self):
        """Monday, Tuesday and the morning of Wednesday: 5 + 5 + 4 halves in January,
        less the holiday on a Monday."""
        part_time = self._make_calendar(
            "Part time",
            attendance_ids=[
                Command.clear(),
                *(
                    Command.create(
                        {
                            "name": f"{day} {period}",
                            "dayofweek": str(day),
                            "hour_from": start,
                            "hour_to": start + 4,
                            "day_period": period,
                        }
                    )
                    for day, start, period in (
                        (0, 8, "morning"),
                        (0, 13, "afternoon"),
                        (1, 8, "morning"),
                        (1, 13, "afternoon"),
                        (2, 8, "morning"),
                    )
                ),
            ],
        )
        self._resource(self.bob, calendar_id=part_time.id)
        self.assertEqual(self._days(self.bob), 11.0)

    def test_two_weeks(self):
        """Mondays of every other week, as Odoo counts them; the 2nd is a holiday."""
        calendar = self._make_calendar("Shifts", two_weeks_calendar=True)
        calendar.attendance_ids = [
            Command.clear(),
            Command.create(
                {
                    "name": "Long week",
                    "dayofweek": "0",
                    "hour_from": 8,
                    "hour_to": 16,
                    "day_period": "full_day",
                    "week_type": "0",
                }
            ),
        ]
        self._resource(self.bob, calendar_id=calendar.id)
        weeks = self.env["resource.calendar.attendance"]
        mondays = [date(YEAR, 1, day) for day in (2, 9, 16, 23, 30)]
        worked = [
            day.day for day in mondays if weeks.get_week_type(day) == 0 and day.day != 2
        ]
        self.assertIn(len(worked), (2, 3))
        self.assertEqual(self._days(self.bob), len(worked))

    def test_without_fixed_hours(self):
        """Whoever has no fixed hours works when the company does."""
        flexible = self._make_calendar("Free", flexible_hours=True)
        resource = self._resource(self.bob, calendar_id=flexible.id)
        self.assertEqual(self._days(self.bob), 21.0)
        resource.calendar_id = False
        self.assertEqual(self._days(self.bob), 21.0)
        self.company.sudo().resource_calendar_id = flexible
        self.assertEqual(self._days(), 21.0)
        flexible.attendance_ids = False
        flexible.flexible_hours = False
        self.assertEqual(self._days(), 21.0)
        self.company.sudo().resource_calendar_id = False
        self.assertEqual(self._days(), 21.0)

    def test_zone(self):
        """A holiday from midnight to midnight in Shanghai begins the evening before."""
        self.calendar.tz = "Asia/Shanghai"
        self._absence(date(YEAR, 1, 3), 16, date(YEAR, 1, 4), 15)  # the 4th there
        self._absence(date(YEAR, 1, 5), 16, date(YEAR, 1, 6), 16)  # the 6th
        # That of the 2nd from 0 to 24 o'clock UTC is there 8 o'clock to 8 o'clock.
        self.assertEqual(self._days(), 19.0)

    def test_company_of_the_resource(self):
        """Who works for two companies has a leave in one of them."""
        company = self.env["res.company"].sudo().create({"name": "Far away"})
        company.resource_calendar_id = False
        self.assertEqual(self._days(self.ann, company=company), 22.0)

    def test_as_many_queries_for_many_people(self):
        people = [
            new_test_user(
                self.env,
                f"sp_calendar_{number}",
                "base.group_user",
                company_id=self.company.id,
                company_ids=[(6, 0, self.company.ids)],
            )
            for number in range(8)
        ]
        for number, user in enumerate(people):
            resource = self._resource(
                user, calendar_id=self._make_calendar(f"Own {number}").id
            )
            self._absence(date(YEAR, 1, 11), 0, date(YEAR, 1, 11), 24, resource)
        counts = []
        for some in (people, people[:4], people):  # the first one fills caches
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            working = self.env["sales.target"]._working_days(
                [(self.company, user) for user in some], *JANUARY
            )
            counts.append(self.env.cr.sql_log_count - before)
            for user in some:
                self.assertEqual(working[self.company, user].between(*JANUARY), 20.0)
        self.assertEqual(counts[1], counts[2])


@tagged("post_install", "-at_install")
class TestWorkingDays(BaseCase):
    """The engine: sums, parts and the day by which something is over."""

    rule_tested_models = ()

    def setUp(self):
        super().setUp()
        self.week = WorkingDays(WEEKDAYS, *JANUARY)

    def test_sums(self):
        for first in range(1, 32):
            for after in range(first, 32):
                low, high = date(YEAR, 1, first), date(YEAR, 1, after)
                days = [date(YEAR, 1, day) for day in range(first, after)]
                wanted = sum(1 for day in days if day.weekday() < 5)
                self.assertEqual(self.week.between(low, high), wanted)
                later = self.week.day_of(low, wanted) if wanted else None
                if later:
                    self.assertEqual(
                        later, max(day for day in days if day.weekday() < 5)
                    )

    def test_beyond(self):
        self.assertEqual(self.week.between(date(1990, 1, 1), date(2090, 1, 1)), 22.0)
        self.assertIsNone(self.week.day_of(JANUARY[0], 23))

    def test_part_of_nothing(self):
        """A period without working days is spread over its days."""
        weekend = date(YEAR, 1, 7), date(YEAR, 1, 9)
        self.assertEqual(self.week.part(weekend[0], date(YEAR, 1, 8), *weekend), 0.5)

    def test_hours_unknown(self):
        pattern = tuple((Stint(12.0, 12.0, 1.0),) for _day in range(14))
        week = WorkingDays(pattern, *JANUARY)
        self.assertEqual(week.between(*JANUARY), 31.0)
