"""What share of deals like this one is won, learnt from few cases without overdoing it.

What
----
"Two of three such deals were won" is not 67 %, and without any closed deal there is
still the percentage that the process gives to the stage. Beta-binomial *shrinkage*
weighs both: the share that is expected beforehand, ``prior``, counts like ``strength``
deals, and the own ones are added:

    chance = (strength × prior + won) / (strength + closed)

This is the mean of a Beta distribution with a = strength × prior + won and
b = strength × (1 − prior) + lost; its quantiles are the credible interval. The more
is closed, the less the prior counts. Four levels lean on one another, each one the
prior of the next:

1. the percentage of the stage,
2. all deals that reached the stage,
3. those of them that were still there after some days, from age to age,
4. those of them whose evidence was complete, or was not.

A deal counts at every age it reached in the stage, by what was known at that moment
and how it ended, a *landmark analysis*: what happens later cannot lend to the past.
Deals that are still open have no outcome and do not count, so a team whose deals take
long, and grow in number, learns more from its fast ones than they deserve.

How strong the priors are is learnt as well, once for each level: the strength under
which the counts of all groups are most likely (*empirical Bayes*), held near
:data:`USUAL_STRENGTH` as long as there is little to learn it from.

How long it takes until such a deal closes is the median of the Kaplan–Meier curve
(:mod:`engine.survival`) from each age on; deals that are still open are censored.

Sources: A. Gelman et al., "Bayesian Data Analysis", 3rd ed. 2013, sections 2.4 and 5.3
(Beta-binomial, hierarchies); B. Efron, C. Morris, "Data Analysis Using Stein's
Estimator", JASA 70 (1975) 311–319 (shrinkage); D. MacKay, L. Peto, "A Hierarchical
Dirichlet Language Model", Natural Language Engineering 1 (1995) 289–308 (each level the
prior of the next); H. van Houwelingen, "Dynamic Prediction by Landmarking in Event
History Analysis", Scandinavian Journal of Statistics 34 (2007) 70–85; incomplete Beta
function: W. Press et al., "Numerical Recipes", 3rd ed. 2007, section 6.4.

What can be relied on
---------------------
At a given strength one more win never lowers a chance and one more loss never raises
it; a chance lies between its prior and the observed share; without cases it is the
prior; the interval holds the chance. Complete evidence is *not* forced above
incomplete: when deals without it are won as often, the figures say so.

How to use
----------
Give :func:`learn` counts by group, age and evidence; a group is what has a percentage
of its own, one stage of one process.

Examples
--------
>>> rates = learn({("offer", 0, None): (30, 100), ("offer", 14, None): (5, 40)},
...               {"offer": 0.4})
>>> first, later = rates["offer", 0, None], rates["offer", 14, None]
>>> first.won, first.closed, round(first.chance, 3)
(30, 100, 0.317)
>>> round(later.prior, 3), round(later.chance, 2)
(0.317, 0.17)
>>> later.low < later.chance < later.high
True

Nothing is closed yet:

>>> learn({}, {"offer": 0.4})
{}
>>> rate = shrink(0.4, 0, 0, 20)
>>> rate.chance, rate.closed
(0.4, 0)
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from math import exp, lgamma, log, log1p

from .survival import kaplan_meier

# Days in a stage at which deals are looked at.
AGES = (0, 3, 7, 14, 30, 60, 90, 180, 365)
# How many deals the prior counts like, as long as nothing better is known, and what
# may be learnt. LOG_SPREAD: how far from it, as the standard deviation of the log.
USUAL_STRENGTH = 20
STRENGTHS = (2, 3, 5, 7, 10, 14, 20, 30, 45, 70, 100, 150, 220, 330, 500)
LOG_SPREAD = 1.0
# The interval holds the true chance in this share of all cases.
LEVEL = 0.9
# No percentage is so sure that no deal could prove it wrong.
SURELY = 0.01
# How exact quantiles are.
EXACT = 1e-10
# Fewer endings than this say nothing about how long it takes.
MINIMUM_ENDED = 5


@dataclass(frozen=True, slots=True)
class Rate:
    """The learnt chance of one kind of deal; shares are 0–1.

    :ivar prior: what was expected without its own cases
    :ivar strength: how many deals the prior counts like
    :ivar won: how many of the ``closed`` cases were won
    :ivar chance: the mean; ``low`` and ``high`` are the credible interval
    """

    prior: float
    strength: float
    won: int
    closed: int
    chance: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Step:
    """One reason for a chance: what was looked at, and where it led.

    :ivar kind: ``stage``, ``history``, ``age`` or ``evidence``
    :ivar chance: what it is after this step
    :ivar age: from how many days in the stage on, for ``age``
    :ivar complete: whether the evidence was, for ``evidence``
    """

    kind: str
    chance: float
    won: int = 0
    closed: int = 0
    age: int = 0
    complete: bool | None = None


# --------------------------------------------------------------------------------------
# Shrinkage
# --------------------------------------------------------------------------------------


def shrink(prior, won, closed, strength):
    """Weigh what is expected with what was seen.

    :param prior: 0–1
    :param strength: how many deals the prior counts like, above 0
    :rtype: Rate

    >>> shrink(0.25, 6, 10, 20).chance
    0.36666666666666664
    """
    if not 0 <= won <= closed:
        raise ValueError(f"{won} of {closed} is no share.")
    if not 0 <= prior <= 1 or strength <= 0:
        raise ValueError("A prior lies between 0 and 1, a strength above 0.")
    chance = _mean(prior, won, closed, strength)
    sure = _doubt(prior)
    a = strength * sure + won
    b = strength * (1 - sure) + closed - won
    low = min(chance, beta_quantile((1 - LEVEL) / 2, a, b))
    high = max(chance, beta_quantile((1 + LEVEL) / 2, a, b))
    return Rate(prior, strength, won, closed, chance, low, high)


def learn(counts, stage_chances):
    """Learn the chance of every kind of deal that has closed cases.

    :param dict counts: ``{(group, age, evidence): (won, closed)}``; age 0 holds all
        deals of the group, a later one those that reached it; evidence is None for
        all, else whether it was complete
    :param dict stage_chances: ``{group: 0–1}``
    :return: ``{(group, age, evidence): Rate}`` of the kinds with cases
    """
    groups = defaultdict(dict)
    for (group, age, evidence), (won, closed) in counts.items():
        if closed:
            groups[group][age, evidence] = won, closed
    groups = {group: cells for group, cells in groups.items() if (0, None) in cells}
    strengths = {}
    for level in ("history", "age", "evidence"):
        strengths[level] = max(
            STRENGTHS,
            key=lambda k, level=level: _likelihood(
                groups, stage_chances, {**strengths, level: k}, level
            ),
        )
    return {
        (group, *kind): shrink(prior, *cells[kind], strengths[level])
        for group, cells in groups.items()
        for kind, level, prior in _walk(cells, stage_chances[group], strengths)
    }


def _walk(cells, prior, strengths):
    """Yield ``(kind, level, prior)`` of a group's cells, priors before followers.

    Goes as far as the strengths of the levels are known.
    """
    ages = sorted(age for age, evidence in cells if evidence is None)
    for age in ages:
        level = "age" if age else "history"
        if level not in strengths:
            return
        yield (age, None), level, prior
        prior = _mean(prior, *cells[age, None], strengths[level])
        if "evidence" in strengths:
            for complete in (False, True):
                if (age, complete) in cells:
                    yield (age, complete), "evidence", prior


def _likelihood(groups, stage_chances, strengths, level):
    """Logarithm of how likely the counts of a level are under these strengths."""
    strength = strengths[level]
    total = -((log(strength / USUAL_STRENGTH) / LOG_SPREAD) ** 2) / 2
    for group, cells in groups.items():
        for kind, at, prior in _walk(cells, stage_chances[group], strengths):
            if at == level:
                won, closed = cells[kind]
                sure = _doubt(prior)
                a, b = strength * sure, strength * (1 - sure)
                total += _log_beta(a + won, b + closed - won) - _log_beta(a, b)
    return total


def _mean(prior, won, closed, strength):
    return (strength * prior + won) / (strength + closed)


def _doubt(prior):
    return min(max(prior, SURELY), 1 - SURELY)


# --------------------------------------------------------------------------------------
# How long it takes, and why
# --------------------------------------------------------------------------------------


def remaining_days(counts):
    """The median days until deals close, from an age on.

    :param counts: iterable of ``(days, ended, censored)`` since that age
    :return: ``(days or None, endings)``; None with too few endings, and while less than
        half of the deals are known to close

    >>> remaining_days([(10, 3, 0), (20, 2, 1), (30, 1, 0)])
    (20, 6)
    >>> remaining_days([(10, 4, 0)])
    (None, 4)
    """
    curve = kaplan_meier(counts)
    if curve.ended < MINIMUM_ENDED:
        return None, curve.ended
    return curve.median, curve.ended


def steps(stage_chance, history=None, aged=None, proven=None, age=0, complete=None):
    """How a chance came about, each step with its figures.

    :param stage_chance: 0–1
    :param history: ``(chance, won, closed)`` of all deals of the stage, or None
    :param aged: the same of those that reached ``age``
    :param proven: the same of those whose evidence was ``complete``, or was not
    :return: list of :class:`Step`

    >>> [step.kind for step in steps(0.4, (0.35, 3, 10), (0.2, 1, 8), age=30)]
    ['stage', 'history', 'age']
    """
    found = [Step("stage", stage_chance)]
    if history:
        found.append(Step("history", *history))
    if aged and age:
        found.append(Step("age", *aged, age=age))
    if proven:
        found.append(Step("evidence", *proven, age=age, complete=complete))
    return found


# --------------------------------------------------------------------------------------
# The Beta distribution
# --------------------------------------------------------------------------------------


def beta_share(x, a, b):
    """The share of a Beta distribution up to ``x``: the incomplete Beta function.

    >>> round(beta_share(0.5, 2, 2), 12), round(beta_share(0.25, 1, 1), 12)
    (0.5, 0.25)
    """
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    front = exp(a * log(x) + b * log1p(-x) - _log_beta(a, b))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


@lru_cache(maxsize=20000)
def beta_quantile(share, a, b):
    """Below which value ``share`` of a Beta distribution lies.

    >>> round(beta_quantile(0.5, 3, 3), 9), round(beta_quantile(0.05, 1, 1), 9)
    (0.5, 0.05)
    """
    low, high, x = 0.0, 1.0, a / (a + b)
    for _step in range(100):
        miss = beta_share(x, a, b) - share
        low, high = (low, x) if miss > 0 else (x, high)
        # Newton's step, and halving where it would leave what is known.
        slope = exp((a - 1) * log(x) + (b - 1) * log1p(-x) - _log_beta(a, b))
        then = x - miss / slope if slope > 0 else low
        if not low < then < high:
            then = (low + high) / 2
        if abs(then - x) < EXACT or not 0 < then < 1:
            break
        x = then
    return x


def _log_beta(a, b):
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _fraction(x, a, b, tiny=1e-300, close=1e-14):
    """The continued fraction of the incomplete Beta function, by Lentz's method."""
    c, d = 1.0, 1 / _off_zero(1 - (a + b) * x / (a + 1), tiny)
    value = d
    # As many terms as the root of the larger parameter are enough.
    for m in range(1, 200 + 5 * int(max(a, b) ** 0.5)):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _off_zero(1 + term * d, tiny)
            c = _off_zero(1 + term / c, tiny)
            value *= c * d
        if abs(c * d - 1) < close:
            break
    return value


def _off_zero(number, tiny):
    return number if abs(number) > tiny else tiny
