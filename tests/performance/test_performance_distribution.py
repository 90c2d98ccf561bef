from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ...engine.distribution import bounds, counts, quantiles
from ..properties import properties

amounts = st.lists(
    st.integers(-(10**8), 10**9).map(lambda n: Decimal(n) / 100), min_size=1
)


@tagged("post_install", "-at_install")
class TestDistribution(BaseCase):
    @properties(100)
    @given(amounts, st.integers(2, 9))
    def test_nobody_is_lost(self, values, most):
        bars = bounds(values, most=most)
        self.assertLessEqual(len(bars) - 1, max(most, 2))
        self.assertLessEqual(bars[0], min(values))
        self.assertGreaterEqual(bars[-1], max(values))
        self.assertEqual(sum(counts(values, bars)), len(values))
        self.assertEqual(len({b - a for a, b in zip(bars, bars[1:], strict=False)}), 1)

    @properties(50)
    @given(amounts)
    def test_quartiles(self, values):
        found = quantiles(values)
        self.assertEqual(found, sorted(found))
        self.assertEqual((found[0], found[-1]), (min(values), max(values)))

    def test_nobody(self):
        self.assertEqual((bounds([]), counts([], []), quantiles([])), ([], [], []))
