from odoo import fields, models
from odoo.tools import float_compare


class SaleOrder(models.Model):
    """What the final invoice of an order needs."""

    _inherit = "sale.order"

    def _sales_undelivered(self):
        """What a final invoice would leave out, as “2 × Chair”."""
        self.ensure_one()
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        missing = []
        for line in self.order_line:
            if line.display_type or line.is_downpayment or line.product_uom_qty <= 0:
                continue
            rest = line.product_uom_qty - line.qty_invoiced - line.qty_to_invoice
            if (
                line.product_id.type != "combo"
                and float_compare(rest, 0.0, precision_digits=digits) > 0
            ):
                missing.append(f"{rest:g} × {line.product_id.display_name}")
        return missing

    def _correct_down_payments(self, move):
        """Have a final invoice deduct exactly what was posted for down payments.

        Odoo deducts each down payment as it was ordered. Where its draft was changed,
        or a part of it was credited, that is not what the customer was asked for; then
        each document is taken back line by line, with its own taxes.

        :param move: the final invoice, a draft
        """
        self.ensure_one()
        commands = []
        for line in self.order_line:
            if not line.is_downpayment or line.display_type:
                continue
            others = line.invoice_lines.filtered(
                lambda item: item.parent_state == "posted" and item.move_id != move  # noqa: B023
            )
            deducted = line.invoice_lines.filtered(
                lambda item: item.move_id == move  # noqa: B023
            )
            if (others | deducted).currency_id - self.currency_id:
                continue  # somebody invoiced in another currency: Odoo's way stays
            posted = sum(
                -item.move_id.direction_sign * item.price_total for item in others
            )
            if self.currency_id.is_zero(posted + sum(deducted.mapped("price_total"))):
                continue
            commands += [fields.Command.delete(item.id) for item in deducted]
            commands += [
                fields.Command.create(item._prepare_taking_back()) for item in others
            ]
        if commands:
            move.with_context(skip_is_manually_modified=True).write(
                {"invoice_line_ids": commands}
            )
