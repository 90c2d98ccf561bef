from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ...engine.commission import (
    Bracket,
    Credit,
    capped,
    drawn,
    earn,
    fixed,
    in_money,
    rate_at,
    rounded,
    total,
)
from ...engine.commission_collection import Document, follow
from ..properties import properties

D = Decimal
CENT = D("0.01")
MODES = st.sampled_from(("marginal", "retroactive"))
money = st.integers(-200000, 200000).map(lambda cents: D(cents) / 100)
sums = st.integers(0, 500000).map(lambda cents: D(cents) / 100)
rates = st.integers(0, 3000).map(lambda number: D(number) / 100)


@st.composite
def plans(draw, rising=False):
    """Brackets by their lower bounds, the lowest anywhere."""
    lowers = draw(st.sets(sums, min_size=1, max_size=5))
    percents = draw(st.lists(rates, min_size=len(lowers), max_size=len(lowers)))
    if rising:
        percents.sort()
    return in_money(
        [Bracket(low, rate) for low, rate in zip(sorted(lowers), percents, strict=True)]
    )


@tagged("post_install", "-at_install")
class TestCommissionEngine(BaseCase):
    """What holds for all brackets and all credit."""

    # === WHAT THE NEIGHBOUR GETS WRONG === #

    NEIGHBOUR = (Bracket(D(0), D(5)), Bracket(D(1001), D(10)))

    def test_no_gaps(self):
        """Sections 0–1000 and 1001–5000: 1000.50 and 5001 are paid there as nothing."""
        plan = list(self.NEIGHBOUR)
        self.assertEqual(total(D("1000.50"), plan, "marginal"), D("50.025"))
        self.assertEqual(total(D(5001), plan, "marginal"), D("450.05"))
        self.assertEqual(total(D(5001), plan, "retroactive"), D("500.1"))

    def test_no_cliff_where_none_was_wanted(self):
        """1000 pays 50.00 and 1001 there 100.10: here 50.05 when marginal."""
        plan = list(self.NEIGHBOUR)
        self.assertEqual(total(D(1000), plan, "marginal"), D(50))
        self.assertEqual(total(D(1001), plan, "marginal"), D("50.05"))
        self.assertEqual(total(D(1001), plan, "retroactive"), D("100.1"))

    def test_not_by_line(self):
        """Two lines of 600 earn what one of 1200 earns."""
        plan = [Bracket(D(0), D(5)), Bracket(D(1000), D(10))]
        for mode in ("marginal", "retroactive"):
            two = earn([Credit(1, D(600)), Credit(2, D(600))], plan, mode)
            one = earn([Credit(1, D(1200))], plan, mode)
            self.assertEqual(*(sum(p.amount for p in pieces) for pieces in (one, two)))

    # === PROPERTIES === #

    @properties()
    @given(plans(), sums, sums, MODES)
    def test_every_amount_has_one_bracket(self, plan, amount, _other, mode):
        number, rate = rate_at(amount, plan)
        if amount < plan[0].lower:
            self.assertEqual((number, rate), (None, 0))
        else:
            self.assertLessEqual(plan[number].lower, amount)
            self.assertTrue(number + 1 == len(plan) or amount < plan[number + 1].lower)
        pieces = earn([Credit(1, amount)], plan, mode)
        self.assertEqual(sum(piece.base for piece in pieces), amount)

    @properties()
    @given(plans(), money, money)
    def test_marginal_never_falls(self, plan, one, other):
        low, high = sorted((one, other))
        self.assertLessEqual(
            total(low, plan, "marginal"), total(high, plan, "marginal")
        )

    @properties()
    @given(plans(), money, st.integers(1, 100))
    def test_marginal_is_continuous(self, plan, amount, cents):
        """No step is higher than the highest rate calls for."""
        step = D(cents) / 100
        gain = total(amount + step, plan, "marginal") - total(amount, plan, "marginal")
        self.assertLessEqual(gain, step * max(b.rate for b in plan) / 100)
        self.assertGreaterEqual(gain, 0)

    @properties()
    @given(plans(rising=True), sums, sums)
    def test_retroactive_never_falls_where_rates_rise(self, plan, one, other):
        low, high = sorted((one, other))
        self.assertLessEqual(
            total(low, plan, "retroactive"), total(high, plan, "retroactive")
        )

    @properties()
    @given(plans(), st.lists(money, max_size=8), MODES)
    def test_what_documents_earn_adds_up(self, plan, amounts, mode):
        """Whatever comes in which pieces: the sum decides."""
        pieces = earn([Credit(i, a) for i, a in enumerate(amounts)], plan, mode)
        whole = sum(amounts, D(0))
        self.assertEqual(
            sum((piece.amount for piece in pieces), D(0)), total(whole, plan, mode)
        )
        by_key = {}
        for piece in pieces:
            by_key[piece.key] = by_key.get(piece.key, 0) + piece.base
        self.assertEqual(by_key, dict(enumerate(amounts)))

    @properties()
    @given(plans(), st.lists(money, max_size=6), MODES)
    def test_taken_back_is_as_if_it_had_not_been(self, plan, amounts, mode):
        both = [*amounts, *(-amount for amount in reversed(amounts))]
        pieces = earn([Credit(i, a) for i, a in enumerate(both)], plan, mode)
        self.assertEqual(sum((piece.amount for piece in pieces), D(0)), 0)

    @properties()
    @given(st.lists(st.integers(-99999, 99999).map(lambda n: D(n) / 1000), max_size=9))
    def test_rounded_adds_up(self, amounts):
        parts = rounded(amounts, CENT)
        whole = sum(amounts, D(0))
        self.assertLessEqual(abs(sum(parts, D(0)) - whole), CENT / 2)
        for part, amount in zip(parts, amounts, strict=True):
            self.assertEqual(part, part.quantize(CENT))
            self.assertLess(abs(part - amount), CENT)

    @properties()
    @given(sums, sums, sums)
    def test_cap(self, earned, part, cap):
        payable = min(earned, part)
        less, less_payable = capped(earned, payable, cap)
        self.assertEqual(earned + less, min(earned, cap))
        self.assertEqual(payable + less_payable, min(payable, cap))

    @properties()
    @given(st.lists(sums, max_size=12), sums)
    def test_advances_are_only_lent(self, periods, draw):
        """All that was paid is what was earned and what is still owed; nothing is
        recovered below the draw."""
        balance, paid = D(0), D(0)
        for earned in periods:
            amount, balance = drawn(earned, draw, balance)
            self.assertGreaterEqual(earned + amount, min(draw, earned))
            self.assertGreaterEqual(balance, 0)
            paid += earned + amount
        self.assertEqual(paid, sum(periods, D(0)) + balance)

    def test_fixed_amounts_start_above_zero(self):
        plan = [Bracket(D(0), D(1), D(10)), Bracket(D(50), D(1), D(30))]
        found = [
            sum((amount for _index, amount in fixed(D(at), plan, mode)), D(0))
            for mode in ("marginal", "retroactive")
            for at in (-5, 0, 49, 50)
        ]
        self.assertEqual(found, [0, 0, 10, 40, 0, 0, 10, 30])

    def test_own_rates(self):
        """What has a rate of its own may leave the brackets alone."""
        plan = [Bracket(D(0), D(5)), Bracket(D(1000), D(10))]
        credits = [
            Credit("a", D(900)),
            Credit("service", D(500), own_rate=D(2), is_counted=False),
            Credit("b", D(200), factor=D(2)),
        ]
        self.assertEqual(
            [(p.key, p.base, p.amount) for p in earn(credits, plan, "marginal")],
            [("a", 900, 45), ("service", 500, 10), ("b", 100, 10), ("b", 100, 20)],
        )

    # === COLLECTION === #

    @properties()
    @given(sums, sums, sums)
    def test_share_collected(self, whole, credited, came):
        document = Document(whole, credited=credited, money=came)
        self.assertTrue(0 <= document.collected <= 1)
        if credited < whole <= came + credited:
            self.assertEqual(document.collected, 1)

    @properties()
    @given(st.integers(1, 1000), st.integers(0, 1000), st.integers(0, 1000))
    def test_credit_note_and_invoice_pay_the_rest(self, whole, credited, came):
        """Ten percent of what came in, whatever was credited before."""
        credited = min(credited, whole - 1)
        came = min(came, whole - credited)
        invoice = Document(D(whole), credited=D(credited), money=D(came))
        paid = invoice.collected * whole / 10
        if credited:
            note = follow([(D(credited), invoice.collected)], D(credited), D(1))
            paid -= note * credited / 10
        self.assertAlmostEqual(paid, D(came) / 10, 10)
