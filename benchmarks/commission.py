"""How fast commission is worked out from scratch.

300 people have 500 invoices of a month each, half of them collected, in a plan that
pays as the customer pays and takes back what is overdue. Wanted: everybody's results,
each with 500 documents, under 60 s (what 300 statements may take); one person under
500 ms; as many queries for one as for all.

``--quick`` takes a tenth of the invoices. Everything is rolled back.
"""

import time

from odoo import SUPERUSER_ID, Command, api
from odoo.tools import SQL

PEOPLE, INVOICES = 300, 500
ALL, ONE = 60.0, 0.5
FILL = (
    """
    INSERT INTO account_move (name, move_type, state, date, invoice_date, journal_id,
           company_id, currency_id, amount_total_signed, auto_post)
    SELECT 'BENCH/' || n, 'out_invoice', 'posted', %(day)s, %(day)s, %(journal)s,
           %(company)s, %(currency)s, 100 + n %% 900, 'no'
      FROM generate_series(1, %(rows)s) n
    """,
    """
    INSERT INTO account_move_line (move_id, account_id, date, date_maturity, balance,
           company_id, company_currency_id, currency_id, display_type, parent_state)
    SELECT id, %(account)s, date, date, amount_total_signed, company_id, currency_id,
           currency_id, 'payment_term', 'posted'
      FROM account_move WHERE name LIKE 'BENCH/%%'
    """,
    """
    INSERT INTO sales_credit (metric_id, date, user_id, company_id, currency_id, amount,
           share, is_overlay, source_model, source_id, part_id, reason)
    SELECT %(invoiced)s, invoice_date, (%(users)s::int[])[1 + id %% %(people)s],
           company_id, currency_id, amount_total_signed, 100, FALSE, 'account.move', id,
           0, 'event'
      FROM account_move WHERE name LIKE 'BENCH/%%'
    """,
    """
    INSERT INTO sales_credit (metric_id, date, user_id, company_id, currency_id, amount,
           share, is_overlay, source_model, source_id, part_id, reason)
    SELECT %(collected)s, invoice_date, (%(users)s::int[])[1 + id %% %(people)s],
           company_id, currency_id, amount_total_signed / 2, 100, FALSE,
           'account.move', id, 0, 'event'
      FROM account_move WHERE name LIKE 'BENCH/%%'
    """,
    "ANALYZE account_move, account_move_line, sales_credit",
)


def main(env, argv):
    """Fill, ask, compare.

    :return: 0 where everything is as wanted, else 1
    """
    quick = "--quick" in argv
    with env.registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        good = Commission(env).run(INVOICES // 10 if quick else INVOICES, quick)
        cr.rollback()
    return 0 if good else 1


class Commission:
    """A plan of 300 people and what works it out."""

    def __init__(self, env):
        self.env = env

    def prepare(self, invoices):
        env, company = self.env, self.env.company
        users = env["res.users"].with_context(no_reset_password=True)
        users = users.create(
            [
                {"name": f"Person {n}", "login": f"bench_commission_{n}"}
                for n in range(PEOPLE)
            ]
        )
        plan = env["sales.commission.plan"].create(
            {
                "name": "Benchmark",
                "payable": "collected",
                "clawback_days": 30,
                "bracket_ids": [
                    Command.create({"lower": lower, "rate": rate})
                    for lower, rate in ((0, 2), (50000, 3), (200000, 5))
                ],
                "assignment_ids": [
                    Command.create({"user_id": user.id}) for user in users
                ],
            }
        )
        self.period = plan._periods()[0]
        metric = env["sales.metric"]._by_code
        values = {
            "day": self.period[0],
            "journal": env["account.journal"].search([("type", "=", "sale")], limit=1),
            "account": env["account.account"].search(
                [("account_type", "=", "asset_receivable")], limit=1
            ),
            "company": company,
            "currency": company.currency_id,
            "invoiced": metric("invoiced"),
            "collected": metric("collected"),
        }
        values = {name: getattr(value, "id", value) for name, value in values.items()}
        env.flush_all()
        env.cr.execute(SQL("SET LOCAL session_replication_role = replica"))
        for statement in FILL:
            env.cr.execute(
                SQL(
                    statement,
                    **values,
                    users=users.ids,
                    people=PEOPLE,
                    rows=PEOPLE * invoices,
                )
            )
        env.cr.execute(SQL("SET LOCAL session_replication_role = DEFAULT"))
        return plan, users

    def run(self, invoices, quick):
        plan, users = self.prepare(invoices)
        one = [("user", users[0].id)]
        good, counts = True, []
        for label, limit, people in (
            ("warming up", None, one),
            ("one person", ONE, one),
            ("everybody", ALL, None),
        ):
            self.env.invalidate_all()
            before, started = self.env.cr.sql_log_count, time.perf_counter()
            results = plan._compute_commission(self.env.company, *self.period, people)
            seconds = time.perf_counter() - started
            counts.append(self.env.cr.sql_log_count - before)
            lines = sum(len(result.lines) for result in results)
            slow = not quick and limit and seconds > limit
            good &= not slow
            print(
                f"{label}: {len(results)} results, {lines:,} lines, {seconds:.2f} s, "
                f"{counts[-1]} queries{' TOO SLOW' if slow else ''}"
            )
        return good and counts[1] == counts[2]
