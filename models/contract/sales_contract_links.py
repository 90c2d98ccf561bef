from odoo import api, fields, models


class SalesContract(models.Model):
    """The way from a contract to its orders and invoices."""

    _inherit = "sales.contract"

    order_count = fields.Integer(compute="_compute_order_count")
    invoice_count = fields.Integer(compute="_compute_invoice_count")

    # === COMPUTE METHODS === #

    @api.depends("order_ids")
    def _compute_order_count(self):
        for contract in self:
            contract.order_count = len(contract.order_ids)

    @api.depends("order_ids.order_line.invoice_lines")
    @api.depends_context("uid")
    def _compute_invoice_count(self):
        readable = self._find_invoices()._filtered_access("read")
        for contract in self:
            contract.invoice_count = len(contract._find_invoices() & readable)

    def _find_invoices(self):
        """All invoices and credit notes of the orders, whoever looks."""
        orders = self.sudo().order_ids  # counted and checked, never shown unread
        return orders.invoice_ids.with_env(self.env)

    # === ACTION METHODS === #

    def action_view_orders(self):
        """Open the orders of the contract."""
        action = self.env["ir.actions.act_window"]._for_xml_id("sale.action_orders")
        action["domain"] = [("sales_contract_id", "in", self.ids)]
        action["context"] = {"create": False}
        if len(self.order_ids) == 1:
            action["views"] = [(False, "form")]
            action["res_id"] = self.order_ids.id
        return action

    def action_view_plan(self):
        """Open the instalments of the contract."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_plan_line_action"
        )
        action["domain"] = [("contract_id", "in", self.ids)]
        action["context"] = {"create": False}
        return action

    def action_view_invoices(self):
        """Open the invoices and credit notes of the contract."""
        moves = self._find_invoices()._filtered_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_out_invoice_type"
        )
        action["domain"] = [("id", "in", moves.ids)]
        action["context"] = {"create": False}
        if len(moves) == 1:
            action["views"] = [(False, "form")]
            action["res_id"] = moves.id
        return action
