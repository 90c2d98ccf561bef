from odoo import api, models, tools

# Told once in a transaction that contests have to be counted.
PENDING = "sales_contest"


class SalesCredit(models.Model):
    """Contests are counted as soon as the ledger has something new."""

    _inherit = "sales.credit"

    @api.model
    def _insert(self, metrics, rows, companies, reason, audit):
        result = super()._insert(metrics, rows, companies, reason, audit)
        if rows and self._contest_metrics() & set(metrics.ids):
            self._wake_contests()
        return result

    @api.model
    @tools.ormcache()
    def _contest_metrics(self):
        """Ids of metrics that count in a contest that runs."""
        contests = self.env["sales.contest"].sudo()  # whoever does the work
        rows = contests.search([("state", "=", "running")]).metric_ids
        metrics = set(rows.metric_id.ids)
        if rows.filtered(lambda row: row.source == "streak" and not row.metric_id):
            metrics |= set(contests._verified_metrics())
        return frozenset(metrics)

    @api.model
    def _wake_contests(self):
        """Have the job count contests once this transaction is over."""
        data = self.env.cr.precommit.data
        if data.get(PENDING):
            return
        data[PENDING] = True
        job = self.env.ref("sales_process.performance_contest_cron", False)
        if job:
            job.sudo()._trigger()  # whoever does the work
