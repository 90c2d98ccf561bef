"""A model of the credit ledger that knows neither database nor ledger.

It is told what people did and keeps, for every part of a document, what it was worth
from which day on, and who earns which fraction of it. What the ledger has to say on any
day follows from that.
"""

from collections import defaultdict
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
TAX = Decimal("0.15")
START = date(2023, 1, 2)
# Of each currency one of ours buys so many, from a day of the history on. Whole prices
# stay exact, as Odoo spreads the rounding of an invoice over its lines; costs do not.
RATES = {
    "home": [(-500, Decimal(1))],
    "steady": [(-500, Decimal(2))],
    "wild": [
        (-500, Decimal(4)),
        (15, Decimal(8)),
        (60, Decimal("1.6")),
        (120, Decimal(5)),
    ],
}


def in_home(amount, currency, day):
    """An amount in the currency of the company at the rate of a day."""
    [*_before, rate] = [
        rate for since, rate in RATES[currency] if START + timedelta(days=since) <= day
    ]
    return (amount / rate).quantize(CENT, ROUND_HALF_UP)


class Ledger:
    """What everything was worth, from which day on, and who earns it.

    :ivar worth: ``{(metric, part): [(day, amount)]}``
    :ivar fractions: ``{(metric, part): {(person, team): fraction}}``
    :ivar kept: ``{(metric, part): {(person, team): [(day, change)]}}``
    """

    def __init__(self):
        self.worth = defaultdict(list)
        self.kept = defaultdict(lambda: defaultdict(list))
        self.fractions = {}

    def tell(self, metric, part, amount, day, today, holders):
        """A part is worth an amount now.

        :param day: of the document: only what was never worth anything begins then
        :param dict holders: ``{(person, team): fraction}``, earn it if it begins anew
        """
        life = self.worth[metric, part]
        before = life[-1][1] if life else Decimal(0)
        if amount == before:
            return
        when = max([today, *(moment for moment, _amount in life)]) if life else day
        life.append((when, amount))
        kept = self.kept[metric, part]
        if not before:
            self.fractions[metric, part] = holders
        for holder, fraction in self.fractions[metric, part].items():
            kept[holder].append((when, (amount - before) * fraction))

    def total(self, metric, day):
        """What a metric said on a day."""
        return sum(
            (
                at(life, day)
                for (name, _part), life in self.worth.items()
                if name == metric
            ),
            Decimal(0),
        )

    def by_holder(self, metric, day):
        """The same by ``(person, team)``, and in how many steps it came about."""
        sums = defaultdict(lambda: [Decimal(0), 0])
        for (name, _part), kept in self.kept.items():
            if name == metric:
                for holder, steps in kept.items():
                    for when, amount in steps:
                        if when <= day:
                            sums[holder][0] += amount
                            sums[holder][1] += 1
        return sums


def at(life, day):
    """The last amount of a life that began by a day."""
    return ([Decimal(0)] + [amount for when, amount in life if when <= day])[-1]


class Line:
    """A line of an order, in its currency."""

    def __init__(self, record, price, quantity, cost):
        self.record, self.price = record, price
        self.quantity, self.cost = quantity, cost


class Order:
    """An order as its people see it.

    :ivar shares: ``{person: percent}``, empty for the salesperson alone
    :ivar known: whether it has been credited before
    """

    def __init__(self, record, customer, currency, person, team):
        self.record, self.customer, self.currency = record, customer, currency
        self.person, self.team, self.shares = person, team, {}
        self.lines, self.confirmed, self.day, self.known = [], False, None, False
        self.invoiced = False


class Invoice:
    """A document, or one that takes back ``origin``.

    Its ``lines`` are ``[order, amount, key]``, amounts without tax.

    :ivar matches: ``{payment or document: amount with tax in its currency}``
    """

    def __init__(self, record, currency, lines, origin=None):
        self.record, self.currency, self.lines = record, currency, lines
        self.origin, self.sign = origin, -1 if origin else 1
        self.posted, self.day, self.matches = False, None, {}

    def total(self):
        untaxed = sum((amount for _order, amount, _key in self.lines), Decimal(0))
        return untaxed + (untaxed * TAX).quantize(CENT)

    def open(self):
        return self.total() - sum(self.matches.values(), Decimal(0))


class Payment:
    """Money: ``moves`` are its entries."""

    def __init__(self, record, amount, day):
        self.record, self.amount, self.day = record, amount, day
