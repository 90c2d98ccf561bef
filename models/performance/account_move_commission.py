from odoo import api, fields, models
from odoo.exceptions import AccessError


class AccountMove(models.Model):
    """Vendor bills that pay a dealer's commission."""

    _inherit = "account.move"

    sales_commission_statement_id = fields.Many2one(
        comodel_name="sales.commission.statement",
        string="Commission Statement",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    @api.constrains("sales_commission_statement_id")
    def _check_sales_commission_statement_id(self):
        """A bill pays the statement it was made for, in its currency and for no more
        than one bill each."""
        for move in self:
            statement = move.sales_commission_statement_id.sudo()  # whoever bills
            bills = statement.move_ids.filtered(lambda m: m.state != "cancel")
            if statement and (
                statement.partner_id != move.partner_id
                or statement.state not in ("confirmed", "paid")
                or len(bills) > 1
            ):
                raise AccessError(
                    self.env._(
                        "Bills of commission are made by the button on the statement."
                    )
                )

    def action_sales_view_commission(self):
        """Open the statement that this bill pays."""
        self.ensure_one()
        return self.sales_commission_statement_id.get_formview_action()
