from odoo import fields, models

CREDITED = {"state", "currency_rate", "date_order", "partner_id"}


class SaleOrder(models.Model):
    """Orders are credited when they are confirmed, changed and cancelled."""

    _inherit = "sale.order"

    sales_split_ids = fields.One2many(
        comodel_name="sales.split",
        inverse_name="order_id",
        string="Shares",
        copy=True,
        groups="sales_process.group_rep",
        help="Who earns what where several people do. Empty: the shares of the deal, "
        "or else the salesperson.",
    )

    def action_view_sales_credits(self):
        """Open who earned what with this order and its invoices."""
        self.ensure_one()
        invoices = self.invoice_ids.sudo()  # whoever earned it need not see accounts
        return self.env["sales.credit"]._action_of(self, invoices)

    def _sales_check_whole(self):
        result = super()._sales_check_whole()
        splits = self.sudo().sales_split_ids  # checked whoever changes the document
        splits._check_hundred()
        return result

    def _write_multi(self, vals_list):
        if any(CREDITED & vals.keys() for vals in vals_list):
            begins = any("state" in vals for vals in vals_list)
            self._sales_note_credit(begins)
        return super()._write_multi(vals_list)

    def _sales_before_write(self, vals):
        if "partner_id" in vals:  # whose first order it may have been until now
            self._sales_note_credit(begins=False)
        return super()._sales_before_write(vals)

    def _sales_after_create(self, vals_list):
        result = super()._sales_after_create(vals_list)
        self.filtered(lambda order: order.state == "sale")._sales_note_credit()
        return result

    def _sales_note_credit(self, begins=True):
        """What these orders are worth may have changed.

        :param bool begins: whether they may have been confirmed just now
        """
        orders = self.filtered(lambda order: order.state in ("sale", "cancel", "draft"))
        credits = self.env["sales.credit"]
        credits._note("sale.order", orders.ids, begins)
        partners = orders.sudo().partner_id  # whose first order it may be
        partners = partners.commercial_partner_id
        credits._note("res.partner", partners.ids)
