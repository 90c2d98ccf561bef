from odoo import api, fields, models


class SalesLeadWaive(models.TransientModel):
    """Asks which exit criteria to waive and why."""

    _name = "sales.lead.waive"
    _description = "Waive Exit Criteria"

    lead_id = fields.Many2one("crm.lead", string="Deal", required=True, readonly=True)
    open_criterion_ids = fields.Many2many(
        "sales.process.criterion", compute="_compute_open_criterion_ids"
    )
    criterion_ids = fields.Many2many(
        "sales.process.criterion",
        string="Exit Criteria",
        required=True,
        domain="[('id', 'in', open_criterion_ids)]",
    )
    reason = fields.Text(required=True)

    @api.depends("lead_id")
    def _compute_open_criterion_ids(self):
        for wizard in self:
            wizard.open_criterion_ids = wizard.lead_id.sales_missing_criterion_ids

    def action_waive(self):
        """Let the deal pass, on record."""
        self.lead_id.action_sales_waive(self.criterion_ids.ids, self.reason)
        return {"type": "ir.actions.act_window_close"}
