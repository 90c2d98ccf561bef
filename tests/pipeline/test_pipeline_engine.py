import itertools
import random
from datetime import date

from odoo.tests import BaseCase, tagged

from ...engine.proportions import newcombe, share, wilson
from ...engine.required_funnel import Stage, required_funnel
from ...engine.survival import count, kaplan_meier

# The reference values below were computed once with lifelines 0.30.3:
#   fitter = KaplanMeierFitter().fit(durations, ended, entry=entries)
#   quantiles: qth_survival_time(0.8 | 0.5 | 0.2, survival function); inf is None here
#   survival: fitter.predict(5 | 20 | 45 | 60)
# WALTONS are the two groups of lifelines.datasets.load_waltons().
WALTONS = {
    "control": (
        "7,1,1 17,1,0 32,1,0 33,1,0 38,2,0 41,7,0 45,9,1 48,8,0 51,3,0 53,7,0 54,2,0 "
        "56,18,0 58,4,0 60,15,1 61,9,2 63,9,0 66,3,0 68,9,1 69,12,1 75,1,0",
        (48, 58, 68),
        (1.0, 0.9844350851, 0.8281755478, 0.3785945361),
    ),
    "miR-137": (
        "6,1,0 9,3,0 13,3,0 15,2,0 19,3,0 22,4,0 26,5,0 29,5,0 33,2,0 36,2,0 43,1,0 "
        "47,1,0 62,2,0",
        (13, 26, 33),
        (1.0, 0.6470588235, 0.0882352941, 0.0588235294),
    ),
}
# Remission under 6-MP, Freireich et al. 1963, the textbook example; the entries are
# made up.
DURATIONS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25]
DURATIONS += [32, 32, 34, 35]
ENDED = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
ENTRIES = [0, 0, 2, 0, 3, 0, 0, 5, 0, 8, 0, 0, 10, 0, 12, 15, 0, 0, 20, 0, 18]
QUANTILES = (0.2, 0.5, 0.8)
TIMES = (5, 20, 45, 60)


