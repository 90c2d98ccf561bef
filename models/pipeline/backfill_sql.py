"""The past of many deals in one statement, rebuilt from what Odoo kept or a file says.

Both sources come down to *states*: how a deal looked from some moment on, its last
state being the present one. ``chain`` turns states into rows that join without gap and
lead to the first row already there, if there is one; ``rebuild`` finds the states in
Odoo's tracking values, ``unfold`` takes them from the caller.

How the tracking is read
    Of each change the new value counts; the old one only tells how the deal looked
    before the first change of that field. Tracking carries moments in whole seconds:
    several changes in one second are one change. Nothing happens before the deal came
    into the pipeline (created, or converted from a lead) and nothing in the future.
    People, teams and stages that are gone become empty.

    Messages with a subject came with a deal that was merged into this one: they tell
    another deal's story and are left out.

    Won and lost stand in the tracking as a word in the language of whoever made the
    change. Before Odoo tracked them, a won stage meant won, an archived deal lost.

What is taken on trust
    A field without tracking was as it is now, and what the deal says now holds since
    its last change, except where the deal itself tells otherwise: a stage entered later
    (``date_last_stage_update``) was unknown before, a deal closed later
    (``date_closed``) was open before. The company is that of today: a row without one
    would be shown to every company. Expected closing, probability and process are not
    tracked by Odoo; rows of the past carry none.
"""

from odoo.tools import SQL

from .history_sql import columns, names, present_state

# Fields of ``crm.lead`` that tracking is read for, and the column that has the value.
NUMBERS = {
    "stage_id": "integer",
    "user_id": "integer",
    "team_id": "integer",
    "company_id": "integer",
    "expected_revenue": "float",
    "probability": "float",
    "active": "integer",
}
WORDS = ("won_status", "type")
DATES = ("date_deadline",)
TRACKED = (*NUMBERS, *WORDS, *DATES)
# Where a number stands for a word: -1 is a word that no language knows.
CODES = {"pending": 0, "won": 1, "lost": 2, "lead": 0, "opportunity": 1}
STATUS_OF_CODE = SQL("(ARRAY['open', 'won', 'lost'])")
# What decides whether the deal looked different; the rest is unknown in the past.
CORE = ("stage_id", "user_id", "team_id", "company_id", "expected_revenue")
# What the statements report, per deal; in this order.
COUNTS = (
    "deals",
    "rows",
    "stage",
    "amount",
    "owner",
    "team",
    "status",
    "deadline",
    "probability",
)
# What a nightly check counts the changes of, and the column that shows them.
MENDED = {
    "missing": None,
    "stage": "stage_id",
    "amount": "expected_revenue",
    "owner": "user_id",
    "team": "team_id",
    "company": "company_id",
    "process": "sales_process_id",
    "status": "status",
    "deadline": "date_deadline",
    "probability": "probability",
    "category": "forecast_category",
}


def eligible(first_id, last_id, installed_id):
    """Condition on ``crm_lead l``: deals whose past is still to be rebuilt.

    A deal that came after the installation (``id > installed_id``) has been recorded
    from its first moment on.
    """
    return SQL(
        """
        l.type = 'opportunity' AND l.id > %s AND l.id <= %s
        AND NOT EXISTS (
            SELECT 1 FROM sales_pipeline_history h
             WHERE h.lead_id = l.id AND (h.origin <> 'live' OR l.id > %s))
        """,
        first_id,
        last_id,
        installed_id,
    )


