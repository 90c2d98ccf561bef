from odoo.tests import HttpCase, tagged

from .forecast_accuracy_common import ForecastAccuracyCommon


@tagged("post_install", "-at_install")
class TestForecastAccuracyTour(ForecastAccuracyCommon, HttpCase):
    """The accuracy of forecasts in a browser."""

    rule_tested_models = ()

    def _tour(self, name, user):
        self.start_tour("/odoo/forecast-accuracy", name, login=user.login)

    def _six_months(self):
        """Six months of 100 each, said 40 % by the stage and 90 % by Odoo."""
        for month in range(1, 7):
            self._simple(month, 100.0, "won", percent=90.0)

    def test_director(self):
        self._six_months()
        self._tour("sales_process_accuracy_director", self.director_user)
        self.assertEqual(self.company.sales_forecast_method, "score")

    def test_rep(self):
        self._six_months()
        self._tour("sales_process_accuracy_rep", self.rep_user)

    def test_phone(self):
        """Nothing is wider than a phone."""
        self._six_months()
        self.browser_size = "390x844"
        self._tour("sales_process_accuracy_phone", self.leader_user)

    def test_nothing_won_yet(self):
        self._tour("sales_process_accuracy_empty", self.leader_user)
