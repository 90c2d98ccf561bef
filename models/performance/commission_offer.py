"""What a deal or a quotation would bring if it were won: plain data.

Everything is in the currency of the company. ``commission_worth`` works out what
somebody earns by it.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from ...engine.commission import HUNDRED, ONE, ZERO

# States of orders that may be won.
OPEN = ("draft", "sent")


class Line(NamedTuple):
    """A line of an offer.

    :ivar category: id of the product category
    :ivar product: id of the product template
    :ivar untaxed: what it brings
    :ivar full: the same without its discount
    :ivar total: with taxes
    :ivar cost: None where it is not known
    """

    category: int | None
    product: int | None
    untaxed: Decimal
    full: Decimal
    total: Decimal
    cost: Decimal | None

    def amount(self, metric):
        """What it counts for a metric, by its code; None where that is not known."""
        if metric == "margin":
            return None if self.cost is None else self.untaxed - self.cost
        return self.total if metric == "collected" else self.untaxed

    def times(self, factor):
        cost = None if self.cost is None else self.cost * factor
        return self._replace(
            untaxed=self.untaxed * factor,
            full=self.full * factor,
            total=self.total * factor,
            cost=cost,
        )

    def without_discount(self):
        tax = self.total / self.untaxed if self.untaxed else ONE
        return self._replace(untaxed=self.full, total=self.full * tax)


@dataclass
class Offer:
    """Something that may be won.

    :ivar key: whatever the caller knows it by
    :ivar company: ``res.company``
    :ivar day: when it is expected to be won
    :ivar user: id of its salesperson
    :ivar team: id of its team
    :ivar lines: list of :class:`Line`
    :ivar earning: percent by id of the user, those that add up to 100
    :ivar overlay: percent by id of the user, on top
    :ivar teams: id of the team in which a user other than the salesperson earns
    :ivar chance: percent; None where it is not known
    :ivar payments: ``(day, weight)``: when the customer is expected to pay
    """

    key: object
    company: object
    day: date
    user: int | None
    team: int | None
    lines: list
    earning: dict = field(default_factory=dict)
    overlay: dict = field(default_factory=dict)
    teams: dict = field(default_factory=dict)
    chance: Decimal | None = None
    payments: list = field(default_factory=list)

    def share_of(self, user):
        """What somebody gets of it as the own credit, 0–1."""
        percent = self.earning.get(user, ZERO) + self.overlay.get(user, ZERO)
        return percent / HUNDRED

    def share_of_teams(self, teams):
        """What people get of it in some teams, 0–1; what comes on top is not theirs."""
        return (
            sum(
                (
                    percent
                    for user, percent in self.earning.items()
                    if self._team_of(user) in teams
                ),
                ZERO,
            )
            / HUNDRED
        )

    def with_lines(self, lines):
        return replace(self, lines=lines)

    def _team_of(self, user):
        return self.team if user == self.user else self.teams.get(user, self.team)


def percents(split, user):
    """Percents by user of those who earn, and of those on top.

    :param split: what ``sales.split._holders`` says of the document; None without
    :param user: id of the salesperson, who earns it all where nobody shares it
    """
    if not split:
        return ({user: HUNDRED} if user else {}), {}
    return tuple(
        {
            id_: Decimal(str(percent))
            for (id_, _dealer), percent in holders.items()
            if id_
        }
        for holders in split
    )
