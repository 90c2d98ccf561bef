"""What a deal counts in the forecast, worked out by the database itself.

Category, probability, value and weighted revenue of a deal are columns of ``crm_lead``
that a trigger keeps. Odoo's scoring job writes probabilities by SQL, past the ORM, so
nothing else could keep them right at every moment. The trigger and whoever asks whether
a column is still right after a setting changed (:func:`refresh`) use one function.
"""

from odoo.tools import SQL

from ..pipeline.history_sql import CATEGORY
from . import chance_sql

# Compiling a statement of this size takes longer than running it, and by default the
# database would sort on disk what fits into memory.
FAST = SQL("SET LOCAL jit = off; SET LOCAL work_mem = '64MB'")
# The company whose settings and currency count for a deal ``l`` of the user ``u``.
COMPANY = SQL("COALESCE(l.company_id, u.company_id)")
# Whether a table with ``company_id`` and ``user_id`` has a row of that company. Without
# a join: it would be done for each of a million deals, of which next to none needs it.
OF_COMPANY = """({0}.company_id = %s OR {0}.company_id IS NULL AND {0}.user_id IN (
    SELECT u.id FROM res_users u WHERE u.company_id = %s))"""
IS_OPEN = SQL("(l.type = 'opportunity' AND l.active AND l.won_status = 'pending')")

# Kept by the trigger.
KEPT = (
    "sales_forecast_category",
    "sales_forecast_probability",
    "sales_forecast_value",
    "sales_forecast_revenue",
)
# Columns of a deal from which they follow.
FOLLOWED = (
    "type",
    "active",
    "won_status",
    "sales_stage_id",
    "sales_forecast_choice",
    "expected_revenue",
    "recurring_revenue",
    "probability",
    "automated_probability",
    "company_id",
    "user_id",
    "date_last_stage_update",
)
# Chance of an open deal ``lead`` in the process stage ``ps``, by the method of its
# company. A deal outside any process has no stage percentage, and Odoo's own is the
# only one there is.
CHANCES = {
    "stage": "COALESCE(ps.probability, lead.probability)",
    "calibrated": "sales_forecast_chance(lead)",
    "score": "lead.automated_probability",
    "manual": "lead.probability",
}

STATE_SIGNATURE = "sales_forecast_state (crm_lead)"
STATE = """
BEGIN
    IF lead.type IS DISTINCT FROM 'opportunity' THEN
        RETURN;
    END IF;
    SELECT c.sales_forecast_method, r.rounding INTO company
      FROM res_company c
      JOIN res_currency r ON r.id = c.currency_id
     WHERE c.id = COALESCE(lead.company_id, (
           SELECT u.company_id FROM res_users u WHERE u.id = lead.user_id));
    SELECT s.probability, s.forecast_category INTO ps
      FROM sales_process_stage s WHERE s.id = lead.sales_stage_id;
    category = {category};
    probability = CASE lead.won_status WHEN 'won' THEN 100 WHEN 'lost' THEN 0
        ELSE COALESCE(CASE company.sales_forecast_method {chances} END,
                      ps.probability, lead.probability, 0) END;
    value = COALESCE(lead.expected_revenue, 0) + COALESCE(lead.recurring_revenue, 0);
    step = COALESCE(NULLIF(company.rounding, 0), 0.01);
    revenue = CASE WHEN category = 'omitted' THEN 0
        ELSE ROUND(value * probability::numeric / 100 / step) * step END;
END
"""
FOLLOW = """
BEGIN
    SELECT s.category, s.probability, s.value, s.revenue
      INTO NEW.sales_forecast_category, NEW.sales_forecast_probability,
           NEW.sales_forecast_value, NEW.sales_forecast_revenue
      FROM sales_forecast_state (NEW) s;
    RETURN NEW;
END
"""


def of_company(alias, company_id):
    """The condition that a row belongs to a company, by itself or by its person.

    :param str alias: of a table with ``company_id`` and ``user_id``
    """
    return SQL(OF_COMPANY.format(alias), company_id, company_id)


def create_functions(cr):
    """Install or renew functions and trigger, as their text belongs to this version."""
    chances = " ".join(f"WHEN '{name}' THEN {sql}" for name, sql in CHANCES.items())
    body = STATE.format(
        category=CATEGORY.format(lead="lead", stage="ps"), chances=chances
    )
    drop_functions(cr)
    chance_sql.create_functions(cr)
    cr.execute(
        SQL(
            """
            CREATE FUNCTION sales_forecast_state (
                lead crm_lead, OUT category varchar, OUT probability float8,
                OUT value numeric, OUT revenue numeric)
            LANGUAGE plpgsql STABLE AS %s
            """,
            f"DECLARE company record; ps record; step numeric; {body}",
        )
    )
    cr.execute(
        SQL(
            "CREATE FUNCTION sales_forecast_follow () RETURNS trigger"
            " LANGUAGE plpgsql AS %s",
            FOLLOW,
        )
    )
    cr.execute(
        SQL(
            "CREATE TRIGGER sales_forecast_follow BEFORE INSERT OR UPDATE OF %s"
            " ON crm_lead FOR EACH ROW EXECUTE FUNCTION sales_forecast_follow ()",
            SQL(", ").join(map(SQL.identifier, FOLLOWED + KEPT)),
        )
    )


def create_statistics(cr):
    """Have PostgreSQL know how many deals are open: it takes the three columns for
    independent, expects a fraction of the deals and sorts what it should hash."""
    cr.execute(
        SQL(
            "CREATE STATISTICS IF NOT EXISTS sales_forecast_deals"
            " ON type, active, won_status FROM crm_lead"
        )
    )


def drop_statistics(cr):
    cr.execute(SQL("DROP STATISTICS IF EXISTS sales_forecast_deals"))


def drop_functions(cr):
    """Remove trigger and functions; nothing else refers to them."""
    cr.execute(SQL("DROP TRIGGER IF EXISTS sales_forecast_follow ON crm_lead"))
    cr.execute(SQL("DROP FUNCTION IF EXISTS sales_forecast_follow ()"))
    cr.execute(SQL("DROP FUNCTION IF EXISTS %s", SQL(STATE_SIGNATURE)))
    chance_sql.drop_functions(cr)


def refresh(where):
    """Work out again the deals whose columns no longer follow from the settings.

    :param SQL where: condition on ``crm_lead`` as ``l``
    :return: a statement that yields the ids of the deals it corrected
    """
    return SQL(
        """
        UPDATE crm_lead l SET sales_forecast_value = NULL  -- the trigger fills it
          FROM crm_lead d CROSS JOIN LATERAL sales_forecast_state (d) s
         WHERE d.id = l.id AND %s
           AND (l.sales_forecast_category, l.sales_forecast_probability,
                l.sales_forecast_value, l.sales_forecast_revenue) IS DISTINCT FROM
               (s.category, s.probability, s.value, s.revenue)
        RETURNING l.id
        """,
        where,
    )
