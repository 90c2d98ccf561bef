from odoo import api, fields, models

from ...engine.commission import HUNDRED, ONE, ZERO
from ...engine.plan_split import decimal
from .commission_offer import OPEN, Line, Offer, percents


class SaleOrder(models.Model):
    """What a quotation is worth to whoever sells it, and what its discount costs."""

    _inherit = "sale.order"

    # === READING === #

    @api.readonly
    def get_commission_worth(self):
        """What the user would earn by quotations, or who is led by the user.

        :return: ``{order id: dict}``, see ``sales.commission.plan._worth_dict``, with
            ``discount``: False, or what is given away (``given``) and what of the
            commission that takes (``cost``), in the currency of the company
        """
        orders = self._filtered_access("read").sudo()  # shares and costs of others
        orders = orders.filtered(lambda order: order.state in OPEN)
        return orders._commission_told(orders._commission_lines())

    @api.readonly
    def get_commission_draft(self, draft):
        """The same of one quotation as it is typed.

        :param dict draft: ``lines`` (see :meth:`_commission_typed`), ``others`` (ids of
            lines that were not loaded), ``currency_id``, and of a new quotation
            ``user_id``, ``team_id``, ``company_id``, ``opportunity_id``
        :return: dict, or False
        """
        order = self._filtered_access("read")[:1]
        if self and not order:
            return False
        # What is typed is told of to those only who are told of the saved one, too
        order = (order or self.new(self._commission_values(draft))).sudo()
        if order.state not in OPEN:
            return False
        found = order._commission_told({order: order._commission_typed(draft)})
        return next(iter(found.values()), False)

    @api.model
    def _commission_values(self, draft):
        """A quotation that was never saved; of a deal the user may see."""
        deal = self.env["crm.lead"].browse(draft.get("opportunity_id") or [])
        company = self.env["res.company"].browse(draft.get("company_id") or [])
        return {
            "state": "draft",
            "user_id": draft.get("user_id"),
            "team_id": draft.get("team_id"),
            "currency_id": draft.get("currency_id"),
            "company_id": (company & self.env.companies or self.env.company).id,
            "opportunity_id": deal.exists()._filtered_access("read").id,
        }

    def _commission_told(self, lines):
        """What is told of quotations.

        :param dict lines: ``{order: [Line]}``
        """
        offers = self._commission_offers(lines)
        given = {}
        for place, offer in enumerate(list(offers)):
            amount = sum((line.full - line.untaxed for line in offer.lines), ZERO)
            if amount > 0:
                whole = [line.without_discount() for line in offer.lines]
                given[place] = len(offers), amount
                offers.append(offer.with_lines(whole))
        found = self.env["sales.commission.plan"]._worth_of(offers)
        result = {}
        for place in range(len(offers) - len(given)):
            if place in found:
                values = result[offers[place].key] = found[place]
                values["discount"] = False
                if place in given:
                    whole, amount = given[place]
                    lost = found[whole]["earned"] - values["earned"]
                    lost = offers[place].company.currency_id.round(lost)
                    values["discount"] = {"given": float(amount), "cost": lost}
        return result

    # === WHAT IT IS === #

    def _commission_offers(self, lines):
        """:return: :class:`.commission_offer.Offer` of each, in their order"""
        deals = self.opportunity_id
        by_order, by_deal, teams = self.env["sales.split"]._of_documents(
            self._origin.ids, deals.ids
        )
        payments = deals._commission_payments()
        offers = []
        for order in self:
            deal, company = order.opportunity_id, order.company_id
            today = company._sales_today()
            is_open = deal.won_status == "pending"
            split = by_order.get(order._origin.id) or by_deal.get(deal.id)
            earning, overlay = percents(split, order.user_id._origin.id)
            offers.append(
                Offer(
                    order._origin.id,
                    company._origin,
                    deal._commission_day(company) if is_open else today,
                    order.user_id._origin.id or None,
                    order.team_id._origin.id or None,
                    lines.get(order, []),
                    earning,
                    overlay,
                    teams,
                    decimal(deal.sales_forecast_probability or 0) if is_open else None,
                    payments.get(deal.id, []),
                )
            )
        return offers

    # === LINES === #

    def _commission_lines(self):
        """Saved lines in the currency of the company: ``{order: [Line]}``."""
        result = {}
        for order in self:
            rate = decimal(order.currency_rate or 1)
            gift = order.company_id.sale_discount_product_id
            result[order] = [
                line._commission_line(rate, gift)
                for line in order.order_line
                if not line.display_type and not line.is_downpayment
            ]
        return result

    def _commission_typed(self, draft):
        """Lines as they are typed, those not loaded as they are saved.

        :param dict draft: ``lines``: dicts with ``id`` (False for new ones),
            ``product_id``, ``quantity``, ``price_unit``, ``discount`` (percent),
            ``subtotal``, ``total`` and ``cost`` (of a unit); what a screen does not
            have is taken from the saved line
        """
        rate = self._commission_rate(draft)
        company = self.company_id.sudo()  # which product stands for a discount
        gift = company.sale_discount_product_id
        saved = {line.id: line for line in self.order_line._origin}
        typed = draft.get("lines") or []
        products = self.env["product.product"].browse(
            {line.get("product_id") for line in typed} - {None, False}
        )
        products = {product.id: product for product in products.exists()}
        rows = [
            _typed_line(
                line,
                saved.get(line.get("id")),
                products.get(line.get("product_id")),
                rate,
                gift,
            )
            for line in typed
        ]
        others = [saved[id_] for id_ in draft.get("others") or [] if id_ in saved]
        return rows + [
            line._commission_line(rate, gift)
            for line in others
            if not line.display_type and not line.is_downpayment
        ]

    def _commission_rate(self, draft):
        """Units of the currency it is typed in for one of the company's."""
        company = self.company_id
        typed = self.env["res.currency"].browse(draft.get("currency_id") or [])
        if self._origin and typed == self._origin.currency_id:
            return decimal(self.currency_rate or 1)
        if not typed.exists():
            return ONE
        return decimal(
            typed._get_conversion_rate(
                company.currency_id,
                typed,
                company,
                self.date_order or fields.Date.today(),
            )
            or 1
        )


