"""Read the pipeline of 1,000,000 deals and 3,000,000 history rows, beside plain SQL.

The deals are written with SQL: three years of them, a tenth still open, 300 people in
30 teams, four stages before the win. Then the funnel, the waterfall and the totals as
of a day are asked for as the screens ask, and by statements written by hand for just
these figures, which have to agree. Both take turns in one run; the median counts. What
is written stays in the database, which ./dev throws away afterwards, or keeps for the
next run with ``--keep``.

Wanted: at most 1.5 times the statement by hand, and under 150 ms for a single person.
``--quick`` takes a hundredth of it and only compares the figures.
"""

import statistics
import sys
import time
from datetime import timedelta

from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.tools import SQL

from odoo.addons.sales_process.models.pipeline.history_sql import derive

DEALS = 1_000_000
PEOPLE, TEAMS = 300, 30
ROUNDS = 5
MORE_TIME = 1.5
PERSON_SECONDS = 0.150


def main(env, argv):
    """Run it.

    :param env: environment of a database with the addon
    :param argv: ``--quick`` takes 10,000 deals and sets no limits
    :return: 0 when times and figures are as wanted, else 1
    """
    quick = "--quick" in argv
    with env.registry.cursor() as cr:
        own = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
        world = World(own, DEALS // 100 if quick else DEALS)
        if not world.find():
            world.generate()
        good = world.compare(quick)
        cr.rollback()
    return 0 if good else 1


class World:
    """Deals of three years, and the questions asked of them."""

    def __init__(self, env, deals):
        self.env = env
        self.deals = deals

    # === WHAT IS THERE === #

    def find(self):
        """Whether an earlier run left everything in this database."""
        users = self.env["res.users"].search([("login", "=like", "bench_%")])
        self.director = users.filtered(lambda user: user.login == "bench_director")
        self.users = (users - self.director).sorted("id")
        self.teams = self.env["crm.team"].search([("name", "=like", "Team %")])
        self.teams = self.teams.sorted("id")
        self.stages = self.env["crm.stage"].search([("name", "=like", "Bench %")])
        self.process = self.env["sales.process"].search([("name", "=", "Bench")])
        return bool(self.director and self.process)

    def generate(self):
        started = time.perf_counter()
        self._people()
        self._process()
        cr = self.env.cr
        self.env.flush_all()
        cr.execute(SQL("SELECT SETSEED(0.5)"))
        cr.execute(SQL("SELECT nextval('crm_lead_id_seq')"))
        [(first,)] = cr.fetchall()
        params = {
            "first": first,
            "deals": self.deals,
            "stages": self.stages.ids,
            "process_stages": self.process.stage_ids.ids,
            "process": self.process.id,
            "users": self.users.ids,
            "teams": self.teams.ids,
            "company": self.env.company.id,
        }
        for statement in (LIVES, ROWS, LEADS):
            cr.execute(SQL(statement, **params))
        # As autovacuum would have: only then indexes answer without the table.
        cr.commit()
        cr._cnx.autocommit = True
        cr.execute(SQL("VACUUM ANALYZE crm_lead, sales_pipeline_history"))
        cr._cnx.autocommit = False
        self.env.invalidate_all()
        sample = list(range(first + 1, first + 1 + min(self.deals, 2000)))
        wrong = self.env.execute_query(derive(sample))
        if wrong:
            raise ValueError(f"{len(wrong)} rows are not as the addon writes them")
        [(rows, table, indexes)] = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*), pg_relation_size('sales_pipeline_history'),
                       pg_indexes_size('sales_pipeline_history')
                  FROM sales_pipeline_history
                """
            )
        )
        print(
            f"{self.deals:,} deals, {rows:,} rows written in"
            f" {time.perf_counter() - started:.0f} s; {table // rows} bytes of table"
            f" and {indexes // rows} of indexes per row"
        )
        sys.stdout.flush()

    def _people(self):
        rep = self.env.ref("sales_team.group_sale_salesman")
        users = self.env["res.users"].with_context(no_reset_password=True)
        self.users = users.create(
            [
                {
                    "name": f"Person {n}",
                    "login": f"bench_person_{n}",
                    "group_ids": [Command.link(rep.id)],
                }
                for n in range(PEOPLE)
            ]
        )
        self.teams = self.env["crm.team"].create(
            [{"name": f"Team {n}"} for n in range(TEAMS)]
        )
        director = self.env.ref("sales_process.group_director")
        self.director = users.create(
            {
                "name": "Director",
                "login": "bench_director",
                "group_ids": [Command.link(director.id)],
            }
        )

    def _process(self):
        self.stages = self.env["crm.stage"].create(
            [
                {"name": f"Bench {n}", "sequence": 900 + n, "is_won": n == 5}
                for n in range(1, 6)
            ]
        )
        self.process = self.env["sales.process"].create(
            {
                "name": "Bench",
                "stage_ids": [
                    Command.create({"stage_id": stage.id, "sequence": 10 * n})
                    for n, stage in enumerate(self.stages)
                ],
            }
        )

    # === THE QUESTIONS === #

    def compare(self, quick):
        """Ask everything both ways; False when a figure or a limit is not met."""
        good = True
        print(f"{'':<34}{'ours':>10}{'by hand':>10}{'':>8}")
        for name, ours, by_hand, check in self.questions():
            good &= self._agree(name, ours, by_hand, check)
            mine, theirs = self._times(1 if quick else ROUNDS, ours, by_hand)
            factor = mine / theirs
            fast = quick or factor <= MORE_TIME
            good &= fast
            print(
                f"{name:<34}{1000 * mine:>7.0f} ms{1000 * theirs:>7.0f} ms"
                f"{factor:>7.2f}x{'' if fast else '  TOO SLOW'}"
            )
            sys.stdout.flush()
        for name, ours in self.personal_questions():
            [mine] = self._times(1 if quick else ROUNDS, ours)
            fast = quick or mine <= PERSON_SECONDS
            good &= fast
            print(f"{name:<34}{1000 * mine:>7.0f} ms{'' if fast else '  TOO SLOW'}")
            sys.stdout.flush()
        return good

    def _agree(self, name, ours, by_hand, check):
        found, wanted = check(ours(), by_hand())
        if found != wanted:
            print(f"{name}: ours {found}, by hand {wanted}")
        return found == wanted

    def _times(self, rounds, *questions):
        """Seconds each question takes, asked in turn."""
        spent = [[] for _question in questions]
        for _round in range(rounds):
            for question, times in zip(questions, spent, strict=True):
                self.env.invalidate_all()
                started = time.perf_counter()
                question()
                times.append(time.perf_counter() - started)
        return [statistics.median(times) for times in spent]

    def questions(self):
        today = self.env.company._sales_today()
        report = self.env["sales.funnel.report"].with_user(self.director)
        history = self.env["sales.pipeline.history"].with_user(self.director)
        whole = {"process_id": self.process.id}
        year = {"date_from": str(today - timedelta(days=365)), **whole}
        yield (
            "Funnel, all deals",
            lambda: report.get_funnel(whole),
            lambda: self._hand_funnel(),
            self._check_funnel,
        )
        yield (
            "Funnel, entered in the last year",
            lambda: report.get_funnel(year),
            lambda: self._hand_funnel(today - timedelta(days=365)),
            self._check_funnel,
        )
        for name, days, period in (
            ("Waterfall, a quarter, any closing", 90, None),
            ("Waterfall, a quarter, closing in it", 90, (today, 90)),
            ("Waterfall, a week, any closing", 7, None),
        ):
            yield from self._waterfall_question(history, today, name, days, period)
        day = today - timedelta(days=200)
        rows = self.env["sales.pipeline.as.of"].with_user(self.director)
        rows = rows.with_context(as_of=str(day))
        yield (
            "Totals as of a day, by stage",
            lambda: rows._read_group(
                [("status", "=", "open")],
                ["stage_id"],
                ["expected_revenue:sum", "__count"],
            ),
            lambda: self._hand_as_of(day),
            lambda ours, hand: (
                sorted((s.id, round(a, 2), n) for s, a, n in ours),
                sorted((s, round(float(a), 2), n) for s, a, n in hand),
            ),
        )

    def personal_questions(self):
        person = self.users[7]
        today = self.env.company._sales_today()
        report = self.env["sales.funnel.report"].with_user(person)
        history = self.env["sales.pipeline.history"].with_user(person)
        rows = self.env["sales.pipeline.as.of"].with_user(person)
        options = {"process_id": self.process.id}
        yield "A person's funnel", lambda: report.get_funnel(options)
        yield (
            "A person's waterfall",
            lambda: history.get_waterfall(
                {"date_from": str(today - timedelta(days=90)), "date_to": str(today)}
            ),
        )
        day = str(today - timedelta(days=200))
        yield (
            "A person's totals as of a day",
            lambda: rows.with_context(as_of=day)._read_group(
                [("status", "=", "open")], ["stage_id"], ["expected_revenue:sum"]
            ),
        )

    # === BY HAND === #

    def _hand_funnel(self, since=None):
        """Counts and exact medians per stage, and per outcome and stages reached."""
        params = {
            "process": self.process.id,
            "since": since
            and self.env.company._sales_midnight(since)
            or SQL("'-infinity'::timestamp"),
        }
        stays = self.env.execute_query(SQL(HAND_STAYS, **params))
        deals = self.env.execute_query(SQL(HAND_DEALS, **params))
        return stays, deals

    def _check_funnel(self, ours, hand):
        stays, deals = hand
        rank = {stage.id: n for n, stage in enumerate(self.stages)}
        found = [
            (
                s["stage_id"],
                s["entered"],
                s["advanced"],
                s["lost"],
                s["still_there"],
                s["won"],
                s["decided"],
            )
            for s in ours["stages"]
        ]
        wanted = []
        for stage, entered, advanced, lost, there, _median in sorted(
            stays, key=lambda row: rank[row[0]]
        ):
            ends = {
                status: sum(
                    n for seen, s, n, *_rest in deals if stage in seen and s == status
                )
                for status in ("won", "lost")
            }
            wanted.append(
                (stage, entered, advanced, lost, there, ends["won"], sum(ends.values()))
            )
        totals = ours["totals"]
        found.append((totals["deals"], totals["won"], round(totals["won_amount"])))
        wanted.append(
            (
                sum(row[2] for row in deals),
                sum(row[2] for row in deals if row[1] == "won"),
                round(sum(row[3] for row in deals if row[1] == "won")),
            )
        )
        return found, wanted

    def _waterfall_question(self, history, today, name, days, period):
        options = {
            "date_from": str(today - timedelta(days=days)),
            "date_to": str(today),
        }
        span = None
        if period:
            span = today - timedelta(days=period[1]), today + timedelta(days=1)
            options["period_from"] = str(span[0])
            options["period_to"] = str(today)
        midnight = self.env.company._sales_midnight
        start = midnight(today - timedelta(days=days))
        end = midnight(today + timedelta(days=1))
        yield (
            name,
            lambda: history.get_waterfall(options),
            lambda: self._hand_waterfall(start, end, span),
            lambda ours, hand: (
                sorted(
                    (bar["key"], bar["count"], round(bar["amount"]))
                    for bar in ours["currencies"][0]["bars"]
                    if bar["count"]
                ),
                sorted((bar, int(n), round(amount)) for bar, n, amount in hand),
            ),
        )

    def _hand_waterfall(self, start, end, span):
        seen = SQL("TRUE")
        if span:
            seen = SQL("(date_deadline >= %s AND date_deadline < %s)", *span)
        return self.env.execute_query(
            SQL(HAND_WATERFALL, start=start, end=end, seen=seen)
        )

    def _hand_as_of(self, day):
        before = self.env.company._sales_midnight(day + timedelta(days=1))
        return self.env.execute_query(
            SQL(
                """
                SELECT stage_id, SUM(expected_revenue), COUNT(*)
                  FROM sales_pipeline_history
                 WHERE date_from < %(before)s
                   AND (date_to IS NULL OR date_to >= %(before)s) AND status = 'open'
                 GROUP BY 1
                """,
                before=before,
            )
        )


# A deal reaches 1 to 4 stages; then it is won, lost or still open. What is open began
# in the last 200 days, the rest within three years.
LIVES = """
    CREATE TEMPORARY TABLE bench_life ON COMMIT DROP AS
    SELECT n, reach, stays, amount, person,
           CASE WHEN fate < 0.1 THEN 'open' WHEN reach = 4 AND fate < 0.6 THEN 'won'
                ELSE 'lost' END AS outcome,
           date_trunc('second', now() AT TIME ZONE 'UTC')
               - (stays[1] + stays[2] + stays[3] + stays[4] + 1
                  + CASE WHEN fate < 0.1 THEN 0 ELSE floor(age * 86400 * 1000) END)
                 * INTERVAL '1 second' AS born
      FROM (SELECT n, random() AS fate, random() AS age,
                   CASE WHEN r < 0.4 THEN 1 WHEN r < 0.65 THEN 2
                        WHEN r < 0.85 THEN 3 ELSE 4 END AS reach,
                   ARRAY[stay1, stay2, stay3, stay4]::int[] AS stays,
                   (100 + floor(random() * 50000))::numeric AS amount,
                   1 + floor(random() * cardinality(%(users)s::int[]))::int AS person
              FROM (SELECT n, random() AS r,
                           1 - ln(random()) * 12 * 86400 AS stay1,
                           1 - ln(random()) * 20 * 86400 AS stay2,
                           1 - ln(random()) * 9 * 86400 AS stay3,
                           1 - ln(random()) * 6 * 86400 AS stay4
                      FROM generate_series(1, %(deals)s) n) r) life
