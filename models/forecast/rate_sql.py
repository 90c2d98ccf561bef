"""What became of the deals of a company, counted in one statement.

Every deal counts once for each stage it was in, with its longest stay there, at each
age that stay reached. ``moment`` says when one looks: what happened later is unknown.
"""

from odoo.tools import SQL

from .chance_sql import BY_HAND, BY_PEOPLE, THRESHOLD

# In days: a period that ends as an age is reached does not touch it.
A_MOMENT = 1e-9
# The longest stay of a deal in each stage, and what became of the deal.
STAYS = """
    stays AS MATERIALIZED (
        SELECT DISTINCT ON (h.lead_id, p.family_id, h.stage_id)
               h.lead_id, p.family_id, h.stage_id, h.sales_process_id AS process_id,
               h.stage_since AS since, d.status,
               COALESCE(h.expected_revenue, 0) AS amount,
               LEAST(h.date_to, %(moment)s) AS until,
               width_bucket(date_part('day', LEAST(h.date_to, %(moment)s)
                   - h.stage_since), %(ages)s::float8[]) AS reached,
               CASE WHEN d.status = 'open' THEN %(moment)s ELSE d.stage_since END
                   AS ended
          FROM sales_pipeline_history h
          JOIN sales_pipeline_history d
            ON d.lead_id = h.lead_id AND d.date_from <= %(moment)s
           AND (d.date_to IS NULL OR d.date_to > %(moment)s)
          LEFT JOIN res_users u ON u.id = d.user_id
          LEFT JOIN sales_process p ON p.id = h.sales_process_id
         -- Not by COALESCE, of which PostgreSQL would expect next to nothing
         WHERE (d.company_id = %(company)s
                OR d.company_id IS NULL AND u.company_id = %(company)s)
           AND h.status = 'open' AND h.date_from <= %(moment)s
           AND (h.date_to IS NULL OR h.next_status IS NOT NULL
                OR h.date_to > %(moment)s)
           AND {where}
         ORDER BY h.lead_id, p.family_id, h.stage_id,
                  LEAST(h.date_to, %(moment)s) - h.stage_since DESC)
"""
# Evidence: what was asked of a stay, when each of it was proven, the periods in which
# all of it was, and the ages which they touch. A period begins where something is
# proven and the rest is too, and ends with the first of it that lapses; ``begins`` says
# that it was on when the age was reached.
PROOFS = f"""
    asked AS MATERIALIZED (
        SELECT s.process_id, s.stage_id, k.key, {THRESHOLD} AS threshold
          FROM sales_process_criterion k
          JOIN sales_process_stage s ON s.id = k.process_stage_id
          JOIN sales_process p ON p.id = s.process_id
          JOIN res_company c ON c.id = %(company)s
         WHERE {BY_PEOPLE}),
    asking AS MATERIALIZED (
        SELECT t.lead_id, t.family_id, t.stage_id, t.since, t.until, t.status,
               t.reached, ARRAY_AGG(a.key) AS keys
          FROM stays t
          JOIN asked a USING (process_id, stage_id)
         WHERE t.status <> 'open' AND t.amount >= a.threshold
         GROUP BY 1, 2, 3, 4, 5, 6, 7),
    proofs AS MATERIALIZED (
        SELECT a.lead_id, a.stage_id, a.family_id, a.status, a.reached,
               a.since AS entered, a.until AS left_at, cardinality(a.keys) AS asked,
               e.key, e.since, e.until
          FROM asking a
          JOIN (
            SELECT e.lead_id, e.criterion_key AS key, e.state,
                   COALESCE(e.date_verified, e.date_submitted) AS since,
                   COALESCE(LEAST(e.date_expiry, MIN(e.date_verified)
                       FILTER (WHERE e.state = 'rejected') OVER (
                           PARTITION BY e.lead_id, e.criterion_key ORDER BY e.id
                           ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)),
                       'infinity') AS until
              FROM sales_evidence e WHERE {BY_HAND}) e
            ON e.lead_id = a.lead_id AND e.key = ANY (a.keys)
           AND e.state IN ('verified', 'waived', 'expired')
           AND e.since < a.until AND e.until > a.since),
    stay_proofs AS MATERIALIZED (
        SELECT lead_id, stage_id, family_id, status, reached, entered, left_at, asked,
               COUNT(DISTINCT key) AS proven, COUNT(*) AS number, MAX(since) AS since,
               MIN(until) AS until, ARRAY_AGG(key) AS keys, ARRAY_AGG(since) AS sinces,
               ARRAY_AGG(until) AS untils
          FROM proofs GROUP BY 1, 2, 3, 4, 5, 6, 7, 8),
    periods AS (
        SELECT lead_id, stage_id, family_id, status, reached,
               date_part('epoch', p.since - entered) / 86400 AS from_age,
               CASE WHEN p.until <= left_at
                    THEN date_part('epoch', p.until - entered) / 86400 END AS to_age
          FROM stay_proofs s
          CROSS JOIN LATERAL (
            SELECT s.since, s.until WHERE s.number = s.asked AND s.since < s.until
            UNION ALL
            SELECT x.since, MIN(x.until)  -- something was proven more than once
              FROM (
                SELECT c.since, e.key, MAX(e.until) AS until
                  FROM UNNEST(s.sinces) AS c (since)
                  JOIN UNNEST(s.keys, s.sinces, s.untils) AS e (key, since, until)
                    ON e.since <= c.since AND e.until > c.since
                 WHERE s.number > s.asked
                 GROUP BY 1, 2) x
             GROUP BY x.since HAVING COUNT(*) = s.asked) p
         WHERE s.proven = s.asked),
    complete AS MATERIALIZED (
        SELECT lead_id, stage_id, family_id, status, bucket,
               BOOL_OR(from_age <= (%(ages)s::float8[])[bucket]) AS begins
          FROM periods
          CROSS JOIN LATERAL generate_series(
               GREATEST(width_bucket(from_age, %(ages)s::float8[]), 1),
               CASE WHEN to_age IS NULL THEN reached
                    ELSE width_bucket(to_age - {A_MOMENT}, %(ages)s::float8[]) END)
               bucket
         GROUP BY 1, 2, 3, 4, 5)
"""
COUNTS = """
    SELECT 'all', family_id, stage_id, reached, 0,
           COUNT(*) FILTER (WHERE status = 'won'), COUNT(*)
      FROM stays WHERE status <> 'open' GROUP BY 2, 3, 4
    UNION ALL
    SELECT 'days', family_id, stage_id, reached, date_part('day', ended - since)::int,
           COUNT(*) FILTER (WHERE status <> 'open'),
           COUNT(*) FILTER (WHERE status = 'open')
      FROM stays GROUP BY 2, 3, 4, 5
    UNION ALL
    SELECT 'asked', family_id, stage_id, reached, 0,
           COUNT(*) FILTER (WHERE status = 'won'), COUNT(*)
      FROM asking GROUP BY 2, 3, 4
    UNION ALL
    SELECT 'complete', family_id, stage_id, bucket, 0,
           COUNT(*) FILTER (WHERE status = 'won'), COUNT(*)
      FROM complete GROUP BY 2, 3, 4
    UNION ALL
    SELECT 'began_complete', family_id, stage_id, bucket, 0,
           COUNT(*) FILTER (WHERE status = 'won'), COUNT(*)
      FROM complete WHERE begins GROUP BY 2, 3, 4
"""
# The closed deals that a rate was learnt from, by its evidence.
CASES = {
    "any": "SELECT lead_id FROM stays WHERE status <> 'open' AND reached >= %(bucket)s",
    "complete": "SELECT lead_id FROM complete WHERE bucket = %(bucket)s",
    "incomplete": """
        SELECT lead_id FROM asking WHERE reached >= %(bucket)s
        EXCEPT SELECT lead_id FROM complete WHERE bucket = %(bucket)s AND begins
    """,
}


