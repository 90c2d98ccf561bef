"""What became of the pipeline between two moments: one statement.

A deal is *in view* at a moment if its row then matches the domain and is expected to
close within the period. In view and open, it counts. Every deal adds to the bars:

* ``start``: counted at the start;
* ``new``, ``pulled_in``, ``moved_in``, ``reopened``: in view at the end and not counted
  at the start, with the amount at the end;
* ``up``, ``down``: counted at the start and counted, won or lost at the end; the
  difference of the two amounts;
* ``won``, ``lost``: with the amount it was closed with;
* ``pushed_out``, ``moved_out``, ``removed``: counted at the start, and neither counted
  nor closed at the end, with the amount at the start;
* ``end``: counted at the end.

So start + new + pulled_in + moved_in + reopened + up − won − lost − pushed_out −
moved_out − removed − down = end for each deal, hence for any set of them. A deal that
comes and is closed between the moments adds to two bars, e.g. ``new`` and ``won``.
"""

from odoo.tools import SQL

BARS = (
    "start",
    "new",
    "pulled_in",
    "up",
    "moved_in",
    "reopened",
    "won",
    "lost",
    "pushed_out",
    "down",
    "moved_out",
    "removed",
    "end",
)
ADDING = frozenset({"new", "pulled_in", "up", "moved_in", "reopened"})
# What is compared, and shown side by side.
COMPARED = (
    "status",
    "expected_revenue",
    "date_deadline",
    "stage_id",
    "user_id",
    "team_id",
    "company_id",
)
TABLE = "sales_pipeline_history"


def holds(before, alias=TABLE):
    """Whether a row held just before a moment.

    :param datetime before: naive UTC, exclusive
    """
    start = SQL.identifier(alias, "date_from")
    end = SQL.identifier(alias, "date_to")
    return SQL(
        "(%s < %s AND (%s IS NULL OR %s >= %s))", start, before, end, end, before
    )


def in_period(period, alias=TABLE):
    """Whether a row is expected to close in the half-open ``period`` of two dates."""
    if period is None:
        return SQL("TRUE")
    date = SQL.identifier(alias, "date_deadline")
    return SQL("(%s >= %s AND %s < %s)", date, period[0], date, period[1])


