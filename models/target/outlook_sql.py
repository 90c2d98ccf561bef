"""Statements about what may still come, for the outlook of targets.

All sources give the same columns::

    id, company_id, user_id, team_id, territory_id, order_id, lead_id, day, amount,
    weighted

``order_id`` and ``lead_id`` say where the shares of several people stand; ``weighted``
is the amount by its chance. Amounts are in the currency of the company.
"""

from datetime import date
from typing import NamedTuple

from odoo.tools import SQL

from ..credit.sales_credit_scope import Scope

# Owners of whom deals and orders say that they are theirs, and by which column.
COLUMNS = {
    "company": "company_id",
    "team": "team_id",
    "territory": "territory_id",
    "user": "user_id",
}
LONG_AGO = date(1, 1, 1)


class Ask(NamedTuple):
    """What is asked of a source.

    :ivar Scope scope: of whom
    :ivar int company_id: of which company
    :ivar date low: from which day on
    :ivar date high: the day after the last one
    """

    scope: Scope
    company_id: int
    low: date
    high: date


def open_deals(chance, amount, where):
    """Deals that are neither won nor lost.

    :param SQL chance: of a deal ``l``, 0 to 1
    :param SQL amount: of a deal ``l``
    :param SQL where: which of them
    """
    return SQL(
        """
        SELECT l.id, COALESCE(l.company_id, u.company_id) AS company_id, l.user_id,
               l.team_id, COALESCE(l.sales_territory_id, p.sales_territory_id)
                    AS territory_id,
               NULL::int AS order_id, l.id AS lead_id, l.date_deadline AS day,
               (%(amount)s)::float8 AS amount,
               ((%(amount)s) * (%(chance)s))::float8 AS weighted
          FROM crm_lead l
          LEFT JOIN res_users u ON u.id = l.user_id
          LEFT JOIN res_partner p ON p.id = l.partner_id
         WHERE l.type = 'opportunity' AND l.active AND l.won_status = 'pending'
           AND l.date_deadline IS NOT NULL AND %(where)s
        """,
        amount=amount,
        chance=chance,
        where=where,
    )


def closed_deals(env, since):
    """Deals that were won (weighted 1) or lost (0), from some moment on."""
    closed = SQL("COALESCE(l.date_closed, l.write_date)")
    company = SQL("COALESCE(l.company_id, u.company_id)")
    return SQL(
        """
        SELECT l.id, %(company)s AS company_id, l.user_id, l.team_id,
               COALESCE(l.sales_territory_id, p.sales_territory_id) AS territory_id,
               NULL::int AS order_id, l.id AS lead_id, %(day)s AS day,
               1::float8 AS amount, (l.won_status = 'won')::int::float8 AS weighted
          FROM crm_lead l
          LEFT JOIN res_users u ON u.id = l.user_id
          LEFT JOIN res_partner p ON p.id = l.partner_id
         WHERE l.type = 'opportunity' AND l.won_status IN ('won', 'lost')
           AND %(closed)s >= %(since)s
        """,
        company=company,
        day=env["res.company"]._sales_day_sql(company, closed),
        closed=closed,
        since=since,
    )


def instalments():
    """What is not yet invoiced of confirmed orders, without taxes as it is credited."""
    return SQL(
        """
        SELECT l.id, l.company_id, l.user_id, l.team_id, %(territory)s AS territory_id,
               l.order_id, o.opportunity_id AS lead_id, l.date_expected AS day,
               x.amount::float8 AS amount, x.amount::float8 AS weighted
          FROM sales_plan_line l
          JOIN sale_order o ON o.id = l.order_id
          LEFT JOIN crm_lead deal ON deal.id = o.opportunity_id
          LEFT JOIN res_partner p ON p.id = l.partner_id
         CROSS JOIN LATERAL (
               SELECT (l.amount_outstanding_company - l.amount_due_company)
                    * COALESCE(o.amount_untaxed / NULLIF(o.amount_total, 0), 1)
                    AS amount) x
         WHERE l.order_state = 'sale' AND l.amount_outstanding <> 0 AND x.amount <> 0
           AND l.date_expected IS NOT NULL
        """,
        territory=SQL("COALESCE(deal.sales_territory_id, p.sales_territory_id)"),
    )


