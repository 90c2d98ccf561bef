from odoo import models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_amount

from ...engine.plan_split import PlanError, adjusted
from ..base.whole import as_a_whole
from .sales_plan_template import to_decimal


class SaleOrder(models.Model):
    """How the plan of an order is made, and brought to another total.

    A template makes it or a person types it. Nothing that was typed is overwritten
    without asking, and a new total of the order only proposes new amounts.
    """

    _inherit = "sale.order"

    # === ACTION METHODS === #

    def action_sales_apply_plan(self):
        """Replace the instalments by those of the chosen payment plan."""
        self.check_access("write")
        self._apply_sales_plan()

    def action_sales_adjust_plan(self):
        """Give the instalments the amounts that are proposed for the present total."""
        self.check_access("write")
        for order in self:
            order._adjust_sales_plan()

    def action_sales_round_off_plan(self):
        """Let the last instalment take what is left of the total."""
        self.check_access("write")
        for order in self:
            order._round_off_sales_plan()

    # === BY THE TEMPLATE === #

    def _sorted_sales_plan(self):
        """The instalments in their order, also before they are saved."""
        return self.sales_plan_line_ids.sorted(
            lambda line: (line.sequence, line._origin.id or float("inf"))
        )

    def _prepare_sales_plan(self, template=None, total=None):
        """Instalments of this order by a template.

        :param template: the chosen one by default
        :param float total: including taxes; that of the order by default
        :return: values of ``sales.plan.line``, without the order; none for a total of
            zero or less
        :raise ValidationError: where the template does not fit
        """
        self.ensure_one()
        template = self.sales_plan_template_id if template is None else template
        total = self.amount_total if total is None else total
        if not template or self.currency_id.compare_amounts(total, 0.0) <= 0:
            return []
        company = self.company_id
        return template.with_context(lang=self._get_lang())._prepare_plan(
            total,
            self.currency_id,
            company._sales_day(self.date_order) or company._sales_today(),
            promised=company._sales_day(self.commitment_date),
        )

    def _prepare_from_source(self, total):
        """What the template that made the plan makes of ``total``, if it can."""
        try:
            return self._prepare_sales_plan(self.sales_plan_source_id, total)
        except ValidationError:
            return []

    def _is_sales_plan_typed(self):
        """Whether a person changed what the template made."""
        self.ensure_one()
        lines = self._sorted_sales_plan()
        made = self._prepare_from_source(sum(lines.mapped("amount"))) if lines else []
        return [self._plan_key(line) for line in lines] != [
            self._plan_key(vals) for vals in made
        ]

    def _plan_key(self, line):
        """What a person can type.

        :param line: a record or values of it
        """
        return (
            line["name"],
            to_decimal(line["amount"], self.currency_id),
            line["trigger"],
            line["delay_months"],
            line["delay_days"],
            line["trigger"] == "date" and line["date_planned"],
        )

    def _make_sales_plan(self, strict=True):
        """Make the plans that were chosen before there was a total to plan."""
        self.filtered(
            lambda order: order.sales_plan_template_id and not order.sales_plan_line_ids
        )._apply_sales_plan(strict=strict)

    def _apply_sales_plan(self, strict=True):
        """Replace the instalments of saved orders by those of their template.

        :param bool strict: raise where a template does not fit; else such an order
            stays as it is, and says so on its page
        """
        made, vals_list = self.browse(), []
        for order in self:
            try:
                prepared = order._prepare_sales_plan()
            except ValidationError:
                if strict:
                    raise
                continue
            made |= order
            vals_list += [dict(vals, order_id=order.id) for vals in prepared]
        with as_a_whole(self):
            made.sales_plan_line_ids.unlink()
            self.env["sales.plan.line"].create(vals_list)
            for template, orders in made.grouped("sales_plan_template_id").items():
                orders.sales_plan_source_id = template

    # === TO ANOTHER TOTAL === #

    def _propose_sales_plan_amounts(self):
        """``{instalment: amount}`` for the present total; empty without a gap."""
        lines = self._sorted_sales_plan()
        if not lines or self.currency_id.is_zero(self.sales_plan_gap):
            return {}
        try:
            return dict(zip(lines, self._adjusted_amounts(lines), strict=True))
        except PlanError:
            return {}

    def _adjusted_amounts(self, lines):
        """:raise PlanError: where what is invoiced leaves no way"""
        currency = self.currency_id
        amounts = [to_decimal(line.amount, currency) for line in lines]
        fixed = [bool(line._origin) and line._origin._is_invoiced() for line in lines]
        made = self._prepare_from_source(sum(lines.mapped("amount")))
        if not any(fixed) and amounts == [
            to_decimal(vals["amount"], currency) for vals in made
        ]:  # as the template made them: it knows which amounts are fixed
            again = self._prepare_from_source(self.amount_total)
            if len(again) == len(lines):
                return [vals["amount"] for vals in again]
        total = to_decimal(self.amount_total, currency)
        unit = to_decimal(currency.rounding, currency)
        return [float(part) for part in adjusted(total, amounts, fixed, unit)]

    def _adjust_sales_plan(self):
        """:raise UserError: where what is invoiced leaves no way"""
        self.ensure_one()
        lines = self._sorted_sales_plan()
        try:
            amounts = self._adjusted_amounts(lines)
        except PlanError as error:
            raise UserError(self._explain_plan_error(error)) from error
        with as_a_whole(self):
            for line, amount in zip(lines, amounts, strict=True):
                if self.currency_id.compare_amounts(line.amount, amount):
                    line.amount = amount

    def _round_off_sales_plan(self):
        """:raise UserError: where the last instalment cannot take what is left"""
        self.ensure_one()
        open_lines = self._sorted_sales_plan().filtered(
            lambda line: not line._origin or not line._origin._is_invoiced()
        )
        last = open_lines[-1:]
        if not last:
            error = PlanError("full", self.sales_plan_gap)
            raise UserError(self._explain_plan_error(error))
        amount = self.currency_id.round(last.amount + self.sales_plan_gap)
        if self.currency_id.compare_amounts(amount, 0.0) < 0:
            raise UserError(
                self.env._(
                    "“%s” is smaller than what is planned too much. Adjust all "
                    "instalments to the total instead.",
                    last.name,
                )
            )
        last.amount = amount

    def _explain_plan_error(self, error):
        amount = format_amount(self.env, float(error.amount), self.currency_id)
        if error.reason == "fixed":
            return self.env._(
                "The instalments with invoices exceed the total by %s. Credit an "
                "invoice first.",
                amount,
            )
        return self.env._(
            "Every instalment has an invoice. Add another one of %s for what came on "
            "top.",
            amount,
        )
