from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .performance_contest_common import ContestCommon

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestContest(ContestCommon):
    """What counts, and who stands where: figures worked out by hand."""

    def test_amounts(self):
        """A point for each 100; ann and bob share the first place, cat is third."""
        contest = self._contest()
        self._credit(self.ann, 1500)
        self._credit(self.bob, 2000)
        self._credit(self.bob, -500)
        self._credit(self.cat, 250)
        self._credit(self.cat, 999, day=self.begin - DAY)
        self._credit(self.cat, 999, day=self.end)
        self.assertPlaces(contest, ann=(1, 15.0), bob=(1, 15.0), cat=(3, 2.5))
        rows = contest.standing_ids
        self.assertEqual(rows.mapped("is_tied"), [True, True, False])
        self.assertEqual(sum(rows.line_ids.mapped("value")), 3250)

    def test_who_was_first_is_ahead(self):
        contest = self._contest(tie_rule="first")
        self._credit(self.bob, 1500, day=self.begin)
        self._credit(self.ann, 1500)
        self.assertPlaces(contest, bob=(1, 15.0), ann=(2, 15.0), cat=(3, 0.0))
        board = self._board(contest, self.ann)
        self.assertEqual(board["me"]["next"]["points"], 0.01)

    def test_attainment_of_targets(self):
        """Targets of a month, of which the contest has a part by working days."""
        plan = self._make_plan(
            metric_id=self.invoiced.id,
            date_from=self.begin,
            date_to=self.end,
            period_type="whole",
        )
        self._target({"user_id": self.ann.id}, None, plan, 1, 2000)
        self._target({"user_id": self.bob.id}, None, plan, 1, 500)
        plan.action_publish()
        contest = self._contest({"metric_id": self.invoiced.id}, scoring="attainment")
        self._credit(self.ann, 1000)
        self._credit(self.bob, 400)
        self._credit(self.cat, 400)  # without a target
        self.assertPlaces(contest, bob=(1, 80.0), ann=(2, 50.0), cat=(3, 0.0))

    def test_improvement(self):
        """Ann usually brings 200, bob 1,000; cat has no past and is measured against
        the median of both, 600."""
        length = self.end - self.begin
        for number, (ann, bob) in enumerate(((100, 1000), (200, 3000), (300, 0)), 1):
            self._credit(self.ann, ann, day=self.begin - number * length)
            self._credit(self.bob, bob, day=self.begin - number * length)
        contest = self._contest({"metric_id": self.invoiced.id}, scoring="improvement")
        self._credit(self.ann, 300)
        self._credit(self.bob, 500)
        self._credit(self.cat, 300)
        self.assertPlaces(contest, ann=(1, 150.0), bob=(2, 50.0), cat=(2, 50.0))

    def test_a_weighted_mix(self):
        contest = self._contest(
            {"metric_id": self.invoiced.id, "weight": 60, "unit_amount": 100},
            {"metric_id": self.won.id, "weight": 40, "unit_amount": 0.5},
        )
        self._credit(self.ann, 1000)
        self._credit(self.ann, 3, metric=self.won, currency_id=False)
        self._credit(self.bob, 1400)
        # 10 × 60 % + 6 × 40 %; 14 × 60 %
        self.assertPlaces(contest, ann=(1, 8.4), bob=(1, 8.4), cat=(3, 0.0))

    def test_handicap_of_newcomers(self):
        """Somebody new all through the contest counts as a quarter."""
        contest = self._contest(ramp=True)
        cat = contest.participant_ids.filtered(lambda row: row.user_id == self.cat)
        cat.sudo().date_joined = self.begin
        self._credit(self.ann, 1000)
        self._credit(self.cat, 300)
        self.assertPlaces(contest, cat=(1, 12.0), ann=(2, 10.0), bob=(3, 0.0))

    def test_teams_per_head_and_as_a_sum(self):
        values = {
            "kind": "team",
            "team_ids": [Command.set((self.north | self.south).ids)],
        }
        self._credit(self.ann, 1000)
        self._credit(self.cat, 200)
        self._credit(self.bob, 700)
        self._credit(self.ann, 5000, is_overlay=True)  # a team earned it once
        per_head = self._contest(team_scoring="per_head", **values)
        self.assertPlaces(per_head, south=(1, 7.0), north=(2, 6.0))
        as_sum = self._contest(team_scoring="sum", **values)
        self.assertPlaces(as_sum, north=(1, 12.0), south=(2, 7.0))
        below = self.env["crm.team"].create(
            {
                "name": "Below",
                "sales_parent_id": self.south.id,
                "company_id": self.company.id,
            }
        )
        self._credit(self.bob, 800, team=below)
        self.assertPlaces(as_sum, south=(1, 15.0), north=(2, 12.0))
        self.assertEqual(self._board(as_sum, self.bob)["me"]["rank"], 1)

    def test_closing_dates_in_order(self):
        deal = self.env["crm.lead"].with_user(self.ann).create
        for number in range(4):
            deal(
                {
                    "name": f"Deal {number}",
                    "type": "opportunity",
                    "date_deadline": self.today + (number - 1) * DAY
                    if number
                    else False,
                }
            )
        contest = self._contest({"source": "closing_dates"})
        # Of four deals one has no closing date; the day itself is not past.
        self.assertPlaces(contest, ann=(1, 75.0), bob=(2, 0.0), cat=(2, 0.0))

    def test_exits_proven(self):
        contest = self._contest({"source": "exits"})
        self.assertPlaces(contest, ann=(1, 0.0), bob=(1, 0.0), cat=(1, 0.0))
        stages = self._process_with_an_exit()
        for user, priority in ((self.ann, "2"), (self.ann, "0"), (self.bob, "2")):
            self.env["crm.lead"].create(
                {
                    "name": "Deal",
                    "type": "opportunity",
                    "user_id": user.id,
                    "company_id": self.company.id,
                    "stage_id": stages[0].id,
                    "priority": priority,
                }
            )
        # One of ann's two deals may leave its stage, and the one of bob.
        self.assertPlaces(contest, bob=(1, 100.0), ann=(2, 50.0), cat=(3, 0.0))

    def _process_with_an_exit(self):
        """Two stages; who leaves the first has a high priority."""
        self.env["sales.process"].search([]).write({"state": "retired"})
        stages = self.env["crm.stage"].create(
            [
                {"name": name, "sequence": 500 + number, "is_won": bool(number)}
                for number, name in enumerate(("Meet", "Won"))
            ]
        )
        process = self.env["sales.process"].create(
            {
                "name": "Contest",
                "stage_ids": [
                    Command.create({"stage_id": stage.id, "sequence": stage.sequence})
                    for stage in stages
                ],
            }
        )
        self.env["sales.process.criterion"].create(
            {
                "name": "High priority",
                "process_stage_id": process.stage_ids[0].id,
                "kind": "domain",
                "domain": "[('priority', '=', '2')]",
            }
        )
        process.action_publish()
        return stages

    def test_streaks(self):
        contest = self._contest({"source": "streak", "metric_id": self.invoiced.id})
        for number in range(6):
            self._credit(self.ann, 10, day=self.begin + number * DAY)
        self._credit(self.bob, 10)
        contest._refresh()
        rows = {row.user_id: row for row in contest.standing_ids}
        line = rows[self.ann].line_ids
        self.assertEqual(rows[self.ann].streak, line.value)
        self.assertGreaterEqual(line.value, 3)  # six days have two days off at most
        self.assertLessEqual(rows[self.bob].streak, 1)
        self.assertEqual(
            rows[self.ann].score, round(100 * line.value / line.reference, 2)
        )

    def test_only_what_is_verified_counts(self):
        for code in ("visit", "activity"):
            metric = self.env.ref(f"sales_process.metric_{code}")
            with self.assertRaisesRegex(ValidationError, "note themselves"):
                self._contest({"metric_id": metric.id}, start=False)

    def test_of_its_company_alone(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        contest = self._contest()
        self._credit(self.ann, 1000, company_id=other.id)
        self.assertPlaces(contest, ann=(1, 0.0), bob=(1, 0.0), cat=(1, 0.0))

    def test_a_final_standing_is_what_counting_gives(self):
        contest = self._contest()
        self._credit(self.ann, 1500)
        contest._refresh()
        self._credit(self.bob, 2000)
        contest.action_end()
        self.assertPlaces(contest, bob=(1, 20.0), ann=(2, 15.0), cat=(3, 0.0))
        self.assertTrue(all(contest.standing_ids.mapped("is_final")))
        copy = self._contest(date_to=contest.date_to)
        fresh = self._places(copy)
        self.assertEqual(self._places(contest), fresh)

    def test_final_rows_stay_for_the_engine_too(self):
        contest = self._contest()
        self._credit(self.ann, 100)
        contest.action_end()
        row = contest.standing_ids[0].sudo()
        for change in (
            lambda: row.write({"score": 9}),
            lambda: row.unlink(),
            lambda: row.line_ids.write({"points": 9}),
            lambda: row.line_ids.unlink(),
        ):
            with self.assertRaises(AccessError):
                change()
        self._credit(self.bob, 9999)
        self.assertFalse(contest._refresh())
        self.assertEqual(contest.standing_ids[0].user_id, self.ann)
        with self.assertRaises(UserError):
            contest.unlink()

    def test_places_of_yesterday(self):
        contest = self._contest()
        self._credit(self.ann, 1000)
        contest._refresh()
        self.env.cr.execute("UPDATE sales_standing SET rank_day = rank_day - 1")
        self._credit(self.bob, 2000)
        contest._refresh()
        rows = {row.user_id: row for row in contest.standing_ids}
        self.assertEqual((rows[self.bob].rank, rows[self.bob].previous_rank), (1, 2))
        self.assertEqual(self._board(contest, self.ann)["me"]["change"], -1)
        self._credit(self.bob, 10)
        contest._refresh()
        self.assertEqual(rows[self.bob].previous_rank, 2)

    def test_what_changes_is_told(self):
        contest = self._contest()
        self.assertFalse(contest._refresh())
        self._credit(self.ann, 100)
        self.assertEqual(contest._refresh(), contest)
        self.env.cr.precommit.run()  # messages of the bus are made there
        messages = self.env["bus.bus"].sudo().search([], order="id desc", limit=20)
        self.assertTrue(
            [m for m in messages if "sales_contest_changed" in (m.message or "")]
        )

    def test_new_credit_wakes_the_job(self):
        job = self.env.ref("sales_process.performance_contest_cron").sudo()
        triggers = self.env["ir.cron.trigger"].sudo()
        domain = [("cron_id", "=", job.id)]
        self._contest()
        before = triggers.search_count(domain)
        self.env.cr.precommit.data.pop("sales_contest", None)
        order = self.env["sale.order"].create({"partner_id": self.customer.id})
        credits = self.env["sales.credit"]
        credits._wake_contests()
        credits._wake_contests()  # once is enough
        self.assertEqual(triggers.search_count(domain), before + 1)
        self.assertIn(self.invoiced.id, credits._contest_metrics())
        order.unlink()
