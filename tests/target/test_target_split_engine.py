from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ...engine.target_split import (
    over_assign,
    ramp_weight,
    seasonality,
    share_columns,
    share_out,
    share_table,
)
from ..properties import properties

CENT = Decimal("0.01")
NEW_YEAR = date(2024, 1, 1)
weights = st.one_of(st.integers(0, 1000), st.floats(0, 1000).map(lambda x: round(x, 3)))
units = st.sampled_from([CENT, Decimal(1), Decimal(5)])


@st.composite
def tables(draw):
    """Amounts of periods, weights of owners that change, and the unit."""
    unit = draw(units)
    width, height = draw(st.integers(1, 14)), draw(st.integers(1, 9))
    amounts = [draw(st.integers(0, 400)) * unit for _period in range(width)]
    rows = [
        [draw(weights) for _period in range(width)]
        if draw(st.booleans())
        else [draw(weights)] * width
        for _owner in range(height)
    ]
    if not any(map(any, rows)):
        rows[0][0] = 1
    return amounts, rows, unit


def exact_table(amounts, rows):
    """The shares before anything is rounded, by the definition."""
    whole = [sum(Fraction(str(weight)) for weight in row) for row in rows]
    result = [[] for _row in rows]
    for place, amount in enumerate(amounts):
        column = [Fraction(str(row[place])) for row in rows]
        column = column if any(column) else whole
        for row, weight in enumerate(column):
            result[row].append(Fraction(amount) * weight / sum(column))
    return result


