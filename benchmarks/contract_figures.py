"""What figures of instalments cost: reading them, matching a payment, posting invoices.

Orders of 1,200.00 get invoices and payments by Odoo's own ways, half of them with a
plan of twelve instalments, half without any; around them lie 200,000 instalments with
invoices and payments that ``contract_ageing`` writes. Then

* the figures of 10, 100 and 1,000 instalments are read: always the same number of
  queries;
* one payment is matched with one invoice, and taken back, of an order with a plan and
  of one without. Rounds alternate. Wanted: under 10 ms more by the median;
* 100 invoices are posted with plans and without: under 10 ms more for each, and no
  more further queries than 10 invoices need, but for those that write the instalments,
  a hundred at a time.

Time is what Odoo and its connection to the database spend on a processor, where the
machine tells (``/proc``): what others do there changes nothing about it. The time by
the clock is told as well, and judged where nothing else is known.

``--quick`` leaves out most instalments around and most rounds and judges queries
alone. The database is left as it was.
"""

import gc
import runpy
import statistics
import sys
import time
from pathlib import Path

from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.tools import SQL

AROUND = 60_000  # orders
PARTS = 12
SIZES = (10, 100, 1000)
POSTED = (10, 100)
ROUNDS = 60
POST_ROUNDS = 5
MORE_SECONDS = 0.010
MORE_QUERIES = 3  # of Odoo's own, which reads a document once more or less
WRITTEN_AT_ONCE = 100  # records in one statement of Odoo's


