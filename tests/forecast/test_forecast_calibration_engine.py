import doctest
from fractions import Fraction
from math import comb

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.sales_process.engine import calibration
from odoo.addons.sales_process.engine.calibration import (
    AGES,
    STRENGTHS,
    beta_quantile,
    beta_share,
    learn,
    remaining_days,
    shrink,
)

from ..properties import properties

shares = st.floats(0, 1)
strengths = st.sampled_from(STRENGTHS)
cases = st.integers(0, 300).flatmap(
    lambda closed: st.tuples(st.integers(0, closed), st.just(closed))
)


@st.composite
def counts_of_groups(draw):
    """Counts by group and age, where fewer deals reach a later age."""
    counts, chances = {}, {}
    for group in range(draw(st.integers(1, 4))):
        chances[group] = draw(shares)
        won, lost = draw(st.integers(0, 60)), draw(st.integers(0, 60))
        for age in AGES[: draw(st.integers(1, 4))]:
            counts[group, age, None] = won, won + lost
            proven = draw(st.integers(0, won)), draw(st.integers(0, lost))
            counts[group, age, True] = proven[0], sum(proven)
            counts[group, age, False] = won - proven[0], won + lost - sum(proven)
            won, lost = draw(st.integers(0, won)), draw(st.integers(0, lost))
    return counts, chances


@tagged("post_install", "-at_install")
class TestForecastCalibrationEngine(BaseCase):
    """Shrinkage, intervals and how long it takes."""

    def test_examples(self):
        result = doctest.testmod(calibration)
        self.assertTrue(result.attempted)
        self.assertFalse(result.failed)

    @given(shares, cases, strengths)
    @properties()
    def test_between_what_is_expected_and_seen(self, prior, case, strength):
        won, closed = case
        rate = shrink(prior, won, closed, strength)
        seen = won / closed if closed else prior
        self.assertLessEqual(min(prior, seen) - 1e-12, rate.chance)
        self.assertLessEqual(rate.chance, max(prior, seen) + 1e-12)
        self.assertLessEqual(0, rate.low)
        self.assertLessEqual(rate.low, rate.chance)
        self.assertLessEqual(rate.chance, rate.high)
        self.assertLessEqual(rate.high, 1)

    @given(shares, cases, strengths)
    @properties()
    def test_one_more_case(self, prior, case, strength):
        won, closed = case
        rate = shrink(prior, won, closed, strength)
        better = shrink(prior, won + 1, closed + 1, strength)
        worse = shrink(prior, won, closed + 1, strength)
        self.assertLessEqual(worse.chance, rate.chance + 1e-12)
        self.assertLessEqual(rate.chance, better.chance + 1e-12)

    @given(counts_of_groups())
    @properties()
    def test_each_level_leans_on_the_one_before(self, given_counts):
        counts, chances = given_counts
        rates = learn(counts, chances)
        for (group, age, evidence), rate in rates.items():
            self.assertEqual((rate.won, rate.closed), counts[group, age, evidence])
            if evidence is not None:
                self.assertEqual(rate.prior, rates[group, age, None].chance)
            elif not age:
                self.assertEqual(rate.prior, chances[group])
            else:
                earlier = AGES[AGES.index(age) - 1]
                self.assertEqual(rate.prior, rates[group, earlier, None].chance)
        self.assertEqual(
            {key for key, (_won, closed) in counts.items() if closed}, set(rates)
        )

    def test_many_cases_outweigh_the_prior(self):
        self.assertAlmostEqual(shrink(0.9, 2000, 10000, 20).chance, 0.2, places=2)

    def test_strength_follows_the_groups(self):
        """Stages just as expected make the percentages strong, others weak."""
        right = {(g, 0, None): (10 * g, 100) for g in range(1, 10)}
        wrong = {(g, 0, None): (100 - 10 * g, 100) for g in range(1, 10)}
        expected = {g: g / 10 for g in range(1, 10)}
        strong = learn(right, expected)[1, 0, None].strength
        weak = learn(wrong, expected)[1, 0, None].strength
        self.assertGreater(strong, 50)
        self.assertLess(weak, 10)

    def test_beta_by_the_binomial(self):
        """For whole a and b the share is that of a binomial distribution."""
        for a, b, x in ((1, 1, "1/3"), (2, 5, "1/4"), (9, 3, "4/5"), (30, 12, "2/3")):
            share, size = Fraction(x), a + b - 1
            wanted = sum(
                comb(size, k) * share**k * (1 - share) ** (size - k)
                for k in range(a, size + 1)
            )
            self.assertAlmostEqual(beta_share(float(share), a, b), float(wanted), 11)

    @given(st.floats(0.5, 2000), st.floats(0.5, 2000), st.floats(0.01, 0.99))
    @properties()
    def test_quantile_is_the_inverse(self, a, b, share):
        self.assertAlmostEqual(beta_share(beta_quantile(share, a, b), a, b), share, 5)

    @given(
        st.lists(
            st.tuples(st.integers(0, 400), st.integers(0, 5), st.integers(0, 5)),
            min_size=1,
        )
    )
    @properties()
    def test_more_open_deals_never_close_earlier(self, counts):
        days, ended = remaining_days(counts)
        last = max(day for day, _ended, _open in counts)
        slower, _ended = remaining_days([*counts, (last, 0, 3)])
        if days is None:
            self.assertIsNone(slower)
        elif slower is not None:
            self.assertGreaterEqual(slower, days)
        self.assertEqual(ended, sum(count[1] for count in counts))
