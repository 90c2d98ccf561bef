"""Contests: what is scored, who stands where, and what it takes to move up.

What
----
A score is the sum of what each metric brings: value × points per unit
(:func:`points_per_unit`), rounded to hundredths of a point. :func:`ranks` puts scores
in order as sports do: 1, 2, 2, 4. :func:`needed` says how much of one metric alone
lifts a score to another one, :func:`exchanges` and :func:`new_leagues` who changes the
league, :func:`streak` how many working days in a row brought something.

Everything is exact: values are fractions, so that what is said to be missing is what is
missing.

Examples
--------
>>> rate = points_per_unit("attainment", "ledger", weight=100, reference=2000)
>>> str(rounded(500 * rate))  # a quarter of the target
'25'
>>> scores = [("ann", 25, None), ("bob", 40, None), ("cat", 40, None), ("dan", 3, None)]
>>> ranks(scores)
{'bob': (1, True), 'cat': (1, True), 'ann': (3, False), 'dan': (4, False)}
>>> str(needed(500 * rate, rate, 40, unit=Fraction(1, 100)))
'2999/10'
>>> 299.90 / 20 + 25  # rounds to 40.00
39.995
"""

from bisect import bisect_left
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from math import floor
from statistics import median
from typing import NamedTuple

from .periods import add_months

CENT = Fraction(1, 100)
HALF = CENT / 2
_HALF = Decimal("0.5")


class League(NamedTuple):
    """One of the leagues, highest first.

    :ivar int promote: how many go up at the end
    :ivar int demote: how many go down
    """

    key: object
    promote: int
    demote: int


# === SCORES === #


def exact(number):
    """A number as it is written, as a fraction.

    >>> exact(0.1) == Fraction(1, 10)
    True
    """
    return Fraction(str(number)) if isinstance(number, float) else Fraction(number or 0)


def rounded(points):
    """Points in hundredths, halves up.

    >>> float(rounded(Fraction("0.005"))), float(rounded(Fraction("-0.005")))
    (0.01, 0.0)
    """
    return Fraction(floor(points * 100 + Fraction(1, 2)), 100)


def points_per_unit(
    scoring, source, weight, reference=0, unit_amount=1, ramp=1, heads=1
):
    """What one unit of a metric is worth.

    :param scoring: ``attainment``, ``improvement`` or ``amount``
    :param source: ``ledger``; anything else is a part of a whole, the reference
    :param weight: percent, 0–100
    :param reference: the target, the own median, or the whole
    :param unit_amount: one point is for so much; of amounts alone
    :param ramp: how much of a full person somebody is, 0–1
    :param int heads: people of the team an amount is divided by
    :return: points as a fraction; 0 where there is nothing to compare with
    """
    numbers = map(exact, (weight, reference, unit_amount, ramp, heads))
    above, below = _ratio(scoring, source, *numbers)
    return above / below


def points_of(value, scoring, source, weight, reference, unit_amount, ramp, heads):
    """The same for a value, of decimals, which are much faster: a single division, so
    that what is rounded is right.

    >>> weight, target = Decimal(60), Decimal(900)
    >>> points_of(Decimal(300), "attainment", "ledger", weight, target, 1, 1, 1)
    Decimal('20')
    """
    above, below = _ratio(scoring, source, weight, reference, unit_amount, ramp, heads)
    return value * above / below


def _ratio(scoring, source, weight, reference, unit_amount, ramp, heads):
    by_amount = scoring == "amount"
    if source == "ledger" and by_amount:
        return weight, 100 * unit_amount * ramp * max(heads, 1)
    if reference <= 0:
        return 0 * weight, 1
    if source == "ledger":
        return weight, reference * ramp
    return weight, reference * unit_amount if by_amount else reference


def in_hundredths(points):
    """:func:`rounded` of decimals.

    >>> in_hundredths(Decimal("0.005")), in_hundredths(Decimal("-0.005"))
    (Decimal('0.01'), Decimal('0'))
    """
    return (points * 100 + _HALF).to_integral_value(ROUND_FLOOR) / 100


def needed(points, rate, goal, beat=False, unit=1):
    """How much more of one metric lifts points to a score, in its smallest units.

    :param points: now, before they are rounded
    :param rate: points of one unit of the metric
    :param goal: the score to come up to
    :param bool beat: whether it has to be passed
    :param unit: the smallest amount there is
    :return: a fraction; None where the metric brings nothing

    >>> needed(10, Fraction(1, 3), 11)
    Fraction(3, 1)
    >>> needed(10, Fraction(1, 3), 11, beat=True)
    Fraction(4, 1)
    >>> needed(10, 0, 11)
    """
    if rate <= 0:
        return None
    missing = exact(goal) + (CENT if beat else 0) - HALF - exact(points)
    unit = exact(unit)
    steps = -floor(-missing / exact(rate) / unit)
    return max(steps, 0) * unit


# === RANKS === #


def ranks(scores, first=False):
    """Places in standard competition ranking.

    :param scores: ``(key, score, day on which it was reached or None)``
    :param bool first: whether of equal scores the earlier one is ahead
    :return: ``{key: (rank, whether others have the same)}``, best first

    >>> ranks([("a", 5, date(2024, 1, 2)), ("b", 5, date(2024, 1, 1))], first=True)
    {'b': (1, False), 'a': (2, False)}
    """
    rows = sorted(
        (
            (-score, _day(reached) if first else None, key)
            for key, score, reached in scores
        ),
        key=lambda row: row[:2] if first else row[0],
    )
    result, number = {}, 0
    places = [row[:2] for row in rows]
    for index, (*_place, key) in enumerate(rows):
        if not index or places[index] != places[index - 1]:
            number = index + 1
        same = index + 1 < len(rows) and places[index + 1] == places[index]
        result[key] = (number, same or number != index + 1)
    return result


