from odoo import api, fields, models
from odoo.tools import SQL, format_date, format_datetime


class SalesForecastCall(models.Model):
    """Until when the numbers of a period may be given.

    With the lock of the company: until the last weekly cut-off in the period. Without
    it: until the period is over. What is over stays as it was called, else nobody could
    tell how right it was. A director may unlock it for a while, with a reason.
    """

    _inherit = "sales.forecast.call"

    @api.model
    def _cut_offs(self, company, periods):
        """When periods close: ``{(date_from, date_to): naive UTC}``."""
        company = company.sudo()  # until when calls are wanted is no secret
        rhythm = company._sales_call_rhythm()
        return {
            (first, after): rhythm.last_in(first, after)
            if company.sales_forecast_lock
            else company._sales_midnight(after)
            for first, after in periods
        }

    @api.model
    def _locked(self, company, owners, periods, now=None):
        """Which numbers may not be given any more.

        :param now: naive UTC
        :return: ``{(kind, id, date_from, date_to): bool}``, in one query
        """
        now = now or fields.Datetime.now()
        cut_offs = self._cut_offs(company, periods)
        closed = {period for period, moment in cut_offs.items() if moment <= now}
        unlocked = self._read_unlocked(company, closed, now) if closed else set()
        return {
            (*owner, *period): period in closed
            and not unlocked & {(*owner, *period), (None, None, *period)}
            for owner in owners
            for period in periods
        }

    @api.model
    def _read_unlocked(self, company, periods, now):
        """What directors have unlocked: as of ``_locked``, everybody as None."""
        unlocks = self.env["sales.forecast.unlock"].sudo()  # who may call is no secret
        unlocks.flush_model()
        rows = unlocks.env.execute_query(
            SQL(
                """
                SELECT user_id, team_id, is_everybody, date_from, date_to
                  FROM sales_forecast_unlock
                 WHERE company_id = %s AND date_until > %s
                   AND (date_from, date_to) IN %s
                """,
                company.id,
                now,
                tuple(periods),
            )
        )
        result = set()
        for user, team, is_everybody, first, after in rows:
            owner = ("company", company.id)
            if is_everybody:
                owner = (None, None)
            elif user or team:
                owner = ("user", user) if user else ("team", team)
            result.add((*owner, first, after))
        return result

    @api.model
    def _lock_message(self, company, owner, period):
        """What to tell somebody who comes too late."""
        moment = self._cut_offs(company, [period])[period]
        zone = company._sales_zone().key
        return self.env._(
            "%(owner)s, %(from)s – %(to)s: closed since %(moment)s (%(zone)s). A "
            "director can unlock it.",
            **self._period_words(owner, period),
            moment=format_datetime(self.env, moment, tz=zone, dt_format="short"),
            zone=zone,
        )

    @api.model
    def _period_words(self, owner, period):
        """Whose number of which days, for messages."""
        first, after = period
        return {
            "owner": self._name_of(owner),
            "from": format_date(self.env, first),
            "to": format_date(self.env, fields.Date.add(after, days=-1)),
        }
