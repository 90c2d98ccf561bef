import itertools
from datetime import date
from statistics import fmean

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ...engine.proportions import newcombe, share, wilson
from ...engine.required_funnel import Stage, required_funnel
from ...engine.required_stock import Flow, required_stock, verdict
from ...engine.survival import count, kaplan_meier
from ..properties import properties

# The reference values below were computed once with lifelines 0.30.3:
#   fitter = KaplanMeierFitter().fit(durations, ended, entry=entries)
#   quantiles: qth_survival_time(0.8 | 0.5 | 0.2, survival function); inf is None here
#   survival: fitter.predict(5 | 20 | 45 | 60)
#   mean: restricted_mean_survival_time(fitter, t=longest time that ended)
# WALTONS are the two groups of lifelines.datasets.load_waltons().
WALTONS = {
    "control": (
        "7,1,1 17,1,0 32,1,0 33,1,0 38,2,0 41,7,0 45,9,1 48,8,0 51,3,0 53,7,0 54,2,0 "
        "56,18,0 58,4,0 60,15,1 61,9,2 63,9,0 66,3,0 68,9,1 69,12,1 75,1,0",
        (48, 58, 68),
        (1.0, 0.9844350851, 0.8281755478, 0.3785945361),
        56.6280582302,
    ),
    "miR-137": (
        "6,1,0 9,3,0 13,3,0 15,2,0 19,3,0 22,4,0 26,5,0 29,5,0 33,2,0 36,2,0 43,1,0 "
        "47,1,0 62,2,0",
        (13, 26, 33),
        (1.0, 0.6470588235, 0.0882352941, 0.0588235294),
        25.7058823529,
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

stays = st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=40)


@tagged("post_install", "-at_install")
class TestPipelineSurvival(BaseCase):
    """Kaplan–Meier against lifelines, by hand, and what always holds."""

    def assertCurve(self, curve, quantiles, survival, mean):
        self.assertAlmostEqual(curve.restricted_mean, mean, 9)
        self.assertEqual(tuple(curve.quantile(p) for p in QUANTILES), quantiles)
        for time, expected in zip(TIMES, survival, strict=True):
            self.assertAlmostEqual(curve.at(time), expected, 9)

    def test_lifelines_waltons(self):
        for name, (text, *expected) in WALTONS.items():
            with self.subTest(name):
                counts = [map(int, row.split(",")) for row in text.split()]
                self.assertCurve(kaplan_meier(counts), *expected)

    def test_lifelines_remission(self):
        counts = count(zip(DURATIONS, ENDED, strict=True))
        self.assertCurve(
            kaplan_meier(counts),
            (10, 23, None),
            (1.0, 0.6274509804, 0.4481792717, 0.4481792717),
            17.9092436975,
        )

    def test_lifelines_late_entries(self):
        counts = count(zip(DURATIONS, ENDED, strict=True))
        self.assertCurve(
            kaplan_meier(counts, [(age, 1) for age in ENTRIES]),
            (6, 22, None),
            (1.0, 0.5171717172, 0.3694083694, 0.3694083694),
            16.2372294372,
        )

    def test_lifelines_many(self):
        durations = [(i * 37) % 90 + 1 for i in range(400)]
        counts = count((d, (i * 13) % 10 < 6) for i, d in enumerate(durations))
        self.assertCurve(
            kaplan_meier(counts),
            (29, 61, 86),
            (0.9875, 0.856209326, 0.6795710183, 0.5040587342),
            57.1516291376,
        )
        entries = [
            ((i * 7) % d if i % 3 == 0 else 0, 1) for i, d in enumerate(durations)
        ]
        self.assertCurve(
            kaplan_meier(counts, entries),
            (21, 58, 81),
            (0.9819494585, 0.8153520058, 0.6228801003, 0.4516867326),
            53.5110563334,
        )

    @properties()
    @given(st.lists(st.integers(0, 50), min_size=1))
    def test_without_censoring_it_is_plain_statistics(self, values):
        curve = kaplan_meier(count((value, True) for value in values))
        self.assertEqual(curve.median, sorted(values)[(len(values) + 1) // 2 - 1])
        self.assertAlmostEqual(curve.restricted_mean, fmean(values))

    @properties()
    @given(stays)
    def test_open_stays_never_shorten_it(self, samples):
        known = kaplan_meier(count(s for s in samples if s[1]))
        with_open = kaplan_meier(count(samples))
        if known.steps and with_open.median is not None:
            self.assertGreaterEqual(with_open.median, known.median)
        if known.steps:
            self.assertGreaterEqual(
                with_open.restricted_mean + 1e-9, known.restricted_mean
            )

    @properties()
    @given(stays)
    def test_falls_from_one_and_never_below_zero(self, samples):
        curve = kaplan_meier(count(samples))
        shares = [left for _time, left in curve.steps]
        self.assertTrue(all(0 <= left < 1 for left in shares))
        self.assertEqual(shares, sorted(shares, reverse=True))
        if curve.steps:
            self.assertLessEqual(curve.restricted_mean, curve.steps[-1][0] + 1e-9)

    @properties()
    @given(stays, st.integers(1, 24))
    def test_any_unit_of_time(self, samples, factor):
        one = kaplan_meier(count(samples))
        other = kaplan_meier(count((factor * d, ended) for d, ended in samples))
        self.assertEqual([s for _t, s in one.steps], [s for _t, s in other.steps])
        if one.median is not None:
            self.assertEqual(other.median, factor * one.median)
        if one.steps:
            self.assertAlmostEqual(other.restricted_mean, factor * one.restricted_mean)

    @properties()
    @given(stays, st.data())
    def test_late_entry_is_no_more_than_not_being_there(self, samples, data):
        """Entering at age 0 is no late entry; nobody who left is at risk."""
        entries = [
            (data.draw(st.integers(0, duration)), 1) for duration, _ended in samples
        ]
        counts = count(samples)
        self.assertEqual(
            kaplan_meier(counts, [(0, 1) for _sample in samples]), kaplan_meier(counts)
        )
        for _time, left in kaplan_meier(counts, entries).steps:
            self.assertTrue(0 <= left <= 1)

    def test_nothing_known(self):
        self.assertIsNone(kaplan_meier([]).median)
        self.assertIsNone(kaplan_meier([(3, 0, 4)]).median)
        self.assertIsNone(kaplan_meier([(3, 0, 4)]).restricted_mean)
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

    @properties()
    @given(st.integers(1, 10**7), st.data())
    def test_intervals_of_any_size(self, cases, data):
        hits = data.draw(st.integers(0, cases))
        low, high = wilson(hits, cases)
        self.assertTrue(0 <= low <= hits / cases <= high <= 1)
        more = wilson(2 * hits, 2 * cases)
        self.assertLessEqual(more[1] - more[0], high - low + 1e-9)

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

    @properties()
    @given(
        st.lists(
            st.tuples(
                st.integers(1, 50),
                st.integers(5, 50),
                st.integers(0, 60),
                st.lists(st.tuples(st.integers(0, 90), st.integers(1, 9)), max_size=3),
            ),
            min_size=1,
            max_size=5,
        ),
        st.integers(1, 10**6),
    )
    def test_what_always_holds(self, stages, goal):
        """No stage needs more than the one before; more goal or less stock, more."""
        stages = [Stage(number, *stage) for number, stage in enumerate(stages)]
        needs = self._plan(stages, goal=goal).needs
        for before, after in itertools.pairwise(needs):
            self.assertGreaterEqual(before.needed, after.needed)
            self.assertLessEqual(before.by, after.by)
        bare = [Stage(s.key, s.advanced, s.lost, s.median_days, []) for s in stages]
        for need, double, alone in zip(
            needs,
            self._plan(stages, goal=2 * goal).needs,
            self._plan(bare, goal=goal).needs,
            strict=True,
        ):
            self.assertTrue(0 <= need.missing <= need.needed <= double.needed)
            self.assertLessEqual(need.missing, double.missing)
            self.assertEqual(alone.missing, alone.needed)


@tagged("post_install", "-at_install")
class TestPipelineRequiredStock(BaseCase):
    """Little's law, by hand and on whole lives."""

    def _flows(self, **values):
        return [
            Flow(**{**self._flow("meet", 20, 20, 0, 30), **values}),
            Flow(**{**self._flow("close", 9, 1, 5, 10), **values}),
        ]

    def _flow(self, key, advanced, lost, returned, mean_days):
        names = ("key", "advanced", "lost", "returned", "mean_days", "open")
        return dict(
            zip(names, (key, advanced, lost, returned, mean_days, 0), strict=True)
        )

    def test_by_hand(self):
        """A win every second day.

        Close: 0.5 ÷ 0.9 come in a day and stay 15/10 × 10 days: 8.33. Meet: 0.5 ÷ 0.45
        come and stay 30 days: 33.33.
        """
        meet, close = required_stock(self._flows(), 0.5, 30)
        self.assertAlmostEqual(close.needed, 25 / 3)
        self.assertAlmostEqual(meet.needed, 100 / 3)
        self.assertEqual((close.need, meet.need), (8, 33))
        self.assertEqual({meet.verdict, close.verdict}, {"thin"})

    def test_too_thin_to_say(self):
        for values, wins, reasons in (
            ({}, 4, [("won", None, 4)] * 2),
            ({"lost": 4, "advanced": 0}, 9, [("cases", "close", 4)] * 2),
            ({"advanced": 0, "lost": 9}, 9, [("blocked", "close", 9)] * 2),
            ({"mean_days": None}, 9, [("time", "meet", 40), ("time", "close", 10)]),
        ):
            found = required_stock(self._flows(**values), 0.5, wins)
            self.assertEqual([stock.reason for stock in found], reasons)
            self.assertEqual({stock.verdict for stock in found}, {"unknown"})
        self.assertEqual(
            {s.reason for s in required_stock(self._flows(), 0, 9)}, {("won", None, 9)}
        )

    def test_an_unknown_stay_says_nothing_of_the_stages_before(self):
        meet, close = self._flows()
        slow = Flow(**{**self._flow("close", 9, 1, 5, None)})
        found = required_stock([meet, slow], 0.5, 9)
        self.assertEqual([s.verdict for s in found], ["thin", "unknown"])

    @properties()
    @given(
        won=st.lists(st.tuples(*[st.integers(0, 60)] * 3), min_size=5, max_size=20),
        lost=st.lists(
            st.tuples(st.integers(0, 2), *[st.integers(0, 60)] * 3), max_size=20
        ),
        days=st.integers(30, 1000),
    )
    def test_it_is_the_average_stock_of_whole_lives(self, won, lost, days):
        """What was in a stage, day by day on average, is what the same wins take."""
        stays = [[life[stage] for life in won] for stage in range(3)]
        losses = [0, 0, 0]
        for last, *life in lost:
            losses[last] += 1
            for stage in range(last + 1):
                stays[stage].append(life[stage])
        flows = []
        for stage in range(3):
            curve = kaplan_meier(count((d, True) for d in stays[stage]))
            advanced = len(stays[stage]) - losses[stage]
            mean = curve.restricted_mean
            flows.append(Flow(stage, advanced, losses[stage], 0, mean, 0))
        found = required_stock(flows, len(won) / days, len(won))
        for stage, stock in enumerate(found):
            self.assertAlmostEqual(stock.needed, sum(stays[stage]) / days)

    @properties()
    @given(st.integers(0, 500), st.integers(0, 500))
    def test_more_deals_never_make_it_thinner(self, number, need):
        order = ["thin", "enough", "full"]
        here, more = verdict(number, need), verdict(number + 1, need)
        self.assertLessEqual(order.index(here), order.index(more))
        self.assertEqual(verdict(need, need), "enough")
