from odoo.tests import tagged

from .forecast_line_common import ForecastLineCommon


@tagged("post_install", "-at_install")
class TestForecastLine(ForecastLineCommon):
    """From the deal to the cash, each sum once."""

    rule_tested_models = ()

    def test_a_deal_is_one_slice(self):
        deal = self._deal()
        self.assertSlices(deal, ("pipeline", self._days(30), 1000.0, 400.0))