def rebuild(lead_ids, now, installed, tracked, words, won_stages, status_tracked=None):
    """Write the past of some deals as Odoo kept it.

    :param list lead_ids: deals without rebuilt or imported rows
    :param datetime now: naive UTC
    :param datetime installed: when the recording began, naive UTC
    :param dict tracked: id of ``ir.model.fields`` by name, of the fields in ``TRACKED``
    :param list words: (name of the field, word, code) of ``CODES``
    :param list won_stages: ids of the stages that mean won
    :param datetime status_tracked: since when Odoo has tracked won and lost
    :return: a statement that yields one row: the first moment, then ``COUNTS``
    """
    return SQL(
        """
        WITH %(known)s, %(said)s, %(deal)s, %(told)s, %(moments)s, %(state)s,
             %(chain)s,
        facts AS (
            SELECT r.lead_id, MIN(r.date_from) AS first, COUNT(*) AS rows,
                   BOOL_OR(r.stage_id IS NULL) OR BOOL_OR(t.lost_stage) AS stage,
                   BOOL_OR(t.lost_amount) AS amount,
                   BOOL_OR(t.lost_user) AS owner, BOOL_OR(t.lost_team) AS team,
                   BOOL_OR(t.lost_status) AS status,
                   NOT BOOL_OR(t.has_deadline) AS deadline,
                   NOT BOOL_OR(t.has_probability) AS probability
              FROM added r JOIN told t ON t.lead_id = r.lead_id
             GROUP BY r.lead_id
        )
        SELECT MIN(first), COUNT(*), COALESCE(SUM(rows), 0)::int,
               COUNT(*) FILTER (WHERE stage), COUNT(*) FILTER (WHERE amount),
               COUNT(*) FILTER (WHERE owner), COUNT(*) FILTER (WHERE team),
               COUNT(*) FILTER (WHERE status), COUNT(*) FILTER (WHERE deadline),
               COUNT(*) FILTER (WHERE probability)
          FROM facts
        """,
        known=_known(lead_ids),
        said=_said(lead_ids, tracked, words),
        deal=_deal(now, installed),
        told=_told(won_stages, now),
        moments=_moments(),
        state=_state(won_stages, status_tracked),
        chain=chain("backfill"),
    )


def unfold(steps):
    """Write the past of deals whose steps somebody knows, e.g. a file.

    Between the steps the deal had the owner, team, company, amount and expected closing
    it has now; the last step is how it looks now, whatever it says.

    :param list steps: (lead id, moment, stage id or None, status), by moment; one per
        deal and moment
    :return: a statement that yields the ids of the deals, one per row written
    """
    lead_ids, moments, stages, statuses = ([*part] for part in zip(*steps, strict=True))
    return SQL(
        """
        WITH %(known)s,
        state AS (
            SELECT s.lead_id, s.moment, %(state)s
              FROM (SELECT *, LEAD(moment) OVER (
                                  PARTITION BY lead_id ORDER BY moment) IS NULL
                              AS is_last
                      FROM unnest(%(ids)s::int[], %(moments)s::timestamp[],
                                  %(stages)s::int[], %(statuses)s::varchar[])
                           AS given (lead_id, moment, stage_id, status)) s
              JOIN known n ON n.lead_id = s.lead_id
              CROSS JOIN LATERAL (
                   SELECT s.stage_id, NULL::int AS sales_process_id, n.user_id,
                          n.team_id, n.company_id, n.expected_revenue,
                          %(probability)s AS probability, n.date_deadline,
                          %(category)s AS forecast_category, s.status
                    WHERE NOT s.is_last
                   UNION ALL
                   SELECT %(present)s WHERE s.is_last) AS p
             WHERE n.until IS NULL OR s.moment < n.until
        ),
        %(chain)s
        SELECT lead_id FROM added
        """,
        known=_known(lead_ids),
        state=columns("p"),
        present=columns("n"),
        ids=lead_ids,
        moments=moments,
        stages=stages,
        statuses=statuses,
        probability=_probability(SQL("s.status")),
        category=_category(SQL("s.status")),
        chain=chain("import"),
    )


