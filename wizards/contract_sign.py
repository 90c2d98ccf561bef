from odoo import api, fields, models


class SalesContractSign(models.TransientModel):
    """Asks who signed a contract and when, and for what was signed."""

    _name = "sales.contract.sign"
    _description = "Record the Signature of a Contract"

    contract_id = fields.Many2one(
        comodel_name="sales.contract", required=True, readonly=True
    )
    signed_by = fields.Char(
        compute="_compute_signature",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    date_signed = fields.Date(
        string="Signed On",
        compute="_compute_signature",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    document = fields.Binary(
        string="Signed Contract", help="A scan or a photo of what was signed."
    )
    document_name = fields.Char()

    @api.depends("contract_id")
    def _compute_signature(self):
        """As the quotation was signed, if it was; else today."""
        for wizard in self:
            contract = wizard.contract_id
            company = contract.company_id
            signed = contract.order_ids.filtered("signed_on").sorted("signed_on")[-1:]
            person = signed.signed_by or contract.customer_signatory_id.name
            wizard.signed_by = person
            wizard.date_signed = company and (
                company._sales_day(signed.signed_on) or company._sales_today()
            )

    def action_sign(self):
        """Record it; what was due at the signature is due now."""
        self.ensure_one()
        document = self.document and {
            "name": self.document_name or self.env._("Signed contract"),
            "datas": self.document,
        }
        self.contract_id._sign(self.signed_by, date=self.date_signed, document=document)
        return {"type": "ir.actions.act_window_close"}
