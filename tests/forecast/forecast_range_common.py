from odoo.fields import Date

from ..common import SalesProcessCommon


class ForecastRangeCommon(SalesProcessCommon):
    """Deals of the rep in two companies, each worth its amount at its probability."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sales_forecast_method = "manual"
        cls.money = cls.company.currency_id
        cls.day = Date.add(cls.company._sales_today(), days=20)
        cls.everyone = cls.env["crm.lead"].with_user(cls.director_user)

    @classmethod
    def _worth(cls, amount, percent, name=None, **values):
        """A deal outside any process."""
        values.setdefault("company_id", cls.company.id)
        values.setdefault("date_deadline", cls.day)
        return cls._deal(
            name or f"{amount} at {percent}",
            expected_revenue=amount,
            probability=percent,
            **values,
        )

    @classmethod
    def _abroad(cls, code, rate=None):
        """A company with another currency, worked in by the rep.

        :param rate: of the currency for one of the company's; None: it has none
        """
        currency = (
            cls.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "=", code)])
        )
        currency.active = True
        currency.rate_ids.unlink()
        if rate:
            cls.env["res.currency.rate"].create(
                {"currency_id": currency.id, "rate": rate, "name": "2000-01-01"}
            )
        company = cls.env["res.company"].create(
            {
                "name": f"Branch {code}",
                "currency_id": currency.id,
                "sales_forecast_method": "manual",
            }
        )
        (cls.rep_user | cls.director_user).company_ids += company
        return company

    def _range(self, deals, user=None, companies=None, **more):
        model = self.env["crm.lead"].with_user(user or self.rep_user)
        if companies:
            model = model.with_context(allowed_company_ids=companies.ids)
        return model.get_forecast_range([("id", "in", deals.ids)], **more)
