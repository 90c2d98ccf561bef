from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, sql

from ..process.sales_process_stage import FORECAST_CATEGORIES
from .backfill_sql import unfold
from .history_sql import adopt, create_function, derive, record

# Have the database hold the chain: no gap, and with the rest, no overlap. Every row
# but the last leads to exactly one other row of its deal, and there is only one last
# row. The ORM knows single references only and would drop one that starts with
# ``lead_id``; hence a column of its own, which follows ``lead_id``.
CHAIN = """
    ALTER TABLE sales_pipeline_history
      ADD COLUMN chain int4 GENERATED ALWAYS AS (lead_id) STORED;
    ALTER TABLE sales_pipeline_history
      ADD CONSTRAINT sales_pipeline_history_chain_start UNIQUE (chain, date_from),
      ADD CONSTRAINT sales_pipeline_history_chain FOREIGN KEY (chain, date_to)
      REFERENCES sales_pipeline_history (chain, date_from)
      DEFERRABLE INITIALLY DEFERRED
"""
# Without it PostgreSQL expects a group per row in the funnel, and counts on one core.
STATISTICS = """
    CREATE STATISTICS IF NOT EXISTS sales_pipeline_history_stays (ndistinct)
        ON sales_process_id, stage_id, next_stage_id, next_status, company_id,
           (dwell / 3600)
      FROM sales_pipeline_history;
    CREATE STATISTICS IF NOT EXISTS sales_pipeline_history_present (ndistinct)
        ON stages_seen, status, company_id FROM sales_pipeline_history
"""
# Deals waiting for their history within a transaction.
PENDING = "sales_pipeline_history"