def chain(origin):
    """Make rows of ``state`` that lead to the first row there is, if any.

    Needs ``known`` and ``state(lead_id, moment, columns of STATE)`` with one state per
    deal and moment. What rows carry about their neighbours is left to ``derive`` where
    a first row goes on with the same stay, or with a process.

    :return: common table expressions; ``added`` has the rows written
    """
    stay = SQL("(stage_id, status, sales_process_id)")
    next_stay = SQL(
        "(LEAD(stage_id) OVER w, LEAD(status) OVER w, LEAD(sales_process_id) OVER w)"
    )
    last_stay = SQL(
        "(LAG(stage_id) OVER w, LAG(status) OVER w, LAG(sales_process_id) OVER w)"
    )
    return SQL(
        """
        walk AS (
            SELECT lead_id, moment, FALSE AS is_there, %(names)s FROM state
            UNION ALL
            SELECT n.lead_id, n.until, TRUE, %(known)s FROM known n
             WHERE n.until IS NOT NULL
               AND EXISTS (SELECT 1 FROM state s WHERE s.lead_id = n.lead_id)
        ),
        stays AS (
            SELECT *, LEAD(moment) OVER w AS date_to, LEAD(stage_id) OVER w AS to_stage,
                   LEAD(status) OVER w AS to_status,
                   LAG(moment) OVER w IS NULL
                   OR %(stay)s IS DISTINCT FROM %(last_stay)s AS enters,
                   LEAD(moment) OVER w IS NOT NULL
                   AND %(stay)s IS DISTINCT FROM %(next_stay)s AS leaves
              FROM walk
            WINDOW w AS (PARTITION BY lead_id ORDER BY moment)
        ),
        placed AS (
            SELECT *, MAX(moment) FILTER (WHERE enters)
                      OVER (PARTITION BY lead_id ORDER BY moment) AS stage_since
              FROM stays
        ),
        added AS (
            INSERT INTO sales_pipeline_history (
                lead_id, date_from, date_to, stage_since, origin, next_stage_id,
                next_status, dwell, %(names)s)
            SELECT lead_id, moment, date_to, stage_since, %(origin)s,
                   CASE WHEN leaves THEN to_stage END,
                   CASE WHEN leaves THEN to_status END,
                   CASE WHEN leaves THEN EXTRACT(EPOCH FROM date_to - stage_since) END,
                   %(names)s
              FROM placed
             WHERE NOT is_there
             ORDER BY lead_id, moment
            RETURNING lead_id, date_from, stage_id
        )
        """,
        names=names(),
        known=columns("n"),
        stay=stay,
        next_stay=next_stay,
        last_stay=last_stay,
        origin=origin,
    )


def mended(lead_ids):
    """What the last change of some deals was, in numbers of deals.

    :return: a statement that yields one row of counts, in the order of ``MENDED``
    """
    counts = [
        SQL(
            "COUNT(*) FILTER (WHERE p.id IS NOT NULL AND %s IS DISTINCT FROM %s)",
            SQL.identifier("p", column),
            SQL.identifier("h", column),
        )
        if column
        else SQL("COUNT(*) FILTER (WHERE p.id IS NULL)")
        for column in MENDED.values()
    ]
    return SQL(
        """
        SELECT %s
          FROM sales_pipeline_history h
          LEFT JOIN sales_pipeline_history p
                 ON p.lead_id = h.lead_id AND p.date_to = h.date_from
         WHERE h.date_to IS NULL AND h.lead_id = ANY (%s)
        """,
        SQL(", ").join(counts),
        lead_ids,
    )


# === PARTS === #


def _known(lead_ids):
    """How each deal looked at the end of its unknown past.

    That is its first row, which begins at ``until``, else how it looks now.
    """
    return SQL(
        """
        present AS (%(present)s),
        first_row AS (
            SELECT DISTINCT ON (h.lead_id) h.lead_id, h.date_from AS until, %(rows)s
              FROM sales_pipeline_history h
             WHERE h.lead_id = ANY (%(ids)s)
             ORDER BY h.lead_id, h.date_from
        ),
        known AS (
            SELECT n.lead_id, NULL::timestamp AS until, %(now)s FROM present n
             WHERE NOT EXISTS (SELECT 1 FROM first_row f WHERE f.lead_id = n.lead_id)
            UNION ALL
            SELECT f.lead_id, f.until, %(first)s
              FROM first_row f JOIN present n ON n.lead_id = f.lead_id
        )
        """,
        present=present_state(SQL("l.id = ANY (%s)", lead_ids)),
        rows=columns("h"),
        now=columns("n"),
        first=columns("f"),
        ids=lead_ids,
    )


