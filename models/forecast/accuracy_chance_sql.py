"""The learnt chance of an open deal as it was known at a moment of the past.

As ``chance_sql`` finds it for the present: the latest age the deal had reached in its
stage, by its evidence if that was learnt. The rates are those learnt at the beginning
of the month the moment lies in, so from nothing that came later.
"""

from odoo.tools import SQL

from .chance_sql import BY_HAND, BY_PEOPLE, THRESHOLD

# Ages are steps: a rate holds until the next one begins. Deals with and without all
# that has to be confirmed go by their own rate where there is one for the age.
TABLES = """
    learnt AS MATERIALIZED (
        SELECT m.moment, r.id IS NOT NULL AS known
          FROM (SELECT DISTINCT learnt AS moment FROM moment) m
          LEFT JOIN sales_forecast_rate_past r
                 ON r.company_id = %(company)s AND r.moment = m.moment
                AND r.stage_id IS NULL),
    rate AS MATERIALIZED (
        SELECT x.*, LEAD(x.age_from) OVER (
                   PARTITION BY x.moment, x.process_id, x.stage_id, x.proof
                   ORDER BY x.age_from) AS age_to
          FROM (
            SELECT DISTINCT ON (
                       r.moment, r.process_id, r.stage_id, c.proof, r.age_from)
                   r.moment, COALESCE(r.process_id, 0) AS process_id, r.stage_id,
                   c.proof, r.age_from, r.chance
              FROM sales_forecast_rate_past r
              JOIN learnt ON learnt.moment = r.moment
              JOIN (VALUES ('any'), ('complete'), ('incomplete')) AS c (proof)
                ON r.evidence IN ('any', c.proof)
             WHERE r.company_id = %(company)s
             ORDER BY r.moment, r.process_id, r.stage_id, c.proof, r.age_from,
                      r.evidence = 'any') x),
    asked AS MATERIALIZED (
        SELECT s.process_id, s.stage_id, k.key, {threshold} AS threshold
          FROM sales_process_criterion k
          JOIN sales_process_stage s ON s.id = k.process_stage_id
          JOIN sales_process p ON p.id = s.process_id
          JOIN res_company c ON c.id = %(company)s
         WHERE {by_people}),
    proof AS MATERIALIZED (
        SELECT e.lead_id, e.criterion_key AS key, e.state,
               COALESCE(e.date_verified, e.date_submitted) AS since,
               COALESCE(LEAST(e.date_expiry, MIN(e.date_verified)
                   FILTER (WHERE e.state = 'rejected') OVER (
                       PARTITION BY e.lead_id, e.criterion_key ORDER BY e.id
                       ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)),
                   'infinity') AS until
          FROM sales_evidence e
         WHERE {by_hand} AND e.criterion_key IN (SELECT key FROM asked)),
    proven AS MATERIALIZED (
        SELECT o.id, o.at, CASE WHEN BOOL_AND(EXISTS (
                   SELECT 1 FROM proof p
                    WHERE p.lead_id = o.lead_id AND p.key = a.key
                      AND p.state IN ('verified', 'waived', 'expired')
                      AND p.since < o.at AND p.until >= o.at))
               THEN 'complete' ELSE 'incomplete' END AS proof
          FROM opens o
          JOIN asked a ON a.process_id = o.sales_process_id
                      AND a.stage_id = o.stage_id AND o.value >= a.threshold
         GROUP BY o.id, o.at),
"""
JOIN = """
    JOIN learnt ON learnt.moment = o.learnt
    LEFT JOIN sales_process family ON family.id = o.sales_process_id
    LEFT JOIN proven ON proven.id = o.id AND proven.at = o.at
    LEFT JOIN rate ON rate.moment = o.learnt AND rate.stage_id = o.stage_id
         AND rate.process_id = COALESCE(family.family_id, 0)
         AND rate.proof = COALESCE(proven.proof, 'any')
         AND rate.age_from <= date_part('day', o.at - o.stage_since)
         AND (rate.age_to IS NULL
              OR rate.age_to > date_part('day', o.at - o.stage_since))
"""
# Nothing is known while the month is not learnt; what has no closed deals goes by its
# stage, as it does today.
VALUE = """
    CASE WHEN learnt.known
         THEN COALESCE(rate.chance, ps.probability, o.probability) END
"""


class PastChances:
    """What ``accuracy_sql.Past`` takes as ``chances``.

    :param int company_id: whose rates
    """

    def __init__(self, company_id):
        text = TABLES.format(threshold=THRESHOLD, by_people=BY_PEOPLE, by_hand=BY_HAND)
        self.tables = SQL(text, company=company_id)
        self.join = SQL(JOIN)
        self.value = SQL(VALUE)
