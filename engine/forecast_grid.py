"""What is missing to a quota, and how much there is to make up for it.

What
----
* gap = quota − closed − commit: what is missing even if everything comes that is
  counted on. Who calls a number for commit says what the period will bring, with what
  is closed already: it stands for both, and stays true while its deals close. Less than
  what is closed it cannot be.
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
>>> gap(1000, 400, 200, called=700), gap(1000, 400, 200, called=300)
(300, 600)
>>> gap(None, 400, 200), coverage(300, 500, None), coverage(300, 500, -1)
(None, None, None)
"""


def gap(quota, closed, commit, called=None):
    """What is missing; negative: as much more than the quota is counted on.

    :param quota: None where there is none
    :param closed: None where nobody can say, which counts as nothing
    :param commit: worth of the open deals in commit
    :param called: what was called for commit, with what is closed; None without
    :return: amount, or None without a quota
    """
    if quota is None:
        return None
    closed = closed or 0
    return quota - (closed + commit if called is None else max(called, closed))


def coverage(best_case, pipeline, missing):
    """How many times the deals that nobody counts on are what is missing.

    :return: factor, or None where nothing is missing or nobody knows
    """
    return (best_case + pipeline) / missing if missing and missing > 0 else None
