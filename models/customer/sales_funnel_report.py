from odoo import api, models
from odoo.tools import SQL

from ..pipeline.sales_funnel_scope import CUSTOMER, Group


class SalesFunnelReport(models.Model):
    """The funnel by what the customers are worth today.

    Judged by the company the user works in, as everywhere a class is shown.
    """

    _inherit = "sales.funnel.report"

    @api.model
    def _known_groups(self):
        partners = self.env["res.partner"].sudo()  # no secret: whoever sees the deal
        joins = SQL(
            "%s LEFT JOIN res_partner buyer ON buyer.id = %s",
            CUSTOMER,
            partners._field_to_sql("customer", "commercial_partner_id"),
        )
        return {
            **super()._known_groups(),
            "class": Group(
                model=None,
                column=partners._field_to_sql("buyer", "sales_own_class"),
                path="lead_id.sales_customer_class",
                joins=joins,
            ),
        }

    @api.model
    def _known_deal_filters(self):
        return {
            **super()._known_deal_filters(),
            "customer_class": (None, "sales_customer_class", "="),
        }
