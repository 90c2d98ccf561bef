"""What people may do in a replay: each does it in Odoo, and tells the model of it."""

from datetime import timedelta
from decimal import Decimal

from odoo.fields import Command

from .replay_common import CENT, RATES, Invoice, Line, Order, Payment, in_home


class People:
    """Mixin of a test that has ``orders``, ``invoices``, ``payments`` and ``dice``.

    Whoever finds nothing to do returns False.
    """

    def choose(self, items, suitable=lambda item: True):
        items = [item for item in items if suitable(item)]
        return self.dice.choice(items) if items else None

    # === ORDERS === #

    def sell(self):
        currency = self.dice.choice(list(RATES))
        buyer, person = self.dice.choice(self.buyers), self.dice.choice(self.people)
        team = self.dice.choice(self.teams)
        values = {"partner_id": buyer.id, "user_id": person.id, "team_id": team.id}
        if currency != "home":
            values["pricelist_id"] = self.pricelists[currency].id
        record = self.env["sale.order"].create(values)
        order = Order(record, buyer, currency, person, team)
        self.orders.append(order)
        self._new_line(order, self.dice.choice((20, 100, 340)))
        for _line in range(self.dice.randrange(3)):
            self._new_line(order, self.dice.choice((-20, 0, 60)))
        record.action_confirm()
        order.confirmed, order.day = True, self.day
        if self.dice.random() < 0.3:  # one that was closed some days ago
            order.day -= timedelta(days=self.dice.randrange(1, 20))
            record.date_order = f"{order.day} 12:00:00"
        self.tell_order(order)

    def _new_line(self, order, price):
        quantity, cost = self.dice.randrange(1, 4), self.dice.choice((0, 7, 30))
        record = self.env["sale.order.line"].create(
            {
                "order_id": order.record.id,
                "product_id": self.product_a.id,
                "product_uom_qty": quantity,
                "price_unit": price,
                "purchase_price": cost,
                "tax_ids": [Command.set(self.tax_sale_a.ids)],
            }
        )
        record.purchase_price = cost
        order.lines.append(Line(record, price, quantity, cost))

    def tell_order(self, order):
        """What the lines of an order are worth, and whether its customer is one."""
        day = self.today if order.known else order.day
        holders = self.people_of(order)
        for line in order.lines:
            worth = Decimal(line.price * line.quantity if order.confirmed else 0)
            margin = Decimal(
                (line.price - line.cost) * line.quantity if order.confirmed else 0
            )
            for metric, amount in (("booked", worth), ("margin", margin)):
                self.model.tell(
                    metric,
                    line.record.id,
                    in_home(amount, order.currency, order.day),
                    day,
                    self.today,
                    holders,
                )
        order.known = True
        self.tell_customer(order.customer)

    def tell_customer(self, customer):
        confirmed = [o for o in self.orders if o.customer == customer and o.confirmed]
        first = min(
            confirmed, key=lambda o: (o.record.date_order, o.record.id), default=None
        )
        self.model.tell(
            "new_customer",
            customer.id,
            Decimal(1 if first else 0),
            first and first.day,
            self.today,
            first and self.people_of(first),
        )

    def people_of(self, order):
        if not order.shares:
            return {(order.person, order.team): Decimal(1)}
        homes = {self.ann: self.homes(self.ann), self.bob: self.homes(self.bob)}
        return {
            (
                person,
                order.team if person == order.person else homes[person] or order.team,
            ): Decimal(percent) / 100
            for person, percent in order.shares.items()
        }

    def homes(self, person):
        return (
            self.env["crm.team.member"]
            .search([("user_id", "=", person.id)], order="id", limit=1)
            .crm_team_id
        )

    def change(self):
        order = self.choose(self.orders)
        if not order:
            return False
        line = self.dice.choice(order.lines)
        if self.dice.random() < 0.5:
            line.price = self.dice.choice((0, 20, 80, 1000))
            line.record.price_unit = line.price
        else:  # none is how a line of a confirmed order goes
            line.quantity = self.dice.choice((0, 1, 5))
            line.record.product_uom_qty = line.quantity
            line.price = int(line.record.price_unit)  # no price rule changes it
        return self.tell_order(order)

    def add_line(self):
        order = self.choose(self.orders, lambda o: not o.invoiced)
        if not order:
            return False
        self._new_line(order, self.dice.choice((-20, 0, 60)))
        return self.tell_order(order)

    def cost(self):
        order = self.choose(self.orders)
        if not order:
            return False
        line = self.dice.choice(order.lines)
        line.cost = self.dice.choice((0, 11, 50))
        line.record.purchase_price = line.cost
        return self.tell_order(order)

    def cancel(self):
        order = self.choose(self.orders, lambda o: o.confirmed)
        if not order:
            return False
        order.record._action_cancel()
        order.confirmed = False
        self.tell_order(order)
        if not order.invoiced and len(order.lines) > 1 and self.dice.random() < 0.5:
            order.record.action_draft()
            order.lines.pop().record.unlink()
        return None

    def confirm_again(self):
        order = self.choose(self.orders, lambda o: not o.confirmed)
        if not order:
            return False
        if order.record.state == "cancel":
            order.record.action_draft()
        order.record.action_confirm()
        order.confirmed, order.day = True, self.day
        return self.tell_order(order)

    # === PEOPLE === #

    def share(self):
        order = self.choose(self.orders)
        if not order:
            return False
        percent = self.dice.choice((50, 60, 90))
        order.shares = {self.ann: percent, self.bob: 100 - percent}
        order.record.sales_split_ids = [
            Command.clear(),
            *(
                Command.create({"user_id": person.id, "percent": value})
                for person, value in order.shares.items()
            ),
        ]
        return None

    def hand_over(self):
        order = self.choose(self.orders)
        if not order:
            return False
        order.person, order.team = (
            self.dice.choice(self.people),
            self.dice.choice(self.teams),
        )
        order.record.write({"user_id": order.person.id, "team_id": order.team.id})
        return None

    def move_person(self):
        if self.dice.random() < 0.6:
            return False
        members = self.env["crm.team.member"]
        person, team = self.dice.choice(self.people[:2]), self.dice.choice(self.teams)
        members.search([("user_id", "=", person.id)]).unlink()
        return members.create({"user_id": person.id, "crm_team_id": team.id}) and None

    # === DOCUMENTS === #

    def invoice(self):
        orders = [
            order
            for order in self.orders
            if order.confirmed
            and not order.invoiced
            and sum(line.price * line.quantity for line in order.lines) > 0
        ]
        if not orders:
            return False
        first = self.dice.choice(orders)
        chosen = [
            order
            for order in orders
            if order is first
            or (order.customer, order.currency) == (first.customer, first.currency)
            and self.dice.random() < 0.7
        ]
        records = self.env["sale.order"].union(*(order.record for order in chosen))
        record = records._create_invoices()
        lines = [
            [order, Decimal(line.price * line.quantity), line]
            for order in chosen
            for line in order.lines
            if line.quantity
        ]
        for order in chosen:
            order.invoiced = True
        invoice = Invoice(record, first.currency, lines)
        invoice.day = self.day - timedelta(days=self.dice.choice((0, 0, 3)))
        record.invoice_date = invoice.day
        self.invoices.append(invoice)
        return self._post(invoice)

    def _post(self, invoice):
        invoice.record.action_post()
        invoice.posted = True
        self.tell_invoice(invoice)
        if invoice.origin and invoice.origin.posted:  # Odoo matches the two
            self._set_off(invoice.origin, invoice)

    def tell_invoice(self, invoice):
        for order, amount, line in invoice.lines:
            amount = amount * invoice.sign if invoice.posted else Decimal(0)
            self.model.tell(
                "invoiced",
                (invoice.record.id, line.record.id),
                in_home(amount, invoice.currency, invoice.day),
                invoice.day,
                self.today,
                self.people_of(order),
            )
        for other in invoice.matches:
            if isinstance(other, Payment):
                self.tell_money(invoice, other)

    def reset(self):
        invoice = self.choose(self.invoices, lambda i: i.posted)
        if not invoice:
            return False
        invoice.record.button_draft()
        invoice.posted = False
        self.tell_invoice(invoice)
        if self.dice.random() < 0.5:
            self._loosen(invoice)  # as soon as the amount changes
            line = self.dice.choice(invoice.lines)
            [found] = invoice.record.invoice_line_ids.filtered(
                lambda own: own.sale_line_ids == line[2].record
            )
            found.price_unit += 20
            line[1] += Decimal(str(20 * found.quantity))
        return None

    def post_again(self):
        invoice = self.choose(
            self.invoices, lambda i: not i.posted and i.record.state == "draft"
        )
        return self._post(invoice) if invoice else False

    def refund(self):
        invoice = self.choose(self.invoices, lambda i: i.posted and i.sign > 0)
        if not invoice:
            return False
        record = self._credit(invoice.record, post=False)
        lines = [list(line) for line in invoice.lines]
        refund = Invoice(record, invoice.currency, lines, origin=invoice)
        refund.day = self.day
        record.invoice_date = self.day
        self.invoices.append(refund)
        return self._post(refund)

    # === MONEY === #

    def pay(self):
        invoice = self.choose(
            self.invoices,
            lambda i: i.posted and i.sign > 0 and i.open() > 0 and i.currency != "wild",
        )
        if not invoice:
            return False
        share = self.dice.choice((1, 2))
        amount = (invoice.open() / share).quantize(CENT)
        day = self.day - timedelta(days=self.dice.choice((0, 0, 5)))
        record = self._pay(invoice.record, float(amount), payment_date=day)
        payment = Payment(record, amount, day)
        self.payments.append(payment)
        invoice.matches[payment] = amount
        return self.tell_money(invoice, payment)

    def tell_money(self, invoice, payment):
        """Money of a document goes to its orders by what they have on it."""
        holders, whole = {}, sum(amount for _order, amount, _line in invoice.lines)
        for order, amount, _line in invoice.lines:
            for holder, fraction in self.people_of(order).items():
                part = fraction * amount / whole if whole else 0
                holders[holder] = holders.get(holder, 0) + part
        amount = (
            invoice.matches.get(payment, Decimal(0)) if invoice.posted else Decimal(0)
        )
        self.model.tell(
            "collected",
            (invoice.record.id, id(payment)),
            in_home(amount, invoice.currency, payment.day),
            max(payment.day, invoice.day),
            self.today,
            holders,
        )

    def _loosen(self, invoice):
        """All matches of a document go."""
        for other in list(invoice.matches):
            amount = invoice.matches.pop(other)
            if isinstance(other, Payment):
                self.tell_money(invoice, other)
            else:
                assert other.matches.pop(invoice) == amount

    def unmatch(self):
        invoice = self.choose(self.invoices, lambda i: i.matches)
        if not invoice:
            return False
        self._unmatch(invoice.record)
        return self._loosen(invoice)

    def match_again(self):
        used = {id(other) for i in self.invoices for other in i.matches}
        free = [payment for payment in self.payments if id(payment) not in used]
        payment = self.choose(free)
        invoice = payment and self.choose(
            self.invoices,
            lambda i: (
                i.posted
                and i.sign > 0
                and i.open() > 0
                and i.currency != "wild"
                and i.record.currency_id == payment.record.currency_id
                and i.record.partner_id == payment.record.partner_id
            ),
        )
        if not invoice:
            return False
        self._match(invoice.record, payment.record.move_id)
        invoice.matches[payment] = min(invoice.open(), payment.amount)
        return self.tell_money(invoice, payment)

    def match_refund(self):
        refund = self.choose(
            self.invoices, lambda i: i.posted and i.sign < 0 and i.open() > 0
        )
        invoice = refund and self.choose(
            self.invoices,
            lambda i: (
                i.posted
                and i.sign > 0
                and i.open() > 0
                and i.record.partner_id == refund.record.partner_id
                and i.currency == refund.currency != "wild"
            ),
        )
        if not invoice:
            return False
        self._match(invoice.record, refund.record)
        return self._set_off(invoice, refund)

    def _set_off(self, invoice, refund):
        """A document and a credit note settle each other as far as they go."""
        amount = min(invoice.open(), refund.open())
        if amount > 0:
            amount += invoice.matches.get(refund, Decimal(0))
            invoice.matches[refund] = refund.matches[invoice] = amount