def _said(lead_ids, tracked, words):
    """Every tracked change as numbers: field, old and new value; 0 is empty.

    Words become codes, dates days since 1970.
    """

    def value(side):
        number = SQL(" ").join(
            SQL(
                "WHEN %s THEN %s::float8",
                name,
                SQL.identifier("t", f"{side}_value_{kind}"),
            )
            for name, kind in NUMBERS.items()
        )
        return SQL(
            """
            COALESCE(CASE f.name %s
                WHEN 'date_deadline' THEN %s::date - DATE '1970-01-01'
                ELSE (SELECT w.code FROM word w
                       WHERE w.name = f.name AND w.word = %s)
            END, CASE WHEN f.name = ANY (%s) THEN -1 ELSE 0 END)
            """,
            number,
            SQL.identifier("t", f"{side}_value_datetime"),
            SQL.identifier("t", f"{side}_value_char"),
            list(WORDS),
        )

    return SQL(
        """
        word AS (
            SELECT * FROM unnest(%(fields)s::varchar[], %(words)s::varchar[],
                                 %(codes)s::int[]) AS w (name, word, code)
        ),
        said AS MATERIALIZED (
            SELECT m.res_id AS lead_id, COALESCE(m.date, m.create_date) AS moment,
                   t.id, f.name, %(old)s AS old, %(new)s AS new
              FROM mail_message m
              JOIN mail_tracking_value t ON t.mail_message_id = m.id
              JOIN unnest(%(tracked_ids)s::int[], %(tracked)s::varchar[])
                   AS f (id, name) ON f.id = t.field_id
             WHERE m.model = 'crm.lead' AND m.res_id = ANY (%(ids)s)
               AND COALESCE(m.subject, '') = ''
        )
        """,
        fields=[name for name, _word, _code in words],
        words=[word for _name, word, _code in words],
        codes=[code for _name, _word, code in words],
        old=value("old"),
        new=value("new"),
        tracked_ids=list(tracked.values()),
        tracked=list(tracked),
        ids=lead_ids,
    )


def _deal(now, installed):
    """Deals with their beginning in the pipeline, and their changes put in order.

    A change that the first row has recorded belongs to that row: it carries the same
    value and was tracked in the same minute.
    """
    return SQL(
        """
        deal AS (
            SELECT n.*, b.begin, l.date_last_stage_update AS staged,
                   CASE WHEN n.status = 'won'
                        THEN COALESCE(l.date_closed, l.date_last_stage_update)
                        ELSE l.date_closed END AS closed
              FROM known n
              JOIN crm_lead l ON l.id = n.lead_id
              LEFT JOIN (SELECT lead_id, MAX(moment) AS moment FROM said
                          WHERE name = 'type' AND new = 1 GROUP BY lead_id) c
                     ON c.lead_id = l.id
              CROSS JOIN LATERAL (
                   SELECT COALESCE(l.create_date, l.date_open, l.write_date, %(now)s)
                          AS created) d
              CROSS JOIN LATERAL (
                   SELECT LEAST(GREATEST(d.created, l.date_conversion,
                                CASE WHEN l.date_conversion IS NULL
                                     THEN c.moment END), %(now)s) AS begin) b
             WHERE n.until IS NULL OR (b.begin < n.until AND b.begin < %(installed)s)
        ),
        change AS MATERIALIZED (
            SELECT d.lead_id, s.name, s.old, s.new, s.moment AS said_at,
                   LEAST(GREATEST(s.moment, d.begin), %(now)s) AS moment,
                   ROW_NUMBER() OVER (PARTITION BY d.lead_id
                                      ORDER BY s.moment, s.id)::float8 AS seq,
                   d.until IS NOT NULL AND (
                       s.moment >= DATE_TRUNC('second', d.until)
                       OR s.moment >= d.until - INTERVAL '1 minute'
                          AND s.new = CASE s.name
                              WHEN 'stage_id' THEN COALESCE(d.stage_id, 0)
                              WHEN 'user_id' THEN COALESCE(d.user_id, 0)
                              WHEN 'team_id' THEN COALESCE(d.team_id, 0)
                              WHEN 'expected_revenue' THEN d.expected_revenue
                              WHEN 'won_status' THEN %(code)s
                              WHEN 'active' THEN (d.status <> 'lost')::int END
                   ) AS is_recorded
              FROM said s JOIN deal d ON d.lead_id = s.lead_id
             WHERE s.name <> 'type'
        )
        """,
        now=now,
        installed=installed,
        code=SQL("ARRAY_POSITION(%s, d.status::text) - 1", STATUS_OF_CODE),
    )


