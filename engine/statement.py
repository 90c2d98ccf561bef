"""What a statement has to say: all there is, less what earlier ones have said.

What
----
A commission is worked out from scratch at any time. What was once confirmed stays as it
is, so a later change is the difference between what is right now and what was said, key
by key: a key stands for one amount of one document under one rule. Each difference has
one *why*, so that it can be told in words.

=========== ===========================================================================
why         what happened
=========== ===========================================================================
new         nothing was said of it before
gone        it earns nothing any more: cancelled, refunded, taken back
base        it counts another amount than before
rate        the same amount earns at another rate or share
collected   nothing was earned in addition; the customer paid, so it becomes payable
uncollected the customer's money was taken back, or is overdue: payable no more
rule        anything else, such as a cap or a draw that came out differently
=========== ===========================================================================

How to use
----------
:func:`differences` takes two dicts of :class:`Said` by key. What was said plus the
differences is what is right now, for every key and so for every sum.

Examples
--------
>>> from decimal import Decimal as D
>>> said = {"S1": Said(D(1000), D(50), D(0)), "S2": Said(D(400), D(20), D(20))}
>>> now = {"S1": Said(D(1000), D(50), D(50)), "S2": Said(D(0), D(0), D(0))}
>>> for key, change in differences(now, said).items():
...     print(key, change.why, change.earned, change.payable)
S1 collected 0 50
S2 gone -20 -20
>>> differences(now, now)
{}
"""

from decimal import Decimal
from typing import NamedTuple

ZERO = Decimal(0)


class Said(NamedTuple):
    """What one key comes to.

    :ivar Decimal base: what it counts, before any rate
    :ivar Decimal earned: the commission
    :ivar Decimal payable: what of it is to be paid
    """

    base: Decimal
    earned: Decimal
    payable: Decimal

    def plus(self, other):
        return Said(*(a + b for a, b in zip(self, other, strict=True)))

    def minus(self, other):
        return Said(*(a - b for a, b in zip(self, other, strict=True)))


NOTHING = Said(ZERO, ZERO, ZERO)


class Difference(NamedTuple):
    """What has to be said in addition.

    :ivar str why: see above
    """

    base: Decimal
    earned: Decimal
    payable: Decimal
    why: str


def total(pairs):
    """Add up by key.

    :param pairs: iterable of ``(key, Said)``
    :return: dict
    """
    sums = {}
    for key, said in pairs:
        sums[key] = sums.get(key, NOTHING).plus(said)
    return sums


def differences(now, said):
    """What is right now, less what was said.

    :param dict now: :class:`Said` by key
    :param dict said: the same
    :return: :class:`Difference` by key, only of keys with money in it; what is new
        comes in the order of ``now``, what is gone after it
    """
    result = {}
    for key in [*now, *(key for key in said if key not in now)]:
        before = said.get(key, NOTHING)
        after = now.get(key, NOTHING)
        change = after.minus(before)
        if change.earned or change.payable:
            result[key] = Difference(*change, _why(key in said, before, after))
    return result


def _why(was_said, before, after):
    if not was_said:
        return "new"
    if after == NOTHING or not (after.base or after.earned or not before.base):
        return "gone"
    if after.base != before.base:
        return "base"
    if after.earned == before.earned:
        return "collected" if after.payable > before.payable else "uncollected"
    return "rate" if after.base else "rule"
