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
        "sales_forecast_choice",
        "won_status",
        "active",
        "type",
    }
)


def columns(alias, names=STATE):
    return SQL(", ").join(SQL.identifier(alias, name) for name in names)


def names(selection=STATE):
    return SQL(", ").join(SQL.identifier(name) for name in selection)


# How sure a deal ``{lead}`` is: what somebody says, else the process stage ``{stage}``.
CATEGORY = """
    CASE {lead}.won_status WHEN 'won' THEN 'closed' WHEN 'lost' THEN 'omitted'
         ELSE COALESCE({lead}.sales_forecast_choice, {stage}.forecast_category,
                       'pipeline') END
"""
PRESENT = """
    SELECT l.id AS lead_id, l.stage_id, l.sales_process_id, l.user_id, l.team_id,
           l.company_id, COALESCE(l.expected_revenue, 0) AS expected_revenue,
           COALESCE(l.probability, 0) AS probability, l.date_deadline,
           {category} AS forecast_category,
           CASE l.won_status WHEN 'won' THEN 'won' WHEN 'lost' THEN 'lost'
                ELSE 'open' END AS status
      FROM crm_lead l
      LEFT JOIN sales_process_stage ps ON ps.id = l.sales_stage_id
     WHERE l.type = 'opportunity' AND {where}
""".replace("{category}", CATEGORY.format(lead="l", stage="ps").strip())


def present_state(where):
    """How deals look now: ``lead_id`` and the columns of ``STATE``.

    :param SQL where: condition on ``crm_lead`` as ``l``
    """
    return SQL(PRESENT.format(where="%s"), where)


# Planning this takes longer than running it for a single deal, so it lives in a
# function of the database, which keeps the plan for the session, as that of
# ``process/gate_facts``.
SIGNATURE = "sales_pipeline_record (integer[], timestamp, varchar)"
BODY = """
FOR t IN
    SELECT n.*, h.id AS last_id, h.stage_since AS was_since, s.left_stage,
           h.date_from >= moment IS TRUE AS amends,
           CASE WHEN s.left_stage THEN moment ELSE h.stage_since END AS stage_since,
           CASE WHEN p.family_id IS NOT NULL THEN COALESCE(k.process_since,
               CASE WHEN n.status = 'open' THEN moment END) END AS process_since,
           CASE WHEN p.family_id IS NOT NULL THEN k.stages_seen || CASE
               WHEN n.status = 'open' AND n.stage_id IS NOT NULL
                    AND n.stage_id <> ALL (k.stages_seen)
               THEN ARRAY[n.stage_id] ELSE '{{}}' END END AS stages_seen
      FROM ({present}) n
      LEFT JOIN sales_process p ON p.id = n.sales_process_id
      -- One deal at a time: joined, PostgreSQL would go over the present of all deals
      -- for each of them, as long as it has no statistics of the table
      LEFT JOIN LATERAL (
           SELECT * FROM sales_pipeline_history x
            WHERE x.lead_id = n.lead_id AND x.date_to IS NULL LIMIT 1) h ON TRUE
      LEFT JOIN sales_process q ON q.id = h.sales_process_id
      CROSS JOIN LATERAL (
           SELECT h.id IS NULL OR (h.stage_id, h.status, h.sales_process_id)
                  IS DISTINCT FROM (n.stage_id, n.status, n.sales_process_id)
                  AS left_stage,
                  q.family_id IS NOT DISTINCT FROM p.family_id AS stays) s
      -- A deal may come back to a process that it left
      LEFT JOIN LATERAL (
           SELECT e.process_since, e.stages_seen
             FROM sales_pipeline_history e
             JOIN sales_process f ON f.id = e.sales_process_id
            WHERE NOT s.stays AND e.lead_id = n.lead_id
              AND f.family_id = p.family_id
            ORDER BY e.date_from DESC LIMIT 1) r ON TRUE
      CROSS JOIN LATERAL (
           SELECT CASE WHEN s.stays THEN h.process_since ELSE r.process_since END
                      AS process_since,
                  COALESCE(CASE WHEN s.stays THEN h.stages_seen
                           ELSE r.stages_seen END, '{{}}') AS stages_seen) k
     WHERE CASE WHEN h.id IS NULL
                THEN NOT EXISTS (SELECT 1 FROM sales_pipeline_history e
                                  WHERE e.lead_id = n.lead_id)
                ELSE ({old}) IS DISTINCT FROM ({new}) END
LOOP
    IF t.amends THEN
        amended = amended || t.lead_id;
        UPDATE sales_pipeline_history SET ({names}) = ROW ({values})
         WHERE id = t.last_id;
    ELSE
        UPDATE sales_pipeline_history
           SET date_to = moment,
               next_stage_id = CASE WHEN t.left_stage THEN t.stage_id END,
               next_status = CASE WHEN t.left_stage THEN t.status END,
               dwell = CASE WHEN t.left_stage
                    THEN date_part('epoch', moment - t.was_since) END
         WHERE id = t.last_id;
        -- Somebody else has just begun this history: PostgreSQL reports a
        -- serialization failure, which Odoo tries again, and not a duplicate
        INSERT INTO sales_pipeline_history (
               lead_id, date_from, stage_since, process_since, stages_seen, origin,
               {names})
        VALUES (t.lead_id, moment, t.stage_since, t.process_since, t.stages_seen,
               source, {values})
            ON CONFLICT (lead_id) WHERE date_to IS NULL DO NOTHING;
        CONTINUE WHEN NOT FOUND;
    END IF;
    RETURN NEXT t.lead_id;
END LOOP;
IF amended <> '{{}}' THEN
    {derive};
END IF
"""
# What ``DERIVED`` holds, for the whole life of some deals.
DERIVE = """
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
                   PARTITION BY h.lead_id, p.family_id, h.stage_id, h.status = 'open'
                   ORDER BY h.date_from) = 1 AS first_visit
          FROM sales_pipeline_history h
          LEFT JOIN sales_process p ON p.id = h.sales_process_id
         WHERE h.lead_id = ANY ({ids})
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
                   ARRAY_AGG(stage_id) FILTER (WHERE first_visit) OVER f, '{{}}') END
                   AS stages_seen
          FROM walk
        WINDOW f AS (PARTITION BY lead_id, family_id ORDER BY date_from)
    ),
    found AS (
        SELECT *, CASE WHEN leaves
                  THEN date_part('epoch', date_to - stage_since)::int END AS dwell
          FROM fact
    )
    UPDATE sales_pipeline_history h
       SET ({names}) = ROW ({values})
      FROM found f
     WHERE h.id = f.id AND ({old}) IS DISTINCT FROM ({values})
"""


