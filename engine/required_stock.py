"""How many open deals each stage holds when a pipeline is in balance.

What
----
A funnel that wins ``pace`` deals a day, day after day, has to hold a certain number of
open deals in each stage. Little's law says how many: the number of things in a place is
how many come per day times how many days they stay on average,

    L = λ × W

Per day, ``pace / chance`` deals have to come through a stage, ``chance`` being that to
win from it: the product of ``advanced / (advanced + lost)`` over it and all later
stages, as in :mod:`.required_funnel`. ``W`` is the *mean* time a deal spends there.
Little's law holds for the mean and for nothing else: stays are skewed, a median would
leave out the long ones, which fill the stage, and ask for too little. The mean comes
from the Kaplan–Meier curve, restricted to the longest stay seen
(:attr:`.survival.Curve.restricted_mean`), so that deals still there count for as long
as they have been; where many have not left yet it is a lower bound. A deal that goes
back comes again and stays again: a deal that passes stays
``(advanced + lost + returned) / (advanced + lost)`` times.

Nothing is said (and the reason given) with fewer than five wins behind the pace, fewer
than five stays decided in the stage or a later one, or while more than half of the
deals that were in the stage are still there.

Sources: J. D. C. Little, "A Proof for the Queuing Formula: L = λW", Operations Research
9 (1961) 383–387; mean: see :mod:`.survival`.

How to use
----------
Describe the stages before "won" in order with :class:`Flow` and call
:func:`required_stock`. The open deals at hand are compared with what is needed in whole
deals, see :func:`verdict`.

Examples
--------
A deal is won every fifth day. Every second one goes on from "A", where they stay 30
days; four of five are won from "B", where they stay 20:

>>> stages = [Flow("A", 10, 10, 0, 30, 14), Flow("B", 8, 2, 0, 20, 5)]
>>> [(s.key, round(s.needed, 2), s.open, s.verdict)
...  for s in required_stock(stages, 0.2, 12)]
[('A', 15.0, 14, 'enough'), ('B', 5.0, 5, 'enough')]

Twice as many wins take twice as many deals:

>>> [(s.key, s.need, s.verdict) for s in required_stock(stages, 0.4, 12)]
[('A', 30, 'thin'), ('B', 10, 'thin')]

>>> required_stock(stages, 0.2, 3)[0].reason
('won', None, 3)
"""

from dataclasses import dataclass
from math import floor

from .proportions import MIN_CASES

# A stage may be a fifth short: numbers of open deals go up and down by chance.
SHORT = 0.8
# From half as much again on, and at least two more, deals pile up.
LONG = 1.5


@dataclass(frozen=True, slots=True)
class Flow:
    """What is known of one stage.

    :ivar key: identity, handed back
    :ivar advanced: stays that ended with a step forward or with the win
    :ivar lost: stays that ended with the deal lost
    :ivar returned: stays that ended with a step back
    :ivar mean_days: restricted mean of a stay in days; None when not known
    :ivar open: deals that are there now
    """

    key: object
    advanced: int
    lost: int
    returned: int
    mean_days: float | None
    open: int


@dataclass(frozen=True, slots=True)
class Stock:
    """The answer for one stage; with a ``reason`` nothing is needed or judged.

    :ivar open: deals that are there now
    :ivar needed: deals that have to be there, on average; None when not known
    :ivar need: the same in whole deals
    :ivar verdict: ``thin``, ``enough``, ``full`` or ``unknown``
    :ivar reason: why it cannot be said, as ``(what, stage key, cases)``; what is
        ``won`` (too few wins behind the pace), ``cases`` (too few stays decided),
        ``blocked`` (no deal ever went on) or ``time`` (more than half still there)
    """

    key: object
    open: int
    needed: float | None = None
    need: int | None = None
    verdict: str = "unknown"
    reason: tuple | None = None


def required_stock(stages, pace, wins):
    """What each stage has to hold for a steady number of wins.

    :param stages: list of :class:`Flow`, first to last, without the won stage
    :param float pace: wins per day
    :param int wins: how many wins the pace, or the amount of one, rests on
    :return: list of :class:`Stock` in the same order
    """
    chance = 1.0
    reason = None if wins >= MIN_CASES and pace > 0 else ("won", None, wins)
    backwards = []
    for stage in reversed(stages):
        decided = stage.advanced + stage.lost
        reason = reason or _too_thin(stage)
        if reason:
            backwards.append(Stock(stage.key, stage.open, reason=reason))
            continue
        chance *= stage.advanced / decided
        if stage.mean_days is None:
            # The stages before it do not need to know how long deals stay here.
            unknown = ("time", stage.key, decided)
            backwards.append(Stock(stage.key, stage.open, reason=unknown))
            continue
        stays = (decided + stage.returned) / decided
        needed = pace / chance * stays * stage.mean_days
        need = floor(needed + 0.5)
        backwards.append(
            Stock(stage.key, stage.open, needed, need, verdict(stage.open, need))
        )
    return backwards[::-1]


def verdict(number, need):
    """Whether ``number`` open deals are what ``need`` asks for.

    >>> [verdict(n, 30) for n in (23, 24, 46, 47)]
    ['thin', 'enough', 'enough', 'full']
    >>> [verdict(n, 1) for n in (0, 1, 2, 3)], verdict(1, 0)
    (['thin', 'enough', 'enough', 'full'], 'enough')
    """
    if number < SHORT * need:
        return "thin"
    return "full" if number > LONG * need + 1 else "enough"


def _too_thin(stage):
    decided = stage.advanced + stage.lost
    if decided < MIN_CASES:
        return "cases", stage.key, decided
    if not stage.advanced:
        return "blocked", stage.key, decided
    return None
