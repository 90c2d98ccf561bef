"""What is missing to a quota, and how much there is to make up for it.

What
----
* gap = quota − closed − commit: what is missing even if everything comes that is
  counted on. *Commit* is the number that was called for the category; where nobody
  called one it is what the deals of the category are worth together.
* coverage = (best case + pipeline) ÷ gap: how many times what else is open would close
  the gap. What is committed is in the gap already and does not count twice.

Both are None without a quota: nobody knows what is missing of a number that was never
set. A gap that is closed needs no coverage.

Examples
--------
>>> gap(quota=1000, closed=400, commit=200)
400
>>> coverage(best_case=300, pipeline=500, missing=400)
2.0
>>> gap(None, 400, 200), coverage(300, 500, None), coverage(300, 500, -1)
(None, None, None)
"""


def gap(quota, closed, commit):
    """What is missing; negative: as much more than the quota is counted on.

    :param quota: None where there is none
    :param closed: None where nobody can say, which counts as nothing
    :return: amount, or None without a quota
    """
    return None if quota is None else quota - (closed or 0) - commit


def coverage(best_case, pipeline, missing):
    """How many times the deals that nobody counts on are what is missing.

    :return: factor, or None where nothing is missing or nobody knows
    """
    return (best_case + pipeline) / missing if missing and missing > 0 else None
