from odoo import api, models

from . import plan_money_sql


class AccountPartialReconcile(models.Model):
    """Money is matched with invoices here, and taken back here.

    The figures of instalments depend on their own matches by themselves; hooks tell of
    matches to those that depend on them in other ways.
    """

    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._sales_after_match()
        return partials

    def unlink(self):
        if not self:
            return super().unlink()
        matched = self._sales_before_unmatch()
        result = super().unlink()
        self.env[self._name]._sales_after_unmatch(matched)
        return result

    def _sales_after_match(self):
        """Hook: these have just been matched."""
        moves = (self.debit_move_id | self.credit_move_id).move_id
        self._sales_mark_prepaid(moves)

    def _sales_before_unmatch(self):
        """Hook: these are about to be taken back.

        :return: dict handed to :meth:`_sales_after_unmatch`
        """
        moves = (self.debit_move_id | self.credit_move_id).move_id
        return {"moves": moves}

    @api.model
    def _sales_after_unmatch(self, matched):
        """Hook: matches have just been taken back.

        :param dict matched: from :meth:`_sales_before_unmatch`
        """
        moves = matched["moves"].exists()
        self._sales_mark_prepaid(moves)
        # Write-offs of an entry spread over its matches in their order.
        moves._sales_mark_matched()

    def _sales_mark_prepaid(self, moves):
        """Online payments that a match has used, or given back."""
        if moves.origin_payment_id:
            lines = self.env["sales.plan.line"].sudo()  # figures follow whoever matches
            moves.flush_model(["origin_payment_id"])
            lines._mark_figures(plan_money_sql.of_payments(moves.ids))
