"""What a selection of deals may bring: a range from the deals, not ± a percentage.

What
----
Every deal is won as a whole or not at all. What a selection brings is base + Σ amount ·
Bernoulli(probability), the deals being independent. Of its distribution: P10 (with nine
chances in ten it is at least that much), P50, P90, the mean and the chance to reach a
quota. One whale among small deals shows as a whale: two humps far apart.

How it works
------------
1. A certain deal goes to the base. A negative amount that is won with p is the amount
   for certain and its opposite with 1 - p.
2. Few deals: all sums with their probabilities (*exact*).
3. More: the largest on a grid of money, one convolution each. The grid is one whole
   number with a digit of 64 bits for each cell, so a convolution is two products, a
   shift and a sum of long integers (*grid*). Round amounts fall on the grid, and the
   result is exact again.
4. The many small ones that are left: the normal distribution of their sum, with the
   first term of Edgeworth for its skewness, around every point of the grid (*normal*).

Nothing is drawn at random: the same deals give the same range.

How sure
--------
With F the true chance to stay at or below x, the one given here lies between
F(x - money_error) - chance_error and F(x + money_error) + chance_error:

* ``money_error``: how far amounts moved to fall on the grid, summed over all deals
* ``chance_error``: what arithmetic of 35 bits loses, and the bound of Berry and Esseen
  for the normal part, with the skewness on top; the true error is far smaller

Sources: L. Kronecker, "Grundzüge einer arithmetischen Theorie der algebraischen
Größen", J. reine angew. Math. 92 (1882) (polynomials as one number); F. Y. Edgeworth,
"The law of error", Trans. Cambridge Phil. Soc. 20 (1905); I. G. Shevtsova, "An
improvement of convergence rate estimates in the Lyapunov theorem", Doklady Mathematics
82 (2010) 862–864 (constant 0.56).

How to use
----------
Amounts are numbers of one currency, probabilities 0–1. :class:`Outcome` keeps the
distribution for several questions; :func:`outcome_range` answers the usual ones.

Examples
--------
Two deals bring 0, 100, 200 or 300 with 0.3, 0.3, 0.2 and 0.2:

>>> outcome_range([(100, 0.5), (200, 0.4)], quota=200)
Range(p10=0.0, p50=100.0, p90=300.0, mean=130.0, chance=0.4, method='exact')

A whale of 1,000 beside a hundred deals of 10:

>>> deals = [(1000, 0.4)] + [(10, 0.5)] * 100
>>> found = outcome_range(deals, quota=1000)
>>> found.p10, found.p50, found.p90, round(found.chance, 3), found.method
(450.0, 550.0, 1530.0, 0.4, 'exact')
>>> [round(share, 2) for share in uncertainty(deals)[:2]]
[0.99, 0.0]
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import fsum, gcd, inf, isfinite, sqrt

from .outcome_sums import (
    MASS,
    NO_REST,
    Rest,
    all_sums,
    blurred,
    convolve,
    distance_to_normal,
    gather,
    nearly_normal,
    skewness,
    uncertain,
)

__all__ = ["NO_REST", "Outcome", "Range", "Rest", "outcome_range", "uncertainty"]

# How finely the largest deals are looked at; a tenth of it will do for a table.
CELLS = 8192
# Points that a normal distribution may share, per standard deviation.
POINTS_PER_DEVIATION = 12
# So many deviations away the normal distribution is 0 or 1.
FAR = 8.0
# Floating-point sums of probabilities may fall short by so much.
TINY = 1e-12


@dataclass(frozen=True)
class Range:
    """What a selection may bring, in its currency.

    :ivar p10: in nine of ten cases it is at least that much
    :ivar p90: in one of ten cases it is that much or more
    :ivar chance: that it is at least the quota, 0–1; None without a quota
    :ivar method: exact, grid or normal, see above
    """

    p10: float
    p50: float
    p90: float
    mean: float
    chance: float | None
    method: str


def outcome_range(deals, base=0.0, quota=None, cells=CELLS, digits=2, rest=NO_REST):
    """Range of what deals bring.

    :param deals: ``[(amount, probability 0–1)]``
    :param base: what is certain, such as what is won already
    :param quota: what is to be reached; None: no question
    :param cells: how finely; the time it takes grows with it
    :param digits: decimals of the currency
    :param Rest rest: many small deals on top

    >>> outcome_range([])
    Range(p10=0.0, p50=0.0, p90=0.0, mean=0.0, chance=None, method='exact')
    >>> outcome_range([(50, 1), (70, 0), (-20, 0.5)], base=5, quota=55)
    Range(p10=35.0, p50=35.0, p90=55.0, mean=45.0, chance=0.5, method='exact')
    """
    outcome = Outcome(deals, base, cells, digits, rest)
    return Range(
        p10=outcome.quantile(0.1),
        p50=outcome.quantile(0.5),
        p90=outcome.quantile(0.9),
        mean=outcome.mean,
        chance=None if quota is None else outcome.chance(quota),
        method=outcome.method,
    )


def uncertainty(deals):
    """Share of each deal in the variance of the whole, 0–1: the whale has most of it.

    >>> uncertainty([(100, 0.5), (200, 0.5), (900, 1)])
    [0.2, 0.8, 0.0]
    """
    parts = [amount * amount * p * (1 - p) for amount, p in deals]
    total = fsum(parts)
    return [part / total if total else 0.0 for part in parts]


class Outcome:
    """The distribution of what deals bring.

    :ivar mean: what they bring on average
    :ivar deviation: its standard deviation
    :ivar method: exact, grid or normal
    :ivar money_error: see *How sure*
    :ivar chance_error: see *How sure*
    """

    def __init__(self, deals, base=0.0, cells=CELLS, digits=2, rest=NO_REST):
        if not isfinite(base):
            raise ValueError(f"{base} is no amount.")
        self._per = 10**digits
        self.method = "exact"
        self.money_error = self.chance_error = 0.0
        self._spread = self._skew = 0.0
        certain, parts = uncertain(deals, self._per)
        self._base = base + certain / self._per
        small = rest * self._per
        large = parts
        if 2 ** (len(parts) + 1) <= cells:
            points = [(units + small.mean, mass) for units, mass in all_sums(parts)]
        else:
            large, small = nearly_normal(parts, small)
            points = self._on_grid(large, cells, small.mean)
        whole = small + Rest.of(large)
        self.mean = self._base + whole.mean / self._per
        self.deviation = sqrt(whole.variance) / self._per
        if small.variance > 0:
            points = self._blurred(points, small)
        # Points are in units of the smallest coin, above the base.
        self._points = [point for point, _mass in points]
        self._masses = [mass for _point, mass in points]
        self._until = list(accumulate(self._masses, initial=0.0))
        # No quantile of the normal part lies beyond what is possible.
        known = not rest.count
        self._lowest = 0.0 if known else -inf
        self._highest = sum(units for units, _p in parts) if known else inf

    # === QUESTIONS === #

    def chance(self, quota):
        """Chance to bring at least so much, 0–1."""
        wanted = (quota - self._base) * self._per
        if self._spread:
            return 1 - self._below(wanted)
        # A sum that reaches it but for the last digits of a float reaches it.
        place = bisect_left(self._points, wanted - 1e-4)
        return min(max(1 - self._until[place], 0.0), 1.0)

    def quantile(self, share):
        """The smallest amount that is not exceeded with at least this probability."""
        if not self._spread:
            place = bisect_left(self._until, share - TINY, lo=1) - 1
            place = min(place, len(self._points) - 1)
            return self._base + self._points[place] / self._per
        units = min(max(self._reached(share), self._lowest), self._highest)
        return self._base + units / self._per

    def histogram(self, bars=40):
        """Shape of the distribution, without what happens once in a thousand cases.

        :return: ``[(from, to, probability)]``; the last bar includes its end

        >>> [bar for bar in Outcome([(100, 0.5), (200, 0.5)]).histogram(3) if bar[2]]
        [(0.0, 100.0, 0.25), (100.0, 200.0, 0.25), (200.0, 300.0, 0.5)]
        """
        first, last = self.quantile(0.001), self.quantile(0.999)
        if first >= last:
            return [(first, last, 1.0)]
        edges = [first + (last - first) * i / bars for i in range(bars + 1)]
        reached = [1.0, *map(self.chance, edges[1:-1]), 0.0]
        return [
            (left, right, max(a - b, 0.0))
            for (left, right), (a, b) in zip(
                pairwise(edges), pairwise(reached), strict=True
            )
        ]

    def _reached(self, share):
        """Units below which it stays with this probability, by the Illinois method."""
        left = self._points[0] - FAR * self._spread
        right = self._points[-1] + FAR * self._spread
        low, high = -share, 1 - share
        side = 0
        while right - left > self._spread / 1000 and high > TINY:
            x = right - high * (right - left) / (high - low)
            # Where one step is flat the middle is the better guess.
            if min(x - left, right - x) < (right - left) / 1000:
                x = (left + right) / 2
            found = self._below(x) - share
            if found < 0:
                left, low, high = x, found, high / 2 if side < 0 else high
                side = -1
            else:
                right, high, low = x, found, low / 2 if side > 0 else low
                side = 1
        return right

    def _below(self, x):
        """Chance to stay below so many units: normal around every point."""
        points, spread = self._points, self._spread
        first = bisect_left(points, x - FAR * spread)
        last = bisect_right(points, x + FAR * spread)
        near = slice(first, last)
        total = self._until[first] + blurred(
            points[near], self._masses[near], x, spread, self._skew
        )
        return min(max(total, 0.0), 1.0)

    # === MANY DEALS === #

    def _on_grid(self, large, cells, shift):
        """``[(units, probability)]`` of the sums of these deals, as near as cells are.

        :param shift: units that come on top
        """
        large = sorted(large)
        total = sum(units for units, _p in large)
        step = gcd(*(units for units, _p in large))
        if total >= step * cells:
            step = total / (cells - 1)
            self.method = "grid"
        sizes = [round(units / step) if step else 0 for units, _p in large]
        off = [
            (units - size * step, p)
            for (units, p), size in zip(large, sizes, strict=True)
        ]
        moved = fsum(max(p, 1 - p) * abs(units) for units, p in off)
        self.money_error = moved / self._per
        self.chance_error = len(large) * (sum(sizes) + 2) * 2.0**-MASS
        shift += fsum(units * p for units, p in off)
        grid = convolve(sizes, [p for _units, p in large])
        return [(shift + place * step, mass) for place, mass in enumerate(grid) if mass]

    def _blurred(self, points, small):
        """The sum of the small deals around every point."""
        self.method = "normal"
        self._spread = sqrt(small.variance)
        self._skew = skewness(small)
        self.chance_error += distance_to_normal(small) + abs(self._skew) / 15
        width = self._spread / POINTS_PER_DEVIATION
        self.money_error += width / self._per
        return gather(points, width)
