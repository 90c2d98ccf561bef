from odoo import fields, models


class SalesEvidenceReject(models.TransientModel):
    """Asks why evidence is not accepted."""

    _name = "sales.evidence.reject"
    _description = "Reject Evidence"

    evidence_ids = fields.Many2many("sales.evidence", required=True)
    reason = fields.Text(string="What is missing", required=True)

    def action_reject(self):
        """Reject the evidence with this reason."""
        self.evidence_ids.action_reject(self.reason)
        return {"type": "ir.actions.act_window_close"}
