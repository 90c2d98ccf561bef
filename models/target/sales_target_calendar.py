from collections import defaultdict
from datetime import timedelta
from zoneinfo import ZoneInfo

from odoo import api, models
from odoo.fields import Domain

from ...engine.working_days import WEEKDAYS, Stint, WorkingDays

UTC = ZoneInfo("UTC")
DAY = timedelta(days=1)


class SalesTarget(models.Model):
    """Which days are worked until a target is due."""

    _inherit = "sales.target"

    @api.model
    def _working_days(self, places, first, after):
        """Working days of companies and of people in them.

        People have the calendar and the leaves of their resource in that company, else
        the calendar of the company. Who has no fixed hours is taken to work when the
        company does, and a company without a calendar from Monday to Friday. The
        number of queries does not depend on how many people there are.

        :param places: iterable of ``(company, user)``, the user empty for the company
        :param date first: first day that matters
        :param date after: the day after the last one
        :return: ``{(company, user): engine.working_days.WorkingDays}``
        """
        # Whoever sees a target may know on which days it is worked for.
        places = {(company.sudo(), user.sudo()) for company, user in places}
        resources = self._resources_of(places)
        companies = self.env["res.company"].union(*(place[0] for place in places))
        companies = companies.sudo()  # when they work is no secret
        calendars = companies.resource_calendar_id
        calendars |= self.env["resource.calendar"].union(
            *(resource.calendar_id for resource in resources.values())
        )
        patterns = self._patterns_of(calendars)
        public, own = self._absences(companies, resources.values(), first, after)
        known, result = {}, {}
        for company, user in places:
            resource = resources.get((company, user))
            calendar = self._calendar_of(company, resource, patterns)
            if (company, calendar) not in known:
                absences = [
                    self._local(leave, calendar.tz or company._sales_zone().key)
                    for leave in public[company]
                    if leave.calendar_id in (calendar, calendar.browse())
                ]
                known[company, calendar] = WorkingDays(
                    patterns.get(calendar, WEEKDAYS), first, after, absences
                )
            days = known[company, calendar]
            if resource and own[resource]:
                days = days.less(
                    self._local(leave, resource.tz) for leave in own[resource]
                )
            result[company, user] = days
        return result

    @api.model
    def _resources_of(self, places):
        """What says when people work: ``{(company, user): resource}``."""
        users = self.env["res.users"].union(*(user for _company, user in places))
        if not users:
            return {}
        resources = self.env["resource.resource"].sudo()  # of whose target is shown
        resources = resources.with_context(active_test=False)
        # Of several the one of the company, and one that is in use.
        found = {}
        for resource in resources.search(
            [("user_id", "in", users.ids), ("resource_type", "=", "user")],
            order="active, id",
        ):
            found[resource.company_id, resource.user_id] = resource
        result = {}
        for company, user in places:
            for key in ((company, user), (company.browse(), user)):
                if user and key in found:
                    result[company, user] = found[key]
                    break
        return result

    @api.model
    def _patterns_of(self, calendars):
        """Hours of two weeks by calendar; none of those without fixed hours."""
        days = defaultdict(lambda: [[] for _day in WEEKDAYS])
        attendances = self.env["resource.calendar.attendance"].sudo()  # see calendars
        for attendance in attendances.search(
            [
                ("calendar_id", "in", calendars.ids),
                ("calendar_id.flexible_hours", "=", False),
                ("display_type", "=", False),
                ("day_period", "!=", "lunch"),
            ]
        ):
            calendar = attendance.calendar_id
            stint = Stint(
                attendance.hour_from, attendance.hour_to, attendance.duration_days
            )
            weeks = (0, 1)
            if calendar.two_weeks_calendar and attendance.week_type:
                weeks = (int(attendance.week_type),)
            for week in weeks:
                days[calendar][int(attendance.dayofweek) + 7 * week].append(stint)
        return {
            calendar: tuple(tuple(stints) for stints in pattern)
            for calendar, pattern in days.items()
        }

    @api.model
    def _calendar_of(self, company, resource, patterns):
        """The calendar that says when somebody works; empty where none does."""
        for calendar in (
            resource.calendar_id if resource else company.resource_calendar_id,
            company.resource_calendar_id,
        ):
            if calendar in patterns:
                return calendar
        return company.resource_calendar_id

    @api.model
    def _absences(self, companies, resources, first, after):
        """Public holidays by company, and leaves by resource."""
        resources = self.env["resource.resource"].union(*resources)
        leaves = self.env["resource.calendar.leaves"].sudo()  # that somebody is away
        public, own = defaultdict(list), defaultdict(list)
        for leave in leaves.search(
            Domain("time_type", "=", "leave")
            # A day more on both sides, since days begin earlier or later elsewhere.
            & Domain("date_from", "<", str(after + DAY))
            & Domain("date_to", ">", str(first - DAY))
            & (
                Domain("resource_id", "in", resources.ids)
                | Domain("resource_id", "=", False)
                & Domain("company_id", "in", [*companies.ids, False])
            )
        ):
            if leave.resource_id:
                own[leave.resource_id].append(leave)
                continue
            for company in leave.company_id or companies:
                public[company].append(leave)
        return public, own

    @api.model
    def _local(self, leave, zone):
        """From when until when somebody is absent, on a clock of that zone."""
        zone = ZoneInfo(zone or "UTC")
        return tuple(
            moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
            for moment in (leave.date_from, leave.date_to)
        )
