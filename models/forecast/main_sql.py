"""Statements that say what orders and documents are mainly about.

All of them take a statement that yields the ids they answer for, so that a few are read
as the ORM computes them and all of them when the addon is installed.
"""

from odoo.tools import SQL

from ..contract.plan_money_sql import MOVE_TYPES


def few(ids):
    """A statement that yields these ids."""
    return SQL("SELECT UNNEST(%s::int[])", ids)


def order_categories(ids):
    """The product category with the largest part of each order.

    :param SQL ids: statement that yields orders
    :return: SQL for rows (order id, category id)
    """
    return SQL(
        """
        SELECT DISTINCT ON (order_id) order_id, categ_id
          FROM (
            SELECT l.order_id, t.categ_id, SUM(ABS(l.price_subtotal)) AS amount
              FROM sale_order_line l
              JOIN product_product p ON p.id = l.product_id
              JOIN product_template t ON t.id = p.product_tmpl_id
             WHERE l.order_id IN (%s) AND l.display_type IS NULL
               AND l.is_downpayment IS NOT TRUE AND t.categ_id IS NOT NULL
             GROUP BY l.order_id, t.categ_id) parts
         ORDER BY order_id, amount DESC, categ_id
        """,
        ids,
    )


def documents(ids):
    """The order each document is for, and its product category.

    :param SQL ids: statement that yields documents of customers
    :return: SQL for rows (document id, order id or none, whether there are several,
        category id or none)
    """
    return SQL(
        """
        SELECT m.id, orders.order_id, COALESCE(orders.several, FALSE), part.categ_id
          FROM account_move m
          LEFT JOIN (
            SELECT l.move_id, MIN(s.order_id) AS order_id,
                   MIN(s.order_id) <> MAX(s.order_id) AS several
              FROM account_move_line l
              JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = l.id
              JOIN sale_order_line s ON s.id = r.order_line_id
             WHERE l.move_id IN (%(ids)s)
             GROUP BY l.move_id) orders ON orders.move_id = m.id
          LEFT JOIN (
            SELECT DISTINCT ON (move_id) move_id, categ_id
              FROM (
                SELECT l.move_id, t.categ_id, SUM(ABS(l.price_subtotal)) AS amount
                  FROM account_move_line l
                  JOIN product_product p ON p.id = l.product_id
                  JOIN product_template t ON t.id = p.product_tmpl_id
                 WHERE l.move_id IN (%(ids)s) AND l.display_type = 'product'
                   AND t.categ_id IS NOT NULL
                 GROUP BY l.move_id, t.categ_id) parts
             ORDER BY move_id, amount DESC, categ_id) part ON part.move_id = m.id
         WHERE m.id IN (%(ids)s) AND m.move_type IN %(types)s
        """,
        ids=ids,
        types=MOVE_TYPES,
    )


def fill():
    """Statements that write what is there of all orders and documents at once."""
    orders = SQL("SELECT id FROM sale_order")
    moves = SQL("SELECT id FROM account_move WHERE move_type IN %s", MOVE_TYPES)
    yield SQL(
        """UPDATE sale_order o SET sales_main_category_id = x.category_id
             FROM (%s) x (order_id, category_id) WHERE x.order_id = o.id""",
        order_categories(orders),
    )
    yield SQL(
        """UPDATE sale_order
              SET sales_unplanned = 0, sales_is_ordered = state = 'sale'"""
    )
    yield SQL(
        """UPDATE sale_order o SET sales_counts = TRUE
             FROM (SELECT DISTINCT ON (opportunity_id) id
                     FROM sale_order q
                    WHERE opportunity_id IS NOT NULL AND state IN ('draft', 'sent')
                      AND EXISTS (SELECT FROM sales_plan_line p
                                   WHERE p.order_id = q.id)
                    ORDER BY opportunity_id, state = 'sent' DESC, date_order DESC,
                             id DESC) x
            WHERE x.id = o.id"""
    )
    yield SQL(
        """UPDATE account_move m
              SET sales_main_order_id = x.order_id, sales_is_shared = x.several,
                  sales_main_category_id = x.category_id
             FROM (%s) x (move_id, order_id, several, category_id)
            WHERE x.move_id = m.id""",
        documents(moves),
    )
