"""Which territory customers and deals belong to: statements for all of them at once.

All of them are built on ``_matched``: everybody who asks is a row of ``who``::

    key, customer_id, company_id, country_id, state_id, zip, industry_id

A rule is spread into one row for each combination of what it lists, so that every kind
of rule is found by an equality, whatever the number of rules: customers by their
number, states, industries and countries by theirs, postcodes by the beginning that all
postcodes of a range share.
"""

from odoo.tools import SQL

from .sales_territory_rule import KINDS

# How postcodes are compared, see ``engine.territory``.
ZIP = "UPPER(REGEXP_REPLACE(%s, '[^[:alnum:]]', '', 'g'))"
TYPES = ("int", "int", "int", "int", "int", "text", "int")


def match(rows):
    """The territory of each row, by the rules.

    :param list rows: ``(key, customer_id, company_id, country_id, state_id, zip,
        industry_id)``
    :return: statement that yields ``key, territory_id, rule_id`` where a rule fits
    """
    columns = zip(*rows, strict=True)
    who = SQL(
        """
        SELECT key, customer_id, company_id, country_id, state_id, %s AS zip,
               industry_id
          FROM UNNEST(%s) AS w (key, customer_id, company_id, country_id, state_id, zip,
                                industry_id)
        """,
        _normal(SQL("zip")),
        SQL(", ").join(
            SQL("%s::%s[]", list(values), SQL(kind))
            for values, kind in zip(columns, TYPES, strict=True)
        ),
    )
    return SQL("%s SELECT key, territory_id, rule_id FROM matched", _matched(who))


def assign_customers(ids):
    """Write the territory of customers and their contacts where it is another one.

    :param list ids: of commercial partners
    :return: statement that yields the id of each contact it changed
    """
    who = SQL(
        """
        SELECT p.id AS key, p.id AS customer_id, p.company_id, p.country_id, p.state_id,
               %s AS zip, p.industry_id
          FROM res_partner p WHERE p.id = ANY (%s)
        """,
        _normal(SQL("p.zip")),
        ids,
    )
    return SQL(
        """
        %(matched)s
        , new AS (
            SELECT p.id, COALESCE(chosen.id, matched.territory_id) AS territory_id
              FROM res_partner p
              LEFT JOIN matched ON matched.key = p.id
              LEFT JOIN sales_territory chosen
                ON chosen.id = p.sales_territory_manual_id AND chosen.active
               AND (chosen.company_id IS NULL OR chosen.company_id = p.company_id)
             WHERE p.id = ANY (%(ids)s)
        )
        UPDATE res_partner p SET sales_territory_id = new.territory_id
          FROM new
         WHERE p.commercial_partner_id = new.id
           AND p.sales_territory_id IS DISTINCT FROM new.territory_id
        RETURNING p.id
        """,
        matched=_matched(who),
        ids=ids,
    )


def assign_deals(ids):
    """Write the territory of deals where it is another one.

    :return: statement that yields the id of each deal it changed
    """
    who = SQL(
        """
        SELECT l.id AS key, c.id AS customer_id, l.company_id,
               CASE WHEN c.id IS NULL THEN l.country_id ELSE c.country_id END
                   AS country_id,
               CASE WHEN c.id IS NULL THEN l.state_id ELSE c.state_id END AS state_id,
               %s AS zip, c.industry_id
          FROM crm_lead l
          LEFT JOIN res_partner p ON p.id = l.partner_id
          LEFT JOIN res_partner c ON c.id = p.commercial_partner_id
         WHERE l.id = ANY (%s)
        """,
        _normal(SQL("CASE WHEN c.id IS NULL THEN l.zip ELSE c.zip END")),
        ids,
    )
    return SQL(
        """
        %(matched)s
        , new AS (
            SELECT l.id,
                   COALESCE(chosen.id, own.id, matched.territory_id) AS territory_id
              FROM crm_lead l
              LEFT JOIN res_partner p ON p.id = l.partner_id
              LEFT JOIN matched ON matched.key = l.id
              LEFT JOIN sales_territory chosen
                ON chosen.id = l.sales_territory_manual_id AND chosen.active
               AND (chosen.company_id IS NULL OR chosen.company_id = l.company_id)
              LEFT JOIN sales_territory own
                ON own.id = p.sales_territory_id
               AND (own.company_id IS NULL OR own.company_id = l.company_id)
             WHERE l.id = ANY (%(ids)s)
        )
        UPDATE crm_lead l SET sales_territory_id = new.territory_id
          FROM new
         WHERE l.id = new.id AND l.sales_territory_id IS DISTINCT FROM new.territory_id
        RETURNING l.id
        """,
        matched=_matched(who),
        ids=ids,
    )


