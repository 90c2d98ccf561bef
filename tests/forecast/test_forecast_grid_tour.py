from odoo.tests import HttpCase, tagged

from .forecast_grid_common import ForecastGridCommon


@tagged("post_install", "-at_install")
class TestForecastGridTour(ForecastGridCommon, HttpCase):
    """The grid in a browser, as everybody works in it."""

    rule_tested_models = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people["leader"].name = "Grid Leader"
        # Deals of the company may be opened, whatever the user's other companies.
        cls.env.flush_all()

    def _number(self, user, category="commit", place=0):
        numbers = self.env["sales.forecast.call"]._numbers(
            self.company, [("user", user.id)], self.months
        )
        return numbers["user", user.id, *self.months[place], category]

    def test_rep(self):
        self.start_tour(
            "/odoo/forecast-grid",
            "sales_process_forecast_grid_rep",
            login=self.ann.login,
        )
        commit = self._number(self.ann)
        self.assertEqual((commit["call"], commit["call_note"]), (1200, "Board meets"))
        self.assertEqual(self._number(self.ann, "best_case")["call"], 300)
        self.assertEqual(self._number(self.ann, "pipeline")["call"], 90)
        self.assertIsNone(self._number(self.ann, place=1)["call"])

    def test_leader(self):
        self.start_tour(
            "/odoo/forecast-grid",
            "sales_process_forecast_grid_leader",
            login=self.people["leader"].login,
        )
        self.assertEqual(self._number(self.ann)["adjusted"], 900)

    def test_director(self):
        self.start_tour(
            "/odoo/forecast-grid",
            "sales_process_forecast_grid_director",
            login=self.people["director"].login,
        )

    def test_phone(self):
        self.browser_size = "390x844"
        self.touch_enabled = True
        self.start_tour(
            "/odoo/forecast-grid",
            "sales_process_forecast_grid_phone",
            login=self.ann.login,
        )
        self.assertEqual(self._number(self.ann)["call"], 1500)
