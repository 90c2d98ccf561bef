from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_amount


class SaleOrder(models.Model):
    """What the instalments of an order have to be together, on whatever channel.

    A quotation may be planned in part. Before it is sent, signed, paid or confirmed the
    plan has to add up; on a confirmed order a change of the plan has to leave it whole.
    A change of the order itself may open a gap at any time: it shows, with a proposal.
    """

    _inherit = "sale.order"

    sales_plan_message = fields.Char(
        compute="_compute_sales_plan_message",
        compute_sudo=True,
        help="What keeps the order from being confirmed, as far as its plan goes.",
    )

    @api.depends(
        "state",
        "amount_total",
        "company_id.sales_plan_required",
        "order_line.product_id",
        "order_line.product_uom_qty",
        "sales_plan_template_id",
        "sales_plan_line_ids.amount",
        "sales_plan_line_ids.sequence",
        "sales_plan_line_ids.trigger",
    )
    @api.depends_context("lang")
    def _compute_sales_plan_message(self):
        for order in self:
            order.sales_plan_message = (
                order.state != "cancel" and order._find_sales_plan_problem()
            )

    # === HOOKS === #

    def _sales_after_create(self, vals_list):
        result = super()._sales_after_create(vals_list)
        bare = self.browse(
            order.id
            for order, vals in zip(self, vals_list, strict=True)
            if not vals.get("sales_plan_line_ids")
        )
        bare._make_sales_plan(strict=False)
        self.filtered(lambda order: order.state == "sale")._check_sales_plan_ready()
        return result

    def _sales_before_write(self, vals):
        before = super()._sales_before_write(vals)
        if "sales_plan_line_ids" in vals:
            # Behind the order lines: percentages are of the total they make.
            vals["sales_plan_line_ids"] = vals.pop("sales_plan_line_ids")
        if vals.get("state") == "sale":
            confirmed = self.filtered(lambda order: order.state != "sale")
            confirmed._make_sales_plan()
            confirmed._check_sales_plan_ready()
        return before

    def _sales_after_write(self, vals, before):
        result = super()._sales_after_write(vals, before)
        chosen = "sales_plan_template_id" in vals
        if "sales_plan_line_ids" in vals or not (chosen or "order_line" in vals):
            return result
        self.filtered(
            lambda order: (
                order.state != "cancel"
                and (
                    not order.sales_plan_line_ids
                    or (chosen and not order._is_sales_plan_typed())
                )
                and (order.sales_plan_template_id or order.sales_plan_line_ids)
            )
        )._apply_sales_plan(strict=chosen)
        return result

    def _sales_before_unlink(self):
        # Whoever may delete an order may delete its plan.
        self.sudo().sales_plan_line_ids._delete_with_order()
        return super()._sales_before_unlink()

    def _sales_check_whole(self):
        for order in self:
            problem = order._find_sales_plan_problem(whole=order.state == "sale")
            if problem:
                raise ValidationError(problem)
        return super()._sales_check_whole()

    # === BEFORE THE CUSTOMER IS BOUND === #

    def action_quotation_send(self):
        """No customer gets a plan that does not add up."""
        quotations = self.filtered(lambda order: order.state in ("draft", "sent"))
        quotations._make_sales_plan()
        quotations._check_sales_plan_ready()
        return super().action_quotation_send()

    def _confirmation_error_message(self):
        return super()._confirmation_error_message() or self._find_sales_plan_problem()

    def _has_to_be_signed(self):
        return super()._has_to_be_signed() and not self._find_sales_plan_problem()

    def _has_to_be_paid(self):
        return super()._has_to_be_paid() and not self._find_sales_plan_problem()

    def _is_confirmation_amount_reached(self):
        """A payment confirms no quotation that a person could not confirm."""
        reached = super()._is_confirmation_amount_reached()
        if reached and self.state in ("draft", "sent"):
            return not self._find_sales_plan_problem()
        return reached

    def _check_sales_plan_ready(self):
        for order in self:
            problem = order._find_sales_plan_problem()
            if problem:
                raise UserError(problem)

    def _check_sales_plan_open(self):
        """:raise UserError: for a cancelled order, whose plan is as it was"""
        cancelled = self.filtered(lambda order: order.state == "cancel")[:1]
        if cancelled:
            raise UserError(
                self.env._(
                    "%s is cancelled, so its payment plan stays as it is. Set the "
                    "order to quotation first.",
                    cancelled.display_name,
                )
            )

    # === WHAT IS WRONG === #

    def _find_sales_plan_problem(self, whole=True):
        """What is wrong with the plan, in a sentence that says what to do; else empty.

        :param bool whole: whether all of the total has to be planned by now
        """
        self.ensure_one()
        order = self.sudo()  # a plan holds whoever looks at it
        if not order.sales_plan_line_ids:
            return order._find_missing_plan() if whole else ""
        return order._find_gap(whole) or order._find_dead_trigger()

    def _find_missing_plan(self):
        if self.currency_id.compare_amounts(self.amount_total, 0.0) <= 0:
            return ""
        if self.sales_plan_template_id and self.state != "sale":
            # Made at the latest when it is confirmed.
            try:
                self._prepare_sales_plan()
            except ValidationError as error:
                return error.args[0]
        elif self.company_id.sales_plan_required:
            return self.env._(
                "%s has no payment plan yet. Choose one on the page “Payment Plan”.",
                self.display_name,
            )
        return ""

    def _find_gap(self, whole):
        side = self.currency_id.compare_amounts(self.sales_plan_gap, 0.0)
        amount = format_amount(self.env, abs(self.sales_plan_gap), self.currency_id)
        if side < 0:
            return self.env._(
                "The instalments of %(order)s exceed its total by %(amount)s. Press "
                "“Adjust to the Total” or lower one of them.",
                order=self.display_name,
                amount=amount,
            )
        if side > 0 and whole:
            return self.env._(
                "The instalments of %(order)s leave %(amount)s of its total "
                "unplanned. Press “Adjust to the Total” or raise one of them.",
                order=self.display_name,
                amount=amount,
            )
        return ""

    def _find_dead_trigger(self):
        """An instalment that would wait for ever."""
        lines = self._sorted_sales_plan()
        if lines[0].trigger == "invoice":
            return self.env._(
                "“%s” is the first instalment, so there is no invoice before it. Let "
                "it wait for something else.",
                lines[0].name,
            )
        waiting = lines.filtered(lambda line: line.trigger == "delivery")[:1]
        products = self.order_line.filtered(lambda line: not line.display_type)
        if waiting and products and not self._sales_deliverable_lines():
            return self.env._(
                "“%(line)s” waits for a delivery, but nothing on %(order)s is "
                "delivered. Let it wait for something else.",
                line=waiting.name,
                order=self.display_name,
            )
        return ""