def _normal(column):
    return SQL(ZIP, column)


def _matched(who):
    """Common table expressions up to ``matched (key, territory_id, rule_id)``."""
    return SQL(
        """
        WITH RECURSIVE who AS MATERIALIZED (%(who)s
        ), rule AS MATERIALIZED (
            SELECT r.id, r.territory_id, t.company_id, r.kind, r.zip_prefix,
                   r.zip_from COLLATE "C" AS zip_from, r.zip_to COLLATE "C" AS zip_to,
                   c.country_id, s.state_id, i.industry_id,
                   DENSE_RANK() OVER (ORDER BY
                       ARRAY_POSITION(%(kinds)s::varchar[], r.kind),
                       LENGTH(t.parent_path)
                           - LENGTH(REPLACE(t.parent_path, '/', '')) DESC,
                       r.criteria_count DESC, t.sequence, t.id, r.sequence, r.id
                   )::int AS rank
              FROM sales_territory_rule r
              JOIN sales_territory t ON t.id = r.territory_id AND t.active
              LEFT JOIN sales_territory_rule_country_rel c ON c.rule_id = r.id
              LEFT JOIN sales_territory_rule_state_rel s ON s.rule_id = r.id
              LEFT JOIN sales_territory_rule_industry_rel i ON i.rule_id = r.id
        ), named (rule_id, customer_id) AS (
            -- Customers that rules name, and the companies that belong to them
            SELECT n.rule_id, p.commercial_partner_id
              FROM sales_territory_rule_partner_rel n
              JOIN res_partner p ON p.id = n.partner_id
             UNION
            SELECT named.rule_id, c.id
              FROM named JOIN res_partner c ON c.parent_id = named.customer_id
        ), beginning AS MATERIALIZED (
            SELECT who.*, LEFT(who.zip, size) AS zip_prefix
              FROM who
             CROSS JOIN GENERATE_SERIES(0, COALESCE(
                    (SELECT MAX(LENGTH(zip_prefix)) FROM rule), -1)) AS size
             WHERE size <= LENGTH(who.zip)
        ), candidate AS MATERIALIZED (
            -- By equalities alone: what else a rule asks is looked at afterwards, since
            -- nobody can guess how many rows it leaves.
            SELECT %(columns)s
              FROM who JOIN named ON named.customer_id = who.customer_id
              JOIN rule ON rule.id = named.rule_id AND rule.kind = 'customer'
             UNION ALL
            SELECT %(columns)s
              FROM beginning AS who
              JOIN rule ON rule.kind = 'postcode' AND rule.country_id = who.country_id
                       AND rule.zip_prefix = who.zip_prefix
             UNION ALL
            SELECT %(columns)s
              FROM who
              JOIN rule ON rule.kind = 'state' AND rule.state_id = who.state_id
             UNION ALL
            SELECT %(columns)s
              FROM who
              JOIN rule ON rule.kind IN ('industry_country', 'industry')
                       AND rule.industry_id = who.industry_id
             UNION ALL
            SELECT %(columns)s
              FROM who
              JOIN rule ON rule.kind = 'country' AND rule.country_id = who.country_id
        ), best AS (
            SELECT key, MIN(ARRAY[rank, territory_id, rule_id]) AS rule
              FROM candidate
             WHERE (asked_company_id IS NULL OR asked_company_id = company_id)
               AND (asked_country_id IS NULL OR asked_country_id = country_id)
               AND (asked_state_id IS NULL OR asked_state_id = state_id)
               AND (asked_industry_id IS NULL OR asked_industry_id = industry_id)
               AND (zip_from IS NULL
                    OR LENGTH(zip) >= LENGTH(zip_from)
                   AND LEFT(zip, LENGTH(zip_from)) COLLATE "C"
                       BETWEEN zip_from AND zip_to)
             GROUP BY key
        ), matched AS (
            SELECT key, rule[2] AS territory_id, rule[3] AS rule_id FROM best
        )
        """,
        who=who,
        kinds=[kind for kind, _label in KINDS],
        columns=SQL(
            """
            who.key, who.company_id, who.country_id, who.state_id, who.industry_id,
            who.zip, rule.company_id AS asked_company_id,
            rule.country_id AS asked_country_id, rule.state_id AS asked_state_id,
            rule.industry_id AS asked_industry_id, rule.zip_from, rule.zip_to,
            rule.rank, rule.territory_id, rule.id AS rule_id
            """
        ),
    )
