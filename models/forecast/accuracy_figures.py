"""From the sums of the database to forecasts beside what came in, and their errors."""

from collections import defaultdict
from dataclasses import dataclass, field

from ...engine.forecast_accuracy import errors
from .accuracy_sql import END, METHODS

CALLED = "called"
# Where a method knows nothing of more deals than this share, it forecast nothing: the
# figure would be that of another method.
UNKNOWN = 0.1


@dataclass(slots=True)
class Sums:
    """One period at one moment.

    :ivar number: open deals expected in it, worth ``value`` together
    :ivar kept: what those of them that were won in it brought in, ``kept_number`` deals
    :ivar won: won in it until then; ``closed`` deals
    :ivar open: per method, what it forecast of the open deals
    :ivar unknown: per method, of how many open deals it knew nothing
    """

    number: int = 0
    value: float = 0.0
    kept: float = 0.0
    kept_number: int = 0
    won: float = 0.0
    closed: int = 0
    open: list = field(default_factory=lambda: [0.0] * len(METHODS))
    unknown: list = field(default_factory=lambda: [0] * len(METHODS))

    def add(self, kind, number, value, kept, kept_number, *parts):
        if kind == "won":
            self.won += value
            self.closed += number
            return
        self.number += number
        self.value += value
        self.kept += kept
        self.kept_number += kept_number
        for place, _method in enumerate(METHODS):
            self.open[place] += parts[2 * place]
            self.unknown[place] += parts[2 * place + 1]

    def forecast(self, method):
        """What a method forecast of the open deals; None where it knew too few."""
        place = METHODS.index(method)
        if self.unknown[place] > UNKNOWN * self.number:
            return None
        return self.open[place]


class Figures:
    """Forecasts and what came in, of one owner or of all together.

    :param Scope scope: see ``accuracy_scope``
    :param known: function that says whether a moment (period, weeks) is one of which
        the history knows something
    :param bool only_open: compare open deals with what they brought in, and leave out
        what else was won: for deals of a category
    """

    def __init__(self, scope, known, *, only_open=False):
        self.scope, self.known, self.only_open = scope, known, only_open
        self.sums = defaultdict(Sums)
        self.called = {}

    def add(self, period, weeks, kind, *parts):
        self.sums[period, weeks].add(kind, *parts)

    def actual(self, period, weeks):
        if self.only_open:
            return self.sums[period, weeks].kept
        return self.sums[period, END].won

    def forecast(self, method, period, weeks):
        """What was forecast; None where nobody knows, or where there was nothing."""
        if not self.known(period, weeks):
            return None
        if method == CALLED:
            return self.called.get((period, weeks))
        there = self.sums[period, weeks]
        if not (there.number or there.closed or self.actual(period, weeks)):
            return None
        said = there.forecast(method)
        if said is None or self.only_open:
            return said
        return said + there.won

    def past(self, method, weeks):
        """``{period: (forecast or None, actual)}``"""
        return {
            period: (
                self.forecast(method, period, weeks),
                self.actual(period, weeks),
            )
            for period in range(len(self.scope.periods))
        }

    def errors(self, method, weeks):
        return errors(self.past(method, weeks).values())

    def totals(self, weeks):
        """Of all periods: deals and value then, and what came of them."""
        rows = [self.sums[period, weeks] for period in range(len(self.scope.periods))]
        return {
            "number": sum(row.number for row in rows),
            "value": sum(row.value for row in rows),
            "kept": sum(row.kept for row in rows),
            "kept_number": sum(row.kept_number for row in rows),
            "came": sum(
                self.actual(period, weeks) for period in range(len(self.scope.periods))
            ),
        }

    @property
    def wins(self):
        """In how many periods something was won."""
        return sum(
            bool(self.sums[period, END].closed)
            for period in range(len(self.scope.periods))
        )
