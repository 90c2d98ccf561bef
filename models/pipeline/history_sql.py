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
    ``stage_since``, when the deal entered the stage it is in, and, on the last row of a
    stay in a stage, ``next_stage_id``, ``next_status`` and ``dwell`` in seconds.

    :param SQL where: condition on ``crm_lead`` as ``l``
    :param datetime moment: naive UTC
    :param str origin: ``live``, ``import`` or ``backfill``
    :return: a statement that yields the ids of the deals with a new or amended row
    """
    return SQL(
        """
        WITH present AS (%(present)s),
        last AS (
            SELECT h.id, h.lead_id, h.date_from, h.stage_since,
                   h.stage_id, h.status, h.sales_process_id
              FROM sales_pipeline_history h
              JOIN present n ON n.lead_id = h.lead_id
             WHERE h.date_to IS NULL
               AND (%(old)s) IS DISTINCT FROM (%(new)s)
        ),
        amended AS (
            UPDATE sales_pipeline_history h
               SET (%(names)s) = ROW (%(new)s),
                   stage_since = CASE
                       WHEN (l.stage_id, l.status, l.sales_process_id)
                            IS NOT DISTINCT FROM
                            (n.stage_id, n.status, n.sales_process_id)
                       THEN h.stage_since ELSE h.date_from END
              FROM last l JOIN present n ON n.lead_id = l.lead_id
             WHERE h.id = l.id AND l.date_from >= %(moment)s
            RETURNING h.lead_id
        ),
        closed AS (
            UPDATE sales_pipeline_history h
               SET date_to = %(moment)s,
                   next_stage_id = CASE WHEN s.left_stage THEN n.stage_id END,
                   next_status = CASE WHEN s.left_stage THEN n.status END,
                   dwell = CASE WHEN s.left_stage
                        THEN EXTRACT(EPOCH FROM %(moment)s - l.stage_since) END
              FROM last l JOIN present n ON n.lead_id = l.lead_id
              CROSS JOIN LATERAL (
                   SELECT (l.stage_id, l.status, l.sales_process_id)
                          IS DISTINCT FROM (n.stage_id, n.status, n.sales_process_id)
                          AS left_stage) s
             WHERE h.id = l.id AND l.date_from < %(moment)s
            RETURNING h.lead_id, s.left_stage, l.stage_since
        ),
        added AS (
            INSERT INTO sales_pipeline_history (
                lead_id, date_from, stage_since, origin, %(names)s)
            SELECT n.lead_id, %(moment)s,
                   CASE WHEN c.left_stage THEN %(moment)s ELSE c.stage_since END,
                   %(origin)s, %(new)s
              FROM closed c JOIN present n ON n.lead_id = c.lead_id
            UNION ALL
            SELECT n.lead_id, %(moment)s, %(moment)s, %(origin)s, %(new)s
              FROM present n
             WHERE NOT EXISTS (SELECT 1 FROM sales_pipeline_history h
                                WHERE h.lead_id = n.lead_id)
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
        moment=moment,
        origin=origin,
    )