class SalesPipelineHistory(models.Model):
    """How every deal looked at every moment.

    One row per deal and interval ``[date_from, date_to)`` in which nothing remembered
    changed; ``date_to`` is empty on the row that holds now. Written in the transaction
    that changes the deal, once per transaction, whatever the channel. Nobody has the
    right to write or delete rows.
    """

    _name = "sales.pipeline.history"
    _description = "Pipeline History"
    _order = "date_from desc, id desc"
    _rec_name = "lead_id"
    # Rows are never edited, and reports read millions of them: keep them narrow.
    _log_access = False

    lead_id = fields.Many2one(
        comodel_name="crm.lead", string="Deal", readonly=True, ondelete="set null"
    )
    lead_ref = fields.Integer(
        string="Number of the Deal",
        readonly=True,
        aggregator=None,
        help="Keeps the rows of a deleted deal together.",
    )
    date_from = fields.Datetime(string="From", required=True, readonly=True)
    date_to = fields.Datetime(string="Until", readonly=True)
    stage_id = fields.Many2one(
        comodel_name="crm.stage", readonly=True, ondelete="restrict"
    )
    sales_process_id = fields.Many2one(
        comodel_name="sales.process", readonly=True, ondelete="restrict"
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Salesperson", readonly=True
    )
    team_id = fields.Many2one(
        comodel_name="crm.team", string="Sales Team", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(
        comodel_name="res.currency", compute="_compute_currency_id"
    )
    expected_revenue = fields.Monetary(readonly=True)
    probability = fields.Float(readonly=True, aggregator="avg", help="Percent, 0–100.")
    date_deadline = fields.Date(string="Expected Closing", readonly=True)
    forecast_category = fields.Selection(selection=FORECAST_CATEGORIES, readonly=True)
    status = fields.Selection(
        selection=[("open", "Open"), ("won", "Won"), ("lost", "Lost")],
        required=True,
        readonly=True,
    )
    origin = fields.Selection(
        selection=[
            ("live", "Recorded"),
            ("import", "Imported"),
            ("backfill", "Rebuilt"),
        ],
        required=True,
        default="live",
        readonly=True,
        help="Recorded as it happened, taken from an imported file, or rebuilt from "
        "what Odoo kept before this addon was installed.",
    )
    stage_since = fields.Datetime(string="In Stage since", required=True, readonly=True)
    next_stage_id = fields.Many2one(
        comodel_name="crm.stage",
        string="Went to",
        readonly=True,
        ondelete="restrict",
        help="On the last row of a stay in a stage: where the deal went.",
    )
    next_status = fields.Selection(
        selection=[("open", "Open"), ("won", "Won"), ("lost", "Lost")], readonly=True
    )
    dwell = fields.Integer(
        string="Stay (seconds)",
        readonly=True,
        aggregator="avg",
        help="On the last row of a stay in a stage: how long it was.",
    )
    process_since = fields.Datetime(
        string="In Process since",
        readonly=True,
        help="When the deal was first open in this process, in any version of it.",
    )

    _order_of_dates = models.Constraint(
        "CHECK (date_to > date_from)", "A row of the history ends after it begins."
    )
    _end_uniq = models.Constraint(
        "UNIQUE (lead_id, date_to)", "The history of a deal cannot join."
    )
    _open_uniq = models.UniqueIndex(
        "(lead_id) WHERE date_to IS NULL", "A deal has one present."
    )
    # A rep's own view must not read everybody's rows.
    _user_idx = models.Index("(user_id, date_deadline)")
    # The funnel reads the stays of a process, and the present of its deals, from the
    # index alone.
    _stay_idx = models.Index(
        "(sales_process_id, process_since)"
        " INCLUDE (stage_id, next_stage_id, next_status, company_id, dwell,"
        " stage_since, date_to, user_id, team_id, expected_revenue)"
        " WHERE status = 'open' AND lead_id IS NOT NULL"
        " AND (next_status IS NOT NULL OR date_to IS NULL)"
    )
    _present_idx = models.Index(
        "(sales_process_id, process_since)"
        " INCLUDE (status, company_id, stage_since, user_id, team_id, expected_revenue,"
        " stages_seen) WHERE date_to IS NULL AND process_since IS NOT NULL"
    )
    # What began or ended in a range. (A smaller index of blocks would lead PostgreSQL
    # to read the blocks of a person's few rows as a whole.)
    _date_from_idx = models.Index("(date_from)")
    _date_to_idx = models.Index("(date_to) WHERE date_to IS NOT NULL")

    def _add_sql_constraints(self):
        # The ORM knows no lists of numbers; the index below wants the column.
        if not sql.column_exists(self.env.cr, self._table, "stages_seen"):
            self.env.cr.execute(
                SQL("ALTER TABLE sales_pipeline_history ADD COLUMN stages_seen int4[]")
            )
        return super()._add_sql_constraints()

    def init(self):
        cr = self.env.cr
        if not sql.column_exists(cr, self._table, "chain"):
            cr.execute(SQL(CHAIN))
        cr.execute(SQL(STATISTICS))
        create_function(cr)

    # === COMPUTE METHODS === #

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for row in self:
            company = row.company_id or self.env.company
            row.currency_id = company.currency_id

    # === READING === #

    @api.model
    def _search(self, domain, *args, **kwargs):
        self.env["crm.lead"].flush_model()
        self._write_pending()
        return super()._search(domain, *args, **kwargs)

    @api.model
    def _prepare_reading(self):
        """Have PostgreSQL read large parts of the history fast, in this transaction.

        Compiling statements of their size takes longer than running them, and with the
        memory it grants by default it would sort on disk what fits into a hash table.
        """
        self.env.cr.execute(SQL("SET LOCAL jit = off; SET LOCAL work_mem = '64MB'"))

    @api.model
    def _as_of(self, moment, domain=()):
        """The rows that held at ``moment``, one per deal there was.

        :param datetime moment: naive UTC, exact to the second
        :param domain: narrows the rows, by any of their fields
        :rtype: sales.pipeline.history recordset
        """
        return self.search(self._as_of_domain(moment) & Domain(domain))

    @api.model
    def _as_of_domain(self, moment):
        moment = fields.Datetime.to_datetime(moment)
        return Domain("date_from", "<=", moment) & (
            Domain("date_to", "=", False) | Domain("date_to", ">", moment)
        )

    # === WRITING === #

    @api.model
    def _note(self, lead_ids):
        """Remember that these deals changed; their rows are written before commit."""
        precommit = self.env.cr.precommit
        if PENDING not in precommit.data:
            precommit.data[PENDING] = set()
            precommit.add(self._write_pending)
        precommit.data[PENDING].update(lead_ids)

    @api.model
    def _write_pending(self):
        """Write the rows of all deals that changed so far in this transaction."""
        lead_ids = self.env.cr.precommit.data.pop(PENDING, None)
        if lead_ids:
            self._record(SQL("l.id = ANY (%s)", list(lead_ids)))

    @api.model
    def _record(self, where, origin="live", moment=None):
        """Bring the history of the deals in ``where`` up to how they look now.

        :param SQL where: condition on ``crm_lead`` as ``l``
        :param datetime moment: when the change happened, naive UTC; now by default
        :return: ids of the deals whose history has changed
        """
        self.env["crm.lead"].flush_model()
        self.env["sales.process"].flush_model(["family_id"])
        moment = moment or datetime.utcnow()
        rows = self.env.execute_query(record(where, moment, origin))
        if rows:
            self.invalidate_model(flush=False)
        return [lead_id for (lead_id,) in rows]

    @api.model
    def _end(self, lead_ids):
        """End the history of deals that are being deleted; their rows stay, unnamed."""
        self._write_pending()
        self.env.execute_query(
            SQL(
                """
                UPDATE sales_pipeline_history
                   SET lead_id = NULL, lead_ref = lead_id,
                       date_to = COALESCE(date_to, GREATEST(%s, date_from + %s))
                 WHERE lead_id = ANY (%s)
                RETURNING id
                """,
                datetime.utcnow(),
                timedelta(microseconds=1),
                list(lead_ids),
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _forget_pending(self, lead_ids):
        """Write nothing for these deals: somebody else has just written their history.

        What changes after this call is noted again.
        """
        pending = self.env.cr.precommit.data.get(PENDING)
        if pending:
            pending.difference_update(lead_ids)

    @api.model
    def _unfold(self, steps):
        """Write the history of deals whose past somebody knows, e.g. from a file.

        :param list steps: (lead id, moment, stage id or None, status), one per deal and
            moment, naive UTC; the last step of a deal stands for how it looks now
        """
        if not steps:
            return
        self.env["crm.lead"].flush_model()
        self.env.execute_query(unfold(steps))
        lead_ids = {step[0] for step in steps}
        self._complete_past(lead_ids)
        self._forget_pending(lead_ids)
        self.invalidate_model(flush=False)

    @api.model
    def _complete_past(self, lead_ids):
        """Have a past that was written afterwards count in the process of its deal.

        Without it, the funnel of a process would know nothing of the years before it.
        Rows in stages that the process does not have stay outside.
        """
        lead_ids = list(lead_ids)
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT sales_process_id, ARRAY_AGG(id) FROM crm_lead
                 WHERE id = ANY (%s) AND sales_process_id IS NOT NULL GROUP BY 1
                """,
                lead_ids,
            )
        )
        processes = self.env["sales.process"].sudo()  # plain configuration
        for process_id, ids in rows:
            stages = processes.browse(process_id).stage_ids.stage_id
            self.env.execute_query(adopt(process_id, stages.ids, ids))
        self.env.execute_query(derive(lead_ids))
        self.invalidate_model(flush=False)

    @api.model
    def _analyze(self):
        """Tell the planner what the table holds now, after many rows at once.

        Until PostgreSQL gets round to it by itself, reports would be planned for an
        empty table. Runs in the transaction, and locks out neither readers nor writers.
        """
        self._write_pending()
        self.env.cr.execute(SQL("ANALYZE %s", SQL.identifier(self._table)))

    @api.model
    def _cron_reconcile(self, batch=20000):
        """Pick up what changed behind the ORM, e.g. by the predictive scoring job.

        What was mended is reported; a run that time or a crash ends is taken up again.
        """
        cron = self.env["ir.cron"]
        job = self.env["sales.pipeline.backfill"]._reconcile_job()
        # One more for closing the job: a job with nothing left is not called again.
        cron._commit_progress(remaining=job.stop_id - job.last_id + 1)
        while job._reconcile_step(batch):
            if not cron._commit_progress(min(batch, job.stop_id)):
                return
        job._reconcile_finish()
        cron._commit_progress(remaining=0)
