"""Had deals been forecast month by month: which chances would have been the right ones?

Two pasts are gone through. At the beginning of each month every way of forecasting says
how likely the open deals are won, from nothing but what was known then; later it is
known what became of them.

* ``file``: the deals of ``crm_sales_opportunities``, imported as in ``import_funnel``.
  Its only open stage is given 50 %, as somebody might have typed. The file has no
  expected closing: of all ways alike, the share of open deals that closed in the month
  before is taken for the month ahead. Amounts are list prices.
* ``world``: a generated company of which the true chance of each deal is known. Stages
  are typed too optimistically; deals grow stale; one of two sources is twice as good,
  which Odoo's score can see and the calibration cannot. Closing dates are what such
  deals take that are won, and typed anew when they have passed. Compared is all that
  was won in the month.

Compared are the stage percentage, Odoo's predictive score (core's own code, its
frequencies rebuilt from the deals closed by then, with all fields it offers) and the
calibrated chance (learnt as of then). Told are the Brier score over all deals whose end
is known, in groups how well chances were kept (reliability), and how far the monthly
total was from what those deals brought in, all figures whatever they are.

``--quick`` takes a few months and a small company; ``file`` or ``world`` one of both.
"""

import csv
import random
import runpy
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from odoo import SUPERUSER_ID, api, fields
from odoo.tools import SQL

from odoo.addons.sales_process.engine.forecast_accuracy import (
    choose,
    errors,
    grouped,
    scores,
)
from odoo.addons.sales_process.engine.periods import add_months, start_of
from odoo.addons.sales_process.models.forecast.accuracy_chance_sql import PastChances
from odoo.addons.sales_process.models.forecast.accuracy_sql import END, START, Past

# The group of requirements that ./dev bench installs for this script.
REQUIREMENTS = "bench"
DAY = timedelta(days=1)
FOREVER = datetime(2000, 1, 1).date(), datetime(2100, 1, 1).date()
SCORED = "country_id,state_id,phone_state,email_state,source_id,lang_id,tag_ids"
LABELS = {
    "stage": "stage percentage",
    "score": "Odoo's predictive score",
    "calibrated": "calibrated",
    "rate": "share won so far",
    "truth": "the truth",
}


def main(env, argv):
    """Go through both pasts and tell what was found.

    :param env: environment of a database with the addon
    :param argv: ``--quick``, and optionally the folder that holds the files
    :return: 0; figures are told, not judged
    """
    quick = "--quick" in argv
    parts = {"file": from_file, "world": generated}
    wanted = parts.keys() & set(argv) or parts.keys()
    argv = [word for word in argv if word not in ("--quick", *parts)]
    for part in (parts[name] for name in parts if name in wanted):
        with env.registry.cursor() as cr:
            own = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
            part(own, argv, quick)
            cr.rollback()
    sys.stdout.flush()
    return 0


# --------------------------------------------------------------------------------------
# The file
# --------------------------------------------------------------------------------------


def from_file(env, argv, quick):
    import pandas

    here = Path(__file__)
    base = runpy.run_path(str(here.with_name("import_pipeline.py")))
    funnel = runpy.run_path(str(here.with_name("import_funnel.py")))
    folder = base["find_folder"](argv)
    if not folder:
        print("file: not there; give the folder that holds sales_pipeline.csv")
        return
    env = env(user=env.ref("base.user_admin"))
    process, run = funnel["import_into_process"](env, base, folder, pandas)
    env.flush_all()
    env.cr.execute(
        SQL(
            "UPDATE sales_process_stage SET probability = 50 WHERE process_id = %s",
            process.id,
        )
    )
    env.invalidate_all()
    values = list_prices(env, run, folder)
    env.cr.execute(
        SQL("UPDATE sales_pipeline_history SET date_deadline = '2050-01-01'")
    )
    [(first, last)] = env.execute_query(
        SQL(
            "SELECT MIN(date_from)::date, MAX(date_from)::date"
            " FROM sales_pipeline_history WHERE status = 'won'"
        )
    )
    months = list_months(add_months(start_of(first, "month"), 2), last)
    backtest = Backtest(env, env.company, months[-4:] if quick else months)
    backtest.value_of = values
    backtest.period = FOREVER
    backtest.run()
    backtest.report("file", f"{len(run.lead_ids):,} deals")


