"""The forecast grid over 1,000,000 deals, a third of them open, beside plain SQL.

The deals are those of ``pipeline.py``, with more of them open and closing dates from a
month ago to five months ahead. 300 people in 30 teams have quotas of every month and
have called their commit. A director asks for the company by month and team, a rep for
the own row; beside it stand the statements written by hand for just these figures,
which have to agree. Both take turns; the median counts.

Wanted: the company under 0.5 s and at most 1.5 times the statements by hand, the own
row under 50 ms. Told, not judged: what changed since last week, and the chances.

``--quick`` takes a hundredth of it and only compares the figures. A database that
``./dev bench --keep`` left is used again.
"""

import runpy
import statistics
import sys
import time
from pathlib import Path

from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.tools import SQL

ROUNDS = 7
WHOLE_SECONDS, OWN_SECONDS, MORE_TIME = 0.5, 0.050, 1.5
pipeline = runpy.run_path(str(Path(__file__).with_name("pipeline.py")))


def main(env, argv):
    """Fill, ask, compare.

    :return: 0 when times and figures are as wanted, else 1
    """
    quick = "--quick" in argv
    with env.registry.cursor() as cr:
        own = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
        deals = pipeline["DEALS"]
        world = Grid(own, deals // 100 if quick else deals)
        if not world.find():
            world.generate()
            world.prepare()
        good = world.run(quick)
        cr.rollback()
    return 0 if good else 1


class Grid(pipeline["World"]):
    """The company of the pipeline, with quotas and calls."""

    def find(self):
        booked = self.env["sales.credit"].search([], limit=1)
        return super().find() and bool(booked)

    def prepare(self):
        self._members()
        self._quotas()
        self._open_more()
        self._calls()
        self._bookings()

    def _members(self):
        """Everybody is in the team that has his deals."""
        size = len(self.teams)
        for number, team in enumerate(self.teams):
            people = [
                user.id
                for place, user in enumerate(self.users, 1)
                if place % size == number
            ]
            team.member_ids = [Command.set(people)]

    def _quotas(self):
        company = self.env.company
        periods = self.env["sales.forecast.grid"]._frame({"count": 3}).periods
        plan = self.env["sales.target.plan"].create(
            {
                "name": "Bench",
                "metric_id": self.env.ref("sales_process.metric_booked").id,
                "company_id": company.id,
                "date_from": periods[0][0],
                "date_to": periods[-1][1],
            }
        )
        targets = self.env["sales.target"]
        for first, after in plan._periods():
            values = {"plan_id": plan.id, "date_from": first, "date_to": after}
            top = targets.create({**values, "amount": 30e6})
            teams = targets.create(
                [
                    {**values, "parent_id": top.id, "team_id": team.id, "amount": 1e6}
                    for team in self.teams
                ]
            )
            targets.create(
                [
                    {
                        **values,
                        "parent_id": above.id,
                        "user_id": user.id,
                        "amount": 1e5,
                    }
                    for above in teams
                    for user in above.team_id.member_ids
                ]
            )
        plan.state = "published"

    def _open_more(self):
        cr = self.env.cr
        self.env.flush_all()
        cr.execute(SQL(OPEN_MORE, stage=self.stages[0].id))
        cr.commit()
        cr._cnx.autocommit = True
        cr.execute(SQL("VACUUM ANALYZE crm_lead"))
        cr._cnx.autocommit = False
        self.env.invalidate_all()

    def _calls(self):
        grids = self.env["sales.forecast.grid"]
        periods = grids._frame({"count": 3}).periods
        calls = self.env["sales.forecast.call"]
        rows = [
            {
                "owner": ("user", user.id),
                "date_from": first,
                "date_to": after,
                "category": "commit",
                "amount": 1000.0,
            }
            for user in self.users
            for first, after in periods
        ]
        calls._submit(self.env.company, rows)
        self.env.cr.commit()

    def _bookings(self):
        company = self.env.company
        params = {
            "metric": self.env["sales.metric"]._by_code("booked").id,
            "company": company.id,
            "currency": company.currency_id.id,
            "users": self.users.ids,
        }
        self.env["sales.credit"]._write_pending()
        for statement in BOOKINGS:
            self.env.cr.execute(SQL(statement, **params))
        self.env.cr.commit()

    # === ASKING === #

    def run(self, quick):
        grids = self.env["sales.forecast.grid"]
        whole = grids.with_user(self.director)
        own = grids.with_user(self.users[7])
        good = self._same(whole.get_grid(), self._hand())
        rounds = 1 if quick else ROUNDS
        ours, hand = self._times(rounds, whole.get_grid, self._hand)
        mine, by_hand = self._times(rounds, own.get_grid, self._hand_own)
        changed, chances = self._times(
            1,
            whole.get_changes,
            lambda: whole.get_chances({}, ["c", *self._team_nodes()]),
        )
        own_chance = self._times(1, own.get_chances)[0]
        limits = [
            ("Company, 3 months", ours, hand, WHOLE_SECONDS),
            ("Own row", mine, by_hand, OWN_SECONDS),
        ]
        for name, seconds, other, limit in limits:
            fast = quick or (
                seconds <= limit
                and (seconds <= MORE_TIME * other or limit == OWN_SECONDS)
            )
            good &= fast
            print(
                f"{name:<24}{1000 * seconds:>6.0f} ms, by hand {1000 * other:.0f} ms,"
                f" {seconds / other:.2f}x{'' if fast else '  TOO SLOW'}"
            )
        for name, seconds in (
            ("Changes of a week", changed),
            ("Chances, company, teams", chances),
            ("Own chance", own_chance),
        ):
            print(f"{name:<24}{1000 * seconds:>6.0f} ms")
        sys.stdout.flush()
        return good

    def _times(self, rounds, *questions):
        spent = [[] for _question in questions]
        for question in questions:
            question()
        for _round in range(rounds):
            for question, times in zip(questions, spent, strict=True):
                self.env.invalidate_all()
                started = time.perf_counter()
                question()
                times.append(time.perf_counter() - started)
        return [statistics.median(times) for times in spent]

    def _team_nodes(self):
        return [f"c/t{team.id}" for team in self.teams]

    # === BY HAND === #

    def _hand(self):
        return self._statements(SQL("TRUE"), SQL("TRUE"), SQL("TRUE"))

    def _hand_own(self):
        person = self.users[7].id
        return self._statements(
            SQL("l.user_id = %s", person), SQL("id = %s", person), SQL("FALSE")
        )

    def _statements(self, deals, people, whole):
        """All that the grid shows: rows of cells, and rows of calls."""
        frame = self.env["sales.forecast.grid"]._frame({"count": 3})
        params = {
            "company": frame.company.id,
            "name": frame.company.name,
            "metric": self.env["sales.metric"]._by_code("booked").id,
            "bounds": frame.bounds,
            "days": [first for first, _after in frame.periods],
            "first": frame.periods[0][0],
            "after": frame.periods[-1][1],
            "whose": deals,
            "who": people,
            "whole": whole,
        }
        cells = self.env.execute_query_dict(SQL(HAND_CELLS, **params))
        calls = self.env.execute_query_dict(SQL(HAND_CALLS, **params))
        return cells, calls, [str(day) for day in params["days"]]

    def _same(self, ours, hand):
        """Whether every row shows the same both ways."""
        found, wanted = {}, {}
        for row in ours["rows"]:
            key = row["kind"], 0 if row["kind"] == "company" else row["owner_id"]
            for place, cell in enumerate(row["cells"]):
                for name in (*CELL, "gap", "coverage"):
                    found[key, place, name] = cell[name]
                for category, call in cell["calls"].items():
                    for name, theirs in CALL.items():
                        found[key, place, category, theirs] = call[name]
            for name, (amount, deals) in row["lines"].items():
                found[key, name] = amount, deals
        cells, calls, days = hand
        lines = {-1: "undated", 0: "overdue", 4: "later"}
        for row in cells:
            key = row["kind"], row["id"]
            for name in lines.values():
                wanted.setdefault((key, name), (0, 0))
            if row["number"] in lines:
                wanted[key, lines[row["number"]]] = row["value"] or 0, row["deals"] or 0
            else:
                for name in (*CELL, "gap", "coverage"):
                    wanted[key, row["number"] - 1, name] = row[name]
            for name, amount, deals in (
                ("omitted", row["omitted"], row["omitted_deals"]),
                ("no_amount", 0, row["empty"]),
            ):
                before = wanted.get((key, name), (0, 0))
                wanted[key, name] = before[0] + (amount or 0), before[1] + (deals or 0)
        for row in calls:
            key = (row["kind"], row["id"]), days.index(str(row["day"])), row["category"]
            for name in CALL.values():
                wanted[(*key, name)] = row[name]
        wrong = [
            (key, found.get(key), wanted.get(key))
            for key in found.keys() | wanted.keys()
            if not _alike(found.get(key), wanted.get(key))
        ]
        if wrong:
            print(f"{len(wrong)} of {len(wanted)} figures are not as by hand")
            print(*wrong[:5], sep="\n")
        return bool(wanted) and not wrong


def _alike(one, other):
    if isinstance(one, tuple) or isinstance(other, tuple):
        return all(map(_alike, one or (0, 0), other or (0, 0)))
    if isinstance(one, str) or isinstance(other, str):
        return str(one) == str(other)
    return abs((one or 0) - (other or 0)) < 0.006


CELL = ("quota", "closed", "commit", "best_case", "pipeline", "weighted", "deals")
# What is told of a number, and what it is called by hand.
CALL = {
    "call": "amount",
    "call_id": "call_id",
    "call_note": "note",
    "called_by": "author_id",
    "called_by_name": "author",
    "called_on": "date",
    "adjusted": "adjusted",
    "adjustment_id": "adjustment_id",
    "number": "number",
    "below": "below",
    "below_called": "called",
    "below_total": "total",
}
OPEN_MORE = """
    UPDATE crm_lead
       SET active = TRUE, won_status = 'pending', stage_id = %(stage)s,
           date_deadline = CURRENT_DATE - 30 + (id %% 180)::int,
           sales_forecast_choice =
               (ARRAY['commit', 'best_case', 'pipeline'])[1 + id %% 3]
     WHERE won_status = 'pending' OR id %% 4 = 0
"""
# A day's bookings of everybody, on most days of a year until today.
BOOKINGS = (
    """
    INSERT INTO sales_credit (metric_id, date, user_id, team_id, company_id,
           currency_id, amount, share, is_overlay, source_model, source_id, part_id,
           reason, create_date)
    SELECT %(metric)s, CURRENT_DATE - (n / 300 %% 365), m.user_id, m.crm_team_id,
           %(company)s, %(currency)s, 1 + n %% 7919, 100, FALSE, 'sale.order', n, 1,
           'event', now()
      FROM generate_series(0, 99999) n
      JOIN crm_team_member m
        ON m.user_id = (%(users)s::int[])[1 + n %% cardinality(%(users)s::int[])]
       AND m.active
     ORDER BY 2
    """,
    """
    INSERT INTO sales_credit_sum (metric_id, company_id, month, user_id, team_id,
           is_overlay, amount)
    SELECT metric_id, company_id, DATE_TRUNC('month', date)::date, user_id, team_id,
           is_overlay, SUM(amount)
      FROM sales_credit GROUP BY 1, 2, 3, 4, 5, 6
    """,
    "ANALYZE sales_credit, sales_credit_sum, sales_forecast_call, sales_target",
)
# What somebody would write who knows that there is one company with one currency,
# nothing but whole months, teams that do not lie below each other and nobody with deals
# in two of them; for each row what it shows, with what all deals of an owner come to
# beside the periods: everything but the order of the rows.
HAND_CELLS = """
    WITH deal AS (
        SELECT l.team_id, l.user_id, COALESCE(WIDTH_BUCKET(
                   l.date_deadline, %(bounds)s::date[]), -1) AS number,
               l.sales_forecast_category AS category,
               SUM(l.sales_forecast_value)::float8 AS value,
               SUM(l.sales_forecast_revenue)::float8 AS weighted,
               COUNT(*) AS deals,
               COUNT(*) FILTER (WHERE l.sales_forecast_value = 0) AS empty
          FROM crm_lead l
         WHERE l.type = 'opportunity' AND l.active AND l.won_status = 'pending'
           AND l.company_id = %(company)s AND %(whose)s
         GROUP BY 1, 2, 3, 4
    ), cell AS (
        SELECT CASE WHEN GROUPING(user_id) = 0 THEN 'user'
                    WHEN GROUPING(team_id) = 0 THEN 'team' ELSE 'company' END AS kind,
               CASE WHEN GROUPING(user_id) = 0 THEN user_id
                    WHEN GROUPING(team_id) = 0 THEN team_id ELSE 0 END AS id,
               number,
               SUM(value) FILTER (WHERE category = 'commit') AS commit,
               SUM(value) FILTER (WHERE category = 'best_case') AS best_case,
               SUM(value) FILTER (WHERE category = 'pipeline') AS pipeline,
               SUM(value) FILTER (WHERE category <> 'omitted') AS value,
               SUM(weighted) FILTER (WHERE category <> 'omitted') AS weighted,
               SUM(deals) FILTER (WHERE category <> 'omitted') AS deals,
               SUM(value) FILTER (WHERE category = 'omitted') AS omitted,
               SUM(deals) FILTER (WHERE category = 'omitted') AS omitted_deals,
               SUM(empty) FILTER (WHERE category <> 'omitted') AS empty
          FROM deal
         GROUP BY GROUPING SETS ((team_id, user_id, number), (team_id, number),
                                 (number))
    ), quota AS (
        SELECT CASE WHEN user_id IS NOT NULL THEN 'user'
                    WHEN team_id IS NOT NULL THEN 'team' ELSE 'company' END AS kind,
               COALESCE(user_id, team_id, 0) AS id, date_from AS day,
               SUM(amount)::float8 AS amount
          FROM sales_target
         WHERE company_id = %(company)s AND metric_id = %(metric)s
           AND plan_state = 'published'
           AND date_from >= %(first)s AND date_to <= %(after)s
         GROUP BY 1, 2, 3
    ), closed AS (
        SELECT CASE WHEN GROUPING(user_id) = 0 THEN 'user'
                    WHEN GROUPING(team_id) = 0 THEN 'team' ELSE 'company' END AS kind,
               CASE WHEN GROUPING(user_id) = 0 THEN user_id
                    WHEN GROUPING(team_id) = 0 THEN team_id ELSE 0 END AS id,
               month AS day, SUM(amount)::float8 AS amount
          FROM sales_credit_sum
         WHERE company_id = %(company)s AND metric_id = %(metric)s
           AND month >= %(first)s AND month < %(after)s
         GROUP BY GROUPING SETS ((user_id, month), (team_id, month), (month))
    ), called AS (
        SELECT c.owner_kind AS kind, COALESCE(c.user_id, c.team_id, 0) AS id,
               c.date_from AS day, c.amount::float8 AS amount
          FROM sales_forecast_call c
         WHERE c.company_id = %(company)s AND c.date_end IS NULL
           AND c.category = 'commit'
           AND c.date_from >= %(first)s AND c.date_to <= %(after)s
    ), figures AS (
        SELECT o.kind, o.id, p.number, c.commit, c.best_case, c.pipeline, c.value,
               c.weighted, c.deals, c.omitted, c.omitted_deals, c.empty,
               q.amount AS quota, d.amount AS closed,
               q.amount - CASE WHEN n.id IS NULL
                   THEN COALESCE(d.amount, 0) + COALESCE(c.commit, 0)
                   ELSE GREATEST(n.amount, COALESCE(d.amount, 0)) END AS gap
          FROM (SELECT DISTINCT kind, id FROM cell) o
         CROSS JOIN (
               SELECT number, (%(days)s::date[])[number] AS day
                 FROM generate_series(-1, 4) number) p
          LEFT JOIN cell c ON c.kind = o.kind AND c.id = o.id AND c.number = p.number
          LEFT JOIN quota q ON q.kind = o.kind AND q.id = o.id AND q.day = p.day
          LEFT JOIN closed d ON d.kind = o.kind AND d.id = o.id AND d.day = p.day
          LEFT JOIN called n ON n.kind = o.kind AND n.id = o.id AND n.day = p.day
    )
    SELECT f.kind, f.id, COALESCE(t.name->>'en_US', p.name, %(name)s) AS name, number,
           f.commit, best_case, pipeline, value, weighted, deals, omitted,
           omitted_deals, empty, quota, closed, gap,
           CASE WHEN gap > 0 THEN (COALESCE(best_case, 0) + COALESCE(pipeline, 0)) / gap
               END AS coverage
      FROM figures f
      LEFT JOIN crm_team t ON f.kind = 'team' AND t.id = f.id
      LEFT JOIN res_users u ON f.kind = 'user' AND u.id = f.id
      LEFT JOIN res_partner p ON p.id = u.partner_id
"""
# Numbers with who gave them and what those below come to.
HAND_CALLS = """
    WITH number AS (
        SELECT c.owner_kind AS kind, COALESCE(c.user_id, c.team_id, 0) AS id,
               c.date_from AS day, c.category, c.id AS call_id, c.amount, c.note,
               c.author_id, p.name AS author, c.date, a.id AS adjustment_id,
               a.amount AS adjusted, a.note AS adjust_note,
               a.author_id AS adjusted_by, b.name AS adjuster, a.date AS adjusted_on,
               COALESCE(a.amount, c.amount) AS number
          FROM sales_forecast_call c
          JOIN res_users u ON u.id = c.author_id
          JOIN res_partner p ON p.id = u.partner_id
          LEFT JOIN sales_forecast_adjustment a
            ON a.date_end IS NULL AND a.owner_kind = c.owner_kind
           AND COALESCE(a.user_id, a.team_id, 0) = COALESCE(c.user_id, c.team_id, 0)
           AND a.date_from = c.date_from AND a.date_to = c.date_to
           AND a.category = c.category
          LEFT JOIN res_users v ON v.id = a.author_id
          LEFT JOIN res_partner b ON b.id = v.partner_id
         WHERE c.company_id = %(company)s AND c.date_end IS NULL
           AND c.date_from >= %(first)s AND c.date_to <= %(after)s
    ), team AS (
        SELECT m.crm_team_id AS id, n.day, n.category, SUM(n.number) AS below,
               COUNT(*) AS called
          FROM number n
          JOIN crm_team_member m ON m.user_id = n.id AND m.active
         WHERE n.kind = 'user'
         GROUP BY 1, 2, 3
    ), company AS (
        SELECT t.day, t.category, SUM(COALESCE(n.number, t.below)) AS below,
               COUNT(*) AS called
          FROM team t
          LEFT JOIN number n ON n.kind = 'team' AND n.id = t.id AND n.day = t.day
                            AND n.category = t.category
         GROUP BY 1, 2
    )
    SELECT kind, id, day, category, call_id, amount::float8, note, author_id, author,
           date, adjustment_id, adjusted::float8, adjust_note, adjusted_by, adjuster,
           adjusted_on, number::float8, NULL AS below, 0 AS called, 0 AS total
      FROM number WHERE kind = 'user' AND %(who)s
     UNION ALL
    SELECT 'team', t.id, t.day, t.category, n.call_id, n.amount::float8, n.note,
           n.author_id, n.author, n.date, n.adjustment_id, n.adjusted::float8,
           n.adjust_note, n.adjusted_by, n.adjuster, n.adjusted_on, n.number::float8,
           t.below::float8, t.called,
           (SELECT COUNT(*) FROM crm_team_member m WHERE m.active
               AND m.crm_team_id = t.id)
      FROM team t
      LEFT JOIN number n ON n.kind = 'team' AND n.id = t.id AND n.day = t.day
                        AND n.category = t.category
     WHERE %(whole)s
     UNION ALL
    SELECT 'company', 0, t.day, t.category, n.call_id, n.amount::float8, n.note,
           n.author_id, n.author, n.date, n.adjustment_id, n.adjusted::float8,
           n.adjust_note, n.adjusted_by, n.adjuster, n.adjusted_on, n.number::float8,
           t.below::float8, t.called, (SELECT COUNT(*) FROM crm_team WHERE active)
      FROM company t
      LEFT JOIN number n ON n.kind = 'company' AND n.day = t.day
                        AND n.category = t.category
     WHERE %(whole)s
"""
