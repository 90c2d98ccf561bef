from datetime import timedelta

from odoo.fields import Command
from odoo.tests import freeze_time, new_test_user, tagged

from ..common import REP
from .forecast_call_common import ForecastCallCommon

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestForecastCallReminder(ForecastCallCommon):
    """One working day before Monday at noon (UTC), once, and only who is concerned."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id = cls._make_calendar()
        cls.company.write(
            {
                "sales_forecast_call_period": "month",
                "sales_forecast_weekday": "0",
                "sales_forecast_hour": 12.0,
                "sales_forecast_reminder_days": 1,
            }
        )
        cls.env["crm.lead"].search([]).action_archive()
        cls.env["resource.calendar.leaves"].search([]).unlink()
        day = cls.company._sales_today() + 14 * DAY
        cls.monday = day + (7 - day.weekday()) * DAY
        cls.friday = cls.monday - 3 * DAY
        cls.reminders = cls.env["sales.forecast.reminder"]

    @classmethod
    def _make_calendar(cls):
        """Monday to Friday, 8 to 12 and 13 to 17."""
        hours = (("morning", 8, 12), ("afternoon", 13, 17))
        return cls.env["resource.calendar"].create(
            {
                "name": "Five days",
                "tz": "UTC",
                "company_id": cls.company.id,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": f"{day} {name}",
                                "dayofweek": str(day),
                                "day_period": name,
                                "hour_from": start,
                                "hour_to": end,
                            }
                        )
                        for day in range(5)
                        for name, start, end in hours
                    ),
                ],
            }
        )

    def _remind(self, day, hour=9):
        """Who is reminded when the job runs on a day."""
        with freeze_time(self._moment(day, hour)):
            return self.reminders._remind(self.company)

    def _leave(self, user, first, last):
        """Somebody is away, or everybody on a public holiday."""
        resource = self.env["resource.resource"]
        if user:
            resource = resource.create(
                {
                    "name": user.name,
                    "user_id": user.id,
                    "tz": "UTC",
                    "company_id": self.company.id,
                    "calendar_id": self.company.resource_calendar_id.id,
                }
            )
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Away",
                "company_id": self.company.id,
                "calendar_id": False,
                "resource_id": resource.id,
                "date_from": self._moment(first, 0),
                "date_to": self._moment(last, 23, 59),
            }
        )

    def test_who_is_reminded(self):
        self._deal()
        self.assertFalse(self._remind(self.friday - DAY))
        made = self._remind(self.friday)
        # The rep has a deal; the leader and the director lead the team it is in.
        self.assertEqual(
            made.user_id, self.rep_user | self.leader_user | self.director_user
        )
        activities = made.activity_id
        self.assertEqual(activities.mapped("date_deadline"), [self.monday] * 3)
        by_user = {made.user_id: made.activity_id.note for made in made}
        self.assertIn(self.rep_user.name, by_user[self.rep_user])
        self.assertIn("North", by_user[self.leader_user])
        self.assertNotIn("Retail", by_user[self.leader_user])
        # Once for this cut-off, and again for the next one.
        for day in (self.friday, self.friday + DAY, self.friday + 2 * DAY):
            self.assertFalse(self._remind(day, hour=20))
        self.assertFalse(self._remind(self.monday, hour=13))
        self.assertEqual(len(self._remind(self.friday + 7 * DAY)), 3)

    def test_nothing_to_call(self):
        """Neither deals nor a target: nobody. A lost deal is none."""
        self._deal().action_set_lost()
        self._deal(type="lead")
        self.assertFalse(self._remind(self.friday))

    def test_targets(self):
        plan = self.env["sales.target.plan"].create(
            {
                "name": "Bookings",
                "metric_id": self.env.ref("sales_process.metric_booked").id,
                "company_id": self.company.id,
                "date_from": self._period("month", self.monday)[0],
                "date_to": self._period("month", self.monday)[1],
                "period_type": "month",
            }
        )
        self.env["sales.target"].create(
            {
                "plan_id": plan.id,
                "date_from": plan.date_from,
                "date_to": plan.date_to,
                "user_id": self.stranger_user.id,
                "amount": 100.0,
            }
        )
        self.assertFalse(self._remind(self.friday))
        plan.action_publish()
        self.assertEqual(self._remind(self.friday).user_id, self.stranger_user)

    def test_who_has_called(self):
        self._deal()
        period = self._period("month", self.monday)
        with freeze_time(self._moment(self.friday - DAY, 9)):
            self._call(self.rep_user, self.of_rep, 10, period=period)
            self._call(self.leader_user, self.of_north, 10, period=period)
        made = self._remind(self.friday)
        self.assertEqual(made.user_id, self.director_user)
        # What was called before the last cut-off has to be called again.
        with freeze_time(self._moment(self.monday + DAY, 9)):
            period = self._period("month", self.monday + 7 * DAY)
            self._call(self.leader_user, self.of_north, 10, period=period)
        made = self._remind(self.friday + 7 * DAY)
        self.assertEqual(made.user_id, self.rep_user | self.director_user)

    def test_done_once_called(self):
        self._deal()
        self._deal(user_id=self.leader_user.id, team_id=self.north.id)
        made = self._remind(self.friday)
        by_user = {made.user_id: made.activity_id for made in made}
        period = self._period("month", self.monday)
        with freeze_time(self._moment(self.friday, 10)):
            self._call(self.rep_user, self.of_rep, 10, period=period)
            self.assertFalse(by_user[self.rep_user].active)
            # Two numbers are wanted of the leader.
            self._call(self.leader_user, self.of_north, 10, period=period)
            self.assertTrue(by_user[self.leader_user].active)
            self._call(self.leader_user, self.of_leader, 10, period=period)
            self.assertFalse(by_user[self.leader_user].active)
        self.assertTrue(by_user[self.director_user].active)

    def test_public_holiday(self):
        """Friday is one, so Thursday is the last working day before."""
        self._deal()
        self._leave(None, self.friday, self.friday)
        self.assertFalse(self._remind(self.friday - 2 * DAY))
        self.assertEqual(len(self._remind(self.friday - DAY)), 3)

    def test_own_leaves(self):
        """Away on Thursday, Friday and Monday: asked on Wednesday, until Wednesday."""
        self._deal()
        self._leave(self.rep_user, self.friday - DAY, self.monday)
        made = self._remind(self.friday - 2 * DAY)
        self.assertEqual(made.user_id, self.rep_user)
        self.assertEqual(made.activity_id.date_deadline, self.friday - 2 * DAY)

    def test_away_all_the_time(self):
        self._deal()
        self._leave(self.rep_user, self.monday - 10 * DAY, self.monday + 10 * DAY)
        made = self._remind(self.friday)
        self.assertEqual(made.user_id, self.leader_user | self.director_user)

    def test_no_reminders_wanted(self):
        self.company.sales_forecast_reminder_days = 0
        self._deal()
        with freeze_time(self._moment(self.friday, 9)), self.enter_registry_test_mode():
            self.env.ref("sales_process.ir_cron_forecast_call").method_direct_trigger()
        self.assertFalse(self.reminders.search([("company_id", "=", self.company.id)]))

    def test_the_job(self):
        self._deal()
        with freeze_time(self._moment(self.friday, 9)), self.enter_registry_test_mode():
            self.env.ref("sales_process.ir_cron_forecast_call").method_direct_trigger()
        made = self.reminders.search([("company_id", "=", self.company.id)])
        self.assertEqual(len(made), 3)
        self.assertEqual(made[0].cut_off, self._moment(self.monday, 12))

    def test_queries_do_not_grow(self):
        def make(number):
            for _number in range(number):
                count = self.env["res.users"].search_count([])
                user = new_test_user(self.env, f"sp_reminded_{count}", REP)
                self._move(user, self.retail)
                self._deal(user_id=user.id)

        counts = []
        for week in range(1, 4):
            make(4 if week < 3 else 8)
            day = self.friday + 7 * week * DAY
            counts.append(self._queries(self._remind, day))
        # Each activity costs what Odoo does to tell the person.
        self.assertLessEqual(counts[2] - counts[1], 8 * 4)
