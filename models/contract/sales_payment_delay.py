from collections import Counter, defaultdict

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.collection import usual_delays
from .plan_money_sql import MOVE_TYPES

# How far back payments tell how a customer pays now, and how many make a habit.
MONTHS = 24
MINIMUM = 3


class SalesPaymentDelay(models.Model):
    """How late a customer usually pays, learnt every night from what was paid.

    The medians of two waits: from the day an invoice was due to the day its last
    payment was matched, and from the day an instalment was to be invoiced to the day it
    was collected. A customer with too few of them is taken to be like the others of the
    company, see ``engine.collection``.
    """

    _name = "sales.payment.delay"
    _description = "Usual Payment Delay"
    _rec_name = "partner_id"

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, ondelete="cascade", readonly=True
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        ondelete="cascade",
        readonly=True,
        index="btree_not_null",
        help="Empty: what is usual at the company.",
    )
    days_after_due = fields.Integer(
        readonly=True,
        aggregator="avg",
        help="Median days from the day an invoice is due to its last payment; below "
        "zero for who pays early.",
    )
    cases_after_due = fields.Integer(string="Invoices Paid", readonly=True)
    days_after_firm = fields.Integer(
        string="Days After Instalment",
        readonly=True,
        aggregator="avg",
        help="Median days from the day an instalment is to be invoiced to the day "
        "it is collected.",
    )
    cases_after_firm = fields.Integer(string="Instalments Collected", readonly=True)

    _once = models.UniqueIndex("(company_id, COALESCE(partner_id, 0))")

    @api.depends("partner_id", "company_id")
    def _compute_display_name(self):
        for delay in self:
            delay.display_name = delay.partner_id.display_name or delay.company_id.name

    # === LEARNING === #

    @api.model
    def _cron_learn(self):
        """Learn anew how customers pay, one company after the other."""
        companies = self.env["res.company"].search([("active", "=", True)])
        self.env["ir.cron"]._commit_progress(remaining=len(companies))
        for company in companies:
            self._learn(company)
            if not self.env["ir.cron"]._commit_progress(1):
                break

    @api.model
    def _learn(self, company):
        """Write what is usual at a company and with each of its customers."""
        since = company._sales_today() - relativedelta(months=MONTHS)
        due = self._read_cases(self._paid_statement(company, since))
        firm = self._read_cases(self._collected_statement(company, since))
        delays_due, common_due = usual_delays(due, MINIMUM)
        delays_firm, common_firm = usual_delays(firm, MINIMUM)
        rows = [(None, common_due, _count(due), common_firm, _count(firm))]
        for partner_id in sorted(due.keys() | firm.keys()):
            after_due = delays_due.get(partner_id)
            after_firm = delays_firm.get(partner_id)
            rows.append(
                (
                    partner_id,
                    after_due.days if after_due else common_due,
                    after_due.cases if after_due else 0,
                    after_firm.days if after_firm else common_firm,
                    after_firm.cases if after_firm else 0,
                )
            )
        self._replace(company, rows)

    @api.model
    def _read_cases(self, statement):
        """:return: ``{customer id: {days: how many}}``"""
        cases = defaultdict(Counter)
        for partner_id, days, number in self.env.execute_query(statement):
            cases[partner_id][days] += number
        return cases

    @api.model
    def _paid_statement(self, company, since):
        """Days from due date to last payment of what was paid in full with money."""
        for model, names in {
            "account.move": ("state", "move_type", "commercial_partner_id"),
            "account.move.line": ("date_maturity", "display_type", "reconciled"),
            "account.partial.reconcile": ("max_date",),
        }.items():
            self.env[model].flush_model(names)
        return SQL(
            """
            SELECT m.commercial_partner_id, paid.day - l.date_maturity, COUNT(*)
              FROM account_move_line l
              JOIN account_move m ON m.id = l.move_id
              JOIN LATERAL (
                  SELECT MAX(p.max_date) AS day
                    FROM account_partial_reconcile p
                    JOIN account_move_line c ON c.id = p.credit_move_id
                    JOIN account_journal j ON j.id = c.journal_id
                   WHERE p.debit_move_id = l.id AND j.type IN ('bank', 'cash', 'credit')
              ) paid ON paid.day >= %(since)s
             WHERE l.company_id = %(company)s AND l.display_type = 'payment_term'
               AND l.reconciled AND l.date_maturity >= %(since)s - 366
               AND m.state = 'posted' AND m.move_type IN %(types)s
               AND m.commercial_partner_id IS NOT NULL
             GROUP BY 1, 2
            """,
            since=since,
            company=company.id,
            types=tuple(kind for kind in MOVE_TYPES if kind != "out_refund"),
        )

    @api.model
    def _collected_statement(self, company, since):
        """Days between firm date and last payment of instalments that are settled."""
        self.env["sales.plan.line"].flush_model(
            ("company_id", "partner_id", "date_firm", "date_collected")
        )
        return SQL(
            """
            SELECT partner_id, date_collected - date_firm, COUNT(*)
              FROM sales_plan_line
             WHERE company_id = %s AND date_collected >= %s AND date_firm IS NOT NULL
               AND partner_id IS NOT NULL
             GROUP BY 1, 2
            """,
            company.id,
            since,
        )

    @api.model
    def _replace(self, company, rows):
        """Write the rows of a company in one go; what has not changed stays."""
        columns = list(zip(*rows, strict=True))
        self.env.cr.execute(
            SQL(
                """
                WITH new AS (
                    SELECT * FROM UNNEST(%(partners)s::int[], %(due)s::int[],
                        %(due_cases)s::int[], %(firm)s::int[], %(firm_cases)s::int[])
                        AS t(partner_id, due, due_cases, firm, firm_cases)
                ), gone AS (
                    DELETE FROM sales_payment_delay d
                     WHERE company_id = %(company)s AND NOT EXISTS (
                        SELECT 1 FROM new WHERE new.partner_id IS NOT DISTINCT FROM
                               d.partner_id)
                )
                INSERT INTO sales_payment_delay AS old (company_id, partner_id,
                       days_after_due, cases_after_due, days_after_firm,
                       cases_after_firm, create_date, create_uid, write_date, write_uid)
                SELECT %(company)s, partner_id, due, due_cases, firm, firm_cases,
                       %(now)s, %(user)s, %(now)s, %(user)s
                  FROM new
                    ON CONFLICT (company_id, COALESCE(partner_id, 0)) DO UPDATE
                   SET days_after_due = EXCLUDED.days_after_due,
                       cases_after_due = EXCLUDED.cases_after_due,
                       days_after_firm = EXCLUDED.days_after_firm,
                       cases_after_firm = EXCLUDED.cases_after_firm,
                       write_date = EXCLUDED.write_date
                 WHERE (old.days_after_due, old.cases_after_due, old.days_after_firm,
                        old.cases_after_firm)
                       IS DISTINCT FROM
                       (EXCLUDED.days_after_due, EXCLUDED.cases_after_due,
                        EXCLUDED.days_after_firm, EXCLUDED.cases_after_firm)
                """,
                partners=list(columns[0]),
                due=list(columns[1]),
                due_cases=list(columns[2]),
                firm=list(columns[3]),
                firm_cases=list(columns[4]),
                company=company.id,
                now=fields.Datetime.now(),
                user=self.env.uid,
            )
        )
        self.env.invalidate_all(flush=False)


def _count(cases):
    return sum(sum(counts.values()) for counts in cases.values())