def _typed_line(line, saved, product, rate, gift):
    """A line as it is typed: :class:`.commission_offer.Line`."""

    def value(name, field):
        found = line.get(name)
        if found is None and saved:
            found = saved[field]
        return None if found is None else decimal(found or 0)

    if product is None and saved:
        product = saved.product_id
    quantity = value("quantity", "product_uom_qty") or ZERO
    untaxed = value("subtotal", "price_subtotal") or ZERO
    total = value("total", "price_total")
    cost = value("cost", "purchase_price")
    if cost is None and product:
        cost = decimal(product.standard_price) * rate
    return build_line(
        product,
        rate,
        untaxed,
        untaxed if total is None else total,
        (cost or ZERO) * quantity,
        value("discount", "discount") or ZERO,
        (value("price_unit", "price_unit") or ZERO) * quantity,
        gift,
    )


def build_line(product, rate, untaxed, total, cost, discount, price, gift):
    """A line in the currency of the company.

    :param discount: percent
    :param price: of all of it without a discount
    :param gift: the product that stands for a discount on the whole quotation
    """
    full = untaxed
    if product and product == gift and untaxed < 0:
        full = ZERO
    elif discount >= HUNDRED:
        full = price
    elif discount > 0:
        full = untaxed * HUNDRED / (HUNDRED - discount)
    template = product.product_tmpl_id if product else None
    return Line(
        template.categ_id.id or None if template else None,
        template.id or None if template else None,
        untaxed / rate,
        full / rate,
        total / rate,
        cost / rate,
    )
