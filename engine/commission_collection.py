"""How much of a document is collected, and how much is overdue for too long.

What
----
Commission that is payable as the customer pays is payable by the share of the document
that came in as money::

    collected = money ÷ (total − credit notes matched with it)

A credit note lowers what is still to be paid, so an invoice of 1,000 with a credit note
of 400 is collected in full at 600. What is written off was never collected. A credit
note itself follows the invoices it is matched with, else the one it reverses, so that
invoice and credit note together pay what was collected of the rest; without either it
counts at once.

What of an instalment is not paid some days after its due date is overdue. Money and
credit notes pay the instalments that are due first.

An order is collected by what its invoices brought, divided by its own total.

Examples
--------
>>> from datetime import date
>>> D = Decimal
>>> invoice = Document(D(1000), credited=D(400), money=D(300))
>>> invoice.collected
Decimal('0.5')
>>> due = [(date(2024, 1, 31), D(500)), (date(2024, 3, 31), D(500))]
>>> late = Document(D(1000), money=D(100), dues=due)
>>> late.overdue(date(2024, 3, 1), 30), late.overdue(date(2024, 3, 2), 30)
(Decimal('0'), Decimal('0.4'))
"""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

ZERO = Decimal(0)
ONE = Decimal(1)


@dataclass
class Document:
    """An invoice, or an order by its invoices.

    :ivar total: what it is for, above zero
    :ivar credited: what credit notes took away of it
    :ivar money: what came in
    :ivar list dues: ``(day, amount)`` of its instalments
    :ivar list parts: ``(share, Document)`` of an order: its invoices
    """

    total: Decimal
    credited: Decimal = ZERO
    money: Decimal = ZERO
    dues: list = field(default_factory=list)
    parts: list = field(default_factory=list)

    @property
    def collected(self):
        """Share, 0–1."""
        money = self.money + sum((share * doc.money for share, doc in self.parts), ZERO)
        return _share(money, self.total - self.credited, ONE)

    def overdue(self, day, days):
        """Share, 0–1, that is unpaid more than so many days after it was due."""
        late = self._late(day, days)
        late += sum((share * doc._late(day, days) for share, doc in self.parts), ZERO)
        return min(ONE - self.collected, _share(late, self.total - self.credited, ZERO))

    def _late(self, day, days):
        limit = day - timedelta(days=days)
        due = sum((amount for due, amount in self.dues if due < limit), ZERO)
        return max(ZERO, due - self.credited - self.money)


def follow(matched, total, rest):
    """How much of a credit note counts: as much as of what it takes back.

    :param list matched: ``(amount, share collected)`` of the invoices it is matched
        with
    :param total: of the credit note, above zero
    :param rest: share of what is matched with no invoice

    >>> follow([(Decimal(300), ZERO)], Decimal(400), ONE)
    Decimal('0.25')
    """
    by_share = sum((amount * share for amount, share in matched), ZERO)
    open_amount = max(ZERO, total - sum((amount for amount, _share in matched), ZERO))
    return _share(by_share + open_amount * rest, total, ONE)


def _share(part, whole, otherwise):
    return min(ONE, max(ZERO, part / whole)) if whole > 0 else otherwise
