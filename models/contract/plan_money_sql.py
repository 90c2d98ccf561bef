"""Statements that read what became of the instalments of some orders.

All of them take a list of ids and answer for all of these at once.
"""

from odoo.tools import SQL

# Documents a customer pays.
MOVE_TYPES = ("out_invoice", "out_refund", "out_receipt")


def plans(order_ids, columns):
    """The instalments of orders in their sequence, with their stored figures.

    :param columns: names of the stored figures
    :return: SQL for rows (order id, id, amount, unit of the currency, whether somebody
        ever paid online, figures…)
    """
    return SQL(
        """
        SELECT l.order_id, l.id, COALESCE(l.amount, 0), c.rounding,
               EXISTS (SELECT FROM sale_order_transaction_rel r
                        WHERE r.sale_order_id = l.order_id), %s
          FROM sales_plan_line l
          JOIN sale_order o ON o.id = l.order_id
          JOIN res_currency c ON c.id = o.currency_id
         WHERE l.order_id = ANY (%s)
         ORDER BY l.order_id, l.sequence, l.id
        """,
        SQL(", ").join(SQL.identifier("l", name) for name in columns),
        order_ids,
    )


def documents(order_ids):
    """The documents of orders, each with every order it is for.

    A document belongs to the orders of its lines, by the totals of these lines; one
    without such lines belongs to the order of the instalment it is pinned to.

    :return: SQL for rows (document id, order id, share, pinned instalment, order of the
        pinned instalment, document it takes back, is a draft, day, unit, has the
        currency of the order); all orders of a document in a row
    """
    return SQL(
        """
        WITH docs AS (
            SELECT l.move_id AS id
              FROM sale_order_line s
              JOIN sale_order_line_invoice_rel r ON r.order_line_id = s.id
              JOIN account_move_line l ON l.id = r.invoice_line_id
             WHERE s.order_id = ANY (%(orders)s)
             UNION
            SELECT m.id
              FROM sales_plan_line p JOIN account_move m ON m.sales_plan_line_id = p.id
             WHERE p.order_id = ANY (%(orders)s)
        ),
        shares AS (
            SELECT move_id, order_id, SUM(price_total / orders) AS share
              FROM (
                SELECT x.*, COUNT(*) OVER (PARTITION BY x.id) AS orders
                  FROM (
                    SELECT DISTINCT l.move_id, l.id, s.order_id,
                           COALESCE(l.price_total, 0) AS price_total
                      FROM docs
                      JOIN account_move_line l ON l.move_id = docs.id
                      JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = l.id
                      JOIN sale_order_line s ON s.id = r.order_line_id
                  ) x
              ) y
             GROUP BY move_id, order_id
        )
        SELECT m.id, o.id, COALESCE(shares.share, 1), m.sales_plan_line_id, p.order_id,
               m.reversed_entry_id, m.state = 'draft',
               COALESCE(m.invoice_date, m.date), c.rounding,
               m.currency_id = o.currency_id
          FROM docs
          JOIN account_move m ON m.id = docs.id
          JOIN res_currency c ON c.id = m.currency_id
          LEFT JOIN sales_plan_line p ON p.id = m.sales_plan_line_id
          LEFT JOIN shares ON shares.move_id = m.id
          JOIN sale_order o ON o.id = COALESCE(shares.order_id, p.order_id)
         WHERE m.move_type IN %(types)s AND m.state <> 'cancel'
         ORDER BY m.id, o.id
        """,
        orders=order_ids,
        types=MOVE_TYPES,
    )


def factors(pairs):
    """What turns amounts of a document into the currency of an order, by the rate the
    document was booked at.

    :param list pairs: ``(document id, order id)``
    :return: SQL for rows (document id, order id, factor)
    """
    move_ids, order_ids = zip(*pairs, strict=True)
    return SQL(
        """
        SELECT m.id, o.id, %(factor)s
          FROM UNNEST(%(moves)s::int[], %(orders)s::int[]) pair (move_id, order_id)
          JOIN account_move m ON m.id = pair.move_id
          JOIN sale_order o ON o.id = pair.order_id
          JOIN res_company company ON company.id = m.company_id
        """,
        factor=_factor(SQL("NULLIF(m.invoice_currency_rate, 0)")),
        moves=list(move_ids),
        orders=list(order_ids),
    )


