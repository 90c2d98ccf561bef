"""Adding up grouped rows of the history into the figures of a funnel."""

from collections import defaultdict

from ...engine.proportions import MIN_CASES, wilson
from ...engine.survival import kaplan_meier


def percent(hits, cases):
    """Percent (0–100), or None when there are too few cases to say it."""
    return 100.0 * hits / cases if cases >= MIN_CASES else None


def interval(hits, cases):
    """Wilson interval in percent (0–100); None without cases."""
    return [100.0 * edge for edge in wilson(hits, cases)] if cases else None


def days(hours):
    return None if hours is None else hours / 24


class StageTally:
    """Stays in one stage.

    :ivar seen: stays that touch the range in any way
    """

    def __init__(self):
        self.seen = self.entered = self.still_there = 0
        self.outcomes = defaultdict(int)
        self.still_amount = 0.0
        self.ages = defaultdict(int)  # of those still there, hours
        self._durations = defaultdict(lambda: [0, 0])
        self._late = defaultdict(int)

    def add(self, row, outcome, amount):
        """Count one row of :func:`.sales_funnel_query.visit_rows`."""
        number = row["number"]
        self.seen += number
        if row["begun"]:
            self.entered += number
        if row["there"]:
            self.still_there += number
            self.still_amount += amount
            self.ages[row["age"]] += number
        elif row["ended"]:
            self.outcomes[outcome] += number
        else:
            return
        # A change of process ends the watching, not the stay.
        gone = row["ended"] and outcome != "moved"
        self._durations[row["age"]][0 if gone else 1] += number
        self._late[row["late"]] += number

    def curve(self):
        counts = ((age, *found) for age, found in self._durations.items())
        return kaplan_meier(counts, self._late.items())

    @property
    def ended(self):
        return sum(self.outcomes.values())

    def present(self):
        advanced, lost = self.outcomes["advanced"], self.outcomes["lost"]
        curve = self.curve()
        return {
            "entered": self.entered,
            "ended": self.ended,
            "advanced": advanced,
            "lost": lost,
            "returned": self.outcomes["returned"],
            "moved": self.outcomes["moved"],
            "still_there": self.still_there,
            "still_amount": self.still_amount,
            "conversion": percent(advanced, self.entered),
            "conversion_decided": percent(advanced, advanced + lost),
            "conversion_interval": interval(advanced, advanced + lost),
            "median_days": days(curve.median),
            "p80_days": days(curve.quantile(0.8)),
            "dwell_cases": curve.cases,
        }


class DealTally:
    """Deals as a whole, and which stages they were in.

    :ivar stages: ``{crm.stage id: {status: deals that were in it}}``
    """

    def __init__(self):
        self.status = defaultdict(int)
        self.amounts = defaultdict(float)
        self.stages = defaultdict(lambda: defaultdict(int))
        self._cycles = defaultdict(int)

    def add(self, row, amount):
        """Count one row of :func:`.sales_funnel_query.deal_rows`."""
        status, number = row["status"], row["number"]
        self.status[status] += number
        self.amounts[status] += amount
        for stage in row["seen"]:
            self.stages[stage][status] += number
        if status == "won":
            self._cycles[row["cycle"]] += number

    def present(self):
        won, lost = self.status["won"], self.status["lost"]
        cycle = kaplan_meier((age, n, 0) for age, n in self._cycles.items()).median
        average = self.amounts["won"] / won if won else None
        win_rate = percent(won, won + lost)
        speed = None
        if win_rate is not None and won >= MIN_CASES and cycle:
            speed = self.status["open"] * average * win_rate / 100 / days(cycle)
        return {
            "deals": sum(self.status.values()),
            "won": won,
            "lost": lost,
            "open": self.status["open"],
            "won_amount": self.amounts["won"],
            "open_amount": self.amounts["open"],
            "win_rate": win_rate,
            "win_interval": interval(won, won + lost),
            "average_won": average,
            "cycle_days": days(cycle) if won >= MIN_CASES else None,
            # Open deals × average won amount × win rate ÷ median cycle of won deals.
            "velocity_day": speed,
        }
