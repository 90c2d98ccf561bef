from collections import defaultdict
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date

# Who sees what a customer owes altogether.
SEE_ALL = (
    "account.group_account_invoice,account.group_account_readonly,"
    "sales_process.group_director"
)


class Overdue(NamedTuple):
    """What a customer has not paid in time."""

    amount: float  # in the currency of the company
    since: fields.Date  # the day it was due, of the oldest


class SaleOrder(models.Model):
    """Customers who do not pay are on hold, where the company wants it."""

    _inherit = "sale.order"

    sales_hold_state = fields.Selection(
        selection=[
            ("warn", "Warning"),
            ("hold", "On Hold"),
            ("released", "Released"),
        ],
        string="Hold",
        compute="_compute_sales_hold",
        compute_sudo=True,
        help="The customer has overdue invoices.",
    )
    sales_hold_message = fields.Char(compute="_compute_sales_hold_message")
    sales_hold_release_ids = fields.One2many(
        comodel_name="sales.hold.release",
        inverse_name="order_id",
        string="Releases",
        readonly=True,
        copy=False,
        groups="base.group_user",
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "amount_total",
        "company_id.sales_hold_amount",
        "company_id.sales_hold_days",
        "company_id.sales_hold_mode",
        "partner_id.commercial_partner_id",
        "sales_hold_release_ids.amount_total",
        "state",
    )
    def _compute_sales_hold(self):
        overdue = self._find_overdue()
        for order in self:
            order.sales_hold_state = order._judge_hold(overdue.get(order))

    def _judge_hold(self, overdue):
        if not overdue or self.state == "cancel":
            return False
        if self.company_id.sales_hold_mode == "warn":
            return "warn"
        return "released" if self._is_hold_released() else "hold"

    def _is_hold_released(self):
        """A release is good for the total it was given for, and for less."""
        return any(
            release.currency_id == self.currency_id
            and self.currency_id.compare_amounts(
                self.amount_total, release.amount_total
            )
            <= 0
            for release in self.sales_hold_release_ids
        )

    @api.depends("sales_hold_state")
    @api.depends_context("uid", "lang")
    def _compute_sales_hold_message(self):
        """Who owes how much since when, as far as the person may know it."""
        held = self.filtered("sales_hold_state")
        (self - held).sales_hold_message = False
        overdue = held.sudo()._find_overdue()  # told below to those who may know
        seen = {} if self._sees_all_overdue() else held._find_seen_overdue()
        for order in held:
            customer = order.partner_id.commercial_partner_id
            text = order._describe_overdue(overdue.get(order._origin), seen, customer)
            order.sales_hold_message = f"{text} {order._describe_hold()}".strip()

    @api.model
    def _sees_all_overdue(self):
        return self.env.su or self.env.user.has_groups(SEE_ALL)

    def _describe_overdue(self, overdue, seen, customer):
        if self._sees_all_overdue() and overdue:
            return self.env._(
                "%(customer)s owes %(amount)s, the oldest due since %(day)s.",
                customer=customer.display_name,
                amount=format_amount(
                    self.env, overdue.amount, self.company_id.currency_id
                ),
                day=format_date(self.env, overdue.since),
            )
        amounts, since = seen.get((self.company_id, customer), ({}, None))
        if amounts:
            return self.env._(
                "%(customer)s owes %(amount)s of your instalments, the oldest due "
                "since %(day)s.",
                customer=customer.display_name,
                amount=", ".join(
                    format_amount(self.env, amount, currency)
                    for currency, amount in amounts.items()
                ),
                day=format_date(self.env, since),
            )
        return self.env._("%s has overdue invoices.", customer.display_name)

    def _describe_hold(self):
        if self.sales_hold_state == "hold":
            return self.env._(
                "The order is on hold: accounting has to release it before it is "
                "confirmed or delivered."
            )
        if self.sales_hold_state == "released":
            last = self.sudo().sales_hold_release_ids[:1]  # who let it go on
            return self.env._(
                "Released by %(who)s: %(reason)s",
                who=last.user_id.name,
                reason=last.reason,
            )
        return ""

    # === WHO OWES WHAT === #

    def _find_overdue(self):
        """What the customers of these orders owe, where that puts them on hold.

        One query for all orders.

        :return: ``{order: Overdue}``, without those who are not on hold
        """
        orders = self.filtered(
            lambda order: (
                order.partner_id and order.company_id.sales_hold_mode != "none"
            )
        )
        pairs = defaultdict(set)
        for order in orders:
            pairs[order.company_id].add(
                order.partner_id.commercial_partner_id._origin.id
            )
        found = self.env["res.partner"]._sales_find_overdue(pairs)
        result = {}
        for order in orders:
            customer = order.partner_id.commercial_partner_id._origin
            overdue = found.get((order.company_id.id, customer.id))
            if overdue:
                result[order] = result[order._origin] = Overdue(*overdue)
        return result

    def _find_seen_overdue(self):
        """What is overdue of the instalments that the person may see.

        :return: ``{(company, customer): ({currency: amount}, day)}``
        """
        seen = {}
        lines = self.env["sales.plan.line"]
        if not lines.has_access("read"):
            return seen
        customers = self.partner_id.commercial_partner_id._origin
        for company, customer, currency, amount, day in lines._read_group(
            [
                ("partner_id", "in", customers.ids),
                ("company_id", "in", self.company_id.ids),
                ("state", "=", "overdue"),
            ],
            ["company_id", "partner_id", "currency_id"],
            ["amount_due:sum", "date_invoice_due:min"],
        ):
            amounts, since = seen.get((company, customer), ({}, day))
            amounts[currency] = amount
            seen[company, customer] = amounts, min(since, day)
        return seen

    # === GUARDS === #

    def _find_hold_problem(self):
        """Why the order may not go on; empty where it may."""
        self.ensure_one()
        if self.sudo().sales_hold_state != "hold":  # holds whoever looks at it
            return ""
        customer = self.partner_id.commercial_partner_id.sudo()  # its name alone
        return self.env._(
            "%(order)s is on hold, because %(customer)s has overdue invoices. Ask "
            "accounting to release it.",
            order=self.display_name,
            customer=customer.display_name,
        )

    def _check_hold(self):
        """:raise UserError: for orders that accounting has to release first"""
        orders = self.sudo()  # as of now, whoever looks at it
        orders.invalidate_recordset(["sales_hold_state"], flush=False)
        for order in self:
            problem = order._find_hold_problem()
            if problem:
                raise UserError(problem)

    def _sales_after_create(self, vals_list):
        result = super()._sales_after_create(vals_list)
        self.filtered(lambda order: order.state == "sale")._check_hold()
        return result

    def _sales_before_write(self, vals):
        before = super()._sales_before_write(vals)
        if vals.get("state") == "sale":
            self.filtered(lambda order: order.state != "sale")._check_hold()
        return before

    def _confirmation_error_message(self):
        return super()._confirmation_error_message() or self._find_hold_problem()

    def _has_to_be_signed(self):
        return super()._has_to_be_signed() and not self._find_hold_problem()

    def _has_to_be_paid(self):
        return super()._has_to_be_paid() and not self._find_hold_problem()

    def _is_confirmation_amount_reached(self):
        """A payment confirms no quotation that a person could not confirm."""
        reached = super()._is_confirmation_amount_reached()
        if reached and self.state in ("draft", "sent"):
            return not self._find_hold_problem()
        return reached

    def _check_can_state_delivery(self):
        self._check_hold()
        return super()._check_can_state_delivery()
