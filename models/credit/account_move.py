from odoo import models

from ..contract import plan_money_sql


class AccountMove(models.Model):
    """Invoices are credited when they are posted, and taken back when they are not."""

    _inherit = "account.move"

    def _sales_after_post(self):
        result = super()._sales_after_post()
        self._sales_note_credit()
        return result

    def _sales_after_reset(self):
        result = super()._sales_after_reset()
        self._sales_note_credit()
        return result

    def _sales_note_credit(self):
        """What these, and documents matched with them, brought may have changed."""
        documents = self.filtered(
            lambda move: move.is_sale_document(include_receipts=True)
        )
        ids = set(documents.ids)
        if entries := self.filtered(lambda move: move.move_type == "entry"):
            matched = self.env.execute_query(plan_money_sql.matched_with(entries.ids))
            ids.update(move_id for (move_id,) in matched)
        self.env["sales.credit"]._note("account.move", ids)
