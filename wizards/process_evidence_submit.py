from odoo import api, fields, models

from ..models.process.ir_attachment import DOCUMENT_CATEGORIES


class SalesEvidenceSubmit(models.TransientModel):
    """Hand in what proves an exit criterion, or file a document of its category."""

    _name = "sales.evidence.submit"
    _description = "Hand in Evidence"

    lead_id = fields.Many2one("crm.lead", string="Deal", required=True, readonly=True)
    criterion_id = fields.Many2one(
        "sales.process.criterion", string="Exit Criterion", required=True, readonly=True
    )
    criterion_help = fields.Text(related="criterion_id.help")
    kind = fields.Selection(related="criterion_id.kind")
    verifier = fields.Selection(related="criterion_id.verifier")
    note = fields.Text(string="What proves it")
    document_category = fields.Selection(
        selection=DOCUMENT_CATEGORIES,
        compute="_compute_document_category",
        store=True,
        readonly=False,
    )
    attachment_ids = fields.Many2many(
        "ir.attachment",
        string="Files",
        bypass_search_access=True,  # else each read looks at all files there are
    )

    @api.depends("criterion_id")
    def _compute_document_category(self):
        for wizard in self:
            wizard.document_category = wizard.criterion_id.document_category or "other"

    def action_submit(self):
        """File the documents on the deal, and hand the rest in for verification."""
        self.ensure_one()
        if self.kind == "document" and self.verifier == "system":
            self.attachment_ids.write(
                {
                    "res_model": "crm.lead",
                    "res_id": self.lead_id.id,
                    "sales_document_category": self.document_category,
                }
            )
            return {"type": "ir.actions.act_window_close"}
        self.env["sales.evidence"].create(
            {
                "lead_id": self.lead_id.id,
                "criterion_id": self.criterion_id.id,
                "note": self.note,
                "attachment_ids": self.attachment_ids.ids,
            }
        )
        return {"type": "ir.actions.act_window_close"}
