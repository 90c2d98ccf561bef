from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ...engine.contest import (
    CENT,
    League,
    exchanges,
    in_hundredths,
    needed,
    new_leagues,
    next_span,
    own_medians,
    points_of,
    points_per_unit,
    previous_spans,
    ranks,
    rounded,
    run_of,
    streak,
)
from ..properties import properties

DAY = timedelta(days=1)
FIRST = date(2024, 1, 1)

days = st.none() | st.integers(0, 30).map(lambda n: FIRST + n * DAY)
scores = st.lists(st.tuples(st.integers(-5, 20), days), max_size=12).map(
    lambda rows: [(key, score, day) for key, (score, day) in enumerate(rows)]
)
rates = st.fractions(Fraction(1, 10_000), 50, max_denominator=10_000)


@tagged("post_install", "-at_install")
class TestContestEngine(BaseCase):
    """What always holds, whatever people bring."""

    @properties()
    @given(scores, st.booleans(), st.randoms(use_true_random=False))
    def test_places_do_not_depend_on_the_order(self, rows, first, random):
        shuffled = list(rows)
        random.shuffle(shuffled)
        self.assertEqual(ranks(rows, first), ranks(shuffled, first))

    @properties()
    @given(scores, st.booleans())
    def test_a_place_is_one_more_than_those_ahead(self, rows, first):
        places = ranks(rows, first)
        self.assertEqual(places.keys(), {key for key, _score, _day in rows})

        def value(score, day):
            return (-score, day or date.max) if first else -score

        for key, score, day in rows:
            ahead = sum(value(s, d) < value(score, day) for _k, s, d in rows)
            same = sum(value(s, d) == value(score, day) for _k, s, d in rows)
            self.assertEqual(places[key], (ahead + 1, same > 1))

    def test_one_two_two_four(self):
        rows = [("a", 9, None), ("b", 5, FIRST), ("c", 5, FIRST + DAY), ("d", 1, None)]
        places = {key: rank for key, (rank, _tied) in ranks(rows).items()}
        self.assertEqual(places, {"a": 1, "b": 2, "c": 2, "d": 4})
        places = {key: rank for key, (rank, _tied) in ranks(rows, first=True).items()}
        self.assertEqual(places, {"a": 1, "b": 2, "c": 3, "d": 4})

    @properties()
    @given(
        st.fractions(-100, 100, max_denominator=1000),
        rates,
        st.integers(1, 10_000),
        st.booleans(),
        st.sampled_from([Fraction(1), CENT]),
    )
    def test_moving_up_is_exactly_enough(self, points, rate, more, beat, unit):
        """With so much of the metric alone one is up, with a unit less one is not."""
        goal = rounded(points) + more * CENT
        amount = needed(points, rate, goal, beat, unit)

        def is_up(amount):
            score = rounded(points + amount * rate)
            return score > goal if beat else score >= goal

        self.assertTrue(is_up(amount))
        self.assertFalse(is_up(amount - unit))
        self.assertEqual(amount % unit, 0)

    @properties()
    @given(
        st.lists(
            st.tuples(st.integers(0, 8), st.integers(0, 5), st.integers(0, 5)),
            min_size=1,
            max_size=5,
        )
    )
    def test_leagues_keep_their_size(self, rows):
        leagues = [League(n, up, down) for n, (_size, up, down) in enumerate(rows)]
        people = [[(n, i) for i in range(size)] for n, (size, *_) in enumerate(rows)]
        result = new_leagues(leagues, people)
        self.assertEqual(len(result), sum(map(len, people)))
        for league, some in zip(leagues, people, strict=True):
            size = sum(place == league.key for place in result.values())
            self.assertEqual(size, len(some))
            self.assertLessEqual(
                max((abs(result[p] - league.key) for p in some), default=0), 1
            )
        for number in exchanges(leagues, list(map(len, people))):
            self.assertGreaterEqual(number, 0)

    def test_the_best_go_up_and_the_last_go_down(self):
        leagues = [League("A", 0, 2), League("B", 2, 1), League("C", 1, 0)]
        result = new_leagues(leagues, [list("abcd"), list("efgh"), list("ijk")])
        self.assertEqual("".join(sorted(k for k in result if result[k] == "A")), "abef")
        self.assertEqual("".join(sorted(k for k in result if result[k] == "B")), "cdgi")
        self.assertEqual("".join(sorted(k for k in result if result[k] == "C")), "hjk")

    def test_points(self):
        """Half the target, weighing 60 percent, of somebody who is half a person."""
        rate = points_per_unit("attainment", "ledger", 60, reference=2000, ramp=0.5)
        self.assertEqual(rounded(1000 * rate), 60)
        rate = points_per_unit("improvement", "ledger", 100, reference=80)
        self.assertEqual(rounded(100 * rate), 125)
        rate = points_per_unit("amount", "ledger", 50, unit_amount=1000, heads=4)
        self.assertEqual(rounded(80_000 * rate), 10)
        rate = points_per_unit("attainment", "closing_dates", 40, reference=10)
        self.assertEqual(rounded(7 * rate), 28)
        self.assertEqual(points_per_unit("attainment", "ledger", 100, reference=0), 0)

    @properties()
    @given(
        st.sampled_from(["attainment", "improvement", "amount"]),
        st.sampled_from(["ledger", "exits"]),
        st.lists(st.decimals(1, 1000, places=2), min_size=5, max_size=5),
        st.integers(1, 9),
    )
    def test_decimals_round_as_fractions_do(self, scoring, source, numbers, heads):
        value, weight, reference, unit, ramp = numbers
        args = (scoring, source, weight, reference, unit, ramp, heads)
        exactly = rounded(Fraction(value) * points_per_unit(*args))
        self.assertEqual(in_hundredths(points_of(value, *args)), exactly)

    @properties()
    @given(st.lists(st.booleans(), max_size=20), st.booleans())
    def test_streaks(self, row, has_today):
        worked = [FIRST + n * DAY for n in range(len(row))]
        active = {day for day, is_active in zip(worked, row, strict=True) if is_active}
        today = worked[-1] if has_today and worked else FIRST + 100 * DAY
        run, longest = streak(worked, active, today)
        self.assertLessEqual(run, longest)
        self.assertLessEqual(longest, len(active))
        self.assertEqual(run_of(worked, active, today), run)
        # Today may still come: it breaks nothing.
        before = [day for day in worked if day != today]
        if today not in active:
            self.assertEqual(streak(before, active, today), (run, longest))

    def test_weekends_break_no_streak(self):
        friday, monday = date(2024, 1, 5), date(2024, 1, 8)
        self.assertEqual(streak([friday, monday], {friday, monday}, monday), (2, 2))

    def test_periods_before(self):
        spans = previous_spans(date(2024, 4, 1), date(2024, 7, 1), 2)
        self.assertEqual(
            spans,
            [
                (date(2024, 1, 1), date(2024, 4, 1)),
                (date(2023, 10, 1), date(2024, 1, 1)),
            ],
        )
        self.assertEqual(next_span(date(2024, 7, 1), 3)[1], date(2024, 10, 1))

    def test_who_brought_nothing_is_measured_against_the_others(self):
        values = {1: [10, 30, 20], 2: [0, 0, 0], 3: []}
        self.assertEqual(own_medians(values, values), {1: 20, 2: 20, 3: 20})
