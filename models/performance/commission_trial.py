"""What a trial of a plan adds up to: plain Python on its results."""

from collections import defaultdict
from typing import NamedTuple

from ...engine.commission import HUNDRED, ZERO


class Trial(NamedTuple):
    """What a plan would have paid.

    :ivar plan: the plan
    :ivar rules: see ``commission_facts.Rules``
    :ivar results: list of :class:`.commission_result.CommissionResult`
    :ivar own_people: whether the people are those of the plan; else those paid then
    :ivar assumed: owners with a target that was assumed
    """

    plan: object
    rules: object
    results: list
    own_people: bool
    assumed: set


def by_owner(results):
    sums = defaultdict(lambda: ZERO)
    for result in results:
        sums[result.owner] += result.earned
    return dict(sums)


def told(trial):
    """What a plan means for each of its people: ``{owner: (amount, facts)}``, with the
    ``attainment`` (percent) and the highest ``rate`` with the number of periods that
    reached it (``times``)."""
    by_owner = defaultdict(list)
    for result in trial.results:
        by_owner[result.owner].append(result)
    found = {}
    for owner, results in by_owner.items():
        rate, times = _reached(results, trial.rules)
        found[owner] = (
            sum((result.earned for result in results), ZERO),
            {
                "attainment": _attainment(results),
                "rate": rate,
                "times": times,
                "of": len(results),
                "is_assumed": owner in trial.assumed,
            },
        )
    return found


def by_period(results, periods, owners):
    """Sums of some owners by the period in which the last day of a result lies."""
    sums = [ZERO] * len(periods)
    for result in results:
        if result.owner in owners:
            place = next(
                (
                    number
                    for number, (first, after) in enumerate(periods)
                    if first < result.date_to <= after
                ),
                None,
            )
            if place is not None:
                sums[place] += result.earned
    return [float(amount) for amount in sums]


def percent(part, whole):
    """Of something above zero; False where it is not."""
    return float(HUNDRED * part / whole) if whole > 0 else False


def _attainment(results):
    """Percent of all targets together; False without any."""
    known = [r for r in results if r.target and r.attainment is not None]
    whole = sum((result.target for result in known), ZERO)
    if not whole:
        return False
    return float(sum((r.attainment * r.target for r in known), ZERO) / whole)


def _reached(results, rules):
    """The highest bracket reached: its rate and in how many periods."""
    rates = {bracket.key: bracket for bracket in rules.brackets}
    highest = []
    for result in results:
        found = [
            rates[line.detail["bracket_id"]]
            for line in result.lines
            if line.base > 0 and line.detail.get("bracket_id") in rates
        ]
        if found:
            highest.append(max(found))
    if not highest:
        return False, 0
    best = max(highest)
    return float(best.rate), highest.count(best)
