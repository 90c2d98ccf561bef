"""The one statement that writes history, for one deal or a million.

A row says how a deal looked from ``date_from`` until just before ``date_to``. The rows
of a deal form a chain without gap or overlap, which the database itself holds: each
``date_to`` but the last is ``date_from`` of exactly one other row of the same deal.
"""

from odoo.tools import SQL

# What is remembered of a deal, and where it comes from (see ``present_state``).
STATE = (
    "stage_id",
    "sales_process_id",
    "user_id",
    "team_id",
    "company_id",
    "expected_revenue",
    "probability",
    "date_deadline",
    "forecast_category",
    "status",
)
# What follows from the rows of a deal, see ``record``.
DERIVED = (
    "stage_since",
    "next_stage_id",
    "next_status",
    "dwell",
    "process_since",
    "stages_seen",
)
# Columns of ``crm_lead`` whose change may start a new row.
WATCHED = frozenset(
    {
        "stage_id",
        "sales_process_id",
        "sales_stage_id",
        "user_id",
        "team_id",
        "company_id",
        "expected_revenue",
        "probability",
        "date_deadline",
        "won_status",
        "active",
        "type",
    }
)


def columns(alias, names=STATE):
    return SQL(", ").join(SQL.identifier(alias, name) for name in names)


def names(selection=STATE):
    return SQL(", ").join(SQL.identifier(name) for name in selection)


def present_state(where):
    """How deals look now: ``lead_id`` and the columns of ``STATE``.

    :param SQL where: condition on ``crm_lead`` as ``l``
    """
    return SQL(
        """
        SELECT l.id AS lead_id, l.stage_id, l.sales_process_id, l.user_id, l.team_id,
               l.company_id, COALESCE(l.expected_revenue, 0) AS expected_revenue,
               COALESCE(l.probability, 0) AS probability, l.date_deadline,
               CASE l.won_status WHEN 'won' THEN 'closed' WHEN 'lost' THEN 'omitted'
                    ELSE COALESCE(ps.forecast_category, 'pipeline') END
                    AS forecast_category,
               CASE l.won_status WHEN 'won' THEN 'won' WHEN 'lost' THEN 'lost'
                    ELSE 'open' END AS status
          FROM crm_lead l
          LEFT JOIN sales_process_stage ps ON ps.id = l.sales_stage_id
         WHERE l.type = 'opportunity' AND %s
        """,
        where,
    )


def record(where, moment, origin):
    """Bring the history of some deals up to how they look now.

    A deal that looks as its last row says gets none. A change at the very moment of the
    last row (or before it, on a clock that went back) amends that row.

    Each row carries what reports would otherwise have to look for in its neighbours:

    * ``stage_since``: when the deal entered the stage it is in;
    * on the last row of a stay in a stage, ``next_stage_id``, ``next_status`` and
      ``dwell`` in seconds;
    * within a process, whatever its version, ``process_since``: when the deal was first
      open in it, and ``stages_seen``: the stages in which it was open so far.

    :func:`derive` works the same out for the whole life of a deal.

    :param SQL where: condition on ``crm_lead`` as ``l``
    :param datetime moment: naive UTC
    :param str origin: ``live``, ``import`` or ``backfill``
    :return: a statement that yields the ids of the deals with a new or amended row
    """
    return SQL(
        """
        WITH present AS (
            SELECT n.*, p.family_id
              FROM (%(present)s) n
              LEFT JOIN sales_process p ON p.id = n.sales_process_id
        ),
        last AS (
            SELECT h.id, h.lead_id, h.date_from
              FROM sales_pipeline_history h
              JOIN present n ON n.lead_id = h.lead_id
             WHERE h.date_to IS NULL
               AND (%(old)s) IS DISTINCT FROM (%(new)s)
        ),
        changed AS (
            SELECT n.*, l.id AS last_id, l.date_from >= %(moment)s IS TRUE AS amends,
                   GREATEST(l.date_from, %(moment)s) AS moment
              FROM present n LEFT JOIN last l ON l.lead_id = n.lead_id
             WHERE l.id IS NOT NULL
                OR NOT EXISTS (SELECT 1 FROM sales_pipeline_history h
                                WHERE h.lead_id = n.lead_id)
        ),
        told AS MATERIALIZED (
            SELECT n.*, b.id AS before_id, b.stage_since AS was_since, s.left_stage,
                   CASE WHEN s.left_stage THEN n.moment ELSE b.stage_since END
                       AS stage_since,
                   CASE WHEN n.family_id IS NOT NULL THEN COALESCE(f.process_since,
                       CASE WHEN n.status = 'open' THEN n.moment END) END
                       AS process_since,
                   CASE WHEN n.family_id IS NOT NULL THEN
                       COALESCE(f.stages_seen, '{}') || CASE
                       WHEN n.status = 'open' AND n.stage_id IS NOT NULL
                            AND n.stage_id <> ALL (COALESCE(f.stages_seen, '{}'))
                       THEN ARRAY[n.stage_id] ELSE '{}' END END AS stages_seen
              FROM changed n
              LEFT JOIN sales_pipeline_history b
                     ON b.lead_id = n.lead_id AND b.date_to IS NOT DISTINCT FROM
                        CASE WHEN n.amends THEN n.moment END
              CROSS JOIN LATERAL (
                   SELECT b.id IS NULL OR
                          (b.stage_id, b.status, b.sales_process_id)
                          IS DISTINCT FROM (n.stage_id, n.status, n.sales_process_id)
                          AS left_stage) s
              LEFT JOIN LATERAL (
                   SELECT h.process_since, h.stages_seen
                     FROM sales_pipeline_history h
                     JOIN sales_process p ON p.id = h.sales_process_id
                    WHERE h.lead_id = n.lead_id AND p.family_id = n.family_id
                      AND h.date_from < n.moment
                    ORDER BY h.date_from DESC LIMIT 1) f ON TRUE
        ),
        amended AS (
            UPDATE sales_pipeline_history h
               SET (%(names)s) = ROW (%(values)s), stage_since = t.stage_since,
                   process_since = t.process_since, stages_seen = t.stages_seen
              FROM told t
             WHERE h.id = t.last_id AND t.amends
            RETURNING h.lead_id
        ),
        closed AS (
            UPDATE sales_pipeline_history h
               SET date_to = t.moment,
                   next_stage_id = CASE WHEN t.left_stage THEN t.stage_id END,
                   next_status = CASE WHEN t.left_stage THEN t.status END,
                   dwell = CASE WHEN t.left_stage
                        THEN EXTRACT(EPOCH FROM t.moment - t.was_since) END
              FROM told t
             WHERE h.id = t.before_id
            RETURNING h.lead_id
        ),
        added AS (
            INSERT INTO sales_pipeline_history (
                lead_id, date_from, stage_since, process_since, stages_seen, origin,
                %(names)s)
            SELECT t.lead_id, t.moment, t.stage_since, t.process_since, t.stages_seen,
                   %(origin)s, %(values)s
              FROM told t LEFT JOIN closed c ON c.lead_id = t.lead_id
             WHERE NOT t.amends AND (c.lead_id IS NOT NULL OR t.before_id IS NULL)
            -- Somebody else has just begun this history: PostgreSQL reports a
            -- serialization failure, which Odoo tries again, and not a duplicate
            ON CONFLICT (lead_id) WHERE date_to IS NULL DO NOTHING
            RETURNING lead_id
        )
        SELECT lead_id FROM amended UNION ALL SELECT lead_id FROM added
        """,
        present=present_state(where),
        old=columns("h"),
        new=columns("n"),
        names=names(),
        values=columns("t"),
        moment=moment,
        origin=origin,
    )


