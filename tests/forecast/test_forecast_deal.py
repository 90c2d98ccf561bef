from datetime import timedelta

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import SQL

from ..common import SalesProcessCommon

KEPT = ("category", "probability", "value", "revenue")


@tagged("post_install", "-at_install")
class TestForecastDeal(SalesProcessCommon):
    """What a deal counts: stages of 10, 40, 80 and 100 %."""

    rule_tested_models = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sales_forecast_method = "stage"
        for stage, percent, category in (
            (cls.p_meet, 10, "pipeline"),
            (cls.p_prove, 40, "best_case"),
            (cls.p_close, 80, "commit"),
            (cls.p_won, 100, "closed"),
        ):
            stage.write({"probability": percent, "forecast_category": category})
        cls.process.action_publish()
        cls.deal = cls._deal(
            stage_id=cls.meet.id,
            sales_process_id=cls.process.id,
            company_id=cls.company.id,
            expected_revenue=1000.0,
        )

    def _counts(self, deal=None):
        deal = deal or self.deal
        return tuple(deal[f"sales_forecast_{name}"] for name in KEPT)

    def test_stage_percentage(self):
        self.assertEqual(self._counts(), ("pipeline", 10.0, 1000.0, 100.0))
        self.deal.stage_id = self.prove
        self.assertEqual(self._counts(), ("best_case", 40.0, 1000.0, 400.0))
        self.deal.expected_revenue = 500.0  # not yet in the database
        self.assertEqual(self._counts(), ("best_case", 40.0, 500.0, 200.0))
        [row] = self.env["crm.lead"]._read_group(
            [("id", "=", self.deal.id)], [], ["sales_forecast_revenue:sum"]
        )
        self.assertEqual(row, (200.0,))
        self.assertIn(
            self.deal,
            self.env["crm.lead"].search([("sales_forecast_revenue", "=", 200)]),
        )

    def test_closed_deals(self):
        self.deal.action_set_won()
        self.assertEqual(self._counts(), ("closed", 100.0, 1000.0, 1000.0))
        lost = self._deal(stage_id=self.close.id, expected_revenue=50.0)
        lost.action_set_lost()
        self.assertEqual(self._counts(lost), ("omitted", 0.0, 50.0, 0.0))

    def test_lead_counts_nothing(self):
        lead = self._deal(type="lead", expected_revenue=100.0)
        self.assertEqual(self._counts(lead), (False, 0.0, 0.0, 0.0))
        lead.type = "opportunity"
        self.assertEqual(self._counts(lead)[2], 100.0)

    def test_outside_any_process(self):
        """No stage says a percentage: the only one there is is Odoo's."""
        plain = self._deal(expected_revenue=200.0, probability=35.0)
        plain.sales_process_id = False
        plain.probability = 35.0
        self.assertEqual(self._counts(plain), ("pipeline", 35.0, 200.0, 70.0))

    def test_methods(self):
        self.deal.probability = 25.0
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET automated_probability = 33 WHERE id = %s",
            (self.deal.id,),
        )
        self.env.invalidate_all()
        for method, percent in (("score", 33.0), ("manual", 25.0), ("stage", 10.0)):
            with self.subTest(method):
                self.company.sales_forecast_method = method
                self.assertEqual(self._counts()[1::2], (percent, 10 * percent))
        self.assertEqual(self.deal.probability, 25.0)

    def test_scoring_job_writes_by_sql(self):
        self.company.sales_forecast_method = "score"
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET automated_probability = 62.5 WHERE id = %s",
            (self.deal.id,),
        )
        self.env.invalidate_all()
        self.assertEqual(self._counts()[1::2], (62.5, 625.0))

    def test_recurring_revenue(self):
        plan = self.env["crm.recurring.plan"].create(
            {"name": "Two Years", "number_of_months": 24}
        )
        self.deal.write({"recurring_revenue": 250.0, "recurring_plan": plan.id})
        self.assertEqual(self._counts()[2:], (1250.0, 125.0))

    def test_rounded_in_the_currency(self):
        self.deal.expected_revenue = 33.37
        self.assertEqual(self.deal.sales_forecast_revenue, 3.34)

    def test_company_of_the_salesperson(self):
        """A deal of no company follows that of its owner."""
        other = self.env["res.company"].create({"name": "Other"})
        other.sales_forecast_method = "manual"
        self.rep_user.write({"company_ids": [(4, other.id)], "company_id": other.id})
        shared = self._deal(
            company_id=False, stage_id=self.meet.id, expected_revenue=100.0
        )
        shared.probability = 60.0
        self.assertEqual(shared.sales_forecast_probability, 60.0)
        other.sales_forecast_method = "stage"
        self.assertEqual(shared.sales_forecast_probability, 10.0)
        self.assertEqual(self.deal.sales_forecast_probability, 10.0)

    def test_own_category(self):
        deal = self.deal.with_user(self.rep_user)
        deal.sales_forecast_choice = "commit"
        self.assertEqual(self.deal.sales_forecast_category, "commit")
        self.assertEqual(self.deal.sales_forecast_chosen_by_id, self.rep_user)
        self.assertTrue(self.deal.sales_forecast_chosen_on)
        self.deal.stage_id = self.prove  # survives the move
        self.assertEqual(self._counts(), ("commit", 40.0, 1000.0, 400.0))
        self.deal.with_user(self.leader_user).action_sales_release_category()
        self.assertEqual(self.deal.sales_forecast_category, "best_case")
        self.assertFalse(self.deal.sales_forecast_chosen_by_id)
        self.assertFalse(self.deal.sales_forecast_chosen_on)
        self.deal.sales_forecast_choice = "omitted"
        self.assertEqual(self._counts(), ("omitted", 40.0, 1000.0, 0.0))
        self.deal.action_set_won()
        self.assertEqual(self.deal.sales_forecast_category, "closed")

    def test_own_category_when_created(self):
        deal = (
            self.env["crm.lead"]
            .with_user(self.rep_user)
            .create(
                {
                    "name": "Sure",
                    "type": "opportunity",
                    "stage_id": self.meet.id,
                    "sales_forecast_choice": "commit",
                }
            )
        )
        self.assertEqual(deal.sales_forecast_category, "commit")
        self.assertEqual(deal.sales_forecast_chosen_by_id, self.rep_user)
        self.assertFalse(deal.copy().sales_forecast_choice)

    def test_who_chose_is_not_typed(self):
        for name, value in (
            ("sales_forecast_chosen_by_id", self.leader_user.id),
            ("sales_forecast_chosen_on", "2020-01-01 00:00:00"),
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                self.deal.with_user(self.rep_user).write({name: value})
        with self.assertRaises(AccessError):
            self.deal.with_user(self.stranger_user).sales_forecast_choice = "commit"

    def test_figures_are_not_typed(self):
        self.deal.with_user(self.rep_user).write(
            {"sales_forecast_revenue": 9.0, "sales_forecast_category": "commit"}
        )
        self.env.flush_all()
        self.assertEqual(self._counts(), ("pipeline", 10.0, 1000.0, 100.0))

    def test_history_remembers_the_category(self):
        history = self.env["sales.pipeline.history"]
        self.deal.sales_forecast_choice = "commit"
        history._write_pending()
        [row] = history.search(
            [("lead_id", "=", self.deal.id), ("date_to", "=", False)]
        )
        self.assertEqual(row.forecast_category, "commit")

    def test_nothing_to_correct(self):
        """Whatever changed a deal, its columns follow at once."""
        self.deal.stage_id = self.prove
        self.deal.sales_forecast_choice = "commit"
        self.deal.recurring_revenue = 10.0
        leads = self.env["crm.lead"]
        self.assertEqual(leads._sales_forecast_refresh(SQL("TRUE")), [])

    def test_form(self):
        form = Form(self.deal)
        form.expected_revenue = 300.0
        form.save()
        self.assertEqual(self.deal.sales_forecast_revenue, 30.0)

    def test_queries(self):
        """Ten deals take as many queries as twenty."""

        def count(number):
            deals = self.env["crm.lead"].create(
                [
                    {
                        "name": str(i),
                        "type": "opportunity",
                        "stage_id": self.meet.id,
                        "expected_revenue": 10.0,
                        "date_deadline": self._days_ago(0).date() + timedelta(i),
                    }
                    for i in range(number)
                ]
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            deals.write({"sales_forecast_choice": "commit"})
            deals.mapped("sales_forecast_revenue")
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(1)
        self.assertEqual(count(10), count(20))
