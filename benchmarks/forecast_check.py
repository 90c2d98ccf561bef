"""Learn win rates of 10,000 deals a second time with SciPy, lifelines, scikit-learn.

The deals are those of ``forecast_learn``. The second way knows nothing of the addon's
statements or engine: it reads plain rows of the history and of the evidence, follows
each deal in Python, weighs the counts with the distributions of SciPy and takes times
from lifelines. Counts have to be the same, chances, intervals and days too.

Then what the generator knows is compared: of the deals that reached a stage the same
share is won whatever their age. And half of the deals teach what is foretold of the
other half; scikit-learn says how far off (Brier score) learnt chances are, beside the
percentages of the stages and a logistic regression on stage and age.

Wanted: no difference, and learnt chances better than percentages.
"""

import math
import runpy
import sys
from bisect import bisect_right
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

from odoo import SUPERUSER_ID, api, fields
from odoo.tools import SQL

# The group of requirements that ./dev bench installs for this script.
REQUIREMENTS = "bench-forecast"
DEALS = 10_000
AGES = (0, 3, 7, 14, 30, 60, 90, 180, 365)
STRENGTHS = (2, 3, 5, 7, 10, 14, 20, 30, 45, 70, 100, 150, 220, 330, 500)
CLOSE = 1e-6  # percent
# Of those that reach stage 1–4 so many reach the last, and of them 5 in 9 are won.
REACH = (0.15, 0.25, 0.15 / 0.35, 1)


def main(env, argv):
    """Learn twice and compare.

    :param env: environment of a database with the addon
    :return: 0 when both agree, else 1
    """
    try:
        import lifelines  # noqa: F401
        import scipy  # noqa: F401
        import sklearn  # noqa: F401
    except ImportError as error:
        print(f"{error}: install the group “{REQUIREMENTS}” of pyproject.toml.")
        return 1
    path = Path(__file__).with_name("forecast_learn.py")
    with env.registry.cursor() as cr:
        own = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
        world = runpy.run_path(str(path))["make_world"](own, DEALS)
        check = Check(own, world)
        wrong = check.compare() + check.compare_truth() + check.compare_brier()
        cr.rollback()
    print("Everything agrees." if not wrong else f"{wrong} differences.")
    sys.stdout.flush()
    return 1 if wrong else 0


