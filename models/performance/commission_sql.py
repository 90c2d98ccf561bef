"""Statements that read what commission is worked out from: each for everybody at once.

Credit is read by windows: whose credit counts from when to when, with a number. A
document is one row for each day, product category and direction.
"""

from odoo.tools import SQL

from ..contract.plan_money_sql import IS_RECEIVABLE, MOVE_TYPES

# The column of the ledger that says whose credit it is, and whether overlay counts.
OWNERS = {
    "user": ("user_id", SQL("TRUE")),
    "partner": ("owner_partner_id", SQL("TRUE")),
    "team": ("team_id", SQL("c.is_overlay IS NOT TRUE")),
}
# The lines that parts of documents are, by the model of the document.
LINES = SQL(
    """
    LEFT JOIN sale_order_line ol ON c.source_model = 'sale.order' AND ol.id = c.part_id
    LEFT JOIN account_move_line ml
           ON c.source_model = 'account.move' AND ml.id = c.part_id
          AND ml.move_id = c.source_id
    LEFT JOIN product_product v ON v.id = COALESCE(ol.product_id, ml.product_id)
    """
)


def credits(windows, day, by_product):
    """Credit of windows: rows (number, model, id, day, category, product template or
    None, amount), in the order in which it came.

    :param list windows: ``(number, kind, id, metric id, company id, first, after)``;
        several ids with one number are added up
    :param date day: the last one that counts
    :param bool by_product: whether products are told apart; categories always are
    """
    arms = []
    for kind, (column, overlay) in OWNERS.items():
        some = [window for window in windows if window[1] == kind]
        if some:
            arms.append(_credits(some, column, overlay, day, by_product))
    return SQL(
        "SELECT number, model, id, day, category, product, amount FROM (%s) x"
        " ORDER BY number, day, first, model, id",
        SQL(" UNION ALL ").join(arms),
    )


def _credits(windows, column, overlay, day, by_product):
    numbers, _kinds, ids, metrics, companies, firsts, afters = zip(
        *windows, strict=True
    )
    return SQL(
        """
        SELECT w.number, c.source_model AS model, c.source_id AS id, c.date AS day,
               c.product_category_id AS category, %(product)s AS product,
               SUM(c.amount) AS amount, MIN(c.id) AS first
          FROM UNNEST(%(numbers)s::int[], %(ids)s::int[], %(metrics)s::int[],
                      %(companies)s::int[], %(firsts)s::date[], %(afters)s::date[])
               w(number, owner, metric, company, first, after)
          JOIN sales_credit c ON c.%(column)s = w.owner AND c.metric_id = w.metric
           AND c.date >= w.first AND c.date < w.after AND c.company_id = w.company
          %(lines)s
         WHERE c.date <= %(day)s AND %(overlay)s
         GROUP BY 1, 2, 3, 4, 5, 6, SIGN(c.amount) HAVING SIGN(c.amount) <> 0
        """,
        product=SQL("v.product_tmpl_id") if by_product else SQL("NULL::int"),
        lines=LINES if by_product else SQL(),
        numbers=list(numbers),
        ids=list(ids),
        metrics=list(metrics),
        companies=list(companies),
        firsts=list(map(str, firsts)),
        afters=list(map(str, afters)),
        column=SQL.identifier(column),
        day=day,
        overlay=overlay,
    )


def invoice_products(ids):
    """What is on documents: rows (document, category, product template, weight)."""
    return SQL(
        """
        SELECT l.move_id, t.categ_id, t.id, SUM(l.price_total)
          FROM account_move_line l
          LEFT JOIN product_product v ON v.id = l.product_id
          LEFT JOIN product_template t ON t.id = v.product_tmpl_id
         WHERE l.move_id = ANY (%s) AND l.display_type = 'product'
         GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
        """,
        ids,
    )


