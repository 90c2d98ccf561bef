from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare, format_date

from ..base.guards import refuse_protected

# Recorded with person and day by ``_state_delivery`` alone.
STATEMENT_FIELDS = frozenset(
    {"sales_delivery_stated_on", "sales_delivery_stated_by_id", "sales_date_delivered"}
)


class SaleOrder(models.Model):
    """The events of an order that its instalments wait for."""

    _inherit = "sale.order"

    sales_date_signed = fields.Date(
        string="Agreed On",
        compute="_compute_sales_date_signed",
        compute_sudo=True,
        help="When the contract was signed. An order without a contract counts as "
        "signed on the day of its signature, else of its confirmation.",
    )
    sales_date_delivered = fields.Date(
        string="Everything Delivered On",
        compute="_compute_sales_date_delivered",
        store=True,
        copy=False,
        help="When the last of what the order delivers was delivered, by the delivered "
        "quantities or by what a person stated.",
    )
    sales_delivery_stated_on = fields.Date(
        string="Delivery Stated for", readonly=True, copy=False
    )
    sales_delivery_stated_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Delivery Stated by",
        readonly=True,
        copy=False,
        help="Who said that everything is delivered.",
    )

    # === COMPUTE METHODS === #

    @api.depends("state", "signed_on", "date_order", "sales_contract_id.date_signed")
    def _compute_sales_date_signed(self):
        for order in self:
            if order.sales_contract_id:
                order.sales_date_signed = order.sales_contract_id.date_signed
            elif order.state == "sale":
                moment = order.signed_on or order.date_order
                order.sales_date_signed = order.company_id._sales_day(moment)
            else:
                order.sales_date_signed = False

    @api.depends(
        "state",
        "sales_delivery_stated_on",
        "order_line.qty_delivered",
        "order_line.product_uom_qty",
        "order_line.product_id",
    )
    def _compute_sales_date_delivered(self):
        for order in self:
            if order.state != "sale":
                order.sales_date_delivered = False
            elif order.sales_delivery_stated_on:
                order.sales_date_delivered = order.sales_delivery_stated_on
            elif order._is_all_delivered():
                today = order.company_id._sales_today()
                order.sales_date_delivered = order.sales_date_delivered or today
            else:
                order.sales_date_delivered = False

    # === HOOKS === #

    def _sales_before_create(self, vals_list):
        for vals in vals_list:
            refuse_protected(self, vals, STATEMENT_FIELDS)
            vals.setdefault("sales_delivery_stated_on", False)  # no default may set it
        return super()._sales_before_create(vals_list)

    def _sales_before_write(self, vals):
        refuse_protected(self, vals, STATEMENT_FIELDS)
        return super()._sales_before_write(vals)

    def _sales_after_write(self, vals, before):
        if vals.get("state") == "draft":  # what was stated was of the order before
            self.filtered("sales_delivery_stated_on")._state_delivery(False)
        return super()._sales_after_write(vals, before)

    # === ACTION METHODS === #

    def action_sales_state_delivery(self):
        """Ask when everything was delivered, where nobody tracks quantities."""
        self.ensure_one()
        self._check_can_state_delivery()
        return self.env["sales.plan.event"]._open("delivery", order_id=self.id)

    def action_sales_withdraw_delivery(self):
        """Not everything was delivered after all; the quantities count again."""
        self.check_access("write")
        for order in self.filtered("sales_delivery_stated_on"):
            order.message_post(
                body=self.env._(
                    "Statement withdrawn that everything was delivered on %s.",
                    format_date(self.env, order.sales_delivery_stated_on),
                )
            )
        self._state_delivery(False)

    # === BUSINESS METHODS === #

    def _sales_deliverable_lines(self):
        """Lines that have something to deliver, goods or services."""
        return self.order_line.filtered(
            lambda line: (
                line.product_id
                and not line.display_type
                and not line.is_downpayment
                and not line.is_expense
                and line.product_type != "combo"  # its items are lines of their own
                and line.product_uom_qty > 0
                and not line._is_global_discount()
                and not line._is_delivery()
            )
        )

    def _is_all_delivered(self):
        lines = self._sales_deliverable_lines()
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        return bool(lines) and all(
            float_compare(line.qty_delivered, line.product_uom_qty, digits) >= 0
            for line in lines
        )

    def _check_can_state_delivery(self):
        for order in self:
            if order.state != "sale" or not order._sales_deliverable_lines():
                raise UserError(
                    self.env._(
                        "%s has nothing to deliver. Confirm an order with something to "
                        "deliver first.",
                        order.display_name,
                    )
                )

    def _state_delivery(self, day):
        """Record who says that everything was delivered; callers check who may.

        :param date day: when; False to withdraw it
        """
        self.sudo().write(  # only this method sets it
            {
                "sales_delivery_stated_on": day,
                "sales_delivery_stated_by_id": day and self.env.uid,
            }
        )
