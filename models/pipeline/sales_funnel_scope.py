"""What a report of the funnel looks at: options of the screen, checked and resolved."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

HISTORY = "sales_pipeline_history"
# Filters that look at the deal, by their path on ``crm.lead``, and what one chooses
# from; None for the values of a selection. Higher layers add to it, see
# ``_known_deal_filters`` of the report.
DEAL_FILTERS = {
    "source_id": ("utm.source", "source_id", "="),
    "category_id": ("product.category", "sales_product_id.categ_id", "child_of"),
    "industry_id": ("res.partner.industry", "partner_id.industry_id", "="),
    "country_id": ("res.country", "country_id", "="),
    "state_id": ("res.country.state", "state_id", "="),
}


class Group(NamedTuple):
    """A way to tell deals apart.

    :ivar model: whose records are the groups; None for the values of a selection
    :ivar column: SQL of the value, over the table of the history and ``joins``
    :ivar path: from a stay, ``sales.funnel.visit``, to the same value
    """

    model: str | None
    column: SQL
    path: str
    joins: SQL = SQL()


DEAL = SQL("JOIN crm_lead deal ON deal.id = sales_pipeline_history.lead_id")
CUSTOMER = SQL(
    "%s LEFT JOIN res_partner customer ON customer.id = deal.partner_id", DEAL
)
PRODUCT = SQL(
    """
    %s LEFT JOIN product_product variant ON variant.id = deal.sales_product_id
       LEFT JOIN product_template template ON template.id = variant.product_tmpl_id
    """,
    DEAL,
)
# What can be told apart; higher layers add to it, see ``_known_groups`` of the report.
GROUPS = {
    "user": Group("res.users", SQL("sales_pipeline_history.user_id"), "user_id"),
    "team": Group("crm.team", SQL("sales_pipeline_history.team_id"), "team_id"),
    "source": Group("utm.source", SQL("deal.source_id"), "lead_id.source_id", DEAL),
    "category": Group(
        "product.category",
        SQL("template.categ_id"),
        "lead_id.sales_product_id.categ_id",
        PRODUCT,
    ),
    "industry": Group(
        "res.partner.industry",
        SQL("customer.industry_id"),
        "lead_id.partner_id.industry_id",
        CUSTOMER,
    ),
    "country": Group("res.country", SQL("deal.country_id"), "lead_id.country_id", DEAL),
    "state": Group("res.country.state", SQL("deal.state_id"), "lead_id.state_id", DEAL),
}


@dataclass(frozen=True)
class Scope:
    """:ivar process: ``sales.process``, the version that gives the stages
    :ivar family: ids of all its versions
    :ivar versions: ``sales.process.stage`` of all of them, in order
    :ivar since, until: naive UTC moments, half-open; None is unbounded
    :ivar filters: ``Domain`` that holds for rows of history, stays and, with
        ``lead_filters``, deals
    """

    process: object
    family: tuple
    versions: object = None
    mode: str = "cohort"
    since: datetime | None = None
    until: datetime | None = None
    group_by: str | None = None
    filters: Domain = field(default_factory=lambda: Domain.TRUE)
    lead_filters: Domain = field(default_factory=lambda: Domain.TRUE)

    def but(self, **values):
        return replace(self, **values)

    @property
    def domain(self):
        return Domain("sales_process_id", "in", list(self.family)) & self.filters


def resolve(env, options):
    """Check the options of a client and turn them into a :class:`Scope`.

    :param dict options: ``process_id``, ``mode`` (``cohort`` or ``period``),
        ``date_from`` and ``date_to`` (days in the company's time zone, both
        included), ``team_id`` (with its sub-teams), ``user_id``, the keys of
        the known deal filters, ``domain`` (of deals) and ``group_by`` (a known group)
    :raise UserError: saying what is wrong with them
    """
    options = dict(options or {})
    process = _process(env, options.get("process_id"))
    mode = options.get("mode") or "cohort"
    group_by = options.get("group_by") or None
    if mode not in ("cohort", "period") or group_by not in {None, *groups(env)}:
        raise UserError(env._("The funnel cannot be shown in this way: reload it."))
    since, until = _range(env, options)
    filters, lead_filters = _filters(env, options)
    family = process.sudo()._family().ids  # retired versions count too
    stages = env["sales.process.stage"].sudo()  # and their stages with them
    return Scope(
        process=process,
        family=tuple(family),
        versions=stages.search([("process_id", "in", family)]),
        mode=mode,
        since=since,
        until=until,
        group_by=group_by,
        filters=filters,
        lead_filters=lead_filters,
    )


def groups(env):
    return list(env["sales.funnel.report"]._known_groups())


def to_day(env, value):
    try:
        return fields.Date.to_date(value or None)
    except (TypeError, ValueError):
        raise UserError(env._("“%s” is not a date.", value)) from None


def number(env, value):
    """An id that came from a client; None when empty."""
    if not value:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise UserError(env._("“%s” is not a valid choice in a filter.", value))
    return value


def _selected(env, path, value):
    """A value of the selection at the end of a path that came from a client."""
    if value and value not in [key for key, _label in selection(env, "crm.lead", path)]:
        raise UserError(env._("“%s” is not a valid choice in a filter.", value))
    return value or None


def selection(env, model, path):
    """``[(value, label)]`` of the selection at the end of a path."""
    *steps, last = path.split(".")
    for step in steps:
        model = env[model]._fields[step].comodel_name
    return env[model]._fields[last]._description_selection(env)


def _process(env, process_id):
    processes = env["sales.process"].with_context(active_test=False)
    process_id = number(env, process_id)
    if process_id:
        process = processes.search([("id", "=", process_id)])
    else:
        process = processes.search([("state", "=", "live")], limit=1)
    if not process:
        raise UserError(
            env._(
                "There is no sales process to show. Choose another one, or ask a "
                "process designer to make one live."
            )
        )
    return process


def _range(env, options):
    first = to_day(env, options.get("date_from"))
    last = to_day(env, options.get("date_to"))
    if first and last and first > last:
        raise UserError(
            env._(
                "The range is upside down: it begins on %(first)s and ends on "
                "%(last)s. Swap the two dates.",
                first=first,
                last=last,
            )
        )
    midnight = env.company._sales_midnight
    return (
        first and midnight(first),
        last and midnight(last + timedelta(days=1)),
    )


def _filters(env, options):
    """Filters of rows of history or stays, and the same for deals."""
    own, deal = Domain.TRUE, Domain.TRUE
    if team_id := number(env, options.get("team_id")):
        own &= Domain("team_id", "child_of", [team_id])
    if user_id := number(env, options.get("user_id")):
        own &= Domain("user_id", "=", user_id)
    known = env["sales.funnel.report"]._known_deal_filters()
    for key, (model, path, operator) in known.items():
        value = options.get(key)
        value = number(env, value) if model else _selected(env, path, value)
        if not value:
            continue
        if key == "category_id" and "category" not in groups(env):
            raise UserError(env._("Deals have no product here to filter by."))
        deal &= Domain(path, operator, value)
    deal &= _given_domain(env, options.get("domain"))
    lead_filters = own & deal
    if not deal.is_true():
        own &= Domain("lead_id", "any", deal)
    return own, lead_filters


def _given_domain(env, domain):
    if not domain:
        return Domain.TRUE
    leads = env["crm.lead"]
    try:
        domain = Domain(domain)
        domain.validate(leads)
        leads._search(domain)  # asks for the right to read all it names
    except AccessError as error:
        raise UserError(
            env._(
                "The filter looks at records you may not read, so nothing can be "
                "counted with it. Remove that part of the filter. (%s)",
                str(error).strip().splitlines()[0],
            )
        ) from error
    except (TypeError, ValueError, KeyError) as error:
        raise UserError(env._("The filter cannot be read: %s", error)) from error
    return domain


def dimension(scope):
    """Column to group by, and the joins it needs behind the table of the history."""
    if not scope.group_by:
        return SQL("NULL::int"), SQL()
    env = scope.process.env
    group = env["sales.funnel.report"]._known_groups()[scope.group_by]
    return group.column, group.joins
