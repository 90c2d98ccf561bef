"""How good forecasts were, and which way of forecasting was best on one's own past.

What
----
Two questions, which are kept apart:

* *Sums*: how far the forecast of a period was from what came in. The error of many
  periods is weighed by what came in (``wape``: Σ|forecast − actual| ÷ Σ actual), so
  that a month of nearly nothing does not decide; ``mape`` is the plain mean of the
  percentages, over the periods in which something came in. ``bias`` keeps the sign
  (Σ(forecast − actual) ÷ Σ actual): above 0 too much was promised.
* *Probabilities*: whether of the deals said to have 60 %, 60 % were won. The Brier
  score is the mean of (p − outcome)², 0 at best; always saying the base rate of wins
  gives ``uncertainty``, and ``skill`` is how much of that was saved. It splits into

      score = reliability − resolution + uncertainty + within

  reliability is what a promise is off from what was kept (0 at best), resolution how
  well likely and unlikely deals are told apart, ``within`` what groups of unequal
  probabilities hide; it is 0 when all probabilities of a group are the same.

Sources: G. W. Brier, "Verification of forecasts expressed in terms of probability",
Monthly Weather Review 78 (1950) 1–3; A. H. Murphy, "A new vector partition of the
probability score", J. Applied Meteorology 12 (1973) 595–600; D. B. Stephenson,
C. A. S. Coelho, I. T. Jolliffe, "Two extra components in the Brier score
decomposition", Weather and Forecasting 23 (2008) 752–757 (``within``); S. Kolassa,
W. Schütz, "Advantages of the MAD/MEAN ratio over the MAPE", Foresight 6 (2007) 40–43
(``wape``); R. J. Hyndman, A. B. Koehler, "Another look at measures of forecast
accuracy", Int. J. of Forecasting 22 (2006) 679–688.

How to use
----------
Probabilities are 0–1 and come in groups (:class:`Group`), as the database can sum them
up; :func:`grouped` does it for single ones. Sums come as pairs (forecast, actual).
:func:`choose` names the best of several ways over the periods all of them know.

Examples
--------
Four deals at 80 %, of which three were won, and two at 10 %, both lost:

>>> said = [(0.8, True)] * 3 + [(0.8, False)] + [(0.1, False)] * 2
>>> found = scores(grouped(said))
>>> [round(x, 4) for x in (found.score, found.reliability, found.resolution)]
[0.13, 0.005, 0.125]
>>> round(found.uncertainty, 4), round(found.skill, 4), abs(round(found.within, 4))
(0.25, 0.48, 0.0)

Two months: 120 and 80 were forecast, 100 came in each time:

>>> errors([(120, 100), (80, 100)])
Errors(periods=2, forecast=200, actual=200, wape=0.2, mape=0.2, bias=0.0)
"""

from collections import defaultdict
from dataclasses import dataclass
from math import comb

# Fewer periods than this prove nothing about a way of forecasting.
MIN_PERIODS = 6
# Errors that differ by less than this share of the smaller one are the same.
TIE = 0.05
# How likely it is that chance alone had it nearer so often: below the first it is
# sure, below the second likely.
SURE, LIKELY = 0.05, 0.2
# Groups of a table of probabilities: 0–10 %, 10–20 %, …
WIDTH = 10
TOLERANCE = 1e-9

# === PROBABILITIES === #


@dataclass(frozen=True, slots=True)
class Group:
    """Deals with about the same probability.

    :ivar cases: how many
    :ivar hits: how many of them were won
    :ivar total: Σ of their probabilities
    :ivar squares: Σ of the squares of their probabilities
    :ivar kept: Σ of the probabilities of those that were won
    """

    cases: int
    hits: int
    total: float
    squares: float
    kept: float

    @property
    def said(self):
        """The mean probability, 0–1."""
        return self.total / self.cases

    @property
    def won(self):
        """The share that was won, 0–1."""
        return self.hits / self.cases


