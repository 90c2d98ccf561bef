"""What stands on a scorecard, and what was read for it."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from ...engine.pace import percent
from ...engine.scorecard import LEVERAGE, OWN_LEVERAGE

# Of the ledger: what leads to results. All other metrics are results.
LEDGER_PROCESS = ("qualified_deal", "verified_evidence", "visit", "activity")
# What only the person says.
SELF_LOGGED = ("visit", "activity")
RESULTS, PROCESS = "results", "process"
# Until this share of a target is expected, one deal more or less says nothing.
EARLY = 0.2
# Figures of the process in the order they are shown: (unit, better). Those of the
# ledger say it themselves.
PROCESS_ROWS = {
    "win_rate": ("percent", "higher"),
    "cycle_days": ("days", "lower"),
    "qualified_deal": None,
    "coverage": ("times", "higher"),
    "overdue": ("percent", "lower"),
    "exits": ("percent", "higher"),
    "verified_evidence": None,
    "call_error": ("percent", "lower"),
    "call_bias": ("percent", "zero"),
    "visit": None,
    "activity": None,
}


class RowKind(NamedTuple):
    """A row of a scorecard.

    :ivar metric_id: of the ledger; None for figures of lower layers
    :ivar unit: ``money``, ``count``, ``hours``, ``percent``, ``days`` or ``times``
    :ivar better: ``higher``, ``lower`` or ``zero``
    """

    key: str
    group: str
    unit: str
    better: str
    metric_id: int | None = None

    @property
    def leverage(self):
        if self.better == "zero":  # said beside the error, which is judged
            return 0.0
        return LEVERAGE.get(self.key, OWN_LEVERAGE)


def row_kinds(metrics):
    """The rows there are, in order.

    :param metrics: recordset of ``sales.metric``
    """
    by_code = {metric.code: metric for metric in metrics}

    def of_ledger(metric, group):
        return RowKind(metric.code, group, metric.unit, metric.better, metric.id)

    rows = [
        of_ledger(metric, RESULTS)
        for metric in metrics
        if metric.code not in LEDGER_PROCESS
    ]
    for key, facts in PROCESS_ROWS.items():
        if facts:
            rows.append(RowKind(key, PROCESS, *facts))
        elif key in by_code:
            rows.append(of_ledger(by_code[key], PROCESS))
    return rows


@dataclass
class Aim:
    """What is to be reached of a row, in the unit of the row.

    :ivar expected: of it by now
    """

    target: float = 0.0
    achieved: float = 0.0
    expected: float = 0.0

    @property
    def attainment(self):
        """Percent; None without a target."""
        return percent(self.achieved, self.target)

    @property
    def pace(self):
        """Achieved in percent of what is expected by now; None while it is early."""
        if self.expected < EARLY * self.target:
            return None
        return percent(self.achieved, self.expected)


@dataclass
class Reading:
    """Everything read for some scorecards of one period.

    :ivar company: ``res.company``
    :ivar list periods: ``(first day, day after)``, the one asked for last, before it
        those of its course
    :ivar today: day of the company
    :ivar list subjects: ids of people whose scorecards are wanted
    :ivar list people: their ids and those of all comparable people
    :ivar dict values: ``{(key, user id, number of the period): value}``
    :ivar dict cases: the same with how many cases a share or median is about
    :ivar dict aims: ``{(key, user id): Aim}`` of the last period
    """

    company: object
    periods: list
    today: object
    subjects: list
    people: list
    values: dict = field(default_factory=dict)
    cases: dict = field(default_factory=dict)
    aims: dict = field(default_factory=lambda: defaultdict(Aim))

    @property
    def last(self):
        """The number of the period asked for."""
        return len(self.periods) - 1

    def is_running(self, number):
        first, after = self.periods[number]
        return first <= self.today < after

    def people_of(self, number):
        """Whose figures of a period are needed: comparable people have no course."""
        return self.people if number == self.last else self.subjects

    def put(self, key, user_id, number, value, cases=None):
        self.values[key, user_id, number] = value
        if cases is not None:
            self.cases[key, user_id, number] = cases

    def value(self, key, user_id, number=None):
        """None where it is not known."""
        number = self.last if number is None else number
        return self.values.get((key, user_id, number))

    def moments(self, number):
        """Since when and until when a period is, naive UTC."""
        return tuple(map(self.company._sales_midnight, self.periods[number]))