def cash(env):
    """Money that is expected of confirmed orders."""
    reports = env["sales.cash.report"].sudo()  # of owners whose target is shown
    return SQL(
        """
        SELECT c.id, c.company_id, c.user_id, c.team_id, %(territory)s AS territory_id,
               c.order_id, o.opportunity_id AS lead_id, c.date AS day,
               c.amount::float8 AS amount, c.amount::float8 AS weighted
          FROM (%(cash)s) c
          JOIN sale_order o ON o.id = c.order_id
          LEFT JOIN crm_lead deal ON deal.id = o.opportunity_id
          LEFT JOIN res_partner p ON p.id = c.partner_id
        """,
        territory=SQL("COALESCE(deal.sales_territory_id, p.sales_territory_id)"),
        cash=reports._table_query,
    )


def sums(source, asks):
    """Rows (number of the ask, amount, weighted)."""
    return _union(
        source,
        asks,
        lambda arm: SQL(
            "SELECT q.number, SUM(x.amount * x.factor), SUM(x.weighted * x.factor)"
            " FROM %s GROUP BY q.number",
            arm,
        ),
    )


def ids(source, asks):
    """The records of a source behind some asks: rows (id,)."""
    return _union(source, asks, lambda arm: SQL("SELECT DISTINCT x.id FROM %s", arm))


def _union(source, asks, select):
    """One statement for each kind of owner, put together."""
    arms = []
    for kind, column in COLUMNS.items():
        for is_limited in (False, True):
            some = [
                (number, ask)
                for number, ask in enumerate(asks)
                if ask.scope.kind == kind
                and is_limited is (ask.scope.team_ids is not None)
            ]
            if some:
                arms.append(select(_arm(source, column, some, is_limited)))
    return SQL(" UNION ALL ").join(SQL("(%s)", arm) for arm in arms)


def _arm(source, column, asks, is_limited):
    """What asks ``q`` of one kind find: rows ``x``.

    OFFSET has the source worked out before it is joined by its owner: who earns what is
    an expression, by which the database would not join but look at every pair.
    """
    rows = [
        (id_, number, ask.company_id, ask.low, ask.high)
        for number, ask in asks
        for id_ in ask.scope.ids
    ]
    ids_, numbers, companies, lows, highs = (
        zip(*rows, strict=True) if rows else [()] * 5
    )
    limit = SQL()
    if is_limited:
        teams = [(id_, number) for number, ask in asks for id_ in ask.scope.team_ids]
        limit_ids, limit_numbers = zip(*teams, strict=True) if teams else ((), ())
        limit = SQL(
            """ JOIN UNNEST(%s::int[], %s::int[]) t(id, number)
                  ON t.number = q.number AND t.id = x.team_id""",
            list(limit_ids),
            list(limit_numbers),
        )
    return SQL(
        """(%(source)s OFFSET 0) x
        JOIN UNNEST(%(ids)s::int[], %(numbers)s::int[], %(companies)s::int[],
                    %(lows)s::date[], %(highs)s::date[])
             q(id, number, company_id, low, high)
          ON q.id = x.%(column)s AND q.company_id = x.company_id
         AND x.day >= q.low AND x.day < q.high%(limit)s""",
        source=_shared(source) if column == "user_id" else _whole(source),
        column=SQL.identifier(column),
        ids=list(ids_),
        numbers=list(numbers),
        companies=list(companies),
        lows=list(lows),
        highs=list(highs),
        limit=limit,
    )


def _whole(source):
    return SQL("SELECT w.*, 1::float8 AS factor FROM (%s) w", source)


def _shared(source):
    """What each person has of it: shares of the order, else of the deal, else all."""
    return SQL(
        """
        SELECT w.id, w.company_id, w.team_id, w.day, w.amount, w.weighted,
               CASE WHEN so.id IS NOT NULL THEN so.user_id
                    WHEN sl.id IS NOT NULL THEN sl.user_id
                    ELSE w.user_id END AS user_id,
               (COALESCE(so.percent, sl.percent, 100) / 100)::float8 AS factor
          FROM (%s) w
          LEFT JOIN sales_split so ON so.order_id = w.order_id
          LEFT JOIN sales_split sl ON sl.lead_id = w.lead_id AND so.id IS NULL
        """,
        source,
    )
