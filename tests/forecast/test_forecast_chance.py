from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL

from .forecast_rate_common import ForecastRateCommon


@tagged("post_install", "-at_install")
class TestForecastChance(ForecastRateCommon):
    """The chance of an open deal, when it closes, and why."""

    rule_tested_models = ()

    def _reasons(self, deal, user=None):
        deal = deal.with_user(user or self.rep_user)
        [row] = deal.get_forecast_reasons()
        return row

    def _proven_past(self):
        """Twelve deals of Prove: signed after a day and won (six), or never and lost.

        All stayed 20 days.
        """
        deals = self._past(
            *[("won", (self.prove, 20))] * 6, *[("lost", (self.prove, 20))] * 6
        )
        since = self.now - timedelta(days=10 + 20)
        for deal in deals[:6]:
            row = self._submit(deal, self.plan)
            row.sudo().write(
                {
                    "state": "verified",
                    "date_submitted": since + timedelta(hours=2),
                    "date_verified": since + timedelta(days=1),
                }
            )
        return deals

    # === THE CHANCE === #

    def test_nothing_is_closed_yet(self):
        self._learn()
        deal = self._open()
        self.assertEqual(deal.sales_forecast_probability, 40.0)
        self.assertEqual(deal.sales_forecast_revenue, 400.0)
        row = self._reasons(deal)
        self.assertEqual((row["method"], row["chance"]), ("calibrated", 40.0))
        self.assertEqual((row["n"], row["low"], row["high"]), (None, None, None))
        self.assertEqual(
            row["reasons"],
            [
                "Stage “Test Prove” stands for 40%.",
                "No deal that was here is closed yet to learn from.",
            ],
        )

    def test_by_age(self):
        self._some_past()
        self._learn()
        for days, age in ((0, 0), (2, 0), (3, 3), (13, 7), (14, 14), (400, 14)):
            with self.subTest(days=days):
                rate = self._rate(self.prove, age, "incomplete")
                deal = self._open(days=days)
                self.assertAlmostEqual(deal.sales_forecast_probability, rate.chance)

    def test_moves_with_the_stage(self):
        self._some_past()
        self._learn()
        deal = self._open(days=14)
        deal.with_user(self.leader_user).action_sales_waive(self.plan.ids, "Known")
        deal.stage_id = self.close
        self.assertAlmostEqual(
            deal.sales_forecast_probability, self._rate(self.close).chance
        )

    def test_stage_without_history_has_its_percentage(self):
        self._some_past()
        self._learn()
        deal = self._open(self.meet)
        self.assertEqual(deal.sales_forecast_probability, 10.0)

    def test_switching_the_method(self):
        self._some_past()
        self._learn()
        deal = self._open(days=3)
        learnt = deal.sales_forecast_probability
        self.assertNotAlmostEqual(learnt, 40.0)
        self.learner.sales_forecast_method = "stage"
        self.assertEqual(deal.sales_forecast_probability, 40.0)
        self.learner.sales_forecast_method = "calibrated"
        self.assertAlmostEqual(deal.sales_forecast_probability, learnt)

    # === EVIDENCE === #

    def test_evidence_is_learnt_as_of_then(self):
        self._proven_past()
        self._learn()
        found = {
            (age, kind): (rate.won, rate.closed)
            for age in (0, 3, 14)
            for kind in ("complete", "incomplete")
            for rate in self._rate(self.prove, age, kind)
        }
        # Signed on the second day: not yet when they came, but before the third.
        self.assertEqual(
            found,
            {
                (0, "complete"): (6, 6),
                (0, "incomplete"): (6, 12),
                (3, "complete"): (6, 6),
                (3, "incomplete"): (0, 6),
                (14, "complete"): (6, 6),
                (14, "incomplete"): (0, 6),
            },
        )

    def test_evidence_that_lapsed(self):
        deals = self._proven_past()
        for row in deals[:6].sudo().sales_evidence_ids:
            row.write({"date_expiry": row.date_verified + timedelta(days=4)})
        self._learn()
        self.assertEqual(self._rate(self.prove, 3, "complete").closed, 6)
        self.assertFalse(self._rate(self.prove, 7, "complete"))
        self.assertEqual(self._rate(self.prove, 7, "incomplete").closed, 12)

    def test_evidence_that_was_refused_later(self):
        deals = self._proven_past()
        row = self._submit(deals[0], self.plan)
        verified = deals[0].sudo().sales_evidence_ids - row
        row.sudo().write(
            {
                "state": "rejected",
                "date_verified": verified.date_verified + timedelta(days=3),
            }
        )
        self._learn()
        self.assertEqual(self._rate(self.prove, 3, "complete").closed, 6)
        self.assertEqual(self._rate(self.prove, 7, "complete").closed, 5)
        for rate in self.rates.search([("company_id", "=", self.learner.id)]):
            action = rate.action_open_deals()
            leads = self.env["crm.lead"].with_context(active_test=False)
            self.assertEqual(leads.search_count(action["domain"]), rate.closed)

    def test_evidence_renews_the_deal(self):
        self._proven_past()
        self._learn()
        deal = self._open(days=15)
        chances = {
            kind: self._rate(self.prove, 14, kind).chance
            for kind in ("complete", "incomplete")
        }
        self.assertGreater(chances["complete"], chances["incomplete"])

        def check(kind, step):
            self.assertAlmostEqual(
                deal.sales_forecast_probability, chances[kind], msg=step
            )

        check("incomplete", "new")
        row = self._submit(deal, self.plan)
        check("incomplete", "submitted")
        row.with_user(self.leader_user).action_verify()
        check("complete", "verified")
        row.sudo().date_expiry = fields.Datetime.now() - timedelta(days=1)
        check("incomplete", "over")
        row.sudo().date_expiry = False
        check("complete", "not over")
        self.env["sales.evidence"].sudo()._cron_expire()
        check("complete", "nothing to expire")
        again = self._submit(deal, self.plan)
        again.with_user(self.leader_user).action_reject("Not signed")
        check("incomplete", "rejected")
        deal.with_user(self.leader_user).action_sales_waive(self.plan.ids, "Known")
        check("complete", "waived")

    def test_asked_of_large_deals_only(self):
        self.plan.sudo().write({"minimum_amount": 5000.0})
        self._proven_past()  # 1,000 each
        self._learn()
        self.assertFalse(self._rate(self.prove, 3, "complete"))
        self.assertFalse(self._rate(self.prove, 3, "incomplete"))
        [small, large] = [
            self._open(days=4, expected_revenue=amount) for amount in (1000, 9000)
        ]
        chance = self._rate(self.prove, 3).chance
        self.assertAlmostEqual(small.sales_forecast_probability, chance)
        self.assertAlmostEqual(large.sales_forecast_probability, chance)

    # === REASONS === #

    def test_reasons(self):
        self._proven_past()
        self._learn()
        row = self._reasons(self._open(days=15))
        first, aged = self._rate(self.prove), self._rate(self.prove, 14)
        rate = self._rate(self.prove, 14, "incomplete")
        self.assertEqual(
            row["reasons"],
            [
                "Stage “Test Prove” stands for 40%.",
                f"6 of 12 deals that reached it were won: {first.chance:.0f}%.",
                "Of those still there after 14 days, 6 of 12 were won: "
                f"{aged.chance:.0f}%.",
                "Not all that has to be confirmed is: 0 of 6 such deals were won, "
                f"{rate.chance:.0f}%.",
            ],
        )
        self.assertEqual((row["n"], row["low"], row["high"]), (6, rate.low, rate.high))
        self.assertAlmostEqual(row["chance"], rate.chance)

    def test_reasons_by_method(self):
        deal = self._open()
        deal.probability = 35.0
        for method, text in (
            ("stage", "Stage “Test Prove” stands for 40%."),
            ("score", "Odoo's predictive score is "),
            ("manual", "Odoo's probability of the deal is 35%."),
        ):
            self.learner.sales_forecast_method = method
            row = self._reasons(deal)
            self.assertEqual(row["method"], method)
            self.assertTrue(row["reasons"][0].startswith(text), row)
            self.assertEqual(len(row["reasons"]), 1)
        self.assertEqual(deal.sales_forecast_chance_text, row["reasons"][0])

    def test_reasons_of_closed_deals(self):
        won, lost = self._past(("won", (self.prove, 1)), ("lost", (self.prove, 1)))
        self.assertEqual(self._reasons(won)["reasons"], ["It is won."])
        self.assertEqual(self._reasons(lost)["reasons"], ["It is lost."])

    def test_reasons_of_deals_one_may_see(self):
        deal = self._open()
        for user in (self.stranger_user, self.accountant_user, self.portal_user):
            with self.subTest(user.name), self.assertRaises(AccessError):
                self._reasons(deal, user)

    def test_queries_do_not_grow(self):
        self._some_past()
        self._learn()
        spent = []
        for number in (4, 8):
            deals = self.env["crm.lead"].browse(
                self._open(days=n).id for n in range(number)
            )
            self.env.invalidate_all()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            deals.with_user(self.rep_user).get_forecast_reasons()
            deals.mapped("sales_forecast_closing")
            spent.append(self.env.cr.sql_log_count - before)
        self.assertGreaterEqual(spent[0], spent[1])

    # === CLOSING === #

    def test_closing(self):
        self._some_past()
        self._learn()
        today = self.learner._sales_today()
        coming = today + timedelta(days=3)
        gone = today - timedelta(days=3)
        deal = self._open(days=15, date_deadline=coming)
        self.assertEqual(deal.sales_forecast_closing, coming)
        deal.date_deadline = gone
        self.assertEqual(deal.sales_forecast_closing, today + timedelta(days=6))
        deal.date_deadline = False
        self.assertEqual(deal.sales_forecast_closing, today + timedelta(days=6))
        deal.date_deadline = today
        self.assertEqual(deal.sales_forecast_closing, today)
        unknown = self._open(self.meet)
        self.assertFalse(unknown.sales_forecast_closing)

    def test_closing_of_closed_deals(self):
        [won] = self._past(("won", (self.prove, 1)))
        moment = self.now - timedelta(days=100)
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                "UPDATE crm_lead SET date_closed = %s WHERE id = %s RETURNING id",
                moment,
                won.id,
            )
        )
        self.env.invalidate_all()
        self.assertEqual(won.sales_forecast_closing, self.learner._sales_day(moment))