def _factor(own_rate):
    """What one unit of the currency of ``m`` is worth in that of the order ``o``.

    :param SQL own_rate: units of the currency of ``m`` for one of the company
    """
    day = SQL("COALESCE(m.invoice_date, m.date)")
    return SQL(
        "%s / %s / COALESCE(%s, %s / %s)",
        _rate(SQL("o.currency_id"), day),
        _rate(SQL("company.currency_id"), day),
        own_rate,
        _rate(SQL("m.currency_id"), day),
        _rate(SQL("company.currency_id"), day),
    )


def _rate(currency, day):
    """The rate of a currency on a day, as ``res.currency`` finds it."""
    return SQL(
        """COALESCE((
            SELECT r.rate FROM res_currency_rate r
             WHERE r.currency_id = %(currency)s
               AND (r.company_id IS NULL
                    OR r.company_id = SPLIT_PART(company.parent_path, '/', 1)::int)
             ORDER BY r.name <= %(day)s DESC, r.company_id,
                      CASE WHEN r.name <= %(day)s THEN r.name END DESC, r.name
             LIMIT 1), 1)""",
        currency=currency,
        day=day,
    )


def terms(move_ids):
    """What customers were asked for by documents, and when it is due.

    :return: SQL for rows (document id, line id, amount, due date)
    """
    return SQL(
        """
        SELECT l.move_id, l.id, l.amount_currency, l.date_maturity
          FROM account_move_line l
         WHERE l.move_id = ANY (%s) AND l.display_type = 'payment_term'
        """,
        move_ids,
    )


def matches(move_ids):
    """What documents were matched with, and how much of that moved money.

    The counterpart of a match is an entry: a payment, a line of a bank statement,
    anything. Money is what it has on bank and cash accounts, and on the accounts that
    payments in transit stand on. What it has beside (write-offs, discounts) takes its
    share of all matches of the counterpart; ``before`` is what was matched with it
    earlier, so that the shares add up to the cent.

    :return: SQL for rows (line id, amount, before, money, receivable, day)
    """
    return SQL(
        """
        WITH matched AS (
            SELECT l.id AS line_id, p.id, p.max_date AS day,
                   p.credit_move_id AS other_id, p.debit_amount_currency AS amount,
                   p.debit_currency_id AS currency_id, TRUE AS is_debit
              FROM account_move_line l
              JOIN account_partial_reconcile p ON p.debit_move_id = l.id
             WHERE l.move_id = ANY (%(moves)s) AND l.display_type = 'payment_term'
             UNION ALL
            SELECT l.id, p.id, p.max_date, p.debit_move_id,
                   -p.credit_amount_currency, p.credit_currency_id, FALSE
              FROM account_move_line l
              JOIN account_partial_reconcile p ON p.credit_move_id = l.id
             WHERE l.move_id = ANY (%(moves)s) AND l.display_type = 'payment_term'
        ),
        found AS MATERIALIZED (
            SELECT matched.*, m.id AS entry_id, m.move_type, m.origin_payment_id,
                   m.journal_id
              FROM matched
              JOIN account_move_line other ON other.id = matched.other_id
              JOIN account_move m ON m.id = other.move_id
             WHERE m.state = 'posted'
        ),
        parts AS MATERIALIZED (
            SELECT e.entry_id, l.currency_id, l.amount_currency, l.balance,
                   %(money)s AS is_money, %(receivable)s AS is_receivable
              FROM (
                SELECT DISTINCT entry_id, origin_payment_id, journal_id
                  FROM found WHERE move_type = 'entry'
              ) e
              JOIN account_move_line l ON l.move_id = e.entry_id
              JOIN account_account a ON a.id = l.account_id
              JOIN account_journal j ON j.id = e.journal_id
              LEFT JOIN account_payment pay ON pay.id = e.origin_payment_id
        ),
        entries AS (
            SELECT entry_id, %(sum_money)s AS money, %(sum_receivable)s AS receivable
              FROM parts
             WHERE is_money OR is_receivable
             GROUP BY entry_id
        )
        SELECT found.line_id, found.amount,
               CASE WHEN entries.money <> -entries.receivable THEN %(before)s
                    ELSE 0 END,
               COALESCE(entries.money, 0), COALESCE(-entries.receivable, 0), found.day
          FROM found
          LEFT JOIN entries ON entries.entry_id = found.entry_id
        """,
        moves=move_ids,
        money=IS_MONEY,
        receivable=IS_RECEIVABLE,
        sum_money=_sum_of("is_money"),
        sum_receivable=_sum_of("is_receivable"),
        before=BEFORE,
    )


