from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

# The currency to show amounts in.
CURRENCY = "sales_forecast_currency_id"


class SalesForecastLine(models.Model):
    """The slices in any currency; one without a rate is never taken for zero."""

    _inherit = "sales.forecast.line"

    # === CHOOSING ONE === #

    @api.model
    def _chosen_currency(self, domain):
        """Take the currency that somebody searched for out of a domain.

        :param Domain domain: conditions on slices
        :return: the rest of the domain, and the currency or an empty record
        :raise UserError: where it asks for several currencies
        """
        chosen = set()

        def without(condition):
            if condition.field_expr != "shown_currency_id":
                return condition
            values = condition.value
            if condition.operator in ("=", "in") and values:
                chosen.update([values] if isinstance(values, int) else values)
                return Domain.TRUE
            if condition.operator in ("ilike", "="):
                chosen.update(self._currencies_named(values))
                return Domain.TRUE
            raise UserError(self.env._("Choose one currency to see everything in it."))

        rest = Domain(domain).map_conditions(without)
        if len(chosen) > 1:
            raise UserError(self.env._("Choose one currency to see everything in it."))
        return rest, self.env["res.currency"].browse(chosen)

    @api.model
    def _currencies_named(self, text):
        currencies = self.env["res.currency"].search(
            [("name", "=ilike", str(text or ""))], limit=2
        )
        return currencies.ids or self._refuse_currency(text)

    @api.model
    def _refuse_currency(self, text):
        raise UserError(
            self.env._("There is no currency “%s”. Choose one of the list.", text)
        )

    # === RATES === #

    @api.model
    def _companies(self):
        """All of them, archived ones included: each row has one."""
        companies = self.env["res.company"].sudo()  # plain settings
        return companies.with_context(active_test=False).search(Domain.TRUE)

    @api.model
    def _shown_currency(self):
        currency = self.env["res.currency"].browse(self.env.context.get(CURRENCY))
        return currency or self.env.company.sudo().currency_id  # of an own company

    @api.model
    def _rates(self, companies, rated):
        """What one unit of the currency of each company is worth in the one shown.

        :param set rated: see ``_rated``
        :raise UserError: where somebody chose a currency that has no rate
        """
        shown = self._shown_currency()
        chosen = bool(self.env.context.get(CURRENCY))
        rates = {}
        for company in companies:
            own = company.currency_id
            if shown == own:
                rates[company.id] = SQL("1::numeric")
            elif (company.root_id.id, shown.id) in rated:
                rate = own._get_conversion_rate(
                    own, shown, company, company._sales_today()
                )
                rates[company.id] = SQL("%s::numeric", rate)
            elif chosen and company in self.env.companies:
                raise UserError(
                    self.env._(
                        "%(currency)s has no exchange rate at %(company)s. Enter one "
                        "under Invoicing ▸ Configuration ▸ Currencies, or choose "
                        "another currency.",
                        currency=shown.name,
                        company=company.name,
                    )
                )
            else:
                rates[company.id] = SQL("NULL::numeric")
        return rates

    @api.model
    def _rated(self, companies):
        """:return: ``{(root company id, id of a currency that has a rate there)}``"""
        rates = self.env["res.currency.rate"].sudo()  # no secret
        roots = companies.root_id
        found = rates._read_group(
            [("company_id", "in", [*roots.ids, False])], ["company_id", "currency_id"]
        )
        pairs = set()
        for company, currency in found:
            for root in company or roots:
                pairs.add((root.id, currency.id))
        return pairs

    @api.model
    def _missing_sql(self, companies, rated):
        """Whether the currency of the document of a row has no rate at all."""
        currencies = self.env["res.currency"].search(Domain("active", "=", True))
        pairs = [
            SQL("(%s, %s)", company.id, currency.id)
            for company in companies
            for currency in currencies
            if currency != company.currency_id
            and (company.root_id.id, currency.id) not in rated
        ]
        if not pairs:
            return SQL("FALSE")
        return SQL(
            "COALESCE((x.company_id, x.document_currency_id) IN (%s), FALSE)",
            SQL(", ").join(pairs),
        )
