from odoo import fields, models

from .sales_process_criterion import SEVERITIES


class ResCompany(models.Model):
    _inherit = "res.company"

    sales_gate_mode = fields.Selection(
        selection=SEVERITIES,
        string="Default Gate Mode",
        default="hard",
        required=True,
        help="What a new exit criterion does unless its designer says otherwise.",
    )
    sales_lost_reason_required = fields.Boolean(
        string="Lost Reason Required",
        help="A deal can only be marked lost with a reason.",
    )
    sales_waive_policy = fields.Selection(
        selection=[
            ("leader", "Team leaders for their teams, and directors"),
            ("director", "Directors only"),
        ],
        string="Who May Waive",
        default="leader",
        required=True,
        help="Who may let a deal through although an exit criterion is not proven.",
    )
    sales_evidence_attachment_required = fields.Boolean(
        string="Evidence Needs an Attachment",
        help="Evidence that a person hands in must carry a file.",
    )
    sales_default_process_id = fields.Many2one(
        comodel_name="sales.process",
        string="Default Process",
        help="Deals that no process claims by its own rules follow this one.",
    )
