"""Judge 20,000 customers by 200,000 invoices.

Customers, each with two contacts, and posted invoices of two years are written with
SQL; the job then judges them: all for the first time, nobody having changed, and after
a twentieth got a new invoice. The classes are counted again by a window function of
PostgreSQL. The database is left as it was.

Wanted: under 10 seconds for a company, and the same classes. ``--quick`` takes a tenth.
"""

import sys
import time

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL

CUSTOMERS, INVOICES = 20_000, 200_000
LIMIT_SECONDS = 10


def main(env, argv):
    """Run it.

    :param env: environment of a database with the addon
    :param argv: ``--quick`` takes 2,000 customers
    :return: 0 when time and classes are as wanted, else 1
    """
    share = 10 if "--quick" in argv else 1
    customers, invoices = CUSTOMERS // share, INVOICES // share
    ok = True
    with env.registry.cursor() as cr:
        own = api.Environment(cr, SUPERUSER_ID, {})
        params = generate(own, customers, invoices)
        ok &= round_of(own, "for the first time")
        ok &= round_of(own, "nothing changed")
        more(own, params, customers // 20)
        ok &= round_of(own, f"{customers // 20:,} new invoices")
        cr.rollback()
    sys.stdout.flush()
    return 0 if ok else 1


def generate(env, customers, invoices):
    """Write customers, contacts and invoices: what the statements are given."""
    cr = env.cr
    cr.execute(SQL("SELECT nextval('res_partner_id_seq')"))
    [(first,)] = cr.fetchall()
    journal = env["account.journal"].create(
        {"name": "Benchmark", "code": "BNCH", "type": "sale"}
    )
    params = {
        "first": first,
        "customers": customers,
        "invoices": invoices,
        "company": env.company.id,
        "currency": env.company.currency_id.id,
        "journal": journal.id,
        "today": env.company._sales_today(),
    }
    for statement in (PARTNERS, MOVES):
        cr.execute(SQL(statement, **params))
    cr.execute(SQL("ANALYZE res_partner, account_move"))
    print(f"{customers:,} customers with two contacts each, {invoices:,} invoices")
    return params


PARTNERS = """
    INSERT INTO res_partner (id, name, active, is_company, parent_id, type,
           commercial_partner_id, autopost_bills)
    SELECT %(first)s + n, 'Partner ' || n, TRUE, n <= %(customers)s,
           CASE WHEN n > %(customers)s
                THEN %(first)s + 1 + n %% %(customers)s END,
           'contact', CASE WHEN n > %(customers)s
                THEN %(first)s + 1 + n %% %(customers)s ELSE %(first)s + n END,
           'ask'
      FROM generate_series(1, 3 * %(customers)s) n;
    SELECT setval('res_partner_id_seq', %(first)s + 3 * %(customers)s)
"""
# Few customers are large. One invoice of 21 is a credit note. 730 days are two years:
# about half of the invoices lie in the window, and none of one customer in ten.
MOVES = """
    INSERT INTO account_move (state, move_type, auto_post, journal_id, company_id,
           currency_id, date, invoice_date, partner_id, commercial_partner_id,
           amount_untaxed_signed)
    SELECT 'posted', CASE WHEN n %% 21 = 0 THEN 'out_refund' ELSE 'out_invoice' END,
           'no', %(journal)s, %(company)s, %(currency)s, day, day, customer, customer,
           CASE WHEN n %% 21 = 0 THEN -0.2 ELSE 1 END
               * ROUND((100 + n %% 997 + 4000000 / (1 + customer - %(first)s))::numeric,
                       2)
      FROM (SELECT n, %(first)s + 1 + (n::bigint * 7919 %% %(customers)s)::int
                   AS customer,
                   n::bigint * 104729 %% 730 AS age
              FROM generate_series(1, %(invoices)s) n) g
      CROSS JOIN LATERAL (SELECT %(today)s::date - (CASE WHEN customer %% 10 = 3
            THEN 400 + age %% 330 ELSE age END)::int AS day) d
"""


def more(env, params, number):
    env.cr.execute(
        SQL(
            """
            INSERT INTO account_move (state, move_type, auto_post, journal_id,
                   company_id, currency_id, date, invoice_date, partner_id,
                   commercial_partner_id, amount_untaxed_signed)
            SELECT 'posted', 'out_invoice', 'no', %(journal)s, %(company)s,
                   %(currency)s, %(today)s, %(today)s, %(first)s + 20 * n,
                   %(first)s + 20 * n, 777
              FROM generate_series(1, %(number)s) n
            """,
            **params,
            number=number,
        )
    )


def round_of(env, what):
    """Judge once: whether time and classes are as wanted."""
    known = stored(env)
    before = env.cr.sql_log_count
    start = time.perf_counter()
    counts = env.company._sales_judge_customers()
    env.flush_all()
    seconds = time.perf_counter() - start
    queries = env.cr.sql_log_count - before
    changed = len(stored(env) - known)
    wanted = dict(env.execute_query(again(env)))
    good = counts == {name: wanted.get(name, 0) for name in counts}
    fast = seconds <= LIMIT_SECONDS
    print(
        f"{what}: {seconds:.2f} s{'' if fast else ' TOO SLOW'}, {queries} queries,"
        f" {changed:,} customers written: {counts}"
        f"{'' if good else f' WANTED {wanted}'}"
    )
    sys.stdout.flush()
    return good and fast


def stored(env):
    """What stands on the customers, one tuple each."""
    return set(
        env.execute_query(
            SQL(
                """
                SELECT id, sales_own_class::text, sales_own_class_date::text,
                       sales_own_revenue::text, sales_own_recency::text,
                       sales_own_frequency::text, sales_own_monetary::text
                  FROM res_partner WHERE sales_own_class IS NOT NULL
                """
            )
        )
    )


def again(env):
    """The same classes, counted by PostgreSQL alone."""
    return SQL(
        """
        WITH bought AS (
            SELECT commercial_partner_id AS id,
                   SUM(amount_untaxed_signed) FILTER (WHERE day) AS revenue,
                   COUNT(*) FILTER (WHERE day AND move_type = 'out_invoice') AS number
              FROM (SELECT *, invoice_date > %(today)s::date - INTERVAL '12 months'
                           AS day FROM account_move) m
             WHERE company_id = %(company)s AND state = 'posted'
               AND move_type IN ('out_invoice', 'out_refund')
               AND invoice_date <= %(today)s
             GROUP BY 1 HAVING bool_or(move_type = 'out_invoice')
        ), ranked AS (
            SELECT *, COALESCE(SUM(GREATEST(revenue, 0)) OVER (ORDER BY revenue DESC
                   GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before,
                   SUM(GREATEST(revenue, 0)) OVER () AS whole
              FROM bought WHERE number > 0
        )
        SELECT CASE WHEN revenue > 0 AND 100 * before < 80 * whole THEN 'a'
                    WHEN revenue > 0 AND 100 * before < 95 * whole THEN 'b'
                    ELSE 'c' END, COUNT(*)
          FROM ranked GROUP BY 1
        UNION ALL SELECT 'former', COUNT(*) FROM bought WHERE number = 0
        """,
        today=env.company._sales_today(),
        company=env.company.id,
    )
