from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class SalesForecastUnlock(models.Model):
    """A director opened a closed period for a while. Stays on record."""

    _name = "sales.forecast.unlock"
    _description = "Unlocked Forecast Period"
    _order = "date desc, id desc"
    _rec_name = "reason"
    _log_access = False  # who and when are fields of their own

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, ondelete="restrict"
    )
    is_everybody = fields.Boolean(string="For Everybody", readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users", string="Person", readonly=True, ondelete="restrict"
    )
    team_id = fields.Many2one(
        comodel_name="crm.team", string="Team", readonly=True, ondelete="restrict"
    )
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(
        string="Before", required=True, readonly=True, help="The day after the last."
    )
    date_last = fields.Date(string="To", compute="_compute_date_last")
    date_until = fields.Datetime(string="Open until", required=True, readonly=True)
    reason = fields.Text(required=True, readonly=True)
    author_id = fields.Many2one(
        comodel_name="res.users",
        string="Unlocked by",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    date = fields.Datetime(string="When", required=True, readonly=True)

    _days_idx = models.Index("(company_id, date_from, date_to)")

    @api.depends("date_to")
    def _compute_date_last(self):
        for unlock in self:
            unlock.date_last = unlock.date_to and unlock.date_to - timedelta(days=1)

    @api.model
    def _unlock(self, company, period, owner, hours, reason):
        """Let numbers of a period be given for some hours.

        :param period: ``(first day, day after the last)``
        :param owner: ``(kind, id)``; None for everybody
        :param int hours: from now, at most 30 days
        :param str reason: why
        :raise AccessError: for people who are no directors
        """
        calls = self.env["sales.forecast.call"]
        if not calls._is_director():
            raise AccessError(self.env._("Directors alone unlock a period."))
        calls._check_may_submit(company)
        if not (reason or "").strip():
            raise UserError(self.env._("Say why it is unlocked."))
        if not 1 <= hours <= 720:
            raise UserError(self.env._("Unlock it for 1 to 720 hours."))
        calls._period_type(company, *period)
        kind, id_ = owner or (None, None)
        now = fields.Datetime.now()
        rows = self.sudo()  # nobody writes them by hand
        return rows.create(
            {
                "company_id": company.id,
                "is_everybody": not owner,
                "user_id": id_ if kind == "user" else False,
                "team_id": id_ if kind == "team" else False,
                "date_from": period[0],
                "date_to": period[1],
                "date_until": now + timedelta(hours=hours),
                "reason": reason.strip(),
                "author_id": self.env.uid,
                "date": now,
            }
        )
