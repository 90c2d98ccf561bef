from odoo import api, fields, models
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

RETRIES = 5


class SalesBatchJob(models.AbstractModel):
    """A job in the background that goes on where it was stopped.

    What inherits it has a ``state`` that is ``running`` while there is work, works in
    ``_step`` and tells of failure in ``_give_up``.
    """

    _name = "sales.batch.job"
    _description = "Job in Batches"

    total_count = fields.Integer(readonly=True)
    done_count = fields.Integer(readonly=True)
    progress = fields.Float(compute="_compute_progress", help="Percent, 0–100.")
    error = fields.Text(readonly=True)

    @api.depends("state", "done_count", "total_count")
    def _compute_progress(self):
        for job in self:
            share = 100 * job.done_count / job.total_count if job.total_count else 0
            job.progress = 100 if job.state == "done" else min(share, 100)

    def _continue(self, on_progress):
        """Work until all is done or time is up.

        :param on_progress: called with what ``_step`` returned after each batch;
            commits, and returns the seconds left
        :return: whether there is time left
        """
        attempts = 0
        while self.state == "running":
            try:
                count = self._step()
                attempts = 0
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY as error:
                self.env.cr.rollback()  # somebody changed the same row: once more
                attempts += 1
                if attempts < RETRIES:
                    continue
                count = self._give_up(error)
            except Exception as error:  # noqa: BLE001 - told on the job
                self.env.cr.rollback()
                count = self._give_up(error)
            if not on_progress(count):
                return False
        return True

    def _step(self):
        """Do the next batch; the last one closes the job.

        :return: how much is done by it
        """
        raise NotImplementedError

    def _give_up(self, error):
        """Close the job and keep why it failed.

        :return: how much is left undone, which counts as done
        """
        raise NotImplementedError
