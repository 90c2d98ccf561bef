"""What somebody does well, and the one thing most worth working on.

What
----
A figure of a person is looked at from two sides, both in the same unit:

* *peers*: how far it is from the median of comparable people, in robust standard
  deviations: z = (value − median) ÷ (1.4826 · MAD), MAD the median of the distances to
  the median. One person far off moves neither median nor MAD. Where more than half of
  the people have the same value, MAD is 0: then 1.2533 · mean distance counts. Nothing
  is finer than a twentieth of the median, so that people who are nearly alike do not
  look far apart, and nothing counts more than three deviations. Of fewer than
  :data:`MIN_PEERS` people nothing is said at all.
* *target*: 25 points of what is expected by now count like one deviation.

A *strength* is a figure that is at least one deviation above on one side and below on
none. The *focus* is the largest shortfall × leverage: the worse of both sides, weighed
by how much the figure moves what is sold. Shortfalls under half a deviation are none.

Leverage comes from the equation of the funnel: what is won in a time = deals × win rate
× size ÷ days. Its factors count in full (elasticity 1): half as many deals, or twice as
many days, is half the result. What works through one of them counts less. A result
counts less than half: nobody can work on a result but by what leads to it.

What is not known (None) is neither a strength nor a focus, and no peer.

Sources: F. R. Hampel, "The influence curve and its role in robust estimation", JASA 69
(1974) 383–393; B. Iglewicz, D. C. Hoaglin, "How to Detect and Handle Outliers", ASQC
(1993), ch. 3 (MAD, and the mean distance where it is 0).

How to use
----------
:func:`peer_median` gives what may be shown; :func:`strengths` and :func:`focus` take
the figures of one person.

Examples
--------
Five people win 20, 30, 30, 40 and 50 percent of their deals: median 30, MAD 10. Who
wins 15 is one deviation (14.8 points) below:

>>> peers = (20, 30, 30, 40, 50)
>>> peer_median(peers), round(robust_z(15, peers), 2)
((30, 5), -1.01)
>>> win_rate = Figure("win_rate", 15, peers=peers, leverage=1.0)
>>> booked = Figure("booked", 700, target=70, leverage=0.4)  # 70 % of what is expected
>>> focus([booked, win_rate])
Focus(key='win_rate', side='peers', weight=1.01)

Twice the win rate would bring twice as much of the same deals:

>>> effect(15, 30), effect(60, 40, better="lower"), effect(35, 30)
(2.0, 1.5, None)
"""

from dataclasses import dataclass
from statistics import fmean, median

# With fewer people nobody is told of a median: it would tell who has what.
MIN_PEERS = 3
# Robust deviations: beyond it nothing counts more, so much is clear, and worth a word.
LIMIT, CLEAR, WORTH = 3.0, 1.0, 0.5
# Points off the target that count like one deviation.
POINTS = 25.0
# What is finer than this share of the median is no difference.
FINEST = 0.05
MAD_TO_SIGMA, MEAN_TO_SIGMA = 1.4826, 1.2533
# At most so many strengths are named.
STRENGTHS = 3
# Beyond it "so many times as much" is no promise any more.
LARGEST_EFFECT = 3.0

