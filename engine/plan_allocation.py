"""Which instalment of an order was invoiced and paid by which document.

What
----
An order is paid in instalments, and has documents: invoices and credit notes, each with
what was paid of it in cash and what is still open. A document that was made for one
instalment is *pinned* to it and counts there as a whole. The rest, made by other means,
is placed by what is open, the way a clerk would do it:

1. A credit note of a pinned invoice counts where its invoice does.
2. Other invoices, oldest first, fill the instalments in sequence; what exceeds all of
   them counts on the last.
3. Other credit notes take back, first from the instalments of the invoice they are for,
   then from the last invoiced instalment backwards; what exceeds all of them counts on
   the last.

An invoice that covers several instalments was paid in their sequence: cash settles the
first ones, what is open lies at the end. A credit note goes the other way round.

Nothing is lost or counted twice: the instalments add up to the documents, exactly, for
invoiced, collected and due, whatever the documents look like.

How to use
----------
:func:`allocate` takes the instalments of one order in their sequence and its documents,
and returns the :class:`Figures` of each instalment. :func:`divide` shares out a
document between several orders. Amounts are ``Decimal`` in the currency of the order;
those of credit notes are below zero.

Examples
--------
>>> from decimal import Decimal as D
>>> from datetime import date
>>> plan = [Instalment("deposit", D(300)), Instalment("rest", D(700))]
>>> made = [
...     Document(1, D(300), cash=D(300), pinned="deposit", date=date(2024, 1, 1)),
...     Document(2, D(500), cash=D(100), open=D(400), date=date(2024, 2, 1)),
...     Document(3, D(-50), open=D(-50), origin=2, date=date(2024, 2, 9)),
... ]
>>> for name, figures in allocate(plan, made).items():
...     print(name, figures.invoiced, figures.collected, figures.due)
deposit 300 300 0
rest 450 100 350
>>> divide(D("100.00"), [1, 1, 1], D("0.01"))
[Decimal('33.33'), Decimal('33.34'), Decimal('33.33')]
"""

from dataclasses import dataclass, field
from datetime import date as Date
from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)


@dataclass(frozen=True)
class Instalment:
    """What is to be paid at once.

    :ivar id: anything hashable
    :ivar amount: not negative; an instalment of zero takes only what is pinned to it
    """

    id: object
    amount: Decimal


@dataclass(frozen=True)
class Document:
    """An invoice or a credit note, or the part of it that belongs to this order.

    :ivar id: anything sortable; of two on a day the smaller one came first
    :ivar total: including taxes; below zero for a credit note
    :ivar cash: what of it moved money, with the sign of ``total``
    :ivar open: what of it is neither paid nor settled otherwise
    :ivar pinned: id of the instalment it was made for
    :ivar origin: id of the document a credit note takes back
    :ivar draft: not posted: it reserves its amount and counts for nothing else
    :ivar date: of the document
    :ivar date_due: the earliest day an open part of it is due
    :ivar date_paid: of its last payment
    """

    id: object
    total: Decimal
    cash: Decimal = ZERO
    open: Decimal = ZERO
    pinned: object = None
    origin: object = None
    draft: bool = False
    date: Date | None = None
    date_due: Date | None = None
    date_paid: Date | None = None

    @property
    def age(self):
        """Oldest first; what has no date is the youngest."""
        return (self.date or Date.max, self.id)


@dataclass
class Figures:
    """What became of an instalment.

    :ivar invoiced: documents less credit notes
    :ivar collected: cash received less cash paid back
    :ivar due: invoiced and still open
    :ivar drafted: in documents that are not posted
    :ivar prepaid: money for it that no document has asked for
    :ivar rest: still to be invoiced. What other instalments are over lowers it, the
        last instalments first, so that the order as a whole is not invoiced twice.
    :ivar date_invoiced: of the first document since nothing was invoiced
    :ivar date_due: the earliest day an open part is due
    :ivar date_collected: of the last payment, once nothing is open
    :ivar documents: ids of the documents with a part in it, drafts included
    """

    invoiced: Decimal = ZERO
    collected: Decimal = ZERO
    due: Decimal = ZERO
    drafted: Decimal = ZERO
    prepaid: Decimal = ZERO
    rest: Decimal = ZERO
    date_invoiced: Date | None = None
    date_due: Date | None = None
    date_collected: Date | None = None
    documents: list = field(default_factory=list)


def allocate(instalments, documents, prepaid=ZERO):
    """Place the documents of an order on its instalments.

    :param list instalments: :class:`Instalment`, in sequence
    :param documents: :class:`Document` of the order, in any order
    :param prepaid: money of the customer for this order that is matched with nothing
    :return: ``{id of the instalment: Figures}``; empty without instalments
    """
    if not instalments:
        return {}
    places = _Places(instalments)
    documents = sorted(documents, key=lambda document: document.age)
    pins = {document.id: document.pinned for document in documents}
    rest = []
    for document in documents:
        pinned = document.pinned
        if pinned not in places.parts and document.total < 0:
            pinned = pins.get(document.origin)
        if pinned in places.parts:
            places.put(document, [(pinned, document.total)])
        else:
            rest.append(document)
    for document in rest:
        if not document.draft:
            places.put(document, places.find(document))
    for document in rest:
        if document.draft and document.total > 0:
            places.put(document, places.find(document))
    figures = {
        instalment.id: _sum_up(places.parts[instalment.id])
        for instalment in instalments
    }
    _plan_ahead(instalments, figures, prepaid)
    return figures


