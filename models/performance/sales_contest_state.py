from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...engine.contest import League, new_leagues, next_span

MONTHS = {"month": 1, "quarter": 3}


class SalesContest(models.Model):
    """From the first day to the prizes and the next season."""

    _inherit = "sales.contest"

    # === START === #

    def action_start(self):
        """Begin: people see it from now on, and the rules stay."""
        self.check_access("write")
        for contest in self:
            if contest.state != "draft":
                raise UserError(
                    self.env._("“%s” has started already.", contest.display_name)
                )
            contest._check_complete()
        self.sudo()._start(self.env.user)  # the engine records states

    def _start(self, user):
        self._decide("running")
        self._sync_participants()
        self._protect_badges()
        for contest in self:
            if not contest.participant_ids:
                raise UserError(
                    self.env._(
                        "Nobody takes part in “%s”: choose teams with people.",
                        contest.display_name,
                    )
                )
            contest._record_version(self.env._("The rules at the start."), user)
        self._refresh()

    def _check_complete(self):
        """:raise UserError: for contests that cannot be won"""
        self.ensure_one()
        if not self.metric_ids:
            raise UserError(
                self.env._("Nothing counts in “%s” yet: add a metric.", self.name)
            )
        weights = round(sum(self.metric_ids.mapped("weight")), 2)
        if weights != 100:
            raise UserError(
                self.env._(
                    "The weights of “%(contest)s” add up to %(sum)s: make it 100 "
                    "percent.",
                    contest=self.name,
                    sum=f"{weights:g}",
                )
            )
        if self.date_to <= self.company_id._sales_today():
            raise UserError(
                self.env._(
                    "The last day of “%(contest)s”, %(day)s, is over: choose a later "
                    "one.",
                    contest=self.name,
                    day=format_date(self.env, self.date_last),
                )
            )
        if self.kind == "league" and len(self.league_ids) < 2:
            raise UserError(self.env._("“%s” needs two leagues at least.", self.name))
        self._check_leagues()

    def _decide(self, state, **vals):
        self.sudo().write({"state": state, **vals})  # only the buttons do, see write
        self.env.registry.clear_cache()  # what the ledger tells of, see there

    # === END === #

    def action_end(self):
        """End it now: today still counts. Places are final and prizes are given."""
        self.check_access("write")
        for contest in self:
            if contest.state != "running":
                raise UserError(
                    self.env._("“%s” is not running.", contest.display_name)
                )
        for contest in self.sudo():  # the engine ends contests
            after = fields.Date.add(contest.company_id._sales_today(), days=1)
            if contest.date_from >= after:
                raise UserError(
                    self.env._(
                        "“%s” has not begun yet: cancel it instead.",
                        contest.display_name,
                    )
                )
            if after < contest.date_to:
                contest.write({"date_to": after})
                contest._change_version(
                    self.env._("Ended before its last day."), self.env.user
                )
        self.sudo()._finish()  # the engine ends contests

    def action_cancel(self, reason=None):
        """Call it off: no places, no prizes. Without a reason, ask for it.

        :param str reason: why, for everybody in it
        """
        self.check_access("write")
        if not (reason or "").strip():
            return self._open_change("cancel")
        for contest in self:
            if contest.state not in ("draft", "running"):
                raise UserError(
                    self.env._("“%s” is over already.", contest.display_name)
                )
        self._decide("cancelled", cancel_reason=reason.strip())
        # Whoever may cancel it tells everybody.
        for contest in self.sudo():
            contest.message_post(
                body=reason.strip(), author_id=self.env.user.partner_id.id
            )
            contest._bus_send("sales_contest_changed", {"contest_id": contest.id})
        return True

    def _finish(self):
        """Count for the last time, freeze, give prizes and make the next season."""
        contests = self.try_lock_for_update().filtered(
            lambda contest: contest.state == "running"
        )
        if not contests:
            return contests
        contests._refresh()
        standings = contests.standing_ids
        standings.write({"is_final": True})
        contests._decide("ended")
        contests._give_prizes()
        contests._make_next_seasons()
        for contest in contests:
            contest._bus_send("sales_contest_changed", {"contest_id": contest.id})
        return contests

    # === SEASONS === #

    def _make_next_seasons(self):
        """The next season of those that repeat: it runs at once, by the same rules."""
        repeated = self.filtered(
            lambda contest: contest.repeats in MONTHS and not contest.next_ids
        )
        seasons = self.browse()
        for contest in repeated:
            first, after = next_span(contest.date_to, MONTHS[contest.repeats])
            season = contest.copy(
                {
                    "name": contest.name,
                    "date_from": first,
                    "date_to": after,
                    "previous_id": contest.id,
                    "season_number": contest.season_number + 1,
                }
            )
            contest._carry_people(season)
            seasons |= season
        if seasons:
            seasons._start(self.env.user)
        return seasons

    def _carry_people(self, season):
        """Who takes part goes on, one league higher or lower where it is due, and
        whoever opted out stays out."""
        leagues = dict(zip(self._in_order(), season._in_order(), strict=True))
        played = {}
        if leagues:
            keys = list(leagues)
            played = new_leagues(
                [League(row, row.promote, row.demote) for row in keys],
                [self._best_first(row) for row in keys],
            )
        create = self.env["sales.contest.participant"].create
        create(
            [
                {
                    "contest_id": season.id,
                    "user_id": row.user_id.id,
                    "team_id": row.team_id.id,
                    "league_id": leagues[played.get(row, row.league_id)].id
                    if leagues and (played.get(row) or row.league_id)
                    else False,
                    "opted_out": row.opted_out,
                    "date_joined": row.date_joined,
                }
                for row in self.participant_ids
                if (row.user_id or row.team_id).active
            ]
        )

    def _in_order(self):
        """Leagues, highest first."""
        return self.league_ids.sorted(lambda row: (row.sequence, row.id))

    def _best_first(self, league):
        """Participants of a league as they ended; of equal ones who was first."""
        rows = self.standing_ids.filtered(lambda row: row.league_id == league)
        rows = rows.sorted(lambda s: (s.rank, s.reached_on or s.rank_day, s.id))
        return list(rows.participant_id)

    # === JOB === #

    @api.model
    def _cron_refresh(self):
        """Count contests that run, and end those whose last day is over."""
        contests = self.search([("state", "=", "running")], order="id")
        over = contests.filtered(
            lambda contest: contest.date_to <= contest.company_id._sales_today()
        )
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=len(over) + 1)
        (contests - over)._refresh()
        progress(1)
        for contest in over:
            contest._finish()
            progress(1)
