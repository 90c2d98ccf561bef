"""The arithmetic of ``outcome_range``: sums of deals that are won or not.

Deals here are ``(units, probability)``: what they bring in the smallest coin, more than
nothing, and the chance that they do, neither 0 nor 1. See ``outcome_range`` for what it
is for, for the sources and for how far off it may be.

Examples
--------
>>> certain, deals = uncertain([(5, 1), (10, 0.5), (20, 0.25)], per=1)
>>> certain, all_sums(deals)
(5, [(0, 0.375), (10, 0.375), (20, 0.125), (30, 0.125)])
>>> convolve([1, 2], [0.5, 0.25])
[0.375, 0.375, 0.125, 0.125]
>>> round(blurred([0.0, 50.0], [0.5, 0.5], 0.0, spread=1.0, skew=0.0), 3)
0.25
"""

from dataclasses import astuple, dataclass
from math import erfc, exp, isfinite, pi, sqrt
from struct import unpack

# The largest deals that are looked at one by one: usually; more of them as long as the
# rest is skew, for Edgeworth's term is exact for little skewness only; fewer when the
# rest is that near to normal.
ONE_BY_ONE, AT_MOST = 200, 500
HARDLY_SKEW = 0.25
NEAR_NORMAL = 0.01
SHEVTSOVA = 0.56
# Digits of the number that is the grid, in bits: one, its probability, and factors.
DIGIT, MASS, FACTOR = 64, 35, 28
ROOT_HALF = sqrt(0.5)


@dataclass(frozen=True)
class Rest:
    """Many small deals, of which only the sums are known.

    A database adds them up without handing them over. ``a`` are the amounts, ``p`` the
    probabilities:

    :ivar count: how many
    :ivar mean: Σ a · p
    :ivar variance: Σ a² · p · (1 - p)
    :ivar third: Σ a³ · p · (1 - p) · (1 - 2 p)
    :ivar absolute: Σ abs(a)³ · p · (1 - p) · (1 - 2 p + 2 p²)
    """

    count: int = 0
    mean: float = 0.0
    variance: float = 0.0
    third: float = 0.0
    absolute: float = 0.0

    def __add__(self, other):
        return Rest(
            self.count + other.count,
            self.mean + other.mean,
            self.variance + other.variance,
            self.third + other.third,
            self.absolute + other.absolute,
        )

    def __mul__(self, rate):
        """In another currency, which is worth so much less."""
        third = self.third * rate**3, self.absolute * abs(rate) ** 3
        return Rest(self.count, self.mean * rate, self.variance * rate**2, *third)

    @classmethod
    def of(cls, deals):
        """Sums of deals that are at hand.

        >>> Rest.of([(10, 0.5), (20, 0.5)])
        Rest(count=2, mean=15.0, variance=125.0, third=0.0, absolute=1125.0)
        """
        mean = variance = third = absolute = 0.0
        for amount, p in deals:
            part = amount * amount * p * (1 - p)
            mean += amount * p
            variance += part
            third += amount * part * (1 - 2 * p)
            absolute += abs(amount) * part * (1 - 2 * p + 2 * p * p)
        return cls(len(deals), mean, variance, third, absolute)


NO_REST = Rest()


def _variance(part):
    units, p = part
    return units * units * p * (1 - p)


def skewness(small):
    return small.third / small.variance**1.5


def distance_to_normal(small):
    """How far the sum of small deals may be from normal, as a chance."""
    return SHEVTSOVA * small.absolute / small.variance**1.5


def uncertain(deals, per):
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


def all_sums(parts):
    """Every sum there may be with its probability: ``[(units, probability)]``."""
    sums = {0: 1.0}
    for amount, p in parts:
        more = {total: mass * (1 - p) for total, mass in sums.items()}
        for total, mass in sums.items():
            more[total + amount] = more.get(total + amount, 0.0) + mass * p
        sums = more
    return sorted(sums.items())


def nearly_normal(parts, small):
    """Add up deals that need not be looked at one by one: their sum is nearly normal.

    :param Rest small: what is added up already
    :return: the parts that are left, and the sum of all others
    """
    usual = len(parts) - ONE_BY_ONE
    if usual <= 0:
        return parts, small
    parts = sorted(parts, key=_variance)
    least = max(len(parts) - AT_MOST, 0)
    found, (_n, *start) = least, astuple(small + Rest.of(parts[:least]))
    mean, variance, third, absolute = sums = start
    for number, (units, p) in enumerate(parts[least:], least + 1):
        part = units * units * p * (1 - p)
        mean += units * p
        variance += part
        third += units * part * (1 - 2 * p)
        absolute += units * part * (1 - 2 * p + 2 * p * p)
        power = variance**1.5
        if number > usual and SHEVTSOVA * absolute / power > NEAR_NORMAL:
            break
        if abs(third) / power <= HARDLY_SKEW:
            found, sums = number, (mean, variance, third, absolute)
    return parts[found:], Rest(small.count + found, *sums)


def convolve(sizes, chances):
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


def gather(points, width):
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


def blurred(points, masses, x, spread, skew):
    """Chance to stay below ``x`` with a nearly normal distribution around each point,
    by the first two terms of Edgeworth.

    :param masses: the probability of each point
    :param spread: the standard deviation of all of these distributions
    """
    total = 0.0
    factor = skew / 6 / sqrt(2 * pi)
    for point, mass in zip(points, masses, strict=True):
        z = (x - point) / spread
        square = z * z
        total += mass * (
            erfc(-z * ROOT_HALF) / 2 - factor * (square - 1) * exp(-square / 2)
        )
    return total