def _plan_ahead(instalments, figures, prepaid):
    """Tell what is still to be invoiced, and where money without a document goes."""
    found = [figures[instalment.id] for instalment in instalments]
    rooms = [
        instalment.amount - one.invoiced
        for instalment, one in zip(instalments, found, strict=True)
    ]
    for one, part in zip(found, _spread(prepaid, rooms), strict=True):
        one.prepaid = part
    rooms = [room - one.drafted for room, one in zip(rooms, found, strict=True)]
    over = -sum(min(room, ZERO) for room in rooms)
    for one, room in zip(found[::-1], rooms[::-1], strict=True):
        covered = min(over, max(room, ZERO))
        over -= covered
        one.rest = max(room, ZERO) - covered


class _Places:
    """The instalments of an order while its documents are placed."""

    def __init__(self, instalments):
        self.amounts = {part.id: part.amount for part in instalments}
        self.parts = {part.id: [] for part in instalments}
        self.taken = dict.fromkeys(self.parts, ZERO)  # drafts included
        self.of_document = {}

    def put(self, document, parts):
        """Count a document on instalments.

        :param list parts: ``(id, amount)``, which add up to the document
        """
        amounts = [amount for _id, amount in parts]
        cash = _spread(document.cash, amounts)
        still_open = _spread(document.open, amounts[::-1])[::-1]
        for (id_, amount), *shares in zip(parts, cash, still_open, strict=True):
            self.parts[id_].append((document, amount, *shares))
            if not document.draft or amount > 0:
                self.taken[id_] += amount
        self.of_document[document.id] = dict(parts)

    def find(self, document):
        """Where a document belongs that is not pinned.

        :return: ``(id, amount)``, which add up to the document
        """
        total = document.total
        if total < 0:
            rooms = self._find_rooms_to_take_back(document)
        else:
            rooms = [
                (id_, max(amount - self.taken[id_], ZERO))
                for id_, amount in self.amounts.items()
            ]
        parts = []
        for id_, room in rooms:
            part = _clamp(total, room)
            if part:
                parts.append((id_, part))
                total -= part
        if total or not parts:
            parts.append((list(self.parts)[-1], total))
        parts = _merge(parts)
        own = self.of_document.get(document.origin, {})
        for id_, part in parts:
            if part < 0 and id_ in own:  # cannot be taken back a second time
                own[id_] = max(own[id_] + part, ZERO)
        places = list(self.parts)
        return sorted(
            parts, key=lambda part: places.index(part[0]), reverse=document.total < 0
        )

    def _find_rooms_to_take_back(self, document):
        """What a credit note can take back: of its invoice first, then of anything.

        :return: ``[(id, amount)]``, amounts below zero
        """
        own = self.of_document.get(document.origin, {})
        taken = dict(self.taken)
        rooms = []
        for id_, part in reversed(own.items()):
            room = max(min(part, taken[id_]), ZERO)
            taken[id_] -= room
            rooms.append((id_, -room))
        return rooms + [
            (id_, -max(amount, ZERO)) for id_, amount in reversed(taken.items())
        ]


def _merge(parts):
    merged = {}
    for id_, amount in parts:
        merged[id_] = merged.get(id_, ZERO) + amount
    return list(merged.items())


def _clamp(amount, room):
    """As much of ``amount`` as goes into ``room``; nothing if their signs differ."""
    if room < 0:
        return max(min(amount, ZERO), room)
    return min(max(amount, ZERO), room)


def _spread(amount, rooms):
    """Fill rooms one after the other; the last one takes whatever is left."""
    parts = []
    for room in rooms[:-1]:
        part = _clamp(amount, room)
        parts.append(part)
        amount -= part
    return [*parts, amount]


def _sum_up(parts):
    """The figures of one instalment.

    :param list parts: ``(document, amount, cash, open)``
    """
    figures = Figures()
    paid = []
    for document, amount, cash, still_open in sorted(
        parts, key=lambda part: part[0].age
    ):
        figures.documents.append(document.id)
        if document.draft:
            figures.drafted += max(amount, ZERO)
            continue
        figures.invoiced += amount
        figures.collected += cash
        figures.due += still_open
        if not figures.invoiced and amount:
            figures.date_invoiced = None  # taken back: the next one is the first
        elif document.total >= 0 and not figures.date_invoiced:
            figures.date_invoiced = document.date
        if still_open > 0 and document.date_due:
            figures.date_due = min(figures.date_due or Date.max, document.date_due)
        if cash and document.date_paid:
            paid.append(document.date_paid)
    if figures.invoiced and not figures.due and paid:
        figures.date_collected = max(paid)
    return figures


def divide(amount, weights, unit):
    """Share out an amount by weights of any sign, exactly.

    Every share is what the weights up to it call for less what was given before, each
    rounded to the unit; so no share is a whole unit off.

    :param amount: what to divide
    :param list weights: if they sum up to zero, the first takes everything
    :param unit: smallest amount of the currency
    :return: one ``Decimal`` per weight; they sum up to ``amount``
    """
    weights = [Decimal(str(weight)) for weight in weights]
    whole = sum(weights)
    if not whole:
        return [amount, *[ZERO] * (len(weights) - 1)]
    shares, given, reached = [], ZERO, ZERO
    for weight in weights[:-1]:
        reached += weight
        goal = to_unit(amount * reached / whole, unit)
        shares.append(goal - given)
        given = goal
    return [*shares, amount - given]


def to_unit(amount, unit):
    """Round to the smallest amount of a currency, half away from zero."""
    return (amount / unit).quantize(Decimal(1), ROUND_HALF_UP) * unit
