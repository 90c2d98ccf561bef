from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .performance_contest_common import ContestCommon

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestContestState(ContestCommon):
    """From the start to the prizes, the next season, and rules that change."""

    def _gold(self, **values):
        badge = self.env.ref("sales_process.badge_contest_first")
        return Command.create({"name": "Gold", "badge_id": badge.id, **values})

    def test_rules_stay_after_the_start(self):
        contest = self._contest().with_user(self.director)
        changes = [
            {"date_last": self.end},
            {"scoring": "attainment"},
            {"minimum_score": 5},
            {"metric_ids": [Command.clear()]},
            {"prize_ids": [self._gold()]},
            {"ramp": True},
        ]
        for values in changes:
            with (
                self.subTest(values=values),
                self.assertRaisesRegex(UserError, "Change the Rules"),
            ):
                contest.write(values)
        parts = contest.metric_ids
        for change in (
            lambda: parts.write({"weight": 50}),
            lambda: parts.unlink(),
            lambda: parts.copy(),
        ):
            with self.assertRaisesRegex(UserError, "Change the Rules"):
                change()
        for values in ({"state": "ended"}, {"version": 7}, {"previous_id": contest.id}):
            with self.assertRaises(AccessError):
                contest.write(values)
        contest.write({"name": "Summer Sprint", "show_top": 3, "anonymous": True})

    def test_a_new_version_is_seen_by_all(self):
        contest = self._contest()
        self._credit(self.ann, 1000)
        self._credit(self.bob, 2, metric=self.won, currency_id=False)
        old = contest.version_ids.rules
        with self.assertRaisesRegex(UserError, "Say why"):
            contest.with_user(self.director).action_new_version(" ", {})
        with self.assertRaisesRegex(UserError, "stays as it is"):
            contest.with_user(self.director).action_new_version("No", {"kind": "team"})
        with self.assertRaises(AccessError):
            contest.with_user(self.leader).action_new_version("I like it", {})
        change = (
            self.env["sales.contest.change"]
            .with_user(self.director)
            .with_context(default_contest_id=contest.id)
            .create({"reason": "Won deals count"})
        )
        change.line_ids.weight = 50
        change.line_ids = [
            Command.create({"metric_id": self.won.id, "weight": 50, "unit_amount": 0.1})
        ]
        change.action_change()
        self.assertEqual(contest.version, 2)
        self.assertPlaces(contest, bob=(1, 10.0), ann=(2, 5.0), cat=(3, 0.0))
        new, first = contest.version_ids
        self.assertEqual(first.rules, old)
        self.assertIn(self.won.name, new.rules)
        self.assertEqual(new.user_id, self.director)
        board = self._board(contest, self.ann)
        self.assertEqual(board["contest"]["version_note"], "Won deals count")
        seen = contest.with_user(self.ann).version_ids
        self.assertEqual(len(seen), 2)
        with self.assertRaises(AccessError):
            new.sudo().write({"rules": "None"})

    def test_what_cannot_start(self):
        cases = (
            ("Nothing counts", {"metric_ids": [Command.clear()]}),
            ("add up to 30", {"metric_ids": [Command.update(0, {"weight": 30})]}),
            ("is over", {"date_from": self.begin - 9 * DAY, "date_to": self.today}),
            ("two leagues", {"kind": "league"}),
        )
        for message, values in cases:
            contest = self._contest(start=False)
            if "metric_ids" in values and values["metric_ids"][0][0] == 1:
                contest.metric_ids.weight = 30
            else:
                contest.write(values)
            with self.subTest(message=message):
                with self.assertRaisesRegex(UserError, message):
                    contest.action_start()

    def test_prizes_once(self):
        """Ann and bob share the first place and both win; cat has too few points."""
        before = self.ann.sudo().karma
        contest = self._contest(
            minimum_score=5,
            prize_ids=[
                self._gold(karma=50),
                Command.create({"name": "Cake", "rank_from": 2, "rank_to": 3}),
            ],
        )
        self._credit(self.ann, 1000)
        self._credit(self.bob, 1000)
        self._credit(self.cat, 400)
        contest.action_end()
        badges = self.env["gamification.badge.user"].search(
            [("sales_contest_id", "=", contest.id)]
        )
        self.assertEqual(badges.user_id, self.ann | self.bob)
        self.assertEqual(len(badges), 2)
        self.assertEqual(self.ann.sudo().karma, before + 50)
        contest.sudo()._finish()
        with self.assertRaises(UserError):
            contest.action_end()
        self.assertEqual(self.ann.sudo().karma, before + 50)

    def test_without_points_nobody_wins(self):
        contest = self._contest(prize_ids=[self._gold()])
        contest.action_end()
        self.assertFalse(contest.standing_ids.filtered("is_qualified"))
        badges = self.env["gamification.badge.user"]
        self.assertFalse(badges.search([("sales_contest_id", "=", contest.id)]))

    def test_no_flood_of_mails(self):
        """Ranks change, and nobody gets a mail for it besides the one of the prize."""
        rank = self.env["gamification.karma.rank"].sudo()
        rank.create({"name": "Winner", "karma_min": self.ann.sudo().karma + 10})
        contest = self._contest(prize_ids=[self._gold(karma=5000, rank_to=3)])
        for user in (self.ann, self.bob, self.cat):
            self._credit(user, 1000)
        template = type(self.env["mail.template"])
        with patch.object(template, "send_mail") as send:
            contest.action_end()
            self.env.flush_all()
        self.assertFalse(send.called)
        self.assertGreaterEqual(self.ann.sudo().karma, 5000)

    def test_ended_by_the_job_after_the_last_day(self):
        contest = self._contest()
        self._credit(self.ann, 1000, day=self.begin)
        self.env.cr.execute(
            "UPDATE sales_contest SET date_to = %s WHERE id = %s",
            [self.today, contest.id],
        )
        self._credit(self.bob, 5000, day=self.today)  # a day late
        contest.invalidate_recordset()
        with self.enter_registry_test_mode():
            job = self.env.ref("sales_process.performance_contest_cron")
            job.sudo().method_direct_trigger()
        self.assertEqual(contest.state, "ended")
        self.assertEqual(contest.standing_ids[0].user_id, self.ann)

    def test_ending_early_is_a_version(self):
        contest = self._contest()
        contest.action_end()
        self.assertEqual(contest.date_last, self.today)
        self.assertEqual(contest.version_ids[0].reason, "Ended before its last day.")

    def test_cancelled(self):
        contest = self._contest(prize_ids=[self._gold()])
        action = contest.action_cancel()
        self.assertEqual(action["res_model"], "sales.contest.cancel")
        self.assertEqual(contest.state, "running")
        contest.action_cancel("Too much snow")
        self.assertEqual(contest.state, "cancelled")
        self.assertEqual(contest.cancel_reason, "Too much snow")
        self.assertFalse(any(contest.standing_ids.mapped("is_final")))

    def test_seasons_and_leagues(self):
        """Bob is the best below and goes up, cat is the last above and goes down."""
        contest = self._contest(
            start=False,
            kind="league",
            repeats="month",
            league_ids=[
                Command.create({"name": "Top", "sequence": 1, "demote": 1}),
                Command.create({"name": "Base", "sequence": 2, "promote": 1}),
            ],
            prize_ids=[self._gold()],
        )
        top, base = contest.league_ids
        contest.with_user(self.director).action_fill_people()
        rows = {row.user_id: row for row in contest.participant_ids}
        self.assertEqual(contest.participant_ids.league_id, base)
        for user in (self.ann, self.cat):
            rows[user].with_user(self.director).league_id = top
        contest.action_start()
        contest.participant_ids.sudo().write({"date_joined": self.today - 999 * DAY})
        self._credit(self.ann, 1000)
        self._credit(self.bob, 10)
        self.assertPlaces(contest, ann=(1, 10.0), cat=(2, 0.0), bob=(1, 0.1))
        contest.action_end()
        season = contest.next_ids
        self.assertEqual(season.state, "running")
        self.assertEqual(season.season_number, 2)
        self.assertEqual(season.date_from, contest.date_to)
        self.assertEqual(season.metric_ids.unit_amount, 100)
        self.assertEqual(season.prize_ids.name, "Gold")
        where = {r.user_id: r.league_id.name for r in season.participant_ids}
        self.assertEqual(where, {self.ann: "Top", self.bob: "Top", self.cat: "Base"})
        contest.sudo()._make_next_seasons()
        self.assertEqual(len(contest.next_ids), 1)

    def test_leagues_keep_their_size(self):
        with self.assertRaisesRegex(ValidationError, "keep their size"):
            self._contest(
                start=False,
                kind="league",
                league_ids=[
                    Command.create({"name": "Top", "sequence": 1, "demote": 2}),
                    Command.create({"name": "Base", "sequence": 2, "promote": 1}),
                ],
            )

    def test_opting_out(self):
        contest = self._contest()
        self._credit(self.ann, 1000)
        self._credit(self.bob, 500)
        contest.with_user(self.ann).action_opt_out()
        self.assertPlaces(contest, bob=(1, 5.0), cat=(2, 0.0))
        board = self._board(contest, self.ann)
        self.assertTrue(board["me"]["opted_out"])
        self.assertFalse(board["me"]["rank"])
        contest.with_user(self.ann).action_opt_in()
        self.assertPlaces(contest, ann=(1, 10.0), bob=(2, 5.0), cat=(3, 0.0))
        with self.assertRaises(UserError):
            contest.with_user(self.director).action_opt_out()
        strict = self._contest(allow_opt_out=False)
        with self.assertRaisesRegex(UserError, "everybody takes part"):
            strict.with_user(self.ann).action_opt_out()