def _told(won_stages, now):
    """Per deal: what was before the first change, what the last one says, and gaps.

    ``stage_at`` and ``closed_at`` are moments that the deal knows and no tracking.
    """

    def before(name):
        return SQL(
            "(MIN(ARRAY[c.seq, c.old]) FILTER (WHERE c.name = %s))[2] AS %s",
            name,
            SQL.identifier(f"old_{name}"),
        )

    def after(name):
        return SQL(
            "(MAX(ARRAY[c.seq, c.new])"
            " FILTER (WHERE c.name = %s AND NOT c.is_recorded))[2] AS %s",
            name,
            SQL.identifier(f"new_{name}"),
        )

    every = [name for name in TRACKED if name != "type"]
    return SQL(
        """
        gathered AS (
            SELECT c.lead_id, %(before)s, %(after)s,
                   MAX(c.moment) FILTER (WHERE c.name = 'stage_id'
                                           AND NOT c.is_recorded) AS stage_moment,
                   MIN(c.seq) FILTER (WHERE c.name = 'won_status') AS word_seq,
                   MIN(c.seq) FILTER (WHERE c.name IN ('stage_id', 'active'))
                       AS move_seq
              FROM change c GROUP BY c.lead_id
        ),
        gap AS (
            SELECT d.lead_id, d.status, d.until, g.*, e.closed_at,
                   CASE WHEN g.new_stage_id IS DISTINCT FROM COALESCE(d.stage_id, 0)
                             AND NOT (g.new_stage_id IS NULL
                                      AND g.old_stage_id IS NOT NULL)
                        THEN CASE
                            WHEN d.status = 'won' AND e.closed_at IS NOT NULL
                            THEN e.closed_at
                            WHEN d.staged > GREATEST(g.stage_moment,
                                     d.begin + INTERVAL '1 second')
                                 AND (d.until IS NULL
                                      OR d.staged < d.until - INTERVAL '1 minute')
                                 AND d.staged <= %(now)s
                            THEN d.staged END
                   END AS stage_at,
                   d.begin, COALESCE(d.stage_id, 0) AS stage_id,
                   COALESCE(d.user_id, 0) AS user_id,
                   COALESCE(d.team_id, 0) AS team_id, d.expected_revenue
              FROM deal d
              LEFT JOIN (SELECT lead_id AS said_of, %(gathered)s, stage_moment,
                                word_seq, move_seq FROM gathered) g
                     ON g.said_of = d.lead_id
              CROSS JOIN LATERAL (
                   SELECT CASE WHEN d.status <> 'open' AND d.closed > d.begin
                                AND (d.until IS NULL
                                     OR d.closed < d.until - INTERVAL '1 minute')
                                AND d.closed <= %(now)s
                                AND CASE d.status
                                    WHEN 'won' THEN g.new_won_status IS DISTINCT FROM 1
                                     AND (g.new_won_status >= 0
                                          OR NOT COALESCE(
                                             g.new_stage_id = ANY (%(won)s), FALSE))
                                    ELSE g.new_won_status IS DISTINCT FROM 2
                                     AND (g.new_won_status >= 0
                                          OR g.new_active IS DISTINCT FROM 0) END
                               THEN d.closed END AS closed_at) e
        ),
        told AS MATERIALIZED (
            SELECT g.*,
                   -- Nothing was tracked, but the deal says its stage is younger
                   CASE WHEN old_stage_id IS NULL AND stage_at IS NOT NULL THEN 0
                        ELSE COALESCE(old_stage_id, stage_id) END AS first_stage_id,
                   stage_at IS NULL AND until IS NULL
                       AND new_stage_id <> stage_id AS lost_stage,
                   until IS NULL AND ABS(new_expected_revenue - expected_revenue)
                       >= 0.005 AS lost_amount,
                   until IS NULL AND new_user_id <> user_id AS lost_user,
                   until IS NULL AND new_team_id <> team_id AS lost_team,
                   closed_at IS NULL AND until IS NULL AND status <> 'open'
                       AND COALESCE(new_won_status, -1) < 0
                       AND CASE status
                           WHEN 'won' THEN NOT COALESCE(
                               new_stage_id = ANY (%(won)s), FALSE)
                           ELSE new_active IS DISTINCT FROM 0 END AS lost_status,
                   new_date_deadline IS NOT NULL AS has_deadline,
                   new_probability IS NOT NULL AS has_probability
              FROM gap g
        )
        """,
        before=SQL(", ").join(map(before, every)),
        after=SQL(", ").join(map(after, every)),
        gathered=names([f"{side}_{name}" for side in ("old", "new") for name in every]),
        won=won_stages,
        now=now,
    )


