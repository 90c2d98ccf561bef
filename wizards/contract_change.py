from odoo import fields, models


class SalesContractAgree(models.TransientModel):
    """Asks who agreed on a change on both sides, and for the document."""

    _name = "sales.contract.agree"
    _description = "Agree on a Contract Change"

    change_id = fields.Many2one(
        comodel_name="sales.contract.change", required=True, readonly=True
    )
    difference = fields.Text(related="change_id.difference")
    customer_agreed_by = fields.Char(
        string="For the Customer",
        required=True,
        default=lambda self: self._default_customer(),
    )
    company_agreed_by_id = fields.Many2one(
        comodel_name="res.users",
        string="For Us",
        required=True,
        domain="[('share', '=', False)]",
        default=lambda self: self.env.user,
    )
    date_agreed = fields.Date(
        string="On",
        required=True,
        default=lambda self: fields.Date.context_today(self),
    )
    document = fields.Binary(help="A mail, a scan or a photo of what was agreed.")
    document_name = fields.Char()

    def _default_customer(self):
        change = self.env["sales.contract.change"].browse(
            self.env.context.get("default_change_id")
        )
        return change.contract_id.customer_signatory_id.name

    def action_agree(self):
        """Make it the next version of the contract."""
        self.ensure_one()
        document = self.document and {
            "name": self.document_name or self.change_id.name,
            "datas": self.document,
        }
        self.change_id._agree(
            self.customer_agreed_by,
            self.company_agreed_by_id,
            self.date_agreed,
            document,
        )
        return self.change_id.contract_id.get_formview_action()


class SalesContractRefuse(models.TransientModel):
    """Asks why a change does not come about."""

    _name = "sales.contract.refuse"
    _description = "Refuse a Contract Change"

    change_id = fields.Many2one(
        comodel_name="sales.contract.change", required=True, readonly=True
    )
    reason = fields.Text(required=True)

    def action_refuse(self):
        """Keep the contract as it is."""
        self.ensure_one()
        self.change_id._refuse(self.reason)
        return self.change_id.contract_id.get_formview_action()
