from odoo import models
from odoo.exceptions import UserError

from .sales_pipeline_import import RUN_NOW_LIMIT


class SalesPipelineImport(models.Model):
    """What the buttons of a run do."""

    _inherit = "sales.pipeline.import"

    # === ACTION METHODS === #

    def action_read(self):
        """Read the uploaded files and suggest what every column and name means."""
        self.ensure_one()
        if not self.attachment_ids:
            raise UserError(
                self.env._("Upload the file with your deals first (CSV or .xlsx).")
            )
        if self.state == "running":
            raise UserError(self.env._("The import is running. Stop it first."))
        self._read_files()
        self._engine_write({"state": "mapped"})

    def action_back(self):
        """Return to the mapping; what was decided stays decided."""
        self._mark_changed()

    def action_check(self):
        """Go through every row without writing anything but what was found."""
        self.ensure_one()
        if self.state not in ("mapped", "checked", "failed"):
            raise UserError(self.env._("Read the files first."))
        self._refresh_mapping()
        self._check()
        self._engine_write({"state": "checked"})

    def action_import(self):
        """Confirm the check: the deals are written in the background."""
        self._confirm()
        # The job writes with the rights of the person who confirmed.
        cron = self.env.ref("sales_process.intake_import_cron")
        cron.sudo()._trigger()  # reading cron records takes a system administrator

    def action_run_now(self):
        """Confirm the check and write a small file while the user waits."""
        self.ensure_one()
        if not self.can_run_now:
            raise UserError(
                self.env._(
                    "More than %s deals are imported in the background.", RUN_NOW_LIMIT
                )
            )
        self._confirm()
        self._process_batches()

    def action_stop(self):
        """Stop after the batch that is being written; what is written stays."""
        running = self.filtered(lambda run: run.state == "running")
        running._engine_write({"state": "checked"})

    def action_retry(self):
        """Go through the file once more: what is already there is left alone."""
        self.ensure_one()
        if self.state in ("done", "failed"):
            self._engine_write({"state": "mapped"})
        self.action_check()

    def action_open_leads(self):
        """Open the deals this run created, lost ones included."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_pipeline_import_lead_action"
        )
        action["domain"] = [("sales_import_id", "=", self.id)]
        return action

    def action_open_problems(self, topic=None, severity=None):
        """Open the problems of this run, all or those of one kind."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_pipeline_import_problem_action"
        )
        action["domain"] = [("import_id", "=", self.id)]
        if topic:
            action["domain"] += [("topic", "=", topic), ("severity", "=", severity)]
            action["context"] = {}
            action["display_name"] = topic
        return action

    def action_download_rejected(self):
        """Give the rows that were not imported, with the reason beside each."""
        self.ensure_one()
        if not self.rejected_file:
            raise UserError(self.env._("No row was rejected."))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/rejected_file"
            f"/{self.rejected_filename}?download=true",
            "target": "download",
        }
