from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    sales_gate_mode = fields.Selection(
        related="company_id.sales_gate_mode", readonly=False
    )
    sales_lost_reason_required = fields.Boolean(
        related="company_id.sales_lost_reason_required", readonly=False
    )
    sales_waive_policy = fields.Selection(
        related="company_id.sales_waive_policy", readonly=False
    )
    sales_evidence_attachment_required = fields.Boolean(
        related="company_id.sales_evidence_attachment_required", readonly=False
    )
    sales_default_process_id = fields.Many2one(
        related="company_id.sales_default_process_id",
        readonly=False,
        domain="[('company_id', 'in', [company_id, False]), ('state', '=', 'live')]",
    )
