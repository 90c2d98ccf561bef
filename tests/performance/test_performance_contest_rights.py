import json

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import HttpCase, tagged
from odoo.tests.common import JsonRpcException
from odoo.tools import mute_logger

from ..common import DIRECTOR
from .performance_contest_common import ContestCommon

PARTS = (
    "sales.contest.metric",
    "sales.contest.prize",
    "sales.contest.league",
    "sales.contest.version",
)


@tagged("post_install", "-at_install")
class TestContestRights(ContestCommon):
    """Own places, those of the teams led, all; drafts are for directors."""

    rule_tested_models = (
        "sales.contest",
        "sales.contest.participant",
        "sales.standing",
        "sales.standing.line",
        *PARTS,
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.both = cls._contest(
            prize_ids=[Command.create({"name": "Cake"})],
            league_ids=[Command.create({"name": "One"})],
        )
        cls.only_south = cls._contest(team_ids=[Command.set(cls.south.ids)])
        cls.draft = cls._contest(start=False)
        cls._credit(cls.ann, 1000)
        cls._credit(cls.bob, 500)
        (cls.both | cls.only_south)._refresh()
        cls.contests = cls.both | cls.only_south | cls.draft

    def _seen(self, user, model="sales.contest"):
        records = self.env[model].with_user(user)
        column = "id" if model == "sales.contest" else "contest_id"
        if model == "sales.standing.line":
            column = "standing_id.contest_id"
        return records.search([(column, "in", self.contests.ids)]).sudo()

    def test_contests(self):
        self.assertEqual(self._seen(self.ann), self.both)
        self.assertEqual(self._seen(self.bob), self.both | self.only_south)
        self.assertEqual(self._seen(self.leader), self.both)
        self.assertEqual(self._seen(self.director), self.contests)
        for model in PARTS:
            owners = self._seen(self.ann, model).contest_id
            self.assertLessEqual(owners, self.both, model)
            self.assertTrue(owners, model)
            everything = self._seen(self.director, model).contest_id
            self.assertLessEqual(self.both, everything)

    def test_standings(self):
        """Own row: rep; those of North: its leader; company: director."""
        for model in ("sales.standing", "sales.contest.participant"):
            for user, people in (
                (self.ann, self.ann),
                (self.bob, self.bob),
                (self.leader, self.ann | self.cat),
                (self.director, self.ann | self.bob | self.cat),
            ):
                with self.subTest(model=model, user=user.login):
                    self.assertEqual(self._seen(user, model).user_id, people)
        lines = self._seen(self.ann, "sales.standing.line")
        self.assertEqual(lines.standing_id.user_id, self.ann)
        lines = self._seen(self.leader, "sales.standing.line")
        self.assertEqual(lines.standing_id.user_id, self.ann | self.cat)

    def test_nobody_reads_others_another_way(self):
        standings = self.env["sales.standing"].with_user(self.ann)
        domain = [("contest_id", "=", self.both.id)]
        groups = standings._read_group(domain, ["user_id"], ["__count"])
        self.assertEqual([user for user, _count in groups], [self.ann])
        self.ann.sudo().group_ids |= self.env.ref("base.group_allow_export")
        found = standings.search(domain).export_data(["name", "score"])["datas"]
        self.assertEqual(len(found), 1)
        others = self.both.standing_ids.filtered(lambda row: row.user_id == self.bob)
        with self.assertRaises(AccessError):
            others.with_user(self.ann).read(["score"])
        mine = self.both.with_user(self.ann)
        self.assertEqual(mine.standing_ids.user_id, self.ann)

    def test_of_other_companies(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        boss = self._make_person("contest_elsewhere", DIRECTOR)
        boss.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        for model in self.rule_tested_models:
            self.assertFalse(self._seen(boss, model), model)
        with self.assertRaises(AccessError):
            self._board(self.both, boss)

    def test_leaderboards(self):
        for user in (self.ann, self.bob, self.leader, self.director):
            self.assertTrue(self._board(self.both, user)["contest"])
        stranger = self._make_person("contest_dan", "sales_team.group_sale_salesman")
        for user in (stranger, self.portal):
            with self.assertRaises(AccessError):
                self._board(self.both, user)
        with self.assertRaises(AccessError):
            self._board(self.only_south, self.ann)
        with self.assertRaises(AccessError):
            self._board(self.draft, self.ann)
        with self.assertRaises(UserError):
            self.env["sales.contest"].with_user(self.ann).get_leaderboard(0)

    def test_my_contests(self):
        contests = self.env["sales.contest"]
        [mine] = contests.with_user(self.ann).get_my_contests()
        self.assertEqual(
            (mine["id"], mine["rank"], mine["of"], mine["score"]),
            (self.both.id, 1, 3, 10.0),
        )
        rows = contests.with_user(self.bob).get_my_contests()
        both = self.both | self.only_south
        self.assertEqual({row["id"] for row in rows}, set(both.ids))
        self.assertFalse(contests.with_user(self.director).get_my_contests())

    # === DIGNITY === #

    def _names(self, user, **values):
        self.both.write(values)
        board = self._board(self.both, user)
        return [row["name"] for row in board["rows"]], board["hidden"]

    def test_the_last_place_is_nobody_elses_business(self):
        ann, bob, cat = (user.name for user in (self.ann, self.bob, self.cat))
        self.assertEqual(self._names(self.ann), ([ann, bob], 1))
        self.assertEqual(self._names(self.bob), ([ann, bob], 1))
        self.assertEqual(self._names(self.cat), ([ann, bob, cat], 0))
        self.assertEqual(self._names(self.leader), ([ann, bob, cat], 0))
        self.assertEqual(self._names(self.director), ([ann, bob, cat], 0))
        [wall] = self.both._get_wall()
        self.assertEqual([row["name"] for row in wall["rows"]], [ann, bob])
        self.assertNotIn("me", wall)
        self.assertFalse(any(row["is_me"] or row["lines"] for row in wall["rows"]))

    def test_top_and_anonymous(self):
        ann, bob, cat = (user.name for user in (self.ann, self.bob, self.cat))
        self.assertEqual(self._names(self.cat, show_top=1), ([ann, cat], 1))
        self.assertEqual(self._names(self.leader), ([ann, cat], 1))
        self.assertEqual(self._names(self.cat, anonymous=True), (["", cat], 1))
        board = self._board(self.both, self.cat)
        self.assertFalse(board["rows"][0]["avatar"])
        self.assertEqual(board["me"]["next"]["name"], "")
        self.assertEqual(self._names(self.ann, show_top=0), ([ann, ""], 1))
        self.assertNotIn(bob, json.dumps(self._board(self.both, self.ann)))

    def test_lines_are_for_those_who_lead(self):
        for user, people in (
            (self.ann, {self.ann}),
            (self.leader, {self.ann, self.cat}),
        ):
            rows = self._board(self.both, user)["rows"]
            detailed = {row["name"] for row in rows if row["lines"]}
            self.assertEqual(detailed, {person.name for person in people})

    def test_those_who_opted_out_are_not_there(self):
        self.both.with_user(self.bob).action_opt_out()
        for user in (self.ann, self.leader, self.director):
            self.assertNotIn(self.bob.name, json.dumps(self._board(self.both, user)))


@tagged("post_install", "-at_install")
class TestContestForgery(ContestCommon, HttpCase):
    """What people try over RPC to win, all refused: as rep, colleague, leader, portal
    user, and what directors may not either."""

    rule_tested_models = ("sales.contest",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contest = cls._contest(prize_ids=[Command.create({"name": "Cake"})])
        cls._credit(cls.ann, 1000)
        cls.contest._refresh()
        cls.prize = cls.env.ref("sales_process.badge_contest_first")
        cls.praise = cls.env.ref("gamification.badge_good_job")
        cls.people = (cls.ann, cls.cat, cls.leader, cls.portal)

    def _rpc(self, user, model, method, *args, **kwargs):
        """Call a method as the client does."""
        self.authenticate(user.login, user.login)
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": list(args), "kwargs": kwargs},
        )

    def assertRefused(self, user, model, method, *args, **kwargs):
        with (
            self.subTest(user=user.login, model=model, method=method),
            mute_logger("odoo.http"),
            self.assertRaises(JsonRpcException) as caught,
        ):
            self._rpc(user, model, method, *args, **kwargs)
        self.assertRegex(
            str(caught.exception),
            "AccessError|UserError|does not exist|private|NotFound",
        )

    def _refuse_all(self, users, model, record, values):
        for user in users:
            self.assertRefused(user, model, "write", record.ids, values)
            self.assertRefused(user, model, "unlink", record.ids)
            self.assertRefused(user, model, "create", [values])
            for key in ("sudo", "install_mode", "sales_contest_prizes", "su"):
                self.assertRefused(
                    user, model, "write", record.ids, values, context={key: True}
                )

    def test_standings(self):
        everybody = (*self.people, self.director)
        row = self.contest.standing_ids[0]
        self._refuse_all(everybody, "sales.standing", row, {"score": 999, "rank": 1})

    def test_standing_lines(self):
        everybody = (*self.people, self.director)
        row = self.contest.standing_ids.line_ids[0]
        self._refuse_all(everybody, "sales.standing.line", row, {"points": 999})

    def test_versions(self):
        row = self.contest.version_ids[0]
        everybody = (*self.people, self.director)
        self._refuse_all(everybody, "sales.contest.version", row, {"rules": "Ann wins"})

    def test_ledger(self):
        row = self.env["sales.credit"].sudo().search([("user_id", "=", self.ann.id)])
        everybody = (*self.people, self.director)
        self._refuse_all(everybody, "sales.credit", row[:1], {"amount": 999999})

    def test_contests_and_their_rules(self):
        self._refuse_all(
            self.people, "sales.contest", self.contest, {"scoring": "amount"}
        )
        for row, values in (
            (self.contest.metric_ids, {"weight": 1}),
            (self.contest.prize_ids, {"name": "A car"}),
            (self.contest.participant_ids[:1], {"date_joined": "2024-01-01"}),
        ):
            self._refuse_all(self.people, row._name, row, values)
        own = self.contest.participant_ids
        self.assertRefused(
            self.director, own._name, "write", own.ids, {"opted_out": True}
        )
        self.assertRefused(
            self.director,
            "sales.contest",
            "write",
            self.contest.ids,
            {"state": "ended"},
        )

    def test_engine_is_out_of_reach(self):
        for method in ("_refresh", "_give_prizes", "_finish", "_start"):
            for user in (*self.people, self.director):
                self.assertRefused(user, "sales.contest", method, self.contest.ids)
        for method in ("action_start", "action_end", "action_refresh"):
            for user in self.people:
                self.assertRefused(user, "sales.contest", method, self.contest.ids)

    def test_statements(self):
        statement = self.env["sales.commission.statement"].sudo()
        row = statement.create(self._statement_values())
        everybody = (*self.people, self.director)
        self._refuse_all(everybody, "sales.commission.statement", row, {"note": "More"})

    def _statement_values(self):
        return {
            "user_id": self.ann.id,
            "company_id": self.company.id,
            "currency_id": self.company.currency_id.id,
            "date_from": self.begin,
            "date_to": self.end,
        }

    def test_own_rates(self):
        plan = self.env["sales.commission.plan"].create(
            {
                "name": "Plan",
                "bracket_ids": [Command.create({"lower": 0, "rate": 5})],
                "rate_ids": [
                    Command.create({"product_category_id": self.product_a.categ_id.id})
                ],
                "assignment_ids": [Command.create({"user_id": self.ann.id})],
            }
        )
        plan.action_publish()
        for rows, values in (
            (plan.bracket_ids, {"rate": 50}),
            (plan.rate_ids, {"rate": 50}),
            (plan.assignment_ids, {"user_id": self.ann.id}),
            (plan, {"cap_amount": 1}),
        ):
            self._refuse_all(self.people, rows._name, rows, values)

    # === BADGES === #

    def _praise(self, user):
        """A badge that anybody may give, given to somebody."""
        return (
            self.env["gamification.badge.user"]
            .sudo()
            .create({"user_id": user.id, "badge_id": self.praise.id})
        )

    def test_no_badge_is_made_a_prize(self):
        """Odoo checks who may give a badge only when it is given."""
        model = "gamification.badge.user"
        for user in self.people:
            own = self._praise(user)
            for context in ({}, {"install_mode": True}, {"sales_contest_prizes": True}):
                self.assertRefused(
                    user,
                    model,
                    "write",
                    own.ids,
                    {"badge_id": self.prize.id},
                    context=context,
                )
            self.assertRefused(
                user, model, "write", own.ids, {"sales_contest_id": self.contest.id}
            )

    def test_nobody_gives_a_prize(self):
        model = "gamification.badge.user"
        for user in (*self.people, self.director):
            self.assertRefused(
                user, model, "create", [{"user_id": user.id, "badge_id": self.prize.id}]
            )
        admin = self.env.ref("base.user_admin")
        badges = self.env[model].with_user(admin)
        with self.assertRaises(AccessError):
            badges.create({"user_id": admin.id, "badge_id": self.prize.id})
        self.praise.sudo().write({"rule_auth": "everyone"})
        contest = self._contest(
            prize_ids=[Command.create({"name": "x", "badge_id": self.praise.id})]
        )
        self.assertTrue(self.praise.sales_is_prize)
        self.praise.sudo().sales_is_prize = False  # it is promised all the same
        self.assertRefused(
            self.ann,
            model,
            "create",
            [{"user_id": self.ann.id, "badge_id": self.praise.id}],
        )
        self.assertEqual(contest.state, "running")

    def test_prizes_are_not_taken_away(self):
        model = "gamification.badge.user"
        given = (
            self.env[model]
            .sudo()
            .create({"user_id": self.ann.id, "badge_id": self.prize.id})
        )
        for user in (*self.people, self.director):
            for values in (
                {"user_id": user.id},
                {"badge_id": self.praise.id},
                {"comment": "x"},
            ):
                self.assertRefused(user, model, "write", given.ids, values)
            self.assertRefused(user, model, "unlink", given.ids)
        admin = self.env.ref("base.user_admin")
        with self.assertRaises(AccessError):
            given.with_user(admin).unlink()
        with self.assertRaises(AccessError):
            given.with_user(admin).write({"user_id": admin.id})

    def test_badges_of_others_are_as_they_were(self):
        """Badges that are no prizes are given and commented as ever."""
        [made] = [
            self._rpc(
                self.ann,
                "gamification.badge.user",
                "create",
                [{"user_id": self.cat.id, "badge_id": self.praise.id}],
            )
        ]
        self._rpc(
            self.ann, "gamification.badge.user", "write", made, {"comment": "Thank you"}
        )
