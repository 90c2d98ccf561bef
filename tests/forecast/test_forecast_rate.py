from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL

from .forecast_rate_common import ForecastRateCommon


@tagged("post_install", "-at_install")
class TestForecastRate(ForecastRateCommon):
    """What is learnt from closed deals, counted by hand."""

    rule_tested_models = {"sales.forecast.rate"}

    def test_counts(self):
        self._some_past()
        self._learn()
        found = [
            (rate.age_from, rate.won, rate.closed)
            for rate in self.rates.search(
                [
                    ("company_id", "=", self.learner.id),
                    ("stage_id", "=", self.prove.id),
                    ("evidence", "=", "any"),
                ],
                order="age_from",
            )
        ]
        self.assertEqual(found, [(0, 4, 10), (3, 4, 8), (7, 1, 5), (14, 1, 5)])
        close = self._rate(self.close)
        self.assertEqual((close.won, close.closed), (4, 4))
        self.assertFalse(self._rate(self.close, 3))
        self.assertFalse(self._rate(self.meet))  # nobody was there

    def test_shrinkage(self):
        self._some_past()
        self._learn()
        first, later = self._rate(self.prove), self._rate(self.prove, 3)
        self.assertEqual(first.prior, 40.0)
        weight = first.strength
        self.assertAlmostEqual(
            first.chance, 100 * (weight * 0.4 + 4) / (weight + 10), places=9
        )
        self.assertAlmostEqual(later.prior, first.chance, places=9)
        weight = later.strength
        self.assertAlmostEqual(
            later.chance, (weight * first.chance + 400) / (weight + 8), places=9
        )
        self.assertLess(first.low, first.chance)
        self.assertLess(first.chance, first.high)

    def test_days_until_closing(self):
        """From Prove on: 1, 1, 7, 7, 7, 20 (four) and 22 days; half are over by 7."""
        self._some_past()
        self._learn()
        first = self._rate(self.prove)
        self.assertEqual((first.days, first.days_closed), (7, 10))
        # After 14 days there 6 (four) and 8 are left.
        later = self._rate(self.prove, 14)
        self.assertEqual((later.days, later.days_closed), (6, 5))
        self.assertFalse(self._rate(self.close).days)  # four are too few

    def test_open_deals_delay_closing(self):
        self._some_past()
        others = [self._open(days=0) for _number in range(6)]
        since = self.now - timedelta(days=15)
        self.env["sales.pipeline.history"]._unfold(
            [(deal.id, since, self.prove.id, "open") for deal in others]
        )
        self._learn()
        first = self._rate(self.prove)
        # 16 deals; by day 7 five are closed, 11 are left; by day 15 six leave unseen;
        # the curve is at 11/16 then and falls by 4/5 on day 20.
        self.assertEqual((first.days, first.days_closed), (20, 10))
        self.assertEqual(first.closed, 10)

    def test_a_stay_that_came_again_counts_once(self):
        self._past(("lost", (self.prove, 5), (self.meet, 1), (self.prove, 2)))
        self._learn()
        self.assertEqual(self._rate(self.prove).closed, 1)
        self.assertEqual(self._rate(self.prove, 3).closed, 1)
        self.assertFalse(self._rate(self.prove, 7))

    def test_as_of_then(self):
        """Of what happened later, nothing is known."""
        self._some_past()
        moment = self.now - timedelta(days=11)
        self.assertEqual(self.rates._learn(self.learner, moment), [])
        rows = self.rates._learn(self.learner, self.now - timedelta(days=9))
        self.assertIn(
            (self.prove.id, 0, 4, 10),
            [(r["stage_id"], r["age_from"], r["won"], r["closed"]) for r in rows],
        )

    def test_versions_of_a_process_learn_together(self):
        self._some_past()
        newer = self.process.copy(
            {"previous_version_id": self.process.id, "state": "live"}
        )
        self.assertEqual(newer.family_id, self.process.family_id)
        self._past(("won", (self.prove, 5)), sales_process_id=newer.id)
        self._learn()
        self.assertEqual(self._rate(self.prove).closed, 11)

    def test_outside_any_process(self):
        deals = self._past(
            ("won", (self.meet, 1)),
            ("lost", (self.meet, 1)),
            ("lost", (self.meet, 1)),
            sales_process_id=False,
        )
        self.assertFalse(deals.sales_process_id)
        self._learn()
        rate = self.rates.search(
            [("company_id", "=", self.learner.id), ("process_id", "=", False)]
        )
        self.assertEqual((rate.won, rate.closed), (1, 3))
        self.assertAlmostEqual(rate.prior, 40.0)  # (1 + 1) / (3 + 2)

    def test_companies_learn_for_themselves(self):
        self._some_past()
        other = self.env["res.company"].create({"name": "Other"})
        self.assertEqual(self.rates._learn(other), [])
        self._learn()
        self.rates._replace(other, [])
        self.assertTrue(self._rate(self.prove))

    def test_company_of_the_salesperson(self):
        self.rep_user.company_id = self.learner
        self._past(("won", (self.prove, 5)), company_id=False)
        self._learn()
        self.assertEqual(self._rate(self.prove).closed, 1)

    def test_learning_again_replaces(self):
        self._some_past()
        self._learn()
        before = self._rate(self.prove)
        self._past(*[("won", (self.prove, 100))] * 2)
        self._learn()
        self.assertEqual(self._rate(self.prove), before)
        self.assertEqual((before.won, before.closed), (6, 12))
        self.assertEqual(self._rate(self.prove, 90).closed, 2)
        self.env["crm.lead"].with_context(active_test=False).search(
            [("company_id", "=", self.learner.id)]
        ).unlink()
        self._learn()
        self.assertFalse(self._rate(self.prove))

    def test_rows_open_their_deals(self):
        self._some_past()
        self._open(days=30)
        self._learn()
        rates = self.rates.search([("company_id", "=", self.learner.id)])
        self.assertIn("incomplete", rates.mapped("evidence"))
        for rate in rates:
            action = rate.action_open_deals()
            leads = self.env["crm.lead"].with_context(**action["context"])
            deals = leads.search(action["domain"])
            self.assertEqual(len(deals), rate.closed, rate.display_name)
            won = deals.filtered(lambda deal: deal.won_status == "won")
            self.assertEqual(len(won), rate.won, rate.display_name)

    # === WHO MAY SEE IT === #

    def test_leaders_and_directors_read(self):
        self._some_past()
        self._learn()
        ids = self._rate(self.prove).ids
        for user in (self.leader_user, self.director_user):
            rates = self.rates.with_user(user).with_context(
                allowed_company_ids=self.learner.ids
            )
            self.assertEqual(rates.browse(ids).closed, 10)
            for attempt in (
                lambda rates=rates: rates.browse(ids).write({"won": 9}),
                lambda rates=rates: rates.browse(ids).unlink(),
                lambda rates=rates: rates.create({"stage_id": self.prove.id}),
            ):
                with self.assertRaises(AccessError):
                    attempt()

    def test_nobody_else_reads(self):
        self._some_past()
        self._learn()
        for user in (self.rep_user, self.accountant_user, self.portal_user):
            with self.subTest(user.name), self.assertRaises(AccessError):
                self.rates.with_user(user).search([])

    def test_rates_of_other_companies(self):
        self._some_past()
        self._learn()
        rates = self.rates.with_user(self.director_user).with_context(
            allowed_company_ids=self.company.ids
        )
        self.assertFalse(rates.search([("company_id", "=", self.learner.id)]))

    # === THE JOB === #

    def test_job(self):
        self._some_past()
        deal = self._open(days=15)
        self.assertEqual(deal.sales_forecast_probability, 40.0)
        self._run_job()
        self.assertEqual(self.learner.sales_forecast_queue, 0)
        rate = self._rate(self.prove, 14, "incomplete")
        self.assertAlmostEqual(deal.sales_forecast_probability, rate.chance)

    def test_choosing_the_method_has_it_learnt(self):
        self.learner.sales_forecast_method = "stage"
        cron = self.env.ref("sales_process.forecast_learn_cron")
        domain = [("cron_id", "=", cron.id)]
        before = self.env["ir.cron.trigger"].search_count(domain)
        self.learner.sales_forecast_method = "calibrated"
        self.assertEqual(self.env["ir.cron.trigger"].search_count(domain), before + 1)
        self.learner.name = "Learner Again"
        self.assertEqual(self.env["ir.cron.trigger"].search_count(domain), before + 1)

    def test_job_goes_on_where_it_stopped(self):
        self._some_past()
        deals = [self._open(days=15) for _number in range(3)]
        self.learner.sales_forecast_queue = -1
        self.rates._run_step(self.learner, 2)
        self.assertEqual(self.learner.sales_forecast_queue, 1)
        chance = self._rate(self.prove, 14, "incomplete").chance
        self.rates._run_step(self.learner, 2)
        self.assertEqual(self.learner.sales_forecast_queue, deals[1].id + 1)
        self.assertEqual(
            [round(deal.sales_forecast_probability, 6) for deal in deals],
            [round(chance, 6)] * 2 + [40.0],
        )
        self.rates._run_step(self.learner, 2)
        self.assertEqual(self.learner.sales_forecast_queue, 0)
        self.assertAlmostEqual(deals[2].sales_forecast_probability, chance)

    def test_job_goes_on_with_the_others(self):
        self._some_past()
        self._open()
        self.learner.sales_forecast_queue = -1
        learn = type(self.rates)._learn

        def fail(model, company):
            if company == self.learner:
                model.env.cr.execute(SQL("SELECT 1 / 0"))
            return learn(model, company)

        self.patch(type(self.rates), "_learn", fail)
        with self.assertLogs(
            "odoo.addons.sales_process.models.forecast.sales_forecast_rate_job", "ERROR"
        ):
            self.rates._run_step(self.learner, 2)
        self.assertEqual(self.learner.sales_forecast_queue, 0)

    def _run_job(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("sales_process.forecast_learn_cron").method_direct_trigger()
        self.env.invalidate_all()

    def test_queries_do_not_grow(self):
        self._some_past()
        self._learn()  # warms caches
        before = self.env.cr.sql_log_count
        self._learn()
        once = self.env.cr.sql_log_count - before
        self._some_past()
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self._learn()
        self.assertLessEqual(self.env.cr.sql_log_count - before, once)
