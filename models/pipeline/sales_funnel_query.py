"""The statements behind the funnel: grouped counts, so that few rows leave PostgreSQL.

They go over the pipeline history with the record rules of the user. Dwell times are
grouped by the hour: exact enough for a median in days, and a few thousand rows instead
of millions. What they read stands in the indexes of the history, and the expressions
they group by in its statistics: change them together.
"""

from odoo.fields import Domain
from odoo.tools import SQL

from .sales_funnel_scope import HISTORY, dimension

TABLE = SQL.identifier(HISTORY)
NOW = SQL("(now() AT TIME ZONE 'UTC')")
# The last row of each stay in a stage while the deal was open.
STAYS = (
    Domain("status", "=", "open")
    & Domain("lead_id", "!=", False)
    & (Domain("next_status", "!=", False) | Domain("date_to", "=", False))
)
# How the deals of a process look now, if they have been open in it. (The last row of a
# deleted deal has an end.)
PRESENT = Domain("date_to", "=", False) & Domain("process_since", "!=", False)
AGE = SQL("sales_pipeline_history.dwell / 3600 AS age, 0 AS late")
SEEN = SQL(
    "date_part('epoch', %s - sales_pipeline_history.stage_since)::int / 3600 AS age,"
    " 0 AS late",
    NOW,
)
AMOUNT = SQL("SUM(sales_pipeline_history.expected_revenue)")
CYCLE = SQL(
    "date_part('epoch', sales_pipeline_history.stage_since"
    " - sales_pipeline_history.process_since)::int / 3600"
)


def cohort_domain(scope):
    """Deals that entered the process in the range, on rows, stays and the present."""
    domain = Domain.TRUE
    if scope.mode == "cohort":
        if scope.since:
            domain &= Domain("process_since", ">=", scope.since)
        if scope.until:
            domain &= Domain("process_since", "<", scope.until)
    return domain


def closed_domain(scope):
    """Deals closed in the range, on how they look now; by cohort all closed ones."""
    domain = Domain("status", "in", ("won", "lost"))
    if scope.mode == "period":
        if scope.since:
            domain &= Domain("stage_since", ">=", scope.since)
        if scope.until:
            domain &= Domain("stage_since", "<", scope.until)
    return domain


def visit_rows(env, scope):
    """Stays, grouped.

    :return: statements that yield ``sales_process_id, stage_id, next_stage_id,
        next_status, company_id, dimension, begun, ended, there`` (within the range),
        ``age`` and ``late`` (age when the range began) in hours, ``number``, and, of
        stays that go on, ``amount`` in the currency of the company
    """
    stays = scope.domain & STAYS
    if scope.mode == "period":
        parts = [(stays & _in_range(scope), _period_facts(scope), AMOUNT)]
    else:
        # Two statements: PostgreSQL divides each of them among its workers.
        stays &= cohort_domain(scope)
        over = stays & Domain("next_status", "!=", False)
        there = stays & Domain("date_to", "=", False)
        parts = [
            (
                over,
                SQL("TRUE AS begun, TRUE AS ended, FALSE AS there, %s", AGE),
                SQL("NULL::numeric"),
            ),
            (
                there,
                SQL("TRUE AS begun, FALSE AS ended, TRUE AS there, %s", SEEN),
                AMOUNT,
            ),
        ]
    return [_grouped_stays(env, scope, *part) for part in parts]


def _grouped_stays(env, scope, domain, facts, amount):
    query = env["sales.pipeline.history"]._search(domain)
    column, joins = dimension(scope)
    return SQL(
        """
        SELECT sales_pipeline_history.sales_process_id,
               sales_pipeline_history.stage_id, sales_pipeline_history.next_stage_id,
               sales_pipeline_history.next_status, sales_pipeline_history.company_id,
               %s AS dimension, %s,
               COUNT(*) AS number, %s AS amount
          FROM %s %s
         WHERE %s
         GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
        """,
        column,
        facts,
        amount,
        query.from_clause,
        joins,
        query.where_clause,
    )


def _in_range(scope):
    """Stays that touch the range of a period."""
    domain = Domain.TRUE
    if scope.until:
        domain &= Domain("stage_since", "<", scope.until)
    if scope.since:
        domain &= Domain("date_to", "=", False) | Domain("date_to", ">=", scope.since)
    return domain


def _period_facts(scope):
    """A stay that goes on at the end of the range is seen until then."""
    end = SQL("LEAST(%s::timestamp, %s)", scope.until, NOW)
    since = scope.since or SQL("'-infinity'::timestamp")
    ended = SQL(
        "COALESCE(sales_pipeline_history.date_to < %s, FALSE)", scope.until or NOW
    )
    late = SQL("0")
    if scope.since:
        late = SQL(
            "GREATEST(date_part('epoch', %s - sales_pipeline_history.stage_since), 0)"
            "::int / 3600",
            scope.since,
        )
    return SQL(
        """
        sales_pipeline_history.stage_since >= %s AS begun,
        %s AS ended,
        NOT %s AS there,
        CASE WHEN %s THEN sales_pipeline_history.dwell
             ELSE date_part('epoch', %s - sales_pipeline_history.stage_since)::int
             END / 3600 AS age,
        %s AS late
        """,
        since,
        ended,
        ended,
        ended,
        end,
        late,
    )


