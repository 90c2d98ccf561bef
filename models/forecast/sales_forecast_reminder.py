from collections import defaultdict
from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import SQL, format_datetime

from ...engine.periods import next_of, start_of
from .forecast_sql import COMPANY, IS_OPEN

ACTIVITY = "sales_process.mail_activity_type_forecast_call"
DAY = timedelta(days=1)


class SalesForecastReminder(models.Model):
    """Somebody was asked to call before a cut-off. Once for each, and kept.

    Asked is who has deals or a target, alone or in a team led, and has not called them
    since the last cut-off. Days are working days of that person, own leaves left out;
    who is away all the time is left alone.
    """

    _name = "sales.forecast.reminder"
    _description = "Reminder of Forecast Calls"
    _order = "cut_off desc, id desc"
    _rec_name = "user_id"
    _log_access = False

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="cascade"
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Person",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    cut_off = fields.Datetime(string="Cut-off", required=True, readonly=True)
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="Before", required=True, readonly=True)
    date = fields.Datetime(string="Reminded On", required=True, readonly=True)
    activity_id = fields.Many2one(
        comodel_name="mail.activity", readonly=True, ondelete="set null"
    )

    _once = models.UniqueIndex(
        "(company_id, user_id, cut_off)", "Everybody is reminded once of a cut-off."
    )

    # === THE JOB === #

    @api.model
    def _cron_remind(self):
        """Remind people of the companies that want it, company by company."""
        cron = self.env["ir.cron"]
        companies = self.env["res.company"].search(
            [("sales_forecast_reminder_days", ">", 0)]
        )
        cron._commit_progress(remaining=len(companies))
        for company in companies:
            self._remind(company)
            if not cron._commit_progress(1):
                return

    @api.model
    def _remind(self, company, now=None):
        """Remind those of a company whose time has come.

        The number of queries does not depend on how many there are.

        :param now: naive UTC
        :return: the reminders
        """
        now = now or fields.Datetime.now()
        rhythm = company._sales_call_rhythm()
        cut_off = rhythm.next_after(now)
        period = self._period_of(company, rhythm.day_of(cut_off))
        missing = self._missing(company, period, rhythm.before(cut_off))
        told = self.search([("company_id", "=", company.id), ("cut_off", "=", cut_off)])
        users = self.env["res.users"].browse(sorted(missing)) - told.user_id
        days = self._days_of(company, users, rhythm.day_of(now), rhythm.day_of(cut_off))
        users = users.filtered(lambda user: user in days)
        activities = self._ask(company, users, days, cut_off, missing)
        return self.create(
            [
                {
                    "company_id": company.id,
                    "user_id": activity.user_id.id,
                    "cut_off": cut_off,
                    "date_from": period[0],
                    "date_to": period[1],
                    "date": now,
                    "activity_id": activity.id,
                }
                for activity in activities
            ]
        )

    @api.model
    def _period_of(self, company, day):
        """The period of calls in which a day lies."""
        kind, month = company.sales_forecast_call_period, company._sales_fiscal_month()
        return start_of(day, kind, month), next_of(day, kind, month)

    @api.model
    def _days_of(self, company, users, today, last):
        """Until when to ask: ``{user: day}`` of those whose time has come.

        :param date today: of the company
        :param date last: the day of the cut-off
        """
        first = last - 7 * DAY
        places = [(company, user) for user in users]
        targets = self.env["sales.target"]
        working = targets._working_days(places, first, last + DAY) if places else {}
        result = {}
        for (_company, user), days in working.items():
            left = days.between(today, last)
            if not days.between(first, last + DAY):
                continue
            if left <= company.sales_forecast_reminder_days:
                day = last
                while day > today and not days.between(day, day + DAY):
                    day -= DAY
                result[user] = day
        return result

    @api.model
    def _ask(self, company, users, days, cut_off, missing):
        """Give people an activity that says until when, and which number."""
        activity_type = self.env.ref(ACTIVITY)
        calls = self.env["sales.forecast.call"]
        zone = company._sales_zone().key
        names = self._names_of(missing[user.id] for user in users)
        vals_list = []
        for user in users:
            calls = calls.with_context(lang=user.lang)
            env = calls.env
            until = format_datetime(env, cut_off, tz=zone, dt_format="short")
            whose = ", ".join(names[owner] for owner in sorted(missing[user.id]))
            note = env._(
                "Until %(until)s (%(zone)s). Not called yet: %(owners)s",
                until=until,
                zone=zone,
                owners=whose,
            )
            vals_list.append(
                {
                    "activity_type_id": activity_type.id,
                    "user_id": user.id,
                    "summary": env._("Call your forecast"),
                    "note": Markup("<p>%s</p>") % note,
                    "date_deadline": days[user],
                    "automated": True,
                }
            )
        return self.env["mail.activity"].create(vals_list)

    @api.model
    def _names_of(self, groups):
        """Names of owners: ``{owner: name}``."""
        owners = {owner for group in groups for owner in group}
        calls = self.env["sales.forecast.call"]
        calls._read_names(owners)
        return {owner: calls._name_of(owner) for owner in owners}

    # === WHO HAS NOT CALLED === #

    @api.model
    def _missing(self, company, period, since):
        """Whose numbers are wanted and not called: ``{user id: {owners}}``.

        :param since: naive UTC; what was called before it does not count
        """
        tree = self.env["sales.forecast.call"]._owner_tree(company)
        people, teams = self._wanted(company, period)
        teams = {above for team in teams for above in tree.path(team)} & tree.active
        wanted = defaultdict(set)
        for user in people:
            wanted[user].add(("user", user))
        for team in teams:
            if tree.leader[team]:
                wanted[tree.leader[team]].add(("team", team))
        salespeople = set(self._salespeople(company, wanted).ids)
        called = self._called(company, period, since)
        return {
            user: owners - called
            for user, owners in wanted.items()
            if user in salespeople and owners - called
        }

    @api.model
    def _salespeople(self, company, ids):
        """Those of some users who are there and call numbers."""
        users = self.env["res.users"].sudo()  # who is asked, the system decides
        group = self.env.ref("sales_process.group_rep")
        return users.search(
            [
                ("id", "in", sorted(ids)),
                ("share", "=", False),
                ("company_ids", "in", company.ids),
                ("all_group_ids", "in", group.ids),
            ]
        )

    @api.model
    def _wanted(self, company, period):
        """People and teams with open deals, or a target in the period.

        :return: (ids of users, ids of teams)
        """
        self.env["crm.lead"].flush_model()
        self.env["sales.target"].flush_model()
        self.env["sales.target.plan"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT l.user_id, l.team_id
                  FROM crm_lead l LEFT JOIN res_users u ON u.id = l.user_id
                 WHERE %(is_open)s AND %(company_column)s = %(company)s
             UNION
                SELECT t.user_id, t.team_id
                  FROM sales_target t
                  JOIN sales_target_plan p ON p.id = t.plan_id
                 WHERE p.state = 'published' AND p.company_id = %(company)s
                   AND t.date_from < %(after)s AND t.date_to > %(first)s
                   AND t.amount > 0
                """,
                is_open=IS_OPEN,
                company_column=COMPANY,
                company=company.id,
                first=period[0],
                after=period[1],
            )
        )
        return (
            {user for user, _team in rows if user},
            {team for _user, team in rows if team},
        )

    @api.model
    def _called(self, company, period, since):
        """Owners whose current number was called since a moment."""
        calls = self.env["sales.forecast.call"].sudo()  # of everybody who is asked
        found = calls._read_group(
            [
                ("company_id", "=", company.id),
                ("date_from", "=", period[0]),
                ("date_to", "=", period[1]),
                ("state", "=", "current"),
                ("date", ">=", since),
            ],
            ["user_id", "team_id"],
        )
        return {
            ("user", user.id) if user else ("team", team.id)
            for user, team in found
            if user or team
        }

    # === WHO HAS CALLED MEANWHILE === #

    @api.model
    def _settle(self, company):
        """Mark as done what the user was asked for and has called now."""
        reminders = self.sudo()  # people do not read what they were asked before
        now = fields.Datetime.now()
        open_ones = reminders.search(
            [
                ("company_id", "=", company.id),
                ("user_id", "=", self.env.uid),
                ("cut_off", ">", now),
                ("activity_id.active", "=", True),
            ],
            limit=1,
        )
        if not open_ones:
            return
        rhythm = company._sales_call_rhythm()
        period = open_ones.date_from, open_ones.date_to
        since = rhythm.before(open_ones.cut_off)
        if self.env.uid not in reminders._missing(company, period, since):
            open_ones.activity_id.action_feedback(feedback=self.env._("Called."))