def counts(company_id, moment, ages):
    """What became of the deals of a company.

    :param datetime moment: naive UTC
    :param ages: days, ascending, from 0
    :return: a statement that yields (what, first version of the process or None, stage,
        how many of ``ages`` were reached, days until it ended, won, closed); for
        ``days``, the last two are how many ended and how many did not
    """
    return SQL(
        f"WITH {STAYS.format(where='h.stage_id IS NOT NULL')}, {PROOFS} {COUNTS}",
        company=company_id,
        moment=moment,
        ages=list(ages),
    )


def cases(rate, bucket, ages):
    """The ids of the deals that a rate was learnt from, as they were then."""
    mine = "h.stage_id = %(stage)s AND p.family_id IS NOT DISTINCT FROM %(process)s"
    return SQL(
        f"WITH {STAYS.format(where=mine)}, {PROOFS} {CASES[rate.evidence]}",
        company=rate.company_id.id,
        moment=rate.date_learnt,
        ages=list(ages),
        stage=rate.stage_id.id,
        process=rate.process_id.id or None,
        bucket=bucket,
    )


STAGE_CHANCES = """
    SELECT DISTINCT ON (p.family_id, s.stage_id)
           p.family_id, s.stage_id, s.probability
      FROM sales_process_stage s JOIN sales_process p ON p.id = s.process_id
     WHERE s.probability IS NOT NULL
     ORDER BY p.family_id, s.stage_id, p.state = 'live' DESC, p.id DESC
"""


def stage_chances():
    """Percentages of stages in the live, else the latest version of each process."""
    return SQL(STAGE_CHANCES)