def derive(lead_ids):
    """Work out again what rows carry about their neighbours, see :func:`record`.

    For deals whose past was written, or put into a process, afterwards.

    :return: a statement that yields the ids of the rows it corrected
    """
    return SQL(
        """
        WITH walk AS (
            SELECT h.id, h.lead_id, h.date_from, h.date_to, h.stage_id, h.status,
                   p.family_id,
                   ROW_NUMBER() OVER w = 1 OR
                   (h.stage_id, h.status, h.sales_process_id) IS DISTINCT FROM
                   (LAG(h.stage_id) OVER w, LAG(h.status) OVER w,
                    LAG(h.sales_process_id) OVER w) AS enters,
                   LEAD(h.id) OVER w IS NOT NULL AND
                   (h.stage_id, h.status, h.sales_process_id) IS DISTINCT FROM
                   (LEAD(h.stage_id) OVER w, LEAD(h.status) OVER w,
                    LEAD(h.sales_process_id) OVER w) AS leaves,
                   LEAD(h.stage_id) OVER w AS to_stage,
                   LEAD(h.status) OVER w AS to_status,
                   h.status = 'open' AND h.stage_id IS NOT NULL AND ROW_NUMBER() OVER (
                       PARTITION BY h.lead_id, p.family_id, h.stage_id,
                                    h.status = 'open'
                       ORDER BY h.date_from) = 1 AS first_visit
              FROM sales_pipeline_history h
              LEFT JOIN sales_process p ON p.id = h.sales_process_id
             WHERE h.lead_id = ANY (%(ids)s)
            WINDOW w AS (PARTITION BY h.lead_id ORDER BY h.date_from)
        ),
        fact AS (
            SELECT id, date_to, leaves,
                   MAX(date_from) FILTER (WHERE enters) OVER (
                       PARTITION BY lead_id ORDER BY date_from) AS stage_since,
                   CASE WHEN leaves THEN to_stage END AS next_stage_id,
                   CASE WHEN leaves THEN to_status END AS next_status,
                   CASE WHEN family_id IS NOT NULL THEN
                       MIN(date_from) FILTER (WHERE status = 'open') OVER f END
                       AS process_since,
                   CASE WHEN family_id IS NOT NULL THEN COALESCE(
                       ARRAY_AGG(stage_id) FILTER (WHERE first_visit) OVER f, '{}') END
                       AS stages_seen
              FROM walk
            WINDOW f AS (PARTITION BY lead_id, family_id ORDER BY date_from)
        ),
        found AS (
            SELECT *, CASE WHEN leaves
                      THEN EXTRACT(EPOCH FROM date_to - stage_since)::int END AS dwell
              FROM fact
        )
        UPDATE sales_pipeline_history h
           SET (%(names)s) = ROW (%(values)s)
          FROM found f
         WHERE h.id = f.id AND (%(old)s) IS DISTINCT FROM (%(values)s)
        RETURNING h.id
        """,
        ids=lead_ids,
        names=names(DERIVED),
        values=columns("f", DERIVED),
        old=columns("h", DERIVED),
    )


def adopt(process_id, stage_ids, lead_ids):
    """Put what deals did in the stages of a process, outside any, into the process.

    :return: a statement that yields the ids of the rows
    """
    return SQL(
        """
        UPDATE sales_pipeline_history
           SET sales_process_id = %s
         WHERE lead_id = ANY (%s) AND sales_process_id IS NULL
           AND (stage_id IS NULL OR stage_id = ANY (%s))
        RETURNING id
        """,
        process_id,
        lead_ids,
        stage_ids,
    )