# How much a figure moves what is sold, see above.
LEVERAGE = {
    # The equation of the funnel
    "win_rate": 1.0,
    "qualified_deal": 1.0,
    "cycle_days": 1.0,
    # What works through one of its factors
    "coverage": 0.8,
    "exits": 0.7,
    "verified_evidence": 0.6,
    "overdue": 0.5,
    # What plans go by, and what is done; many to-dos are no success by themselves
    "call_error": 0.4,
    "visit": 0.3,
    "activity": 0.3,
    # Results
    "booked": 0.4,
    "invoiced": 0.4,
    "collected": 0.4,
    "margin": 0.4,
    "new_customer": 0.4,
    "won_deal": 0.4,
}
# Of metrics somebody defined: a result.
OWN_LEVERAGE = 0.4
# The factors of the equation.
FACTORS = {key for key, leverage in LEVERAGE.items() if leverage == 1.0}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a person.

    :ivar value: None where it is not known
    :ivar better: ``higher`` or ``lower``; anything else is not judged
    :ivar float leverage: see the module; 0 is never a focus
    :ivar target: percent of what is expected by now; None without a target
    :ivar tuple peers: values of comparable people, None for those not known
    """

    key: str
    value: float | None
    better: str = "higher"
    leverage: float = 0.0
    target: float | None = None
    peers: tuple = ()


@dataclass(frozen=True, slots=True)
class Focus:
    """What is most worth working on.

    :ivar side: ``peers`` or ``target``: from where it falls short most
    :ivar weight: shortfall × leverage
    """

    key: str
    side: str
    weight: float


def known(values):
    return [value for value in values if value is not None]


def peer_median(values):
    """The median of comparable people, and how many are known.

    :return: ``(median or None, number)``

    >>> peer_median([1, None, 3, 8]), peer_median([1, 3, None])
    ((3, 3), (None, 2))
    """
    values = known(values)
    if len(values) < MIN_PEERS:
        return None, len(values)
    return median(values), len(values)


def robust_z(value, peers):
    """How many robust deviations a value is above the median of others.

    :return: -3 to 3; None where the value or too few others are known, or where nothing
        tells how far apart people are

    >>> robust_z(0, [5, 5, 5]), robust_z(5, [5, 5, 5]), robust_z(1, [0, 0, 0])
    (-3.0, 0.0, None)
    >>> robust_z(1, [0, 0]) is None, robust_z(None, [1, 2, 3]) is None
    (True, True)
    """
    middle, _number = peer_median(peers)
    if value is None or middle is None:
        return None
    distances = [abs(peer - middle) for peer in known(peers)]
    scale = MAD_TO_SIGMA * median(distances) or MEAN_TO_SIGMA * fmean(distances)
    scale = max(scale, FINEST * abs(middle))
    if not scale:
        return 0.0 if value == middle else None
    return max(-LIMIT, min(LIMIT, (value - middle) / scale))


def sides(figure):
    """How a figure stands beside peers and target; above 0 is good.

    :return: dict with ``peers`` and ``target`` as far as they are known

    >>> found = sides(Figure("days", 60, "lower", peers=(30, 40, 50), target=150))
    >>> {side: round(score, 2) for side, score in found.items()}
    {'peers': -1.35, 'target': -2.0}
    """
    if figure.value is None or figure.better not in ("higher", "lower"):
        return {}
    sign = 1 if figure.better == "higher" else -1
    found = {}
    score = robust_z(figure.value, figure.peers)
    if score is not None:
        found["peers"] = sign * score
    if figure.target is not None:
        score = (figure.target - 100) / POINTS
        found["target"] = sign * max(-LIMIT, min(LIMIT, score))
    return found


def strengths(figures):
    """Keys of figures that are clearly good, the clearest first.

    >>> strengths([Figure("a", 9, peers=(1, 2, 3)), Figure("b", None, peers=(1, 2, 3)),
    ...            Figure("c", 9, peers=(1, 2, 3), target=90),
    ...            Figure("d", 1, target=130)])
    ['a', 'd']
    """
    found = []
    for place, figure in enumerate(figures):
        scores = sides(figure).values()
        if scores and max(scores) >= CLEAR and min(scores) >= 0:
            found.append((-max(scores), place, figure.key))
    return [key for _score, _place, key in sorted(found)[:STRENGTHS]]


def focus(figures):
    """The figure most worth working on; None where nothing falls short.

    Of equal ones the first of the figures counts.

    :rtype: Focus

    >>> focus([Figure("a", 1, peers=(1, 2, 3), leverage=0.0)]) is None
    True
    """
    best = None
    for figure in figures:
        scores = sides(figure)
        if not scores or not figure.leverage:
            continue
        side = min(scores, key=scores.get)
        shortfall = -scores[side]
        weight = round(shortfall * figure.leverage, 2)
        if shortfall >= WORTH and (best is None or weight > best.weight):
            best = Focus(figure.key, side, weight)
    return best


def judged(figures):
    """How many figures can be judged at all."""
    return sum(bool(sides(figure)) for figure in figures)


def effect(value, middle, better="higher"):
    """How many times as much a factor of the funnel at the median would bring.

    :return: None where it would bring no more, or where it is too far to be said
    """
    if not value or not middle:
        return None
    times = middle / value if better == "higher" else value / middle
    return times if 1 < times <= LARGEST_EFFECT else None
