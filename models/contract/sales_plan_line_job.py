import logging
from collections import defaultdict

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)

# So many are named in a report; the list it opens has all of them.
NAMED = 20


class SalesPlanLineJob(models.Model):
    """The daily job that invoices what is due, where a company wants it."""

    _inherit = "sales.plan.line"

    date_invoice_tried = fields.Date(
        string="Tried On",
        readonly=True,
        copy=False,
        help="The last day the daily job tried to invoice it and could not.",
    )

    @api.model
    def _engine_fields(self):
        return super()._engine_fields() | {"date_invoice_tried"}

    # === THE JOB === #

    @api.model
    def _cron_invoice_due(self):
        """Invoice all due instalments of the companies that switched it on.

        Every order is committed by itself. What cannot be invoiced keeps the reason, is
        tried again the next day, and does not stop the others.
        """
        cron = self.env["ir.cron"]
        companies = self.env["res.company"].search(
            [("sales_plan_invoicing", "!=", "manual")]
        )
        orders = self.search(self._due_domain(companies)).grouped("order_id")
        # One more for the reports: a job with nothing left is not called again.
        cron._commit_progress(remaining=len(orders) + 1)
        for order, lines in orders.items():
            lines._invoice_daily(order.company_id.sales_plan_invoicing == "post")
            if not cron._commit_progress(1):
                return
        self._report_failures(companies)
        cron._commit_progress(remaining=0)

    @api.model
    def _due_domain(self, companies):
        """What the job has to try today."""
        return Domain.OR(
            Domain("company_id", "=", company.id)
            & (
                Domain("date_invoice_tried", "=", False)
                | Domain("date_invoice_tried", "<", company._sales_today())
            )
            for company in companies
        ) & Domain(
            [
                ("state", "=", "due"),
                ("amount_draft", "=", 0),
                ("order_state", "=", "sale"),
            ]
        )

    def _invoice_daily(self, post):
        """Invoice the due instalments of one order; a failure is kept on them."""
        try:
            with self.env.cr.savepoint():
                results = self._invoice_each(post)
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # Somebody works on this order: it stays due and is found again.
            self.env.cr.rollback()
            return
        except Exception as error:  # noqa: BLE001 - one order must not stop the others
            _logger.exception("Instalments %s could not be invoiced", self.ids)
            text = str(error) or type(error).__name__
            results = [(line, None, text) for line in self]
            self.invoice_error = text
        failed = self.browse(line.id for line, _move, reason in results if reason)
        for company, lines in failed.grouped("company_id").items():
            lines.date_invoice_tried = company._sales_today()

    # === THE REPORT === #

    @api.model
    def _report_failures(self, companies):
        """Have each person responsible told once, of everything that failed.

        The activity of the day before is brought up to date; it is done once nothing
        fails any more.
        """
        activity_type = self.env.ref("sales_process.mail_activity_type_plan_invoicing")
        activities = self.env["mail.activity"]
        failed = self.search(
            [
                ("company_id", "in", companies.ids),
                ("invoice_error", "!=", False),
                ("date_invoice_tried", "!=", False),
            ]
        ).filtered("can_invoice")
        reports = defaultdict(self.browse)
        for line in failed:
            reports[line._find_responsible()] |= line
        pending = activities.search([("activity_type_id", "=", activity_type.id)])
        mine = {activity.user_id: activity for activity in pending}
        for user, lines in reports.items():
            vals = lines.with_context(lang=user.lang)._prepare_report(user)
            if user in mine:
                mine[user].write(vals)
            elif user:
                activities.create(
                    {**vals, "activity_type_id": activity_type.id, "automated": True}
                )
        solved = activities.union(
            *(activity for user, activity in mine.items() if user not in reports)
        )
        if solved:
            solved.action_feedback(feedback=self.env._("Everything is invoiced."))

    def _find_responsible(self):
        """Who has to see to it that this instalment is invoiced."""
        return (
            self.company_id.sales_plan_invoicing_user_id
            or self.contract_id.collector_id
            or self.user_id
        )

    def _prepare_report(self, user):
        items = Markup().join(
            Markup("<li>%s: %s</li>")
            % (line._get_html_link(title=f"{line.order_id.name}, {line.name}"), error)
            for line, error in ((line, line.invoice_error) for line in self[:NAMED])
        )
        note = Markup("<ul>%s</ul>") % items
        if len(self) > NAMED:
            note += Markup("<p>%s</p>") % self.env._(
                "And %(count)s more.", count=len(self) - NAMED
            )
        return {
            "user_id": user.id,
            "summary": self.env._(
                "Instalments that could not be invoiced: %(count)s", count=len(self)
            ),
            "note": note,
            "date_deadline": self.company_id[:1]._sales_today(),
        }
