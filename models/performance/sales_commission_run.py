import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...engine.periods import next_of, start_of
from ..base.guards import refuse_protected
from .sales_commission_statement_state import ACCOUNTANT, DIRECTOR
from .sales_commission_statement_work import BATCH

_logger = logging.getLogger(__name__)
# Only the job writes these.
RECORDED = {"state", "total_count", "done_count", "error"}
# Where the background job stands, which works for all whoever set it off.
CRON = "sales_process.performance_commission_cron"


class SalesCommissionRun(models.Model):
    """Works out the statements of everybody for a period, in the background.

    It goes on where it was stopped. Every night one run per company brings everything
    in progress up to date.
    """

    _name = "sales.commission.run"
    _inherit = "sales.batch.job"
    _description = "Computation of Commission Statements"
    _order = "id desc"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    date_from = fields.Date(
        string="From", required=True, default=lambda self: self._default_period()[0]
    )
    date_last = fields.Date(
        string="Until",
        required=True,
        default=lambda self: fields.Date.subtract(self._default_period()[1], days=1),
        help="The last day.",
    )
    state = fields.Selection(
        selection=[
            ("new", "New"),
            ("running", "Running"),
            ("done", "Done"),
            ("failed", "Failed"),
        ],
        required=True,
        readonly=True,
        default="new",
    )
    total_count = fields.Integer(string="People")
    done_count = fields.Integer(string="Worked Out")

    # === COMPUTE METHODS === #

    @api.model
    def _default_period(self):
        """The period before the one it is: ``(first day, day after the last)``."""
        company = self.env.company
        return self._period_at(company, company._sales_today(), back=True)

    @api.model
    def _period_at(self, company, day, back=False):
        """The period of statements a day lies in, or the one before.

        :return: ``(first day, day after the last)``
        """
        kind, month = company.sales_commission_period, company._sales_fiscal_month()
        first = start_of(day, kind, month)
        if back:
            first = start_of(fields.Date.subtract(first, days=1), kind, month)
        return first, next_of(first, kind, month)

    @api.depends("date_from", "date_last")
    @api.depends_context("lang")
    def _compute_display_name(self):
        label = self.env["sales.target.plan"]._period_label
        for run in self:
            if run.date_from and run.date_last:
                after = fields.Date.add(run.date_last, days=1)
                run.display_name = label(run.date_from, after)
            else:
                run.display_name = self.env._("Compute Statements")

    @api.constrains("date_from", "date_last")
    def _check_dates(self):
        for run in self:
            if run.date_last < run.date_from:
                raise UserError(self.env._("The period ends after it begins."))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_protected(self, vals, RECORDED)
        return super().create(vals_list)

    def write(self, vals):
        refuse_protected(self, vals, RECORDED)
        return super().write(vals)

    # === BUTTONS === #

    def action_start(self):
        """Begin, in the background; the form shows how far it is.

        :raise AccessError: for anybody but accountants and directors
        """
        self.ensure_one()
        self._check_may_start()
        if self.state == "running":
            return True
        self._check_no_other_period()
        self._begin()
        cron = self.env.ref(CRON).sudo()  # the right is checked above
        cron._trigger()
        return True

    def _check_may_start(self):
        self.check_access("read")
        user = self.env.user
        if not (user.has_group(ACCOUNTANT) or user.has_group(DIRECTOR)):
            raise AccessError(
                self.env._("Accountants and directors compute statements. Ask one.")
            )

    def _check_no_other_period(self):
        """:raise UserError: where statements there are lie across the period"""
        after = fields.Date.add(self.date_last, days=1)
        statements = self.env["sales.commission.statement"].sudo()  # of everybody
        other = statements.search(
            [
                ("company_id", "=", self.company_id.id),
                ("date_from", "<", after),
                ("date_to", ">", self.date_from),
                "|",
                ("date_from", "!=", self.date_from),
                ("date_to", "!=", after),
            ],
            limit=1,
        )
        if other:
            raise UserError(
                self.env._(
                    "There are statements for other days already: %s. Periods of "
                    "statements follow each other; choose days that none has.",
                    other.display_name,
                )
            )

    def _begin(self):
        after = fields.Date.add(self.date_last, days=1)
        statements = self.env["sales.commission.statement"].sudo()  # to count all
        owners = statements._find_owners(self.company_id, self.date_from, after)
        self.sudo().write(  # recorded by the system
            {
                "state": "running",
                "total_count": len(owners),
                "done_count": 0,
                "error": False,
            }
        )

    def action_view_statements(self):
        """Open the statements of the period."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_commission_statement_action"
        )
        domain = [
            ("company_id", "=", self.company_id.id),
            ("date_from", "=", self.date_from),
        ]
        return {**action, "domain": domain, "context": {}}

    # === RUNNING === #

    @api.model
    def _cron_run(self):
        """Go on with runs there are; the job itself begins one per company each day."""
        cron = self.env["ir.cron"]
        runs = self.search([("state", "=", "running")], order="id")
        if not runs:
            runs = self._begin_daily()
        left = sum(run.total_count - run.done_count for run in runs)
        cron._commit_progress(remaining=left + len(runs))
        for run in runs:
            if not run._continue(cron._commit_progress):
                return

    @api.model
    def _begin_daily(self):
        """Runs of the current period, of companies where none was done today."""
        runs = self.browse()
        for company in self.env["res.company"].search([("active", "=", True)]):
            today = company._sales_today()
            last = self.search([("company_id", "=", company.id)], limit=1)
            if last and company._sales_day(last.create_date) >= today:
                continue
            if not self._is_needed(company):
                continue
            first, after = self._period_at(company, today)
            run = self.create(
                {
                    "company_id": company.id,
                    "date_from": first,
                    "date_last": fields.Date.subtract(after, days=1),
                }
            )
            run._begin()
            runs |= run
        return runs

    @api.model
    def _is_needed(self, company):
        """Whether a company pays by plans at all."""
        plans = self.env["sales.commission.plan"].sudo()  # whether there is any
        domain = [("company_id", "=", company.id), ("state", "!=", "draft")]
        return bool(plans.search_count(domain, limit=1))

    def _give_up(self, error):
        _logger.error("Statements could not be worked out", exc_info=error)
        left = self.total_count - self.done_count
        self.write({"state": "failed", "error": str(error) or type(error).__name__})
        return left + 1

    def _step(self):
        """Work out the next people; the last step closes the run.

        :return: number of steps that are done by it
        """
        after = fields.Date.add(self.date_last, days=1)
        statements = self.env["sales.commission.statement"]
        owners = statements._find_owners(self.company_id, self.date_from, after)
        some = owners[self.done_count : self.done_count + BATCH]
        if not some:
            self.state = "done"
            return 1
        statements._compute_statements(self.company_id, self.date_from, after, some)
        self.done_count += len(some)
        return len(some)