def list_prices(env, run, folder):
    """``{lead id: list price of its product}``: amounts of lost deals are 0 there."""
    with (folder / "products.csv").open() as file:
        prices = {
            row["product"].replace(" ", ""): float(row["sales_price"])
            for row in csv.DictReader(file)
        }
    with (folder / "sales_pipeline.csv").open() as file:
        rows = {row["opportunity_id"]: row for row in csv.DictReader(file)}
    names = env["ir.model.data"].search_fetch(
        [("model", "=", "crm.lead"), ("res_id", "in", run.lead_ids.ids)],
        ["name", "res_id"],
    )
    found = {}
    for name in names:
        key = name.name.rpartition("_")[2].upper()
        if key in rows:
            found[name.res_id] = prices[rows[key]["product"].replace(" ", "")]
    usual = sum(found.values()) / len(found) if found else 1.0
    print(f"list price known of {len(found):,} of {len(run.lead_ids):,} deals")
    return {lead_id: found.get(lead_id, usual) for lead_id in run.lead_ids.ids}


# --------------------------------------------------------------------------------------
# The generated company
# --------------------------------------------------------------------------------------


class World:
    """Deals go week by week: on to the next stage, lost, or they stay.

    The longer a deal stays, the likelier it is lost: its weekly chance to go on falls.
    """

    TYPED = (20.0, 50.0, 80.0)
    GO_ON, LOSE, STALE = (0.16, 0.20, 0.24), (0.06, 0.08, 0.05), 0.90
    LONGEST = 60  # weeks

    def __init__(self, seed=7):
        self.random = random.Random(seed)
        self.known, self.pools = {}, {}

    def step(self, stage, age, good):
        """Weekly chances to go on and to be lost, of a stay of ``age`` weeks."""
        go_on = self.GO_ON[stage] * (1.3 if good else 0.65) * self.STALE**age
        if age >= self.LONGEST:
            return 0.0, 1.0
        return go_on, self.LOSE[stage]

    def chance(self, stage, age, good):
        """The true chance that such a deal is won, 0–1."""
        if stage == len(self.TYPED):
            return 1.0
        key = stage, age, good
        if key not in self.known:
            go_on, lose = self.step(*key)
            stays = 1 - go_on - lose
            won = go_on * self.chance(stage + 1, 0, good)
            if stays > 0:
                won += stays * self.chance(stage, age + 1, good)
            self.known[key] = won
        return self.known[key]

    def life(self, good, stage=0):
        """``[(weeks since the beginning, stage or "won" or "lost")]``"""
        age, week, steps = 0, 0, [(0, stage)]
        while True:
            week += 1
            dice = self.random.random()
            go_on, lose = self.step(stage, age, good)
            age += 1
            if dice < go_on:
                stage, age = stage + 1, 0
                if stage == len(self.TYPED):
                    return [*steps, (week, "won")]
                steps.append((week, stage))
            elif dice < go_on + lose:
                return [*steps, (week, "lost")]

    def promises(self, stage, good, moment, end, now):
        """What people say when the deal closes, while it stays in a stage.

        They say what other deals of that kind took that were won from there, and say
        it anew when the day has passed.

        :return: ``[(from, until, day)]``
        """
        found, since = [], moment
        while True:
            age = (since - moment).days // 7
            weeks = [w - age for w in self.win_weeks(stage, good) if w > age] or [8]
            closing = since + 7 * self.random.choice(weeks) * DAY
            until = closing + DAY
            last = until >= (end or now)
            found.append((since, end if last else until, closing.date()))
            if last:
                return found
            since = until

    def win_weeks(self, stage, good):
        """How many weeks it took some deals that were won from a stage on."""
        key = stage, good
        if key not in self.pools:
            lives = (self.life(good, stage) for _life in range(1000))
            self.pools[key] = [life[-1][0] for life in lives if life[-1][1] == "won"]
        return self.pools[key]


