"""Scores of contests from what was read: no database, see ``sales_contest_refresh``."""

from fractions import Fraction
from typing import NamedTuple

from ...engine.contest import exact, points_per_unit, ranks, rounded

NONE = Fraction(0)


class Part(NamedTuple):
    """What counts, see ``sales.contest.metric``."""

    id: int
    source: str
    metric: int
    weight: float
    unit_amount: float


class Person(NamedTuple):
    """A participant who is ranked.

    :ivar float ramp: how much of a full person, 0–1
    :ivar int heads: by how many amounts are divided
    """

    id: int
    user: int | None
    team: int | None
    league: int | None
    ramp: float
    heads: int


class Line(NamedTuple):
    """What one metric brought; ``points`` before they are rounded."""

    part: int
    value: object
    reference: object
    ramp: float
    heads: int
    points: Fraction


class Result(NamedTuple):
    """Where a participant stands."""

    person: Person
    score: Fraction
    rank: int
    is_tied: bool
    is_qualified: bool
    reached: object
    lines: list


def rate_of(scoring, source, weight, unit_amount, reference, ramp, heads):
    """Points of one unit, see ``engine.contest.points_per_unit``."""
    return points_per_unit(
        scoring, source, weight, reference, unit_amount, ramp or 1, heads or 1
    )


def line_of(scoring, part, person, value, reference):
    """What a metric brings to somebody."""
    ledger = part.source == "ledger"
    ramp = person.ramp if ledger else 1.0
    heads = person.heads if ledger and scoring == "amount" else 1
    rate = rate_of(
        scoring, part.source, part.weight, part.unit_amount, reference, ramp, heads
    )
    return Line(part.id, value, reference, ramp, heads, exact(value) * rate)


def results(rules, people, measured):
    """Everybody's place.

    :param rules: with ``scoring``, ``parts``, ``minimum`` and ``first``
    :param list people: of :class:`Person`
    :param measured: function of part and person: ``(value, reference, last day)``
    :return: list of :class:`Result`
    """
    found = {}
    for person in people:
        lines, days = [], []
        for part in rules.parts:
            value, reference, day = measured(part, person)
            lines.append(line_of(rules.scoring, part, person, value, reference))
            days += [day] if day else []
        score = rounded(sum((line.points for line in lines), NONE))
        found[person] = (score, max(days, default=None), lines)
    result = []
    for league in {person.league for person in people}:
        some = [
            (person, score, reached)
            for person, (score, reached, _lines) in found.items()
            if person.league == league
        ]
        for person, (rank, tied) in ranks(some, rules.first).items():
            score, reached, lines = found[person]
            qualified = score > 0 and score >= rules.minimum
            result.append(Result(person, score, rank, tied, qualified, reached, lines))
    return result


class Rules(NamedTuple):
    """By what a contest is scored."""

    scoring: str
    parts: list
    minimum: Fraction
    first: bool