@tagged("post_install", "-at_install")
class TestPipelineSurvival(BaseCase):
    """Kaplan–Meier against lifelines, by hand, and what always holds."""

    def assertCurve(self, curve, quantiles, survival):
        self.assertEqual(tuple(curve.quantile(p) for p in QUANTILES), quantiles)
        for time, expected in zip(TIMES, survival, strict=True):
            self.assertAlmostEqual(curve.at(time), expected, 9)

    def test_lifelines_waltons(self):
        for name, (text, quantiles, survival) in WALTONS.items():
            with self.subTest(name):
                counts = [map(int, row.split(",")) for row in text.split()]
                self.assertCurve(kaplan_meier(counts), quantiles, survival)

    def test_lifelines_remission(self):
        counts = count(zip(DURATIONS, ENDED, strict=True))
        self.assertCurve(
            kaplan_meier(counts),
            (10, 23, None),
            (1.0, 0.6274509804, 0.4481792717, 0.4481792717),
        )

    def test_lifelines_late_entries(self):
        counts = count(zip(DURATIONS, ENDED, strict=True))
        self.assertCurve(
            kaplan_meier(counts, [(age, 1) for age in ENTRIES]),
            (6, 22, None),
            (1.0, 0.5171717172, 0.3694083694, 0.3694083694),
        )

    def test_lifelines_many(self):
        durations = [(i * 37) % 90 + 1 for i in range(400)]
        counts = count((d, (i * 13) % 10 < 6) for i, d in enumerate(durations))
        self.assertCurve(
            kaplan_meier(counts),
            (29, 61, 86),
            (0.9875, 0.856209326, 0.6795710183, 0.5040587342),
        )
        entries = [
            ((i * 7) % d if i % 3 == 0 else 0, 1) for i, d in enumerate(durations)
        ]
        self.assertCurve(
            kaplan_meier(counts, entries),
            (21, 58, 81),
            (0.9819494585, 0.8153520058, 0.6228801003, 0.4516867326),
        )

    def test_without_censoring_it_is_the_plain_quantile(self):
        chance = random.Random(5)
        for size in (1, 2, 3, 10, 101):
            values = sorted(chance.randrange(50) for _i in range(size))
            curve = kaplan_meier(count((value, True) for value in values))
            self.assertEqual(curve.median, values[(size + 1) // 2 - 1], values)

    def test_open_stays_never_shorten_it(self):
        chance = random.Random(6)
        for _round in range(50):
            samples = [
                (chance.randrange(40), chance.random() < 0.7) for _i in range(30)
            ]
            known = kaplan_meier(count(s for s in samples if s[1])).median
            with_open = kaplan_meier(count(samples)).median
            self.assertTrue(with_open is None or with_open >= known)

    def test_falls_from_one_and_never_below_zero(self):
        chance = random.Random(8)
        for _round in range(50):
            samples = [(chance.randrange(9), chance.random() < 0.5) for _i in range(20)]
            shares = [left for _time, left in kaplan_meier(count(samples)).steps]
            self.assertTrue(all(0 <= left < 1 for left in shares))
            self.assertEqual(shares, sorted(shares, reverse=True))

    def test_nothing_known(self):
        self.assertIsNone(kaplan_meier([]).median)
        self.assertIsNone(kaplan_meier([(3, 0, 4)]).median)
        self.assertEqual(kaplan_meier([]).at(3), 1.0)

    def test_impossible_input(self):
        for counts, entries in (
            ([(-1, 1, 0)], []),
            ([(1, -1, 0)], []),
            ([(1, 1, 0)], [(1, 2)]),
        ):
            with self.assertRaises(ValueError):
                kaplan_meier(counts, entries)
        with self.assertRaises(ValueError):
            kaplan_meier([]).quantile(1)


@tagged("post_install", "-at_install")
class TestPipelineProportions(BaseCase):
    """Against the tables of Newcombe (1998), and what always holds."""

    def test_wilson_of_the_paper(self):
        # Newcombe, "Two-sided confidence intervals for the single proportion",
        # Statistics in Medicine 17 (1998) 857–872, table I, method 3.
        for hits, cases, low, high in (
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ):
            self.assertAlmostEqual(wilson(hits, cases)[0], low, 4)
            self.assertAlmostEqual(wilson(hits, cases)[1], high, 4)

    def test_difference_of_the_paper(self):
        # Table II, method 10, of the source named in the engine.
        for cells, low, high in (
            ((56, 70, 48, 80), 0.0524, 0.3339),
            ((9, 10, 3, 10), 0.1705, 0.8090),
            ((6, 7, 2, 7), 0.0582, 0.8062),
            ((5, 56, 0, 29), -0.0381, 0.1926),
            ((0, 10, 0, 20), -0.1611, 0.2775),
            ((10, 10, 0, 20), 0.6791, 1.0),
        ):
            found = newcombe(*cells)
            self.assertAlmostEqual(found[0], low, 4)
            self.assertAlmostEqual(found[1], high, 4)

    def test_intervals_hold_the_estimate(self):
        for cases in range(1, 30):
            for hits in range(cases + 1):
                low, high = wilson(hits, cases)
                self.assertTrue(0 <= low <= hits / cases <= high <= 1)
                self.assertAlmostEqual(low, 1 - wilson(cases - hits, cases)[1])

    def test_difference_is_symmetric(self):
        for a, b in itertools.product(range(6), range(8)):
            low, high = newcombe(a, 5, b, 7)
            other = newcombe(b, 7, a, 5)
            self.assertAlmostEqual(low, -other[1])
            self.assertAlmostEqual(high, -other[0])
            self.assertTrue(-1 <= low <= a / 5 - b / 7 <= high <= 1)

    def test_few_cases_have_no_percentage(self):
        self.assertEqual([share(2, n) for n in (2, 4, 5)], [None, None, 0.4])
        with self.assertRaises(ValueError):
            wilson(3, 2)


@tagged("post_install", "-at_install")
class TestPipelineRequiredFunnel(BaseCase):
    """Counted by hand."""

    TODAY, END = date(2024, 1, 1), date(2024, 3, 31)  # 90 days

    def _plan(self, stages, goal=10000, average=1000, won=10):
        return required_funnel(stages, goal, average, won, self.TODAY, self.END)

    def _stages(self, meet=(), prove=(), close=()):
        return [
            Stage("meet", 20, 20, 30, list(meet)),  # 50 %, to the win 12.5 %, 70 days
            Stage("prove", 10, 10, 25, list(prove)),  # 50 %, 25 %, 40 days
            Stage("close", 5, 5, 15, list(close)),  # 50 %, 15 days
        ]

    def test_from_nothing(self):
        """10 wins: 20 to close, 40 to prove, 80 to meet."""
        plan = self._plan(self._stages())
        self.assertEqual([n.needed for n in plan.needs], [80, 40, 20])
        self.assertEqual([n.missing for n in plan.needs], [80, 40, 20])
        self.assertEqual(
            [n.by for n in plan.needs],
            [date(2024, 1, 21), date(2024, 2, 20), date(2024, 3, 16)],
        )
        self.assertFalse(any(n.too_late for n in plan.needs))

    def test_stock_counts_with_its_chance(self):
        """8 in meet, 8 in prove, 4 in close are worth 1 + 2 + 2 = 5 wins."""
        plan = self._plan(self._stages([(0, 8)], [(0, 8)], [(5, 4)]))
        self.assertEqual(plan.expected_wins, 5)
        self.assertEqual([n.at_hand for n in plan.needs], [40, 16, 4])
        self.assertEqual([n.missing for n in plan.needs], [40, 24, 16])

    def test_stock_that_comes_too_late_does_not_count(self):
        """50 days left: from meet it takes 70, less what is over in the stage."""
        end = date(2024, 2, 20)
        args = (10000, 1000, 10, self.TODAY, end)
        late = required_funnel(self._stages([(19, 8)]), *args)
        self.assertEqual(late.expected_wins, 0)
        self.assertTrue(late.needs[0].too_late)
        ripe = required_funnel(self._stages([(20, 8)]), *args)
        self.assertEqual(ripe.expected_wins, 1)

    def test_goal_reached(self):
        plan = self._plan(self._stages(close=[(0, 40)]))
        self.assertEqual([n.missing for n in plan.needs], [0, 0, 0])
        self.assertFalse(any(n.too_late for n in plan.needs))
        self.assertEqual(self._plan(self._stages(), goal=-5).wins, 0)

    def test_too_thin(self):
        thin = [Stage("a", 2, 2, 3, []), Stage("b", 0, 9, 3, [])]
        thin.append(Stage("c", 9, 9, None, []))
        plan = self._plan(thin, won=3)
        self.assertFalse(plan.needs)
        self.assertEqual(
            plan.reasons,
            (
                ("won", None, 3),
                ("cases", "a", 4),
                ("blocked", "b", 9),
                ("time", "c", 18),
            ),
        )
