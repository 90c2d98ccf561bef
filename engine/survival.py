"""How long something lasts, when part of it still goes on.

What
----
The median stay of deals in a stage cannot be taken from the stays that ended: the slow
ones are still there, so it would come out too short. The Kaplan–Meier estimator
counts a deal that is still there (*censored*) as "at risk" for as long as it was seen
and no longer:

    S(t) = product over all end times u <= t of (1 - ended(u) / at_risk(u))

A stay that was already going on when observation began (a report over a quarter sees
a deal that has been in its stage for weeks) is at risk only from its age at that
moment, *delayed entry*; counted from zero, long stays would weigh too much.

Sources: E. L. Kaplan, P. Meier, "Nonparametric Estimation from Incomplete
Observations", JASA 53 (1958) 457–481; delayed entry: J. P. Klein, M. L. Moeschberger,
"Survival Analysis", 2nd ed. 2003, section 4.6. Quantiles: the smallest t with
S(t) <= 1 - p, ibid. section 4.5; the mean as the area under the curve, restricted to
the longest time that ended, ibid. An ending and a censoring at one time: the ending
comes first.

How to use
----------
Hand :func:`kaplan_meier` counts ``(duration, ended, censored)``, aggregated as the
database can do, in any unit of time; the curve answers in the same unit.
:func:`count` aggregates single samples.

Examples
--------
Five stays of 2, 3, 3, 5 and 8 days; the second one of 3 days and the one of 8 go on:

>>> stays = [(2, True), (3, True), (3, False), (5, True), (8, False)]
>>> curve = kaplan_meier(count(stays))
>>> [(t, round(s, 3)) for t, s in curve.steps]
[(2, 0.8), (3, 0.6), (5, 0.3)]
>>> curve.median
5
>>> curve.quantile(0.2)
2

The curve never falls to 20 %, so nobody knows when 80 % have left:

>>> curve.quantile(0.8) is None
True
>>> round(curve.at(4), 3)
0.6

Within the 5 days after which nothing more ended, they stay 2 × 1 + 1 × 0.8 + 2 × 0.6
days on average:

>>> round(curve.restricted_mean, 3)
4.0
"""

from collections import defaultdict
from dataclasses import dataclass

# S(t) is a product of floats: 0.7999999999 is 0.8.
TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Curve:
    """An estimated survival function.

    :ivar steps: ``(time, S(time))`` at every time at which something ended, ascending
    :ivar cases: how many were observed
    :ivar ended: how many of them ended
    """

    steps: tuple
    cases: int
    ended: int

    @property
    def median(self):
        """When half have ended; None while that is not known."""
        return self.quantile(0.5)

    def quantile(self, share):
        """The time by which ``share`` (0–1) have ended; None when not reached."""
        if not 0 < share < 1:
            raise ValueError(f"A quantile lies between 0 and 1, not at {share}.")
        for time, left in self.steps:
            if left <= 1 - share + TOLERANCE:
                return time
        return None

    @property
    def restricted_mean(self):
        """The mean within the longest time that ended; None when nothing ended.

        Where the curve does not come down to zero, the true mean is longer. Going on to
        the longest time seen would let one deal forgotten for years stand for many.
        """
        if not self.steps:
            return None
        area, before, left = 0.0, 0, 1.0
        for time, share in self.steps:
            area += left * (time - before)
            before, left = time, share
        return area

    def at(self, time):
        """The share (0–1) that lasts longer than ``time``.

        >>> Curve(((2, 0.5),), 2, 1).at(1), Curve(((2, 0.5),), 2, 1).at(2)
        (1.0, 0.5)
        """
        share = 1.0
        for step, left in self.steps:
            if step > time:
                break
            share = left
        return share


def count(samples):
    """Aggregate ``(duration, ended)`` samples into ``(duration, ended, censored)``.

    >>> count([(3, True), (1, False), (3, False), (3, True)])
    [(1, 0, 1), (3, 2, 1)]
    """
    counts = defaultdict(lambda: [0, 0])
    for duration, ended in samples:
        counts[duration][0 if ended else 1] += 1
    return [(duration, *counts[duration]) for duration in sorted(counts)]


def kaplan_meier(counts, entries=()):
    """Estimate the survival function from counts.

    :param counts: iterable of ``(duration, ended, censored)``; a duration may repeat
    :param entries: iterable of ``(age, number)``: so many of them came under
        observation at this age rather than at 0
    :rtype: Curve

    Of two stays of 4 days, one was first seen on its third day (age 2). So on day 1
    only one stay and the one that ended there were at risk, and half of them ended:

    >>> kaplan_meier([(1, 1, 0), (4, 2, 0)], [(2, 1)]).steps
    ((1, 0.5), (4, 0.0))
    """
    ends, leaves = defaultdict(int), defaultdict(int)
    for duration, ended, censored in counts:
        if duration < 0 or ended < 0 or censored < 0:
            raise ValueError("Durations and counts cannot be negative.")
        ends[duration] += ended
        leaves[duration] += ended + censored
    late = defaultdict(int)
    for age, number in entries:
        if age > 0:
            late[age] += number
    cases = sum(leaves.values())
    waiting = sorted(late.items(), reverse=True)
    at_risk = cases - sum(late.values())
    if at_risk < 0:
        raise ValueError("More late entries than cases.")
    steps, left = [], 1.0
    for time in sorted(leaves):
        while waiting and waiting[-1][0] < time:
            at_risk += waiting.pop()[1]
        # At risk is nobody when all who were seen entered at this very age.
        if ends[time] and at_risk > 0:
            left *= 1 - min(ends[time], at_risk) / at_risk
            steps.append((time, left))
        at_risk -= leaves[time]
    return Curve(tuple(steps), cases, sum(ends.values()))
