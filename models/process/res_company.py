from odoo import api, fields, models
from odoo.exceptions import ValidationError

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

    @api.constrains("sales_default_process_id")
    def _check_sales_default_process_id(self):
        for company in self:
            process = company.sales_default_process_id
            if process.company_id and process.company_id != company:
                raise ValidationError(
                    self.env._(
                        "“%(process)s” belongs to another company and cannot be the "
                        "default process of %(company)s.",
                        process=process.display_name,
                        company=company.name,
                    )
                )
