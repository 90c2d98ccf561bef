"""How many deals must enter each stage by when to reach a goal.

What
----
Goal ÷ average won amount = wins needed. Going back from there, a stage must be
entered by ``wins / (chance to win from it)`` deals, at the latest ``(median time from
it to the end)`` before the day of the goal. Deals at hand count with their own
chance, as long as they still have the time; what is missing then has to come in
through the stage.

The chance to win from a stage is the product of ``advanced / (advanced + lost)`` over
it and all later stages (a deal that went back will come again, so that is neither);
the time is the sum of the median stays. Medians do not add up exactly; with the
right-skewed stays of deals the sum is a little short of the true median, so treat
the dates as the latest sensible ones.

How to use
----------
Describe the stages before "won" in order with :class:`Stage` and call
:func:`required_funnel`. Days are calendar days, amounts one currency. With too few
cases behind a figure the plan is None and ``reasons`` says why.

Examples
--------
Every second deal goes on from "A", four of five are won from "B". Five wins of 1,000
need 6.25 deals in "B" and 12.5 in "A":

>>> from datetime import date
>>> stages = [Stage("A", 10, 10, 30, [(0, 4)]), Stage("B", 8, 2, 20, [])]
>>> plan = required_funnel(stages, 5000, 1000, 8, date(2024, 1, 1), date(2024, 6, 29))
>>> [(need.key, need.needed, need.missing, need.by) for need in plan.needs]
... # doctest: +NORMALIZE_WHITESPACE
[('A', 13, 9, datetime.date(2024, 5, 10)), ('B', 7, 7, datetime.date(2024, 6, 9))]
>>> round(plan.expected_wins, 2)
1.6
>>> required_funnel(stages, 5000, 1000, 4, date(2024, 1, 1), date(2024, 6, 29)).reasons
(('won', None, 4),)
"""

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from .proportions import MIN_CASES

# 12.000000001 deals are 12.
TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Stage:
    """What is known of one stage.

    :ivar key: identity, handed back
    :ivar advanced: stays that ended with a step forward or with the win
    :ivar lost: stays that ended with the deal lost
    :ivar median_days: median stay in days; None when not known
    :ivar stock: today's open deals as ``(days in the stage so far, number)``
    """

    key: object
    advanced: int
    lost: int
    median_days: float | None
    stock: list


@dataclass(frozen=True, slots=True)
class Need:
    """What one stage asks for.

    :ivar chance: to win from here, 0–1
    :ivar days: median days from entering here to the win
    :ivar needed: deals that have to be here or beyond, now or later
    :ivar at_hand: what today's deals here and beyond are worth, in deals here
    :ivar missing: how many still have to enter, from the stages before or anew
    :ivar by: the day by which
    :ivar too_late: something is missing and that day is over
    """

    key: object
    chance: float
    days: float
    needed: int
    at_hand: float
    missing: int
    by: date
    too_late: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer; with ``reasons`` there are no needs.

    :ivar reasons: why it cannot be said, as ``(what, stage key, cases)``; what is
        ``won`` (too few won deals for an average), ``cases`` (too few stays ended),
        ``blocked`` (no deal ever went on) or ``time`` (median stay not known)
    """

    wins: float = 0.0
    expected_wins: float = 0.0
    needs: tuple = ()
    reasons: tuple = ()


def required_funnel(stages, goal, average, won, today, end):
    """Work back from a goal to what each stage needs.

    :param stages: list of :class:`Stage`, first to last, without the won stage
    :param float goal: amount still to be won from ``today`` to ``end``
    :param float average: average amount of a won deal, same currency
    :param int won: how many won deals the average rests on
    :param date today: the first day of the plan
    :param date end: the last day on which a win counts
    :rtype: Plan
    """
    reasons = tuple(_too_thin(stages, average, won))
    if reasons:
        return Plan(reasons=reasons)
    wins = max(goal, 0.0) / average
    chance, days, expected, backwards = 1.0, 0.0, 0.0, []
    for stage in reversed(stages):
        chance *= stage.advanced / (stage.advanced + stage.lost)
        days += stage.median_days
        expected += chance * _in_time(stage, days, (end - today).days)
        backwards.append(_need(stage, chance, days, wins, expected, today, end))
    return Plan(wins, expected, tuple(reversed(backwards)))


def _need(stage, chance, days, wins, expected, today, end):
    needed, at_hand = wins / chance, expected / chance
    missing = max(ceil(needed - at_hand - TOLERANCE), 0)
    by = end - timedelta(days=ceil(days - TOLERANCE))
    return Need(
        key=stage.key,
        chance=chance,
        days=days,
        needed=ceil(needed - TOLERANCE),
        at_hand=at_hand,
        missing=missing,
        by=by,
        too_late=bool(missing) and by < today,
    )


def _in_time(stage, days, left):
    """Open deals of a stage that at the usual pace are won within ``left`` days.

    Of the stay in the stage itself, what is already over no longer counts.
    """
    return sum(
        number
        for age, number in stage.stock
        if days - min(age, stage.median_days) <= left
    )


def _too_thin(stages, average, won):
    if won < MIN_CASES or average <= 0:
        yield "won", None, won
    for stage in stages:
        cases = stage.advanced + stage.lost
        if cases < MIN_CASES:
            yield "cases", stage.key, cases
        elif not stage.advanced:
            yield "blocked", stage.key, cases
        elif stage.median_days is None:
            yield "time", stage.key, cases