"""
ROWS = """
    CREATE TEMPORARY TABLE bench_row ON COMMIT DROP AS
    SELECT %(first)s + n AS lead_id, row_from AS date_from, row_to AS date_to,
           CASE WHEN k > reach THEN row_from
               ELSE born + (stays[1] + CASE WHEN k > 1 THEN stays[2] ELSE 0 END
                    + CASE WHEN k > 2 THEN stays[3] ELSE 0 END
                    + CASE WHEN k > 3 THEN stays[4] ELSE 0 END - stays[k])
                    * INTERVAL '1 second' END AS stage_since,
           stage AS stage_id, next_stage AS next_stage_id, next_status,
           CASE WHEN next_status IS NOT NULL THEN stays[k] END AS dwell,
           %(process)s AS sales_process_id, born AS process_since,
           (%(stages)s::int[])[1:LEAST(k, reach)] AS stages_seen,
           (%(users)s::int[])[person] AS user_id,
           (%(teams)s::int[])[1 + person %% cardinality(%(teams)s::int[])] AS team_id,
           %(company)s AS company_id,
           amount * CASE WHEN half = 1 THEN 0.9 ELSE 1 END AS expected_revenue,
           CASE status WHEN 'won' THEN 100 WHEN 'lost' THEN 0 ELSE 20 * k END
               AS probability,
           (born + INTERVAL '60 days')::date
               + CASE WHEN k > 2 THEN 30 ELSE 0 END AS date_deadline,
           CASE status WHEN 'won' THEN 'closed' WHEN 'lost' THEN 'omitted'
                ELSE 'pipeline' END AS forecast_category,
           status, 'backfill' AS origin
      FROM (SELECT l.*, k, half,
                   CASE WHEN k <= reach THEN 'open' ELSE outcome END AS status,
                   (%(stages)s::int[])[CASE WHEN k <= reach THEN k
                       WHEN outcome = 'won' THEN 5 ELSE reach END] AS stage,
                   CASE WHEN half <> 1 AND k <= reach
                        AND (k < reach OR outcome <> 'open') THEN
                            (%(stages)s::int[])[CASE WHEN k < reach THEN k + 1
                            WHEN outcome = 'won' THEN 5 ELSE reach END]
                        END AS next_stage,
                   CASE WHEN half <> 1 AND k < reach THEN 'open'
                        WHEN half <> 1 AND k = reach AND outcome <> 'open'
                        THEN outcome END AS next_status,
                   born + (CASE WHEN k > 1 THEN stays[1] ELSE 0 END
                       + CASE WHEN k > 2 THEN stays[2] ELSE 0 END
                       + CASE WHEN k > 3 THEN stays[3] ELSE 0 END
                       + CASE WHEN k > 4 THEN stays[4] ELSE 0 END
                       + CASE WHEN half = 2 THEN (stays[1] + 1) / 2 ELSE 0 END)
                       * INTERVAL '1 second' AS row_from,
                   CASE WHEN half = 1
                        THEN born + (stays[1] + 1) / 2 * INTERVAL '1 second'
                        WHEN k < reach OR k = reach AND outcome <> 'open' THEN
                   born + (stays[1] + CASE WHEN k > 1 THEN stays[2] ELSE 0 END
                       + CASE WHEN k > 2 THEN stays[3] ELSE 0 END
                       + CASE WHEN k > 3 THEN stays[4] ELSE 0 END)
                       * INTERVAL '1 second' END AS row_to
              FROM bench_life l
              CROSS JOIN LATERAL generate_series(
                  1, reach + (outcome <> 'open')::int) k
              CROSS JOIN LATERAL generate_series(
                  CASE WHEN k = 1 AND n %% 5 = 0 THEN 1 ELSE 0 END,
                  CASE WHEN k = 1 AND n %% 5 = 0 THEN 2 ELSE 0 END) half) r
