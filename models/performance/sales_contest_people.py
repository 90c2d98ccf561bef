from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from . import contest_sql


class SalesContest(models.Model):
    """Who takes part, and who would rather not."""

    _inherit = "sales.contest"

    def action_fill_people(self):
        """Fill in who takes part, to put them into leagues before the start."""
        self.check_access("write")
        self._check_rules_open()
        contests = self.sudo()  # participants are the engine's, see their access
        contests._sync_participants()

    def _sync_today(self):
        """Look once a day who came: people change teams less often than they sell."""
        today = {contest: contest.company_id._sales_today() for contest in self}
        due = self.filtered(lambda contest: contest.people_on != today[contest])
        due._sync_participants()
        for day, contests in due.grouped(today.get).items():
            contests.write({"people_on": day})

    def _sync_participants(self):
        """Add whoever came, note in which team people are, and put those without a
        league into the lowest one. Whoever left a team stays in the contest."""
        if not self:
            return
        self.env.flush_all()
        cr = self.env.cr
        cr.execute(contest_sql.add_people(self))
        cr.execute(contest_sql.add_teams(self))
        cr.execute(contest_sql.set_members(self))
        day = self.env["res.company"]._sales_day_sql(
            SQL("k.company_id"), SQL("m.create_date")
        )
        cr.execute(contest_sql.set_joined(self, day))
        cr.execute(
            SQL(
                """
                UPDATE sales_contest_participant p SET league_id = (
                       SELECT l.id FROM sales_contest_league l
                        WHERE l.contest_id = p.contest_id
                        ORDER BY l.sequence DESC, l.id DESC LIMIT 1)
                  FROM sales_contest c
                 WHERE c.id = p.contest_id AND c.kind = 'league'
                   AND p.contest_id = ANY (%s) AND p.league_id IS NULL
                """,
                self.ids,
            )
        )
        self.env["sales.contest.participant"].invalidate_model()
        self.invalidate_recordset(["participant_ids"])

    # === OPTING OUT === #

    def action_opt_out(self):
        """Take no part: no place, no prize, and nobody sees one's points."""
        self._opt(True)

    def action_opt_in(self):
        """Take part again."""
        self._opt(False)

    def _opt(self, out):
        for contest in self:
            contest.check_access("read")
            if contest.state not in ("draft", "running"):
                raise UserError(
                    self.env._(
                        "“%s” is over: its standing stays.", contest.display_name
                    )
                )
            if out and not contest.allow_opt_out:
                raise UserError(
                    self.env._("In “%s” everybody takes part.", contest.display_name)
                )
            own = contest.sudo().participant_ids.filtered(  # the own row alone
                lambda row: row.user_id == self.env.user
            )
            if not own:
                raise UserError(
                    self.env._("You do not take part in “%s”.", contest.display_name)
                )
            own.write({"opted_out": out})
        running = self.filtered(lambda contest: contest.state == "running")
        running.sudo()._refresh()  # places of all others change as well
