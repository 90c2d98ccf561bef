"""What it takes to work out everybody's statements of commission.

300 people have 500 invoices each in a month, half of them paid, written with SQL; the
plan has brackets, pays as customers do and takes back what is overdue. Wanted, at most
60 s for everybody, and as many queries for twice as many people:

1. The statements of the month, which are not there yet.
2. The same again, when nothing has changed.
3. The next month, when the first is confirmed and the rest was paid meanwhile: each of
   the 75,000 payments is a correction of its own.

What this process and that of the database worked counts: a busy machine makes neither
much longer. Sums are compared with what was invoiced and paid. ``--quick`` takes a
tenth of the people and judges queries and sums alone; ``--people=N`` takes so many.
Everything is rolled back.
"""

import runpy
import sys
import time
from pathlib import Path

from odoo import SUPERUSER_ID, api, fields
from odoo.fields import Command
from odoo.tools import SQL

PEOPLE = 300
ROWS = 500
SECONDS = 60
PRICE = 100
RATE = 5


def main(env, argv):
    """
    :return: 0 where everything is as wanted, else 1
    """
    quick = "--quick" in argv
    sizes = [word for word in argv if word.startswith("--people=")]
    people = (
        int(sizes[-1].split("=")[1]) if sizes else PEOPLE // 10 if quick else PEOPLE
    )
    with env.registry.cursor() as cr:
        own = api.Environment(cr, SUPERUSER_ID, {})
        good = Statements(own, people).run(quick)
        cr.rollback()
    return 0 if good else 1


