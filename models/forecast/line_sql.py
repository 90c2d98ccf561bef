"""The slices of money from deal to cash, a statement for each kind of document.

Every slice replaces the one before it and none is there twice: a deal until an order of
it is confirmed, what of that order is not invoiced, what of its invoices is open, then
the money. All statements give the columns of ``COLUMNS``; ``id`` is built by
:func:`row_id`, so that a row is found again from its id alone.

Tables that only some columns need are joined so that PostgreSQL leaves them out when
nobody asks for these columns, and conditions on plain columns reach the tables and
their indexes.
"""

from odoo.tools import SQL

from .forecast_sql import COMPANY

COLUMNS = (
    "id",
    "kind",
    "date",
    "is_open",
    "amount",
    "weighted_amount",
    "untaxed",
    "probability",
    "forecast_category",
    "user_id",
    "team_id",
    "partner_id",
    "company_id",
    "document_currency_id",
    "lead_id",
    "order_id",
    "move_id",
    "plan_line_id",
    "product_category_id",
    "territory_id",
)
# Statements by the number they leave in the ids of their rows.
ARMS = 8
(
    OPEN_DEAL,
    WON_DEAL,
    DEAL_PLAN,
    INSTALMENT,
    ORDER,
    INVOICE,
    CASH,
    SHARED,
) = range(ARMS)
STATUS = {OPEN_DEAL: "pending", WON_DEAL: "won"}
# Orders a document of several orders is divided over, at most.
PARTS = 4096

NOT_ORDERED = SQL(
    """NOT EXISTS (SELECT FROM sale_order s
                    WHERE s.opportunity_id = l.id AND s.sales_is_ordered)"""
)
# Neither an order nor a plan takes the place of the deal.
IS_WHOLE = SQL(
    """NOT EXISTS (SELECT FROM sale_order s
                    WHERE s.opportunity_id = l.id
                      AND (s.sales_is_ordered OR s.sales_counts))"""
)
# The quotation ``o`` of a deal ``l`` without a plan that counts.
QUOTATION = """(SELECT o.{0} FROM sale_order o
    WHERE o.opportunity_id = l.id AND o.state IN ('draft', 'sent')
    ORDER BY o.state = 'sent' DESC, o.date_order DESC, o.id DESC LIMIT 1)"""
# The untaxed part of an amount of the document ``{0}``.
UNTAXED = (
    "COALESCE({0}.amount_untaxed / NULLIF({0}.amount_total, 0), 1)"  # of any currency
)
ORDER_TERRITORY = SQL("COALESCE(d.sales_territory_id, c.sales_territory_id)")


def row_id(number, arm, part=None):
    """SQL for the id of a row.

    :param SQL number: id of the record the row is read from
    :param int arm: one of the statements
    :param SQL part: which part of the record, of shared documents
    """
    if part is not None:
        number = SQL("(%s::bigint * %s + %s)", number, PARTS, part)
    return SQL("(%s * %s::bigint + %s)", number, ARMS, arm)


