from odoo import api, fields, models
from odoo.exceptions import ValidationError

from . import plan_money_sql


class AccountMove(models.Model):
    """An invoice knows the instalment it was made for."""

    _inherit = "account.move"

    sales_plan_line_id = fields.Many2one(
        comodel_name="sales.plan.line",
        string="Instalment",
        copy=False,
        check_company=True,
        index="btree_not_null",
        tracking=True,
        help="The instalment of a payment plan this document was made for. Without "
        "one, the documents of an order fill its instalments in their sequence.",
    )

    sales_has_plan = fields.Boolean(compute="_compute_sales_has_plan")

    @api.depends("line_ids.sale_line_ids")
    def _compute_sales_has_plan(self):
        for move in self:
            orders = move.line_ids.sale_line_ids.order_id.sudo()  # to show a field
            move.sales_has_plan = bool(orders.sales_plan_line_ids)

    @api.constrains("sales_plan_line_id")
    def _check_sales_plan_line_id(self):
        for move in self.filtered("sales_plan_line_id"):
            plan_line = move.sales_plan_line_id.sudo()  # to name its order
            orders = move.line_ids.sale_line_ids.order_id
            if orders and plan_line.order_id not in orders:
                raise ValidationError(
                    self.env._(
                        "The instalment “%(instalment)s” belongs to %(order)s, this "
                        "document to %(orders)s. Choose an instalment of it.",
                        instalment=plan_line.name,
                        order=plan_line.order_id.name,
                        orders=", ".join(orders.sudo().mapped("name")),  # likewise
                    )
                )

    def copy_data(self, default=None):
        """What replaces a document is for the same instalment; a plain copy is not."""
        vals_list = super().copy_data(default=default)
        if self.env.context.get("include_business_fields"):
            for move, vals in zip(self, vals_list, strict=True):
                vals.setdefault("sales_plan_line_id", move.sales_plan_line_id.id)
        return vals_list

    def _post(self, soft=True):
        posted = super()._post(soft=soft)
        posted._sales_after_post()
        return posted

    def button_draft(self):
        result = super().button_draft()
        self._sales_after_reset()
        return result

    def _sales_after_post(self):
        """Hook: these documents and entries have just been posted."""
        self._sales_mark_matched()

    def _sales_after_reset(self):
        """Hook: these documents and entries are drafts again, on their way to be
        cancelled perhaps. What they are matched with stays matched."""
        self._sales_mark_matched()

    def _sales_mark_matched(self):
        """Money counts once it is posted: refresh what it is matched with."""
        entries = self.filtered(lambda move: move.move_type == "entry")
        if not entries:
            return
        lines = self.env["sales.plan.line"].sudo()  # figures follow whoever posts
        self.flush_model(["origin_payment_id", "sales_plan_line_id"])
        others = self.env.execute_query(plan_money_sql.matched_with(entries.ids))
        if others:
            lines._mark_figures(
                plan_money_sql.of_documents([move_id for (move_id,) in others])
            )
        if entries.origin_payment_id:
            lines._mark_figures(plan_money_sql.of_payments(entries.ids))