"""
LEADS = """
    INSERT INTO crm_lead (id, name, type, active, stage_id, user_id, team_id,
           company_id, expected_revenue, probability, won_status, create_date,
           date_deadline, sales_process_id, sales_stage_id)
    SELECT lead_id, 'Deal ' || lead_id, 'opportunity', status <> 'lost', stage_id,
           user_id, team_id, company_id, expected_revenue, probability,
           CASE status WHEN 'open' THEN 'pending' ELSE status END, date_from,
           date_deadline, sales_process_id,
           (%(process_stages)s::int[])[array_position(%(stages)s::int[], stage_id)]
      FROM bench_row WHERE date_to IS NULL;
    SELECT setval('crm_lead_id_seq', %(first)s + %(deals)s);
    INSERT INTO sales_pipeline_history (
           lead_id, date_from, date_to, stage_since, stage_id, next_stage_id,
           next_status, dwell, sales_process_id, process_since, stages_seen, user_id,
           team_id, company_id, expected_revenue, probability, date_deadline,
           forecast_category, status, origin)
    SELECT lead_id, date_from, date_to, stage_since, stage_id, next_stage_id,
           next_status, dwell, sales_process_id, process_since, stages_seen, user_id,
           team_id, company_id, expected_revenue, probability, date_deadline,
           forecast_category, status, origin
      FROM bench_row ORDER BY date_from
