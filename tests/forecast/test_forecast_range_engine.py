from itertools import product
from math import fsum, prod

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ...engine.outcome_range import Outcome, Rest, outcome_range, uncertainty
from ..properties import properties

chances = st.one_of(st.sampled_from([0, 1, 0.5]), st.floats(0, 1))
money = st.one_of(
    st.integers(-500, 5000).map(float), st.floats(-500, 5000).map(lambda x: round(x, 2))
)
few = st.lists(st.tuples(money, chances), max_size=10)
CENT = 0.005


def every_case(deals, base=0.0):
    """``[(sum, probability)]`` of each way deals may turn out, ascending."""
    cases = []
    for won in product((False, True), repeat=len(deals)):
        total = fsum([base, *(a for (a, _p), w in zip(deals, won, strict=True) if w)])
        chance = prod(p if w else 1 - p for (_a, p), w in zip(deals, won, strict=True))
        cases.append((total, chance))
    return sorted(cases)


def at_least(cases, quota):
    return fsum(chance for total, chance in cases if total >= quota - CENT)


@tagged("post_install", "-at_install")
class TestForecastRangeEngine(BaseCase):
    """The range is that of every way the deals may turn out."""

    @properties(200)
    @given(few, st.floats(-1000, 1000), st.floats(-1000, 20000))
    def test_few_deals_are_exact(self, deals, base, quota):
        quota = round(quota) + 0.013  # on no sum
        cases = every_case(deals, base)
        outcome = Outcome(deals, base)
        self.assertEqual(outcome.method, "exact")
        self.assertEqual((outcome.money_error, outcome.chance_error), (0, 0))
        self.assertAlmostEqual(outcome.mean, fsum(a * p for a, p in cases), 4)
        if min(abs(total - quota) for total, _p in cases) > CENT:
            self.assertAlmostEqual(outcome.chance(quota), at_least(cases, quota), 9)
        for share in (0.1, 0.5, 0.9):
            # The smallest sum that is not exceeded with that probability.
            amount = outcome.quantile(share)
            exceeded = fsum(p for total, p in cases if total > amount + CENT)
            below = fsum(p for total, p in cases if total < amount - CENT)
            self.assertLessEqual(exceeded, 1 - share + 1e-9)
            self.assertLessEqual(below, share + 1e-9)

    @properties(150)
    @given(few, st.integers(8, 300), st.floats(-1000, 20000))
    def test_a_grid_is_as_sure_as_it_says(self, deals, cells, quota):
        cases = every_case(deals)
        outcome = Outcome(deals, cells=cells)
        slack = outcome.money_error + CENT
        chance = outcome.chance(quota)
        error = outcome.chance_error + 1e-9
        self.assertLessEqual(chance, at_least(cases, quota - slack) + error)
        self.assertGreaterEqual(chance, at_least(cases, quota + slack) - error)

    @properties(60)
    @given(few, st.lists(st.floats(0, 20000), min_size=2, max_size=6), st.booleans())
    def test_in_order(self, deals, quotas, coarse):
        """More is less likely, P10 ≤ P50 ≤ P90, all within what is possible."""
        deals = deals * 3
        outcome = Outcome(deals, cells=64 if coarse else 2048)
        chances = [outcome.chance(quota) for quota in sorted(quotas)]
        self.assertEqual(chances, sorted(chances, reverse=True))
        slack = outcome.money_error + CENT
        marks = [outcome.quantile(share) for share in (0.1, 0.5, 0.9)]
        self.assertEqual(marks, sorted(marks))
        low = sum(a for a, p in deals if (a < 0 and p) or p == 1)
        high = sum(a for a, p in deals if (a > 0 and p) or p == 1)
        self.assertGreaterEqual(marks[0], low - slack)
        self.assertLessEqual(marks[2], high + slack)

    @properties(60)
    @given(few, st.randoms(use_true_random=False))
    def test_order_of_deals_makes_no_difference(self, deals, random):
        shuffled = list(deals)
        random.shuffle(shuffled)
        one, other = outcome_range(deals, 5, 900), outcome_range(shuffled, 5, 900)
        for field in ("p10", "p50", "p90", "mean", "chance"):
            self.assertAlmostEqual(getattr(one, field), getattr(other, field), 6)

    @properties(60)
    @given(few)
    def test_negative_is_the_mirror(self, deals):
        """Deals turned around have the quantiles turned around."""
        there = Outcome(deals)
        back = Outcome([(-amount, p) for amount, p in deals])
        self.assertAlmostEqual(there.mean, -back.mean, 4)
        for quota in (-100.003, 0.004, 250.006):
            total = there.chance(quota) + back.chance(-quota)
            self.assertAlmostEqual(total, 1, 6)

    @properties(60)
    @given(few, few, st.sampled_from([0.25, 1, 3]))
    def test_sums_of_small_deals_add_up(self, some, more, rate):
        """In any order and any currency."""
        apart = (Rest.of(some) + Rest.of(more)) * rate
        whole = Rest.of([(amount * rate, p) for amount, p in some + more])
        self.assertEqual(apart.count, whole.count)
        for name in ("mean", "variance", "third", "absolute"):
            one, other = getattr(apart, name), getattr(whole, name)
            self.assertAlmostEqual(one, other, delta=1e-9 + abs(whole.absolute) * 1e-9)

    def test_sums_stand_for_small_deals(self):
        """1,000 of 1 to 5 beside one of 800: hardly another range than deal by deal."""
        small = [(1 + i % 5, 0.2 + (i % 7) / 10) for i in range(1000)]
        large = [(800, 0.3)]
        named = Outcome(large + small)
        summed = Outcome(large, rest=Rest.of(small))
        self.assertEqual(summed.method, "normal")
        self.assertAlmostEqual(summed.mean, named.mean, 6)
        self.assertAlmostEqual(summed.deviation, named.deviation, 6)
        for share in (0.1, 0.5, 0.9):
            amount = named.quantile(share)
            self.assertAlmostEqual(summed.quantile(share), amount, delta=1)
            self.assertAlmostEqual(summed.chance(amount), named.chance(amount), 2)

    def test_nothing(self):
        found = outcome_range([], base=12, quota=12)
        self.assertEqual((found.p10, found.p50, found.p90), (12, 12, 12))
        self.assertEqual((found.mean, found.chance, found.method), (12, 1, "exact"))
        self.assertEqual(outcome_range([(9, 0), (0, 0.5)], quota=1).chance, 0)

    def test_certain_deals_leave_no_doubt(self):
        found = outcome_range([(100, 1)] * 50 + [(70, 0)] * 50, quota=5000)
        self.assertEqual((found.p10, found.p90, found.chance), (5000, 5000, 1))

    def test_a_whale_shows(self):
        """1,000 at 40 % beside 300 deals of 1 at 50 %: two humps, nothing between."""
        deals = [(1000, 0.4)] + [(1, 0.5)] * 300
        outcome = Outcome(deals)
        self.assertAlmostEqual(outcome.mean, 550)
        self.assertAlmostEqual(outcome.quantile(0.1), 141, delta=3)
        self.assertAlmostEqual(outcome.quantile(0.9), 1156, delta=3)
        self.assertAlmostEqual(outcome.chance(500), 0.4, 4)
        self.assertAlmostEqual(outcome.chance(900), 0.4, 4)
        self.assertGreater(uncertainty(deals)[0], 0.99)

    def test_many_equal_deals(self):
        """1,000 deals of 1 at 30 %, by the binomial distribution."""
        outcome = Outcome([(1, 0.3)] * 1000)
        self.assertEqual(outcome.method, "normal")
        # P10, P50, P90 of Binomial(1000, 0.3): 281, 300, 319
        for share, amount in ((0.1, 281), (0.5, 300), (0.9, 319)):
            self.assertAlmostEqual(outcome.quantile(share), amount, delta=1)

    def test_round_amounts_stay_exact(self):
        """100 deals of 1,000 at 50 %: P(at least 55) of Binomial(100, 0.5)."""
        outcome = Outcome([(1000, 0.5)] * 100)
        self.assertEqual(outcome.method, "exact")
        self.assertAlmostEqual(outcome.chance(55_000), 0.18410, 5)
        self.assertEqual(outcome.quantile(0.1), 44_000)
        self.assertEqual(outcome.quantile(0.5), 50_000)

    def test_the_histogram_adds_up(self):
        for deals in ([(10, 0.5)], [(7, 0.3), (90, 0.5)] * 8, [(5, 0.5)] * 500):
            bars = Outcome(deals).histogram(20)
            self.assertAlmostEqual(sum(bar[2] for bar in bars), 1, 2)
            self.assertEqual([bar[1] for bar in bars[:-1]], [b[0] for b in bars[1:]])
        self.assertEqual(Outcome([], 5).histogram(), [(5, 5, 1.0)])

    def test_what_is_no_number_is_refused(self):
        for deals, base in (
            ([(float("nan"), 0.5)], 0),
            ([(float("inf"), 0.5)], 0),
            ([(10, 1.5)], 0),
            ([(10, -0.1)], 0),
            ([(10, float("nan"))], 0),
            ([], float("nan")),
        ):
            with self.assertRaises(ValueError):
                Outcome(deals, base)