IS_RECEIVABLE = SQL("a.account_type = 'asset_receivable'")
IS_MONEY = SQL(
    """(a.account_type IN ('asset_cash', 'liability_credit_card')
        OR a.account_type <> 'asset_receivable' AND (
            a.id = pay.outstanding_account_id
            OR a.id = j.default_account_id AND j.type IN ('bank', 'cash', 'credit')
            OR a.id IN (SELECT payment_account_id FROM account_payment_method_line)))"""
)
# Earlier matches of the same counterpart, in the same currency.
BEFORE = SQL(
    """CASE WHEN found.is_debit THEN COALESCE((
            SELECT SUM(p.debit_amount_currency) FROM account_partial_reconcile p
             WHERE p.credit_move_id = found.other_id AND p.id < found.id
               AND p.debit_currency_id = found.currency_id), 0)
       ELSE -COALESCE((
            SELECT SUM(p.credit_amount_currency) FROM account_partial_reconcile p
             WHERE p.debit_move_id = found.other_id AND p.id < found.id
               AND p.credit_currency_id = found.currency_id), 0) END"""
)


def _sum_of(name):
    """The lines of an entry in the currency they share, else in that of the company.

    Conditions are worked out before, once: planning them in every sum took longer than
    all the rest of a match.
    """
    return SQL(
        """COALESCE(CASE WHEN COUNT(DISTINCT currency_id) = 1
                THEN SUM(amount_currency) FILTER (WHERE %(this)s)
                ELSE SUM(balance) FILTER (WHERE %(this)s) END, 0)""",
        this=SQL.identifier(name),
    )


def prepayments(order_ids):
    """Money customers paid for orders online that is matched with no document yet.

    :return: SQL for rows (transaction id, order id, share, open amount, unit, factor);
        all orders of a transaction in a row
    """
    return SQL(
        """
        SELECT tx.id, o.id, o.amount_total, paid.amount, c.rounding,
               CASE WHEN m.currency_id = o.currency_id THEN 1 ELSE %(factor)s END
          FROM payment_transaction tx
          JOIN account_payment pay ON pay.id = tx.payment_id
          JOIN account_move m ON m.id = pay.move_id AND m.state = 'posted'
          JOIN res_currency c ON c.id = m.currency_id
          JOIN res_company company ON company.id = m.company_id
          JOIN sale_order_transaction_rel r ON r.transaction_id = tx.id
          JOIN sale_order o ON o.id = r.sale_order_id
          JOIN LATERAL (
              SELECT SUM(
                        -l.amount_currency + COALESCE((%(debits)s), 0)
                        - COALESCE((%(credits)s), 0)) AS amount
                FROM account_move_line l JOIN account_account a ON a.id = l.account_id
               WHERE l.move_id = m.id AND %(receivable)s
          ) paid ON TRUE
         WHERE tx.state = 'done'
           AND tx.id IN (SELECT transaction_id FROM sale_order_transaction_rel
                          WHERE sale_order_id = ANY (%(orders)s))
         ORDER BY tx.id, o.id
        """,
        orders=order_ids,
        receivable=IS_RECEIVABLE,
        debits=_matched("debit", "credit"),
        credits=_matched("credit", "debit"),
        factor=_factor(SQL("NULL::numeric")),
    )


