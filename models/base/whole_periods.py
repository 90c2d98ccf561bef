"""The periods of plans that run over whole weeks, months, quarters or years."""

from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ...engine.periods import cut


def whole_periods(plan):
    """The periods of a plan with ``date_from``, ``date_to`` and ``period_type``.

    :param plan: one record that has a ``company_id`` as well
    :return: list of ``(first day, day after the last)``
    :raise ValidationError: for a range that does not consist of whole ones
    """
    plan.ensure_one()
    try:
        return cut(
            plan.date_from,
            plan.date_to,
            plan.period_type,
            fiscal_month=plan.company_id._sales_fiscal_month(),
        )
    except ValueError as error:
        kinds = dict(plan._fields["period_type"]._description_selection(plan.env))
        raise ValidationError(
            plan.env._(
                "%(day)s does not begin a %(period)s. A plan consists of whole ones: "
                "change its first or last day.",
                day=format_date(plan.env, str(error)),
                period=kinds[plan.period_type].lower(),
            )
        ) from error
