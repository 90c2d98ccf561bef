"""Deals for :mod:`engine.outcome_range`, added up by the database where they are small.

A million deals are not handed over: each that has a part in the uncertainty of its
selection is named, of the others there are five sums.
"""

from odoo.tools import SQL

from .forecast_sql import COMPANY

# In a selection of more deals than that, those with less than this part of the variance
# are added up. At most so many are left, and each of the others alone changes nothing.
ALL_NAMED = 500
NAMED = 1000
# Deals that are told by name, of those something is missing of.
TOLD = 5


def deals_of(key, where, own_currency):
    """Deals of one selection.

    :param key: which one it is
    :param SQL where: condition on ``crm_lead`` as ``l``, ``res_users`` as ``u``
    :param int own_currency: of deals without company
    """
    return SQL(
        """
        SELECT %(key)s AS key, l.id,
               COALESCE(c.currency_id, %(own_currency)s) AS currency_id,
               CASE WHEN l.won_status = 'won' THEN 'won'
                    WHEN l.won_status = 'lost' OR NOT l.active THEN 'lost'
                    WHEN l.sales_forecast_category = 'omitted' THEN 'omitted'
                    ELSE 'open' END AS state,
               COALESCE(l.sales_forecast_value, 0)::float8 AS value,
               COALESCE(l.sales_forecast_probability, 0) / 100 AS chance,
               l.date_deadline IS NULL AS undated
          FROM crm_lead l
          LEFT JOIN res_users u ON u.id = l.user_id
          LEFT JOIN res_company c ON c.id = %(company)s
         WHERE l.type = 'opportunity' AND %(where)s
        """,
        key=key,
        own_currency=own_currency,
        company=COMPANY,
        where=where,
    )


def bundles(deals):
    """What selections hold, by currency and state of the deals.

    :param SQL deals: as of :func:`deals_of`
    :return: SQL with the columns key, currency_id, state, count, value (sum), ids,
        values and chances of the named, five sums of the others (see ``Rest``), count
        and ids of those without amount, and of those without date
    """
    return SQL(
        """
        WITH deal AS MATERIALIZED (
            SELECT *, value * value * chance * (1 - chance) AS variance
              FROM (%(deals)s) d
        ), whole AS (
            SELECT key, currency_id, state, COUNT(*) AS count,
                   SUM(variance) / %(named)s AS part
              FROM deal GROUP BY key, currency_id, state
        ), split AS (
            SELECT d.*, d.state = 'open'
                   AND (w.count <= %(all_named)s OR d.variance > w.part) AS is_named
              FROM deal d JOIN whole w USING (key, currency_id, state)
        )
        SELECT key, currency_id, state, COUNT(*), SUM(value),
               ARRAY_AGG(id ORDER BY id) FILTER (WHERE is_named),
               ARRAY_AGG(value ORDER BY id) FILTER (WHERE is_named),
               ARRAY_AGG(chance ORDER BY id) FILTER (WHERE is_named),
               COUNT(*) FILTER (WHERE NOT is_named),
               COALESCE(SUM(value * chance) FILTER (WHERE NOT is_named), 0),
               COALESCE(SUM(variance) FILTER (WHERE NOT is_named), 0),
               COALESCE(SUM(value * variance * (1 - 2 * chance))
                        FILTER (WHERE NOT is_named), 0),
               COALESCE(SUM(ABS(value) * variance
                            * (1 - 2 * chance + 2 * chance * chance))
                        FILTER (WHERE NOT is_named), 0),
               COUNT(*) FILTER (WHERE value = 0),
               (ARRAY_AGG(id ORDER BY id) FILTER (WHERE value = 0))[1:%(told)s],
               COUNT(*) FILTER (WHERE undated),
               (ARRAY_AGG(id ORDER BY value DESC, id)
                FILTER (WHERE undated))[1:%(told)s],
               (ARRAY_AGG(id ORDER BY id))[1:%(told)s]
          FROM split
         GROUP BY key, currency_id, state
        """,
        deals=deals,
        named=NAMED,
        all_named=ALL_NAMED,
        told=TOLD,
    )
