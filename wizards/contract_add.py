from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class SalesContractAdd(models.TransientModel):
    """Asks which further orders belong to a contract."""

    _name = "sales.contract.add"
    _description = "Add Orders to a Contract"

    contract_id = fields.Many2one(
        comodel_name="sales.contract", required=True, readonly=True
    )
    candidate_ids = fields.Many2many(
        comodel_name="sale.order", compute="_compute_candidate_ids"
    )
    order_ids = fields.Many2many(
        comodel_name="sale.order",
        string="Orders",
        domain="[('id', 'in', candidate_ids)]",
    )

    @api.depends("contract_id")
    def _compute_candidate_ids(self):
        orders = self.env["sale.order"]
        for wizard in self:
            contract = wizard.contract_id
            wizard.candidate_ids = contract and [
                Command.set(orders.search(contract._candidate_orders_domain()).ids)
            ]

    def action_add(self):
        """Add them."""
        self.ensure_one()
        if not self.order_ids:
            raise UserError(self.env._("Choose at least one order."))
        self.contract_id._add_orders(self.order_ids)
        return {"type": "ir.actions.act_window_close"}
