from datetime import date

from .plan_common import PlanCommon


class DemandCommon(PlanCommon):
    """The stage Close of the process is forecast as commit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.p_prove.forecast_category = "best_case"
        cls.p_close.forecast_category = "commit"
        cls.process.state = "live"
        cls.company.sales_forecast_method = "manual"  # chances as they are typed
        cls.demand = cls.env["sales.demand"]

    @classmethod
    def _committed(cls, name="Deal", **values):
        return cls._deal(
            name,
            **{
                "sales_process_id": cls.process.id,
                "stage_id": cls.close.id,
                "date_deadline": date(2031, 3, 15),
                "probability": 60,
                "expected_revenue": 700,
                **values,
            },
        )

    @classmethod
    def _quote(cls, deal, *lines, state="draft", **values):
        """A quotation of ``deal``; ``lines`` are (product, quantity, price[, more])."""
        order = cls._order(
            opportunity_id=deal.id,
            partner_id=cls.buyer.id,
            user_id=deal.user_id.id,
            team_id=deal.team_id.id,
            company_id=deal.company_id.id or cls.company.id,
            order_line=[
                cls._order_line(price, quantity, product, **(more[0] if more else {}))
                for product, quantity, price, *more in lines
            ],
            **values,
        )
        if state != "draft":
            order.state = state
        return order

    def _rows(self, *deals):
        self.demand.invalidate_model(flush=False)  # a report of this moment
        lead_ids = [deal.id for deal in deals]
        return self.demand.search([("lead_id", "in", lead_ids)])

    def assertRows(self, deals, *expected):
        """(product, quantity, amount) of each row of some deals, in any order."""
        found = [
            (row.product_id, round(row.quantity, 6), row.amount)
            for row in self._rows(*deals)
        ]
        self.assertCountEqual(found, expected)
