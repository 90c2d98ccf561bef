from odoo import api, fields, models

from . import main_sql

READ = {
    "account.move": ("move_type",),
    "account.move.line": ("move_id", "product_id", "price_subtotal", "display_type"),
    "sale.order.line": ("order_id",),
    "product.product": ("product_tmpl_id",),
    "product.template": ("categ_id",),
}


class AccountMove(models.Model):
    """The order a document is for, so that its money is found from the deal."""

    _inherit = "account.move"

    sales_main_order_id = fields.Many2one(
        comodel_name="sale.order",
        string="Order",
        compute="_compute_sales_main_order",
        compute_sudo=True,
        store=True,
        copy=False,
        index="btree_not_null",
        help="The order it is for; the first one where there are several.",
    )
    sales_is_shared = fields.Boolean(
        string="For Several Orders",
        compute="_compute_sales_main_order",
        compute_sudo=True,
        store=True,
        copy=False,
    )
    sales_main_category_id = fields.Many2one(
        comodel_name="product.category",
        string="Main Product Category",
        compute="_compute_sales_main_order",
        compute_sudo=True,
        store=True,
        copy=False,
        help="The one with the largest part of the untaxed amount.",
    )

    _sales_shared_idx = models.Index("(id) WHERE sales_is_shared")
    # What each salesperson invoiced.
    _sales_owner_idx = models.Index(
        "(invoice_user_id) INCLUDE (team_id) WHERE state = 'posted'"
        " AND move_type IN ('out_invoice', 'out_refund', 'out_receipt')"
    )

    @api.depends(
        "move_type",
        "line_ids.sale_line_ids",
        "invoice_line_ids.product_id",
        "invoice_line_ids.price_subtotal",
    )
    def _compute_sales_main_order(self):
        """The number of queries does not depend on the number of documents."""
        asked = self._origin.filtered(
            lambda move: move.is_sale_document(include_receipts=True)
        )
        found = {}
        if asked:
            for model, names in READ.items():
                self.env[model].flush_model(names)
            found = {
                move_id: row
                for move_id, *row in self.env.execute_query(
                    main_sql.documents(main_sql.few(asked.ids))
                )
            }
        for move in self:
            order_id, several, category_id = found.get(
                move._origin.id, (False, False, False)
            )
            move.sales_main_order_id = order_id
            move.sales_is_shared = several
            move.sales_main_category_id = category_id
