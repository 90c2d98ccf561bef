from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .contest_board import Board

# How long a contest that is over is listed among one's own.
RECENT = 60
DIRECTOR = "sales_process.group_director"


class SalesContest(models.Model):
    """What people see of a contest: never more than its settings allow."""

    _inherit = "sales.contest"

    @api.model
    @api.readonly
    def get_leaderboard(self, contest_id):
        """The standing of a contest as the user may see it.

        Names of others follow the settings, the last place is nobody else's business,
        and whoever opted out is not there at all.

        :param int contest_id: of a contest the user takes part in, leads somebody of,
            or directs
        :return: dict with ``contest``, ``me``, ``rows``, ``hidden``, ``leagues`` and
            ``updated_on``
        :raise AccessError: for everybody else
        :raise UserError: for a contest that is not there
        """
        self.check_access("read")
        contest = self.browse(contest_id).exists()
        if not contest:
            raise UserError(self.env._("This contest is gone. Choose another one."))
        contest.check_access("read")
        if contest.state == "draft" and not self.env.user.has_group(DIRECTOR):
            raise AccessError(self.env._("This contest has not started yet."))
        contest = contest.sudo()  # rows are hidden below, by who is asking
        standings = contest._read_standings()[contest.id]
        board = Board(contest, standings, contest._read_viewer(self.env.user))
        return {
            "contest": contest._tell(),
            "me": board.me(),
            "rows": board.rows(),
            "hidden": board.hidden,
            "leagues": contest._tell_leagues(),
            "updated_on": _iso(contest.refreshed_on),
        }

    @api.model
    @api.readonly
    def get_my_contests(self):
        """Contests the user takes part in: running ones, then those just over.

        :return: list of dicts with ``id``, ``name``, ``kind``, ``state``, ``date_to``,
            ``days_left``, ``rank``, ``of`` and ``score``
        """
        self.check_access("read")
        recent = fields.Date.subtract(self.env.company._sales_today(), days=RECENT)
        contests = self.search(
            [
                ("participant_ids.member_ids", "in", self.env.uid),
                ("company_id", "in", self.env.companies.ids),
                "|",
                ("state", "=", "running"),
                "&",
                ("state", "=", "ended"),
                ("date_to", ">=", recent),
            ],
            order="state desc, date_to, id",
            limit=100,
        ).sudo()  # places of oneself, and how many there are
        standings = contests._read_standings()
        viewers = contests._read_viewers(self.env.user)
        result = []
        for contest in contests:
            board = Board(contest, standings[contest.id], viewers[contest.id])
            own = board.own
            result.append(
                {
                    "id": contest.id,
                    "name": contest.display_name,
                    "kind": contest.kind,
                    "state": contest.state,
                    "date_to": str(contest.date_to),
                    "days_left": contest._days_left(),
                    "rank": own["rank"] if own else False,
                    "of": board.number_ranked(own) if own else 0,
                    "score": own["score"] if own else 0.0,
                }
            )
        return result

    def _get_wall(self):
        """What a screen on the wall shows of contests: nothing personal but names where
        the settings show them.

        :return: list of dicts like those of :meth:`get_leaderboard`, without ``me``
        """
        contests = self.sudo()  # rows are hidden below, as from strangers
        standings = contests._read_standings()
        result = []
        for contest in contests:
            board = Board(contest, standings[contest.id], Viewer(None, (), ()))
            result.append(
                {
                    "contest": contest._tell(),
                    "rows": board.rows(),
                    "hidden": board.hidden,
                    "leagues": contest._tell_leagues(),
                    "updated_on": _iso(contest.refreshed_on),
                }
            )
        return result

    # === READING === #

    def _read_standings(self):
        """Rows of standings, best first: ``{contest id: [dict]}``.

        One query: three hundred records would take longer than all the rest.
        """
        self.env.flush_all()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT s.id, s.contest_id, s.participant_id, s.user_id, s.team_id,
                       s.scope_team_id, s.league_id, s.score::float8 AS score, s.rank,
                       s.previous_rank, s.is_tied, s.is_qualified, s.reached_on,
                       s.streak, u.partner_id, pa.name AS person, t.name AS team
                  FROM sales_standing s
                  LEFT JOIN res_users u ON u.id = s.user_id
                  LEFT JOIN res_partner pa ON pa.id = u.partner_id
                  LEFT JOIN crm_team t ON t.id = s.team_id
                  LEFT JOIN sales_contest_league l ON l.id = s.league_id
                 WHERE s.contest_id = ANY (%s)
                 ORDER BY s.contest_id, l.sequence, l.id, s.rank, s.reached_on, s.id
                """,
                self.ids,
            )
        )
        result = defaultdict(list)
        for row in rows:
            result[row["contest_id"]].append(row)
        return result

    def _read_lines(self, standing_ids):
        """Lines by standing: ``{id: [dict]}``."""
        result = defaultdict(list)
        for row in self.env.execute_query_dict(
            SQL(
                """
                SELECT standing_id, contest_metric_id AS part, value::float8 AS value,
                       reference::float8 AS reference, share_ramp::float8 AS ramp,
                       heads, points::float8 AS points
                  FROM sales_standing_line
                 WHERE standing_id = ANY (%s) ORDER BY contest_metric_id
                """,
                list(standing_ids),
            )
        ):
            result[row["standing_id"]].append(row)
        return result

    def _read_viewer(self, user):
        return self._read_viewers(user)[self.id]

    def _read_viewers(self, user):
        """Who somebody is in contests: ``{contest id: Viewer}``."""
        is_director = user.has_group(DIRECTOR)
        result = {contest.id: Viewer(user.id, set(), set()) for contest in self}
        rows = self.env.execute_query(
            SQL(
                """
                SELECT p.contest_id, p.id, p.opted_out,
                       EXISTS (SELECT FROM sales_contest_member_rel m
                                WHERE m.participant_id = p.id AND m.user_id = %(user)s),
                       EXISTS (SELECT FROM sales_crm_team_manager_rel r
                                WHERE r.team_id = p.scope_team_id
                                  AND r.user_id = %(user)s)
                  FROM sales_contest_participant p WHERE p.contest_id = ANY (%(ids)s)
                """,
                user=user.id,
                ids=self.ids,
            )
        )
        for contest_id, id_, opted_out, is_own, is_led in rows:
            viewer = result[contest_id]
            if is_own:
                viewer.own.add(id_)
                viewer.opted_out |= bool(opted_out)
            if is_led or is_director:
                viewer.led.add(id_)
        return result

    # === TELLING === #

    def _days_left(self):
        """Days until the contest is over, today included; 0 when it is."""
        self.ensure_one()
        if self.state != "running":
            return 0
        return max((self.date_to - self.company_id._sales_today()).days, 0)

    def _tell(self):
        self.ensure_one()
        scorings = dict(self._fields["scoring"]._description_selection(self.env))
        newest = self.version_ids[:1] if self.version > 1 else None
        return {
            "id": self.id,
            "name": self.display_name,
            "kind": self.kind,
            "state": self.state,
            "scoring": self.scoring,
            "scoring_name": scorings[self.scoring],
            "date_from": str(self.date_from),
            "date_to": str(self.date_to),
            "days_left": self._days_left(),
            "season": self.season_number,
            "version": self.version,
            "version_note": newest.reason or False if newest else False,
            "celebrate": self.celebrate,
            "allow_opt_out": self.allow_opt_out,
            "minimum": self.minimum_score,
            "currency_id": self.currency_id.id,
            "metrics": [row._tell() for row in self.metric_ids],
            "prizes": [
                {
                    "rank_from": prize.rank_from,
                    "rank_to": prize.rank_to,
                    "name": prize.name,
                    "badge_id": prize.badge_id.id,
                    "karma": prize.karma,
                    "league_id": prize.league_id.id,
                }
                for prize in self.prize_ids
            ],
            "rules": self.rules_text,
        }

    def _tell_leagues(self):
        if self.kind != "league":
            return []
        return [
            {
                "id": league.id,
                "name": league.name,
                "promote": league.promote,
                "demote": league.demote,
            }
            for league in self.league_ids
        ]


class Viewer:
    """Who is looking.

    :ivar user: id; None for a screen on the wall
    :ivar set own: the viewer's own participants
    :ivar set led: participants the viewer leads
    :ivar bool opted_out: whether the viewer rather takes no part
    """

    def __init__(self, user, own, led):
        self.user, self.own, self.led = user, set(own), set(led)
        self.opted_out = False


def _iso(moment):
    return moment.isoformat() if moment else False