def main(env, argv):
    """Run it.

    :param env: environment of a database with the addon
    :param argv: see above
    :return: 0 when queries and times are as wanted, else 1
    """
    quick = "--quick" in argv
    with env.registry.cursor() as cr:
        own = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
        around = runpy.run_path(str(Path(__file__).with_name("contract_ageing.py")))
        around["World"](own, AROUND // 100 if quick else AROUND).generate()
        bench = Bench(own, quick)
        good = bench.reading()
        good &= bench.posting()
        good &= bench.matching()
        cr.rollback()
    sys.stdout.flush()
    return 0 if good else 1


class Bench:
    """Orders with and without plans, and what is measured with them."""

    def __init__(self, env, quick):
        self.env = env
        self.quick = quick
        self.company = env.company
        backend = env.cr.connection.info.backend_pid
        self.clocks = [Path(f"/proc/{name}/schedstat") for name in ("self", backend)]
        if not all(clock.exists() for clock in self.clocks):
            self.clocks = []
        self.today = self.company._sales_today()
        account = env["account.account"].search
        self.receivable, self.income, self.cash = (
            account([("account_type", "=", kind)], limit=1)
            for kind in ("asset_receivable", "income", "asset_cash")
        )
        self.journal, self.bank = (
            env["account.journal"].search([("type", "=", kind)], limit=1)
            for kind in ("sale", "bank")
        )
        self.partner = env["res.partner"].create(
            {
                "name": "Bench Customer",
                "property_account_receivable_id": self.receivable.id,
            }
        )
        self.product = env["product.product"].create(
            {
                "name": "Bench",
                "type": "service",
                "taxes_id": [Command.clear()],
                "property_account_income_id": self.income.id,
            }
        )

    # === WHAT IS THERE === #

    def orders(self, count, planned):
        plan = [
            Command.create(
                {
                    "sequence": number,
                    "name": f"Month {number}",
                    "amount": 1200.0 / PARTS,
                    "date_planned": self.today,
                }
            )
            for number in range(PARTS)
        ]
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": self.partner.id,
                    "order_line": [
                        Command.create(
                            {"product_id": self.product.id, "price_unit": 1200.0}
                        )
                    ],
                    "sales_plan_line_ids": plan if planned else [],
                }
                for _number in range(count)
            ]
        )
        orders.action_confirm()
        return orders

    def invoices(self, orders, amount):
        """A draft for each order, unpinned: figures have to place it."""
        return self.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": self.partner.id,
                    "journal_id": self.journal.id,
                    "invoice_date": self.today,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Bench",
                                "price_unit": amount,
                                "tax_ids": [Command.clear()],
                                "account_id": self.income.id,
                                "sale_line_ids": [Command.set(order.order_line.ids)],
                            }
                        )
                    ],
                }
                for order in orders
            ]
        )

    def payments(self, moves, amount):
        """Money in the bank for each of these, not matched yet."""
        entries = self.env["account.move"].create(
            [
                {
                    "journal_id": self.bank.id,
                    "date": self.today,
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": account.id,
                                "partner_id": self.partner.id,
                                "balance": balance,
                            }
                        )
                        for account, balance in (
                            (self.cash, amount),
                            (self.receivable, -amount),
                        )
                    ],
                }
                for _move in moves
            ]
        )
        entries.action_post()
        return entries

    def pairs(self, moves, entries):
        """Lines to match, for each invoice with its payment."""
        result = []
        for move, entry in zip(moves, entries, strict=True):
            lines = (move | entry).line_ids
            result.append(
                lines.filtered(lambda line: line.account_id == self.receivable)
            )
        return result

    def settle(self):
        """Write what is pending and forget what is cached, as between two requests."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.env.invalidate_all()

    def measure(self, function, *arguments):
        """``(queries, seconds, seconds by the clock)``, with all that follows."""
        self.settle()
        gc.collect()
        queries, start = self.env.cr.sql_log_count, time.perf_counter()
        spent = self.spent()
        function(*arguments)
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.env.flush_all()
        seconds = time.perf_counter() - start
        spent = self.spent() - spent if self.clocks else seconds
        return self.env.cr.sql_log_count - queries, spent, seconds

    def spent(self):
        """Seconds this process and its connection were on a processor so far."""
        return sum(int(clock.read_text().split()[0]) for clock in self.clocks) / 1e9

    # === MEASURED === #

    def reading(self):
        """Figures by batch."""
        count = -(-SIZES[-1] // PARTS)
        orders = self.orders(count, planned=True)
        moves = self.invoices(orders, 350.0)
        moves.action_post()
        for lines in self.pairs(moves, self.payments(moves, 220.0)):
            lines.reconcile()
        lines = orders.sales_plan_line_ids
        self.check(lines)
        self.env.cr.execute(
            SQL("ANALYZE sale_order, sale_order_line, sales_plan_line, account_move")
        )
        self.measure(lines[:12]._read_figures)  # fill the caches
        found = []
        for size in SIZES:
            some = lines[:size]
            read = self.measure(some._read_figures)
            again = self.measure(self.refresh, some)
            found.append((read[0], again[0]))
            print(
                f"figures of {size:>5} instalments: read {read[0]:>3} q"
                f" {1000 * read[1]:>7.1f} ms   found unchanged {again[0]:>3} q"
                f" {1000 * again[1]:>7.1f} ms"
            )
        return self.judge(len(set(found)) == 1, "the number of queries grows")

    def check(self, lines):
        """350.00 invoiced and 220.00 paid, of parts of 100.00."""
        wanted = [(100, 100), (100, 100), (100, 20), (50, 0), (0, 0)]
        for line, (invoiced, collected) in zip(lines[:5], wanted, strict=True):
            if (line.amount_invoiced, line.amount_collected) != (invoiced, collected):
                raise ValueError(f"{line.name} is wrong: it measures something else")

    def refresh(self, lines):
        """What any change of a document leads to."""
        for name in ("amount_invoiced", "amount_collected", "amount_due"):
            self.env.add_to_compute(lines._fields[name], lines)
        lines._recompute_recordset()

    def posting(self):
        """Many invoices at once, with plans and without."""
        more = {}
        for size in POSTED:
            rounds = 2 if self.quick else POST_ROUNDS
            sides = []
            for planned in (False, True):
                moves = self.invoices(self.orders(size * (rounds + 1), planned), 350.0)
                sides.append([moves[n : n + size] for n in range(0, len(moves), size)])
            plain, ours = self.alternate(sides, lambda moves: moves.action_post())
            more[size] = ours[0] - plain[0], (ours[1] - plain[1]) / size
            self.tell(f"post {size} invoices", plain, ours, size)
        few, many = (more[size] for size in POSTED)
        writes = (POSTED[1] - POSTED[0]) * PARTS / WRITTEN_AT_ONCE
        good = self.judge(
            many[0] - few[0] <= writes + MORE_QUERIES,
            "posting asks more of more invoices",
        )
        return good & self.judge(many[1] < MORE_SECONDS, "posting takes too long")

    def matching(self):
        """One payment with one invoice, and back."""
        sides = []
        for planned in (False, True):
            count = (5 if self.quick else ROUNDS) + 1
            moves = self.invoices(self.orders(count, planned), 350.0)
            moves.action_post()
            sides.append(self.pairs(moves, self.payments(moves, 220.0)))
        good = True
        for name, act in (
            ("match one payment", self.match),
            ("take it back", self.unmatch),
        ):
            plain, ours = self.alternate(sides, act)
            self.tell(name, plain, ours)
            more = ours[1] - plain[1]
            good &= self.judge(more < MORE_SECONDS, f"to {name} takes too long")
        return good

    @staticmethod
    def match(lines):
        lines.reconcile()

    @staticmethod
    def unmatch(lines):
        lines.remove_move_reconcile()

    def alternate(self, sides, act):
        """Measure ``act`` on both sides in turns, each time on other records: within
        one transaction, the database reads all that was ever written of a record.

        :param list sides: two lists of what to act on
        :return: medians of ``(queries, seconds, seconds by the clock)`` of each side
        """
        figures = [[], []]
        for turn, pair in enumerate(zip(*sides, strict=True)):
            # Whoever comes second finds a warmer machine: take turns.
            for index in (0, 1) if turn % 2 else (1, 0):
                found = self.measure(act, pair[index])
                if turn:  # the first round warms the caches of both sides
                    figures[index].append(found)
        return [
            tuple(statistics.median(column) for column in zip(*rows, strict=True))
            for rows in figures
        ]

    @staticmethod
    def tell(name, plain, ours, size=1):
        sides = [
            f"{queries:>5g} q {1000 * seconds:>6.1f} ms (clock {1000 * clock:.1f})"
            for queries, seconds, clock in (plain, ours)
        ]
        more = [
            1000 * (our - their) / size for our, their in zip(ours, plain, strict=True)
        ]
        print(
            f"{name:<18}: without {sides[0]}   with {sides[1]}"
            f"   {more[1]:+.2f} ms each (clock {more[2]:+.2f})"
        )
        sys.stdout.flush()

    def judge(self, good, what):
        if not good and self.quick and "too long" in what:
            return True  # few rounds say little about time
        if not good:
            print(f"TOO MUCH: {what}")
        return good
