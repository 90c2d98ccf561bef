from odoo import fields, models


class SalesHoldReleaseAsk(models.TransientModel):
    """Asks why an order of a customer on hold may go on."""

    _name = "sales.hold.release.ask"
    _description = "Release an Order"

    order_id = fields.Many2one(comodel_name="sale.order", required=True, readonly=True)
    message = fields.Char(related="order_id.sales_hold_message", related_sudo=False)
    reason = fields.Text(required=True)

    def action_release(self):
        """Release it with this reason."""
        self.ensure_one()
        self.order_id._release_hold(self.reason)
        return {"type": "ir.actions.act_window_close"}
