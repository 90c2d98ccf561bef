"""Read 200,000 instalments of 60,000 orders as accountants do, beside plain SQL.

Orders, instalments, invoices, payments and their matches are written with SQL: two
years of them, 3,000 customers, two currencies, a tenth of the invoices due in two
parts. Then the lists and both ageings are asked for as the screens ask, and by
statements written by hand for just these figures, which have to agree. Both take turns
in one run; the median counts. The database is left as it was.

Wanted: under 300 ms and at most 1.5 times the statement by hand. ``--quick`` takes a
hundredth of it and only compares the figures; ``--keep`` leaves the data there.
"""

import statistics
import sys
import time

from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.tools import SQL

ORDERS = 60_000
CUSTOMERS = 3_000
PEOPLE, TEAMS = 100, 10
ROUNDS = 7
MORE_TIME = 1.5
SECONDS = 0.300
NOTHING = 0.025


def main(env, argv):
    """Run it.

    :param env: environment of a database with the addon
    :param argv: see above
    :return: 0 when times and figures are as wanted, else 1
    """
    quick = "--quick" in argv
    with env.registry.cursor() as cr:
        own = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
        world = World(own, ORDERS // 100 if quick else ORDERS)
        world.generate()
        if "--keep" in argv:
            cr.commit()
        good = world.compare(quick)
        cr.rollback()
    return 0 if good else 1


class World:
    """Orders of two years with their plans, and the questions asked of them."""

    def __init__(self, env, orders):
        self.env = env
        self.orders = orders

    # === WHAT IS THERE === #

    def generate(self):
        started = time.perf_counter()
        self._people()
        self._currencies()
        self.env.flush_all()
        cr = self.env.cr
        cr.execute(SQL("SELECT SETSEED(0.5)"))
        account = self.env["account.account"]
        params = {
            "orders": self.orders,
            "customers": self.customers.ids,
            "users": self.users.ids,
            "teams": self.teams.ids,
            "company": self.env.company.id,
            "currency": self.env.company.currency_id.id,
            "foreign": self.foreign.id,
            "rate": 2,
            "today": self.env.company._sales_today(),
            "sales": self._journal("sale").id,
            "bank": self._journal("bank").id,
            "receivable": account.search([("account_type", "=", "asset_receivable")])[
                0
            ].id,
            "income": account.search([("account_type", "=", "income")])[0].id,
            "cash": account.search([("account_type", "=", "asset_cash")])[0].id,
        }
        for statement in STATEMENTS:
            cr.execute(SQL(statement, **params))
        tables = (
            "sale_order, sales_plan_line, account_move, account_move_line,"
            " account_partial_reconcile"
        )
        cr.execute(SQL(f"ANALYZE {tables}"))
        self.env.invalidate_all()
        self.lines = self.env["sales.plan.line"].search(
            [("name", "=like", "Bench %")], order="id"
        )
        self._check_figures()
        print(
            f"{self.orders:,} orders, {len(self.lines):,} instalments written in"
            f" {time.perf_counter() - started:.0f} s"
        )
        sys.stdout.flush()

    def _check_figures(self):
        """The figures written are those the addon reads from the documents."""
        found = self.lines[:3000]._read_figures()
        wrong = [
            values for values, stored in found.values() if not _same(values, stored)
        ]
        if wrong:
            raise ValueError(
                f"{len(wrong)} instalments are not as the addon writes them"
            )

    def _journal(self, kind):
        return self.env["account.journal"].search(
            [("type", "=", kind), ("company_id", "=", self.env.company.id)], limit=1
        )

    def _currencies(self):
        self.foreign = self.env["res.currency"].create(
            {
                "name": "BEN",
                "symbol": "B",
                "rounding": 0.01,
                "rate_ids": [
                    Command.create(
                        {
                            "name": "2000-01-01",
                            "rate": 2,
                            "company_id": self.env.company.id,
                        }
                    )
                ],
            }
        )

    def _people(self):
        group = self.env.ref("sales_team.group_sale_salesman")
        users = self.env["res.users"].with_context(no_reset_password=True)
        self.users = users.create(
            [
                {
                    "name": f"Person {n}",
                    "login": f"bench_person_{n}",
                    "group_ids": [Command.link(group.id)],
                }
                for n in range(PEOPLE)
            ]
        )
        self.teams = self.env["crm.team"].create(
            [{"name": f"Team {n}"} for n in range(TEAMS)]
        )
        invoice = self.env.ref("account.group_account_invoice")
        self.accountant = users.create(
            {
                "name": "Accountant",
                "login": "bench_accountant",
                "group_ids": [Command.link(invoice.id)],
            }
        )
        self.customers = self.env["res.partner"].create(
            [
                {"name": f"Customer {n}", "email": f"c{n}@bench.example"}
                for n in range(CUSTOMERS)
            ]
        )

    # === WHAT IS ASKED === #

    def compare(self, quick):
        """Ask every question both ways; tell times and whether figures agree."""
        accountant = self.env(user=self.accountant.id)
        self.env["sales.payment.delay"]._learn(self.env.company)
        self.env.cr.execute(SQL("ANALYZE sales_payment_delay"))
        good = True
        print(f"{'':34} {'addon':>9} {'by hand':>9} {'ratio':>7}")
        for question in QUESTIONS:
            good &= self._compare(question(accountant), quick)
        return good

    def _compare(self, question, quick):
        times = {"addon": [], "hand": []}
        for _round in range(1 if quick else ROUNDS):
            for name, ask in (("addon", question.addon), ("hand", question.hand)):
                self.env.invalidate_all()
                started = time.perf_counter()
                answer = ask()
                times[name].append(time.perf_counter() - started)
                if name == "addon":
                    expected = question.figures(answer)
                elif _rounded(expected) != _rounded(answer):
                    print(f"{question.name}: {expected} is not {answer}")
                    return False
        addon, hand = (statistics.median(times[name]) for name in ("addon", "hand"))
        ratio = addon / hand
        # What takes a few milliseconds is mostly the way to the database and back.
        slow = addon > SECONDS or (ratio > MORE_TIME and addon > NOTHING)
        print(
            f"{question.name:34} {1000 * addon:6.1f} ms {1000 * hand:6.1f} ms"
            f" {ratio:7.2f}{'   TOO SLOW' if slow and not quick else ''}"
        )
        sys.stdout.flush()
        return quick or not slow


class Question:
    """One question, as the screen asks it and as a statement written for it does."""

    name = ""

    def __init__(self, env):
        self.env = env
        self.today = env.company._sales_today()

    def addon(self):
        raise NotImplementedError

    def figures(self, answer):
        """Figures of the addon's answer that the statement finds too."""
        return answer

    def hand(self):
        raise NotImplementedError

    def query(self, statement):
        self.env.cr.execute(
            SQL(statement, today=self.today, company=self.env.company.id)
        )
        return self.env.cr.fetchall()


class ToInvoice(Question):
    """First page and total of the list of what is to be invoiced now."""

    name = "to invoice now, list"
    state = "due"
    where = "amount_invoiced = 0 AND date_firm <= %(today)s AND order_state = 'sale'"

    def addon(self):
        lines = self.env["sales.plan.line"]
        domain = [("state", "=", self.state)]
        page = lines.search_fetch(domain, COLUMNS, order="date_expected, id", limit=80)
        [(count, amount)] = lines._read_group(
            domain, [], ["__count", "amount_outstanding_company:sum"]
        )
        return page, count, amount

    def figures(self, answer):
        page, count, amount = answer
        return [*page.ids, count, amount]

    def hand(self):
        columns = ", ".join(COLUMNS)
        page = self.query(
            f"SELECT id, {columns} FROM sales_plan_line WHERE {self.where}"
            " AND company_id = %(company)s"
            " ORDER BY date_expected, id LIMIT 80"
        )
        [(count, amount)] = self.query(
            "SELECT COUNT(*), SUM(amount_outstanding_company) FROM sales_plan_line"
            f" WHERE {self.where} AND company_id = %(company)s"
        )
        return [*(row[0] for row in page), count, float(amount)]


class Overdue(ToInvoice):
    name = "overdue, list"
    state = "overdue"
    where = "amount_invoiced <> 0 AND amount_due <> 0 AND date_invoice_due < %(today)s"


class Ageings(Question):
    """Both ageings at once, as the board shows them."""

    by = "partner_id"

    @property
    def name(self):
        return f"both ageings by {self.by}"

    def addon(self):
        receivables = self.env["sales.receivables"]
        _by, domain = receivables._checked_options({"by": self.by})
        return receivables._read_ageings(domain, self.by)

    def figures(self, answer):
        [found] = answer.values()
        return sorted(
            (group or 0, *map(float, amounts.values()))
            for group, amounts in found.items()
        )

    def hand(self):
        sums = ", ".join(
            f"COALESCE(SUM({amount}) FILTER (WHERE {day} {bounds}), 0)"
            for day, amount in (
                ("date_due_contract", "amount_outstanding_company"),
                ("date_invoice_due", "amount_due_company"),
            )
            for bounds in (
                f">= %(today)s OR {day} IS NULL",
                "BETWEEN %(today)s - 30 AND %(today)s - 1",
                "BETWEEN %(today)s - 60 AND %(today)s - 31",
                "BETWEEN %(today)s - 90 AND %(today)s - 61",
                "< %(today)s - 90",
            )
        )
        rows = self.query(
            f"SELECT COALESCE({self.by}, 0), {sums},"
            " SUM(amount_outstanding_company - amount_due_company)"
            " FROM sales_plan_line WHERE order_state = 'sale'"
            " AND amount_outstanding <> 0 AND company_id = %(company)s GROUP BY 1"
        )
        return sorted((group, *map(float, amounts)) for group, *amounts in rows)


class AgeingsByUser(Ageings):
    by = "user_id"


class AgeingsByTeam(Ageings):
    by = "team_id"


class Cash(Question):
    """Expected cash by month and certainty."""

    name = "expected cash by month"

    def addon(self):
        return self.env["sales.cash.report"]._read_group(
            [], ["date:month", "kind"], ["amount:sum"]
        )

    def figures(self, answer):
        return sorted((str(day), kind, amount) for day, kind, amount in answer)

    def hand(self):
        rows = self.query(
            """
            SELECT DATE_TRUNC('month', day)::date, kind, SUM(amount)
              FROM (
                SELECT CASE WHEN l.date_invoice_due >= %(today)s THEN GREATEST(
                           l.date_invoice_due + COALESCE(own.days_after_due,
                               usual.days_after_due, 0), %(today)s)
                       ELSE l.date_invoice_due + COALESCE(own.days_after_due,
                           usual.days_after_due, 0) END AS day,
                       'invoiced' AS kind, amount_due_company AS amount
                  FROM sales_plan_line l
                  LEFT JOIN sales_payment_delay own
                    ON own.company_id = l.company_id AND own.partner_id = l.partner_id
                  LEFT JOIN sales_payment_delay usual
                    ON usual.company_id = l.company_id AND usual.partner_id IS NULL
                 WHERE order_state = 'sale' AND amount_outstanding <> 0
                   AND l.company_id = %(company)s AND amount_due_company <> 0
                 UNION ALL
                SELECT l.date_expected + COALESCE(own.days_after_firm,
                           usual.days_after_firm, 0),
                       CASE WHEN date_firm IS NULL THEN 'planned' ELSE 'firm' END,
                       amount_outstanding_company - amount_due_company
                  FROM sales_plan_line l
                  LEFT JOIN sales_payment_delay own
                    ON own.company_id = l.company_id AND own.partner_id = l.partner_id
                  LEFT JOIN sales_payment_delay usual
                    ON usual.company_id = l.company_id AND usual.partner_id IS NULL
                 WHERE order_state = 'sale' AND amount_outstanding <> 0
                   AND l.company_id = %(company)s
                   AND amount_outstanding_company <> amount_due_company
              ) x GROUP BY 1, 2
            """
        )
        return sorted((str(day), kind, float(amount)) for day, kind, amount in rows)


class Board(Question):
    """The whole board with headlines and days sales outstanding."""

    name = "the whole board"

    def addon(self):
        return self.env["sales.receivables"].get_receivables({"by": "partner_id"})

    def figures(self, answer):
        return answer["currencies"][0]["total"]["outstanding"]

    def hand(self):
        return float(
            self.query(
                "SELECT SUM(amount_outstanding_company) FROM sales_plan_line"
                " WHERE order_state = 'sale' AND company_id = %(company)s"
            )[0][0]
        )


COLUMNS = (
    "partner_id",
    "order_id",
    "name",
    "date_firm",
    "date_invoiced",
    "date_invoice_due",
    "amount",
    "amount_collected",
    "amount_outstanding_company",
)
QUESTIONS = (ToInvoice, Overdue, Ageings, AgeingsByUser, AgeingsByTeam, Cash)


def _rounded(value):
    if isinstance(value, list | tuple):
        return [_rounded(part) for part in value]
    return round(value, 2) if isinstance(value, float) else value


def _same(values, stored):
    for name, value in values.items():
        other = stored[name]
        if isinstance(value, float):
            if abs(value - float(other or 0)) > 0.005:
                return False
        elif (value or None) != (other or None):
            return False
    return True


STATEMENTS = (
    # Orders, three or four instalments each, 45 days apart
    """
    CREATE TEMPORARY TABLE bench_order ON COMMIT DROP AS
    SELECT nextval('sale_order_id_seq')::int AS id, n,
           (%(customers)s::int[])[1 + floor(random() ^ 2 *
           cardinality(%(customers)s::int[]))::int] AS partner_id, 1 + floor(random() *
           cardinality(%(users)s::int[]))::int AS person, random() < 0.1 AS abroad,
           %(today)s::date - floor(random() * 730)::int AS day,
           3 + (n %% 3 = 0)::int AS parts,
           100 * (1 + floor(random() * 500))::numeric AS part
      FROM generate_series(1, %(orders)s) n
    """,
    """
    INSERT INTO sale_order (id, name, company_id, partner_id, partner_invoice_id,
           partner_shipping_id, user_id, team_id, currency_id, currency_rate,
           date_order, state, amount_total, amount_untaxed, create_date)
    SELECT id, 'BENCH' || n, %(company)s, partner_id, partner_id, partner_id,
           (%(users)s::int[])[person],
           (%(teams)s::int[])[1 + person %% cardinality(%(teams)s::int[])],
           CASE WHEN abroad THEN %(foreign)s ELSE %(currency)s END,
           CASE WHEN abroad THEN %(rate)s ELSE 1 END, day, 'sale', part * parts,
           part * parts, day
      FROM bench_order
    """,
    # What becomes of each: invoiced some days late, due after 30 days (a tenth in two
    # parts), paid with the delay of its customer, in full, by half or not at all
    """
    CREATE TEMPORARY TABLE bench_line ON COMMIT DROP AS
    SELECT life.*, invoiced IS NOT NULL AS has_invoice,
           CASE WHEN paid <= %(today)s::date THEN
                CASE WHEN fate < 0.92 THEN part WHEN fate < 0.96 THEN part / 2
                     ELSE 0 END ELSE 0 END AS cash
      FROM (
        SELECT nextval('sales_plan_line_id_seq')::int AS id, o.id AS order_id, k,
               o.partner_id, o.person, o.abroad, o.part, firm, waits, split, fate,
               CASE WHEN NOT waits AND late <= %(today)s::date AND r < 0.97
                    THEN late END AS invoiced,
               late + 30 + o.partner_id %% 40 - 8 + floor(fate * 20)::int AS paid
          FROM bench_order o
         CROSS JOIN LATERAL generate_series(1, o.parts) k
         CROSS JOIN LATERAL (
            SELECT o.day + 45 * (k - 1) AS firm,
                   o.day + 45 * (k - 1) + floor(random() ^ 3 * 40 + k * 0)::int AS late,
                   random() < 0.05 + k * 0 AS waits, random() < 0.1 + k * 0 AS split,
                   random() + k * 0 AS fate, random() + k * 0 AS r) x
      ) life
    """,
    """
    INSERT INTO sales_plan_line (id, order_id, company_id, currency_id, partner_id,
           user_id, team_id, order_state, sequence, name, amount, trigger, date_planned,
           date_trigger, date_firm, date_expected, amount_invoiced, amount_collected,
           amount_due, amount_draft, amount_prepaid, amount_to_invoice, date_invoiced,
           date_invoice_due, date_collected, delay_months, delay_days, create_date,
           currency_rate, date_due_contract, invoicing_delay, amount_outstanding,
           amount_outstanding_company, amount_due_company, amount_prepaid_company)
    SELECT id, order_id, %(company)s,
           CASE WHEN abroad THEN %(foreign)s ELSE %(currency)s END, partner_id,
           (%(users)s::int[])[person],
           (%(teams)s::int[])[1 + person %% cardinality(%(teams)s::int[])], 'sale',
           10 * k, 'Bench ' || k, part, CASE WHEN waits THEN 'acceptance' ELSE 'date'
           END, firm, CASE WHEN waits THEN NULL ELSE firm END,
           CASE WHEN waits THEN NULL ELSE firm END, firm,
           CASE WHEN has_invoice THEN part ELSE 0 END,
           CASE WHEN has_invoice THEN cash ELSE 0 END,
           CASE WHEN has_invoice THEN part - cash ELSE 0 END, 0, 0,
           CASE WHEN has_invoice THEN 0 ELSE part END, invoiced,
           CASE WHEN has_invoice AND cash < part THEN
               invoiced + CASE WHEN split AND cash >= part / 2 THEN 60 ELSE 30 END END,
           CASE WHEN has_invoice AND cash = part THEN paid END, 0, 0, now(),
           CASE WHEN abroad THEN %(rate)s ELSE 1 END,
           CASE WHEN waits THEN NULL ELSE firm END, GREATEST(invoiced - firm, 0),
           part - CASE WHEN has_invoice THEN cash ELSE 0 END,
           (part - CASE WHEN has_invoice THEN cash ELSE 0 END)
               / CASE WHEN abroad THEN %(rate)s ELSE 1 END,
           CASE WHEN has_invoice THEN part - cash ELSE 0 END
               / CASE WHEN abroad THEN %(rate)s ELSE 1 END, 0
      FROM bench_line
    """,
    # Invoices
    """
    CREATE TEMPORARY TABLE bench_move ON COMMIT DROP AS
    SELECT nextval('account_move_id_seq')::int AS id, l.id AS line_id, l.*
      FROM bench_line l WHERE has_invoice
    """.replace(
        "l.id AS line_id, l.*",
        "l.id AS line_id, l.partner_id, l.person,"
        " l.abroad, l.part, l.split, l.cash, l.invoiced, l.paid,"
        " CASE WHEN l.abroad THEN 2 ELSE 1 END::numeric AS rate",
    ),
    """
    INSERT INTO account_move (id, name, state, move_type, journal_id, company_id,
           currency_id, invoice_currency_rate, date, invoice_date, partner_id,
           commercial_partner_id, auto_post, amount_total, amount_total_signed,
           amount_residual, sales_plan_line_id, invoice_user_id, payment_state)
    SELECT id, 'BENCH/' || id, 'posted', 'out_invoice', %(sales)s, %(company)s,
           CASE WHEN abroad THEN %(foreign)s ELSE %(currency)s END, rate, invoiced,
           invoiced, partner_id, partner_id, 'no', part, part / rate, part - cash,
           line_id, (%(users)s::int[])[person],
           CASE WHEN cash = part THEN 'paid' WHEN cash > 0 THEN 'partial'
                ELSE 'not_paid' END
      FROM bench_move
    """,
    """
    CREATE TEMPORARY TABLE bench_term ON COMMIT DROP AS
    SELECT nextval('account_move_line_id_seq')::int AS id, m.id AS move_id,
    m.partner_id,
           m.abroad, m.rate, m.invoiced, m.paid, p, m.invoiced + 30 * p AS due,
           m.part / parts AS amount,
           LEAST(GREATEST(m.cash - (p - 1) * m.part / parts, 0), m.part / parts) AS cash
      FROM (SELECT *, CASE WHEN split THEN 2 ELSE 1 END AS parts FROM bench_move) m
     CROSS JOIN LATERAL generate_series(1, m.parts) p
    """,
    """
    INSERT INTO account_move_line (id, move_id, company_id, journal_id, account_id,
           currency_id, company_currency_id, partner_id, date, date_maturity,
           display_type, parent_state, balance, debit, credit, amount_currency,
           amount_residual, amount_residual_currency, reconciled, move_name)
    SELECT id, move_id, %(company)s, %(sales)s, %(receivable)s,
           CASE WHEN abroad THEN %(foreign)s ELSE %(currency)s END, %(currency)s,
           partner_id, invoiced, due, 'payment_term', 'posted', amount / rate,
           amount / rate, 0, amount, (amount - cash) / rate, amount - cash,
           amount = cash, 'BENCH/' || move_id
      FROM bench_term
     UNION ALL
    SELECT nextval('account_move_line_id_seq')::int, id, %(company)s, %(sales)s,
           %(income)s, CASE WHEN abroad THEN %(foreign)s ELSE %(currency)s END,
           %(currency)s, partner_id, invoiced, NULL, 'product', 'posted', -part / rate,
           0, part / rate, -part, 0, 0, FALSE, 'BENCH/' || id
      FROM bench_move
    """,
    # Payments, one for each part, and their matches
    """
    CREATE TEMPORARY TABLE bench_payment ON COMMIT DROP AS
    SELECT nextval('account_move_id_seq')::int AS id,
           nextval('account_move_line_id_seq')::int AS credit_id, t.id AS debit_id,
           t.partner_id, t.abroad, t.rate, t.paid, t.cash
      FROM bench_term t WHERE t.cash > 0
    """,
    """
    INSERT INTO account_move (id, name, state, move_type, journal_id, company_id,
           currency_id, date, partner_id, commercial_partner_id, auto_post)
    SELECT id, 'BENCHPAY/' || id, 'posted', 'entry', %(bank)s, %(company)s,
           CASE WHEN abroad THEN %(foreign)s ELSE %(currency)s END, paid, partner_id,
           partner_id, 'no'
      FROM bench_payment
    """,
    """
    INSERT INTO account_move_line (id, move_id, company_id, journal_id, account_id,
           currency_id, company_currency_id, partner_id, date, date_maturity,
           display_type, parent_state, balance, debit, credit, amount_currency,
           amount_residual, amount_residual_currency, reconciled, move_name)
    SELECT credit_id, id, %(company)s, %(bank)s, %(receivable)s,
           CASE WHEN abroad THEN %(foreign)s ELSE %(currency)s END, %(currency)s,
           partner_id, paid, paid, 'product', 'posted', -cash / rate, 0, cash / rate,
           -cash, 0, 0, TRUE, 'BENCHPAY/' || id
      FROM bench_payment
     UNION ALL
    SELECT nextval('account_move_line_id_seq')::int, id, %(company)s, %(bank)s,
    %(cash)s,
           CASE WHEN abroad THEN %(foreign)s ELSE %(currency)s END, %(currency)s,
           partner_id, paid, NULL, 'product', 'posted', cash / rate, cash / rate, 0,
           cash, 0, 0, FALSE, 'BENCHPAY/' || id
      FROM bench_payment
    """,
    """
    INSERT INTO account_partial_reconcile (debit_move_id, credit_move_id, company_id,
           amount, debit_amount_currency, credit_amount_currency, debit_currency_id,
           credit_currency_id, max_date)
    SELECT debit_id, credit_id, %(company)s, cash / rate, cash, cash,
           CASE WHEN abroad THEN %(foreign)s ELSE %(currency)s END,
           CASE WHEN abroad THEN %(foreign)s ELSE %(currency)s END, paid
      FROM bench_payment
    """,
)
