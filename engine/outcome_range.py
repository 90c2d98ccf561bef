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
from math import ceil, erfc, exp, fsum, gcd, isfinite, pi, sqrt
from struct import unpack

# How finely the largest deals are looked at; a tenth of it will do for a table.
CELLS = 8192
# The largest deals that are looked at one by one, and how far the rest may be from
# normal before one more is.
ONE_BY_ONE = 200
NEAR_NORMAL = 0.01
SHEVTSOVA = 0.56
# Digits of the number that is the grid, in bits: one, its probability, and factors.
DIGIT, MASS, FACTOR = 64, 35, 28
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


def outcome_range(deals, base=0.0, quota=None, cells=CELLS, digits=2):
    """Range of what deals bring.

    :param deals: ``[(amount, probability 0–1)]``
    :param base: what is certain, such as what is won already
    :param quota: what is to be reached; None: no question
    :param cells: how finely; the time it takes grows with it
    :param digits: decimals of the currency

    >>> outcome_range([])
    Range(p10=0.0, p50=0.0, p90=0.0, mean=0.0, chance=None, method='exact')
    >>> outcome_range([(50, 1), (70, 0), (-20, 0.5)], base=5, quota=55)
    Range(p10=35.0, p50=35.0, p90=55.0, mean=45.0, chance=0.5, method='exact')
    """
    outcome = Outcome(deals, base, cells, digits)
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

    def __init__(self, deals, base=0.0, cells=CELLS, digits=2):
        if not isfinite(base):
            raise ValueError(f"{base} is no amount.")
        self._per = 10**digits
        self.method = "exact"
        self.money_error = self.chance_error = 0.0
        low, parts = _uncertain(deals, self._per)
        self.mean = fsum([base, low / self._per, *(a * p / self._per for a, p in parts)])
        self.deviation = sqrt(fsum(a * a * p * (1 - p) for a, p in parts)) / self._per
        self.low = base + low / self._per
        self.high = self.low + sum(a for a, _p in parts) / self._per
        # Points in units of the smallest coin above ``low``.
        self._spread = self._skew = 0.0
        if 2 ** len(parts) <= cells:
            points = _sums(parts)
        else:
            points = self._on_grid(parts, cells)
        self._points = [point for point, _mass in points]
        self._masses = [mass for _point, mass in points]
        self._until = list(accumulate(self._masses, initial=0.0))

    # === QUESTIONS === #

    def chance(self, quota):
        """Chance to bring at least so much, 0–1."""
        wanted = (quota - self.low) * self._per
        if not self._spread:
            # A sum that reaches it to the last digit of a float reaches it.
            return min(max(1 - self._until[bisect_left(self._points, wanted - 1e-4)], 0), 1)
        return 1 - self._below(wanted)

    def quantile(self, share):
        """The smallest amount that is not exceeded with at least this probability."""
        if not self._spread:
            place = bisect_left(self._until, share - TINY, lo=1) - 1
            place = min(place, len(self._points) - 1)
            return self.low + self._points[place] / self._per
        left = self._points[0] - FAR * self._spread
        right = self._points[-1] + FAR * self._spread
        while right - left > max(self._spread / 1000, 0.5):
            middle = (left + right) / 2
            if self._below(middle) < share:
                left = middle
            else:
                right = middle
        return min(max(self.low + right / self._per, self.low), self.high)

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

    def _below(self, x):
        """Chance to stay below so many units: normal around every point."""
        spread, skew = self._spread, self._skew
        points, masses = self._points, self._masses
        first = bisect_left(points, x - FAR * spread)
        last = bisect_right(points, x + FAR * spread)
        total = self._until[first]
        for place in range(first, last):
            total += masses[place] * _edgeworth((x - points[place]) / spread, skew)
        return min(max(total, 0.0), 1.0)

    # === MANY DEALS === #

    def _on_grid(self, parts, cells):
        """``[(units, probability)]`` of the largest; the rest as one normal one."""
        parts.sort(key=lambda part: part[0] * part[0] * part[1] * (1 - part[1]))
        rest, variance, third, error = _nearly_normal(parts)
        large = sorted(parts[rest:])
        total = sum(amount for amount, _p in large)
        step = gcd(*(amount for amount, _p in large))
        self.method = "normal" if rest else "exact"
        if not large or total >= step * cells:
            step = max(total / (cells - 1), 1.0)
            self.method = "normal" if rest else "grid"
        sizes = [round(amount / step) for amount, _p in large]
        off = [a - size * step for (a, _p), size in zip(large, sizes, strict=True)]
        chances = [p for _amount, p in large]
        shift = fsum(p * amount for p, amount in zip(chances, off, strict=True))
        moved = fsum(
            max(p, 1 - p) * abs(amount) for p, amount in zip(chances, off, strict=True)
        )
        self.money_error = moved / self._per
        self.chance_error = len(large) * (sum(sizes) + 2) * 2.0**-MASS
        shift += fsum(amount * p for amount, p in parts[:rest])
        points = [
            (shift + place * step, mass)
            for place, mass in enumerate(_convolve(sizes, chances))
            if mass
        ]
        if rest:
            self._spread = sqrt(variance)
            self._skew = third / variance**1.5
            self.chance_error += error + abs(self._skew) / 15
            width = self._spread / POINTS_PER_DEVIATION
            self.money_error += width / self._per
            points = _gather(points, width)
        return points


