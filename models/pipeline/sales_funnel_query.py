"""The statements behind the funnel: grouped counts, so that few rows leave PostgreSQL.

Both go over the pipeline history with the record rules of the user. Dwell times are
grouped by the hour: exact enough for a median in days, and a few thousand rows instead
of millions.
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


def visit_rows(env, scope):
    """Stays, grouped.

    :return: statement that yields ``sales_process_id, stage_id, next_stage_id,
        next_status, company_id, dimension, begun, ended, there`` (within the range),
        ``age`` and ``late`` (age when the range began) in hours, ``number``, and
        ``amount`` in the currency of the company
    """
    history = env["sales.pipeline.history"]
    query = history._search(scope.domain & STAYS)
    if scope.mode == "cohort":
        facts = _cohort_facts()
        # Grouping by as little as possible: the rest follows from ``next_status``.
        keys = SQL("1, 2, 3, 4, 5, 6, 10")
        amounts = SQL("FILTER (WHERE sales_pipeline_history.next_status IS NULL)")
        if scope.since or scope.until:
            query.add_where(SQL("%s.lead_id IN (%s)", TABLE, _cohort(env, scope)))
    else:
        facts = _period_facts(scope)
        keys, amounts = SQL("1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11"), SQL()
        if scope.until:
            query.add_where(SQL("%s.stage_since < %s", TABLE, scope.until))
        if scope.since:
            query.add_where(
                SQL(
                    "(%s.date_to IS NULL OR %s.date_to >= %s)",
                    *(TABLE, TABLE, scope.since),
                )
            )
    column, joins = dimension(scope)
    return SQL(
        """
        SELECT sales_pipeline_history.sales_process_id,
               sales_pipeline_history.stage_id, sales_pipeline_history.next_stage_id,
               sales_pipeline_history.next_status, sales_pipeline_history.company_id,
               %s AS dimension, %s,
               COUNT(*) AS number,
               SUM(sales_pipeline_history.expected_revenue) %s AS amount
          FROM %s %s
         WHERE %s
         GROUP BY %s
        """,
        column,
        facts,
        amounts,
        query.from_clause,
        joins,
        query.where_clause,
        keys,
    )


def _cohort_facts():
    return SQL(
        """
        TRUE AS begun,
        sales_pipeline_history.next_status IS NOT NULL AS ended,
        sales_pipeline_history.next_status IS NULL AS there,
        COALESCE(sales_pipeline_history.dwell, EXTRACT(EPOCH FROM
            %s - sales_pipeline_history.stage_since)::int) / 3600 AS age,
        0 AS late
        """,
        NOW,
    )


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
            "GREATEST(EXTRACT(EPOCH FROM %s - sales_pipeline_history.stage_since), 0)"
            "::int / 3600",
            scope.since,
        )
    return SQL(
        """
        sales_pipeline_history.stage_since >= %s AS begun,
        %s AS ended,
        NOT %s AS there,
        CASE WHEN %s THEN sales_pipeline_history.dwell
             ELSE EXTRACT(EPOCH FROM %s - sales_pipeline_history.stage_since)::int
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


def _cohort(env, scope):
    """Ids of the deals that entered the process in the range."""
    stays = env["sales.pipeline.history"]._search(scope.domain & STAYS)
    return SQL(
        "SELECT sales_pipeline_history.lead_id FROM %s WHERE %s GROUP BY 1%s",
        stays.from_clause,
        stays.where_clause,
        _entered_in_range(scope),
    )


def _entered_in_range(scope):
    first = SQL("MIN(sales_pipeline_history.stage_since)")
    conditions = []
    if scope.since:
        conditions.append(SQL("%s >= %s", first, scope.since))
    if scope.until:
        conditions.append(SQL("%s < %s", first, scope.until))
    return SQL(" HAVING %s", SQL(" AND ").join(conditions)) if conditions else SQL()


