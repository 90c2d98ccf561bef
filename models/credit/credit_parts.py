"""Parts of documents as they are read, and who earns them."""

from decimal import Decimal
from typing import NamedTuple

from ...engine.ledger import Row, Worth
from ...engine.plan_split import decimal

ZERO = Decimal(0)
ONE = Decimal(1)
HUNDRED = Decimal(100)


class Part(NamedTuple):
    """A row as ``credit_sql`` gives it."""

    source_id: int
    part_id: int
    day: object
    company_id: int
    user_id: int | None
    team_id: int | None
    partner_id: int | None
    category_id: int | None
    territory_id: int | None
    order_id: int | None
    lead_id: int | None
    amount: object
    weight: object = None
    dealer_id: int | None = None


class Found(NamedTuple):
    company_id: int
    worth: Worth


class Held(NamedTuple):
    company_id: int
    row: Row


class People(NamedTuple):
    """Shares by order and by deal, and the team of each person who has one."""

    orders: dict
    leads: dict
    teams: dict

    def of(self, parts):
        """Holders of a part with their percents: those who earn, those on top.

        Rows that share the part hand their people what their weight calls for.
        """
        earning, overlay = {}, {}
        for part, factor in zip(parts, _factors(parts), strict=True):
            own = self.orders.get(part.order_id) or self.leads.get(part.lead_id)
            own = own or ({(part.user_id, part.dealer_id): HUNDRED}, {})
            for kind, shares in zip((earning, overlay), own, strict=True):
                for owner, percent in shares.items():
                    holder = self._holder(part, owner)
                    kind[holder] = kind.get(holder, ZERO) + decimal(percent) * factor
        return earning, overlay

    def _holder(self, part, owner):
        """The salesperson earns it in the team of the document, others in their own."""
        user_id, dealer_id = owner
        team_id = part.team_id
        if user_id and user_id != part.user_id:
            team_id = self.teams.get(user_id, team_id)
        return (
            user_id,
            dealer_id,
            team_id,
            part.partner_id,
            part.category_id,
            part.territory_id,
        )


def _factors(parts):
    """Which fraction of a part the people of each of its rows share."""
    if len(parts) == 1:
        return [ONE]
    weights = [decimal(part.weight or 0) for part in parts]
    whole = sum(weights)
    if not whole:  # the first takes everything
        return [ONE, *[ZERO] * (len(parts) - 1)]
    return [weight / whole for weight in weights]
