"""Scores of contests from what was read: no database, see ``sales_contest_refresh``."""

from decimal import Decimal
from typing import NamedTuple

from ...engine.contest import in_hundredths, points_of, ranks

ONE = Decimal(1)


class Part(NamedTuple):
    """What counts, see ``sales.contest.metric``."""

    id: int
    source: str
    metric: int
    weight: Decimal
    unit_amount: Decimal


class Person(NamedTuple):
    """A participant who is ranked.

    :ivar joined: first day; None where it is not known
    :ivar Decimal ramp: how much of a full person, 0–1
    :ivar int heads: by how many amounts are divided
    """

    id: int
    user: int | None
    team: int | None
    league: int | None
    joined: object
    ramp: Decimal
    heads: int


class Line(NamedTuple):
    """What one metric brought; ``points`` before they are rounded."""

    part: int
    value: object
    reference: object
    ramp: Decimal
    heads: int
    points: Decimal


class Result(NamedTuple):
    """Where a participant stands."""

    person: Person
    score: Decimal
    rank: int
    is_tied: bool
    is_qualified: bool
    reached: object
    lines: list


def line_of(scoring, part, person, value, reference):
    """What a metric brings to somebody."""
    ledger = part.source == "ledger"
    ramp = person.ramp if ledger else ONE
    heads = person.heads if ledger and scoring == "amount" else 1
    points = points_of(
        Decimal(value),
        scoring,
        part.source,
        part.weight,
        reference,
        part.unit_amount,
        ramp,
        heads,
    )
    return Line(part.id, value, reference, ramp, heads, points)


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
        score = in_hundredths(sum(line.points for line in lines))
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
    minimum: Decimal
    first: bool