def deal_rows(env, scope):
    """Deals, grouped by how they ended and which stages they were in.

    By cohort: deals that entered in the range, as they are now. By period: deals won
    or lost in the range, and those open now.

    :return: statements that yield ``seen`` (ids of ``crm.stage``), ``status,
        company_id, dimension, cycle`` (hours from entry to the win), ``number`` and
        ``amount`` in the currency of the company
    """
    deals = scope.domain & PRESENT & cohort_domain(scope)
    won = Domain("status", "=", "won")
    others = Domain("status", "=", "open") | closed_domain(scope)
    return [
        _grouped_deals(env, scope, deals & won & closed_domain(scope), CYCLE),
        _grouped_deals(env, scope, deals & ~won & others, SQL("NULL::int")),
    ]


def _grouped_deals(env, scope, domain, cycle):
    query = env["sales.pipeline.history"]._search(domain)
    column, joins = dimension(scope)
    return SQL(
        """
        SELECT sales_pipeline_history.stages_seen AS seen,
               sales_pipeline_history.status, sales_pipeline_history.company_id,
               %s AS dimension, %s AS cycle,
               COUNT(*) AS number,
               SUM(sales_pipeline_history.expected_revenue) AS amount
          FROM %s %s
         WHERE %s
         GROUP BY 1, 2, 3, 4, 5
        """,
        column,
        cycle,
        query.from_clause,
        joins,
        query.where_clause,
    )


def proof_rows(env, scope):
    """Closed deals, grouped by how they ended, where they were and what was proven.

    :return: statement that yields ``key`` (of the criterion; None for the deals as
        such), ``seen`` (ids of ``crm.stage``), ``entry`` (the one they entered the
        process in), ``status, proven`` and ``number``
    """
    history = env["sales.pipeline.history"]
    closed = scope.domain & PRESENT & cohort_domain(scope) & closed_domain(scope)
    query = history._search(closed)
    env["sales.evidence"].flush_model()
    evidence = env["sales.evidence"]._search(
        Domain("state", "in", ("verified", "waived")) & Domain("source", "!=", "skip")
    )
    return SQL(
        """
        WITH closed AS MATERIALIZED (
            SELECT sales_pipeline_history.lead_id,
                   sales_pipeline_history.stages_seen AS seen,
                   sales_pipeline_history.status, entry.stage_id AS entry
              FROM %s
              JOIN crm_lead deal ON deal.id = sales_pipeline_history.lead_id
              LEFT JOIN sales_process_stage entry
                     ON entry.id = deal.sales_entry_stage_id
             WHERE %s)
        SELECT NULL AS key, seen, entry, status, NULL::boolean AS proven,
               COUNT(*) AS number
          FROM closed GROUP BY 2, 3, 4
        UNION ALL
        SELECT key, seen, entry, status, proven, COUNT(*)
          FROM (SELECT closed.lead_id, closed.seen, closed.entry, closed.status,
                       sales_evidence.criterion_key AS key,
                       BOOL_OR(sales_evidence.state = 'verified') AS proven
                  FROM %s
                  JOIN closed ON closed.lead_id = sales_evidence.lead_id
                 WHERE %s GROUP BY 1, 2, 3, 4, 5) proofs
         GROUP BY 1, 2, 3, 4, 5
        """,
        query.from_clause,
        query.where_clause,
        evidence.from_clause,
        evidence.where_clause,
    )


def push_rows(env, scope, *, listed=False):
    """How often the expected closing moved later, by whose deal it was then.

    Read from the moves that were recorded as they were made (``sales.closing.change``):
    a file or a rebuilt past tells of no earlier closing date, so of no move either. By
    cohort, all moves of its deals count; by period, those made in the range.

    :param bool listed: the moves themselves instead: ``id, lead_id, user_id``
    :return: statement that yields ``user_id, pushes, days, deals`` and, on each row
        the same, ``all_deals``
    """
    changes = env["sales.closing.change"]
    query = changes._search(
        scope.domain & Domain("pushes", ">", 0) & Domain("lead_id", "!=", False)
    )
    if scope.mode == "cohort" and (scope.since or scope.until):
        rows = env["sales.pipeline.history"]._search(
            scope.domain & Domain("lead_id", "!=", False) & cohort_domain(scope)
        )
        query.add_where(
            SQL(
                "%s IN %s",
                SQL.identifier(changes._table, "lead_id"),
                rows.subselect(SQL("%s.lead_id", TABLE)),
            )
        )
    elif scope.mode == "period":
        moment = SQL.identifier(changes._table, "date")
        if scope.since:
            query.add_where(SQL("%s >= %s", moment, scope.since))
        if scope.until:
            query.add_where(SQL("%s < %s", moment, scope.until))
    names = ("id", "lead_id", "user_id", "days")
    moves = query.select(*(SQL.identifier(changes._table, name) for name in names))
    if listed:
        return moves
    return SQL(
        """
        WITH push AS MATERIALIZED (%s)
        SELECT user_id, COUNT(*) AS pushes, SUM(days) AS days,
               COUNT(DISTINCT lead_id) AS deals,
               (SELECT COUNT(DISTINCT lead_id) FROM push) AS all_deals
          FROM push GROUP BY 1
        """,
        moves,
    )