def _uncertain(deals, per):
    """What is certain, and what is not: ``(units, [(units > 0, 0 < p < 1)])``."""
    certain, parts = 0, []
    for amount, p in deals:
        if not 0 <= p <= 1:
            raise ValueError(f"{p} is no probability.")
        if not isfinite(amount):
            raise ValueError(f"{amount} is no amount.")
        units = round(amount * per)
        if p == 1:
            certain += units
        elif units > 0 and p:
            parts.append((units, p))
        elif units < 0 and p:
            certain += units
            parts.append((-units, 1 - p))
    return certain, parts


def _sums(parts):
    """Every sum there may be with its probability: ``[(units, probability)]``."""
    sums = {0: 1.0}
    for amount, p in parts:
        more = {total: mass * (1 - p) for total, mass in sums.items()}
        for total, mass in sums.items():
            more[total + amount] = more.get(total + amount, 0.0) + mass * p
        sums = more
    return sorted(sums.items())


def _nearly_normal(parts):
    """How many of the smallest deals have a sum that is nearly normal.

    :param parts: by variance
    :return: ``(number, variance, third central moment, error of the normal one)``;
        number 0 if the deals are few enough to look at each
    """
    if len(parts) <= ONE_BY_ONE:
        return 0, 0.0, 0.0, 0.0
    best = (0, 0.0, 0.0, 0.0)
    variance = third = absolute = 0.0
    for number, (amount, p) in enumerate(parts, 1):
        part = amount * amount * p * (1 - p)
        variance += part
        third += amount * part * (1 - 2 * p)
        absolute += amount * part * (1 - 2 * p + 2 * p * p)
        if number < len(parts) - ONE_BY_ONE:
            continue
        error = SHEVTSOVA * absolute / variance**1.5
        if best[0] and error > NEAR_NORMAL:
            break
        best = (number, variance, third, error)
    return best


def _convolve(sizes, chances):
    """Probabilities of 0, 1, 2 … cells, of deals that take so many cells each.

    The grid is one number; its digits of 64 bits hold the cells. A product with 28 bits
    fits into them, and is cut to 35 bits again.
    """
    length = sum(sizes) + 1
    one = int.from_bytes((b"\x01" + b"\x00" * (DIGIT // 8 - 1)) * length, "little")
    mask = one * (2 ** (MASS + 1) - 1)
    grid = 2**MASS
    for size, p in zip(sizes, chances, strict=True):
        won = round(p * 2**FACTOR)
        lost = 2**FACTOR - won
        grid = (grid * lost + (grid * won << size * DIGIT)) >> FACTOR & mask
    cells = unpack(f"<{length}Q", grid.to_bytes(length * DIGIT // 8, "little"))
    total = sum(cells)
    return [cell / total for cell in cells]


def _gather(points, width):
    """Points that are close together as one, at their mean.

    Around each lies a normal distribution that is far wider.
    """
    result = []
    start = points[0][0]
    mass = moment = 0.0
    for point, part in points:
        if point - start > width:
            result.append((moment / mass, mass))
            start, mass, moment = point, 0.0, 0.0
        mass += part
        moment += part * point
    result.append((moment / mass, mass))
    return result


def _edgeworth(z, skew):
    """Chance to stay below z deviations, by the first two terms of Edgeworth."""
    density = exp(-z * z / 2) / sqrt(2 * pi)
    return erfc(-z / sqrt(2)) / 2 - skew / 6 * (z * z - 1) * density
