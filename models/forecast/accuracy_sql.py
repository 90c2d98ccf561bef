"""Forecasts of past periods as they stood at many moments, beside what came in.

Nothing was kept for this: the pipeline history says how every deal looked at any
moment. A *moment* is so many weeks before the end of a period, or its beginning. At a
moment a period was forecast to bring in

* what had been won in it until then (rows of kind ``won``), and
* the deals that were open then, not omitted, and expected to close in it (``open``),
  each by its chance then.

What came in (kind ``came``) is what was won in the period, as it stood at its end. A
win counts when the deal became won, for whoever had it then; a deal reopened before the
end of the period was not won in it.

All moments are one join: every row of the history with the moments at which it held.
"""

from odoo.tools import SQL

from ..pipeline.waterfall_sql import TABLE

# What the weeks before the end are called: so many, the beginning, the end.
START, END = 0, -1
# How the chance of a deal was known, the simplest first.
METHODS = ("stage", "score", "calibrated")
HISTORY = SQL.identifier(TABLE)
NOTHING = SQL("NULL::float8")


class Past:
    """The statements about some past periods.

    :param query: rows of the history the user may see that are asked for
    :param dict company: ``id``, ``currency_id`` and ``rounding`` of its currency
    :param list moments: dicts of ``period`` (number), ``weeks`` (before the end, or
        ``START`` or ``END``), ``at`` (just after the moment, naive UTC), ``first`` and
        ``after`` (days of the period, half-open), ``since`` (its first moment) and
        ``learnt`` (when what was learnt by the moment had been learnt)
    :param PastChances chances: what had been learnt, see ``accuracy_chance_sql``
    """

    def __init__(self, query, company, moments, chances):
        self.query, self.company, self.moments = query, company, moments
        self.chances = chances

    # === PARTS === #

    def _moments(self):
        names = ("period", "weeks", "at", "first", "after", "since", "learnt")
        columns = ([row[name] for row in self.moments] for name in names)
        return SQL(
            """
            SELECT * FROM unnest(%s::int[], %s::int[], %s::timestamp[], %s::date[],
                                 %s::date[], %s::timestamp[], %s::timestamp[])
                AS m (period, weeks, at, first, after, since, learnt)
            """,
            *columns,
        )

    def _rows(self, condition):
        """Visible rows of the history of the company, under a condition."""
        clauses = [self.query.where_clause] if self.query._where_clauses else []
        clauses += [
            SQL(
                "COALESCE(%(h)s.company_id, (SELECT u.company_id FROM res_users u"
                " WHERE u.id = %(h)s.user_id), %(company)s) = %(company)s",
                h=HISTORY,
                company=self.company["id"],
            ),
            condition,
        ]
        return SQL(
            "(SELECT %(h)s.*, COALESCE(%(h)s.lead_id, %(h)s.lead_ref) AS deal"
            " FROM %(tables)s WHERE %(clauses)s)",
            h=HISTORY,
            tables=self.query.from_clause,
            clauses=SQL(" AND ").join(clauses),
        )

    def _opens(self):
        """Open deals expected in a period, at each of its moments they were so."""
        first = min(row["first"] for row in self.moments)
        after = max(row["after"] for row in self.moments)
        return SQL(
            """
            SELECT m.period, m.weeks, m.at, m.learnt, h.id, h.deal, h.lead_id,
                   h.user_id, h.team_id, h.stage_id, h.sales_process_id, h.stage_since,
                   h.forecast_category, h.date_deadline,
                   h.probability, h.expected_revenue AS value
              FROM %s h
              JOIN moment m ON h.date_deadline >= m.first AND h.date_deadline < m.after
                   AND h.date_from < m.at AND (h.date_to IS NULL OR h.date_to >= m.at)
             WHERE m.weeks <> %s
            """,
            self._rows(
                SQL(
                    "%(h)s.status = 'open' AND %(h)s.date_deadline >= %(first)s"
                    " AND %(h)s.date_deadline < %(after)s"
                    " AND %(h)s.forecast_category IS DISTINCT FROM 'omitted'",
                    h=HISTORY,
                    first=first,
                    after=after,
                )
            ),
            END,
        )

    def _wins(self):
        """Each time a deal became won, with when it next did (deals are reopened)."""
        return SQL(
            """
            SELECT h.*, LEAD(h.date_from) OVER (
                       PARTITION BY h.deal ORDER BY h.date_from) AS again
              FROM %s h
             WHERE NOT EXISTS (
                       SELECT 1 FROM sales_pipeline_history p
                        WHERE p.lead_id = h.lead_id AND p.date_to = h.date_from
                          AND p.status = 'won')
               AND NOT EXISTS (
                       SELECT 1 FROM sales_pipeline_history p
                        WHERE h.lead_id IS NULL AND p.lead_id IS NULL
                          AND p.lead_ref = h.lead_ref AND p.date_to = h.date_from
                          AND p.status = 'won')
            """,
            self._rows(
                SQL(
                    "%(h)s.status = 'won' AND %(h)s.date_from >= %(since)s"
                    " AND %(h)s.date_from < %(until)s",
                    h=HISTORY,
                    since=min(row["since"] for row in self.moments),
                    until=max(row["at"] for row in self.moments),
                )
            ),
        )

    def _won(self):
        """What had been won in a period, at each of its moments, as it stood then."""
        return SQL(
            """
            SELECT m.period, m.weeks, w.id, w.deal, w.lead_id, w.user_id, w.team_id,
                   w.date_from, t.value
              FROM win w
              JOIN moment m ON w.date_from >= m.since AND w.date_from < m.at
                   AND (w.again IS NULL OR w.again >= m.at)
              CROSS JOIN LATERAL (
                   SELECT w.expected_revenue AS value
                    WHERE w.date_to IS NULL OR w.date_to >= m.at
                   UNION ALL
                   SELECT r.expected_revenue FROM sales_pipeline_history r
                    WHERE w.date_to < m.at AND r.lead_id = w.lead_id
                      AND r.status = 'won' AND r.date_from < m.at
                      AND (r.date_to IS NULL OR r.date_to >= m.at)) t
            """
        )

    def _forecasts(self):
        """Open deals with what each method said of them, and what they brought in."""
        chances = self.chances
        return SQL(
            """
            SELECT o.*, COALESCE(ps.probability, o.probability) AS stage,
                   o.probability AS score,
                   %(learnt)s AS calibrated,
                   k.value AS kept
              FROM opens o
              LEFT JOIN sales_process_stage ps
                     ON ps.process_id = o.sales_process_id
                    AND ps.stage_id = o.stage_id
              LEFT JOIN won k ON k.deal = o.deal AND k.period = o.period
                             AND k.weeks = %(end)s
              %(join)s
            """,
            learnt=chances.value,
            join=chances.join,
            end=END,
        )

    def _tables(self):
        return SQL(
            """
            WITH moment AS MATERIALIZED (%(moments)s),
            opens AS MATERIALIZED (%(opens)s),
            win AS MATERIALIZED (%(wins)s),
            won AS MATERIALIZED (%(won)s),
            %(learnt)s
            forecast AS (%(forecasts)s)
            """,
            moments=self._moments(),
            opens=self._opens(),
            wins=self._wins(),
            won=self._won(),
            learnt=self.chances.tables,
            forecasts=self._forecasts(),
        )

    def weighted(self, method):
        """What an open deal counts: its value by its chance, rounded to the currency.

        A deal of which a method knows nothing counts by its stage; it is reported too.
        """
        return SQL(
            "ROUND(value * COALESCE(%s, stage, 0)::numeric / 100 / %s) * %s",
            SQL.identifier(method),
            self.company["rounding"],
            self.company["rounding"],
        )

    def _sums(self):
        """Per method: what is forecast of open deals, and of how many nothing is known.

        Both columns come one after the other.
        """
        return SQL(", ").join(
            SQL(
                "COALESCE(SUM(%s), 0)::float8, COUNT(*) FILTER (WHERE %s IS NULL)::int",
                self.weighted(method),
                SQL.identifier(method),
            )
            for method in METHODS
        )

    # === STATEMENTS === #

    def course(self):
        """Sums per period and moment.

        :return: statement that yields ``period, weeks, user_id, team_id, category``
            (the last three NULL), ``kind, number, value, kept``, in how many deals
            something was ``kept``, and the columns of :meth:`_sums`
        """
        return self._summed(SQL("NULL::int, NULL::int"), SQL("NULL::varchar"))

    def owners(self):
        """The same per person, team and category."""
        return self._summed(SQL("user_id, team_id"), SQL("forecast_category"))

    def _summed(self, owner, category):
        return SQL(
            """
            %(tables)s
            SELECT period, weeks, %(owner)s, %(category)s, 'open' AS kind,
                   COUNT(*)::int, COALESCE(SUM(value), 0)::float8,
                   COALESCE(SUM(kept), 0)::float8, COUNT(kept)::int, %(sums)s
              FROM forecast GROUP BY 1, 2, 3, 4, 5
             UNION ALL
            SELECT period, weeks, %(owner)s, NULL, 'won', COUNT(*)::int,
                   COALESCE(SUM(value), 0)::float8, 0, 0, %(nothing)s
              FROM won GROUP BY 1, 2, 3, 4
            """,
            tables=self._tables(),
            owner=owner,
            category=category,
            sums=self._sums(),
            nothing=SQL(", ").join(SQL("0::float8, 0") for _method in METHODS),
        )

    def chances_kept(self):
        """What chances were given, and how often they came true, in groups of 10 %.

        One observation per deal: of the first period it was expected in. Deals still
        open are counted apart (method NULL).

        :return: statement that yields ``method, number of the group, cases, hits`` and
            Σ p, Σ p² and Σ p of the deals won, p 0–1
        """
        values = SQL(", ").join(
            SQL("(%s, %s)", method, SQL.identifier("d", method)) for method in METHODS
        )
        return SQL(
            """
            %(tables)s,
            deal AS MATERIALIZED (
                SELECT DISTINCT ON (f.deal) f.stage, f.score, f.calibrated, n.status
                  FROM forecast f
                  JOIN sales_pipeline_history n
                    ON n.lead_id = f.lead_id AND n.date_to IS NULL
                 ORDER BY f.deal, f.period
            )
            SELECT v.method, LEAST(FLOOR(c.p * 10 + 1e-9)::int, 9), COUNT(*)::int,
                   COUNT(*) FILTER (WHERE d.status = 'won')::int,
                   SUM(c.p)::float8, SUM(c.p * c.p)::float8,
                   COALESCE(SUM(c.p) FILTER (WHERE d.status = 'won'), 0)::float8
              FROM deal d
              CROSS JOIN LATERAL (VALUES %(values)s) v (method, chance)
              CROSS JOIN LATERAL (SELECT
                   LEAST(GREATEST(v.chance / 100, 0), 1) AS p) c
             WHERE d.status <> 'open' AND v.chance IS NOT NULL
             GROUP BY 1, 2
             UNION ALL
            SELECT NULL, 0, COUNT(*)::int, 0, 0, 0, 0 FROM deal WHERE status = 'open'
            """,
            tables=self._tables(),
            values=values,
        )

    def deals(self):
        """The deals behind the sums, one row per deal, moment and kind."""
        weighted, of_won, unknown = (
            SQL(", ").join(
                SQL("%s AS %s", value(method), SQL.identifier(f"{method}_revenue"))
                for method in METHODS
            )
            for value in (self.weighted, lambda _m: SQL("value"), lambda _m: NOTHING)
        )
        return SQL(
            """
            %(tables)s,
            line AS (
                SELECT id::int8 * 4 AS id, period, 'open' AS kind, lead_id,
                       deal AS lead_ref, user_id, team_id, forecast_category,
                       date_deadline, stage_id, value, kept, %(chances)s, %(weighted)s
                  FROM forecast
                 UNION ALL
                SELECT id::int8 * 4 + 1, period, 'won', lead_id, deal, user_id, team_id,
                       'closed', NULL, NULL, value, NULL, %(nothing)s, %(of_won)s
                  FROM won WHERE weeks <> %(end)s
                 UNION ALL
                SELECT id::int8 * 4 + 2, period, 'came', lead_id, deal, user_id,
                       team_id, 'closed', NULL, NULL, NULL, value, %(nothing)s,
                       %(unknown)s
                  FROM won WHERE weeks = %(end)s
            )
            SELECT line.*, %(company)s AS company_id, %(currency)s AS currency_id,
                   m.first AS date_from
              FROM line
              JOIN (SELECT DISTINCT period, first FROM moment) m
                ON m.period = line.period
            """,
            tables=self._tables(),
            chances=SQL(", ").join(map(SQL.identifier, METHODS)),
            nothing=SQL(", ").join(NOTHING for _method in METHODS),
            weighted=weighted,
            of_won=of_won,
            unknown=unknown,
            end=END,
            company=self.company["id"],
            currency=self.company["currency_id"],
        )
