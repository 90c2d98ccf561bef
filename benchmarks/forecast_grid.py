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
        called = self.env["sales.forecast.call"].search([], limit=1)
        return super().find() and bool(called)

    def prepare(self):
        self._members()
        self._quotas()
        self._open_more()
        self._calls()

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
        return self._statements(SQL("TRUE"))

    def _hand_own(self):
        return self._statements(SQL("l.user_id = %s", self.users[7].id))

    def _statements(self, whose):
        frame = self.env["sales.forecast.grid"]._frame({"count": 3})
        params = {
            "company": frame.company.id,
            "bounds": frame.bounds,
            "first": frame.periods[0][0],
            "after": frame.periods[-1][1],
            "whose": whose,
        }
        deals = self.env.execute_query(SQL(HAND_DEALS, **params))
        for statement in (HAND_QUOTAS, HAND_CREDIT, HAND_CALLS):
            self.env.execute_query(SQL(statement, **params))
        return deals

    def _same(self, ours, hand):
        """Whether each person has the same figures both ways."""
        wanted = {}
        for _team, user_id, number, category, value, weighted, _deals, _empty in hand:
            if 1 <= number <= 3 and category != "omitted":
                cell = wanted.setdefault((user_id, number - 1), {"weighted": 0.0})
                cell[category] = cell.get(category, 0.0) + value
                cell["weighted"] += weighted
        found = {}
        for row in ours["rows"]:
            for place, cell in enumerate(row["cells"]):
                if row["kind"] == "user":
                    found[row["owner_id"], place] = cell
        wrong = [
            key
            for key, cell in wanted.items()
            for name, amount in cell.items()
            if abs(found[key][name] - amount) > 0.01
        ]
        if wrong or not wanted:
            print(f"{len(wrong)} figures are not as by hand")
        return bool(wanted) and not wrong


OPEN_MORE = """
    UPDATE crm_lead
       SET active = TRUE, won_status = 'pending', stage_id = %(stage)s,
           date_deadline = CURRENT_DATE - 30 + (id %% 180)::int,
           sales_forecast_choice =
               (ARRAY['commit', 'best_case', 'pipeline'])[1 + id %% 3]
     WHERE won_status = 'pending' OR id %% 4 = 0
"""
HAND_DEALS = """
    SELECT l.team_id, l.user_id, COALESCE(WIDTH_BUCKET(
               l.date_deadline, %(bounds)s::date[]), -1), l.sales_forecast_category,
           SUM(l.sales_forecast_value)::float8, SUM(l.sales_forecast_revenue)::float8,
           COUNT(*), COUNT(*) FILTER (WHERE l.sales_forecast_value = 0)
      FROM crm_lead l
     WHERE l.type = 'opportunity' AND l.active AND l.won_status = 'pending'
       AND l.company_id = %(company)s AND %(whose)s
     GROUP BY 1, 2, 3, 4
"""
HAND_QUOTAS = """
    SELECT team_id, user_id, date_from, amount
      FROM sales_target
     WHERE company_id = %(company)s AND plan_state = 'published'
       AND date_from >= %(first)s AND date_to <= %(after)s
"""
HAND_CREDIT = """
    SELECT user_id, team_id, month, SUM(amount)
      FROM sales_credit_sum
     WHERE company_id = %(company)s AND month >= %(first)s AND month < %(after)s
     GROUP BY 1, 2, 3
"""
HAND_CALLS = """
    SELECT user_id, team_id, date_from, category, amount
      FROM sales_forecast_call
     WHERE company_id = %(company)s AND date_end IS NULL
       AND date_from >= %(first)s AND date_to <= %(after)s
"""
