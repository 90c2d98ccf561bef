from odoo import fields, models


class AccountMove(models.Model):
    """From an invoice back to the contracts it is for."""

    _inherit = "account.move"

    sales_contract_count = fields.Integer(compute="_compute_sales_contract_count")

    def _compute_sales_contract_count(self):
        for move in self:
            move.sales_contract_count = len(move._find_sales_contracts())

    def _find_sales_contracts(self):
        """The contracts whose orders these invoices are for, as far as one may see."""
        orders = self.sudo().invoice_line_ids.sale_line_ids.order_id  # filtered below
        return orders.sales_contract_id.with_env(self.env)._filtered_access("read")

    def action_sales_view_contracts(self):
        """Open the contracts of these invoices."""
        contracts = self._find_sales_contracts()
        if len(contracts) == 1:
            return contracts.get_formview_action()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_contract_action_account"
        )
        action["domain"] = [("id", "in", contracts.ids)]
        action["context"] = {}
        return action