def generated(env, _argv, quick):
    world, number = World(), 2_000 if quick else 5_000
    company = env["res.company"].create({"name": "Generated"})
    company.resource_calendar_id.tz = "UTC"
    stages = env["crm.stage"].create(
        [{"name": f"World {n}", "sequence": n, "is_won": n == 3} for n in range(4)]
    )
    percents = (*World.TYPED, 100.0)
    process = env["sales.process"].create(
        {
            "name": "World",
            "stage_ids": [
                (0, 0, {"stage_id": s.id, "sequence": n, "probability": percents[n]})
                for n, s in enumerate(stages)
            ],
        }
    )
    sources = env["utm.source"].create([{"name": "World A"}, {"name": "World B"}])
    today = company._sales_today()
    months = list_months(add_months(today.replace(day=1), -12), today - 31 * DAY)
    begin = company._sales_midnight(add_months(months[0], -12))
    facts = write_deals(env, world, company, process, stages, sources, number, begin)
    backtest = Backtest(env, company, months[-4:] if quick else months)
    backtest.world, backtest.facts = world, facts
    backtest.run()
    backtest.report("world", f"{number:,} generated deals")


def write_deals(env, world, company, process, stages, sources, number, begin):
    """Deals over two years up to now, with the rows of their history.

    :return: ``{lead id: (is of the good source, [(moment, stage)])}``
    """
    now = fields.Datetime.now()
    days = (now - begin).days
    lives = []
    for _number in range(number):
        good = world.random.random() < 0.5
        start = begin + world.random.random() * days * DAY
        amount = round(world.random.lognormvariate(8, 0.8), 2)
        steps = [(start + 7 * weeks * DAY, state) for weeks, state in world.life(good)]
        lives.append((good, amount, [step for step in steps if step[0] < now]))
    env.cr.execute(
        SQL(
            """
            INSERT INTO crm_lead (name, type, active, company_id, stage_id, source_id,
                   sales_process_id, won_status, expected_revenue, create_date)
            SELECT 'World', 'opportunity', TRUE, %s, %s, s, %s, 'pending', a, d
              FROM unnest(%s::int[], %s::numeric[], %s::timestamp[]) AS t (s, a, d)
            RETURNING id
            """,
            company.id,
            stages[0].id,
            process.id,
            [sources[not good].id for good, _amount, _steps in lives],
            [amount for _good, amount, _steps in lives],
            [steps[0][0] for _good, _amount, steps in lives],
        )
    )
    ids = [id_ for (id_,) in env.cr.fetchall()]
    rows = []
    for lead_id, (_good, amount, steps) in zip(ids, lives, strict=True):
        ends = [moment for moment, _state in steps[1:]] + [None]
        place = 0
        for (moment, state), end in zip(steps, ends, strict=True):
            place = {"won": 3, "lost": place}.get(state, state)
            status = state if isinstance(state, str) else "open"
            dates = [(moment, end, moment.date())]
            if status == "open":
                dates = world.promises(place, good, moment, end, now)
            for since, until, closing in dates:
                stage = stages[place].id
                rows.append((lead_id, since, until, status, stage, amount, closing))
    fill_history(env, company, process, rows)
    return {
        lead_id: (good, steps)
        for lead_id, (good, _amount, steps) in zip(ids, lives, strict=True)
    }


def fill_history(env, company, process, rows):
    columns = [list(column) for column in zip(*rows, strict=True)]
    env.cr.execute(
        SQL(
            """
            INSERT INTO sales_pipeline_history (lead_id, date_from, date_to, status,
                   stage_id, expected_revenue, date_deadline, company_id,
                   sales_process_id, forecast_category, origin, stage_since)
            SELECT r.*, %s, %s, CASE r.status WHEN 'won' THEN 'closed' WHEN 'lost'
                   THEN 'omitted' ELSE 'pipeline' END, 'live', r.date_from
              FROM unnest(%s::int[], %s::timestamp[], %s::timestamp[], %s::varchar[],
                          %s::int[], %s::numeric[], %s::date[]) AS r (
                   lead_id, date_from, date_to, status, stage_id, amount, closing)
            """,
            company.id,
            process.id,
            *columns,
        )
    )
    history = env["sales.pipeline.history"]
    history._complete_past(sorted(set(columns[0])))
    history._analyze()


# --------------------------------------------------------------------------------------
# Both
# --------------------------------------------------------------------------------------


