from odoo import api, models


class AccountPartialReconcile(models.Model):
    """Money is credited when it is matched, and taken back when it is not any more."""

    _inherit = "account.partial.reconcile"

    def _sales_after_match(self):
        result = super()._sales_after_match()
        self.env["sales.credit"]._note("account.move", self._sales_documents().ids)
        return result

    def _sales_before_unmatch(self):
        documents = self._sales_documents().ids
        return {**super()._sales_before_unmatch(), "documents": documents}

    @api.model
    def _sales_after_unmatch(self, matched):
        result = super()._sales_after_unmatch(matched)
        self.env["sales.credit"]._note("account.move", matched["documents"])
        return result

    def _sales_documents(self):
        """What customers were to pay, on either side."""
        moves = (self.debit_move_id | self.credit_move_id).move_id
        return moves.filtered(lambda move: move.is_sale_document(include_receipts=True))
