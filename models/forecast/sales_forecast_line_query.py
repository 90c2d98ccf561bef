from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from . import line_sql

# Ids asked for, and the currency to show amounts in.
IDS = "sales_forecast_line_ids"
CURRENCY = "sales_forecast_currency_id"


class SalesForecastLine(models.Model):
    """How the slices are read from the database."""

    _inherit = "sales.forecast.line"
    _depends = {
        "account.move": [
            "amount_total",
            "amount_untaxed",
            "commercial_partner_id",
            "currency_id",
            "invoice_user_id",
            "move_type",
            "sales_is_shared",
            "sales_main_category_id",
            "sales_main_order_id",
            "sales_plan_line_id",
            "state",
            "team_id",
        ],
        "account.move.line": [
            "amount_residual",
            "company_id",
            "date_maturity",
            "display_type",
            "move_id",
            "parent_state",
            "price_total",
        ],
        "crm.lead": [
            "active",
            "company_id",
            "date_closed",
            "date_deadline",
            "expected_revenue",
            "partner_id",
            "probability",
            "recurring_revenue",
            "sales_forecast_choice",
            "sales_stage_id",
            "sales_territory_id",
            "team_id",
            "type",
            "user_id",
            "won_status",
        ],
        "res.partner": [
            "commercial_partner_id",
            "country_id",
            "industry_id",
            "sales_territory_id",
            "state_id",
        ],
        "sale.order": [
            "amount_total",
            "amount_untaxed",
            "commitment_date",
            "currency_id",
            "currency_rate",
            "date_order",
            "opportunity_id",
            "partner_id",
            "sales_is_ordered",
            "sales_main_category_id",
            "sales_unplanned",
            "state",
            "team_id",
            "user_id",
        ],
        "sales.payment.delay": ["days_after_due", "days_after_firm", "partner_id"],
        "sales.plan.line": [
            "amount_due_company",
            "amount_outstanding_company",
            "company_id",
            "currency_id",
            "date_expected",
            "date_planned",
            "order_id",
            "order_state",
            "partner_id",
            "sales_share_from",
            "sales_share_to",
            "team_id",
            "trigger",
            "user_id",
        ],
    }

    # === SEARCHING === #

    @api.model
    def _search(self, domain, *args, **kwargs):
        """Put what a search asks for where the slices are read.

        What was paid is credited before it is read, so that it is never late.
        """
        self.env["sales.credit"]._write_pending()  # flushes everything first
        domain, currency = self._chosen_currency(Domain(domain))
        chosen = self
        if currency:
            chosen = chosen.with_context(**{CURRENCY: currency.id})
        ids = _ids_asked_for(domain)
        if ids is not None:
            chosen = chosen.with_context(**{IDS: ids})
        return super(SalesForecastLine, chosen)._search(domain, *args, **kwargs)

    # === THE ROWS === #

    @property
    def _table_query(self):
        companies = self._companies()
        company = SQL("x.company_id")
        today = self.env["res.company"]._sales_today_sql(company)
        rates = self._rates(companies)
        return SQL(
            """
            SELECT x.id, x.kind, x.date, %(cash)s AS date_cash,
                   x.is_open AND x.date < %(today)s AS is_late,
                   x.amount, x.weighted_amount,
                   x.amount * x.untaxed AS amount_untaxed,
                   x.weighted_amount * x.untaxed AS weighted_untaxed,
                   %(currency)s AS currency_id, %(shown)s AS shown_currency_id,
                   x.amount * %(rate)s AS amount_shown,
                   x.weighted_amount * %(rate)s AS weighted_shown,
                   %(missing)s AS is_rate_missing, x.probability,
                   x.forecast_category, x.user_id, x.team_id, x.partner_id,
                   x.company_id, x.lead_id, x.order_id, x.move_id, x.plan_line_id,
                   x.product_category_id, x.territory_id, buyer.state_id,
                   buyer.country_id, buyer.industry_id
              FROM (%(slices)s) x
              LEFT JOIN res_partner buyer ON buyer.id = x.partner_id
              LEFT JOIN sales_payment_delay own
                ON own.company_id = x.company_id
               AND COALESCE(own.partner_id, 0) = x.partner_id
              LEFT JOIN sales_payment_delay usual
                ON usual.company_id = x.company_id
               AND COALESCE(usual.partner_id, 0) = 0
            """,
            cash=self._cash_sql(today),
            today=today,
            currency=_by_company(
                company, {c.id: SQL("%s", c.currency_id.id) for c in companies}
            ),
            shown=SQL("%s::int", self._shown_currency().id),
            rate=_by_company(company, rates),
            missing=self._missing_sql(companies),
            slices=SQL(" UNION ALL ").join(self._slices(companies)),
        )

    def _slices(self, companies):
        """The statements that are needed for the ids asked for."""
        own = self.env.company
        units = {c.id: SQL("%s::numeric", c.currency_id.rounding) for c in companies}
        # Where there is one company, it is that of every deal.
        company = (
            SQL("%s::int", own.id)
            if len(companies) == 1
            else line_sql.company_of_deal(SQL("%s::int", own.id))
        )
        days = self.env["res.company"]._sales_day_sql
        deadline = SQL("l.date_deadline")
        won = SQL("COALESCE(%s, l.date_deadline)", days(company, SQL("l.date_closed")))
        closing = SQL("CASE l.won_status WHEN 'won' THEN %s ELSE %s END", won, deadline)
        order_day = days(SQL("o.company_id"), SQL("o.date_order"))
        promised = days(SQL("o.company_id"), SQL("o.commitment_date"))
        metrics = self.env["sales.metric"].sudo()  # which one it is
        collected = metrics._by_code("collected").id
        unit = _by_company(SQL("t.company_id"), units)
        statements = {
            line_sql.OPEN_DEAL: [
                (line_sql.deals, line_sql.OPEN_DEAL, company, deadline)
            ],
            line_sql.WON_DEAL: [(line_sql.deals, line_sql.WON_DEAL, company, won)],
            line_sql.DEAL_PLAN: [
                (
                    line_sql.planned_deals,
                    company,
                    closing,
                    order_day,
                    _by_company(company, units),
                )
            ],
            line_sql.INSTALMENT: [(line_sql.instalments,)],
            line_sql.ORDER: [
                (
                    line_sql.orders,
                    order_day,
                    promised,
                    _by_company(SQL("o.company_id"), units),
                )
            ],
            line_sql.INVOICE: [(line_sql.open_documents,)],
            line_sql.CASH: [(line_sql.cash, collected)],
            line_sql.SHARED: [
                (line_sql.shared_documents, unit),
                (line_sql.shared_cash, collected, unit),
            ],
        }
        asked = self.env.context.get(IDS)
        found = None if asked is None else line_sql.split_ids(asked)
        if found == {}:  # of no id: any statement that finds nothing
            found = {line_sql.ORDER: []}
        for arm, calls in statements.items():
            if found is None or arm in found:
                for statement, *arguments in calls:
                    yield statement(*arguments, _where(found and found[arm]))

    def _cash_sql(self, today):
        """Expected cash, as ``sales.cash.report`` says it of what has a plan."""
        return SQL(
            """CASE WHEN x.kind = 'collected' THEN x.date
                    WHEN %(delay)s < 0 AND x.date >= %(today)s
                    THEN GREATEST(x.date + %(delay)s, %(today)s)
                    ELSE x.date + %(delay)s END""",
            delay=SQL(
                "CASE x.kind WHEN 'invoiced'"
                " THEN COALESCE(own.days_after_due, usual.days_after_due, 0)"
                " ELSE COALESCE(own.days_after_firm, usual.days_after_firm, 0) END"
            ),
            today=today,
        )

    # === CURRENCIES === #

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
    def _rates(self, companies):
        """What one unit of the currency of each company is worth in the one shown.

        :raise UserError: where somebody chose a currency that has no rate
        """
        shown = self._shown_currency()
        chosen = bool(self.env.context.get(CURRENCY))
        rated = self._rated(companies)
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
    def _missing_sql(self, companies):
        """Whether the currency of the document of a row has no rate at all."""
        rated = self._rated(companies)
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


def _by_company(column, values):
    """SQL for what depends on the company of a row alone.

    :param dict values: SQL by the id of a company
    """
    if len(values) == 1:
        return next(iter(values.values()))
    return SQL(
        "(CASE %s %s END)",
        column,
        SQL(" ").join(SQL("WHEN %s THEN %s", id_, sql) for id_, sql in values.items()),
    )


def _where(ids):
    """A condition on the records a statement reads, by the SQL of their id."""
    if ids is None:
        return lambda _number: SQL("TRUE")
    return lambda number: SQL("%s = ANY (%s)", number, ids)


def _ids_asked_for(domain):
    """The ids that a domain limits its rows to; None where it does not."""
    conditions = list(domain.iter_conditions())
    if Domain.AND(conditions) != domain:  # somewhere there is an “or” or a “not”
        return None
    for condition in conditions:
        if condition.field_expr == "id" and condition.operator in ("in", "="):
            values = condition.value
            values = [values] if isinstance(values, int) else values
            if all(isinstance(value, int) for value in values):
                return [value for value in values if value]
    return None
