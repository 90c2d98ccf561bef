"""Which learnt rate a deal goes by, found by functions in the database.

The trigger that keeps the figures of a deal asks for every change, so it is a look at
one small table, with plans that PostgreSQL keeps for the session.
"""

from odoo.tools import SQL

# How many units of the currency one unit of the main company's is worth today.
RATE = """
    COALESCE((SELECT r.rate FROM res_currency_rate r
               WHERE r.currency_id = {currency} AND (r.company_id IS NULL OR
                     r.company_id = split_part({company}.parent_path, '/', 1)::int)
               ORDER BY (r.name <= current_date) DESC, r.company_id,
                        CASE WHEN r.name <= current_date THEN r.name END DESC, r.name
               LIMIT 1), 1)
"""
# From which amount on, in the currency of the company ``c``, a criterion ``k`` of the
# process ``p`` is asked.
THRESHOLD = f"""
    CASE WHEN COALESCE(k.minimum_amount, 0) = 0 THEN '-infinity'::float8
         ELSE k.minimum_amount * {RATE.format(currency="c.currency_id", company="c")}
              / {RATE.format(currency="p.currency_id", company="c")} - 0.005 END
"""
# What people have to confirm. Facts that the system finds by itself are recorded only
# when a stage is left, so nobody can say of the past since when they were there.
BY_PEOPLE = "k.verifier <> 'system' AND k.severity <> 'advisory'"
# Evidence that settles a criterion while the deal is still in the stage.
BY_HAND = "e.source NOT IN ('gate', 'skip')"

SIGNATURES = (
    "sales_forecast_chance (crm_lead)",
    "sales_forecast_rate (crm_lead)",
    "sales_forecast_proof (crm_lead)",
)
# ``complete`` or ``incomplete``; ``any`` where nobody has to confirm anything.
PROOF = f"""
    SELECT CASE WHEN COUNT(*) = 0 THEN 'any' WHEN BOOL_AND(x.proven) THEN 'complete'
                ELSE 'incomplete' END
      FROM (
        SELECT EXISTS (
               SELECT 1 FROM sales_evidence e
                WHERE e.lead_id = lead.id AND e.criterion_key = k.key AND {BY_HAND}
                  AND e.state IN ('verified', 'waived')
                  AND (e.date_expiry IS NULL OR e.date_expiry > moment)
                  AND NOT EXISTS (
                      SELECT 1 FROM sales_evidence e2
                       WHERE e2.lead_id = lead.id AND e2.criterion_key = k.key
                         AND e2.id > e.id AND e2.state = 'rejected')) AS proven
          FROM sales_process_criterion k
          JOIN sales_process p ON p.id = k.process_id
          LEFT JOIN res_company c ON c.id = owner
         WHERE k.process_stage_id = lead.sales_stage_id AND {BY_PEOPLE}
           AND (COALESCE(k.minimum_amount, 0) = 0
                OR COALESCE(lead.expected_revenue, 0) >= {THRESHOLD})) x
"""
OWNER = """
    COALESCE(lead.company_id, (
        SELECT u.company_id FROM res_users u WHERE u.id = lead.user_id))
"""
# The row of the latest age that the deal has reached, by its evidence if that was
# learnt; none where nothing was learnt.
FIND = """
    SELECT r.id
      FROM sales_forecast_rate r
     WHERE r.company_id = owner AND r.stage_id = lead.stage_id
       AND COALESCE(r.process_id, 0) = COALESCE((
           SELECT p.family_id FROM sales_process p WHERE p.id = lead.sales_process_id
           ), 0)
       AND r.age_from <= COALESCE(GREATEST(date_part(
           'day', moment - lead.date_last_stage_update), 0), 0)
       AND r.evidence IN ('any', sales_forecast_proof (lead))
     ORDER BY r.age_from DESC, r.evidence = 'any' LIMIT 1
"""


def create_functions(cr):
    """Install the functions; the table they read comes later."""
    for signature, result, statement in (
        ("sales_forecast_proof (lead crm_lead)", "text", PROOF),
        ("sales_forecast_rate (lead crm_lead)", "integer", FIND),
        (
            "sales_forecast_chance (lead crm_lead)",
            "float8",
            "SELECT r.chance FROM sales_forecast_rate r"
            " WHERE r.id = sales_forecast_rate (lead)",
        ),
    ):
        cr.execute(
            SQL(
                "CREATE FUNCTION %s RETURNS %s LANGUAGE plpgsql STABLE AS %s",
                SQL(signature),
                SQL(result),
                f"DECLARE owner integer = {OWNER};"
                " moment timestamp = now() AT TIME ZONE 'UTC';"
                f" BEGIN RETURN ({statement}); END",
            )
        )


def drop_functions(cr):
    """Remove the functions; nothing else refers to them."""
    for signature in SIGNATURES:
        cr.execute(SQL("DROP FUNCTION IF EXISTS %s", SQL(signature)))