@dataclass(frozen=True, slots=True)
class Scores:
    """See the module; ``skill`` is None where all or none were won."""

    cases: int
    score: float
    reliability: float
    resolution: float
    uncertainty: float
    within: float
    skill: float | None


def group_of(chance):
    """The number of the group of a probability (0–1), 0 for 0–10 %.

    >>> group_of(0), group_of(0.3), group_of(0.2999), group_of(1)
    (0, 3, 2, 9)
    """
    return min(int(chance * 100 / WIDTH + TOLERANCE), 100 // WIDTH - 1)


def grouped(said):
    """Sum up single deals ``(probability 0–1, whether it was won)`` by group.

    :return: ``{number of the group: Group}``
    """
    sums = defaultdict(lambda: [0, 0, 0.0, 0.0, 0.0])
    for chance, won in said:
        if not 0 <= chance <= 1:
            raise ValueError(f"{chance} is no probability.")
        parts = (1, int(won), chance, chance * chance, chance * won)
        row = sums[group_of(chance)]
        for place, part in enumerate(parts):
            row[place] += part
    return {number: Group(*sums[number]) for number in sorted(sums)}


def brier(groups):
    """The Brier score of all deals in some groups; None without any.

    >>> brier(grouped([(1.0, True), (0.0, False)])), brier({})
    (0.0, None)
    >>> brier(grouped([(0.5, True), (0.5, False)]))
    0.25
    """
    groups = list(groups.values())
    cases = sum(group.cases for group in groups)
    if not cases:
        return None
    off = sum(group.squares - 2 * group.kept + group.hits for group in groups)
    return max(off, 0.0) / cases


def scores(groups):
    """The Brier score of some groups and its parts; None without any deal.

    :param dict groups: as :func:`grouped` gives them
    :rtype: Scores
    """
    score = brier(groups)
    if score is None:
        return None
    cases = sum(group.cases for group in groups.values())
    rate = sum(group.hits for group in groups.values()) / cases
    reliability = resolution = 0.0
    for group in groups.values():
        reliability += group.cases * (group.said - group.won) ** 2 / cases
        resolution += group.cases * (group.won - rate) ** 2 / cases
    uncertainty = rate * (1 - rate)
    return Scores(
        cases=cases,
        score=score,
        reliability=reliability,
        resolution=resolution,
        uncertainty=uncertainty,
        within=score - (reliability - resolution + uncertainty),
        skill=skill(score, uncertainty),
    )


def skill(score, reference):
    """How much of the error of ``reference`` was saved: 1 all of it, below 0 none.

    >>> skill(0.1, 0.25), skill(0.3, 0.25) < 0, skill(0.1, 0)
    (0.6, True, None)
    """
    return 1 - score / reference if reference else None


# === SUMS === #


@dataclass(frozen=True, slots=True)
class Errors:
    """See the module; shares are None where nothing came in."""

    periods: int
    forecast: float
    actual: float
    wape: float | None
    mape: float | None
    bias: float | None


def errors(pairs):
    """Errors of the forecasts of some periods.

    :param pairs: ``(forecast, actual)`` per period; those without a forecast (None)
        are left out
    :rtype: Errors

    >>> errors([(None, 5)])
    Errors(periods=0, forecast=0, actual=0, wape=None, mape=None, bias=None)
    >>> errors([(10, 0)]).wape is None
    True
    """
    pairs = [pair for pair in pairs if pair[0] is not None]
    forecast = sum(said for said, _came in pairs)
    actual = sum(came for _said, came in pairs)
    off = sum(abs(said - came) for said, came in pairs)
    shares = [abs(said - came) / abs(came) for said, came in pairs if came]
    return Errors(
        periods=len(pairs),
        forecast=forecast,
        actual=actual,
        wape=off / actual if actual > 0 else None,
        mape=sum(shares) / len(shares) if shares else None,
        bias=(forecast - actual) / actual if actual > 0 else None,
    )


def corrected(called, pairs, minimum=MIN_PERIODS):
    """What a call comes to if it is off as the calls before it were.

    :param pairs: ``(called, actual)`` of earlier periods, as far before their end
    :return: ``called`` × Σ actual ÷ Σ called; None with too few periods

    Who always called 20 % too much:

    >>> corrected(600.0, [(120.0, 100.0)] * 6)
    500.0
    >>> corrected(600.0, [(120.0, 100.0)] * 5) is None
    True
    """
    pairs = [pair for pair in pairs if pair[0] is not None]
    total = sum(said for said, _came in pairs)
    if called is None or len(pairs) < minimum or total <= 0:
        return None
    return called * sum(came for _said, came in pairs) / total


# === THE BEST WAY === #


@dataclass(frozen=True, slots=True)
class Choice:
    """The best way of forecasting, and how sure that is.

    :ivar best: its name; None while the past is too short
    :ivar periods: how many periods all ways compared know
    :ivar errors: ``{way: Errors}`` over those periods, of the ways compared
    :ivar tied: the ways as good as the best one, without it
    :ivar nearer: in how many periods it was nearer than the way used so far
    :ivar farther: in how many it was not as near
    :ivar sure: ``sure``, ``likely``, ``hint``; None when the best is the one used
    """

    best: str | None
    periods: int
    errors: dict
    tied: tuple = ()
    nearer: int = 0
    farther: int = 0
    sure: str | None = None


def choose(past, used=None, minimum=MIN_PERIODS):
    """Which way of forecasting had the smallest ``wape``.

    Compared are the ways that know at least ``minimum`` periods, over the periods that
    all of them know. Ways within :data:`TIE` of the smallest error are tied: then the
    way used so far stays, else the one named first (name the simplest first).

    :param dict past: ``{way: {period: (forecast or None, actual)}}``
    :param used: the way used so far
    :rtype: Choice

    >>> months = range(6)
    >>> past = {"stage": {m: (150, 100) for m in months},
    ...         "score": {m: (110, 100) for m in months}}
    >>> found = choose(past, used="stage")
    >>> found.best, found.nearer, found.sure
    ('score', 6, 'sure')
    >>> choose({"stage": {0: (1, 1)}}).best is None
    True

    Five in a hundred between them are no reason to change:

    >>> past["stage"] = {m: (110.4, 100) for m in months}
    >>> choose(past, used="stage").best, choose(past, used="stage").tied
    ('stage', ('score',))
    """
    known = {
        way: {period for period, (said, _came) in rows.items() if said is not None}
        for way, rows in past.items()
    }
    ways = [way for way in past if len(known[way]) >= minimum]
    shared = set.intersection(*(known[way] for way in ways)) if ways else set()
    periods = len(shared)
    if periods < minimum:
        longest = max(map(len, known.values()), default=0)
        return Choice(None, periods if ways else longest, {})
    found = {way: errors(past[way][period] for period in shared) for way in ways}
    if any(error.wape is None for error in found.values()):  # nothing came in
        return Choice(None, 0, {})
    least = min(error.wape for error in found.values())
    good = [way for way in ways if found[way].wape <= least * (1 + TIE) + TOLERANCE]
    best = used if used in good else good[0]
    tied = tuple(way for way in good if way != best)
    if used == best or used not in found:
        return Choice(best, periods, found, tied)
    return Choice(best, periods, found, tied, *_compare(past[best], past[used], shared))


def _compare(one, other, periods):
    """How often ``one`` was nearer and farther than ``other``, and how sure that is."""
    nearer = farther = 0
    for period in periods:
        (said, came), (told, _same) = one[period], other[period]
        difference = abs(said - came) - abs(told - came)
        nearer += difference < -TOLERANCE
        farther += difference > TOLERANCE
    chance = by_chance(nearer, nearer + farther)
    sure = "sure" if chance <= SURE else "likely" if chance <= LIKELY else "hint"
    return nearer, farther, sure


def by_chance(hits, cases):
    """How likely a fair coin gives at least ``hits`` of ``cases`` (the sign test).

    >>> by_chance(9, 12), by_chance(0, 0)
    (0.072998046875, 1.0)
    """
    return sum(comb(cases, number) for number in range(hits, cases + 1)) / 2**cases
