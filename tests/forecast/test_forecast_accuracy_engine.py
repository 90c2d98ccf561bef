from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ...engine.forecast_accuracy import (
    MIN_PERIODS,
    TIE,
    brier,
    by_chance,
    choose,
    corrected,
    errors,
    grouped,
    scores,
)
from ..properties import properties

CHANCES = st.floats(0, 1)
SAID = st.lists(st.tuples(CHANCES, st.booleans()), min_size=1, max_size=60)
AMOUNTS = st.floats(0, 1e6)
PAIRS = st.lists(
    st.tuples(st.one_of(st.none(), AMOUNTS), AMOUNTS), min_size=1, max_size=12
)
METHODS = ("stage", "score", "calibrated")


def plain_brier(said):
    return sum((chance - won) ** 2 for chance, won in said) / len(said)


@tagged("post_install", "-at_install")
class TestForecastAccuracyEngine(BaseCase):
    """Properties of the measures of forecasts."""

    @properties()
    @given(SAID)
    def test_grouping_loses_nothing(self, said):
        self.assertAlmostEqual(brier(grouped(said)), plain_brier(said), places=9)

    @properties()
    @given(SAID)
    def test_parts_make_the_score(self, said):
        found = scores(grouped(said))
        parts = found.reliability - found.resolution + found.uncertainty + found.within
        self.assertAlmostEqual(parts, found.score, places=9)
        for part in (found.score, found.reliability, found.resolution):
            self.assertTrue(-1e-9 <= part <= 1 + 1e-9)
        self.assertLessEqual(found.uncertainty, 0.25)

    @properties()
    @given(SAID)
    def test_nobody_beats_who_knew(self, said):
        knew = [(float(won), won) for _chance, won in said]
        self.assertAlmostEqual(brier(grouped(knew)), 0.0)
        self.assertLessEqual(0.0, brier(grouped(said)))

    @properties()
    @given(SAID)
    def test_the_average_has_no_skill(self, said):
        rate = sum(won for _chance, won in said) / len(said)
        found = scores(grouped((rate, won) for _chance, won in said))
        self.assertAlmostEqual(found.score, found.uncertainty)
        self.assertAlmostEqual(found.reliability, 0.0)
        if 0 < rate < 1:
            self.assertAlmostEqual(found.skill, 0.0)
        else:
            self.assertTrue(found.skill is None or abs(found.uncertainty) < 1e-9)

    @properties()
    @given(PAIRS, st.floats(0.01, 100))
    def test_errors_know_no_currency(self, pairs, rate):
        def converted(value):
            return None if value is None else value * rate

        one = errors(pairs)
        other = errors([(converted(said), came * rate) for said, came in pairs])
        if one.actual > 1e-3:
            self.assertAlmostEqual(one.wape, other.wape, delta=1e-6 * (1 + one.wape))
            self.assertLessEqual(abs(one.bias), one.wape + 1e-9)

    @properties()
    @given(PAIRS)
    def test_a_perfect_forecast_has_no_error(self, pairs):
        found = errors([(came, came) for _said, came in pairs])
        self.assertIn(found.wape, (0, None))
        self.assertIn(found.bias, (0, None))

    @properties()
    @given(st.floats(1, 1e6), st.floats(0.2, 5), st.integers(0, 12))
    def test_a_constant_bias_is_taken_out(self, came, factor, number):
        found = corrected(came * factor, [(came * factor, came)] * number)
        if number < MIN_PERIODS:
            self.assertIsNone(found)
        else:
            self.assertAlmostEqual(found, came, delta=came * 1e-9)

    @properties()
    @given(
        st.lists(st.tuples(AMOUNTS, AMOUNTS, AMOUNTS, st.floats(1, 1e6)), max_size=12),
        st.sampled_from((None, *METHODS)),
    )
    def test_choice(self, months, used):
        past = {
            method: {n: (row[place], row[3]) for n, row in enumerate(months)}
            for place, method in enumerate(METHODS)
        }
        found = choose(past, used)
        self.assertEqual(found.best is None, len(months) < MIN_PERIODS)
        if found.best is None:
            return
        least = min(error.wape for error in found.errors.values())
        self.assertLessEqual(
            found.errors[found.best].wape, least * (1 + TIE) + 1e-6 * (1 + least)
        )
        # Nothing is gained by leaving a way that is as good.
        if used and found.errors[used].wape <= least:
            self.assertEqual(found.best, used)
        if found.sure:
            self.assertNotEqual(found.best, used)
            self.assertLessEqual(found.nearer + found.farther, found.periods)

    def test_what_is_not_known_is_not_compared(self):
        past = {
            "stage": {n: (10.0, 10.0) for n in range(8)},
            "score": {n: (10.0 if n < 3 else None, 10.0) for n in range(8)},
        }
        found = choose(past, "stage")
        self.assertEqual(list(found.errors), ["stage"])
        self.assertEqual((found.best, found.periods), ("stage", 8))

    @properties()
    @given(st.integers(0, 30), st.integers(0, 30))
    def test_chance_falls_with_hits(self, hits, misses):
        cases = hits + misses
        self.assertGreaterEqual(by_chance(hits, cases), by_chance(hits + 1, cases))
        self.assertAlmostEqual(by_chance(0, cases), 1.0)
