from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import clean_context, format_amount

from ..base.guards import refuse_protected
from ..base.whole import check_whole

# What a person plans. Everything else is read from order, invoices and payments.
PLAN_FIELDS = frozenset(
    {
        "sequence",
        "name",
        "amount",
        "percent",
        "trigger",
        "delay_months",
        "delay_days",
        "date_planned",
    }
)
# What makes a plan as a whole right or wrong.
WHOLE_FIELDS = frozenset({"sequence", "amount", "percent", "trigger"})
# A readonly field is still writable over RPC: these follow order and engine alone.
ENGINE_FIELDS = frozenset(
    {
        "contract_id",
        "company_id",
        "currency_id",
        "partner_id",
        "user_id",
        "team_id",
        "order_state",
        "date_trigger",
        "date_firm",
        "date_accepted",
        "amount_invoiced",
        "amount_collected",
        "amount_due",
        "date_invoiced",
        "date_invoice_due",
        "date_collected",
    }
)


class SalesPlanLine(models.Model):
    """What nobody can do to an instalment, on whatever channel.

    What the instalments of an order have to be together, ``sale_order_plan`` checks.
    """

    _inherit = "sales.plan.line"

    # === CONSTRAINT METHODS === #

    @api.constrains("amount")
    def _check_amount(self):
        for line in self:
            if line.currency_id.compare_amounts(line.amount, 0.0) < 0:
                raise ValidationError(
                    self.env._(
                        "“%s” is below zero. Enter an amount of zero or more.",
                        line.name,
                    )
                )

    def _sales_check_whole(self):
        """What is invoiced stays planned. The amounts of other instalments may move
        what is invoiced with this one, so all of them are written first."""
        for line in self:
            invoiced = max(line.amount_invoiced, 0.0)
            if line.currency_id.compare_amounts(line.amount, invoiced) < 0:
                raise ValidationError(
                    self.env._(
                        "%(invoiced)s of “%(line)s” are invoiced, so it cannot be "
                        "less. Credit the invoice first, or lower another instalment.",
                        line=line.name,
                        invoiced=format_amount(
                            self.env, line.amount_invoiced, line.currency_id
                        ),
                    )
                )

    @api.constrains("delay_months", "delay_days")
    def _check_delays(self):
        for line in self:
            if min(line.delay_months, line.delay_days) < 0:
                raise ValidationError(
                    self.env._(
                        "“%s” cannot be due before what it waits for. Enter months and "
                        "days of zero or more.",
                        line.name,
                    )
                )

    @api.constrains("trigger", "date_planned")
    def _check_date(self):
        for line in self:
            if line.trigger == "date" and not line.date_planned:
                raise ValidationError(
                    self.env._(
                        "“%s” is due on a date and has none. Enter the day under "
                        "“Planned On”.",
                        line.name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._complete_vals(vals) for vals in vals_list]
        for vals in vals_list:
            refuse_protected(self, vals, ENGINE_FIELDS)
        self._number_vals(vals_list)
        context = clean_context(self.env.context)  # no default may set a figure
        lines = super(
            # A dozen notes that a dozen instalments were created help nobody.
            SalesPlanLine,
            self.with_context(context, mail_create_nolog=True),
        ).create(vals_list)
        lines = lines.with_env(self.env)
        lines.order_id._check_sales_plan_open()
        check_whole(lines.order_id)
        check_whole(lines)
        return lines

    def write(self, vals):
        vals = dict(vals)
        refuse_protected(self, vals, ENGINE_FIELDS)
        if "amount" in vals:
            vals.pop("percent", None)  # follows the amount, to more digits than shown
        if "order_id" in vals and any(
            line.order_id.id != vals["order_id"] for line in self
        ):
            raise UserError(
                self.env._(
                    "An instalment stays with its order. Delete it there and add it to "
                    "the other order."
                )
            )
        if PLAN_FIELDS & vals.keys():
            self.order_id._check_sales_plan_open()
        result = super().write(vals)
        if WHOLE_FIELDS & vals.keys():
            lines = self.order_id.sales_plan_line_ids
            lines.invalidate_recordset(["amount_proposed"], flush=False)
            check_whole(self.order_id)
        if "amount" in vals:
            check_whole(self)
        return result

    def unlink(self):
        orders = self.order_id
        orders._check_sales_plan_open()
        result = super().unlink()
        check_whole(orders)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_invoiced(self):
        for line in self:
            if line._is_invoiced():
                raise UserError(
                    self.env._(
                        "“%s” has an invoice, so it cannot be deleted. Lower it to "
                        "what is invoiced, or cancel the invoice first.",
                        line.name,
                    )
                )

    def _delete_with_order(self):
        """Past the guard of cancelled orders. Private, so out of reach of clients."""
        return super().unlink()  # pylint: disable=super-method-mismatch

    # === BUSINESS METHODS === #

    def _is_invoiced(self):
        """Whether an invoice belongs to it, be it a draft."""
        self.ensure_one()
        line = self.sudo()  # whoever plans need not see invoices
        return bool(line.invoice_ids) or not line.currency_id.is_zero(
            line.amount_invoiced
        )

    def _complete_vals(self, vals):
        """A copy of ``vals`` that says order and amount."""
        vals = dict(vals)
        vals.setdefault("order_id", self.env.context.get("default_order_id"))
        vals.setdefault("amount", 0.0)
        percent = vals.pop("percent", 0.0)
        if percent and not vals["amount"]:
            order = self.env["sale.order"].browse(vals["order_id"])
            vals["amount"] = self._amount_of(order, percent)
        return vals

    def _number_vals(self, vals_list):
        """Put instalments without a place behind all others of their order."""
        loose = [vals for vals in vals_list if "sequence" not in vals]
        if not loose:
            return
        order_ids = {vals["order_id"] for vals in loose if vals["order_id"]}
        orders = self.env["sale.order"].browse(order_ids)
        last = defaultdict(int)
        for line in orders.sales_plan_line_ids:
            last[line.order_id.id] = max(last[line.order_id.id], line.sequence)
        for vals in loose:
            last[vals["order_id"]] += 10
            vals["sequence"] = last[vals["order_id"]]
