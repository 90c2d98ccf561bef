from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from . import line_money_sql, line_sql
from .forecast_sql import FAST
from .sales_forecast_line_currency import CURRENCY

# Ids asked for.
IDS = "sales_forecast_line_ids"
CLOSED = SQL("l.date_closed")


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
            "sales_counts",
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
        self.env.cr.execute(FAST)
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
        rated = self._rated(companies)
        rates = self._rates(companies, rated)
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
                   x.product_category_id, x.territory_id, %(places)s
              FROM (%(slices)s) x
            """,
            places=SQL(", ").join(
                # No join: PostgreSQL would join it for everybody
                SQL(
                    "(SELECT c.%(name)s FROM res_partner c WHERE c.id = x.partner_id)"
                    " AS %(name)s",
                    name=SQL.identifier(name),
                )
                for name in ("state_id", "country_id", "industry_id")
            ),
            cash=self._cash_sql(today),
            today=today,
            currency=_by_company(
                company, {c.id: SQL("%s", c.currency_id.id) for c in companies}
            ),
            shown=SQL("%s::int", self._shown_currency().id),
            rate=_by_company(company, rates),
            missing=self._missing_sql(companies, rated),
            slices=SQL(" UNION ALL ").join(self._slices(companies)),
        )

    def _slices(self, companies):
        """The statements that are needed for the ids asked for."""
        statements = {
            **self._deal_statements(companies),
            **self._order_statements(companies),
            **self._money_statements(companies),
        }
        asked = self.env.context.get(IDS)
        found = None if asked is None else line_sql.split_ids(asked)
        if found is not None and not found.keys() & statements.keys():
            found = {line_sql.ORDER: []}  # any statement that finds nothing
        for arm, calls in statements.items():
            if found is None or arm in found:
                for statement, *arguments in calls:
                    yield statement(*arguments, _where(found and found[arm]))

    # By number: the functions of ``line_sql`` and what they take.

    def _deal_statements(self, companies):
        default = SQL("%s::int", self.env.company.id)
        # Where there is one company, it is that of every deal.
        company = default
        if len(companies) > 1:
            company = line_sql.company_of_deal(default)
        days = self.env["res.company"]._sales_day_sql
        open_, won = line_sql.OPEN_DEAL, line_sql.WON_DEAL
        closings = {
            open_: SQL("l.date_deadline"),
            won: SQL("COALESCE(%s, l.date_deadline)", days(company, CLOSED)),
        }
        unit = _by_company(company, _units(companies))
        day = days(SQL("o.company_id"), SQL("o.date_order"))
        return {
            **{
                arm: [(line_sql.deals, arm, company, closing)]
                for arm, closing in closings.items()
            },
            line_sql.DEAL_PLAN: [
                (line_sql.planned_deals, arm, company, closing, day, unit)
                for arm, closing in closings.items()
            ],
        }

    def _order_statements(self, companies):
        company = SQL("o.company_id")
        days = self.env["res.company"]._sales_day_sql
        ordered = days(company, SQL("o.date_order"))
        promised = days(company, SQL("o.commitment_date"))
        unit = _by_company(company, _units(companies))
        return {
            line_sql.INSTALMENT: [(line_sql.instalments,)],
            line_sql.ORDER: [(line_sql.orders, ordered, promised, unit)],
        }

    def _money_statements(self, companies):
        metrics = self.env["sales.metric"].sudo()  # which one it is
        collected = metrics._by_code("collected").id
        shared = self._has_shared()
        statements = {
            line_sql.INVOICE: [(line_money_sql.open_documents,)],
            line_sql.CASH: [(line_money_sql.cash, collected, shared)],
        }
        if shared:
            unit = _by_company(SQL("t.company_id"), _units(companies))
            statements[line_sql.SHARED] = [
                (line_money_sql.shared_documents, unit),
                (line_money_sql.shared_cash, collected, unit),
            ]
        return statements

    def _cash_sql(self, today):
        """Expected cash, as ``sales.cash.report`` says it of what has a plan."""
        delays = self.env["sales.payment.delay"].sudo()  # days alone, no customer
        usual = delays.search([("partner_id", "=", False)])
        return SQL(
            """CASE WHEN x.kind = 'collected' THEN x.date
                    WHEN %(delay)s < 0 AND x.date >= %(today)s
                    THEN GREATEST(x.date + %(delay)s, %(today)s)
                    ELSE x.date + %(delay)s END""",
            delay=SQL(
                "CASE x.kind WHEN 'invoiced' THEN %s ELSE %s END",
                _delay_sql(usual, "days_after_due"),
                _delay_sql(usual, "days_after_firm"),
            ),
            today=today,
        )

    @api.model
    def _has_shared(self):
        """Whether there is a document for several orders."""
        statement = SQL(
            "SELECT EXISTS (SELECT FROM account_move m WHERE %s)",
            line_money_sql.IS_SHARED,
        )
        [(shared,)] = self.env.execute_query(statement)
        return shared


def _units(companies):
    """The smallest amount of money of each company."""
    return {c.id: SQL("%s::numeric", c.currency_id.rounding) for c in companies}


def _by_company(column, values):
    """SQL for what depends on the company of a row alone.

    :param dict values: SQL by the id of a company
    """
    if len(values) == 1:
        return next(iter(values.values()))
    return _case(column, values)


def _delay_sql(usual, name):
    """The days a customer takes, else everybody at the company.

    :param usual: ``sales.payment.delay`` of whole companies
    """
    default = SQL("0")
    if usual:
        days = {row.company_id.id: SQL("%s", row[name] or 0) for row in usual}
        default = SQL("COALESCE(%s, 0)", _case(SQL("x.company_id"), days))
    return SQL(
        """COALESCE((
            SELECT d.%s FROM sales_payment_delay d
             WHERE d.company_id = x.company_id
               AND COALESCE(d.partner_id, 0) = x.partner_id), %s)""",
        SQL.identifier(name),
        default,
    )


def _case(column, values):
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
