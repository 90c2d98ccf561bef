from odoo import api, fields, models

from ...engine.commission import ZERO
from ...engine.plan_split import decimal
from .commission_offer import OPEN, Line, Offer, percents


class CrmLead(models.Model):
    """What a deal is worth to whoever sells it."""

    _inherit = "crm.lead"

    @api.readonly
    def get_commission_worth(self):
        """What the user would earn by open deals, or who is led by the user.

        A deal counts at its forecast, as if all of it came on the day it is expected to
        close: what the period pays with it, less what it pays without. The number of
        queries does not depend on the number of deals.

        :return: ``{deal id: dict}``, see ``sales.commission.plan._worth_dict``; nothing
            of deals the user has no part in, and where there is no plan
        """
        leads = self._filtered_access("read").sudo()  # shares and quotations of others
        leads = leads.filtered(
            lambda lead: lead.type == "opportunity" and lead.won_status == "pending"
        )
        offers = leads._commission_offers()
        found = self.env["sales.commission.plan"]._worth_of(offers)
        return {offers[place].key: values for place, values in found.items()}

    def _commission_offers(self):
        """:return: list of :class:`.commission_offer.Offer` of those not ordered yet"""
        if not self:
            return []
        orders = self.env["sale.order"].search(
            [
                ("opportunity_id", "in", self.ids),
                "|",
                ("state", "in", OPEN),
                ("sales_is_ordered", "=", True),
            ]
        )
        ordered = orders.filtered("sales_is_ordered").opportunity_id
        drafts = orders.filtered(lambda order: order.state in OPEN)
        quotations = {
            deal.id: some.sorted(_rank)[-1:]
            for deal, some in drafts.grouped("opportunity_id").items()
        }
        lines = self.env["sale.order"].union(*quotations.values())._commission_lines()
        _orders, splits, teams = self.env["sales.split"]._of_documents([], self.ids)
        payments = (self - ordered)._commission_payments()
        return [
            lead._commission_offer(
                lines.get(quotations.get(lead.id)),
                splits.get(lead.id),
                teams,
                payments.get(lead.id, []),
            )
            for lead in self - ordered
        ]

    def _commission_offer(self, lines, split, teams, payments):
        company = self.company_id or self.env.company
        earning, overlay = percents(split, self.user_id.id)
        return Offer(
            self.id,
            company,
            self._commission_day(company),
            self.user_id.id or None,
            self.team_id.id or None,
            self._commission_scaled(lines),
            earning,
            overlay,
            teams,
            decimal(self.sales_forecast_probability or 0),
            payments,
        )

    def _commission_day(self, company):
        """When it is expected to close; never before today."""
        return max(
            self.sales_forecast_closing or fields.Date.today(), company._sales_today()
        )

    def _commission_scaled(self, lines):
        """The lines of the quotation, to the value the deal is forecast with."""
        value = decimal(self.sales_forecast_value or 0)
        if not lines:
            return [Line(None, None, value, value, value, None)] if value else []
        whole = sum((line.untaxed for line in lines), ZERO)
        if not value or not whole:
            return lines
        return [line.times(value / whole) for line in lines]

    def _commission_payments(self):
        """When customers are expected to pay deals: ``{deal id: [(day, weight)]}``."""
        found = {}
        if not self:
            return found
        slices = self.env["sales.forecast.line"].search_fetch(
            [("lead_id", "in", self.ids), ("kind", "=", "pipeline")],
            ["lead_id", "date", "date_cash", "amount"],
        )
        for part in slices:
            day = part.date_cash or part.date
            if day and part.amount > 0:
                row = day, decimal(part.amount)
                found.setdefault(part.lead_id.id, []).append(row)
        return found


def _rank(order):
    """Which quotation of a deal counts: as the forecast chooses it."""
    return (order.sales_counts, order.state == "sent", order.date_order, order.id)
