from datetime import timedelta

from odoo.fields import Command

from ..common import DIRECTOR, LEADER
from ..target.target_common import TargetCommon


class ContestCommon(TargetCommon):
    """A contest of this and the next days by what is invoiced.

    North (leader): ann, cat. South: bob. Dee directs. The contest began five days ago
    and lasts ten days.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoiced = cls.env.ref("sales_process.metric_invoiced")
        cls.won = cls.env.ref("sales_process.metric_won_deal")
        cls.leader = cls._make_person("contest_leader", LEADER)
        cls.director = cls._make_person("contest_director", DIRECTOR)
        cls.cat = cls._make_person("contest_cat", "sales_team.group_sale_salesman")
        cls.portal = cls._make_person("contest_portal", "base.group_portal")
        cls.north.user_id = cls.leader
        for user, team in (
            (cls.ann, cls.north),
            (cls.bob, cls.south),
            (cls.cat, cls.north),
        ):
            if user not in team.member_ids:
                team.member_ids = [Command.link(user.id)]
        cls.begin = cls.today - timedelta(days=5)
        cls.end = cls.today + timedelta(days=5)

    @classmethod
    def _contest(cls, *parts, start=True, **values):
        """A contest of both teams.

        :param parts: values of what counts; invoiced amounts by default
        """
        values.setdefault("name", "Sprint")
        values.setdefault("scoring", "amount")
        values.setdefault("date_from", cls.begin)
        values.setdefault("date_to", cls.end)
        values.setdefault("team_ids", [Command.set((cls.north | cls.south).ids)])
        parts = parts or ({"metric_id": cls.invoiced.id, "unit_amount": 100},)
        contest = cls.env["sales.contest"].create(
            {"metric_ids": [Command.create(part) for part in parts], **values}
        )
        if start:
            contest.action_start()
            contest.participant_ids.sudo().write(
                {"date_joined": cls.today - timedelta(days=3650)}
            )
        return contest

    @classmethod
    def _credit(cls, user, amount, day=None, metric=None, team=None, **values):
        """A row of the ledger, as the engine writes it."""
        metric = metric or cls.invoiced
        team = team or (cls.south if user == cls.bob else cls.north)
        return (
            cls.env["sales.credit"]
            .sudo()
            .create(  # nobody else may
                {
                    "metric_id": metric.id,
                    "date": day or cls.today,
                    "user_id": user.id,
                    "team_id": team.id,
                    "company_id": cls.company.id,
                    "currency_id": cls.company.currency_id.id,
                    "amount": amount,
                    "share": 100,
                    "source_model": "account.move",
                    "source_id": 0,
                    "part_id": 0,
                    "reason": "event",
                    **values,
                }
            )
        )

    def _places(self, contest):
        """``{login: (rank, points)}``."""
        contest._refresh()
        return {
            (row.user_id or row.team_id).display_name: (row.rank, row.score)
            for row in contest.standing_ids
        }

    def assertPlaces(self, contest, **expected):
        """Places by the names of attributes: ``ann=(1, 20.0)``."""
        found = self._places(contest)
        wanted = {
            getattr(self, name).display_name: place for name, place in expected.items()
        }
        self.assertEqual(found, wanted)

    def _board(self, contest, user):
        return self.env["sales.contest"].with_user(user).get_leaderboard(contest.id)
