from odoo.tests import tagged

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