def _day(reached):
    return reached or date.max


# === LEAGUES === #


def exchanges(leagues, sizes):
    """How many change places between each league and the one below.

    As many go up as come down, so that leagues keep their size; nobody does both.

    :param leagues: of :class:`League`, highest first
    :param sizes: people of each
    :return: list, one shorter than the leagues

    >>> exchanges([League("A", 0, 2), League("B", 2, 3), League("C", 3, 0)], [4, 4, 4])
    [2, 2]
    """
    result, taken = [], 0
    for place in range(len(leagues) - 1):
        upper, lower = leagues[place], leagues[place + 1]
        number = min(
            upper.demote, lower.promote, sizes[place] - taken, sizes[place + 1]
        )
        taken = max(number, 0)
        result.append(taken)
    return result


def new_leagues(leagues, people):
    """Where people play next.

    :param leagues: of :class:`League`, highest first
    :param people: of each league, best first
    :return: ``{person: key of the league}``

    >>> leagues = [League("A", 0, 1), League("B", 1, 0)]
    >>> new_leagues(leagues, [["a", "b"], ["c", "d"]])
    {'a': 'A', 'b': 'B', 'c': 'A', 'd': 'B'}
    """
    moves = [0, *exchanges(leagues, [len(some) for some in people]), 0]
    result = {}
    for place, (league, some) in enumerate(zip(leagues, people, strict=True)):
        up, down = moves[place], moves[place + 1]
        for index, person in enumerate(some):
            if index < up:
                result[person] = leagues[place - 1].key
            elif index >= len(some) - down:
                result[person] = leagues[place + 1].key
            else:
                result[person] = league.key
    return result


# === DAYS === #


def streak(worked, active, today):
    """Working days in a row that brought something: ``(now, the longest)``.

    Days that are not worked neither count nor break it, and today may still come.

    :param worked: working days up to today, in order
    :param active: days on which something was credited

    >>> days = [date(2024, 1, n) for n in (1, 2, 3, 4, 5)]
    >>> streak(days, {days[0], days[1], days[3]}, days[4])
    (1, 2)
    """
    run = longest = 0
    for day in worked:
        if day in active:
            run += 1
            longest = max(longest, run)
        elif day != today:
            run = 0
    return run, longest


def run_of(worked, active, today):
    """The first of :func:`streak`, which looks no further than it has to."""
    run = 0
    for day in reversed(worked):
        if day in active:
            run += 1
        elif day != today:
            break
    return run


def previous_spans(first, after, number):
    """Periods before some days that are as long, the nearest first.

    >>> previous_spans(date(2024, 3, 1), date(2024, 4, 1), 1)
    [(datetime.date(2024, 2, 1), datetime.date(2024, 3, 1))]
    >>> previous_spans(date(2024, 3, 4), date(2024, 3, 11), 1)
    [(datetime.date(2024, 2, 26), datetime.date(2024, 3, 4))]
    """
    result = []
    months = 12 * (after.year - first.year) + after.month - first.month
    for _place in range(number):
        if months and first.day == after.day == 1:
            before = add_months(first, -months)
        else:
            before = first - (after - first)
        result.append((before, first))
        first, after = before, first
    return result


def next_span(after, months):
    """The season that begins where the last one ended.

    >>> next_span(date(2024, 1, 31), 1)
    (datetime.date(2024, 1, 31), datetime.date(2024, 3, 1))
    """
    number = after.month - 1 + months
    year, month = after.year + number // 12, number % 12 + 1
    try:
        return after, after.replace(year=year, month=month)
    except ValueError:  # there is no such day in that month
        return after, add_months(date(year, month, 1), 1)


def own_medians(values, people):
    """What people usually bring; who brought nothing yet, what others do.

    :param dict values: ``{person: [what each period before brought]}``, the periods
        in which somebody was there already
    :param people: everybody
    :return: ``{person: median}``

    >>> own_medians({"a": [1, 5, 3], "b": [9], "c": []}, "abc")
    {'a': 3, 'b': 9, 'c': 6.0}
    """
    known = {key: median(values[key]) for key in people if values.get(key)}
    usual = [value for value in known.values() if value > 0]
    others = median(usual) if usual else 0
    return {key: known.get(key) or others for key in people}


class Days:
    """What somebody was credited with day by day, added up once.

    >>> days = Days()
    >>> days.add(date(2024, 1, 1), 5, True)
    >>> days.add(date(2024, 1, 3), -2, False)
    >>> days.between(date(2024, 1, 1), date(2024, 2, 1))
    (3, datetime.date(2024, 1, 3), [datetime.date(2024, 1, 1)])
    >>> days.between(date(2024, 1, 4), date(2024, 2, 1))
    (0, None, [])
    """

    def __init__(self):
        self._days, self._sums, self._active = [], [0], []

    def add(self, day, amount, is_active):
        """Add a day that comes after those there are.

        :param bool is_active: whether something was credited, not only taken back
        """
        self._days.append(day)
        self._sums.append(self._sums[-1] + amount)
        if is_active:
            self._active.append(day)

    def between(self, first, after):
        """Sum, last day and days with credit of a range."""
        low, high = bisect_left(self._days, first), bisect_left(self._days, after)
        if low == high:
            return 0, None, []
        active = self._active
        some = active[bisect_left(active, first) : bisect_left(active, after)]
        return self._sums[high] - self._sums[low], self._days[high - 1], some
