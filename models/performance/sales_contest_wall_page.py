import re

from odoo import fields, models
from odoo.tools import SQL

# What is read of a standing, and nothing else: what is added to it stays inside.
ROW = ("rank", "name", "score", "change")
PHOTO = re.compile(r"/res\.users/(\d+)/")
# More than this nobody reads while walking by: three places and four pages of six.
ROWS = 27
NEWS_MINUTES = 10
NEWS_LIMIT = 20


class SalesContestWall(models.Model):
    """What the page of a wall screen is made of."""

    _inherit = "sales.contest.wall"

    def _get_page(self):
        """Everything the screen shows, as plain JSON; times in ISO, UTC."""
        self.ensure_one()
        contests = self._shown_contests()
        standings = contests._get_wall()
        return {
            "title": self.name,
            "company": self.company_id.name,
            "seconds": self.seconds,
            "labels": self._get_labels(),
            "contests": [
                page
                for contest, standing in zip(contests, standings, strict=True)
                for page in self._prepare_contest(contest, standing)
            ],
            "news": self._get_news(contests, standings),
        }

    def _get_labels(self):
        return {
            "participant": self.env._("Participant"),
            "updated": self.env._("Updated at"),
            "offline": self.env._("No connection. Last updated at"),
            "nobody": self.env._("Nobody has points yet. Who is first?"),
            "none": self.env._(
                "No contest is running. The next one appears here by itself."
            ),
        }

    def _prepare_contest(self, contest, standing):
        """One page of a contest, or one of each league."""
        leagues = contest.league_ids if contest.kind == "league" else [None]
        for league in leagues:
            name = contest.name
            if league:
                name = f"{name} · {league.name}"
            prizes = contest.prize_ids.filtered(
                lambda prize, league=league: (
                    not prize.league_id or prize.league_id == league
                )
            )
            yield {
                "name": name,
                "time": self._time_text(contest),
                "prizes": [self._prize_text(prize) for prize in prizes[:4]],
                "rows": self._prepare_rows(standing["rows"], league),
            }

    def _prepare_rows(self, rows, league):
        """The first rows, of a league where there are leagues."""
        rows = [row for row in rows if not league or row["league"] == league.id]
        return [
            {**{key: row[key] for key in ROW}, "photo": self._photo_of(row)}
            for row in rows[:ROWS]
        ]

    def _time_text(self, contest):
        if contest.state == "ended":
            return self.env._("Final")
        left = (contest.date_to - self.company_id._sales_today()).days
        if left <= 1:
            return self.env._("Last day")
        return self.env._("%s days left", left)

    def _prize_text(self, prize):
        if prize.rank_to > prize.rank_from:
            return self.env._(
                "%(first)s–%(last)s: %(prize)s",
                first=prize.rank_from,
                last=prize.rank_to,
                prize=prize.name,
            )
        return self.env._(
            "%(place)s: %(prize)s", place=prize.rank_from, prize=prize.name
        )

    # === PICTURES === #

    def _photo_of(self, row):
        user_id = self._shown_user(row)
        return user_id and self._photo_key(user_id)

    def _shown_user(self, row):
        """Whose picture a row shows; False for none."""
        found = PHOTO.search(row["avatar"] or "")
        return int(found[1]) if found and row["name"] else False

    def _find_photo(self, key):
        """The picture of somebody who is shown on the screen; None for all others."""
        for standing in self._shown_contests()._get_wall():
            for row in standing["rows"]:
                user_id = self._shown_user(row)
                if user_id and self._photo_key(user_id) == key:
                    return self.env["res.users"].browse(user_id)
        return None

    # === NEWS === #

    def _get_news(self, contests, standings):
        """Deals won in the last minutes, by those who take part.

        No deal, no customer, no amount; and a name only where the standing shows it.
        """
        contests = contests.filtered(
            lambda contest: contest.celebrate and contest.state == "running"
        )
        named = {
            self._shown_user(row): row["name"]
            for standing in standings
            for row in standing["rows"]
        }
        return [
            {
                "key": self._photo_key(f"credit {credit_id}"),
                "text": self.env._("%s won a deal!", named[user_id])
                if named.get(user_id)
                else self.env._("A deal was won!"),
            }
            for credit_id, user_id in self._recent_wins(contests)
        ]

    def _recent_wins(self, contests):
        """:return: ``[(id of the credit, id of the person)]``, the oldest first"""
        if not contests:
            return []
        rows = self.env.execute_query(
            SQL(
                """
                SELECT c.id, c.user_id
                  FROM sales_credit c
                  JOIN sales_metric m ON m.id = c.metric_id AND m.code = 'won_deal'
                 WHERE c.create_date >= %(since)s AND c.date >= %(day)s
                   AND c.company_id = %(company)s AND c.amount > 0
                   AND c.reversal_of_id IS NULL AND c.is_overlay IS NOT TRUE
                   AND EXISTS (
                    SELECT 1 FROM sales_contest_participant p
                      JOIN sales_contest_member_rel r ON r.participant_id = p.id
                     WHERE p.contest_id = ANY (%(contests)s)
                       AND r.user_id = c.user_id AND p.opted_out IS NOT TRUE)
                 ORDER BY c.id DESC LIMIT %(limit)s
                """,
                since=fields.Datetime.subtract(
                    fields.Datetime.now(), minutes=NEWS_MINUTES
                ),
                day=fields.Date.subtract(self.company_id._sales_today(), days=1),
                company=self.company_id.id,
                contests=contests.ids,
                limit=NEWS_LIMIT,
            )
        )
        return rows[::-1]
