"""How fast two plans are tried on a year of 300 people.

Each of them has 20 invoices a month; the plan in force then adds up by month, one of
those tried by month with an accelerator, the other by quarter of the target, which is
assumed. Wanted: the whole answer of the simulator under 10 s, whoever is in the plans
in as many queries.

``--quick`` takes 2 invoices a month. Everything is rolled back.
"""

import runpy
import time
from pathlib import Path

from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.tools import SQL

LIMIT = 10.0
PEOPLE, INVOICES, MONTHS = 300, 20, 12
commission = runpy.run_path(str(Path(__file__).with_name("commission.py")))


def main(env, argv):
    """Fill, ask, compare.

    :return: 0 where everything is as wanted, else 1
    """
    quick = "--quick" in argv
    with env.registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
        good = Simulation(env).run(INVOICES // 10 if quick else INVOICES, quick)
        cr.rollback()
    return 0 if good else 1


class Simulation:
    """A year of credit, the plan that paid it, and two others."""

    def __init__(self, env):
        self.env = env
        year = env.company._sales_today().year - 1
        self.times = {"from": f"{year}-01-01", "to": f"{year + 1}-01-01"}

    def prepare(self, invoices):
        fill = commission["Commission"](self.env)
        plan, users = fill.prepare(invoices * MONTHS)
        year = int(self.times["from"][:4])
        spread = SQL(
            # Each has some of each month, and a third of it a year earlier
            "make_date(%(year)s - (source_id / %(people)s %% 3 = 0)::int,"
            " 1 + source_id / %(people)s %% 12, 1 + source_id %% 28)",
            year=year,
            people=PEOPLE,
        )
        self.env.cr.execute(
            SQL(
                "UPDATE sales_credit SET date = %s WHERE source_id IN (SELECT id FROM"
                " account_move WHERE name LIKE 'BENCH/%%')",
                spread,
            )
        )
        self.env.cr.execute("ANALYZE sales_credit")
        plan.write({"date_from": self.times["from"], "date_to": self.times["to"]})
        plan.action_publish()
        others = self.env["sales.commission.plan"]
        for period, basis, lowers in (
            ("month", "amount", ((0, 1), (40000, 4), (90000, 6))),
            ("quarter", "attainment", ((0, 2), (100, 4), (120, 6))),
        ):
            others |= plan.create(
                {
                    "name": f"By {period}",
                    "period_type": period,
                    "basis": basis,
                    "cap_amount": 50000,
                    "bracket_ids": [
                        Command.create({"lower": lower, "rate": rate})
                        for lower, rate in lowers
                    ],
                    "assignment_ids": [
                        Command.create({"user_id": user.id}) for user in users
                    ],
                }
            )
        self.env.flush_all()
        return others

    def run(self, invoices, quick):
        plans = self.prepare(invoices)
        simulator = self.env["sales.commission.simulator"]
        options = {**self.times, "plans": plans.ids, "growth": 5.0}
        good = True
        for label in ("warming up", "two plans"):
            self.env.invalidate_all()
            before, started = self.env.cr.sql_log_count, time.perf_counter()
            result = simulator.simulate(options)
            seconds = time.perf_counter() - started
            count = self.env.cr.sql_log_count - before
            slow = not quick and label != "warming up" and seconds > LIMIT
            good &= not slow and len(result["people"]) == PEOPLE
            print(
                f"{label}: {len(result['people'])} people, {seconds:.2f} s, "
                f"{count} queries{' TOO SLOW' if slow else ''}"
            )
        for plan in result["plans"]:
            print(
                f"{plan['name']}: {plan['cost']:,.0f} instead of {plan['before']:,.0f},"
                f" {plan['winners']} win, {plan['losers']} lose,"
                f" {plan['at_cap']} at the cap, {plan['assumed']} assumed"
            )
        return good