def _moments():
    """One row per deal and moment at which something changed: the new values."""

    def value(name):
        return SQL(
            "MAX(ARRAY[e.seq, e.new]) FILTER (WHERE e.name = %s) AS %s",
            name,
            SQL.identifier(name),
        )

    every = [name for name in TRACKED if name != "type"]
    return SQL(
        """
        event AS (
            SELECT lead_id, moment, seq, name, new FROM change WHERE NOT is_recorded
            UNION ALL
            SELECT lead_id, begin, 0, '', NULL FROM told
            UNION ALL
            SELECT lead_id, stage_at, 1e9, 'stage_id', stage_id FROM told
             WHERE stage_at IS NOT NULL
            UNION ALL
            SELECT lead_id, closed_at, 1e9, 'won_status',
                   CASE status WHEN 'won' THEN 1 ELSE 2 END FROM told
             WHERE closed_at IS NOT NULL
            UNION ALL
            SELECT lead_id, stage_at, 1e9, 'won_status', 0 FROM told
             WHERE stage_at IS NOT NULL AND status = 'open'
        ),
        moments AS (
            SELECT e.lead_id, e.moment, %(values)s,
                   ROW_NUMBER() OVER (PARTITION BY e.lead_id
                                      ORDER BY e.moment)::float8 AS place
              FROM event e GROUP BY e.lead_id, e.moment
        )
        """,
        values=SQL(", ").join(map(value, every)),
    )


