"""Dividing an amount of money into instalments that add up to the cent.

What
----
Percentages of a total are rarely whole cents, and rounding each one by itself leaves a
cent too many or too few. The method of the largest remainder (Hamilton's method) gives
every instalment its share rounded down to the unit of the currency and hands the units
that are left, one each, to the instalments that lost most by rounding. The sum is exact
and no instalment is a whole unit away from its share.

Source: M. L. Balinski, H. P. Young, "Fair Representation", 2nd ed. 2001, appendix A,
section 1.

How to use
----------
:func:`largest_remainder` divides a total by weights. :func:`instalments` takes lines as
a plan has them, by percent, by amount or "what is left", checks them and returns one
amount per line. :func:`adjusted` brings a plan to another total. Amounts are
``Decimal``, percentages 0–100, the unit is the rounding of the currency.

Examples
--------
>>> from decimal import Decimal
>>> cents = Decimal("0.01")
>>> [str(part) for part in largest_remainder(Decimal("100.00"), [1, 1, 1], cents)]
['33.34', '33.33', '33.33']
>>> lines = [("percent", 30), ("percent", 40), ("balance", 0)]
>>> [str(part) for part in instalments(Decimal("999.99"), lines, cents)]
['300.00', '399.99', '300.00']
>>> [str(part) for part in largest_remainder(Decimal("-1.00"), [1, 2], cents)]
['-0.33', '-0.67']
>>> [str(part) for part in adjusted(Decimal("1200"), [300, 400, 300], [True, 0, 0], 1)]
['300', '514', '386']
"""

from decimal import Decimal
from fractions import Fraction
from math import floor


class PlanError(ValueError):
    """Lines that make no plan.

    :ivar reason: ``negative`` (a line below zero), ``over`` (more than the total),
        ``short`` (less than the total, and no line takes what is left), ``balance``
        (several lines take what is left), ``empty``, ``fixed`` (what must not change
        exceeds the total) or ``full`` (nothing may change, and it is not the total)
    :ivar amount: how much too much or too little; None where it does not matter
    """

    def __init__(self, reason, amount=None):
        super().__init__(reason)
        self.reason = reason
        self.amount = amount


def decimal(value):
    """A number as a ``Decimal``, as it is written."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def largest_remainder(total, weights, unit):
    """Divide a total by weights.

    :param total: what to divide, a multiple of ``unit``; may be negative
    :param list weights: not negative, at least one above zero
    :param unit: smallest amount of the currency, above zero
    :return: one ``Decimal`` per weight; they sum up to ``total``
    :raise ValueError: for other weights
    """
    total, unit = decimal(total), decimal(unit)
    weights = [Fraction(decimal(weight)) for weight in weights]
    whole = sum(weights)
    if not whole or min(weights) < 0:
        raise ValueError("Weights are not negative, and not all zero.")
    sign = -1 if total < 0 else 1
    units = round(Fraction(abs(total)) / Fraction(unit))
    parts = _apportion([units * weight / whole for weight in weights], units)
    return [sign * part * unit for part in parts]


def instalments(total, lines, unit):
    """The amount of each line of a plan.

    :param total: what is planned, a multiple of ``unit``, not negative
    :param list lines: ``(kind, value)``: ``percent`` of the total (0–100), ``amount``,
        or ``balance``, which takes what is left
    :param unit: smallest amount of the currency
    :return: one ``Decimal`` per line; they sum up to ``total``
    :raise PlanError: for lines that cannot
    """
    total, unit = decimal(total), decimal(unit)
    _check_lines(lines)
    units = Fraction(total) / Fraction(unit)
    shares = [_share(kind, decimal(value), units, unit) for kind, value in lines]
    rest = units - sum(shares)
    balances = [index for index, (kind, _v) in enumerate(lines) if kind == "balance"]
    if 2 * abs(rest) >= 1:
        if rest < 0:
            raise PlanError("over", _amount(-rest, unit))
        if not balances:
            raise PlanError("short", _amount(rest, unit))
    if balances:
        shares[balances[0]] = max(rest, Fraction(0))
    return [part * unit for part in _apportion(shares, round(units))]


def adjusted(total, amounts, fixed, unit):
    """The amounts of a plan brought to another total.

    What may change keeps its proportions, by the largest remainder; where all of that
    is zero, it is divided evenly.

    :param total: what is planned now, a multiple of ``unit``, not negative
    :param list amounts: of the instalments, not negative
    :param list fixed: for each, whether its amount has to stay
    :param unit: smallest amount of the currency
    :return: one ``Decimal`` per amount; they sum up to ``total``
    :raise PlanError: where what stays leaves no way
    """
    total, unit = decimal(total), decimal(unit)
    amounts = [decimal(amount) for amount in amounts]
    free = [index for index, stays in enumerate(fixed) if not stays]
    rest = total - sum(a for a, stays in zip(amounts, fixed, strict=True) if stays)
    if 2 * abs(rest) < unit:
        rest = Decimal(0)
    if rest < 0:
        raise PlanError("fixed", -rest)
    if rest and not free:
        raise PlanError("full", rest)
    if free:
        weights = [amounts[index] for index in free]
        weights = weights if any(weights) else [1] * len(free)
        for index, part in zip(
            free, largest_remainder(rest, weights, unit), strict=True
        ):
            amounts[index] = part
    return amounts


def _check_lines(lines):
    if not lines:
        raise PlanError("empty")
    if any(decimal(value) < 0 for _kind, value in lines):
        raise PlanError("negative")
    if sum(kind == "balance" for kind, _value in lines) > 1:
        raise PlanError("balance")


def _share(kind, value, units, unit):
    """What a line asks for, in units of the currency."""
    if kind == "percent":
        return units * Fraction(value) / 100
    return Fraction(value) / Fraction(unit) if kind == "amount" else Fraction(0)


def _apportion(shares, units):
    """Whole units that sum up to ``units``, none a whole unit away from its share.

    :param list shares: fractions of units, not negative; they sum up to ``units``,
        give or take half a unit
    """
    parts = [floor(share) for share in shares]
    order = sorted(range(len(shares)), key=lambda index: parts[index] - shares[index])
    for index in order[: units - sum(parts)]:
        parts[index] += 1
    return parts


def _amount(units, unit):
    """Units as money, with a few digits more than the currency has."""
    return round(Decimal(units.numerator) / units.denominator * unit, 6)
