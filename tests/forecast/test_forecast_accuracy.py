from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL

from .forecast_accuracy_common import DAY, ForecastAccuracyCommon


@tagged("post_install", "-at_install")
class TestForecastAccuracy(ForecastAccuracyCommon):
    """Forecasts of closed months, calculated by hand."""

    rule_tested_models = ()

    def _period(self, summary, month):
        [row] = [
            row for row in summary["periods"] if row["from"] == str(self.months[month])
        ]
        return row

    def _course(self, summary, weeks):
        [row] = [row for row in summary["course"] if row["weeks"] == weeks]
        return row

    def _row(self, summary, by, name):
        [row] = [row for row in summary["rows"][by] if row["name"] == name]
        return row

    def test_one_month_by_hand(self):
        """1,000 at 40 % and 500 at 80 %, both open as the month began: 800 forecast.

        The first was won for 1,100 in the month, so was one nobody knew of, for 300.
        """
        day = self.months[1] + 20 * DAY
        self._past(
            (self._noon(2, 0), "open", self.prove, 1000.0, day, 55.0),
            (self._noon(1, 12), "won", self.won, 1100.0, day, 100.0),
        )
        self._simple(1, 500.0, "lost", stage=self.close, percent=60.0)
        self._past(
            (self._noon(1, 3), "open", self.meet, 300.0, day, 10.0),
            (self._noon(1, 5), "won", self.won, 300.0, day, 100.0),
        )
        summary = self._summary()
        row = self._period(summary, 1)
        self.assertAlmostEqual(row["stage"], 800.0)
        self.assertAlmostEqual(row["score"], 850.0)
        self.assertAlmostEqual(row["came"], 1400.0)
        error = summary["start"]["stage"]
        self.assertEqual(error["periods"], 1)
        self.assertAlmostEqual(error["wape"], 600 / 1400)
        self.assertAlmostEqual(error["bias"], -600 / 1400)
        # A week before the end all was won already: 1,400, without error.
        self.assertAlmostEqual(self._course(summary, 1)["stage"]["wape"], 0.0)
        self.assertEqual(summary["currency_id"], self.env.ref("base.CHF").id)
        self.assertEqual(summary["wins"], 1)

    def test_chances_kept_by_hand(self):
        """Four deals said 40 %: one won, two lost, one still open."""
        for outcome in ("won", "lost", "lost", "open"):
            self._simple(1, 100.0, outcome)
        chances = self._summary()["chances"]
        self.assertEqual(chances["open"], 1)
        stage = chances["methods"]["stage"]
        self.assertAlmostEqual(stage["score"], (0.36 + 0.16 + 0.16) / 3)
        self.assertAlmostEqual(stage["uncertainty"], 2 / 9)
        [group] = stage["groups"]
        self.assertEqual((group["number"], group["cases"], group["hits"]), (4, 3, 1))
        self.assertAlmostEqual(group["said"], 0.4)
        self.assertLess(group["low"], 1 / 3)
        self.assertGreater(group["high"], 1 / 3)

    def test_a_deal_counts_once_among_the_chances(self):
        """It was expected in two months: what was said first counts."""
        first, second = self.months[2] + 9 * DAY, self.months[1] + 9 * DAY
        self._past(
            (self._noon(3, 2), "open", self.meet, 100.0, first, 10.0),
            (self._noon(2, 2), "open", self.close, 100.0, second, 80.0),
            (self._noon(1, 2), "won", self.won, 100.0, second, 100.0),
        )
        stage = self._summary()["chances"]["methods"]["stage"]
        self.assertEqual([group["number"] for group in stage["groups"]], [1])

    def test_moved_out_omitted_and_reopened(self):
        """What the forecast said counts, not what became of its closing date."""
        inside, later = self.months[1] + 9 * DAY, self.months[0] + 9 * DAY
        self._past(
            (self._noon(2, 2), "open", self.prove, 1000.0, inside, 50.0),
            (self._noon(1, 4), "open", self.prove, 1000.0, later, 50.0),
        )
        reopened = self._past(
            (self._noon(2, 2), "open", self.prove, 500.0, inside, 50.0),
            (self._noon(1, 4), "won", self.won, 500.0, inside, 100.0),
            (self._noon(1, 6), "open", self.prove, 500.0, inside, 50.0),
            (self._noon(1, 8), "won", self.won, 600.0, inside, 100.0),
            (self._noon(0, 1), "won", self.won, 700.0, inside, 100.0),
        )
        row = self._period(self._summary(), 1)
        self.assertAlmostEqual(row["stage"], 600.0)
        # Won once, with what it was worth at the end of the month.
        self.assertAlmostEqual(row["came"], 600.0)
        self.env.cr.execute(
            SQL(
                "UPDATE sales_pipeline_history SET forecast_category = 'omitted'"
                " WHERE lead_id = %s AND status = 'open'",
                reopened.id,
            )
        )
        self.assertAlmostEqual(self._period(self._summary(), 1)["stage"], 400.0)

    def test_where_no_probability_was_known(self):
        """Odoo's probability of a rebuilt past is unknown: no figure, not zero."""
        self._simple(1, 100.0, "won", percent=None)
        row = self._period(self._summary(), 1)
        self.assertAlmostEqual(row["stage"], 40.0)
        self.assertIsNone(row["score"])
        self.assertIsNone(row["calibrated"])  # nothing is learnt yet

    def test_nothing_won_yet(self):
        self._simple(1, 100.0, "open")
        summary = self._summary()
        self.assertEqual((summary["wins"], summary["needed"]), (0, 6))
        self.assertIsNone(summary["best"]["best"])
        self.assertIsNone(summary["start"]["stage"]["wape"])
        self.assertEqual(self._summary(kind="quarter")["wins"], 0)

    def test_empty_company(self):
        summary = self._summary()
        self.assertEqual(summary["rows"], {"team": [], "user": [], "category": []})
        self.assertEqual(summary["chances"], {"open": 0, "methods": {}})

    def test_best_method_and_switch(self):
        """Six months of 100, always said 40 % by the stage and 90 % by Odoo."""
        for month in range(1, 7):
            self._simple(month, 100.0, "won", percent=90.0)
            best = self._summary()["best"]
            self.assertEqual(best["best"], "score" if month == 6 else None)
            self.assertEqual(best["periods"], month)
        self.assertEqual(
            (best["used"], best["nearer"], best["farther"]), ("stage", 6, 0)
        )
        self.assertEqual(best["sure"], "sure")
        self.assertAlmostEqual(best["wape"]["score"], 0.1)
        self.assertTrue(best["can_use"])
        accuracy = self.env["sales.forecast.accuracy"].with_company(self.company)
        for user in (self.rep_user, self.leader_user, self.accountant_user):
            with self.assertRaises(AccessError):
                accuracy.with_user(user).use_method("score")
        accuracy = accuracy.with_user(self.director_user)
        with self.assertRaises(UserError):
            accuracy.use_method("called")
        self.assertTrue(accuracy.use_method("score"))
        self.assertEqual(self.company.sales_forecast_method, "score")
        note = self.company.message_ids[0]
        self.assertEqual(note.author_id, self.director_user.partner_id)
        self.assertIn("60.0 %", note.body)
        self.assertIn("10.0 %", note.body)
        self.assertFalse(accuracy.use_method("score"))
        self.assertEqual(self._summary()["best"]["used"], "score")

    def test_by_team_person_and_category(self):
        self._simple(1, 1000.0, "won")  # 400 of the rep
        self._simple(1, 500.0, "lost", stage=self.close)  # 400 of the rep
        self._simple(1, 100.0, "won", user=self.stranger_user, team=self.south)
        rows = self._summary()
        rep = self._row(rows, "user", "Rep")
        self.assertAlmostEqual(rep["errors"]["stage"]["forecast"], 800.0)
        self.assertAlmostEqual(rep["errors"]["stage"]["bias"], -0.2)
        self.assertAlmostEqual(rep["came"], 1000.0)
        self.assertEqual(
            [(row["name"], row["level"], row["came"]) for row in rows["rows"]["team"]],
            [
                ("World", 0, 1100.0),
                ("North", 1, 1000.0),
                ("North Retail", 2, 1000.0),
                ("South", 1, 100.0),
            ],
        )
        commit = self._row(rows, "category", "Commit")
        self.assertEqual((commit["number"], commit["kept_number"]), (1, 0))
        best_case = self._row(rows, "category", "Best Case")
        self.assertEqual((best_case["number"], best_case["kept"]), (2, 1100.0))
        self.assertAlmostEqual(best_case["errors"]["stage"]["forecast"], 440.0)
        # Narrowed, the whole page is about them.
        south = self._summary(team_id=self.south.id)
        self.assertAlmostEqual(self._period(south, 1)["came"], 100.0)
        self.assertEqual([r["name"] for r in south["rows"]["team"]], ["South"])
        rep = self._summary(user_id=self.rep_user.id)
        self.assertAlmostEqual(self._period(rep, 1)["came"], 1000.0)
        best_case = self._summary(category="best_case")
        self.assertAlmostEqual(self._period(best_case, 1)["stage"], 440.0)
        with self.assertRaises(UserError):
            self._summary(category="closed")

    def test_every_figure_opens_its_deals(self):
        for number, outcome in enumerate(("won", "lost", "won", "open")):
            self._simple(1 + number % 2, 100.0 + number, outcome)
        summary = self._summary()
        row = self._period(summary, 1)
        accuracy = self.env["sales.forecast.accuracy"].with_user(self.director_user)
        accuracy = accuracy.with_company(self.company)
        action = accuracy.get_deals_action({}, None, row["from"])
        deals = accuracy.env[action["res_model"]].with_context(**action["context"])
        [(forecast, came)] = deals._read_group(
            [*action["domain"], ("kind", "in", ("open", "won"))],
            [],
            ["stage_revenue:sum", "id:count"],
        )
        self.assertAlmostEqual(forecast, row["stage"])
        [(came,)] = deals._read_group(
            [*action["domain"], ("kind", "=", "came")], [], ["kept:sum"]
        )
        self.assertAlmostEqual(came, row["came"])
        action = accuracy.get_deals_action({}, ["user", self.rep_user.id])
        deals = deals.with_context(**action["context"])
        self.assertEqual(len(deals.search(action["domain"])), 4 + 2)
        self.assertTrue(deals.search(action["domain"])[0].action_open_deal())
        action = accuracy.get_deals_action({}, ["category", "best_case"])
        deals = deals.with_context(**action["context"])
        self.assertEqual(len(deals.search(action["domain"])), 4)

    def test_a_later_win_changes_no_forecast(self):
        """What is said of a moment follows from what was known then."""
        past = self.env["sales.forecast.rate.past"]
        for month in range(3, 9):
            self._simple(month, 100.0, "won" if month % 2 else "lost")
        deal = self._simple(1, 1000.0, "open")
        moments = past._missing(self.company)
        self.assertGreater(len(moments), 5)
        for moment in moments:
            past._learn_past(self.company, moment)
        self.assertFalse(past._missing(self.company))
        before = self._summary()
        self.assertIsNotNone(self._period(before, 1)["calibrated"])
        # It is won now, and so are many others that nobody knew of.
        deal.with_context(tracking_disable=True).stage_id = self.won
        for _number in range(5):
            late = self._deal(
                company_id=self.company.id,
                stage_id=self.prove.id,
                sales_process_id=self.process.id,
                expected_revenue=10.0,
                partner_id=False,
            )
            late.stage_id = self.won
        self.env["sales.pipeline.history"]._write_pending()
        self.assertFalse(past._missing(self.company))
        for moment in moments:
            past._learn_past(self.company, moment)
        after = self._summary()
        names = ("stage", "score", "calibrated", "came")
        for old, new in zip(before["periods"], after["periods"], strict=True):
            self.assertEqual([old[n] for n in names], [new[n] for n in names])
        self.assertEqual(before["course"], after["course"])

    def test_a_past_written_afterwards_is_learnt_again(self):
        past = self.env["sales.forecast.rate.past"]
        self._simple(3, 100.0, "won")
        for moment in past._missing(self.company):
            past._learn_past(self.company, moment)
        self._simple(4, 100.0, "lost")
        moments = past._missing(self.company)
        self.assertIn(self.company._sales_midnight(self.months[0]), moments)

    def test_calibrated_by_hand(self):
        """One of three was won before the month: 40 % of the stage, less that."""
        for month, outcome in ((5, "won"), (4, "lost"), (3, "lost")):
            self._simple(month, 100.0, outcome)
        self._simple(1, 1000.0, "won")
        past = self.env["sales.forecast.rate.past"]
        moment = self.company._sales_midnight(self.months[1])
        past._learn_past(self.company, moment)
        [rate] = past.search(
            [
                ("company_id", "=", self.company.id),
                ("moment", "=", moment),
                ("stage_id", "=", self.prove.id),
                ("evidence", "=", "any"),
            ],
            order="age_from desc",
            limit=1,
        )
        self.assertLess(rate.chance, 40.0)
        row = self._period(self._summary(), 1)
        self.assertAlmostEqual(row["calibrated"], 10 * rate.chance, delta=0.01)

    def test_another_company_and_its_currency(self):
        other = self.env["res.company"].create(
            {"name": "Other Inc", "currency_id": self.env.ref("base.EUR").id}
        )
        for user in self.director_user | self.rep_user:
            user.company_ids = [Command.link(other.id)]
        self._simple(1, 100.0, "won")
        self._simple(1, 77.0, "won", company=other)
        accuracy = self.env["sales.forecast.accuracy"].with_user(self.director_user)
        summary = accuracy.with_company(other).get_summary()
        self.assertEqual(summary["currency_id"], other.currency_id.id)
        self.assertAlmostEqual(self._period(summary, 1)["came"], 77.0)
        self.assertAlmostEqual(self._period(self._summary(), 1)["came"], 100.0)

    def test_constant_number_of_queries(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._summary()
            return self.cr.sql_log_count - before

        self._simple(1, 100.0, "won")
        self._simple(2, 100.0, "lost", user=self.stranger_user, team=self.south)
        self._simple(2, 100.0, "won", user=self.leader_user, team=self.north)
        count()
        few = count()
        for month in range(1, 6):
            self._simple(month, 100.0, "won", user=self.colleague_user)
            self._simple(month, 100.0, "lost", user=self.leader_user, team=self.north)
        self.assertLessEqual(count(), few)


@tagged("post_install", "-at_install")
class TestForecastAccuracyCalled(ForecastAccuracyCommon):
    """What was called, as of then."""

    rule_tested_models = ()

    def _call(self, month, amount, moment, until=None, **owner):
        """A call of an owner for a closed month, or for the present one (None)."""
        first = self.months[month] if month is not None else self._end(0)
        values = {
            "company_id": self.company.id,
            "currency_id": self.company.currency_id.id,
            "user_id": owner.get("user") and owner["user"].id,
            "team_id": owner.get("team") and owner["team"].id,
            "owner_kind": next(iter(owner), "company"),
            "period_type": "month",
            "date_from": first,
            "date_to": fields.Date.add(first, months=1),
            "category": "commit",
            "amount": amount,
            "date": moment,
            "date_end": until,
            "state": "replaced" if until else "current",
            "author_id": self.director_user.id,
        }
        return self.env["sales.forecast.call"].create(values)

    def test_as_of_then(self):
        """800 called before the month, 900 in its second week; 1,000 came in."""
        self._simple(1, 1000.0, "won")
        change = self._noon(1, 9)
        self._call(1, 800.0, self._noon(2, 3), change)
        self._call(1, 900.0, change)
        summary = self._summary()
        self.assertIn("called", [method["key"] for method in summary["methods"]])
        [row] = [r for r in summary["periods"] if r["from"] == str(self.months[1])]
        self.assertAlmostEqual(row["called"], 800.0)
        errors = {week["weeks"]: week["called"]["wape"] for week in summary["course"]}
        self.assertAlmostEqual(errors[1], 0.1)
        self.assertIsNone(errors[12])  # nobody had called yet

    def test_sums_and_correction(self):
        """Who called 200 and brought in 100, six times, is believed half."""
        for month in range(1, 7):
            self._simple(month, 100.0, "won")
            self._call(
                month,
                200.0,
                self.company._sales_midnight(self.months[month]) - 60 * DAY,
                user=self.rep_user,
            )
        self._call(
            None, 300.0, fields.Datetime.now() - timedelta(hours=1), user=self.rep_user
        )
        summary = self._summary()
        [row] = [row for row in summary["rows"]["user"] if row["name"] == "Rep"]
        self.assertAlmostEqual(row["called_now"], 300.0)
        self.assertAlmostEqual(row["corrected"], 150.0)
        self.assertAlmostEqual(row["errors"]["called"]["bias"], 1.0)
        # Nobody above has called: there what is below counts.
        [row] = [row for row in summary["rows"]["team"] if row["name"] == "World"]
        self.assertAlmostEqual(row["called_now"], 300.0)
        own = self._summary(self.rep_user)
        self.assertAlmostEqual(own["rows"]["user"][0]["corrected"], 150.0)
        # The company's own call counts before what is below; of it there is no past.
        self._call(None, 500.0, fields.Datetime.now() - timedelta(hours=1))
        [row] = [r for r in self._summary()["rows"]["team"] if r["name"] == "World"]
        self.assertAlmostEqual(row["called_now"], 300.0)


@tagged("post_install", "-at_install")
class TestForecastAccuracyRights(ForecastAccuracyCommon):
    """A rep sees the own past, a leader that of the teams below, a director all."""

    rule_tested_models = {"sales.forecast.accuracy.deal", "sales.forecast.rate.past"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._simple(1, 100.0, "won")
        cls._simple(1, 20.0, "won", user=cls.colleague_user)
        cls._simple(1, 3.0, "won", user=cls.stranger_user, team=cls.south)
        cls.env["sales.forecast.rate.past"]._learn_past(
            cls.company, cls.company._sales_midnight(cls.months[1])
        )

    def _deals(self, user):
        deals = self.env["sales.forecast.accuracy.deal"].with_user(user)
        deals = deals.with_company(self.company).with_context(
            sales_forecast_accuracy={}
        )
        return sum(deals.search([("kind", "=", "came")]).mapped("kept"))

    def test_each_role(self):
        for user, came in (
            (self.rep_user, 100.0),
            (self.leader_user, 120.0),
            (self.other_leader_user, 3.0),
            (self.director_user, 123.0),
        ):
            summary = self._summary(user)
            self.assertAlmostEqual(sum(r["came"] for r in summary["periods"]), came)
            self.assertAlmostEqual(self._deals(user), came)
            self.assertEqual(summary["best"]["can_use"], user == self.director_user)
        rows = self._summary(self.rep_user)["rows"]
        self.assertEqual([row["name"] for row in rows["user"]], ["Rep"])
        self.assertFalse(rows["team"])
        rows = self._summary(self.leader_user)["rows"]
        self.assertEqual(
            [(row["name"], row["level"]) for row in rows["team"]],
            [("North", 0), ("North Retail", 1)],
        )
        # Asking for others gives nothing.
        other = self._summary(self.rep_user, user_id=self.stranger_user.id)
        self.assertEqual(other["wins"], 0)

    def test_accountant_and_portal(self):
        for user in (self.accountant_user, self.portal_user):
            with self.assertRaises(AccessError):
                self._summary(user)
            with self.assertRaises(AccessError):
                self._deals(user)

    def test_past_rates(self):
        rates = self.env["sales.forecast.rate.past"]
        mine = [("company_id", "=", self.company.id)]
        director = rates.with_user(self.director_user).with_company(self.company)
        self.assertTrue(director.search(mine))
        other = self.env.ref("base.main_company")
        elsewhere = director.with_context(allowed_company_ids=other.ids)
        if other in self.director_user.company_ids:
            self.assertFalse(elsewhere.search(mine))
        for user in (
            self.rep_user,
            self.leader_user,
            self.accountant_user,
            self.portal_user,
        ):
            with self.assertRaises(AccessError):
                rates.with_user(user).search(mine)
        with self.assertRaises(AccessError):
            director.search(mine, limit=1).write({"chance": 1.0})

    def test_deals_of_nobody(self):
        """They are seen by all, and count for the company alone."""
        deal = self._simple(1, 7.0, "won")
        self.env.cr.execute(
            SQL(
                "UPDATE sales_pipeline_history SET user_id = NULL, team_id = NULL"
                " WHERE lead_id = %s",
                deal.id,
            )
        )
        self.assertAlmostEqual(self._deals(self.rep_user), 100.0)
        summary = self._summary(self.rep_user)
        self.assertAlmostEqual(sum(r["came"] for r in summary["periods"]), 100.0)
        rows = self._summary()["rows"]["user"]
        self.assertEqual(rows[-1]["name"], "Nobody")
        self.assertAlmostEqual(rows[-1]["came"], 7.0)
