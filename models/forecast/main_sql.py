"""Statements that say what orders and documents are mainly about.

All of them take SQL for the ids they answer for, so that a few are read as the ORM
computes them and all of them when the addon is installed.
"""

from odoo.tools import SQL

from ..contract.plan_money_sql import MOVE_TYPES


def order_categories(ids):
    """The product category with the largest part of each order.

    :param SQL ids: orders, a list or a statement
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
             WHERE l.order_id = ANY (%s) AND l.display_type IS NULL
               AND l.is_downpayment IS NOT TRUE AND t.categ_id IS NOT NULL
             GROUP BY l.order_id, t.categ_id) parts
         ORDER BY order_id, amount DESC, categ_id
        """,
        ids,
    )


def documents(ids):
    """The order each document is for, and its product category.

    :param SQL ids: documents of customers, a list or a statement
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
             WHERE l.move_id = ANY (%(ids)s)
             GROUP BY l.move_id) orders ON orders.move_id = m.id
          LEFT JOIN (
            SELECT DISTINCT ON (move_id) move_id, categ_id
              FROM (
                SELECT l.move_id, t.categ_id, SUM(ABS(l.price_subtotal)) AS amount
                  FROM account_move_line l
                  JOIN product_product p ON p.id = l.product_id
                  JOIN product_template t ON t.id = p.product_tmpl_id
                 WHERE l.move_id = ANY (%(ids)s) AND l.display_type = 'product'
                   AND t.categ_id IS NOT NULL
                 GROUP BY l.move_id, t.categ_id) parts
             ORDER BY move_id, amount DESC, categ_id) part ON part.move_id = m.id
         WHERE m.id = ANY (%(ids)s) AND m.move_type IN %(types)s
        """,
        ids=ids,
        types=MOVE_TYPES,
    )