def split_ids(ids):
    """:return: ``{arm: ids of the records its rows are read from}``"""
    found = {}
    for id_ in ids:
        number, arm = divmod(int(id_), ARMS)
        found.setdefault(arm, []).append(number // PARTS if arm == SHARED else number)
    return found


def portion(amount, low, high, unit):
    """What lies between two shares of an amount; portions add up to the amount."""
    return SQL(
        "(ROUND(%(amount)s * (%(high)s)::numeric / %(unit)s)"
        " - ROUND(%(amount)s * (%(low)s)::numeric / %(unit)s)) * %(unit)s",
        amount=amount,
        low=low,
        high=high,
        unit=unit,
    )


def select(columns, tables):
    """One statement.

    :param dict columns: SQL of each of ``COLUMNS``
    """
    return SQL(
        "SELECT %s %s",
        SQL(", ").join(
            SQL("%s AS %s", columns[name], SQL.identifier(name)) for name in COLUMNS
        ),
        tables,
    )


# === DEALS === #


def _deal_columns(company, closing):
    """What all slices of a deal ``l`` of the customer ``c`` have in common."""
    return {
        "kind": SQL("'pipeline'::varchar"),
        "date": closing,
        "is_open": SQL("TRUE"),
        "amount": SQL("COALESCE(l.sales_forecast_value, 0)"),
        "weighted_amount": SQL("COALESCE(l.sales_forecast_revenue, 0)"),
        "untaxed": SQL("1::numeric"),  # what is expected of a deal has no taxes
        "probability": SQL("l.sales_forecast_probability"),
        "forecast_category": SQL("l.sales_forecast_category"),
        "user_id": SQL("l.user_id"),
        "team_id": SQL("l.team_id"),
        "partner_id": SQL("COALESCE(c.commercial_partner_id, l.partner_id)"),
        "company_id": company,
        "document_currency_id": SQL("NULL::int"),
        "lead_id": SQL("l.id"),
        "move_id": SQL("NULL::int"),
        "territory_id": SQL("COALESCE(l.sales_territory_id, c.sales_territory_id)"),
    }


def deals(arm, company, closing, where):
    """Deals without a plan: all of it on the day of the closing.

    :param SQL company: the company of the deal ``l`` of the user ``u``
    :param SQL closing: the day it closes, or closed
    :param SQL where: which deals, by their id
    """
    columns = _deal_columns(company, closing) | {
        "id": row_id(SQL("l.id"), arm),
        "order_id": SQL(QUOTATION.format("id")),
        "plan_line_id": SQL("NULL::int"),
        "product_category_id": SQL(QUOTATION.format("sales_main_category_id")),
    }
    return select(
        columns,
        SQL(
            """FROM crm_lead l
               LEFT JOIN res_users u ON u.id = l.user_id
               LEFT JOIN res_partner c ON c.id = l.partner_id
              WHERE l.type = 'opportunity' AND l.active AND l.won_status = %s
                AND %s AND %s""",
            STATUS[arm],
            IS_WHOLE,
            where(SQL("l.id")),
        ),
    )


def planned_deals(arm, company, closing, day, unit, where):
    """Open or won deals by the plan of the quotation that counts.

    Its days were counted from the day of the quotation, and count from the closing now.
    A day that was agreed on stays, but nothing comes before the closing.

    :param SQL day: the day of the quotation ``o``
    :param SQL unit: of the currency of the company
    """
    columns = _deal_columns(company, closing)
    shares = SQL("p.sales_share_from"), SQL("p.sales_share_to")
    columns |= {
        "id": row_id(SQL("p.id"), DEAL_PLAN),
        "date": SQL(
            """CASE WHEN p.trigger = 'date' AND p.date_planned IS NOT NULL
                    THEN CASE WHEN %(closing)s IS NOT NULL
                              THEN GREATEST(p.date_planned, %(closing)s) END
                    ELSE %(closing)s + GREATEST(
                         COALESCE(p.date_planned - %(day)s, 0), 0) END""",
            closing=closing,
            day=day,
        ),
        "amount": portion(columns["amount"], *shares, unit),
        "weighted_amount": portion(columns["weighted_amount"], *shares, unit),
        "order_id": SQL("o.id"),
        "plan_line_id": SQL("p.id"),
        "product_category_id": SQL("o.sales_main_category_id"),
    }
    return select(
        columns,
        SQL(
            """FROM crm_lead l
               JOIN sale_order o ON o.opportunity_id = l.id AND o.sales_counts
               JOIN sales_plan_line p ON p.order_id = o.id
               LEFT JOIN res_users u ON u.id = l.user_id
               LEFT JOIN res_partner c ON c.id = l.partner_id
              WHERE l.type = 'opportunity' AND l.active AND l.won_status = %s
                AND p.sales_share_to <> p.sales_share_from AND %s AND %s""",
            STATUS[arm],
            NOT_ORDERED,
            where(SQL("p.id")),
        ),
    )


# === ORDERS === #


def _order_columns():
    """What all slices of an order ``o`` of the customer ``c`` have in common."""
    return {
        "kind": SQL("'backlog'::varchar"),
        "is_open": SQL("TRUE"),
        "untaxed": SQL(UNTAXED.format("o")),
        "probability": SQL("100::float8"),
        "forecast_category": SQL("'closed'::varchar"),
        "document_currency_id": SQL("o.currency_id"),
        "lead_id": SQL("o.opportunity_id"),
        "order_id": SQL("o.id"),
        "move_id": SQL("NULL::int"),
        "product_category_id": SQL("o.sales_main_category_id"),
        "territory_id": ORDER_TERRITORY,
    }


def instalments(where):
    """What of the plans of confirmed orders is not invoiced, drafts included."""
    amount = SQL("p.amount_outstanding_company - p.amount_due_company")
    columns = _order_columns() | {
        "id": row_id(SQL("p.id"), INSTALMENT),
        "date": SQL("p.date_expected"),
        "amount": amount,
        "weighted_amount": amount,
        "user_id": SQL("p.user_id"),
        "team_id": SQL("p.team_id"),
        "partner_id": SQL("p.partner_id"),
        "company_id": SQL("p.company_id"),
        "document_currency_id": SQL("p.currency_id"),
        "order_id": SQL("p.order_id"),
        "plan_line_id": SQL("p.id"),
    }
    return select(
        columns,
        SQL(
            """FROM sales_plan_line p
               LEFT JOIN sale_order o ON o.id = p.order_id
               LEFT JOIN crm_lead d ON d.id = o.opportunity_id
               LEFT JOIN res_partner c ON c.id = p.partner_id
              WHERE p.order_state = 'sale'
                AND p.amount_outstanding_company <> p.amount_due_company AND %s""",
            where(SQL("p.id")),
        ),
    )


def orders(day, promised, unit, where):
    """What of confirmed orders neither a plan nor an invoice has.

    :param SQL day: the day of the order ``o``
    :param SQL promised: the day it promises to deliver
    :param SQL unit: of the currency of the company
    """
    amount = SQL(
        "ROUND(o.sales_unplanned / COALESCE(NULLIF(o.currency_rate, 0), 1)::numeric"
        " / %(unit)s) * %(unit)s",
        unit=unit,
    )
    columns = _order_columns() | {
        "id": row_id(SQL("o.id"), ORDER),
        "date": SQL("COALESCE(%s, %s)", promised, day),
        "amount": amount,
        "weighted_amount": amount,
        "user_id": SQL("o.user_id"),
        "team_id": SQL("o.team_id"),
        "partner_id": SQL("COALESCE(c.commercial_partner_id, o.partner_id)"),
        "company_id": SQL("o.company_id"),
        "plan_line_id": SQL("NULL::int"),
    }
    return select(
        columns,
        SQL(
            """FROM sale_order o
               LEFT JOIN crm_lead d ON d.id = o.opportunity_id
               LEFT JOIN res_partner c ON c.id = o.partner_id
              WHERE o.state = 'sale' AND o.sales_unplanned <> 0 AND %s""",
            where(SQL("o.id")),
        ),
    )


def company_of_deal(default):
    """:param SQL default: the company of deals that say none"""
    return SQL("COALESCE(%s, %s)", COMPANY, default)
