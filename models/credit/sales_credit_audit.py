import logging

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# Documents looked at between two commits.
BATCH = 2000
# The table of each model, and which of its rows could be worth something.
DOCUMENTS = {
    "sale.order": ("sale_order", SQL("state = 'sale'"), SQL("date_order")),
    "res.partner": (
        "res_partner",
        SQL(
            """id IN (SELECT p.commercial_partner_id FROM sale_order o
                        JOIN res_partner p ON p.id = o.partner_id
                       WHERE o.state = 'sale')"""
        ),
        SQL("create_date"),
    ),
    "account.move": (
        "account_move",
        SQL(
            "state = 'posted'"
            " AND move_type IN ('out_invoice', 'out_refund', 'out_receipt')"
        ),
        SQL("COALESCE(invoice_date, date)"),
    ),
    "crm.lead": ("crm_lead", SQL("type = 'opportunity'"), SQL("create_date")),
    "sales.evidence": (
        "sales_evidence",
        SQL("state = 'verified'"),
        SQL("COALESCE(date_verified, date_submitted)"),
    ),
    "mail.activity": (
        "mail_activity",
        SQL(
            "active IS FALSE AND res_model IN ('crm.lead', 'sale.order', 'res.partner')"
        ),
        SQL("date_done"),
    ),
}