def list_months(first, until):
    """First days of the months that begin by then and are over."""
    found = []
    while first <= until:
        found.append(first)
        first = add_months(first, 1)
    return found


class Backtest:
    """Chances month by month, and what became of the deals.

    :ivar rows: per month, dicts of a deal: ``lead``, ``value``, ``kept`` (what it
        brought in within the month), ``status`` (now) and a chance 0–1 per way
    """

    def __init__(self, env, company, months):
        self.env, self.company, self.months = env, company, months
        self.period = None  # of the expected closing; None: the month
        self.value_of = self.world = self.facts = None
        self.rows, self.came, self.seconds = [], {}, {}

    def run(self):
        self.env.cr.execute(SQL("ANALYZE crm_lead, sales_pipeline_history"))
        self.status = dict(
            self.env.execute_query(
                SQL(
                    "SELECT lead_id, status FROM sales_pipeline_history"
                    " WHERE date_to IS NULL AND lead_id IS NOT NULL"
                )
            )
        )
        for number, first in enumerate(self.months):
            self.rows.append(self.month(number, first))

    def month(self, number, first):
        moment = self.company._sales_midnight(first)
        self.take("learning", self.env["sales.forecast.rate.past"]._learn_past)(
            self.company, moment
        )
        after = add_months(first, 1)
        expected = self.period or (first, after)
        common = {"first": expected[0], "after": expected[1], "since": moment}
        moments = [
            {
                "period": number,
                "weeks": START,
                "at": moment,
                "learnt": moment,
                **common,
            },
            {
                "period": number,
                "weeks": END,
                "at": self.company._sales_midnight(after),
                "learnt": moment,
                **common,
            },
        ]
        currency = self.company.currency_id
        past = Past(
            self.env["sales.pipeline.history"]._search([]),
            {
                "id": self.company.id,
                "currency_id": currency.id,
                "rounding": currency.rounding,
            },
            moments,
            PastChances(self.company.id),
        )
        deals = self.take("reading", self.env.execute_query_dict)(past.deals())
        self.came[number] = sum(float(d["kept"]) for d in deals if d["kind"] == "came")
        deals = [row for row in deals if row["kind"] == "open" and row["lead_id"]]
        found = self.take("Odoo's scoring", self.odoo_scores)(moment)
        won, closed = self.closed_by(moment)
        rows = []
        for deal in deals:
            lead = deal["lead_id"]
            value = self.value_of[lead] if self.value_of else deal["value"]
            row = {
                "lead": lead,
                "value": float(value),
                "kept": float(value) if deal["kept"] is not None else 0.0,
                "status": self.status.get(lead),
                "stage": deal["stage"] / 100,
                "calibrated": deal["calibrated"] / 100,
                # Where core cannot score, its deals keep the probability 0.
                "score": found.get(lead, 0.0) / 100,
                "rate": (won + 1) / (closed + 2),
            }
            if self.world:
                row["truth"] = self.truth(lead, moment)
            rows.append(row)
        return rows

    def take(self, label, call):
        """The same call, with its seconds added up."""

        def timed(*args):
            started = time.perf_counter()
            result = call(*args)
            spent = time.perf_counter() - started
            self.seconds[label] = self.seconds.get(label, 0.0) + spent
            return result

        return timed

    def truth(self, lead, moment):
        good, steps = self.facts[lead]
        since, stage = [step for step in steps if step[0] < moment][-1]
        weeks = (moment - since).days // 7
        return self.world.chance(stage, weeks, good)

    def closed_by(self, moment):
        [counts] = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*) FILTER (WHERE status = 'won'), COUNT(*)
                  FROM sales_pipeline_history
                 WHERE date_from < %(at)s AND (date_to IS NULL OR date_to >= %(at)s)
                   AND status <> 'open' AND company_id = %(company)s
                """,
                at=moment,
                company=self.company.id,
            )
        )
        return counts

    def odoo_scores(self, moment):
        """``{lead id: percent}`` by core's code, with deals as they were then."""
        env = self.env
        savepoint = env.cr.savepoint()
        try:
            settings = env["ir.config_parameter"].sudo()
            settings.set_param("crm.pls_start_date", "2000-01-01")
            settings.set_param("crm.pls_fields", SCORED)
            env.flush_all()
            env.cr.execute(SQL("ALTER TABLE crm_lead DISABLE TRIGGER USER"))
            env.cr.execute(SQL("SET LOCAL enable_nestloop = off"))
            env.cr.execute(
                SQL(
                    """
                    UPDATE crm_lead l
                       SET stage_id = COALESCE(h.stage_id, l.stage_id),
                           won_status = CASE h.status WHEN 'won' THEN 'won'
                               WHEN 'lost' THEN 'lost' ELSE 'pending' END,
                           active = h.status IS DISTINCT FROM 'lost',
                           probability = CASE h.status WHEN 'won' THEN 100
                               WHEN 'lost' THEN 0 ELSE 50 END
                      FROM crm_lead d
                      LEFT JOIN (
                           SELECT * FROM sales_pipeline_history
                            WHERE date_from < %(at)s
                              AND (date_to IS NULL OR date_to >= %(at)s)) h
                             ON h.lead_id = d.id
                     WHERE d.id = l.id
                    """,
                    at=moment,
                )
            )
            env.invalidate_all(flush=False)
            leads = env["crm.lead"].with_user(SUPERUSER_ID)
            leads._rebuild_pls_frequency_table()
            env.flush_all()
            ids = [
                lead_id
                for (lead_id,) in env.execute_query(
                    SQL(
                        """
                        SELECT lead_id FROM sales_pipeline_history
                         WHERE status = 'open' AND date_from < %(at)s
                           AND (date_to IS NULL OR date_to >= %(at)s)
                        """,
                        at=moment,
                    )
                )
                if lead_id
            ]
            found = leads.browse(ids)._pls_get_naive_bayes_probabilities(True)
            return found[0] if isinstance(found, tuple) else found
        finally:
            savepoint.close(rollback=True)
            env.invalidate_all(flush=False)

    # === REPORT === #

    def report(self, title, subtitle):
        ways = [way for way in LABELS if way != "truth" or self.world]
        known = [
            row
            for rows in self.rows
            for row in rows
            if row["status"] in ("won", "lost")
        ]
        print(f"\n{title}: {subtitle}, {len(self.months)} months")
        print(f"  {len(known):,} chances of deals whose end is known")
        heads = ("Brier", "reliability", "total: error", "bias")
        widths = (8, 12, 13, 8)
        line = " ".join(f"{h:>{w}}" for h, w in zip(heads, widths, strict=True))
        print(f"  {'':26} {line}")
        totals = {way: self.totals(way) for way in ways}
        for way in ways:
            found = scores(grouped((row[way], row["status"] == "won") for row in known))
            off = errors(totals[way].values())
            print(
                f"  {LABELS[way]:26} {found.score:8.4f} {found.reliability:12.4f}"
                f" {share(off.wape):>13} {share(off.bias):>8}"
            )
        chosen = choose({way: totals[way] for way in ("stage", "score", "calibrated")})
        best = LABELS.get(chosen.best, "too few months to say")
        print(f"  named best by the accuracy screen's rule: {best}")
        spent = ", ".join(
            f"{name} {value:.1f} s" for name, value in self.seconds.items()
        )
        print(f"  {spent}")

    def totals(self, way):
        """``{month: (forecast, what came in)}``

        Without expected closings, the share of the value that closed in the month
        before is taken, and what the same deals brought in; so there is nothing to say
        of the first month.
        """
        found = {}
        for number, rows in enumerate(self.rows):
            forecast = sum(row["value"] * row[way] for row in rows)
            if not self.period:
                found[number] = forecast, self.came[number]
            elif number:
                came = sum(row["kept"] for row in rows)
                found[number] = forecast * self.turnover(number - 1), came
        return found

    def turnover(self, number):
        """The share of the open value of a month that had closed by its end."""
        before = self.rows[number]
        there = {row["lead"] for row in self.rows[number + 1]}
        total = sum(row["value"] for row in before)
        gone = sum(row["value"] for row in before if row["lead"] not in there)
        return gone / total if total else 0.0


def share(value):
    return "–" if value is None else f"{100 * value:.1f} %"
