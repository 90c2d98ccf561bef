import logging
from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL, format_date

from .backfill_sql import (
    CODES,
    COUNTS,
    MENDED,
    TRACKED,
    WORDS,
    eligible,
    mended,
    rebuild,
)

_logger = logging.getLogger(__name__)

BATCH = 2000
RETRIES = 5
# What the statements report, and the field that sums it up.
TOTALS = {
    name: {"deals": "rebuilt_count", "rows": "row_count"}.get(name, f"{name}_count")
    for name in COUNTS
}
MENDED_TOTALS = [f"{name}_count" for name in MENDED]


class SalesPipelineBackfill(models.Model):
    """A job that completed the pipeline history, and what it has to report.

    ``backfill`` rebuilds the past of the deals that were there before the addon, once,
    in the background. ``reconcile`` is a nightly check that found something to mend.
    Only the jobs themselves write these records.
    """

    _name = "sales.pipeline.backfill"
    _description = "Pipeline History Job"
    _order = "id desc"
    _rec_name = "kind"

    kind = fields.Selection(
        selection=[
            ("backfill", "Past rebuilt"),
            ("reconcile", "Nightly check"),
        ],
        required=True,
        readonly=True,
        default="backfill",
    )
    state = fields.Selection(
        selection=[
            ("waiting", "Waiting"),
            ("running", "Running"),
            ("done", "Done"),
            ("failed", "Failed"),
        ],
        required=True,
        readonly=True,
        default="waiting",
    )
    date_start = fields.Datetime(string="Started", readonly=True)
    date_end = fields.Datetime(string="Finished", readonly=True)
    date_installed = fields.Datetime(
        string="Recording Since",
        readonly=True,
        help="From this moment on, deals write their history themselves.",
    )
    installed_id = fields.Integer(
        readonly=True,
        help="Number of the last deal that was there before the recording began.",
    )
    stop_id = fields.Integer(
        readonly=True, help="Number of the last deal this job looks at."
    )
    last_id = fields.Integer(
        readonly=True, help="Number of the last deal this job has looked at."
    )
    total_count = fields.Integer(string="Deals", readonly=True)
    done_count = fields.Integer(string="Deals Done", readonly=True)
    failed_count = fields.Integer(string="Deals Failed", readonly=True)
    progress = fields.Integer(compute="_compute_progress", help="Percent, 0–100.")
    last_error = fields.Text(string="Error", readonly=True)

    date_first = fields.Datetime(
        string="Known From",
        readonly=True,
        help="The earliest moment any deal tells of.",
    )
    rebuilt_count = fields.Integer(
        string="Deals with a Past",
        readonly=True,
        help="Deals whose history was rebuilt, or mended.",
    )
    row_count = fields.Integer(string="Rows Written", readonly=True)
    # Deals with a gap in their past (backfill), or changed unnoticed (reconcile).
    stage_count = fields.Integer(string="Stage", readonly=True)
    amount_count = fields.Integer(string="Expected Revenue", readonly=True)
    owner_count = fields.Integer(string="Salesperson", readonly=True)
    team_count = fields.Integer(string="Sales Team", readonly=True)
    status_count = fields.Integer(string="Won or Lost", readonly=True)
    deadline_count = fields.Integer(string="Expected Closing", readonly=True)
    probability_count = fields.Integer(string="Probability", readonly=True)
    company_count = fields.Integer(string="Company", readonly=True)
    process_count = fields.Integer(string="Process", readonly=True)
    category_count = fields.Integer(string="Forecast Category", readonly=True)
    missing_count = fields.Integer(string="Without History", readonly=True)
    report = fields.Text(compute="_compute_report")

    # === COMPUTE METHODS === #

    @api.depends("state", "total_count", "done_count")
    def _compute_progress(self):
        for job in self:
            if job.state == "done" or not job.total_count:
                job.progress = 100 if job.state == "done" else 0
            else:
                job.progress = min(100 * job.done_count // job.total_count, 100)

    @api.depends(
        "kind", "state", "done_count", "failed_count", *TOTALS.values(), *MENDED_TOTALS
    )
    @api.depends_context("lang", "tz")
    def _compute_report(self):
        for job in self:
            if job.kind == "reconcile":
                job.report = "\n".join(job._report_mended())
            else:
                job.report = "\n".join(job._report_rebuilt())

    @api.depends("kind", "date_start", "create_date")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for job in self:
            day = format_date(self.env, job.date_start or job.create_date)
            job.display_name = f"{labels.get(job.kind, '')} {day}".strip()

    # === REPORT === #

    def _report_rebuilt(self):
        """What a rebuilding found out, sentence by sentence."""
        if self.state == "waiting":
            return [
                self.env._("The job starts within a minute and runs in the background.")
            ]
        lines = []
        if self.state == "running":
            lines.append(
                self.env._(
                    "%(done)s of %(total)s deals are done; you can go on working.",
                    done=self.done_count,
                    total=self.total_count,
                )
            )
        elif not self.total_count:
            return [self.env._("There were no deals before the recording began.")]
        if self.rebuilt_count:
            lines.append(
                self.env._(
                    "%(deals)s deals have a past again, told in %(rows)s rows. The"
                    " earliest begins on %(day)s.",
                    deals=self.rebuilt_count,
                    rows=self.row_count,
                    day=format_date(self.env, self.date_first),
                )
            )
        lines += self._report_gaps()
        if self.failed_count:
            lines.append(
                self.env._(
                    "%s deals could not be rebuilt because of an error. “Try Again”"
                    " goes over these only.",
                    self.failed_count,
                )
            )
        return lines

    def _report_gaps(self):
        """What Odoo did not keep, one sentence each; nothing where nothing is open."""
        sentences = {
            "stage_count": self.env._(
                "The stage was changed without a trace, or a stage of the past is gone"
            ),
            "amount_count": self.env._(
                "The expected revenue was changed without a trace"
            ),
            "owner_count": self.env._("The salesperson was changed without a trace"),
            "team_count": self.env._("The sales team was changed without a trace"),
            "status_count": self.env._("Nobody knows when it was won or lost"),
            "deadline_count": self.env._(
                "Odoo kept no earlier expected closing date: rows of the past have none"
            ),
            "probability_count": self.env._(
                "Odoo kept no earlier probability: rows of the past"
                " have one only once won or lost"
            ),
        }
        return [
            self.env._(
                "%(sentence)s: %(count)s deals.", sentence=sentence, count=self[name]
            )
            for name, sentence in sentences.items()
            if self[name]
        ]

    def _report_mended(self):
        """Which changes a nightly check found, one sentence each."""
        lines = [
            self.env._(
                "%s deals had been changed past Odoo’s own ways, for instance by a"
                " scheduled job or another program that writes to the database. Their"
                " history tells of it from this check on.",
                self.rebuilt_count,
            )
        ]
        if self.missing_count:
            lines.append(
                self.env._("Without any history: %s deals.", self.missing_count)
            )
        lines += [
            self._report_mended_field(name)
            for name in MENDED_TOTALS
            if name != "missing_count" and self[name]
        ]
        return lines

    def _report_mended_field(self, name):
        label = self._fields[name]._description_string(self.env)
        return self.env._("%(field)s: %(count)s deals.", field=label, count=self[name])

    # === ACTIONS === #

    def action_retry(self):
        """Go over the deals that are not rebuilt yet, in the background."""
        self.ensure_one()
        self._check_may_run()
        if self.kind != "backfill" or self.state != "failed":
            raise UserError(self.env._("Only a failed job can be tried again."))
        job = self.sudo()  # jobs are read only for people; the right is checked above
        job.write(
            {
                "state": "waiting",
                "last_id": 0,
                "failed_count": 0,
                "last_error": False,
                "date_end": False,
            }
        )
        job._trigger()

    @api.model
    def action_start(self):
        """Rebuild the past of deals that have none, if no job is at it already."""
        self._check_may_run()
        jobs = self.sudo()  # jobs are read only for people; the right is checked above
        if not jobs.search_count(
            [("kind", "=", "backfill"), ("state", "!=", "done")], limit=1
        ):
            jobs._start()

    def _check_may_run(self):
        if not self.env.user.has_groups(
            "sales_process.group_director,base.group_system"
        ):
            raise AccessError(
                self.env._("Only directors and administrators start this job.")
            )

    @api.model
    def _start(self, installed_id=0):
        """Create a job and have it run soon.

        :param int installed_id: last deal that was there before the installation
        """
        job = self.create(
            {"installed_id": installed_id, "date_installed": datetime.utcnow()}
        )
        job._trigger()
        return job

    @api.model
    def _trigger(self):
        cron = self.env.ref("sales_process.pipeline_backfill_cron", False)
        if cron:
            cron.sudo()._trigger()  # anybody allowed to start the job starts its cron

    # === RUNNING === #

    @api.model
    def _unfinished(self):
        return self.search(
            [("kind", "=", "backfill"), ("state", "in", ("waiting", "running"))],
            order="id",
        )

    @api.model
    def _cron_rebuild(self):
        """Go on with unfinished jobs batch by batch; called again until all is done."""
        jobs = self._unfinished()
        cron = self.env["ir.cron"]
        for job in jobs.filtered(lambda job: job.state == "waiting"):
            job._begin()
        left = sum(max(job.total_count - job.done_count, 0) for job in jobs)
        # One more for closing each job: a job with nothing left is not called again.
        cron._commit_progress(remaining=left + len(jobs))
        for job in jobs:
            if job.try_lock_for_update() and not job._continue(cron._commit_progress):
                return

    def _begin(self):
        self.env.cr.execute(SQL("SELECT COALESCE(MAX(id), 0) FROM crm_lead"))
        [(stop_id,)] = self.env.cr.fetchall()
        [(total,)] = self.env.execute_query(
            SQL(
                "SELECT COUNT(*) FROM crm_lead l WHERE %s",
                eligible(0, stop_id, self.installed_id),
            )
        )
        self.write(
            {
                "state": "running",
                "date_start": self.date_start or fields.Datetime.now(),
                "stop_id": stop_id,
                "last_id": 0,
                "total_count": self.done_count + total,
            }
        )

    def _continue(self, on_progress, size=BATCH):
        """Work until all is done; False when time is up.

        A batch that fails is reported and left for another try; the others go on.

        :param on_progress: called with the number of deals after each batch; commits,
            and returns the seconds left
        """
        attempts = 0
        while self.state == "running":
            try:
                count = self._step(size)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY as error:
                self.env.cr.rollback()  # somebody changed one of the deals: once more
                attempts += 1
                if attempts < RETRIES:
                    continue
                count = self._give_up(size, error)
            except Exception as error:  # noqa: BLE001 - told to the user, on the job
                self.env.cr.rollback()
                count = self._give_up(size, error)
            attempts = 0
            if not on_progress(count or 1) and count:
                return False
        return True

    def _step(self, size=BATCH):
        """Rebuild the next deals, or close the job: how many deals that were."""
        lead_ids = self._next_ids(size)
        if not lead_ids:
            self._finish()
            return 0
        [(first, *counts)] = self.env.execute_query(self._statement(lead_ids))
        self.env["sales.pipeline.history"]._complete_past(lead_ids)
        vals = {
            name: self[name] + count
            for name, count in zip(TOTALS.values(), counts, strict=True)
        }
        if first and (not self.date_first or first < self.date_first):
            vals["date_first"] = first.replace(microsecond=0)
        self.write(
            {
                **vals,
                "last_id": lead_ids[-1],
                "done_count": self.done_count + len(lead_ids),
            }
        )
        self.env["sales.pipeline.history"].invalidate_model(flush=False)
        return len(lead_ids)

    def _next_ids(self, size):
        self.env["crm.lead"].flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT l.id FROM crm_lead l WHERE %s ORDER BY l.id LIMIT %s",
                eligible(self.last_id, self.stop_id, self.installed_id),
                size,
            )
        )
        return [lead_id for (lead_id,) in rows]

    def _statement(self, lead_ids):
        get_field = self.env["ir.model.fields"]._get
        tracked = {name: get_field("crm.lead", name).id for name in TRACKED}
        won_stages = self.env["crm.stage"].search([("is_won", "=", True)])
        return rebuild(
            lead_ids,
            now=datetime.utcnow(),
            installed=self.date_installed or self.create_date,
            tracked=tracked,
            words=self._words(),
            won_stages=won_stages.ids,
            status_tracked=self._status_tracked(tracked["won_status"]),
        )

    def _words(self):
        """The words that tracking may say, in every language: (field, word, code)."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT f.name, word.value, s.value
                  FROM ir_model_fields_selection s
                  JOIN ir_model_fields f ON f.id = s.field_id
                  CROSS JOIN LATERAL jsonb_each_text(s.name) AS word
                 WHERE f.model = 'crm.lead' AND f.name = ANY (%s)
                """,
                list(WORDS),
            )
        )
        words = {}
        for name, word, key in rows:
            words.setdefault((name, word), set()).add(CODES.get(key, -1))
        # A word that means two things in two languages tells nothing.
        return [
            (name, word, codes.pop() if len(codes) == 1 else -1)
            for (name, word), codes in words.items()
        ]

    def _status_tracked(self, field_id):
        """Since when won and lost are tracked; before, moves have to tell."""
        [(moment,)] = self.env.execute_query(
            SQL(
                """
                SELECT MIN(COALESCE(m.date, m.create_date))
                  FROM mail_tracking_value t
                  JOIN mail_message m ON m.id = t.mail_message_id
                 WHERE t.id = (SELECT MIN(id) FROM mail_tracking_value
                                WHERE field_id = %s)
                """,
                field_id,
            )
        )
        return moment

    def _give_up(self, size, error):
        """Report a batch that failed, and go on behind it."""
        _logger.warning("Pipeline history: a batch failed", exc_info=True)
        lead_ids = self._next_ids(size)
        message = str(error.args[0]) if error.args else str(error)
        self.write(
            {
                "last_id": lead_ids[-1] if lead_ids else self.stop_id,
                "failed_count": self.failed_count + len(lead_ids),
                "last_error": message.strip(),
            }
        )
        return len(lead_ids)

    def _finish(self):
        if self.rebuilt_count:
            self.env["sales.pipeline.history"]._analyze()
        self.write(
            {
                "state": "failed" if self.failed_count else "done",
                "date_end": fields.Datetime.now(),
            }
        )

    # === NIGHTLY CHECK === #

    @api.model
    def _reconcile_job(self):
        """The check that a crash or the clock interrupted, else a new one."""
        job = self.search([("kind", "=", "reconcile"), ("state", "=", "running")])[:1]
        if not job:
            self.env.cr.execute(SQL("SELECT COALESCE(MAX(id), 0) FROM crm_lead"))
            [(stop_id,)] = self.env.cr.fetchall()
            job = self.create(
                {
                    "kind": "reconcile",
                    "state": "running",
                    "date_start": fields.Datetime.now(),
                    "stop_id": stop_id,
                }
            )
        return job

    def _reconcile_step(self, size):
        """Check the next deals: False when there are none left.

        Deals whose past is about to be rebuilt are left to that job.
        """
        if self.last_id >= self.stop_id:
            return False
        last_id = min(self.last_id + size, self.stop_id)
        where = SQL("l.id BETWEEN %s AND %s", self.last_id + 1, last_id)
        if self._unfinished():
            where = SQL(
                "%s AND EXISTS (SELECT 1 FROM sales_pipeline_history e"
                " WHERE e.lead_id = l.id)",
                where,
            )
        lead_ids = self.env["sales.pipeline.history"]._record(where)
        vals = {"last_id": last_id}
        if lead_ids:
            [counts] = self.env.execute_query(mended(lead_ids))
            vals["rebuilt_count"] = self.rebuilt_count + len(lead_ids)
            for name, count in zip(MENDED_TOTALS, counts, strict=True):
                vals[name] = self[name] + count
        self.write(vals)
        return True

    def _reconcile_finish(self):
        """Close the check; one that found nothing leaves no trace."""
        if self.rebuilt_count:
            self._finish()
        else:
            self.unlink()
