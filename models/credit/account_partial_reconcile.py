from odoo import api, models


class AccountPartialReconcile(models.Model):
    """Money is credited when it is matched, and taken back when it is not any more."""

    _inherit = "account.partial.reconcile"

    def _sales_after_match(self):
        super()._sales_after_match()
        self.env["sales.credit"]._note(self._name, self.ids)

    def _sales_before_unmatch(self):
        return {**super()._sales_before_unmatch(), "partial_ids": self.ids}

    @api.model
    def _sales_after_unmatch(self, matched):
        super()._sales_after_unmatch(matched)
        self.env["sales.credit"]._note(self._name, matched["partial_ids"])