def deal_rows(env, scope, stages):
    """Deals, grouped by how they ended and which stages they were in.

    By cohort: deals that entered in the range, as they are now. By period: deals won
    or lost in the range, and those open now.

    :param list stages: ids of ``crm.stage``, a bit of the mask each
    :return: statement that yields ``mask, status`` (None: out of reach or in another
        process), ``company_id, dimension, cycle`` (hours from entry to the win),
        ``number`` and ``amount`` in the currency of the company
    """
    history = env["sales.pipeline.history"]
    stays = history._search(scope.domain & STAYS)
    last = history._search(scope.domain & Domain("date_to", "=", False))
    column, joins = dimension(scope)
    mask = _mask(stages)
    return SQL(
        """
        SELECT deal.mask, last.status, last.company_id, last.dimension,
               CASE last.status WHEN 'won' THEN EXTRACT(
                   EPOCH FROM last.stage_since - deal.entry)::int / 3600 END AS cycle,
               COUNT(*) AS number, SUM(last.expected_revenue) AS amount
          FROM (SELECT sales_pipeline_history.lead_id, %s AS mask,
                       MIN(sales_pipeline_history.stage_since) AS entry
                  FROM %s WHERE %s GROUP BY 1%s) deal
          LEFT JOIN (SELECT sales_pipeline_history.lead_id,
                       sales_pipeline_history.status,
                       sales_pipeline_history.company_id,
                       sales_pipeline_history.stage_since,
                       sales_pipeline_history.expected_revenue, %s AS dimension
                  FROM %s %s WHERE %s) last ON last.lead_id = deal.lead_id
         WHERE %s
         GROUP BY 1, 2, 3, 4, 5
        """,
        mask,
        stays.from_clause,
        stays.where_clause,
        _entered_in_range(scope) if scope.mode == "cohort" else SQL(),
        column,
        last.from_clause,
        joins,
        last.where_clause,
        _closed_in_range(scope) if scope.mode == "period" else SQL("TRUE"),
    )


def _closed_in_range(scope):
    conditions = [SQL("TRUE")]
    if scope.since:
        conditions.append(SQL("last.stage_since >= %s", scope.since))
    if scope.until:
        conditions.append(SQL("last.stage_since < %s", scope.until))
    return SQL(
        "(last.status = 'open' OR last.status IN ('won', 'lost') AND %s)",
        SQL(" AND ").join(conditions),
    )


def _mask(stages):
    """Which stages a deal was in, a bit each."""
    cases = [
        SQL("WHEN %s THEN %s::bigint", stage, 1 << index)
        for index, stage in enumerate(stages)
    ]
    return SQL(
        "BIT_OR(CASE sales_pipeline_history.stage_id %s ELSE 0::bigint END)",
        SQL(" ").join(cases or [SQL("WHEN 0 THEN 0::bigint")]),
    )


def proof_rows(env, scope, stages):
    """Closed deals, grouped by how they ended, where they were and what was proven.

    :return: statement that yields ``key`` (of the criterion; None for the deals as
        such), ``mask, status, proven`` and ``number``
    """
    history = env["sales.pipeline.history"]
    stays = history._search(scope.domain & STAYS)
    closed = Domain("date_to", "=", False) & Domain("status", "in", ("won", "lost"))
    last = history._search(scope.domain & closed)
    env["sales.evidence"].flush_model()
    evidence = env["sales.evidence"]._search(
        Domain("state", "in", ("verified", "waived")) & Domain("source", "!=", "skip")
    )
    return SQL(
        """
        WITH closed AS MATERIALIZED (
            SELECT deal.lead_id, deal.mask, last.status
              FROM (SELECT sales_pipeline_history.lead_id, %s AS mask
                      FROM %s WHERE %s GROUP BY 1%s) deal
              JOIN (SELECT sales_pipeline_history.lead_id,
                           sales_pipeline_history.status,
                           sales_pipeline_history.stage_since
                      FROM %s WHERE %s) last ON last.lead_id = deal.lead_id
             WHERE %s)
        SELECT NULL AS key, mask, status, NULL::boolean AS proven, COUNT(*) AS number
          FROM closed GROUP BY 2, 3
        UNION ALL
        SELECT key, mask, status, proven, COUNT(*)
          FROM (SELECT closed.lead_id, closed.mask, closed.status,
                       sales_evidence.criterion_key AS key,
                       BOOL_OR(sales_evidence.state = 'verified') AS proven
                  FROM %s
                  JOIN closed ON closed.lead_id = sales_evidence.lead_id
                 WHERE %s GROUP BY 1, 2, 3, 4) proofs
         GROUP BY 1, 2, 3, 4
        """,
        _mask(stages),
        stays.from_clause,
        stays.where_clause,
        _entered_in_range(scope) if scope.mode == "cohort" else SQL(),
        last.from_clause,
        last.where_clause,
        _closed_in_range(scope) if scope.mode == "period" else SQL("TRUE"),
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
        query.add_where(
            SQL(
                "%s IN (%s)",
                SQL.identifier(changes._table, "lead_id"),
                _cohort(env, scope),
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