class Check:
    """Both ways to the same figures."""

    def __init__(self, env, world):
        self.env, self.world = env, world
        self.now = fields.Datetime.now()
        self.rows = env["sales.forecast.rate"]._learn(env.company, self.now)
        self.percents = {s.stage_id.id: s.probability for s in world.process.stage_ids}
        self.asked = {
            stage.stage_id.id: stage.criterion_ids.mapped("key")
            for stage in world.process.stage_ids
            if stage.criterion_ids
        }
        self.proofs = defaultdict(list)
        for lead_id, key, at in env.execute_query(
            SQL("SELECT lead_id, criterion_key, date_verified FROM sales_evidence")
        ):
            self.proofs[lead_id].append((key, at))
        self.deals = self._read_deals()

    def _read_deals(self):
        """``{deal: [(stage, status, from)]}``, one entry per change of either."""
        deals = defaultdict(list)
        for lead_id, stage_id, status, since in self.env.execute_query(
            SQL(
                "SELECT lead_id, stage_id, status, date_from"
                "  FROM sales_pipeline_history ORDER BY lead_id, date_from"
            )
        ):
            life = deals[lead_id]
            if not life or life[-1][:2] != (stage_id, status):
                life.append((stage_id, status, since))
        return deals

    # === ANOTHER WAY === #

    def cases(self):
        """Yield ``(deal, stage, age, complete, won)`` of closed deals.

        ``complete`` is None for all; a deal may be in both others.
        """
        for lead_id, life in self.deals.items():
            if life[-1][1] == "open":
                continue
            won = life[-1][1] == "won"
            for (stage, status, since), (_next, _status, until) in zip(
                life, life[1:], strict=False
            ):
                if status == "open":
                    for case in self._stay(lead_id, stage, since, until):
                        yield (lead_id, stage, *case, won)

    def _stay(self, lead_id, stage, since, until):
        wanted = self.asked.get(stage, ())
        proven = {key: at for key, at in self.proofs[lead_id] if key in wanted}
        at = max(proven.values()) if wanted and len(proven) == len(wanted) else None
        for place, age in enumerate(AGES):
            begins = since + timedelta(days=age)
            if begins > until:
                return
            yield age, None
            if not wanted:
                continue
            last = place + 1 == len(AGES)
            ends = None if last else since + timedelta(days=AGES[place + 1])
            if at and at < until and (last or at < ends):
                yield age, True
            if not (at and at <= begins):
                yield age, False

    def times(self):
        """``{(stage, age): [(whole days until it closed or now, closed)]}``"""
        found = defaultdict(list)
        for life in self.deals.values():
            closed = life[-1][1] != "open"
            end = life[-1][2] if closed else self.now
            for place, (stage, status, since) in enumerate(life):
                if status != "open":
                    continue
                until = life[place + 1][2] if place + 1 < len(life) else self.now
                for age in AGES[: bisect_right(AGES, (until - since).days)]:
                    found[stage, age].append(((end - since).days - age, closed))
        return found

    def weigh(self, counts):
        """``{(stage, age, complete): (chance, low, high)}`` by SciPy, in percent."""
        from scipy.stats import beta

        strengths = {}
        for level in ("history", "age", "evidence"):
            strengths[level] = max(
                STRENGTHS,
                key=lambda k, level=level: self._likelihood(
                    counts, {**strengths, level: k}, level
                ),
            )
        found = {}
        for kind, level, prior in self._priors(counts, strengths):
            won, closed = counts[kind]
            k, sure = strengths[level], min(max(prior, 0.01), 0.99)
            chance = (k * prior + won) / (k + closed)
            curve = beta(k * sure + won, k * (1 - sure) + closed - won)
            low, high = min(chance, curve.ppf(0.05)), max(chance, curve.ppf(0.95))
            found[kind] = 100 * chance, 100 * low, 100 * high
        return found

    def _priors(self, counts, strengths):
        """Yield ``(kind, level, prior)`` as far as the strengths are known."""
        for stage in sorted({kind[0] for kind in counts}):
            prior = self.percents[stage] / 100
            for age in AGES:
                if (stage, age, None) not in counts:
                    break
                level = "age" if age else "history"
                if level not in strengths:
                    break
                yield (stage, age, None), level, prior
                won, closed = counts[stage, age, None]
                prior = (strengths[level] * prior + won) / (strengths[level] + closed)
                for complete in (True, False):
                    if "evidence" in strengths and (stage, age, complete) in counts:
                        yield (stage, age, complete), "evidence", prior

    def _likelihood(self, counts, strengths, level):
        from scipy.stats import betabinom, norm

        k = strengths[level]
        total = norm.logpdf(math.log(k), math.log(20), 1)
        for kind, at, prior in self._priors(counts, strengths):
            if at == level:
                won, closed = counts[kind]
                sure = min(max(prior, 0.01), 0.99)
                total += betabinom.logpmf(won, closed, k * sure, k * (1 - sure))
        return total

    # === WHAT IS COMPARED === #

    def compare(self):
        from lifelines import KaplanMeierFitter

        counts = tally(self.cases())
        weighed, times, wrong = self.weigh(counts), self.times(), 0
        kinds = {"any": None, "complete": True, "incomplete": False}
        ours = {
            (row["stage_id"], row["age_from"], kinds[row["evidence"]]): row
            for row in self.rows
        }
        for kind in sorted(counts.keys() | ours.keys(), key=str):
            row = ours.get(kind)
            if row is None or (row["won"], row["closed"]) != counts.get(kind):
                print(f"{kind}: ours {row}, counted {counts.get(kind)}")
                wrong += 1
                continue
            for name, value in zip(
                ("chance", "low", "high"), weighed[kind], strict=True
            ):
                if abs(row[name] - value) > CLOSE:
                    print(f"{kind}: {name} ours {row[name]}, SciPy {value}")
                    wrong += 1
            if kind[2] is None:
                days, closed = zip(*times[kind[:2]], strict=True)
                curve = KaplanMeierFitter().fit(days, closed).survival_function_
                # Its own median takes 0.5000000000000001 for more than a half.
                halved = curve.index[curve.iloc[:, 0] <= 0.5 + 1e-9]
                median = min(halved, default=math.inf)
                known = sum(closed) >= 5 and math.isfinite(median)
                if row["days"] != (median if known else None):
                    print(f"{kind}: days ours {row['days']}, lifelines {median}")
                    wrong += 1
        print(f"{len(ours)} rates compared with SciPy and lifelines")
        return wrong

    def compare_truth(self):
        """Shares the generator drew: within four standard deviations."""
        wrong = 0
        for place, stage in enumerate(self.world.stages[:4]):
            truth = 100 * REACH[place] * 5 / 9
            for row in self.rows:
                if row["stage_id"] != stage.id or row["evidence"] != "any":
                    continue
                spread = 100 * math.sqrt(
                    truth / 100 * (1 - truth / 100) / (row["closed"] + row["strength"])
                )
                pull = row["strength"] / (row["closed"] + row["strength"])
                allowed = 4 * spread + pull * abs(row["prior"] - truth)
                if abs(row["chance"] - truth) > allowed:
                    print(f"{stage.name} {row['age_from']}: {row['chance']}, {truth}")
                    wrong += 1
        return wrong

    def compare_brier(self):
        """Half of the deals teach, the other half is foretold."""
        import numpy
        from sklearn.linear_model import LogisticRegression
        from sklearn.metrics import brier_score_loss
        from sklearn.preprocessing import OneHotEncoder

        from odoo.addons.sales_process.engine.calibration import learn

        halves = [[], []]
        for case in self.cases():
            if case[3] is None:
                halves[case[0] % 4 // 2].append(case)
        rates = learn(tally(halves[0]), {s: p / 100 for s, p in self.percents.items()})
        told = [case for case in halves[1] if (case[1], case[2], None) in rates]
        won = [case[4] for case in told]
        encoder = OneHotEncoder(handle_unknown="ignore")
        taught = encoder.fit_transform([case[1:3] for case in halves[0]])
        model = LogisticRegression().fit(taught, [case[4] for case in halves[0]])
        asked = encoder.transform([case[1:3] for case in told])
        scores = {
            "percentages of stages": [self.percents[case[1]] / 100 for case in told],
            "learnt": [rates[case[1], case[2], None].chance for case in told],
            "logistic regression": numpy.asarray(model.predict_proba(asked))[:, 1],
        }
        scores = {name: brier_score_loss(won, p) for name, p in scores.items()}
        for name, score in scores.items():
            print(f"Brier score, {name}: {score:.4f}")
        return int(scores["learnt"] >= scores["percentages of stages"])


def tally(cases):
    """``{(stage, age, complete): (won, closed)}``, each deal once."""
    counts = defaultdict(lambda: (0, 0))
    for _lead, stage, age, complete, won in set(cases):
        hits, closed = counts[stage, age, complete]
        counts[stage, age, complete] = hits + won, closed + 1
    return dict(counts)
