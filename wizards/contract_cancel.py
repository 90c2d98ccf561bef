from odoo import fields, models


class SalesContractCancel(models.TransientModel):
    """Asks why a contract is called off."""

    _name = "sales.contract.cancel"
    _description = "Cancel a Contract"

    contract_id = fields.Many2one(
        comodel_name="sales.contract", required=True, readonly=True
    )
    reason = fields.Text(required=True)

    def action_cancel(self):
        """Cancel it with this reason."""
        self.ensure_one()
        self.contract_id._cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