class SalesCreditAudit(models.Model):
    """A run over documents that proves the ledger, and corrects it where it is wrong.

    It is the same work as crediting: the difference between what documents are worth
    and what the ledger holds. On installation it credits the past. It goes on where it
    was stopped, and says how far it is.
    """

    _name = "sales.credit.audit"
    _description = "Audit of Credits"
    _order = "id desc"

    name = fields.Char(compute="_compute_name")
    kind = fields.Selection(
        selection=[
            ("backfill", "Past Credited"),
            ("nightly", "Nightly Audit"),
            ("manual", "Rebuilt by Hand"),
        ],
        required=True,
        readonly=True,
    )
    state = fields.Selection(
        selection=[("running", "Running"), ("done", "Done"), ("failed", "Stopped")],
        required=True,
        default="running",
        readonly=True,
    )
    date_from = fields.Date(
        string="Documents from", readonly=True, help="Empty: from the beginning."
    )
    date_to = fields.Date(string="Documents until", readonly=True)
    date_start = fields.Datetime(
        string="Started", default=fields.Datetime.now, readonly=True
    )
    date_end = fields.Datetime(string="Finished", readonly=True)
    position = fields.Json(readonly=True, help="Which model, and after which document.")
    documents = fields.Integer(string="Documents Looked at", readonly=True)
    total = fields.Integer(string="Documents to Look at", readonly=True)
    progress = fields.Float(compute="_compute_progress", help="Percent, 0–100.")
    corrections = fields.Integer(
        readonly=True, help="Rows added because the ledger did not say what it should."
    )
    sums_mended = fields.Integer(
        string="Sums Corrected",
        readonly=True,
        help="Months whose sums were not those of the ledger.",
    )
    error = fields.Text(readonly=True)
    credit_ids = fields.One2many(
        comodel_name="sales.credit",
        inverse_name="audit_id",
        string="What It Added",
        readonly=True,
    )

    @api.depends("kind", "date_start")
    @api.depends_context("lang", "tz")
    def _compute_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for audit in self:
            start = fields.Datetime.context_timestamp(audit, audit.date_start)
            audit.name = f"{kinds[audit.kind]} {start:%Y-%m-%d %H:%M}"

    @api.depends("documents", "total", "state")
    def _compute_progress(self):
        for audit in self:
            share = 100 * audit.documents / audit.total if audit.total else 0
            audit.progress = 100 if audit.state == "done" else min(share, 100)

    # === RUNNING === #

    @api.model
    def _start(self, kind, date_from=None, date_to=None):
        """Begin a run in the background.

        :return: the run
        :raise UserError: while another one runs
        """
        if self.search_count([("state", "=", "running")], limit=1):
            raise UserError(
                self.env._("An audit is running already. Wait until it is done.")
            )
        if date_from and date_to and date_from > date_to:
            raise UserError(self.env._("The range ends before it begins."))
        audit = self.create({"kind": kind, "date_from": date_from, "date_to": date_to})
        audit.total = sum(
            audit._count(model) for model in (*DOCUMENTS, *audit._own_models())
        )
        metrics = self.env["sales.metric"].sudo()  # whoever defined them
        broken = filter(None, (metric._error() for metric in metrics.search([])))
        audit.error = "\n".join(broken) or False
        cron = self.env.ref("sales_process.ir_cron_credit_audit")
        cron.sudo()._trigger()  # whoever may start it need not administer jobs
        return audit

    @api.model
    def _cron_audit(self):
        """Go on with the run there is; start the nightly one where there is none."""
        audit = self.search([("state", "=", "running")], limit=1)
        if not audit:
            last = self.search([("kind", "=", "nightly")], limit=1)
            if last and last.date_start.date() >= fields.Date.today():
                return
            audit = self._start("nightly")
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=max(audit.total - audit.documents, 1))
        while audit.state == "running":
            done = audit._step_or_stop()
            if not cron._commit_progress(done):
                return

    def _step_or_stop(self):
        """Like :meth:`_step`; what goes wrong is written on the run.

        :return: how many documents were looked at
        """
        try:
            with self.env.cr.savepoint():
                return self._step()
        except OperationalError:
            raise  # somebody else was faster: the job is tried again
        except Exception as error:  # whatever a document may hold
            _logger.exception("The audit of credits stopped.")
            now = fields.Datetime.now()
            self.write({"state": "failed", "date_end": now, "error": str(error)})
            return 0

    def _run(self):
        """Do all of it at once, in this transaction."""
        while self.state == "running":
            self._step()
        return self

    def _step(self):
        """Look at the next documents.

        :return: how many they were
        """
        self.ensure_one()
        self.env["sales.credit"]._write_pending()  # what is on its way is no mistake
        models = [*DOCUMENTS, *self._own_models()]
        position = self.position or {"model": models[0], "after": 0}
        ids = self._next(position["model"], position["after"])
        if ids:
            self.corrections += self._look_at(position["model"], ids)
            self.documents += len(ids)
            self.position = {**position, "after": ids[-1]}
            return len(ids)
        place = models.index(position["model"]) + 1
        if place < len(models):
            self.position = {"model": models[place], "after": 0}
        else:
            self._finish()
        return 0

    def _look_at(self, model, ids):
        reason = "backfill" if self.kind == "backfill" else "audit"
        credits = self.env["sales.credit"]
        return credits._settle_documents(model, ids, reason=reason, audit=self)

    def _finish(self):
        """Prove the sums, too, and say so."""
        sums = self.env["sales.credit.sum"]
        sums._merge()
        wrong = {(metric_id, month) for metric_id, month, *_rest in sums._differences()}
        sums._rebuild(wrong)
        self.write(
            {
                "state": "done",
                "date_end": fields.Datetime.now(),
                "sums_mended": len(wrong),
            }
        )
        _logger.info(
            "Credits: %s documents looked at, %s corrections, %s sums corrected.",
            self.documents,
            self.corrections,
            len(wrong),
        )

    # === DOCUMENTS === #

    @api.model
    def _own_models(self):
        """Further models, of the metrics that the company defined itself."""
        metrics = self.env["sales.metric"].sudo()  # all that are counted
        own = metrics.search([("is_system", "=", False)])
        return sorted(set(own.mapped("model_name")) - DOCUMENTS.keys())

    def _next(self, model, after):
        """Ids of documents that are worth something or have credit already."""
        return [
            document_id
            for (document_id,) in self.env.execute_query(
                SQL(
                    "SELECT id FROM (%s) x ORDER BY id LIMIT %s",
                    self._find_documents(
                        model, after, SQL("ORDER BY 1 LIMIT %s", BATCH)
                    ),
                    BATCH,
                )
            )
        ]

    def _count(self, model):
        [(number,)] = self.env.execute_query(
            SQL("SELECT COUNT(*) FROM (%s) x", self._find_documents(model, 0, SQL()))
        )
        return number

    def _find_documents(self, model, after, some):
        """Documents in the order of their ids.

        :param SQL some: how many of each kind; an index gives them, however many follow
        """
        table, condition, day = DOCUMENTS.get(
            model, (self.env[model]._table, SQL("TRUE"), SQL("create_date"))
        )
        self.env.flush_all()
        credited = self.env["sales.credit"]._metrics_of(model)
        if not all(credited.mapped("is_system")):
            condition = SQL("TRUE")  # definitions of one's own look at all of them
        found = SQL(
            "(SELECT id FROM %s WHERE id > %s AND (%s) AND %s %s)",
            SQL.identifier(table),
            after,
            condition,
            self._range(day),
            some,
        )
        held = [
            SQL(
                """(SELECT DISTINCT source_id FROM sales_credit
                     WHERE metric_id = %s AND source_id > %s AND %s %s)""",
                metric.id,
                after,
                self._range(SQL("date")),
                some,
            )
            for metric in credited
        ]
        return SQL(" UNION ").join([found, *held])

    def _range(self, day):
        """Documents of the days of this run."""
        low = SQL("%s >= %s", day, self.date_from) if self.date_from else SQL("TRUE")
        high = (
            SQL("%s < %s::date + 1", day, self.date_to) if self.date_to else SQL("TRUE")
        )
        return SQL("(%s AND %s)", low, high)

    # === ACTIONS === #

    def action_view_corrections(self):
        """Open the rows this run added."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_credit_action"
        )
        return {**action, "domain": [("audit_id", "=", self.id)], "context": {}}
