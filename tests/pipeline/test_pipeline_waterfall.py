from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..common import DIRECTOR
from .pipeline_common import PipelineCommon

PERIOD = (date(2024, 1, 1), date(2024, 4, 1))
INSIDE, OUTSIDE = date(2024, 3, 15), date(2024, 4, 1)
ADDING = {"start", "new", "pulled_in", "up", "moved_in", "reopened"}


class WaterfallCommon(PipelineCommon):
    """Deals of day 0, changed by a test on day 5, compared from day 2 to day 8."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.lead"].with_context(active_test=False).search([]).unlink()
        cls.other_company = cls.env["res.company"].create(
            {
                "name": "Overseas",
                "currency_id": cls.env.ref("base.JPY").id,
            }
        )
        cls.env.ref("base.JPY").active = True

    def _begin(self, name="Deal", amount=100, closing=INSIDE, **values):
        deal = self._deal(
            name, expected_revenue=amount, date_deadline=closing, **values
        )
        self._record_at(0, deal)
        return deal

    def _change(self, deal, day=5, **values):
        deal.write(values)
        self._record_at(day, deal)

    def _lose(self, deal, day=5):
        deal.action_set_lost()
        self._record_at(day, deal)

    def _win(self, deal, day=5, **values):
        deal.write(values)
        deal.action_set_won()
        self._record_at(day, deal)

    def _waterfall(self, domain=(), period=PERIOD, user=None, days=(2, 8), **context):
        history = self.env["sales.pipeline.history"].with_context(**context)
        if user:
            history = history.with_user(user)
        return history._waterfall(
            self._day(days[0]), self._day(days[1]), domain, period
        )

    def _bars(self, *args, **kwargs):
        """``{bar: (amount, count)}`` of the only currency, bars without deals left
        out."""
        found = self._waterfall(*args, **kwargs)
        self.assertLessEqual(len(found), 1)
        return self._bars_of(found[0]) if found else {}

    def _bars_of(self, waterfall):
        bars = waterfall["bars"]
        self.assertEqual(waterfall["residual"], 0.0)
        self.assertAlmostEqual(
            sum(
                bar["amount"] if bar["key"] in ADDING else -bar["amount"]
                for bar in bars
            ),
            0.0,
            6,
        )
        return {
            bar["key"]: (bar["amount"], bar["count"]) for bar in bars if bar["count"]
        }


@tagged("post_install", "-at_install")
class TestPipelineWaterfall(WaterfallCommon):
    """Each bar by hand, for whoever looks, and what is asked for wrongly."""

    rule_tested_models = {"sales.pipeline.change"}

    def test_unchanged(self):
        self._begin()
        self.assertEqual(self._bars(), {"start": (100, 1), "end": (100, 1)})

    def test_new(self):
        deal = self._deal(expected_revenue=70, date_deadline=INSIDE)
        self._record_at(5, deal)
        self.assertEqual(self._bars(), {"new": (70, 1), "end": (70, 1)})

    def test_new_and_won(self):
        deal = self._deal(expected_revenue=70, date_deadline=INSIDE)
        self._record_at(4, deal)
        self._win(deal, 6)
        self.assertEqual(self._bars(), {"new": (70, 1), "won": (70, 1)})

    def test_pulled_in(self):
        deal = self._begin(closing=OUTSIDE)
        self._change(deal, date_deadline=INSIDE, expected_revenue=120)
        self.assertEqual(self._bars(), {"pulled_in": (120, 1), "end": (120, 1)})

    def test_pulled_in_from_no_date(self):
        deal = self._begin(closing=False)
        self._change(deal, date_deadline=INSIDE)
        self.assertEqual(self._bars(), {"pulled_in": (100, 1), "end": (100, 1)})

    def test_pushed_out(self):
        for closing in (OUTSIDE, False):
            deal = self._begin()
            self._change(deal, date_deadline=closing, expected_revenue=150)
            self.assertEqual(self._bars(), {"start": (100, 1), "pushed_out": (100, 1)})
            deal.unlink()
            self.env.cr.execute("DELETE FROM sales_pipeline_history")

    def test_period_is_half_open(self):
        self._begin(closing=PERIOD[0], amount=1)
        self._begin(closing=PERIOD[1] - timedelta(days=1), amount=2)
        self._begin(closing=PERIOD[1], amount=4)
        self._begin(closing=PERIOD[0] - timedelta(days=1), amount=8)
        self.assertEqual(self._bars(), {"start": (3, 2), "end": (3, 2)})
        self.assertEqual(self._bars(period=None), {"start": (15, 4), "end": (15, 4)})

    def test_amount_up_and_down(self):
        self._change(self._begin(), expected_revenue=130.5)
        self._change(self._begin(), expected_revenue=80.25)
        self.assertEqual(
            self._bars(),
            {
                "start": (200, 2),
                "up": (30.5, 1),
                "down": (19.75, 1),
                "end": (210.75, 2),
            },
        )

    def test_won_with_a_higher_amount(self):
        self._win(self._begin(), expected_revenue=120)
        self.assertEqual(
            self._bars(), {"start": (100, 1), "up": (20, 1), "won": (120, 1)}
        )

    def test_won_on_another_day_than_planned_is_won(self):
        """The closing date leaves the period with the winning."""
        self._win(self._begin(), date_deadline=OUTSIDE)
        self.assertEqual(self._bars(), {"start": (100, 1), "won": (100, 1)})

    def test_won_where_the_domain_names_the_stage(self):
        self._win(self._begin())
        bars = self._bars([("stage_id", "=", self.meet.id)])
        self.assertEqual(bars, {"start": (100, 1), "won": (100, 1)})

    def test_lost_with_a_lower_amount(self):
        deal = self._begin()
        deal.expected_revenue = 60
        self._lose(deal)
        self.assertEqual(
            self._bars(), {"start": (100, 1), "down": (40, 1), "lost": (60, 1)}
        )

    def test_reopened(self):
        deal = self._begin()
        self._lose(deal, 1)
        deal.action_restore()
        self._record_at(5, deal)
        self.assertEqual(self._bars(), {"reopened": (100, 1), "end": (100, 1)})

    def test_lost_then_won(self):
        deal = self._begin()
        self._lose(deal, 1)
        deal.action_restore()
        self._win(deal, 5)
        self.assertEqual(self._bars(), {"reopened": (100, 1), "won": (100, 1)})

    def test_closed_all_along_is_nothing(self):
        deal = self._begin()
        self._win(deal, 1)
        self._change(deal, expected_revenue=500, date_deadline=OUTSIDE)
        late = self._begin(closing=OUTSIDE)
        self._win(late, 1)
        self._change(late, date_deadline=INSIDE)
        self.assertEqual(self._bars(), {})

    def test_handed_over(self):
        """Between teams, the domain being one of them, whatever else changes."""
        deal = self._begin()
        self._change(
            deal,
            user_id=self.stranger_user.id,
            team_id=self.south.id,
            date_deadline=OUTSIDE,
        )
        back = self._begin(team_id=self.south.id, user_id=self.stranger_user.id)
        self._change(
            back, team_id=self.retail.id, user_id=self.rep_user.id, expected_revenue=9
        )
        north = [("team_id", "child_of", self.north.id)]
        self.assertEqual(
            self._bars(north),
            {
                "start": (100, 1),
                "moved_out": (100, 1),
                "moved_in": (9, 1),
                "end": (9, 1),
            },
        )
        world = [("team_id", "child_of", self.world.id)]
        self.assertEqual(
            self._bars(world),
            {
                "start": (200, 2),
                "pushed_out": (100, 1),
                "down": (91, 1),
                "end": (9, 1),
            },
        )

    def test_won_after_a_handover_is_not_ours(self):
        self._win(self._begin(), user_id=self.stranger_user.id, team_id=self.south.id)
        self.assertEqual(
            self._bars([("team_id", "=", self.retail.id)]),
            {"start": (100, 1), "moved_out": (100, 1)},
        )

    def test_handover_within_the_domain_is_nothing(self):
        self._change(self._begin(), user_id=self.colleague_user.id)
        bars = self._bars([("team_id", "child_of", self.world.id)])
        self.assertEqual(bars, {"start": (100, 1), "end": (100, 1)})

    def test_moved_by_another_attribute(self):
        self._change(self._begin(), stage_id=self.prove.id)
        self.assertEqual(
            self._bars([("stage_id", "=", self.prove.id)]),
            {"moved_in": (100, 1), "end": (100, 1)},
        )
        self.assertEqual(
            self._bars([("stage_id", "=", self.meet.id)]),
            {"start": (100, 1), "moved_out": (100, 1)},
        )

    def test_deleted(self):
        deal, kept = self._begin(), self._begin()
        deal.unlink()
        now = self.env["sales.pipeline.history"]._waterfall(
            self._day(2), self._day(8000), [], PERIOD
        )
        self.assertEqual(
            self._bars_of(now[0]),
            {"start": (200, 2), "removed": (100, 1), "end": (100, 1)},
        )
        # In the past it was there, and its row knows its number only.
        self.assertEqual(self._bars(), {"start": (200, 2), "end": (200, 2)})
        self.assertTrue(kept.exists())

    def test_deleted_after_it_changed(self):
        deal = self._begin(closing=OUTSIDE)
        self._change(deal, date_deadline=INSIDE)
        self._change(deal, 7, expected_revenue=55)
        deal.unlink()
        self.assertEqual(self._bars(), {"pulled_in": (55, 1), "end": (55, 1)})

    def test_what_happened_between_is_not_seen(self):
        deal = self._begin()
        self._change(deal, 3, date_deadline=OUTSIDE, expected_revenue=5)
        self._change(deal, 6, date_deadline=INSIDE, expected_revenue=100)
        self.assertEqual(self._bars(), {"start": (100, 1), "end": (100, 1)})

    def test_to_the_second(self):
        deal = self._begin()
        self._change(deal, 5, expected_revenue=150)
        history = self.env["sales.pipeline.history"]
        before, at = self._day(5, seconds=-1), self._day(5)

        def bars(start, end):
            return self._bars_of(history._waterfall(start, end)[0])

        same = {"start": (100, 1), "end": (100, 1)}
        self.assertEqual(bars(self._day(2), before), same)
        self.assertIn("up", bars(self._day(2), at))
        self.assertIn("up", bars(before, at))
        self.assertNotIn("up", bars(at, self._day(8)))
        self.assertEqual(bars(before, before), same)

    def test_lost_deals_through_the_deal(self):
        """A domain through the deal finds archived deals too."""
        self._lose(self._begin())
        bars = self._bars([("lead_id.partner_id", "=", self.buyer.id)])
        self.assertEqual(bars, {"start": (100, 1), "lost": (100, 1)})

    def test_currencies(self):
        """A deal that changes company leaves one currency and enters the other."""
        self._begin(amount=10)
        deal = self._begin(amount=100)
        self._change(
            deal,
            company_id=self.other_company.id,
            team_id=False,
            user_id=False,
            expected_revenue=16000,
        )
        found = self._waterfall(
            allowed_company_ids=[self.company.id, self.other_company.id]
        )
        self.assertEqual(
            [entry["name"] for entry in found], [self.company.currency_id.name, "JPY"]
        )
        self.assertEqual(
            [self._bars_of(entry) for entry in found],
            [
                {"start": (110, 2), "moved_out": (100, 1), "end": (10, 1)},
                {"moved_in": (16000, 1), "end": (16000, 1)},
            ],
        )

    def test_companies_of_a_person(self):
        director = new_test_user(self.env, "sp_overseas", DIRECTOR)
        director.company_ids = [Command.link(self.other_company.id)]
        deal = self._begin()
        self._change(
            deal, company_id=self.other_company.id, team_id=False, user_id=False
        )
        one = self._bars(user=director, allowed_company_ids=[self.company.id])
        self.assertEqual(one, {"start": (100, 1), "moved_out": (100, 1)})
        both = self._waterfall(
            user=director,
            allowed_company_ids=[self.company.id, self.other_company.id],
        )
        self.assertEqual(len(both), 2)

    def test_who_sees_what(self):
        """A rep sees own deals come and go, a leader the teams led, a director all."""
        self._begin(amount=1)
        self._begin(amount=2, user_id=self.colleague_user.id)
        self._begin(amount=4, user_id=self.stranger_user.id, team_id=self.south.id)
        self._change(
            self._begin(amount=8), user_id=self.colleague_user.id, date_deadline=OUTSIDE
        )
        expected = {
            self.rep_user: {"start": (9, 2), "moved_out": (8, 1), "end": (1, 1)},
            self.colleague_user: {"start": (2, 1), "end": (2, 1)},
            self.leader_user: {"start": (11, 3), "pushed_out": (8, 1), "end": (3, 2)},
            self.other_leader_user: {"start": (4, 1), "end": (4, 1)},
            self.director_user: {"start": (15, 4), "pushed_out": (8, 1), "end": (7, 3)},
        }
        for user, bars in expected.items():
            self.assertEqual(self._bars(user=user), bars, user.name)
        for user in (self.accountant_user, self.portal_user):
            with self.assertRaises(UserError):
                self._bars(user=user)

    def _options(self, **values):
        return {
            "date_from": "2024-01-03",
            "date_to": "2024-01-09",
            "period_from": "2024-01-01",
            "period_to": "2024-03-31",
            **values,
        }

    def _changes(self, user, key, options=None):
        history = self.env["sales.pipeline.history"].with_user(user)
        options = options or self._options()
        [currency] = history.get_waterfall(options)["currencies"]
        [bar] = [bar for bar in currency["bars"] if bar["key"] == key]
        action = history.get_waterfall_action(options, key, currency["currency_id"])
        self.assertEqual(action["domain"], bar["domain"])
        rows = (
            self.env[action["res_model"]]
            .with_user(user)
            .with_context(**action["context"])
            .search(action["domain"])
        )
        self.assertAlmostEqual(sum(rows.mapped("amount")), bar["amount"], 2)
        self.assertEqual(len(rows), bar["count"])
        return rows

    def test_every_bar_opens_what_it_sums(self):
        won, moved = self._begin("Won"), self._begin("Moved", 50)
        self._win(won, expected_revenue=120, user_id=self.colleague_user.id)
        self._change(moved, user_id=self.colleague_user.id, stage_id=self.prove.id)
        self._begin("Stays", 5)
        [currency] = (
            self.env["sales.pipeline.history"]
            .with_user(self.leader_user)
            .get_waterfall(self._options())["currencies"]
        )
        for bar in currency["bars"]:
            self._changes(self.leader_user, bar["key"])
        row = self._changes(self.leader_user, "won")
        self.assertEqual(row.lead_id, won)
        self.assertEqual(
            (row.old_expected_revenue, row.new_expected_revenue), (100, 120)
        )
        self.assertEqual(
            (row.old_user_id, row.new_user_id), (self.rep_user, self.colleague_user)
        )
        self.assertEqual((row.old_stage_id, row.new_stage_id), (self.meet, self.won))
        # The rep sees that the deals went, and nothing of what became of them.
        rows = self._changes(self.rep_user, "moved_out")
        self.assertEqual(set(rows.mapped("old_expected_revenue")), {100, 50})
        self.assertFalse(rows.new_user_id or rows.new_stage_id)
        self.assertEqual(set(rows.mapped("new_status")), {False})
        self.assertEqual(set(rows.mapped("new_expected_revenue")), {0})
        self.assertEqual(row.action_open_deal()["res_id"], won.id)

    def test_changes_without_options_are_none(self):
        self._begin()
        self.assertFalse(self.env["sales.pipeline.change"].search([]))

    def test_nobody_writes_changes(self):
        self._begin()
        change = self.env["sales.pipeline.change"].with_user(self.director_user)
        rows = change.with_context(sales_waterfall=self._options()).search([])
        self.assertEqual(set(rows.mapped("bar")), {"start", "end"})
        with self.assertRaises(AccessError):
            rows[0].write({"amount": 1})
        with self.assertRaises(AccessError):
            rows[0].unlink()
        for user in (self.accountant_user, self.portal_user):
            with self.assertRaises(AccessError):
                rows.with_user(user).search([])

    def test_days_are_of_the_company(self):
        """Day 5 begins at 08:00 UTC, which is the evening of day 4 in Honolulu."""
        deal = self._begin()
        self._change(deal, 5, expected_revenue=150)  # 2024-01-06 08:00 UTC
        history = self.env["sales.pipeline.history"]

        def bars(day):
            options = self._options(date_from=day, date_to=day)
            return self._bars_of(history.get_waterfall(options)["currencies"][0])

        self.company.resource_calendar_id.tz = "Pacific/Honolulu"
        self.assertIn("up", bars("2024-01-05"))
        self.assertNotIn("up", bars("2024-01-06"))
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        self.assertNotIn("up", bars("2024-01-05"))
        self.assertIn("up", bars("2024-01-06"))

    def test_team_and_person(self):
        self._begin(amount=1)
        self._begin(amount=2, user_id=self.colleague_user.id)
        self._begin(amount=4, user_id=self.stranger_user.id, team_id=self.south.id)
        history = self.env["sales.pipeline.history"].with_user(self.director_user)

        def start(**values):
            found = history.get_waterfall(self._options(**values))["currencies"]
            return self._bars_of(found[0])["start"] if found else None

        self.assertEqual(start(), (7, 3))
        self.assertEqual(start(team_id=self.north.id), (3, 2))
        self.assertEqual(start(user_id=self.stranger_user.id), (4, 1))
        self.assertEqual(start(team_id=self.south.id, user_id=self.rep_user.id), None)
        self.assertEqual(start(domain=[("expected_revenue", ">", 1.5)]), (6, 2))

    def test_nothing_in_the_range(self):
        history = self.env["sales.pipeline.history"].with_user(self.director_user)
        empty = self._options(date_from="1990-01-01", date_to="1990-12-31")
        self.assertEqual(history.get_waterfall(empty)["currencies"], [])

    def test_asked_for_wrongly(self):
        history = self.env["sales.pipeline.history"].with_user(self.rep_user)
        wrong = {
            "before it begins": [
                {"date_to": "2024-01-01"},
                {"period_to": "2023-01-01"},
            ],
            "is no date": [
                {"date_from": "yesterday"},
                {"date_from": None},
                {"date_to": 5},
                {"period_from": "2024-02-30"},
                {"period_to": ["2024-01-01"]},
            ],
            "too far away": [{"date_from": "0001-01-01"}, {"date_to": "9999-12-31"}],
            "cannot be understood": [
                {"domain": [("no_such_field", "=", 1)]},
                {"domain": [("user_id.no_such_field", "=", 1)]},
                {"domain": [("user_id", "no operator", 1)]},
                {"domain": [("expected_revenue", ">", "much")]},
                {"domain": ["&", ("user_id", "=", 1)]},
                {"domain": [5]},
                {"domain": "status"},
            ],
            "no right to read": [
                {"domain": [("user_id.group_ids.rule_groups.active", "=", True)]},
            ],
            "no number of a record": [
                {"team_id": "North"},
                {"user_id": True},
                {"user_id": [1]},
            ],
        }
        for sentence, cases in wrong.items():
            for case in cases:
                with (
                    self.subTest(case=case),
                    self.assertRaisesRegex(UserError, sentence),
                    self.env.cr.savepoint(),
                ):
                    history.get_waterfall(self._options(**case))
        for options in (None, [], "x"):
            with self.assertRaises(UserError):
                history.get_waterfall(options)
        with self.assertRaisesRegex(UserError, "no bar"):
            history.get_waterfall_action(self._options(), "nothing", 1)
        with self.assertRaisesRegex(UserError, "before its start"):
            history._waterfall(self._day(2), self._day(1))

    def test_ranges(self):
        ranges = self.env["sales.pipeline.history"].get_waterfall_ranges()
        today = ranges["today"]
        for key in ("week", "month", "quarter", "year"):
            first, last = ranges["ranges"][key]
            self.assertTrue(first <= today <= last, key)
        self.assertLess(ranges["ranges"]["last_month"][1], today)
        self.assertGreater(ranges["ranges"]["next_quarter"][0], today)

    def test_queries_do_not_grow(self):
        counts = []
        for number in (5, 10):
            for index in range(number):
                deal = self._begin(f"Deal {index}")
                if index % 2:
                    self._change(deal, expected_revenue=5)
            history = self.env["sales.pipeline.history"].with_user(self.leader_user)
            self.env.flush_all()
            self.env.invalidate_all()
            history._waterfall(self._day(2), self._day(8), [], PERIOD)  # warm
            before = self.env.cr.sql_log_count
            history._waterfall(self._day(2), self._day(8), [], PERIOD)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts, [2, 2])  # and SET LOCAL
