"""How sure a share is, and whether two shares differ.

What
----
Three of four deals won is not "75 %": by chance it could be anything from 30 to 95 %.
These functions give the interval, and the rule below which no percentage is shown at
all.

Sources: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical
Inference", JASA 22 (1927) 209–212 (score interval, without continuity correction);
R. G. Newcombe, "Interval estimation for the difference between independent
proportions", Statistics in Medicine 17 (1998) 873–890, method 10.

How to use
----------
Shares are 0–1. :func:`share` gives None under :data:`MIN_CASES` cases: show n then.

Examples
--------
>>> share(3, 4) is None, share(3, 5)
(True, 0.6)
>>> [round(x, 3) for x in wilson(81, 263)]
[0.255, 0.366]
>>> [round(x, 4) for x in newcombe(56, 70, 48, 80)]
[0.0524, 0.3339]
"""

from math import sqrt
from statistics import NormalDist

# Fewer cases than this are shown as a number, not as a percentage.
MIN_CASES = 5


def share(hits, cases):
    """``hits / cases`` (0–1), or None when there are too few cases to say it."""
    return hits / cases if cases >= MIN_CASES else None


def wilson(hits, cases, level=0.95):
    """Interval of a proportion that holds its true value in ``level`` of all samples.

    :return: ``(low, high)``, each 0–1; ``(0, 1)`` when nothing was observed

    >>> wilson(0, 0)
    (0.0, 1.0)
    """
    if not 0 <= hits <= cases:
        raise ValueError(f"{hits} of {cases} is no proportion.")
    if not cases:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + level / 2)
    center = hits + z * z / 2
    spread = z * sqrt(hits * (cases - hits) / cases + z * z / 4)
    total = cases + z * z
    low = 0.0 if hits == 0 else (center - spread) / total
    high = 1.0 if hits == cases else (center + spread) / total
    return low, high


def newcombe(hits_a, cases_a, hits_b, cases_b, level=0.95):
    """Interval of the difference of two proportions, ``a - b``.

    :return: ``(low, high)``, each from -1 to 1

    >>> newcombe(0, 0, 0, 0)
    (-1.0, 1.0)
    """
    if not cases_a or not cases_b:
        return -1.0, 1.0
    a, b = hits_a / cases_a, hits_b / cases_b
    low_a, high_a = wilson(hits_a, cases_a, level)
    low_b, high_b = wilson(hits_b, cases_b, level)
    return (
        a - b - sqrt((a - low_a) ** 2 + (high_b - b) ** 2),
        a - b + sqrt((high_a - a) ** 2 + (b - low_b) ** 2),
    )
