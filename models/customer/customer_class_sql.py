"""The statements behind the customer class: one to read, one to write, for all."""

from odoo.tools import SQL

SALES = ("out_invoice", "out_refund")


def customer_rows(company, first, today):
    """What the customers of a company bought until today, one row each.

    The customer is who is the commercial partner today of the one that was invoiced:
    invoices follow a company into its group, but not a person into the next job.
    Somebody who only ever got credit notes bought nothing.

    :param company: ``res.company``
    :param date first: first day of the window, by invoice date
    :param date today: last day that counts
    :return: statement that yields ``key``, ``invoices`` and ``revenue`` (in the
        smallest unit of the company's currency) of the window, and ``last_day``, on
        which the customer last got an invoice, also before the window
    """
    invoice = SQL("m.move_type = 'out_invoice'")
    return SQL(
        """
        SELECT COALESCE(p.commercial_partner_id, p.id) AS key,
               COUNT(*) FILTER (WHERE %(invoice)s AND m.invoice_date >= %(first)s)
                   AS invoices,
               ROUND(COALESCE(SUM(m.amount_untaxed_signed)
                   FILTER (WHERE m.invoice_date >= %(first)s), 0) / %(unit)s)::bigint
                   AS revenue,
               MAX(m.invoice_date) FILTER (WHERE %(invoice)s) AS last_day
          FROM account_move m
          JOIN res_partner p ON p.id = m.commercial_partner_id
         WHERE m.company_id = %(company)s AND m.state = 'posted'
           AND m.move_type IN %(sales)s AND m.invoice_date <= %(today)s
         GROUP BY 1
        HAVING BOOL_OR(%(invoice)s)
        """,
        invoice=invoice,
        first=first,
        today=today,
        unit=company.currency_id.rounding,
        company=company.id,
        sales=SALES,
    )


def store_rows(company, today, rows):
    """Write what changed, and nothing else, on all customers at once.

    Values of other companies stay. Customers who are not in the rows lose theirs.

    :param list rows: ``(id, class, revenue in the smallest unit, recency, frequency,
        monetary)``; None for what a customer does not have
    :return: statement that yields the id of each customer it changed
    """
    key = str(company.id)
    columns = [list(column) for column in zip(*rows, strict=True)] or [[]] * 6
    values = {
        "sales_own_class": SQL("n.class"),
        "sales_own_class_date": SQL("n.since"),
        "sales_own_revenue": SQL("n.revenue"),
        "sales_own_recency": SQL("n.recency"),
        "sales_own_frequency": SQL("n.frequency"),
        "sales_own_monetary": SQL("n.monetary"),
    }
    assignments = [
        SQL(
            "%(name)s = NULLIF((COALESCE(%(column)s, '{}') - %(key)s)"
            " || jsonb_strip_nulls(jsonb_build_object(%(key)s, %(value)s)), '{}')",
            name=SQL.identifier(name),
            column=SQL.identifier("p", name),
            key=key,
            value=value,
        )
        for name, value in values.items()
    ]
    return SQL(
        """
        WITH judged AS (
            SELECT * FROM unnest(%(ids)s::int[], %(classes)s::varchar[],
                %(revenues)s::bigint[], %(recencies)s::int[], %(frequencies)s::int[],
                %(monetaries)s::int[])
                AS j (id, class, units, recency, frequency, monetary)
        ), new AS (
            SELECT p.id, j.class, j.units * %(unit)s::numeric AS revenue, j.recency,
                   j.frequency, j.monetary,
                   CASE WHEN j.class = p.sales_own_class->>%(key)s
                        THEN COALESCE(p.sales_own_class_date->>%(key)s, %(today)s)
                        WHEN j.class IS NOT NULL THEN %(today)s END AS since
              FROM res_partner p LEFT JOIN judged j ON j.id = p.id
             WHERE j.id IS NOT NULL
                OR p.sales_own_class IS NOT NULL
                   AND p.sales_own_class->>%(key)s IS NOT NULL
        )
        UPDATE res_partner p SET %(assignments)s
          FROM new n
         WHERE p.id = n.id
           AND (p.sales_own_class->>%(key)s,
                (p.sales_own_revenue->>%(key)s)::numeric,
                (p.sales_own_recency->>%(key)s)::int,
                (p.sales_own_frequency->>%(key)s)::int,
                (p.sales_own_monetary->>%(key)s)::int)
               IS DISTINCT FROM
               (n.class, n.revenue, n.recency, n.frequency, n.monetary)
        RETURNING p.id
        """,
        ids=columns[0],
        classes=columns[1],
        revenues=columns[2],
        recencies=columns[3],
        frequencies=columns[4],
        monetaries=columns[5],
        unit=company.currency_id.rounding,
        key=key,
        today=str(today),
        assignments=SQL(", ").join(assignments),
    )
