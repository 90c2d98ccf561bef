from collections import defaultdict

from odoo.fields import Command

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

    @classmethod
    def _quote(cls, deal, *amounts, **values):
        """A quotation of a deal with these instalments."""
        values = {"opportunity_id": deal.id, **values}
        return cls._order(*amounts, confirm=False, **values)

    @classmethod
    def _order_of(cls, deal, *amounts, **values):
        return cls._order(*amounts, opportunity_id=deal.id, **values)

    def _down_payment(self, order, amount):
        """The draft of a down payment by Odoo's wizard."""
        wizard = self.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": [Command.set(order.ids)],
                "advance_payment_method": "fixed",
                "fixed_amount": amount,
            }
        )
        return wizard._create_invoices(order)

    def _sums(self, record):
        """Amounts by kind, without those that add up to nothing."""
        sums = defaultdict(float)
        for row in self._rows(record):
            sums[row.kind] += row.amount
        return {kind: round(amount, 2) for kind, amount in sums.items() if amount}

    def _rows(self, record):
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
