from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    """How far the rebuilding of the past is."""

    _inherit = "res.config.settings"

    sales_backfill_id = fields.Many2one(
        comodel_name="sales.pipeline.backfill", compute="_compute_sales_backfill_id"
    )
    sales_backfill_state = fields.Selection(related="sales_backfill_id.state")
    sales_backfill_progress = fields.Integer(related="sales_backfill_id.progress")
    sales_backfill_report = fields.Text(related="sales_backfill_id.report")

    @api.depends("company_id")
    def _compute_sales_backfill_id(self):
        jobs = self.env["sales.pipeline.backfill"]
        self.sales_backfill_id = jobs.search([("kind", "=", "backfill")], limit=1)

    def action_sales_backfill_start(self):
        self.env["sales.pipeline.backfill"].action_start()
        return {"type": "ir.actions.client", "tag": "reload"}
