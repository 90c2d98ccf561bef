from odoo import fields, models

from . import plan_money_sql


class AccountMoveLine(models.Model):
    """What customers are asked for, and lines that take it back."""

    _inherit = "account.move.line"

    def write(self, vals):
        result = super().write(vals)
        if "date_maturity" in vals:
            self._sales_after_new_due_date()
        return result

    def _sales_after_new_due_date(self):
        """Hook: when these are due has been changed."""
        posted = self.filtered(lambda line: line.parent_state == "posted")
        if posted:
            lines = self.env["sales.plan.line"].sudo()  # figures follow whoever writes
            lines._mark_figures(plan_money_sql.of_documents(posted.move_id.ids))

    def _prepare_taking_back(self):
        """Values of an invoice line that undoes this line of another document."""
        self.ensure_one()
        sign = self.move_id.direction_sign  # -1 for an invoice, 1 for a credit note
        tax_data = self.extra_tax_data
        if sign < 0:
            tax_data = self.env[
                "account.tax"
            ]._reverse_quantity_base_line_extra_tax_data(tax_data)
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
