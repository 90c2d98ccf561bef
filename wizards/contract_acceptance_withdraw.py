from odoo import fields, models


class SalesAcceptanceWithdraw(models.TransientModel):
    """Asks why an acceptance does not count after all."""

    _name = "sales.acceptance.withdraw"
    _description = "Withdraw an Acceptance"

    line_id = fields.Many2one(
        comodel_name="sales.plan.line",
        string="Instalment",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    reason = fields.Text(required=True, help="Kept with the acceptance.")

    def action_withdraw(self):
        """The instalment waits for the customer's acceptance again."""
        self.ensure_one()
        self.line_id._withdraw_acceptance(self.reason)
        return {"type": "ir.actions.act_window_close"}