class Waterfall:
    """The statements of one comparison.

    :param query: the rows the user may see that match the domain
    :param visible: the rows the user may see
    :param datetime start: the start is just before it, naive UTC
    :param datetime end: likewise
    :param period: two dates, half-open, or None
    :param int company_id: of deals that have none
    """

    def __init__(self, query, visible, start, end, period, company_id):
        self.query, self.visible = query, visible
        self.start, self.end, self.period = start, end, period
        self.company_id = company_id

    # === PARTS === #

    def _rows(self, *conditions):
        """The rows in view under further conditions."""
        columns = [SQL.identifier(TABLE, name) for name in ("id", "lead_id", *COMPARED)]
        deal = SQL(
            "COALESCE(%s, %s)",
            SQL.identifier(TABLE, "lead_id"),
            SQL.identifier(TABLE, "lead_ref"),
        )
        clauses = [self.query.where_clause] if self.query._where_clauses else []
        return SQL(
            "(SELECT %s AS deal, %s FROM %s WHERE %s)",
            deal,
            SQL(", ").join(columns),
            self.query.from_clause,
            SQL(" AND ").join(
                [*clauses, in_period(self.period), *conditions],
            ),
        )

    def _unchanged(self):
        """The rows in view that hold at both moments."""
        return self._rows(
            SQL("%s < %s", SQL.identifier(TABLE, "date_from"), self.start),
            holds(self.end),
        )

    def _changed(self):
        """The deals in view at either moment whose row is not the same at both."""
        before_start = SQL("%s < %s", SQL.identifier(TABLE, "date_from"), self.start)
        gone = SQL("%s < %s", SQL.identifier(TABLE, "date_to"), self.end)
        return SQL(
            """
            SELECT COALESCE(a.deal, b.deal) AS deal,
                   COALESCE(a.lead_id, b.lead_id) AS lead_id,
                   a.id AS a_id, %(a)s, b.id AS b_id, %(b)s
              FROM %(starting)s a
              FULL JOIN %(ending)s b ON b.deal = a.deal
            """,
            a=_aliased("a"),
            b=_aliased("b"),
            starting=self._rows(holds(self.start), gone),
            ending=self._rows(holds(self.end), SQL("NOT %s", before_start)),
        )

    def _other(self):
        """The rows, whatever they are, of deals that are in view on one side only."""
        before = SQL(
            "CASE WHEN c.a_id IS NULL THEN %s::timestamp ELSE %s::timestamp END",
            self.start,
            self.end,
        )
        branch = """
            SELECT c.deal, o.id, %(columns)s, v.id IS NOT NULL AS visible,
                   m.id IS NOT NULL AS matches, %(in_period)s AS in_period
              FROM changed c
              CROSS JOIN LATERAL (
                   SELECT * FROM sales_pipeline_history r
                    WHERE %(same)s AND r.date_from < %(before)s
                    ORDER BY r.date_from DESC LIMIT 1) o
              LEFT JOIN %(visible)s v ON v.id = o.id
              LEFT JOIN %(matching)s m ON m.id = o.id
             WHERE (c.a_id IS NULL OR c.b_id IS NULL)
               AND (o.date_to IS NULL OR o.date_to >= %(before)s)
        """
        parts = {
            "columns": SQL(", ").join(SQL.identifier("o", name) for name in COMPARED),
            "in_period": in_period(self.period, "o"),
            "visible": SQL("(%s)", self.visible.select()),
            "matching": SQL("(%s)", self.query.select()),
            "before": before,
        }
        # ``chain`` is ``lead_id``, with the index that leads to the row.
        living = SQL(branch, same=SQL("r.chain = c.lead_id"), **parts)
        deleted = SQL(
            branch,
            same=SQL("c.lead_id IS NULL AND r.lead_id IS NULL AND r.lead_ref = c.deal"),
            **parts,
        )
        return SQL("%s UNION ALL %s", living, deleted)

    def _pairs(self):
        """Each changed deal with both its rows and how they stand to the view."""

        def merged(side):
            in_view = SQL("c.%s IS NOT NULL", SQL.identifier(f"{side}_id"))
            values = (
                SQL(
                    "CASE WHEN %s THEN %s ELSE %s END AS %s",
                    in_view,
                    SQL.identifier("c", f"{side}_{name}"),
                    SQL.identifier("o", name),
                    SQL.identifier(f"{side}_{name}"),
                )
                for name in COMPARED
            )
            flags = (
                SQL("%s AS %s", in_view, SQL.identifier(f"{side}_view")),
                SQL(
                    "(%s OR o.id IS NOT NULL) AS %s",
                    in_view,
                    SQL.identifier(f"{side}_exists"),
                ),
                *(
                    SQL(
                        "(%s OR COALESCE(o.%s, FALSE)) AS %s",
                        in_view,
                        SQL.identifier(name),
                        SQL.identifier(f"{side}_{name}"),
                    )
                    for name in ("visible", "matches", "in_period")
                ),
            )
            return SQL(", ").join([*values, *flags])

        return SQL(
            """
            SELECT c.deal, c.lead_id, %s, %s
              FROM changed c LEFT JOIN other o ON o.deal = c.deal
            """,
            merged("a"),
            merged("b"),
        )

    def _judged(self):
        """Each changed deal with how it came, how it left and how it was closed."""
        return SQL(
            """
            SELECT p.*, s.counted, s.stays, e.entry, x.leaving,
                   CASE WHEN e.entry IS NOT NULL AND p.b_status <> 'open'
                        THEN p.b_status END AS closing,
                   ca.currency_id AS a_currency, cb.currency_id AS b_currency
              FROM pairs p
              JOIN res_company ca ON ca.id = COALESCE(p.a_company_id, %(company)s)
              JOIN res_company cb ON cb.id = COALESCE(p.b_company_id, %(company)s)
              CROSS JOIN LATERAL (SELECT
                   p.a_view AND p.a_status = 'open' AS counted,
                   ca.currency_id = cb.currency_id OR NOT p.b_exists AS stays,
                   (p.a_user_id, p.a_team_id, p.a_company_id) IS DISTINCT FROM
                   (p.b_user_id, p.b_team_id, p.b_company_id) AS handed) s
              CROSS JOIN LATERAL (SELECT CASE
                   WHEN NOT p.b_view OR s.counted AND s.stays THEN NULL
                   WHEN NOT p.a_exists THEN 'new'
                   WHEN p.b_status <> 'open' AND p.b_status = p.a_status THEN NULL
                   WHEN s.counted OR NOT p.a_visible THEN 'moved_in'
                   WHEN NOT p.a_matches AND s.handed THEN 'moved_in'
                   WHEN p.a_status <> 'open' THEN 'reopened'
                   WHEN NOT p.a_in_period THEN 'pulled_in'
                   ELSE 'moved_in' END AS entry) e
              CROSS JOIN LATERAL (SELECT CASE
                   WHEN NOT s.counted THEN NULL
                   WHEN NOT p.b_exists THEN 'removed'
                   WHEN NOT p.b_visible OR NOT s.stays THEN 'moved_out'
                   WHEN NOT p.b_matches AND s.handed THEN 'moved_out'
                   WHEN p.b_status <> 'open' THEN p.b_status
                   WHEN p.b_view THEN NULL
                   WHEN NOT p.b_in_period THEN 'pushed_out'
                   ELSE 'moved_out' END AS leaving) x
            """,
            company=self.company_id,
        )

    def _steps(self):
        # Each step is worked out once: merged into one, PostgreSQL would repeat the
        # expressions of a step wherever the next ones name them.
        return SQL(
            """
            changed AS (%s),
            other AS (%s),
            pairs AS MATERIALIZED (%s),
            judged AS MATERIALIZED (%s)
            """,
            self._changed(),
            self._other(),
            self._pairs(),
            self._judged(),
        )

    def _bars(self, source):
        """What each row of ``source``, a deal or a group of deals, adds to the bars."""
        return SQL(
            """
            SELECT s.*, bar.bar, bar.currency_id, bar.amount, bar.deals
              FROM (%s) s
              CROSS JOIN LATERAL (SELECT
                   COALESCE(s.leaving IN ('won', 'lost'), FALSE) AS closed) c
              CROSS JOIN LATERAL (SELECT
                   s.counted AND (s.leaving IS NULL OR c.closed) AS compared) d
              CROSS JOIN LATERAL (VALUES
                   ('start', s.a_currency, s.old, s.n, s.counted),
                   (s.entry, s.b_currency, s.new, s.n, s.entry IS NOT NULL),
                   ('up', s.b_currency, s.up, s.up_n, d.compared),
                   ('down', s.b_currency, s.down, s.down_n, d.compared),
                   (s.leaving, s.a_currency,
                    CASE WHEN c.closed THEN s.new ELSE s.old END, s.n,
                    s.leaving IS NOT NULL),
                   (s.closing, s.b_currency, s.new, s.n, s.closing IS NOT NULL),
                   ('end', s.b_currency, s.new, s.n, s.ends)
              ) bar (bar, currency_id, amount, deals, counts)
             WHERE bar.counts AND bar.deals > 0
            """,
            source,
        )

    # === STATEMENTS === #

    def totals(self):
        """Rows of currency, bar, exact amount as text, count; a bar may come twice."""
        grouped = SQL(
            """
            SELECT a_currency, b_currency, counted, entry, leaving, closing,
                   b_view AND b_status = 'open' AS ends, COUNT(*)::int AS n,
                   SUM(a_expected_revenue) AS old, SUM(b_expected_revenue) AS new,
                   SUM(b_expected_revenue - a_expected_revenue)
                       FILTER (WHERE b_expected_revenue > a_expected_revenue) AS up,
                   SUM(a_expected_revenue - b_expected_revenue)
                       FILTER (WHERE b_expected_revenue < a_expected_revenue) AS down,
                   COUNT(*) FILTER (WHERE b_expected_revenue > a_expected_revenue)::int
                       AS up_n,
                   COUNT(*) FILTER (WHERE b_expected_revenue < a_expected_revenue)::int
                       AS down_n
              FROM judged
             GROUP BY a_currency, b_currency, counted, entry, leaving, closing, ends
            """
        )
        return SQL(
            """
            WITH %(steps)s,
            unchanged AS (
                SELECT c.currency_id, SUM(u.amount) AS amount, SUM(u.n) AS n
                  FROM (SELECT company_id, SUM(expected_revenue) AS amount,
                               COUNT(*) AS n
                          FROM %(unchanged)s r
                         WHERE status = 'open'
                         GROUP BY company_id) u
                  JOIN res_company c ON c.id = COALESCE(u.company_id, %(company)s)
                 GROUP BY c.currency_id
            )
            SELECT currency_id, bar, COALESCE(amount, 0)::text, deals
              FROM (%(bars)s) b
             UNION ALL
            SELECT currency_id, bar, COALESCE(amount, 0)::text, n::int
              FROM unchanged CROSS JOIN (VALUES ('start'), ('end')) AS b (bar)
            """,
            steps=self._steps(),
            bars=self._bars(grouped),
            unchanged=self._unchanged(),
            company=self.company_id,
        )

    def rows(self):
        """One row per deal and bar, with the values at both moments side by side.

        Values that the user may not see are left out.
        """
        single = SQL(
            """
            SELECT j.*, b_view AND b_status = 'open' AS ends, 1 AS n,
                   a_expected_revenue AS old, b_expected_revenue AS new,
                   b_expected_revenue - a_expected_revenue AS up,
                   a_expected_revenue - b_expected_revenue AS down,
                   (b_expected_revenue > a_expected_revenue)::int AS up_n,
                   (b_expected_revenue < a_expected_revenue)::int AS down_n
              FROM judged j
            """
        )
        return SQL(
            """
            WITH %(steps)s
            SELECT deal::int8 * 16 + %(number)s AS id, lead_id, deal AS lead_ref,
                   bar, currency_id, amount, %(old)s, %(new)s
              FROM (%(bars)s) b
             UNION ALL
            SELECT u.deal::int8 * 16 + %(number)s, u.lead_id, u.deal, bar,
                   c.currency_id, u.expected_revenue, %(both)s, %(both)s
              FROM %(unchanged)s u
              JOIN res_company c ON c.id = COALESCE(u.company_id, %(company)s)
              CROSS JOIN (VALUES ('start'), ('end')) AS b (bar)
             WHERE u.status = 'open'
            """,
            steps=self._steps(),
            bars=self._bars(single),
            number=SQL("array_position(%s, bar)", list(BARS)),
            old=_visible("a", "old"),
            new=_visible("b", "new"),
            both=SQL(", ").join(SQL.identifier("u", name) for name in COMPARED),
            unchanged=self._unchanged(),
            company=self.company_id,
        )


def _aliased(side):
    return SQL(", ").join(
        SQL("%s AS %s", SQL.identifier(side, name), SQL.identifier(f"{side}_{name}"))
        for name in COMPARED
    )


def _visible(side, prefix):
    return SQL(", ").join(
        SQL(
            "CASE WHEN %s THEN %s END AS %s",
            SQL.identifier(f"{side}_visible"),
            SQL.identifier(f"{side}_{name}"),
            SQL.identifier(f"{prefix}_{name}"),
        )
        for name in COMPARED
    )
