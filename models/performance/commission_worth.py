"""What somebody earns by an offer: the commission with it less the one without.

Plain Python on what was read for everybody at once. Both commissions come from
``commission_work``, so there is no second way to work out what something pays.
"""

from dataclasses import dataclass, replace

from ...engine.commission import HUNDRED, ZERO
from ...engine.commission_worth import Ahead, ahead
from .commission_part_work import PartWork

# What an offer brings where its margin is not known yet.
UNKNOWN = object()


@dataclass
class Worth:
    """What an offer adds to one result.

    :ivar job: see ``commission_facts.Job``
    :ivar earned: what it adds
    :ivar base: what of it counts
    :ivar share: percent of it that is the person's own; None for the credit of a team
    :ivar ahead: where the person stands, see ``engine.commission_worth``
    :ivar target: of the period; None without
    :ivar missing: credit up to the threshold, with the offer; 0 where it is reached
    :ivar is_capped: whether the cap takes something of it
    :ivar is_guaranteed: whether the draw pays it already
    """

    job: object
    earned: object
    base: object
    share: object
    ahead: Ahead
    target: object
    missing: object
    is_capped: bool
    is_guaranteed: bool


class Marginal:
    """Works out what offers add to results.

    :param work: :class:`.commission_work.Work`
    :param below: gives the teams below some, see ``sales.target._read_tree``
    """

    def __init__(self, work, below):
        self.work, self.below = work, below

    def worth(self, job, offer, taken=()):
        """
        :param set taken: ids of bonuses the person got before
        :return: :class:`Worth`; ``UNKNOWN``, or None where nothing of the offer counts
        """
        more = self._with(job, offer)
        if more is None or more is UNKNOWN:
            return more
        before, after = (self.work.result(each, {}, set(taken)) for each in (job, more))
        part, place = self._place(job, more)
        now = PartWork(self.work, job, part)
        then = PartWork(self.work, more, place)
        extra = then.position - now.position
        return Worth(
            job,
            after.earned - before.earned,
            then.base - now.base,
            None if part.team else offer.share_of(job.owner[1]) * HUNDRED,
            ahead(now.position, extra, now.brackets),
            part.target,
            self._missing(job, then),
            _sum(after, "cap") < _sum(before, "cap"),
            bool(job.rules.draw) and _sum(after, "draw") < _sum(before, "draw"),
        )

    def _with(self, job, offer):
        """The job with the rows of an offer; None where there are none, or UNKNOWN."""
        parts = []
        for part in job.parts:
            rows = self._rows(job, part, offer)
            if rows is UNKNOWN:
                return UNKNOWN
            parts.append(replace(part, rows=part.rows + rows))
        if all(new.rows == old.rows for new, old in zip(parts, job.parts, strict=True)):
            return None
        return replace(job, parts=parts)

    def _rows(self, job, part, offer):
        """What an offer would be credited as; UNKNOWN where that cannot be said."""
        window = next((w for w in part.windows if w.first <= offer.day < w.after), None)
        if window is None:
            return []
        if part.team:
            share = offer.share_of_teams(self.below.of([part.team]))
        else:
            share = offer.share_of(job.owner[1])
        rows = []
        for line in offer.lines if share else ():
            amount = line.amount(job.rules.metric)
            if amount is None:
                return UNKNOWN
            # It is no document yet
            source = (window, None, None, offer.day)
            rows.append((*source, line.category, line.product, amount * share))
        return rows

    @staticmethod
    def _place(job, more):
        """The first part that changes: ``(as it is, as it would be)``."""
        return next(
            (old, new)
            for old, new in zip(job.parts, more.parts, strict=True)
            if old.rows != new.rows
        )

    @staticmethod
    def _missing(job, then):
        threshold, target = job.rules.threshold, then.part.target
        if not threshold or not target:
            return ZERO
        return max(ZERO, target * threshold / HUNDRED - then.position)


def _sum(result, kind):
    return sum((line.amount for line in result.lines if line.kind == kind), ZERO)