class Statements:
    """A month of everybody, and the next one."""

    def __init__(self, env, people):
        self.env = env
        self.company = env.company
        self.number = people
        today = self.company._sales_today()
        self.first = fields.Date.subtract(today.replace(day=1), months=1)
        self.after = today.replace(day=1)
        self.statements = env["sales.commission.statement"]
        credit = runpy.run_path(str(Path(__file__).with_name("credit.py")))
        self.worked = credit["Worked"](env)

    def run(self, quick):
        self.prepare()
        half = [("user", id_) for id_ in self.users.ids[: self.number // 2]]
        everybody = [("user", id_) for id_ in self.users.ids]
        good = True
        with self.env.cr.savepoint(flush=False) as savepoint:
            few = self.measure("half of them", self.first, half, None)
            savepoint.rollback()
        self.env.invalidate_all()
        limit = None if quick else SECONDS
        all_ = self.measure("a month", self.first, everybody, limit)
        # So many people are worked out at once; their number may be one more.
        batches = -(-self.number // 50) / -(-(self.number // 2) // 50)
        good &= all_[0] and all_[1] <= few[1] * batches + 5
        good &= self.same("amount_earned", PRICE * RATE / 100)
        good &= self.same("amount", PRICE * RATE / 100 / 2)
        good &= self.measure("the same again", self.first, everybody, limit)[0]
        self.settle()
        good &= self.measure("the next one", self.after, everybody, limit)[0]
        good &= self.same("amount_corrected", PRICE * RATE / 100 / 2, self.after)
        return good

    # === WHAT THERE IS === #

    def prepare(self):
        env = self.env
        users = env["res.users"].with_context(no_reset_password=True)
        group = env.ref("sales_team.group_sale_salesman")
        self.users = users.create(
            [
                {
                    "name": f"Person {n}",
                    "login": f"bench_commission_{n}",
                    "group_ids": [Command.link(group.id)],
                }
                for n in range(self.number)
            ]
        )
        metric = env.ref("sales_process.metric_invoiced")
        self.plan = env["sales.commission.plan"].create(
            {
                "name": "Bench",
                "metric_id": metric.id,
                "date_from": fields.Date.subtract(self.first, months=12),
                "date_to": fields.Date.add(self.first, months=12),
                "payable": "collected",
                "clawback_days": 900,
                "bracket_ids": [
                    Command.create({"lower": lower, "rate": RATE})
                    for lower in (0, 10_000, 30_000)
                ],
                "assignment_ids": [
                    Command.create({"user_id": user.id}) for user in self.users
                ],
            }
        )
        self.plan.action_publish()
        env.flush_all()
        started = time.perf_counter()
        self.write_documents(metric)
        seconds = time.perf_counter() - started
        print(f"{self.number * ROWS:,} invoices written in {seconds:.0f} s")
        sys.stdout.flush()

    def write_documents(self, metric):
        env = self.env
        accounts = env["account.account"]
        receivable = accounts.search([("account_type", "=", "asset_receivable")])[:1]
        journal = env["account.journal"].search([("type", "=", "sale")], limit=1)
        customer = env["res.partner"].create({"name": "Customer"})
        env.flush_all()
        self.params = {
            "users": self.users.ids,
            "number": self.number * ROWS,
            "people": self.number,
            "company": self.company.id,
            "currency": self.company.currency_id.id,
            "journal": journal.id,
            "receivable": receivable.id,
            "customer": customer.id,
            "first": self.first,
            "invoiced": metric.id,
            "collected": env.ref("sales_process.metric_collected").id,
            "price": PRICE,
        }
        env.cr.execute(SQL("SET LOCAL session_replication_role = replica"))
        for statement in DOCUMENTS:
            env.cr.execute(SQL(statement, **self.params))
        env.cr.execute(SQL("SET LOCAL session_replication_role = DEFAULT"))
        env.invalidate_all()

    def settle(self):
        """The month is confirmed, and the other half of it paid."""
        found = self.statements.search([("date_from", "=", self.first)])
        found.write({"state": "confirmed"})
        self.env.flush_all()
        self.env.cr.execute(SQL(PAID, **{**self.params, "first": self.after}))
        self.env.invalidate_all()

    # === MEASURING === #

    def measure(self, label, first, owners, limit):
        """
        :return: whether it was fast enough, and the number of queries
        """
        self.env.flush_all()
        self.env.invalidate_all()
        queries, started = self.env.cr.sql_log_count, time.perf_counter()
        worked = self.worked()
        self.statements._compute_statements(
            self.company, first, fields.Date.add(first, months=1), owners
        )
        seconds = time.perf_counter() - started
        worked = self.worked() - worked
        queries = self.env.cr.sql_log_count - queries
        slow = limit and worked > limit
        print(
            f"{label:16} {len(owners):>4} people {worked:>7.1f} s worked"
            f" {seconds:>7.1f} s by clock {queries:>5} queries"
            f"{'   TOO SLOW' if slow else ''}"
        )
        sys.stdout.flush()
        return not slow, queries

    def same(self, name, each, first=None):
        """Whether the statements come to what was written."""
        found = self.statements.search([("date_from", "=", first or self.first)])
        total, wanted = sum(found.mapped(name)), each * self.number * ROWS
        if abs(total - wanted) > 0.005:
            print(f"the figures are WRONG: {name} is {total}, not {wanted}")
            return False
        return True


DOCUMENTS = (
    """
    CREATE TEMPORARY TABLE bench_move ON COMMIT DROP AS
    SELECT nextval('account_move_id_seq')::int AS id, n,
           (%(users)s::int[])[1 + n %% %(people)s] AS user_id,
           %(first)s::date + (n / %(people)s) %% 28 AS day,
           (n / %(people)s) %% 2 = 0 AS paid
      FROM generate_series(0, %(number)s - 1) n
    """,
    """
    INSERT INTO account_move (id, name, state, move_type, journal_id, company_id,
           currency_id, invoice_currency_rate, date, invoice_date, partner_id,
           commercial_partner_id, auto_post, amount_total, amount_total_signed,
           amount_untaxed_signed, invoice_user_id)
    SELECT id, 'BENCH/' || n, 'posted', 'out_invoice', %(journal)s, %(company)s,
           %(currency)s, 1, day, day, %(customer)s, %(customer)s, 'no', %(price)s,
           %(price)s, %(price)s, user_id
      FROM bench_move
    """,
    """
    INSERT INTO account_move_line (move_id, company_id, journal_id, account_id,
           currency_id, company_currency_id, partner_id, date, date_maturity,
           display_type, parent_state, balance, debit, credit, amount_currency)
    SELECT id, %(company)s, %(journal)s, %(receivable)s, %(currency)s, %(currency)s,
           %(customer)s, day, day, 'payment_term', 'posted', %(price)s, %(price)s, 0,
           %(price)s
      FROM bench_move
    """,
    """
    INSERT INTO sales_credit (metric_id, date, user_id, company_id, currency_id, amount,
           share, is_overlay, source_model, source_id, part_id, reason, create_date)
    SELECT %(invoiced)s, day, user_id, %(company)s, %(currency)s, %(price)s, 100, FALSE,
           'account.move', id, 0, 'event', now()
      FROM bench_move
     UNION ALL
    SELECT %(collected)s, day, user_id, %(company)s, %(currency)s, %(price)s, 100,
           FALSE, 'account.move', id, 0, 'event', now()
      FROM bench_move WHERE paid
    """,
    "ANALYZE account_move, account_move_line, sales_credit",
)
PAID = """
    INSERT INTO sales_credit (metric_id, date, user_id, company_id, currency_id, amount,
           share, is_overlay, source_model, source_id, part_id, reason, create_date)
    SELECT %(collected)s, %(first)s, user_id, %(company)s, %(currency)s, %(price)s, 100,
           FALSE, 'account.move', id, 0, 'event', now()
      FROM bench_move WHERE NOT paid
    """