def listed(columns, alias=None):
    return ", ".join(f"{alias}.{name}" if alias else name for name in columns)


def derive_text(ids):
    return DERIVE.format(
        ids=ids,
        names=listed(DERIVED),
        values=listed(DERIVED, "f"),
        old=listed(DERIVED, "h"),
    )


def create_function(cr):
    """Install or renew the function, as its text belongs to this version."""
    body = BODY.format(
        present=PRESENT.format(where="l.id = ANY (leads)"),
        old=listed(STATE, "h"),
        new=listed(STATE, "n"),
        values=listed(STATE, "t"),
        names=listed(STATE),
        derive=derive_text("amended"),
    )
    drop_function(cr)
    cr.execute(
        SQL(
            """
            CREATE FUNCTION sales_pipeline_record (
                leads integer[], moment timestamp, source varchar)
            RETURNS SETOF integer
            LANGUAGE plpgsql
            SET plan_cache_mode = force_generic_plan
            -- A plan made while the table was empty would read all of it, for the
            -- whole session: a few deals are found by index, whatever there is
            SET enable_seqscan = off
            SET enable_hashjoin = off
            SET enable_mergejoin = off
            AS %s
            """,
            f"#variable_conflict use_column\n"
            f"DECLARE t record; amended integer[] = '{{}}'; BEGIN {body}; END",
        )
    )


def drop_function(cr):
    """Remove the function; nothing else refers to it."""
    cr.execute(SQL("DROP FUNCTION IF EXISTS %s", SQL(SIGNATURE)))


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
        "SELECT sales_pipeline_record (ARRAY (SELECT l.id FROM crm_lead l WHERE %s),"
        " %s::timestamp, %s)",
        where,
        moment,
        origin,
    )


def derive(lead_ids):
    """Work out again what rows carry about their neighbours, see :func:`record`.

    For deals whose past was written, or put into a process, afterwards.

    :return: a statement that yields the ids of the rows it corrected
    """
    return SQL(f"{derive_text('%s')} RETURNING h.id", lead_ids)


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
