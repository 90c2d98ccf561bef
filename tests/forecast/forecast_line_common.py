from ..contract.money_common import MoneyCommon


class ForecastLineCommon(MoneyCommon):
    """Deals of a company with a chart of accounts, at 40 % unless a test says more.

    An order of one product A is 1,150.00 with taxes.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sales_forecast_method = "manual"
        cls.lines = cls.env["sales.forecast.line"]

    @classmethod
    def _deal(cls, **values):
        deal = cls.env["crm.lead"].create(
            {
                "name": "Deal",
                "type": "opportunity",
                "partner_id": cls.partner_a.id,
                "company_id": cls.company.id,
                "expected_revenue": 1000.0,
                "date_deadline": cls._days(30),
                **values,
            }
        )
        deal.probability = values.get("probability", 40.0)
        return deal

    def _rows(self, record, **chosen):
        """The slices of a deal, an order or an invoice."""
        self.lines.invalidate_model(flush=False)  # a report of this moment
        name = {
            "crm.lead": "lead_id",
            "sale.order": "order_id",
            "account.move": "move_id",
        }[record._name]
        return self.lines.search([(name, "in", record.ids)], order="date, id")

    def assertSlices(self, record, *expected):
        """(kind, day, amount[, weighted]) of each slice, in any order."""
        found = [
            (row.kind, row.date, row.amount, row.weighted_amount)
            for row in self._rows(record)
        ]
        expected = [(*slice_, slice_[2])[:4] for slice_ in expected]
        self.assertCountEqual(found, expected)