def order_documents(ids):
    """Documents of orders: rows (order, its total, document or None, share)."""
    return SQL(
        """
        WITH docs AS (
            SELECT DISTINCT l.move_id
              FROM sale_order_line s
              JOIN sale_order_line_invoice_rel r ON r.order_line_id = s.id
              JOIN account_move_line l ON l.id = r.invoice_line_id
             WHERE s.order_id = ANY (%(ids)s)
        ), lines AS (
            SELECT l.move_id, l.price_total, (
                       SELECT MIN(s.order_id) FROM sale_order_line_invoice_rel r
                         JOIN sale_order_line s ON s.id = r.order_line_id
                        WHERE r.invoice_line_id = l.id) AS order_id
              FROM docs
              JOIN account_move m ON m.id = docs.move_id
              JOIN account_move_line l ON l.move_id = m.id
             WHERE l.display_type = 'product' AND m.state = 'posted'
               AND m.move_type IN %(types)s
        ), shares AS (
            SELECT move_id, order_id,
                   SUM(price_total) / NULLIF(
                       SUM(SUM(price_total)) OVER (PARTITION BY move_id), 0) AS share
              FROM lines GROUP BY move_id, order_id
        )
        SELECT o.id, o.amount_total / COALESCE(NULLIF(o.currency_rate, 0), 1),
               shares.move_id, COALESCE(shares.share, 1)
          FROM sale_order o LEFT JOIN shares ON shares.order_id = o.id
         WHERE o.id = ANY (%(ids)s)
         ORDER BY o.id, shares.move_id
        """,
        ids=ids,
        types=MOVE_TYPES,
    )


def documents(ids, day):
    """Documents with those they are matched with or take back.

    :return: SQL for rows (id, type, document it takes back, total in the currency of
        the company)
    """
    return SQL(
        """
        WITH credit_notes AS (
            SELECT id, reversed_entry_id FROM account_move
             WHERE id = ANY (%(ids)s) AND move_type = 'out_refund'
        ), wanted AS (
            SELECT UNNEST(%(ids)s) AS id
             UNION SELECT reversed_entry_id FROM credit_notes
             UNION
            SELECT d.move_id
              FROM credit_notes n
              JOIN account_move_line c ON c.move_id = n.id
              JOIN account_partial_reconcile p ON p.credit_move_id = c.id
              JOIN account_move_line d ON d.id = p.debit_move_id
             WHERE p.max_date <= %(day)s
        )
        SELECT m.id, m.move_type, m.reversed_entry_id, ABS(m.amount_total_signed)
          FROM wanted JOIN account_move m ON m.id = wanted.id
         WHERE m.move_type IN %(types)s AND m.state = 'posted'
        """,
        ids=ids,
        day=day,
        types=MOVE_TYPES,
    )


def credited(ids, day):
    """What of invoices was matched with credit notes, or is a difference of exchange:
    rows (invoice, credit note or None, amount)."""
    return SQL(
        """
        SELECT d.move_id, CASE WHEN n.move_type = 'out_refund' THEN n.id END,
               SUM(p.amount)
          FROM account_move_line d
          JOIN account_partial_reconcile p ON p.debit_move_id = d.id
          JOIN account_move_line c ON c.id = p.credit_move_id
          JOIN account_move n ON n.id = c.move_id
          JOIN res_company k ON k.id = n.company_id
         WHERE d.move_id = ANY (%s) AND p.max_date <= %s
           AND (n.move_type = 'out_refund'
                OR n.journal_id = k.currency_exchange_journal_id)
         GROUP BY 1, 2 ORDER BY 1, 2
        """,
        ids,
        day,
    )


def dues(ids):
    """Instalments of documents: rows (document, day, amount)."""
    return SQL(
        """
        SELECT l.move_id, COALESCE(l.date_maturity, l.date), SUM(l.balance)
          FROM account_move_line l
          JOIN account_account a ON a.id = l.account_id
         WHERE l.move_id = ANY (%s) AND %s
         GROUP BY 1, 2 ORDER BY 1, 2
        """,
        ids,
        IS_RECEIVABLE,
    )


def money(ids, metric_id, day):
    """What documents brought, by the ledger: rows (document, amount)."""
    return SQL(
        """
        SELECT source_id, SUM(amount) FROM sales_credit
         WHERE metric_id = %s AND source_id = ANY (%s) AND date <= %s
           AND is_overlay IS NOT TRUE
         GROUP BY 1
        """,
        metric_id,
        ids,
        day,
    )