def _state(won_stages, status_tracked):
    """What held after each moment; only moments at which the deal looked different.

    ``said_status`` is what a moment says about won and lost. Since Odoo tracks that,
    a move alone says nothing.
    """

    def running(name):
        """The last value up to this moment."""
        column = SQL.identifier("m", name)
        return SQL(
            "(MAX(ARRAY[m.place, (%s)[2]]) FILTER (WHERE %s IS NOT NULL) OVER w)[2]",
            column,
            column,
        )

    return SQL(
        """
        carried AS (
            SELECT m.lead_id, m.moment, m.place, t.until,
                   LEAD(m.moment) OVER w IS NULL AND t.until IS NULL AS is_present,
                   COALESCE(%(stage)s, t.first_stage_id) AS stage,
                   COALESCE(%(user)s, t.old_user_id, t.user_id) AS owner,
                   COALESCE(%(team)s, t.old_team_id, t.team_id) AS team,
                   COALESCE(%(company)s, t.old_company_id) AS company,
                   COALESCE(%(amount)s, t.old_expected_revenue, t.expected_revenue)
                       AS amount,
                   COALESCE(%(probability)s, t.old_probability) AS probability,
                   COALESCE(%(deadline)s, t.old_date_deadline) AS deadline,
                   COALESCE(%(active)s, t.old_active, 1) AS active,
                   m.won_status[2] AS word,
                   (m.stage_id IS NOT NULL OR m.active IS NOT NULL) AS moves,
                   t.word_seq, t.move_seq, t.old_won_status, t.old_active,
                   t.first_stage_id, t.closed_at, t.status AS known_status
              FROM moments m JOIN told t ON t.lead_id = m.lead_id
            WINDOW w AS (PARTITION BY m.lead_id ORDER BY m.place)
        ),
        judged AS (
            SELECT c.*,
                   CASE WHEN word >= 0 THEN word
                        WHEN moves AND (word = -1 OR %(tracked)s::timestamp IS NULL
                                        OR c.moment < %(tracked)s)
                        THEN %(derived)s END AS said_status,
                   CASE WHEN old_won_status >= 0
                             AND (move_seq IS NULL OR word_seq <= move_seq
                                  OR %(tracked)s <= first_moment)
                        THEN old_won_status
                        WHEN move_seq IS NOT NULL OR old_won_status IS NOT NULL
                        THEN CASE WHEN first_stage_id = ANY (%(won)s) THEN 1
                                  WHEN old_active = 0 THEN 2 ELSE 0 END
                        WHEN closed_at IS NOT NULL THEN 0
                        ELSE ARRAY_POSITION(%(statuses)s, known_status::text) - 1
                    END AS first_status
              FROM (SELECT *, MIN(moment) OVER (PARTITION BY lead_id)
                              AS first_moment FROM carried) c
        ),
        complete AS (
            SELECT j.lead_id, j.moment, j.is_present,
                   CASE WHEN is_present THEN k.stage_id ELSE st.id END AS stage_id,
                   CASE WHEN is_present THEN k.user_id ELSE u.id END AS user_id,
                   CASE WHEN is_present THEN k.team_id ELSE te.id END AS team_id,
                   CASE WHEN is_present OR j.company IS NULL THEN k.company_id
                        ELSE co.id END AS company_id,
                   CASE WHEN is_present THEN k.expected_revenue
                        ELSE j.amount::numeric END AS expected_revenue,
                   CASE WHEN is_present AND j.probability IS NOT NULL
                        THEN k.probability ELSE j.probability END AS probability,
                   CASE WHEN is_present AND j.deadline IS NOT NULL
                        THEN k.date_deadline
                        ELSE DATE '1970-01-01' + NULLIF(j.deadline, 0)::int
                    END AS date_deadline,
                   CASE WHEN is_present THEN k.status
                        ELSE %(statuses)s[1 + j.code::int] END AS status
              FROM (SELECT *, COALESCE((MAX(ARRAY[place, said_status])
                                 FILTER (WHERE said_status IS NOT NULL)
                                 OVER (PARTITION BY lead_id ORDER BY place))[2],
                                 first_status) AS code
                      FROM judged) j
              JOIN known k ON k.lead_id = j.lead_id
              LEFT JOIN crm_stage st ON st.id = j.stage
              LEFT JOIN res_users u ON u.id = j.owner
              LEFT JOIN crm_team te ON te.id = j.team
              LEFT JOIN res_company co ON co.id = j.company
        ),
        different AS (
            SELECT * FROM (
                SELECT *, LAG(moment) OVER w IS NULL
                          OR (%(core)s) IS DISTINCT FROM (%(core_before)s) AS differs
                  FROM complete
                WINDOW w AS (PARTITION BY lead_id ORDER BY moment)) c
             WHERE differs
        ),
        state AS (
            SELECT d.lead_id, d.moment, %(final)s
              FROM (SELECT *, until IS NULL AND LEAD(moment) OVER (
                                  PARTITION BY lead_id ORDER BY moment) IS NULL
                              AS is_last
                      FROM different JOIN (SELECT lead_id AS of, until FROM known) k
                        ON k.of = lead_id) d
              JOIN known n ON n.lead_id = d.lead_id
              CROSS JOIN LATERAL (
                   SELECT d.stage_id, NULL::int AS sales_process_id, d.user_id,
                          d.team_id, d.company_id, d.expected_revenue,
                          COALESCE(d.probability, %(by_status)s) AS probability,
                          d.date_deadline, %(category)s AS forecast_category, d.status
                    WHERE NOT d.is_last
                   UNION ALL
                   SELECT %(present)s WHERE d.is_last) AS p
        )
        """,
        tracked=status_tracked,
        stage=running("stage_id"),
        user=running("user_id"),
        team=running("team_id"),
        company=running("company_id"),
        amount=running("expected_revenue"),
        probability=running("probability"),
        deadline=running("date_deadline"),
        active=running("active"),
        derived=SQL(
            "CASE WHEN stage = ANY (%s) THEN 1 WHEN active = 0 THEN 2 ELSE 0 END",
            won_stages,
        ),
        won=won_stages,
        statuses=STATUS_OF_CODE,
        core=names((*CORE, "status", "probability", "date_deadline")),
        core_before=SQL(", ").join(
            SQL("LAG(%s) OVER w", SQL.identifier(name))
            for name in (*CORE, "status", "probability", "date_deadline")
        ),
        final=columns("p"),
        present=columns("n"),
        by_status=_probability(SQL("d.status")),
        category=_category(SQL("d.status")),
    )


def _probability(status):
    """Known without tracking only where the deal was closed."""
    return SQL("CASE %s WHEN 'won' THEN 100 WHEN 'lost' THEN 0 END::float8", status)


def _category(status):
    return SQL(
        "CASE %s WHEN 'won' THEN 'closed' WHEN 'lost' THEN 'omitted'"
        " ELSE 'pipeline' END::varchar",
        status,
    )
