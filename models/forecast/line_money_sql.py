"""The slices of what was invoiced, and of the money that came; see ``line_sql``."""

from odoo.tools import SQL

from ..contract.plan_money_sql import MOVE_TYPES
from .line_sql import (
    CASH,
    INVOICE,
    ORDER_TERRITORY,
    SHARED,
    UNTAXED,
    portion,
    row_id,
    select,
)

# Of documents for several orders there are few, and an index has them.
IS_SHARED = SQL("m.sales_is_shared")
NOT_SHARED = SQL("m.sales_is_shared IS NOT TRUE")
DOCUMENT_JOINS = """
    LEFT JOIN sale_order o ON o.id = {order}
    LEFT JOIN crm_lead d ON d.id = o.opportunity_id
    LEFT JOIN res_partner c ON c.id = m.commercial_partner_id
"""
# The orders of a document ``m`` by what they have on it, as shares that follow each
# other from 0 to 1.
PORTIONS = """
    JOIN LATERAL (
        SELECT order_id, n,
               CASE WHEN total = 0 THEN (n - 1)::numeric / orders
                    ELSE (upto - weight) / total END AS low,
               CASE WHEN total = 0 THEN n::numeric / orders
                    ELSE upto / total END AS high
          FROM (
            SELECT order_id, weight, SUM(weight) OVER () AS total,
                   SUM(weight) OVER (ORDER BY order_id) AS upto,
                   ROW_NUMBER() OVER (ORDER BY order_id) AS n,
                   COUNT(*) OVER () AS orders
              FROM (
                SELECT s.order_id, SUM(COALESCE(i.price_total, 0)) AS weight
                  FROM account_move_line i
                 CROSS JOIN LATERAL (
                       SELECT MIN(s.order_id) AS order_id
                         FROM sale_order_line_invoice_rel r
                         JOIN sale_order_line s ON s.id = r.order_line_id
                        WHERE r.invoice_line_id = i.id
                       ) s
                 WHERE i.move_id = m.id AND s.order_id IS NOT NULL
                 GROUP BY s.order_id) sums) running) part ON TRUE
"""


def _document_columns():
    """What all slices of a document ``m`` of the order ``o`` have in common."""
    return {
        "untaxed": SQL(UNTAXED.format("m")),
        "probability": SQL("100::float8"),
        "forecast_category": SQL("'closed'::varchar"),
        "user_id": SQL("m.invoice_user_id"),
        "team_id": SQL("m.team_id"),
        "partner_id": SQL("m.commercial_partner_id"),
        "company_id": SQL("t.company_id"),
        "document_currency_id": SQL("m.currency_id"),
        "lead_id": SQL("o.opportunity_id"),
        "order_id": SQL("o.id"),
        "move_id": SQL("m.id"),
        "plan_line_id": SQL("m.sales_plan_line_id"),
        "product_category_id": SQL(
            "COALESCE(o.sales_main_category_id, m.sales_main_category_id)"
        ),
        "territory_id": ORDER_TERRITORY,
    }


def _open_columns():
    """What is open of an instalment ``t`` of a document."""
    return _document_columns() | {
        "id": row_id(SQL("t.id"), INVOICE),
        "kind": SQL("'invoiced'::varchar"),
        "date": SQL("COALESCE(t.date_maturity, t.date)"),
        "is_open": SQL("t.amount_residual > 0"),  # we owe what is below zero
        "amount": SQL("t.amount_residual"),
        "weighted_amount": SQL("t.amount_residual"),
    }


def _open_terms(where):
    return SQL(
        """t.display_type = 'payment_term' AND t.amount_residual <> 0
           AND t.parent_state = 'posted' AND m.move_type IN %s AND m.state = 'posted'
           AND %s""",
        MOVE_TYPES,
        where(SQL("t.id")),
    )


def open_documents(where):
    """Open instalments of invoices and credit notes, at the rate of the document."""
    return select(
        _open_columns(),
        SQL(
            """FROM account_move_line t JOIN account_move m ON m.id = t.move_id %s
              WHERE %s AND %s""",
            SQL(DOCUMENT_JOINS.format(order="m.sales_main_order_id")),
            _open_terms(where),
            NOT_SHARED,
        ),
    )


def shared_documents(unit, where):
    """The same of documents for several orders, divided over them."""
    columns = _open_columns()
    shares = SQL("part.low"), SQL("part.high")
    columns |= {
        "id": row_id(SQL("t.id"), SHARED, SQL("part.n * 2")),
        "amount": portion(columns["amount"], *shares, unit),
        "weighted_amount": portion(columns["amount"], *shares, unit),
        "user_id": SQL("COALESCE(o.user_id, m.invoice_user_id)"),
        "team_id": SQL("COALESCE(o.team_id, m.team_id)"),
    }
    return select(
        columns,
        SQL(
            """FROM account_move_line t JOIN account_move m ON m.id = t.move_id %s %s
              WHERE %s AND %s""",
            SQL(PORTIONS),
            SQL(DOCUMENT_JOINS.format(order="part.order_id")),
            _open_terms(where),
            IS_SHARED,
        ),
    )


def _cash_columns():
    """Money as the ledger ``t`` has it: whose it is was settled when it came."""
    return _document_columns() | {
        "id": row_id(SQL("t.id"), CASH),
        "kind": SQL("'collected'::varchar"),
        "date": SQL("t.date"),
        "is_open": SQL("FALSE"),
        "amount": SQL("t.amount"),
        "weighted_amount": SQL("t.amount"),
        "user_id": SQL("t.user_id"),
        "team_id": SQL("t.team_id"),
        "partner_id": SQL("t.partner_id"),
        "territory_id": SQL("t.territory_id"),
    }


def _cash(metric_id, where):
    return SQL(
        "t.metric_id = %s AND t.is_overlay IS NOT TRUE AND %s",
        metric_id,
        where(SQL("t.id")),
    )


def cash(metric_id, shared, where):
    """Money that was matched with documents, by the ledger of credits.

    :param int metric_id: the metric of what is collected
    :param bool shared: whether there are documents for several orders
    """
    return select(
        _cash_columns(),
        SQL(
            """FROM sales_credit t LEFT JOIN account_move m ON m.id = t.source_id %s
              WHERE %s AND %s""",
            SQL(DOCUMENT_JOINS.format(order="m.sales_main_order_id")),
            _cash(metric_id, where),
            SQL(
                "t.source_id NOT IN (SELECT m.id FROM account_move m WHERE %s)",
                IS_SHARED,
            )
            if shared
            else SQL("TRUE"),
        ),
    )


def shared_cash(metric_id, unit, where):
    """The same of documents for several orders, divided over them."""
    columns = _cash_columns()
    shares = SQL("part.low"), SQL("part.high")
    columns |= {
        "id": row_id(SQL("t.id"), SHARED, SQL("part.n * 2 + 1")),
        "amount": portion(columns["amount"], *shares, unit),
        "weighted_amount": portion(columns["amount"], *shares, unit),
    }
    return select(
        columns,
        SQL(
            """FROM sales_credit t JOIN account_move m ON m.id = t.source_id %s %s
              WHERE %s AND %s""",
            SQL(PORTIONS),
            SQL(DOCUMENT_JOINS.format(order="part.order_id")),
            _cash(metric_id, where),
            IS_SHARED,
        ),
    )
