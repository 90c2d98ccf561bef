"""Work out ranges of deals, and again with numpy by a million draws and exactly.

Selections of every kind: few deals, many, a whale among small ones, round amounts,
amounts of very different size, hardly any chance. Where the sum of two distributions
can be told exactly (up to 22 deals) numpy adds up every case; elsewhere it draws each
deal a million times (of the largest selections fewer). Compared are the chances to
reach nine amounts from P1 to P99 of the draws, and the three quantiles, as a share of
the standard deviation. What a normal distribution of the whole would say stands beside
it.

Wanted: 10,000 deals in 50 ms; no chance off by more than 0.5 points beyond what
chance itself makes of a million draws; no more than the stated error where it is exact.
"""

import sys
import time
from itertools import pairwise
from statistics import NormalDist

# The group of requirements that ./dev bench installs for this script.
REQUIREMENTS = "bench"
LIMIT_MS = 50
LIMIT_CHANCE = 0.005
DRAWS = 1_000_000
DRAWN_AT_MOST = 500_000_000
EXACT = 22
SEED = 20_240_229
SHARES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)


def main(env, argv):
    """Run it.

    :param env: environment of a database with the addon; only its code is used
    :param argv: ``--quick`` draws 100,000 times
    :return: 0 when speed and figures are as wanted, else 1
    """
    try:
        import numpy
    except ImportError:
        print(f"numpy is missing: install the group “{REQUIREMENTS}”.")
        return 1
    from odoo.addons.sales_process.engine.outcome_range import Outcome

    return run(numpy, Outcome, DRAWS // 10 if "--quick" in argv else DRAWS)


def run(numpy, outcome, draws):
    random = numpy.random.default_rng(SEED)
    ok = True
    print(
        f"{'selection':28} {'deals':>6} {'ms':>6} {'method':>7}"
        f" {'chance off':>10} {'quantile off':>12} {'normal off':>10}"
    )
    for name, deals in selections(random):
        best, found = fastest(outcome, deals)
        truth = every_case(numpy, deals) if len(deals) <= EXACT else None
        if truth is None:
            times = min(draws, DRAWN_AT_MOST // len(deals))
            truth = drawn(numpy, random, deals, times)
            allowed = LIMIT_CHANCE + 3 * (0.25 / times) ** 0.5
        else:
            allowed = LIMIT_CHANCE
        chance, quantile, normal = compare(numpy, found, *truth)
        good = chance <= allowed and (len(deals) < 10_000 or best <= LIMIT_MS)
        ok &= good
        print(
            f"{name:28} {len(deals):6} {best:6.1f} {found.method:>7}"
            f" {100 * chance:8.2f} % {100 * quantile:10.2f} % {100 * normal:8.2f} %"
            f"{'' if good else '  <-- not as wanted'}"
        )
    sys.stdout.flush()
    return 0 if ok else 1


def fastest(outcome, deals, times=5):
    """Milliseconds of work of the fastest of some times, and the outcome."""
    best = float("inf")
    for _time in range(times):
        begun = time.process_time()
        found = outcome(deals)
        for share in (0.1, 0.5, 0.9):
            found.quantile(share)
        found.chance(found.mean)
        best = min(best, time.process_time() - begun)
    return 1000 * best, found


def selections(random):
    """``(name, deals)``"""

    def usual(number, spread=1.0):
        amounts = random.lognormal(9.5, spread, number).round(2)
        chances = random.beta(2, 4, number)
        return list(zip(amounts.tolist(), chances.tolist(), strict=True))

    for number in (5, 12, 20, 50, 200, 500, 2_000, 10_000):
        yield "usual", usual(number)
    for number in (20, 200, 2_000, 10_000):
        yield "very different sizes", usual(number, 2.0)
    for number in (15, 100, 1_000, 10_000):
        small = usual(number)
        whale = 3 * sum(amount for amount, _p in small) ** 0.9
        yield "one whale", [(round(whale, 2), 0.35), *small]
    for number in (20, 150, 1_000):
        amounts = random.choice([5_000, 10_000, 20_000, 50_000], number).tolist()
        yield (
            "round amounts",
            [(a, (0.1, 0.3, 0.6)[i % 3]) for i, a in enumerate(amounts)],
        )
    for number in (20, 300, 3_000):
        yield "hardly any chance", [(a, p / 30) for a, p in usual(number)]
    for number in (20, 300, 3_000):
        yield "nearly certain", [(a, 1 - p / 30) for a, p in usual(number)]
    yield (
        "with negative ones",
        [(a * (-1) ** i, p) for i, (a, p) in enumerate(usual(300))],
    )


def every_case(numpy, deals):
    """Sums and probabilities of every case, ascending."""
    sums, masses = numpy.zeros(1), numpy.ones(1)
    for amount, p in deals:
        sums = numpy.concatenate([sums, sums + amount])
        masses = numpy.concatenate([masses * (1 - p), masses * p])
    order = numpy.argsort(sums)
    return sums[order], masses[order]


def drawn(numpy, random, deals, draws):
    """Sums of so many draws, ascending, each as likely."""
    sums = numpy.zeros(draws)
    for amount, p in deals:
        sums[random.random(draws) < p] += amount
    sums.sort()
    return sums, numpy.full(draws, 1 / draws)


def compare(numpy, found, sums, masses):
    """Largest difference of a chance, of a quantile, and of a chance if all was normal.

    Chances are looked at halfway between two sums, as far as they lie apart, for what
    is just reached depends on the last digit of a float.
    """
    until = numpy.cumsum(masses)
    deviation = found.deviation or 1.0
    flat = NormalDist(found.mean, deviation)
    off = wrong = 0.0
    for share in SHARES:
        at = min(int(numpy.searchsorted(until, share)), len(sums) - 1)
        after = int(numpy.searchsorted(sums, sums[at] + 0.01))
        if after < len(sums):
            middle = (sums[at] + sums[after]) / 2
            reached = 1 - float(until[after - 1])
            off = max(off, abs(found.chance(middle) - reached))
            wrong = max(wrong, abs(1 - flat.cdf(middle) - reached))
    marks = [float(sums[int(numpy.searchsorted(until, s))]) for s in (0.1, 0.5, 0.9)]
    assert all(left <= right for left, right in pairwise(marks))
    worst = max(
        abs(found.quantile(share) - mark)
        for share, mark in zip((0.1, 0.5, 0.9), marks, strict=True)
    )
    return off, worst / deviation, wrong