def _matched(side, other):
    """What of the line ``l`` is matched with posted entries."""
    return SQL(
        """
        SELECT SUM(p.%(amount)s)
          FROM account_partial_reconcile p
          JOIN account_move_line other ON other.id = p.%(other)s
          JOIN account_move om ON om.id = other.move_id AND om.state = 'posted'
         WHERE p.%(own)s = l.id
        """,
        amount=SQL.identifier(f"{side}_amount_currency"),
        own=SQL.identifier(f"{side}_move_id"),
        other=SQL.identifier(f"{other}_move_id"),
    )


def of_payments(move_ids):
    """Instalments of the orders that online payments are for.

    :param list move_ids: entries of payments, among others
    """
    return SQL(
        """
        SELECT DISTINCT l.id
          FROM account_move m
          JOIN account_payment pay ON pay.id = m.origin_payment_id
          JOIN sale_order_transaction_rel r
            ON r.transaction_id = pay.payment_transaction_id
          JOIN sales_plan_line l ON l.order_id = r.sale_order_id
         WHERE m.id = ANY (%s)
        """,
        move_ids,
    )


def matched_with(move_ids):
    """Documents that entries are matched with.

    :return: SQL for rows (document id)
    """
    return SQL(
        """
        WITH own AS (
            SELECT id FROM account_move_line WHERE move_id = ANY (%s)
        ), other AS (
            SELECT p.debit_move_id AS id
              FROM own JOIN account_partial_reconcile p ON p.credit_move_id = own.id
             UNION
            SELECT p.credit_move_id
              FROM own JOIN account_partial_reconcile p ON p.debit_move_id = own.id
        )
        SELECT DISTINCT l.move_id FROM other JOIN account_move_line l ON l.id = other.id
        """,
        move_ids,
    )


def of_documents(move_ids):
    """Instalments of the orders that documents are for.

    :return: SQL for rows (instalment id)
    """
    return SQL(
        """
        SELECT l.id FROM sales_plan_line l
         WHERE l.order_id IN (
            SELECT s.order_id
              FROM account_move_line i
              JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = i.id
              JOIN sale_order_line s ON s.id = r.order_line_id
             WHERE i.move_id = ANY (%(moves)s)
             UNION
            SELECT p.order_id
              FROM account_move m JOIN sales_plan_line p ON p.id = m.sales_plan_line_id
             WHERE m.id = ANY (%(moves)s))
        """,
        moves=move_ids,
    )


def to_check(after, since):
    """Orders with instalments that are open, or with documents that have changed.

    :param int after: only orders with larger ids
    :param datetime since: naive UTC; what was written from then on has changed
    :return: SQL for rows (order id), by id
    """
    return SQL(
        """
        SELECT l.order_id FROM sales_plan_line l
         WHERE l.order_id > %(after)s
           AND (l.write_date >= %(since)s OR l.amount_due <> 0 OR l.amount_draft <> 0
                OR l.amount_to_invoice <> 0 OR l.amount_prepaid <> 0)
         UNION
        SELECT s.order_id
          FROM account_move m
          JOIN account_move_line i ON i.move_id = m.id
          JOIN sale_order_line_invoice_rel r ON r.invoice_line_id = i.id
          JOIN sale_order_line s ON s.id = r.order_line_id
         WHERE m.write_date >= %(since)s AND m.move_type IN %(types)s
           AND s.order_id > %(after)s
           AND EXISTS (SELECT 1 FROM sales_plan_line l WHERE l.order_id = s.order_id)
         ORDER BY 1
        """,
        after=after,
        since=since,
        types=MOVE_TYPES,
    )
