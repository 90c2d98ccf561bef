from odoo import api, fields, models


class SalesPlanLine(models.Model):
    """Which part of its plan an instalment is, for deals that are not signed yet."""

    _inherit = "sales.plan.line"

    sales_share_from = fields.Float(
        compute="_compute_sales_shares",
        store=True,
        digits=0,
        aggregator=None,
        help="What comes before it in the plan, as a share of all of it (0–1).",
    )
    sales_share_to = fields.Float(
        compute="_compute_sales_shares",
        store=True,
        digits=0,
        aggregator=None,
        help="The same with this instalment: 1 for the last one.",
    )

    # What is signed and not invoiced, by owner and day.
    _backlog_idx = models.Index(
        """(company_id, user_id, team_id, date_expected)
        INCLUDE (amount_outstanding_company, amount_due_company, order_id, partner_id)
        WHERE order_state = 'sale'
          AND amount_outstanding_company <> amount_due_company"""
    )

    @api.depends(
        "amount",
        "sequence",
        "order_id.sales_plan_line_ids.amount",
        "order_id.sales_plan_line_ids.sequence",
    )
    def _compute_sales_shares(self):
        """Each begins exactly where the one before it ends, so that nothing of an
        amount gets lost between two of them."""
        for order, own in self.grouped("order_id").items():
            lines = order._sorted_sales_plan() | own
            total = sum(lines.mapped("amount"))
            before, share = 0.0, 0.0
            for line in lines:
                before += line.amount
                start, share = share, before / total if total else 0.0
                if line == lines[-1:]:
                    share = 1.0
                if line in own:
                    line.sales_share_from = start
                    line.sales_share_to = share
