from odoo import fields, models


class SaleAdvancePaymentInv(models.TransientModel):
    """Odoo's own down payment, for an instalment of a payment plan."""

    _inherit = "sale.advance.payment.inv"

    sales_plan_line_id = fields.Many2one(
        comodel_name="sales.plan.line", string="Instalment", readonly=True
    )

    def _prepare_down_payment_invoice_values(self, order, so_lines):
        values = super()._prepare_down_payment_invoice_values(order, so_lines)
        if self.sales_plan_line_id:
            values["sales_plan_line_id"] = self.sales_plan_line_id.id
        return values

    def _prepare_down_payment_invoice_line_values(self, order, so_line, account):
        values = super()._prepare_down_payment_invoice_line_values(
            order, so_line, account
        )
        if self.sales_plan_line_id:
            values["name"] = self.sales_plan_line_id.name
        return values
