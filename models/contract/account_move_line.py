from odoo import fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _prepare_taking_back(self):
        """Values of an invoice line that undoes this line of another document."""
        self.ensure_one()
        sign = self.move_id.direction_sign  # -1 for an invoice, 1 for a credit note
        tax_data = self.extra_tax_data
        if sign < 0:
            tax_data = self.env["account.tax"]._reverse_quantity_base_line_extra_tax_data(
                tax_data
            )
        return {
            "name": self.name,
            "quantity": sign * self.quantity,
            "price_unit": self.price_unit,
            "discount": self.discount,
            "tax_ids": [fields.Command.set(self.tax_ids.ids)],
            "account_id": self.account_id.id,
            "sale_line_ids": [fields.Command.set(self.sale_line_ids.ids)],
            "is_downpayment": True,
            "extra_tax_data": tax_data,
            "sequence": 1000,
        }
