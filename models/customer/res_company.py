import logging

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import format_date

from ...engine.customer_class import Customer, judge
from .customer_class_sql import customer_rows, store_rows
from .res_partner import CLASSES, JUDGED

_logger = logging.getLogger(__name__)

RETRIES = 5
SETTINGS = {"sales_class_months", "sales_class_share_a", "sales_class_share_ab"}


class ResCompany(models.Model):
    """A company judges its customers, every night."""

    _inherit = "res.company"

    sales_class_months = fields.Integer(
        string="Months Customers Are Judged By",
        default=12,
        help="How many months of customer invoices count, until today.",
    )
    sales_class_share_a = fields.Float(
        string="Share of A Customers",
        default=80.0,
        digits=(5, 2),
        help="Percent of the revenue that the largest customers, class A, bring "
        "together.",
    )
    sales_class_share_ab = fields.Float(
        string="Share of A and B Customers",
        default=95.0,
        digits=(5, 2),
        help="Percent of the revenue that the customers of class A and B bring "
        "together. All others are class C.",
    )
    sales_class_date = fields.Datetime(string="Customers Judged on", readonly=True)
    sales_class_error = fields.Char(
        string="Why Customers Were Not Judged", readonly=True
    )
    sales_class_pending = fields.Boolean(
        string="Customers Wait for Being Judged", readonly=True
    )

    # === CONSTRAINT METHODS === #

    @api.constrains("sales_class_months")
    def _check_sales_class_months(self):
        for company in self:
            if not 1 <= company.sales_class_months <= 120:
                raise ValidationError(
                    self.env._(
                        "Customers cannot be judged by %s months. Enter a number from "
                        "1 to 120.",
                        company.sales_class_months,
                    )
                )

    @api.constrains("sales_class_share_a", "sales_class_share_ab")
    def _check_sales_class_shares(self):
        for company in self:
            share_a, share_ab = (
                company.sales_class_share_a,
                company.sales_class_share_ab,
            )
            if not 0 < share_a < share_ab <= 100:
                raise ValidationError(
                    self.env._(
                        "Class A ends at %(a)s %% of the revenue and class B at "
                        "%(b)s %%. Enter a share above 0 for A, a larger one for A and "
                        "B together, and at most 100.",
                        a=f"{share_a:g}",
                        b=f"{share_ab:g}",
                    )
                )

    # === CRUD METHODS === #

    def _sales_after_write(self, vals, before):
        result = super()._sales_after_write(vals, before)
        if SETTINGS & vals.keys():
            self._sales_judge_soon()
        return result

    def _sales_judge_soon(self):
        """What the classes say has changed: judge again in the background."""
        self.sales_class_pending = True
        cron = self.env.ref("sales_process.customer_class_cron", False)
        if cron:
            cron.sudo()._trigger()  # who may change the settings sets off the job

    # === JUDGING === #

    @api.model
    def _cron_judge_customers(self):
        """Judge the customers of all companies, or go on where the last run stopped."""
        cron = self.env["ir.cron"]
        companies = self._sales_judge_queue()
        cron._commit_progress(remaining=len(companies))
        for company in companies:
            company._sales_judge_or_report()
            if not cron._commit_progress(1):
                return

    @api.model
    def _sales_judge_queue(self):
        """Companies a run left behind, else all of them."""
        companies = self.search([("sales_class_pending", "=", True)])
        if not companies:
            companies = self.search([("active", "=", True)])
            companies.sales_class_pending = True
        return companies

    def _sales_judge_or_report(self):
        """Judge; what goes wrong stands in the settings and stops no other company."""
        self.ensure_one()
        error = False
        for _attempt in range(RETRIES):
            try:
                self._sales_judge_customers()
                error = False
                break
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY as failure:
                self.env.cr.rollback()  # somebody changed a customer: once more
                error = failure
            except Exception as failure:  # noqa: BLE001 - told in the settings
                self.env.cr.rollback()
                error = failure
                break
        if error:
            _logger.error("Customers of company %s not judged", self.id, exc_info=error)
            self.sales_class_error = str(error).strip() or type(error).__name__
        self.sales_class_pending = False

    def _sales_judge_customers(self):
        """Judge all customers of this company by its invoices until today.

        Three statements, whatever their number; only customers whose class, scores or
        revenue changed are written, past the ORM: they were not edited.

        :return: ``{class: number of customers}``
        """
        self.ensure_one()
        today = self._sales_today()
        first = today - relativedelta(months=self.sales_class_months, days=-1)
        self.env["account.move"].flush_model()
        partners = self.env["res.partner"]
        partners.flush_model()
        rows = self.env.execute_query_dict(customer_rows(self, first, today))
        judged = list(self._sales_judged_rows(rows, today))
        self.env.execute_query(store_rows(self, today, judged))
        partners.invalidate_model([*JUDGED, *JUDGED.values()], flush=False)
        self.write(
            {"sales_class_date": fields.Datetime.now(), "sales_class_error": False}
        )
        classes = [row[1] for row in judged]
        return {key: classes.count(key) for key, _label in CLASSES}

    def _sales_judged_rows(self, rows, today):
        """What :func:`.customer_class_sql.store_rows` writes.

        Former customers have no scores: beside those who buy they would all share the
        last place, and push everybody else up.
        """
        customers = []
        for row in rows:
            if row["invoices"]:
                days = (today - row["last_day"]).days
                customers.append(
                    Customer(row["key"], row["revenue"], row["invoices"], days)
                )
            else:
                yield row["key"], "former", None, None, None, None
        judgements = judge(
            customers, self.sales_class_share_a, self.sales_class_share_ab
        )
        for customer, found in zip(customers, judgements, strict=True):
            yield (
                customer.key,
                found.customer_class,
                customer.revenue,
                found.recency,
                found.frequency,
                found.monetary,
            )

    # === TELLING === #

    def _sales_class_note(self, customer_class, customer):
        """Why a customer is in a class, and when that was found out.

        :param str customer_class: a key of ``CLASSES``; anything else gives nothing
        :param customer: ``res.partner`` it is said of
        """
        company = self.sudo()  # how a company judges is no secret
        share_a, share_ab = company.sales_class_share_a, company.sales_class_share_ab
        values = {
            "customer": customer.name or "",
            "months": company.sales_class_months,
            "first": f"{share_a:g}",
            "next": f"{round(share_ab - share_a, 2):g}",
            "both": f"{share_ab:g}",
        }
        note = {
            "a": lambda: self.env._(
                "%(customer)s belongs to the customers who bring the first %(first)s "
                "%% of the revenue of %(months)s months.",
                **values,
            ),
            "b": lambda: self.env._(
                "%(customer)s belongs to the customers who bring the next %(next)s "
                "%% of the revenue of %(months)s months.",
                **values,
            ),
            "c": lambda: self.env._(
                "%(customer)s bought within %(months)s months, beyond the customers "
                "who bring the first %(both)s %% of the revenue.",
                **values,
            ),
            "former": lambda: self.env._(
                "%(customer)s bought before, but not within %(months)s months.",
                **values,
            ),
        }.get(customer_class)
        if not note or not company.sales_class_date:
            return False
        day = fields.Datetime.context_timestamp(self, company.sales_class_date)
        return self.env._(
            "%(note)s Judged on %(day)s.", note=note(), day=format_date(self.env, day)
        )
