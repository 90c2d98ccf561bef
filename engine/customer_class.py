"""What a customer is worth: ABC by revenue, and scores of recency, frequency, money.

What
----
ABC: customers in the order of their revenue, largest first. As long as those before a
customer bring less than the first boundary of the whole revenue, the customer is an A;
up to the second boundary a B; then a C. Looking at the share *before* the customer
makes the one who crosses a boundary belong to the better class, so a single giant is an
A (after H. F. Dickie, "ABC Inventory Analysis Shoots for Dollars, not Pennies", Factory
Management and Maintenance, July 1951).

RFM: a score of 1 to 5 each for how lately, how often and for how much a customer
bought, by quintiles of all customers (A. M. Hughes, "Strategic Database Marketing",
1994). Customers with equal values share a score, that of the middle of their ranks,
where plain quintiles would cut them apart. One customer alone, or all of them alike,
is a 3.

How to use
----------
Describe the customers who bought in the window with :class:`Customer` and call
:func:`judge`. Amounts are whole numbers of the smallest unit of one currency, so that
sums and boundaries are exact; boundaries are percent.

Examples
--------
80 % of 1,000 are 800: the second customer begins at 700 and is still an A.

>>> abc({"Ann": 700, "Bob": 200, "Cid": 60, "Dan": 40, "Eve": 0}, 80, 95)
{'Ann': 'a', 'Bob': 'a', 'Cid': 'b', 'Dan': 'c', 'Eve': 'c'}
>>> abc({"Giant": 100, "Refund": -40}, 80, 95)
{'Giant': 'a', 'Refund': 'c'}

>>> scores({"Ann": 1, "Bob": 2, "Cid": 2, "Dan": 2, "Eve": 9})
{'Ann': 1, 'Bob': 3, 'Cid': 3, 'Dan': 3, 'Eve': 5}
>>> scores({"Ann": 7}), scores({"Ann": 7, "Bob": 8})
({'Ann': 3}, {'Ann': 2, 'Bob': 4})

>>> customers = [Customer("Ann", 700, 4, 10), Customer("Bob", 100, 4, 90)]
>>> judge(customers, 80, 95)  # doctest: +NORMALIZE_WHITESPACE
[Judgement(key='Ann', customer_class='a', recency=4, frequency=3, monetary=4),
 Judgement(key='Bob', customer_class='b', recency=2, frequency=3, monetary=2)]
"""

from dataclasses import dataclass
from fractions import Fraction

BEST_SCORE = 5


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who bought in the window.

    :ivar key: identity, handed back
    :ivar revenue: whole number of the smallest unit of the currency; may be negative
    :ivar invoices: how often the customer bought
    :ivar days: since the customer last bought
    """

    key: object
    revenue: int
    invoices: int
    days: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """:ivar customer_class: ``a``, ``b`` or ``c``
    :ivar recency, frequency, monetary: scores, 1 (worst) to 5 (best)
    """

    key: object
    customer_class: str
    recency: int
    frequency: int
    monetary: int


def judge(customers, share_a, share_ab):
    """Judge customers beside each other.

    :param customers: list of :class:`Customer` with keys of their own
    :param float share_a: percent of the revenue that the A customers bring
    :param float share_ab: percent that A and B customers bring together
    :return: one :class:`Judgement` each, in the same order
    """
    classes = abc({c.key: c.revenue for c in customers}, share_a, share_ab)
    recency = scores({c.key: -c.days for c in customers})
    frequency = scores({c.key: c.invoices for c in customers})
    monetary = scores({c.key: c.revenue for c in customers})
    return [
        Judgement(
            key=customer.key,
            customer_class=classes[customer.key],
            recency=recency[customer.key],
            frequency=frequency[customer.key],
            monetary=monetary[customer.key],
        )
        for customer in customers
    ]


def abc(revenues, share_a, share_ab):
    """Class of each customer by cumulative share of revenue.

    Equal revenues get the same class. Who brings nothing, or costs money, is a C and
    does not count in the whole.

    :param dict revenues: whole amount of each customer
    :param float share_a, share_ab: boundaries, percent of the whole
    :return: ``{key: "a", "b" or "c"}``
    """
    total = sum(revenue for revenue in revenues.values() if revenue > 0)
    end_a, end_b = (Fraction(str(share)) / 100 * total for share in (share_a, share_ab))
    classes, before = dict.fromkeys(revenues, "c"), 0
    for revenue, keys in _ranked(revenues, reverse=True):
        if revenue <= 0 or before >= end_b:
            break
        classes.update(dict.fromkeys(keys, "a" if before < end_a else "b"))
        before += revenue * len(keys)
    return classes


def scores(values):
    """Score of each customer by quintiles: the higher the value, the better.

    :param dict values: value of each customer
    :return: ``{key: 1 to 5}``
    """
    found, worse = {}, 0
    for _value, keys in _ranked(values):
        # Rank of the middle of those alike, in half customers: whole numbers only.
        middle = 2 * worse + len(keys)
        score = -(-BEST_SCORE * middle // (2 * len(values)))
        found.update(dict.fromkeys(keys, score))
        worse += len(keys)
    return {key: found[key] for key in values}


def _ranked(values, reverse=False):
    """``(value, keys)`` of those alike, in the order of the values."""
    alike = {}
    for key, value in values.items():
        alike.setdefault(value, []).append(key)
    for value in sorted(alike, reverse=reverse):
        yield value, alike[value]
