from decimal import Decimal

from odoo import api, fields, models


class SaleOrder(models.Model):
    """An order is paid by a plan and belongs to a contract."""

    _inherit = "sale.order"

    sales_plan_template_id = fields.Many2one(
        comodel_name="sales.plan.template",
        string="Payment Plan",
        check_company=True,
        domain="[('company_id', 'in', (company_id, False))]",
    )
    sales_plan_line_ids = fields.One2many(
        comodel_name="sales.plan.line",
        inverse_name="order_id",
        string="Instalments",
    )
    sales_plan_total = fields.Monetary(compute="_compute_sales_plan_total")
    sales_plan_gap = fields.Monetary(
        compute="_compute_sales_plan_total",
        help="Total of the order less its instalments.",
    )
    sales_contract_id = fields.Many2one(
        comodel_name="sales.contract",
        string="Contract",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )

    @api.depends("sales_plan_line_ids.amount", "amount_total")
    def _compute_sales_plan_total(self):
        for order in self:
            order.sales_plan_total = sum(order.sales_plan_line_ids.mapped("amount"))
            order.sales_plan_gap = (
                order.amount_total - order.sales_plan_total
                if order.sales_plan_line_ids
                else 0.0
            )

    def _prepare_sales_plan(self):
        """Instalments of this order by its template.

        :return: values of ``sales.plan.line``, without the order
        """
        self.ensure_one()
        currency = self.currency_id
        total = Decimal(str(currency.round(self.amount_total)))
        start = self.date_order.date() if self.date_order else None
        start = start or self.company_id._sales_today()
        template = self.sales_plan_template_id
        lines = template.with_context(lang=self._get_lang())
        return lines._prepare_plan(total, Decimal(str(currency.rounding)), start)
