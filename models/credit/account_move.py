from odoo import models


class AccountMove(models.Model):
    """Invoices are credited when they are posted, and taken back when they are not."""

    _inherit = "account.move"

    def _sales_after_post(self):
        super()._sales_after_post()
        self._sales_note_credit()

    def _sales_after_reset(self):
        super()._sales_after_reset()
        self._sales_note_credit()

    def _sales_note_credit(self):
        """What these documents, and matches with them, are worth may have changed."""
        credits = self.env["sales.credit"]
        documents = self.filtered(lambda move: move.is_sale_document(include_receipts=True))
        credits._note("account.move", documents.ids)
        lines = self.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        matched = lines.matched_debit_ids | lines.matched_credit_ids
        credits._note("account.partial.reconcile", matched.ids)
