"""What commission is worked out to: results of people, each with its lines.

Plain data, so that a statement can be filled from it, compared with it and explain
itself. Amounts are ``Decimal`` in the currency of the plan, rounded to its unit; the
lines of a result add up to it exactly.

Line kinds
----------
``base``      what a part of the result counts; amount 0, there is always one. ``why``
              says where nothing can be earned: ``no_credit``, ``no_target``
``bracket``   credit of a document in a bracket; fixed amounts of brackets have no
              document
``override``  the same, from the credit of a team
``clawback``  what is taken back: ``refund``, ``cancelled``, ``changed`` (corrections of
              the ledger) or ``overdue``
``threshold`` takes everything back while the threshold is not reached
``bonus``     a bonus, or amount 0 and how far it is
``cap``       what is above the cap
``draw``      what is advanced up to the draw, or recovered of earlier advances

Keys of ``detail``
------------------
All kinds where they apply, amounts as ``Decimal`` and never rounded more than said:

``role`` (``own`` or ``override``), ``team_id`` (of an override), ``why`` (see above),
``mode``, ``basis``, ``metric`` (its code), ``lower`` and ``upper`` (bounds of the
bracket in money, upper None for open), ``lower_percent`` and ``upper_percent`` (the
same of the target), ``position_from`` and ``position_to`` (where the credit lies in
the sum of the period), ``bracket_id``, ``is_fixed`` (a fixed amount), ``rate_id`` and
``product_category_id`` (where a product is paid otherwise), ``base``, ``target``,
``attainment`` (percent), ``days`` and ``period_days`` (assigned, of the period),
``collected`` and ``overdue`` (share of the document, 0–1), ``days_overdue``
(allowed), ``threshold`` (percent), ``cap`` and ``earned`` (before it), ``draw``,
``recoverable``, ``balance_amount`` and ``balance_payable_amount`` (advances not
recovered yet, after this line), ``bonus_id``, ``trigger``, ``goal`` and ``reached`` (of
a bonus; ``why`` is ``once``, ``no_target`` or ``not_reached`` where it is 0).
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


@dataclass
class CommissionLine:
    """One amount and why it is what it is.

    :ivar kind: see the module
    :ivar source_model: of the document; None where there is none
    :ivar source_id: of the document; None where there is none
    :ivar credit_date: day of the credit; None where there is none
    :ivar base: credit it is reckoned on
    :ivar share: percent of the commission the person gets, 0–100
    :ivar rate: percent that was applied, after factors and before the share
    :ivar amount: what is earned
    :ivar payable_amount: what of it is to be paid now; the rest is held
    :ivar hold_reason: why something is held: ``uncollected``, ``overdue`` or None
    :ivar detail: what words are made of, see the module
    """

    kind: str
    source_model: str | None = None
    source_id: int | None = None
    credit_date: date | None = None
    base: Decimal = ZERO
    share: Decimal = Decimal(100)
    rate: Decimal = ZERO
    amount: Decimal = ZERO
    payable_amount: Decimal = ZERO
    hold_reason: str | None = None
    detail: dict = field(default_factory=dict)

    @property
    def source(self):
        """The document it is for: ``(model, id)`` or None."""
        return (self.source_model, self.source_id) if self.source_model else None


@dataclass
class CommissionResult:
    """What one person or dealer has earned by a plan in one of its periods.

    :ivar plan_id: id of the plan, in the version that held in the period
    :ivar owner: ``("user", id)`` or ``("partner", id)``
    :ivar date_from: first day of the period of the plan
    :ivar date_to: day after its last
    :ivar base: credit of the period: the own, else that of the teams
    :ivar target: what was to be reached, for the same days; None without
    :ivar attainment: percent; None without a target
    :ivar earned: sum of the lines
    :ivar payable: what of it is to be paid now
    :ivar held: what waits, with the reason on its lines
    :ivar lines: list of :class:`CommissionLine`
    """

    plan_id: int
    owner: tuple
    date_from: date
    date_to: date
    base: Decimal = ZERO
    target: Decimal | None = None
    attainment: Decimal | None = None
    lines: list = field(default_factory=list)

    @property
    def earned(self):
        return sum((line.amount for line in self.lines), ZERO)

    @property
    def payable(self):
        return sum((line.payable_amount for line in self.lines), ZERO)

    @property
    def held(self):
        return self.earned - self.payable
