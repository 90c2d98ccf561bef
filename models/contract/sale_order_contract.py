from odoo import api, fields, models
from odoo.exceptions import UserError

from ..base.guards import refuse_protected

# Which contract an order belongs to is recorded by the actions below alone.
LINK_FIELDS = frozenset({"sales_contract_id"})


class SaleOrder(models.Model):
    """From orders to the contract they are watched in."""

    _inherit = "sale.order"

    sales_contract_possible = fields.Boolean(
        compute="_compute_sales_contract_possible",
        help="The order is confirmed and no contract covers it yet.",
    )

    # === COMPUTE METHODS === #

    @api.depends("state", "sales_contract_id.state")
    def _compute_sales_contract_possible(self):
        for order in self:
            order.sales_contract_possible = (
                order.state == "sale" and not order._is_under_contract()
            )

    # === HOOKS === #

    def _sales_before_create(self, vals_list):
        for vals in vals_list:
            refuse_protected(self, vals, LINK_FIELDS)
            vals.setdefault("sales_contract_id", False)  # no default may set it
        return super()._sales_before_create(vals_list)

    def _sales_before_write(self, vals):
        refuse_protected(self, vals, LINK_FIELDS)
        return super()._sales_before_write(vals)

    def _action_confirm(self):
        result = super()._action_confirm()
        self._create_automatic_contracts()
        return result

    # === ACTION METHODS === #

    def action_sales_create_contract(self):
        """Make one contract over these orders and open it.

        :raise UserError: unless they are confirmed orders of one customer, company and
            currency that no other contract covers
        """
        self.check_access("write")
        self.env["sales.contract"].check_access("create")
        self._check_one_contract()
        self._check_sales_contract_fits()
        return self._create_sales_contracts([self]).get_formview_action()

    def action_sales_view_contract(self):
        """Open the contract of these orders."""
        return self.sales_contract_id.get_formview_action()

    def action_sales_leave_contract(self):
        """Take the order out of a contract that is not signed yet."""
        self.check_access("write")
        contracts = self.sales_contract_id
        contracts.check_access("write")
        contracts._check_open()
        contracts._message_log_batch(
            bodies={
                contract.id: self.env._(
                    "Taken out: %s",
                    ", ".join((self & contract.order_ids).mapped("name")),
                )
                for contract in contracts
            }
        )
        self.sudo().sales_contract_id = False  # recorded by the system

    # === BUSINESS METHODS === #

    def _create_sales_contracts(self, groups):
        """One contract for each of these groups of orders.

        :param list groups: recordsets of orders
        """
        return self.env["sales.contract"]._create_from_orders(groups)

    def _create_automatic_contracts(self):
        """Contracts of companies that want one for every confirmed order."""
        orders = self.sudo()  # whoever confirms, a customer in the portal included
        orders = orders.filtered(
            lambda order: (
                order.company_id.sales_contract_automatic
                and not order._is_under_contract()
                and order.currency_id.compare_amounts(order.amount_total, 0.0) > 0
            )
        )
        if orders:
            orders._create_sales_contracts(list(orders))

    def _is_under_contract(self):
        """Whether a contract that was not cancelled covers it."""
        self.ensure_one()
        return bool(self.sales_contract_id) and (
            self.sales_contract_id.state != "cancelled"
        )

    def _check_one_contract(self):
        """:raise UserError: unless one contract can be about all of them"""
        if not self:
            raise UserError(self.env._("Choose at least one order."))
        for field, message in (
            (
                self.partner_id.commercial_partner_id,
                self.env._("A contract has one customer. Choose orders of one of: %s."),
            ),
            (
                self.company_id,
                self.env._("A contract has one company. Choose orders of one of: %s."),
            ),
            (
                self.currency_id,
                self.env._("A contract has one currency. Choose orders in one of: %s."),
            ),
        ):
            if len(field) > 1:
                raise UserError(message % ", ".join(field.mapped("display_name")))

    def _check_sales_contract_fits(self, contract=None):
        """:raise UserError: for orders that cannot come under a contract

        :param contract: the one they are to join; none for a new one
        """
        for order in self:
            if order.state != "sale":
                raise UserError(
                    self.env._(
                        "%s is not confirmed. Confirm it first: a contract is over "
                        "what was ordered.",
                        order.name,
                    )
                )
            if order._is_under_contract() and order.sales_contract_id != contract:
                raise UserError(
                    self.env._(
                        "%(order)s belongs to the contract %(contract)s already.",
                        order=order.name,
                        contract=order.sales_contract_id.sudo().name,  # a number
                    )
                )
            if contract and (
                order.company_id != contract.company_id
                or order.currency_id != contract.currency_id
                or order.partner_id.commercial_partner_id
                != contract.commercial_partner_id
            ):
                raise UserError(
                    self.env._(
                        "%(order)s does not fit %(contract)s: customer, company and "
                        "currency have to be the same.",
                        order=order.name,
                        contract=contract.name,
                    )
                )
