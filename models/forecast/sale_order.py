from odoo import api, fields, models

from ...engine.plan_split import decimal
from ..contract.sales_plan_line_money import READ
from . import main_sql

# What the invoices of an order add up to follows from these of a document.
DOCUMENT = ("state", "move_type", "currency_id", "reversed_entry_id")
DOCUMENT_LINE = ("price_unit", "quantity", "discount", "tax_ids")


class SaleOrder(models.Model):
    """What the forecast of an order reads beside its instalments."""

    _inherit = "sale.order"

    sales_main_category_id = fields.Many2one(
        comodel_name="product.category",
        string="Main Product Category",
        compute="_compute_sales_main_category_id",
        store=True,
        copy=False,
        help="The one with the largest part of the untaxed amount.",
    )
    sales_unplanned = fields.Monetary(
        string="Not Planned nor Invoiced",
        compute="_compute_sales_unplanned",
        compute_sudo=True,
        store=True,
        copy=False,
        help="Including taxes: what no posted invoice has of a confirmed order; of an "
        "order with instalments, what they leave out.",
    )

    sales_is_ordered = fields.Boolean(
        string="Takes the Place of Its Deal",
        compute="_compute_sales_unplanned",
        compute_sudo=True,
        store=True,
        copy=False,
        help="It is confirmed, or was so and its invoices still stand.",
    )

    sales_counts = fields.Boolean(
        string="Counts for Its Deal",
        compute="_compute_sales_counts",
        compute_sudo=True,
        store=True,
        copy=False,
        help="Of the open quotations of a deal that have instalments: the last one "
        "that was sent, else the newest.",
    )

    _sales_unplanned_idx = models.Index(
        "(company_id, user_id, team_id) INCLUDE (sales_unplanned, currency_rate,"
        " date_order, commitment_date, opportunity_id, partner_id)"
        " WHERE state = 'sale' AND sales_unplanned <> 0"
    )
    # Deals that are read by their order or its plan, and those that are not.
    _sales_ordered_idx = models.Index("(opportunity_id) WHERE sales_is_ordered")
    _sales_counts_idx = models.Index(
        "(opportunity_id) INCLUDE (id, date_order, company_id) WHERE sales_counts"
    )
    _sales_read_idx = models.Index(
        "(opportunity_id) WHERE sales_is_ordered OR sales_counts"
    )

    @api.depends(
        "order_line.product_id",
        "order_line.price_subtotal",
        "order_line.display_type",
        "order_line.is_downpayment",
    )
    def _compute_sales_main_category_id(self):
        """Where a product moves to another category later, its orders stay."""
        self.env["sale.order.line"].flush_model(
            ["order_id", "product_id", "price_subtotal", "display_type"]
        )
        self.env["product.product"].flush_model(["product_tmpl_id"])
        self.env["product.template"].flush_model(["categ_id"])
        ids = self._origin.ids
        found = ids and dict(
            self.env.execute_query(main_sql.order_categories(main_sql.few(ids)))
        )
        for order in self:
            order.sales_main_category_id = ids and found.get(order._origin.id)

    @api.depends(
        "state",
        "amount_total",
        "currency_id",
        "invoice_status",
        "sales_plan_line_ids.amount",
        *(f"order_line.invoice_lines.{name}" for name in DOCUMENT_LINE),
        *(f"order_line.invoice_lines.move_id.{name}" for name in DOCUMENT),
    )
    def _compute_sales_unplanned(self):
        """The number of queries does not depend on the number of orders."""
        signed = self.filtered(lambda order: order.state == "sale")
        to_come = signed.filtered(lambda order: order.invoice_status != "invoiced")
        loose = to_come.filtered(lambda order: not order.sales_plan_line_ids)
        stood = (self - signed).filtered("order_line.invoice_lines")
        invoiced = (loose | stood)._origin._read_sales_invoiced()
        for order in self:
            amount, paper = 0.0, invoiced.get(order._origin.id, 0.0)
            if order in loose:
                amount = order.amount_total - paper
                # More was invoiced than ordered: nothing is left
                if amount * order.amount_total < 0:
                    amount = 0.0
            elif order in to_come:
                amount = order.amount_total - sum(
                    order.sales_plan_line_ids.mapped("amount")
                )
            currency = order.currency_id
            order.sales_unplanned = currency.round(amount) if currency else amount
            order.sales_is_ordered = order in signed or bool(paper)

    @api.depends(
        "state",
        "date_order",
        "sales_plan_line_ids",
        "opportunity_id.order_ids.state",
        "opportunity_id.order_ids.date_order",
        "opportunity_id.order_ids.sales_plan_line_ids",
    )
    def _compute_sales_counts(self):
        for deal, orders in self.grouped("opportunity_id").items():
            planned = (deal.order_ids | orders).filtered(
                lambda order: (
                    order.state in ("draft", "sent") and order.sales_plan_line_ids
                )
            )
            counts = planned.sorted(
                lambda order: (
                    order.state == "sent",
                    order.date_order,
                    order._origin.id or float("inf"),
                )
            )[-1:]
            for order in orders:
                order.sales_counts = bool(deal) and order == counts

    def _read_sales_invoiced(self):
        """What posted documents say of each order, in its currency, with taxes.

        :return: ``{order id: amount}``
        """
        units = {
            order.id: decimal(order.currency_id.rounding)
            for order in self
            if order.id and order.currency_id
        }
        if not units:
            return {}
        for model, names in READ.items():
            self.env[model].flush_model(names)
        documents = self.env["sales.plan.line"]._read_documents(units)
        return {
            order_id: float(sum(paper.total for paper in papers if not paper.draft))
            for order_id, papers in documents.items()
        }
