from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ...engine.scorecard import (
    LIMIT,
    MIN_PEERS,
    WORTH,
    Figure,
    effect,
    focus,
    peer_median,
    robust_z,
    sides,
    strengths,
)
from ..properties import properties

NUMBER = st.integers(-10_000, 10_000).map(float)
MAYBE = st.one_of(st.none(), NUMBER)
PEERS = st.lists(MAYBE, max_size=9).map(tuple)
FIGURE = st.builds(
    Figure,
    key=st.sampled_from("abcdef"),
    value=MAYBE,
    better=st.sampled_from(["higher", "lower", "zero"]),
    leverage=st.sampled_from([0.0, 0.3, 1.0]),
    target=st.one_of(st.none(), st.floats(0, 300)),
    peers=PEERS,
)


@tagged("post_install", "-at_install")
class TestPerformanceScorecardEngine(BaseCase):
    """Strengths and focus of any figures."""

    # === WORKED OUT BY HAND === #

    def test_a_robust_deviation(self):
        """Distances to the median 100: 20, 10, 0, 30, 900; MAD 20 makes 29.652."""
        peers = (80, 90, 100, 130, 1000)
        self.assertEqual(peer_median(peers), (100, 5))
        self.assertAlmostEqual(robust_z(70.348, peers), -1.0)
        self.assertAlmostEqual(robust_z(129.652, peers), 1.0)
        self.assertEqual(robust_z(1000, peers), LIMIT)

    def test_where_most_are_the_same(self):
        """Distances 0, 0, 0, 8; MAD 0, their mean 2; 1.2533 · 2 = 2.5066."""
        self.assertAlmostEqual(robust_z(7.5066, (5, 5, 5, 13)), 1.0)

    def test_nothing_is_finer_than_a_twentieth(self):
        """MAD 0.1 around 100 would make 99 far off; a twentieth of 100 is 5."""
        self.assertAlmostEqual(robust_z(99, (99.9, 100, 100.1)), -0.2)

    def test_the_lever_decides(self):
        """Both one deviation (14.826) short; 1.0 · 1 beats 0.3 · 1, whatever comes
        first."""
        peers = (20, 30, 40)
        visits = Figure("visit", 15.174, leverage=0.3, peers=peers)
        rate = Figure("win_rate", 15.174, leverage=1.0, peers=peers)
        for figures in ([visits, rate], [rate, visits]):
            found = focus(figures)
            self.assertEqual((found.key, found.weight), ("win_rate", 1.0))

    def test_a_much_larger_shortfall_wins(self):
        """Visits three deviations short (0.9) against a rate half of one (0.5)."""
        rate = Figure("win_rate", 22.587, leverage=1.0, peers=(20, 30, 40))
        visits = Figure("visit", -100, leverage=0.3, peers=(20, 30, 40))
        self.assertEqual(focus([rate, visits]).key, "visit")

    def test_the_worse_side_counts(self):
        """Above peers and far below the target is no strength, but a focus."""
        figure = Figure("booked", 50, leverage=0.4, target=50, peers=(10, 20, 30))
        self.assertAlmostEqual(sides(figure)["peers"], 30 / 14.826)
        self.assertEqual(sides(figure)["target"], -2.0)
        self.assertEqual(strengths([figure]), [])
        found = focus([figure])
        self.assertEqual((found.side, found.weight), ("target", 0.8))

    def test_less_may_be_better(self):
        slow = Figure("cycle_days", 90, "lower", 1.0, peers=(30, 40, 50))
        self.assertEqual(focus([slow]).key, "cycle_days")
        quick = Figure("cycle_days", 10, "lower", 1.0, peers=(30, 40, 50))
        self.assertEqual(strengths([quick]), ["cycle_days"])

    def test_effect(self):
        self.assertEqual(effect(20, 30), 1.5)
        self.assertEqual(effect(60, 40, better="lower"), 1.5)
        for nothing in ((0, 30), (None, 30), (30, None), (30, 30), (1, 30)):
            self.assertIsNone(effect(*nothing))

    # === PROPERTIES === #

    @properties()
    @given(MAYBE, PEERS, st.randoms())
    def test_the_order_of_people_is_no_matter(self, value, peers, random):
        mixed = list(peers)
        random.shuffle(mixed)
        self.assertEqual(robust_z(value, peers), robust_z(value, mixed))

    @properties()
    @given(MAYBE, PEERS)
    def test_who_is_not_known_is_no_peer(self, value, peers):
        self.assertEqual(robust_z(value, peers), robust_z(value, (*peers, None)))
        self.assertEqual(peer_median(peers), peer_median((None, *peers)))

    @properties()
    @given(NUMBER, PEERS, st.sampled_from([2.0, 0.5, 1024.0]))
    def test_the_currency_is_no_matter(self, value, peers, rate):
        other = [None if peer is None else peer * rate for peer in peers]
        one, two = robust_z(value, peers), robust_z(value * rate, other)
        self.assertEqual(one is None, two is None)
        self.assertAlmostEqual(one or 0, two or 0)

    @properties()
    @given(NUMBER, st.floats(0, 1000), PEERS)
    def test_more_is_never_worse(self, value, more, peers):
        one, two = robust_z(value, peers), robust_z(value + more, peers)
        if one is not None and two is not None:
            self.assertLessEqual(one, two)
            self.assertLessEqual(abs(two), LIMIT)

    @properties()
    @given(st.lists(NUMBER, max_size=MIN_PEERS - 1), MAYBE)
    def test_nobody_is_read_out_of_a_median(self, few, value):
        self.assertIsNone(peer_median(few)[0])
        self.assertIsNone(robust_z(value, few))
        figure = Figure("a", value, leverage=1.0, peers=tuple(few))
        self.assertEqual(strengths([figure]), [])
        self.assertIsNone(focus([figure]))

    @properties()
    @given(st.lists(FIGURE, max_size=6, unique_by=lambda figure: figure.key))
    def test_strengths_and_focus(self, figures):
        named = {figure.key: figure for figure in figures}
        good, found = strengths(figures), focus(figures)
        self.assertLessEqual(len(good), 3)
        for key in good:
            self.assertIsNotNone(named[key].value)
            self.assertGreaterEqual(min(sides(named[key]).values()), 0)
        if found:
            figure = named[found.key]
            self.assertIsNotNone(figure.value)
            self.assertNotIn(found.key, good)
            self.assertGreater(figure.leverage, 0)
            self.assertLessEqual(sides(figure)[found.side], -WORTH)
        unknown = Figure("z", None, leverage=1.0, target=0.0, peers=(1.0, 2.0, 3.0))
        self.assertEqual(focus([*figures, unknown]), found)
        self.assertEqual(strengths([unknown, *figures]), good)