@tagged("post_install", "-at_install")
class TestTargetSplitEngine(BaseCase):
    """Sums are exact, more weight is never less, the same stays the same."""

    @properties(200)
    @given(tables())
    def test_periods_add_up(self, case):
        amounts, rows, unit = case
        table = share_columns(amounts, rows, unit)
        self.assertEqual([sum(column) for column in zip(*table, strict=True)], amounts)
        for cell in (cell for row in table for cell in row):
            self.assertGreaterEqual(cell, 0)
            self.assertEqual(cell % unit, 0)

    @properties(200)
    @given(tables())
    def test_near_what_is_due(self, case):
        """No cell a whole unit off, and what an owner loses comes back."""
        amounts, rows, unit = case
        table = share_columns(amounts, rows, unit)
        for row, due in zip(table, exact_table(amounts, rows), strict=True):
            for cell, exact in zip(row, due, strict=True):
                self.assertLess(abs(Fraction(cell) - exact), unit)
            self.assertLess(abs(Fraction(sum(row)) - sum(due)), 2 * unit)

    @properties(200)
    @given(
        st.integers(0, 10_000),
        st.lists(weights, min_size=1, max_size=9).filter(any),
        st.lists(weights, min_size=1, max_size=14).filter(any),
        units,
    )
    def test_table(self, number, owners, periods, unit):
        amount = number * unit
        table = share_table(amount, owners, periods, unit)
        columns = [sum(column) for column in zip(*table, strict=True)]
        self.assertEqual(columns, share_out(amount, periods, unit))
        self.assertEqual(sum(map(sum, table)), amount)
        totals = [sum(row) for row in table]
        whole = sum(Fraction(str(weight)) for weight in owners)
        for total, weight in zip(totals, owners, strict=True):
            due = Fraction(amount) * Fraction(str(weight)) / whole
            self.assertLess(abs(Fraction(total) - due), 2 * unit)
        # Whoever weighs more does not get less, but for what rounding may take.
        order = sorted(zip(owners, totals, strict=True))
        for (_less, few), (_more, many) in zip(order, order[1:], strict=False):
            self.assertGreater(many, few - 4 * unit)

    @properties(200)
    @given(tables(), st.data())
    def test_more_weight_is_not_less(self, case, data):
        amounts, rows, unit = case
        chosen = data.draw(st.integers(0, len(rows) - 1))
        factor = data.draw(st.integers(2, 50))
        before = share_columns(amounts, rows, unit)[chosen]
        rows[chosen] = [weight * factor for weight in rows[chosen]]
        after = share_columns(amounts, rows, unit)[chosen]
        for few, many in zip(before, after, strict=True):
            self.assertGreaterEqual(many, few - unit)

    @properties(200)
    @given(tables(), st.randoms(use_true_random=False))
    def test_stable(self, case, random):
        amounts, rows, unit = case
        table = share_columns(amounts, rows, unit)
        self.assertEqual(share_columns(amounts, rows, unit), table)
        # A scale means nothing, nor does the order, but for who gets an odd unit.
        doubled = [[weight * 2 for weight in row] for row in rows]
        self.assertEqual(share_columns(amounts, doubled, unit), table)
        order = list(range(len(rows)))
        random.shuffle(order)
        other = share_columns(amounts, [rows[row] for row in order], unit)
        for place, row in enumerate(order):
            for cell, old in zip(other[place], table[row], strict=True):
                self.assertLessEqual(abs(cell - old), unit)

    @properties()
    @given(tables())
    def test_nothing_for_no_weight(self, case):
        amounts, rows, unit = case
        rows.append([0] * len(amounts))
        self.assertFalse(any(share_columns(amounts, rows, unit)[-1]))

    def test_by_hand(self):
        """Ten visits a month for three people: each gets the odd one in turn."""
        table = share_columns([10, 10, 10], [[1] * 3] * 3, 1)
        self.assertEqual(table, [[4, 3, 3], [3, 4, 3], [3, 3, 4]])
        # Somebody who begins in the second month, at half, then whole.
        table = share_columns([100, 100, 100], [[1, 1, 1], [0, 0.5, 1]], 1)
        self.assertEqual(table, [[100, 67, 50], [0, 33, 50]])

    def test_refused(self):
        for amounts, rows in (
            ([10], [[0], [0]]),
            ([10], [[-1], [2]]),
            ([-10], [[1], [2]]),
            ([Decimal("0.5")], [[1], [2]]),
            ([10], []),
        ):
            with self.subTest(rows=rows), self.assertRaises(ValueError):
                share_columns(amounts, rows, 1)

    def test_over_assign(self):
        self.assertEqual(over_assign(Decimal("100.05"), 10, CENT), Decimal("110.06"))
        self.assertEqual(over_assign(Decimal(7), 0, 1), 7)

    def test_ramp_by_hand(self):
        """25, 50, 75 % in the first three 30 days, then all of it."""
        ramp = (25, 50, 75)
        may, june, july = date(2024, 5, 1), date(2024, 6, 1), date(2024, 7, 1)
        for first, after, joined, expected in (
            # Long there, and not there yet.
            (may, june, None, 1),
            (may, june, july, 0),
            (may, june, june, 0),
            # 31 days of May: 30 at 25 %, one at 50 %.
            (may, june, may, (30 * 0.25 + 0.5) / 31),
            # Since 16 May: 16 of 31 days at 25 %.
            (may, june, date(2024, 5, 16), 16 * 0.25 / 31),
            # June of the same person: 14 days left of the first 30, then 16 at 50 %.
            (june, july, date(2024, 5, 16), (14 * 0.25 + 16 * 0.5) / 30),
            # Since 1 March: day 90 is 30 May, so one day of May is whole.
            (may, june, date(2024, 3, 1), (29 * 0.75 + 2) / 31),
        ):
            with self.subTest(joined=joined, first=first):
                weight = ramp_weight(first, after, joined=joined, ramp=ramp)
                self.assertAlmostEqual(weight, expected, 9)

    def test_leaver_by_hand(self):
        april, may = date(2024, 4, 1), date(2024, 5, 1)
        left = date(2024, 4, 12)
        self.assertAlmostEqual(ramp_weight(april, may, left=left), 12 / 30, 9)
        self.assertEqual(ramp_weight(may, date(2024, 6, 1), left=left), 0)
        # Two weeks only, new: 12 days at 25 %.
        weight = ramp_weight(april, may, joined=april, left=left, ramp=(25,))
        self.assertAlmostEqual(weight, 12 * 0.25 / 30, 9)

    @properties()
    @given(
        st.integers(-200, 400),
        st.lists(st.integers(0, 100), max_size=4),
        st.integers(1, 60),
    )
    def test_ramp_day_by_day(self, offset, ramp, length):
        joined = NEW_YEAR + timedelta(days=offset)
        after = NEW_YEAR + timedelta(days=length)
        total = 0.0
        for number in range(length):
            age = (NEW_YEAR + timedelta(days=number) - joined).days
            if age >= 0:
                step = age // 30
                total += ramp[step] / 100 if step < len(ramp) else 1.0
        weight = ramp_weight(NEW_YEAR, after, joined=joined, ramp=ramp)
        self.assertAlmostEqual(weight, total / length, 9)
        self.assertLessEqual(weight, 1 + 1e-9)

    def test_seasonality(self):
        self.assertIsNone(seasonality([]))
        self.assertIsNone(seasonality([[0, 0], [-5, 0]]))
        self.assertEqual(seasonality([[0, 0], [1, 3]]), [0.25, 0.75])
        # A year ten times as good counts no more than the other.
        self.assertEqual(seasonality([[1, 3], [30, 10]]), [0.5, 0.5])
