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
amount per line. Amounts are ``Decimal``, percentages 0–100, the unit is the rounding of
the currency.

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
"""

from decimal import ROUND_FLOOR, Decimal


class PlanError(ValueError):
    """Lines that make no plan.

    :ivar reason: ``negative`` (a line below zero), ``over`` (more than the total),
        ``short`` (less than the total, and no line takes what is left), ``balance``
        (several lines take what is left) or ``empty``
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
    weights = [decimal(weight) for weight in weights]
    whole = sum(weights)
    if not whole or min(weights) < 0:
        raise ValueError("Weights are not negative, and not all zero.")
    sign = -1 if total < 0 else 1
    units = (abs(total) / unit).to_integral_value()
    shares = [units * weight / whole for weight in weights]
    parts = [share.to_integral_value(ROUND_FLOOR) for share in shares]
    order = sorted(
        range(len(shares)), key=lambda index: (parts[index] - shares[index], index)
    )
    for index in order[: int(units - sum(parts))]:
        parts[index] += 1
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
    if not lines:
        raise PlanError("empty")
    if any(decimal(value) < 0 for _kind, value in lines):
        raise PlanError("negative")
    if sum(kind == "balance" for kind, _value in lines) > 1:
        raise PlanError("balance")
    fixed = sum(decimal(value) for kind, value in lines if kind == "amount")
    percents = [decimal(value) if kind == "percent" else 0 for kind, value in lines]
    percent = sum(percents)
    has_balance = any(kind == "balance" for kind, _value in lines)
    rest = total - fixed - total * percent / 100
    if abs(rest) >= unit / 2:
        if rest < 0:
            raise PlanError("over", -rest)
        if not has_balance:
            raise PlanError("short", rest)
    shared = total - fixed - (rest if has_balance else 0)
    parts = _by_percent(shared, percents, unit)
    amounts = [
        decimal(value) if kind == "amount" else part
        for (kind, value), part in zip(lines, parts, strict=True)
    ]
    if has_balance:
        place = [kind for kind, _value in lines].index("balance")
        amounts[place] = total - sum(amounts)
    return amounts


def _by_percent(shared, percents, unit):
    """What percentages take of ``shared``, which need not be a multiple of the unit."""
    if not any(percents):
        return [Decimal(0)] * len(percents)
    units = (shared / unit).quantize(Decimal(1)) * unit
    return largest_remainder(units, percents, unit)
