from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ...engine.ledger import Row, Worth, settle
from ..properties import properties

CENT = Decimal("0.01")
START = date(2024, 1, 1)
PEOPLE = ("ann", "bob", "cid")

amounts = st.integers(-50_000, 50_000).map(lambda cents: cents * CENT)


@st.composite
def worths(draw):
    """What a part is worth, with shares that add up to 100 %."""
    cuts = sorted(draw(st.lists(st.integers(1, 99), max_size=2, unique=True)))
    edges = [0, *cuts, 100]
    holders = {
        person: Decimal(after - before)
        for person, before, after in zip(PEOPLE, edges, edges[1:], strict=False)
    }
    overlay = {"eve": Decimal(draw(st.integers(1, 100)))} if draw(st.booleans()) else {}
    return Worth(draw(amounts), START, CENT, holders, overlay)


def tell(ledger, worth, today):
    """Add to a ledger what it has to be told."""
    for new in settle(worth, ledger, today):
        ledger.append(
            Row(len(ledger) + 1, new.holder, new.amount, new.date, new.is_overlay)
        )


def total(ledger, until=None):
    return sum(
        row.amount
        for row in ledger
        if not row.is_overlay and (until is None or row.date <= until)
    )


@tagged("post_install", "-at_install")
class TestCreditEngine(BaseCase):
    """Whatever happens to a document, the ledger says what it is worth."""

    @properties()
    @given(st.lists(st.one_of(st.none(), worths()), min_size=1, max_size=8))
    def test_a_life(self, life):
        ledger, past = [], []
        for number, worth in enumerate(life):
            today = START + timedelta(days=10 * number)
            worth = worth and worth._replace(date=today)
            tell(ledger, worth, today)
            wanted = worth.amount if worth else 0
            with self.subTest(step=number):
                self.assertEqual(total(ledger), wanted)
                before = list(ledger)
                tell(ledger, worth, today)
                self.assertEqual(ledger, before, "told again, nothing is added")
            past.append((today, wanted))
        for today, wanted in past:
            self.assertEqual(
                total(ledger, today), wanted, "as of every day of the past"
            )

    @properties()
    @given(worths())
    def test_shares_are_exact(self, worth):
        ledger = []
        tell(ledger, worth, START)
        for holder, percent in worth.holders.items():
            amount = sum(
                row.amount
                for row in ledger
                if (row.holder, row.is_overlay) == (holder, False)
            )
            self.assertLessEqual(abs(amount - worth.amount * percent / 100), CENT)
        self.assertEqual(total(ledger), worth.amount)

    @properties()
    @given(worths(), amounts)
    def test_a_new_owner_takes_nothing(self, worth, later):
        """What changes is divided between those who hold the part."""
        if not worth.amount or not later:
            return
        ledger = []
        tell(ledger, worth, START)
        new = worth._replace(amount=later, holders={"new": Decimal(100)})
        tell(ledger, new, START + timedelta(days=1))
        self.assertNotIn("new", {row.holder for row in ledger})

    @properties()
    @given(worths())
    def test_taken_back_from_everybody(self, worth):
        ledger = []
        tell(ledger, worth, START)
        tell(ledger, None, START + timedelta(days=5))
        kept = {}
        for row in ledger:
            key = row.holder, row.is_overlay
            kept[key] = kept.get(key, 0) + row.amount
        self.assertFalse(any(kept.values()))

    def test_credited_again_to_who_earns_it_now(self):
        ledger = []
        worth = Worth(Decimal("10.00"), START, CENT, {"ann": Decimal(100)})
        tell(ledger, worth, START)
        tell(ledger, None, START + timedelta(days=3))
        again = worth._replace(holders={"bob": Decimal(100)})
        tell(ledger, again, START + timedelta(days=7))
        self.assertEqual(
            [(row.holder, row.amount, (row.date - START).days) for row in ledger],
            [("ann", 10, 0), ("ann", -10, 3), ("bob", 10, 7)],
        )

    def test_a_document_of_tomorrow_is_not_taken_back_before(self):
        ledger = []
        ahead = START + timedelta(days=30)
        worth = Worth(Decimal("10.00"), ahead, CENT, {"ann": Decimal(100)})
        tell(ledger, worth, START)
        tell(ledger, None, START + timedelta(days=1))
        self.assertEqual([row.date for row in ledger], [ahead, ahead])

    def test_corrections_name_what_they_take_back(self):
        worth = Worth(Decimal("10.00"), START, CENT, {"ann": Decimal(100)})
        row = Row(7, "ann", Decimal("10.00"), START, False)
        [back] = settle(None, [row], START)
        self.assertEqual((back.amount, back.reverses), (-10, 7))
        [less] = settle(worth._replace(amount=Decimal("4.00")), [row], START)
        self.assertEqual((less.amount, less.reverses), (-6, 7))
        [more] = settle(worth._replace(amount=Decimal("14.00")), [row], START)
        self.assertEqual((more.amount, more.reverses), (4, None))
