from odoo.fields import Command
from odoo.tests import tagged

from .performance_contest_common import ContestCommon


@tagged("post_install", "-at_install")
class TestContestSpeed(ContestCommon):
    """As many queries for many people and contests as for few."""

    def _people(self, name, number):
        users = self.env["res.users"].with_context(no_reset_password=True)
        users = users.create(
            [
                {
                    "name": f"{name} {n}",
                    "login": f"contest_{name}_{n}",
                    "company_ids": [Command.set(self.company.ids)],
                    "company_id": self.company.id,
                    "group_ids": [
                        Command.link(self.env.ref("sales_process.group_rep").id)
                    ],
                }
                for n in range(number)
            ]
        )
        return self.env["crm.team"].create(
            {
                "name": name,
                "company_id": self.company.id,
                "member_ids": [Command.set(users.ids)],
            }
        )

    def _contests(self, team, number):
        contests = self.env["sales.contest"]
        for scoring in ("amount", "improvement", "attainment"):
            for _n in range(number):
                contests |= self._contest(
                    {"metric_id": self.invoiced.id, "weight": 50},
                    {"source": "closing_dates", "weight": 30},
                    {"source": "streak", "weight": 20},
                    scoring=scoring,
                    ramp=True,
                    team_ids=[Command.set(team.ids)],
                )
        return contests

    def _count(self, contests, team):
        for user in team.member_ids:
            self._credit(user, 100, team=team)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        contests._refresh()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_counting(self):
        few, many = self._people("few", 4), self._people("many", 8)
        small, large = self._contests(few, 1), self._contests(many, 2)
        self._count(small, few)
        self._count(large, many)
        self.assertEqual(self._count(small, few), self._count(large, many))

    def test_leaderboards(self):
        counts = []
        for name, number in (("some", 4), ("more", 8)):
            team = self._people(name, number)
            contest = self._contests(team, 1)[0]
            user = team.member_ids[0]
            contests = self.env["sales.contest"].with_user(user)
            for _warm in range(2):
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                contests.get_leaderboard(contest.id)
                contests.get_my_contests()
                count = self.env.cr.sql_log_count - before
            counts.append(count)
        self.assertEqual(*counts)