"""
HAND_STAYS = """
    SELECT stage_id, COUNT(*),
           COUNT(*) FILTER (WHERE next_status IN ('open', 'won')),
           COUNT(*) FILTER (WHERE next_status = 'lost'),
           COUNT(*) FILTER (WHERE next_status IS NULL),
           percentile_disc(0.5) WITHIN GROUP (ORDER BY dwell)
      FROM sales_pipeline_history
     WHERE sales_process_id = %(process)s AND status = 'open'
       AND lead_id IS NOT NULL AND (next_status IS NOT NULL OR date_to IS NULL)
       AND process_since >= %(since)s
     GROUP BY 1
"""
HAND_DEALS = """
    SELECT stages_seen, status, COUNT(*), SUM(expected_revenue),
           percentile_disc(0.5) WITHIN GROUP (ORDER BY stage_since - process_since)
      FROM sales_pipeline_history
     WHERE sales_process_id = %(process)s AND date_to IS NULL
       AND process_since >= %(since)s
     GROUP BY 1, 2
"""
HAND_WATERFALL = """
    WITH a AS (
        SELECT *, %(seen)s AS seen FROM sales_pipeline_history
         WHERE date_from < %(start)s AND date_to >= %(start)s AND date_to < %(end)s),
    b AS (
        SELECT *, %(seen)s AS seen FROM sales_pipeline_history
         WHERE date_from >= %(start)s AND date_from < %(end)s
           AND (date_to IS NULL OR date_to >= %(end)s)),
    same AS (
        SELECT COUNT(*) AS n, SUM(expected_revenue) AS amount
          FROM sales_pipeline_history
         WHERE date_from < %(start)s AND (date_to IS NULL OR date_to >= %(end)s)
           AND status = 'open' AND %(seen)s)
    SELECT bar, SUM(n), SUM(amount) FROM (
        SELECT v.* FROM (
            SELECT a.lead_id IS NULL AS fresh, a.status AS old, b.status AS now,
                   COALESCE(a.seen AND a.status = 'open', FALSE) AS had,
                   COALESCE(a.seen, FALSE) AS was_seen,
                   COALESCE(b.seen, FALSE) AS seen,
                   a.expected_revenue AS before, b.expected_revenue AS after
              FROM a FULL JOIN b ON b.lead_id = a.lead_id) c
          CROSS JOIN LATERAL (VALUES
            ('start', CASE WHEN had THEN 1 END, before),
            (CASE WHEN fresh THEN 'new' WHEN old <> 'open' AND now <> old
                  THEN 'reopened' WHEN NOT was_seen AND old = 'open'
                  THEN 'pulled_in' END,
             CASE WHEN NOT had AND seen AND (fresh OR old = 'open' OR now <> old)
                  THEN 1 END, after),
            ('up', CASE WHEN had AND (seen OR now <> 'open') AND after > before
                        THEN 1 END, after - before),
            ('down', CASE WHEN had AND (seen OR now <> 'open') AND after < before
                          THEN 1 END, before - after),
            (now, CASE WHEN now <> 'open' AND (had OR seen AND (
                  fresh OR old = 'open' OR now <> old)) THEN 1 END, after),
            ('pushed_out', CASE WHEN had AND now = 'open' AND NOT seen THEN 1 END,
             before),
            ('end', CASE WHEN seen AND now = 'open' THEN 1 END, after)
          ) v (bar, n, amount)
         WHERE v.n = 1 AND v.bar IS NOT NULL
        UNION ALL SELECT 'start', n, amount FROM same WHERE n > 0
        UNION ALL SELECT 'end', n, amount FROM same WHERE n > 0) bars
     GROUP BY 1
"""
