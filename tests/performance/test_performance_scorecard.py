from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from ...engine.periods import add_months
from ...models.performance.scorecard_figures import Aim
from ..common import REP
from .performance_scorecard_common import ScorecardCommon


@tagged("post_install", "-at_install")
class TestPerformanceScorecard(ScorecardCommon):
    """What stands on a scorecard, worked out by hand."""

    # === RESULTS === #

    def test_value_target_median_and_course(self):
        """Ann 600 of 1,000; the others in North 700, 800, 900, 1,000: median 850."""
        for user, amount in zip(
            (self.ann, self.cid, self.dan, self.eve, self.fay),
            (600, 700, 800, 900, 1000),
            strict=True,
        ):
            self._credit(user, amount)
        self._credit(self.bob, 5000)
        self._credit(self.ann, 400, self.before)
        self._publish({self.ann: 1000.0})
        row = self._row(self._card(self.ann), "booked")
        self.assertEqual(row["value"], 600.0)
        self.assertEqual((row["target"], row["attainment"]), (1000.0, 60.0))
        # Bob sells in South, under the same top: he is comparable, too.
        self.assertEqual((row["median"], row["peers"]), (900.0, 5))
        self.assertEqual([p["value"] for p in row["trend"]][-2:], [400.0, 600.0])
        self.assertEqual(len(row["trend"]), 6)
        self.assertEqual(row["tone"], "weak")
        # Of the month that is over all is expected.
        self.assertEqual(row["pace"], 60.0)
        # 300 below 900, MAD 100, is farther off than 40 points of the target.
        focus = self._card(self.ann)["focus"]
        self.assertEqual(focus["key"], "booked")
        self.assertIn("median of 5", focus["reason"])

    def test_focus_by_the_target(self):
        """Nobody is comparable; of a month that is over all is expected."""
        self._credit(self.leader, 600)
        self._publish({self.leader: 1000.0})
        focus = self._card(self.leader)["focus"]
        self.assertEqual(focus["key"], "booked")
        self.assertIn("60 % of the target.", focus["reason"])

    def test_before_the_first_credit_nothing_is_known(self):
        self.env.cr.execute("DELETE FROM sales_credit_sum")
        self._credit(self.ann, 400)
        row = self._row(self._card(self.ann), "booked")
        self.assertEqual([p["value"] for p in row["trend"]], [None] * 5 + [400.0])
        other = self._row(self._card(self.bob), "booked")
        self.assertEqual(other["value"], 0.0, "it is known that there was nothing")
        earlier = self._row(self._card(self.bob, day=self.before), "booked")
        self.assertIsNone(earlier["value"])
        self.assertTrue(earlier["why"])

    def test_who_leads_is_compared_with_those_who_lead(self):
        """Two leaders at the same depth are too few for a median."""
        self._credit(self.leader, 100)
        card = self._card(self.leader)
        self.assertEqual(card["peers"], 1)
        self.assertIsNone(self._row(card, "booked")["median"])
        self.assertEqual(self._card(self.director)["peers"], 0)

    def test_the_top_of_the_tree_divides_people(self):
        """Fay moves under another top: of the five left only four are comparable."""
        far = self.env["crm.team"].create(
            {"name": "Far", "company_id": self.company.id}
        )
        self.env["crm.team.member"].search([("user_id", "=", self.fay.id)]).unlink()
        far.member_ids = [Command.set(self.fay.ids)]
        self.assertEqual(self._card(self.ann)["peers"], 4)
        self.assertEqual(self._card(self.fay)["peers"], 0)

    def test_two_others_are_never_shown(self):
        self._credit(self.ann, 100)
        (self.cid | self.dan).active = False
        self.assertEqual(self._card(self.ann)["peers"], 3)
        self.assertIsNotNone(self._row(self._card(self.ann), "booked")["median"])
        self.eve.active = False
        card = self._card(self.ann)
        self.assertEqual(card["peers"], 2)
        self.assertEqual({row["median"] for row in card["rows"]}, {None})

    # === WHAT LEADS TO THEM === #

    def test_deals_won_and_lost(self):
        """Ann won 3 of 12, each in 40 days; five wins tell days, three do not."""
        self._process()
        for _number in range(3):
            self._closed(self.ann, "won", 40)
        for _number in range(9):
            self._closed(self.ann, "lost", 15)
        self._closed(self.ann, "won", 40, self.before + timedelta(days=3))
        for _number in range(6):
            self._closed(self.cid, "won", 20)
        card = self._card(self.ann)
        rate, days = self._row(card, "win_rate"), self._row(card, "cycle_days")
        self.assertEqual((rate["value"], rate["cases"]), (25.0, 12))
        self.assertEqual((days["value"], days["cases"]), (None, 3))
        self.assertIn("Fewer than 5", days["why"])
        # The funnel says the same: there is one definition.
        funnel = self.env["sales.funnel.report"].with_user(self.director)
        lines = funnel.with_company(self.company).get_team_comparison(
            {
                "process_id": self.process.id,
                "mode": "period",
                "date_from": str(self.month),
                "date_to": str(self.after - timedelta(days=1)),
            }
        )["lines"]
        [line] = [line for line in lines if line["id"] == self.ann.id]
        self.assertEqual((line["win_rate"], line["won"], line["lost"]), (25.0, 3, 9))
        card = self._card(self.cid)
        self.assertEqual(self._row(card, "win_rate")["value"], 100.0)
        self.assertAlmostEqual(self._row(card, "cycle_days")["value"], 20.0)
        before = self._row(self._card(self.ann, day=self.before), "win_rate")
        self.assertEqual((before["value"], before["cases"]), (None, 1))

    def test_focus_in_words(self):
        """Ann wins 20 %, the others 40, 40, 60 and 60: median 50."""
        self._process()
        for user, wins in (
            (self.ann, 1),
            (self.cid, 2),
            (self.dan, 2),
            (self.eve, 3),
            (self.fay, 3),
        ):
            for number in range(5):
                self._closed(user, "won" if number < wins else "lost")
        card = self._card(self.ann)
        row = self._row(card, "win_rate")
        self.assertEqual((row["value"], row["median"], row["peers"]), (20.0, 50.0, 4))
        self.assertEqual(card["focus"]["key"], "win_rate")
        self.assertIn(
            "20 %, median of 4 comparable people 50 %", card["focus"]["reason"]
        )
        self.assertIn("2.5 times as much", card["focus"]["reason"])
        self.assertTrue(card["focus"]["advice"])
        good = self._card(self.eve)
        self.assertNotEqual(good["focus"]["key"], "win_rate")

    def test_nothing_known_is_no_suggestion(self):
        alone = self._make_person("card_alone", REP)
        card = self._card(alone)
        self.assertFalse(card["focus"]["key"])
        self.assertIn("Too little is known", card["focus"]["reason"])
        self.assertEqual(card["strengths"], [])

    def test_overdue_closing_dates(self):
        """Two of five open deals are past their closing: now, and as far as the history
        goes back."""
        self._process()
        late = fields.Date.subtract(self.today, days=40)
        for number in range(5):
            self._lead(
                self.ann,
                date_deadline=late if number < 2 else self.today + timedelta(days=9),
            )
        card = self._card(self.ann, day=self.today)
        row = self._row(card, "overdue")
        self.assertEqual((row["value"], row["cases"]), (40.0, 5))
        self.assertEqual(row["better"], "lower")
        action = self._open(self.ann, "overdue", day=self.today)
        self.assertEqual(self._found(self.ann, action), 2)

    def test_exits_proven_and_waived(self):
        """Four verified, one waived: 80 %."""
        self._process()
        deal = self._lead(self.ann)
        criterion = self.criterion
        rows = [("verified", "manual")] * 4 + [("waived", "waiver")]
        rows += [("waived", "skip"), ("rejected", "manual")]
        for state, source in rows:
            evidence = (
                self.env["sales.evidence"]
                .sudo()
                .create({"lead_id": deal.id, "criterion_id": criterion.id})
            )
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE sales_evidence SET state = %s, source = %s, date_verified = %s"
                " WHERE id = %s",
                (state, source, self._noon(self.month), evidence.id),
            )
        row = self._row(self._card(self.ann), "exits")
        self.assertEqual((row["value"], row["cases"]), (80.0, 5))
        self.assertEqual(self._found(self.ann, self._open(self.ann, "exits")), 5)

    def test_calls(self):
        """The call that stood when the month began counts: 1,500 against 1,000 won."""
        self._process()
        self._closed(self.ann, "won")
        self._called(self.ann, 1500.0)
        card = self._card(self.ann)
        row = self._row(card, "call_error")
        self.assertEqual((row["value"], row["cases"]), (50.0, 1))
        self.assertEqual(self._row(card, "call_bias")["value"], 50.0)
        self.assertIsNone(self._row(self._card(self.bob), "call_error")["value"])

    def test_a_call_of_the_last_day_is_no_forecast(self):
        self._process()
        self._closed(self.ann, "won")
        self._called(self.ann, 1000.0, self.after - timedelta(days=1))
        self.assertIsNone(self._row(self._card(self.ann), "call_error")["value"])

    def test_the_first_days_say_nothing(self):
        """Until a fifth of the target is expected it is not judged."""
        self.assertIsNone(Aim(target=100.0, achieved=0.0, expected=19.0).pace)
        self.assertEqual(Aim(target=100.0, achieved=15.0, expected=20.0).pace, 75.0)
        self.assertEqual(Aim(target=100.0, achieved=15.0, expected=1.0).attainment, 15)

    # === PERIODS === #

    def test_periods(self):
        for wrong in ({"kind": "week"}, {"day": "nonsense"}):
            with self.assertRaises(UserError):
                self._card(self.ann, **wrong)
        with self.assertRaises(UserError):
            self._card(self.ann, day=add_months(self.after, 1))
        year = self._card(self.ann, kind="year", day=self.today)["period"]
        self.assertTrue(year["is_running"])
        self.assertFalse(year["next"])

    # === WHO SEES WHAT === #

    def test_who_sees_whose(self):
        allowed = {
            self.ann: self.ann,
            self.leader: self.ann | self.cid,
            self.other_leader: self.bob,
            self.director: self.reps | self.leader,
        }
        for viewer, people in allowed.items():
            for person in self.reps | self.leader:
                if person <= people or person == viewer:
                    card = self._card(viewer, person)
                    self.assertEqual(card["user"]["id"], person.id)
                elif not (viewer == self.leader and person in self.north.member_ids):
                    with self.assertRaises(AccessError):
                        self._card(viewer, person)
                    with self.assertRaises(AccessError):
                        self._open(viewer, "booked", person)
        for nobody in (self.accountant, self.portal):
            with self.assertRaises(AccessError):
                self._card(nobody)
            with self.assertRaises(AccessError):
                self._open(nobody, "booked", self.ann)

    def test_whose_may_be_chosen(self):
        def names(user):
            return {person["id"] for person in self._card(user)["people"]}

        self.assertEqual(names(self.ann), {self.ann.id})
        people = (self.reps - self.bob) | self.leader
        self.assertEqual(names(self.leader), set(people.ids))
        self.assertLessEqual(set(self.reps.ids), names(self.director))

    # === RECORDS BEHIND === #

    def _open(self, viewer, key, whose=None, day=None):
        cards = self.cards.with_user(viewer).with_company(self.company)
        return cards.open_figure(
            key, whose.id if whose else None, "month", str(day or self.month)
        )

    def _found(self, viewer, action):
        model = self.env[action["res_model"]].with_user(viewer)
        context = action["context"] if isinstance(action["context"], dict) else {}
        return model.with_context(**context).search_count(action["domain"])

    def test_a_figure_opens_what_it_sums(self):
        self._process()
        self._credit(self.ann, 600)
        self._credit(self.ann, 50)
        self._credit(self.ann, 50, self.before)
        for number in range(6):
            self._closed(self.ann, "won" if number < 2 else "lost")
        for viewer in (self.ann, self.leader, self.director):
            for key, number in (("booked", 2), ("win_rate", 6), ("cycle_days", 2)):
                action = self._open(viewer, key, self.ann)
                self.assertEqual(self._found(viewer, action), number, key)
        for row in self._card(self.ann)["rows"]:
            if row["key"] != "coverage":  # needs a target
                self.assertTrue(self._open(self.ann, row["key"])["res_model"])
        with self.assertRaises(UserError):
            self._open(self.ann, "nothing")

    def test_pipeline_coverage(self):
        """1,000 to be booked, nothing yet, a deal of 3,000 this month: three times."""
        self._process()
        plan = self._publish({self.ann: 1000.0})
        self._lead(
            self.ann,
            expected_revenue=3000.0,
            date_deadline=add_months(self.after, 1) - timedelta(days=1),
        )
        row = self._row(self._card(self.ann, day=self.today), "coverage")
        self.assertEqual(row["value"], 3.0)
        self.assertEqual(plan.state, "published")
        action = self._open(self.ann, "coverage", day=self.today)
        self.assertEqual(self._found(self.ann, action), 1)
        self.assertIsNone(self._row(self._card(self.ann), "coverage")["value"])

    # === SPEED === #

    def _queries(self, people):
        self.env.flush_all()
        self.env.invalidate_all()
        cards = self.cards.with_user(self.director).with_company(self.company)
        periods = cards._periods(self.company, "month", self.month)
        before = self.env.cr.sql_log_count
        cards._scorecards(self.company, people.ids, periods)
        return self.env.cr.sql_log_count - before

    def test_queries_do_not_grow(self):
        self._process()
        self._publish({user: 1000.0 for user in self.reps})
        for user in self.reps:
            self._credit(user, 500)
            self._called(user, 800.0)
            for _number in range(3):
                self._closed(user, "won")
                self._lead(user, date_deadline=self.today)
        self._queries(self.reps)
        few = self._queries(self.ann | self.bob | self.cid)
        many = self._queries(self.reps)
        self.assertLessEqual(many, few)
