from odoo import api, fields, models


class SalesEvidenceExplain(models.TransientModel):
    """Asks why soft exit criteria were left open."""

    _name = "sales.evidence.explain"
    _description = "Explain Open Exit Criteria"

    evidence_ids = fields.Many2many("sales.evidence", required=True)
    criteria = fields.Text(compute="_compute_criteria", string="Left open")
    reason = fields.Text(required=True)

    @api.depends("evidence_ids")
    def _compute_criteria(self):
        for wizard in self:
            names = wizard.evidence_ids.mapped("criterion_name")
            wizard.criteria = "\n".join(dict.fromkeys(names))

    def action_explain(self):
        """Keep the reason with each of them."""
        self.evidence_ids._explain(self.reason)
        return {"type": "ir.actions.act_window_close"}
