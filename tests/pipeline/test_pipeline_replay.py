import os
import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

from odoo.tests import tagged
from odoo.tools import SQL

from ..common import SalesProcessCommon

# A benchmark may ask for more, e.g. 2000.
DEALS = int(os.environ.get("SALES_PROCESS_REPLAY_DEALS", "300"))
START = datetime(2024, 1, 1)
SPAN = 120 * 24 * 3600  # seconds
NAMES = ("stage", "user", "team", "amount", "closing", "status")


class Oracle:
    """Every deal's life in plain Python: a list of (moment, state or None)."""

    def __init__(self):
        self.lives = defaultdict(list)

    def note(self, deal, moment, state):
        life = self.lives[deal]
        if life and life[-1][1] == state:
            return
        life.append((moment, state))

    def at(self, deal, moment):
        """How the deal looked when the second ``moment`` was over, if it was there."""
        found = None
        for when, state in self.lives[deal]:
            if when.replace(microsecond=0) <= moment:
                found = state
        return found

    def stays(self, deal):
        """Seconds of each stay in a stage that has ended by leaving it."""
        entered, where, stays = None, None, []
        for when, state in self.lives[deal]:
            if state is None:
                break
            place = (state["stage"], state["status"])
            if place != where:
                if where is not None:
                    stays.append((where[0], round((when - entered).total_seconds())))
                entered, where = when, place
        return stays

    def waterfall(self, first, last, matches, period):
        """Bars as ``{key: [amount, count]}``."""
        bars = defaultdict(lambda: [Decimal(0), 0])

        def add(key, amount):
            bars[key][0] += amount
            bars[key][1] += 1

        def due(state):
            if period is None:
                return True
            closing = state["closing"]
            return closing is not None and period[0] <= closing < period[1]

        def seen(state):
            return state is not None and matches(state) and due(state)

        for deal in self.lives:
            old, new = self.at(deal, first), self.at(deal, last)
            had = seen(old) and old["status"] == "open"
            has = seen(new) and new["status"] == "open"
            if had:
                add("start", old["amount"])
            if has:
                add("end", new["amount"])
            if had:
                self.tell_of_had(add, old, new, has, matches, due)
            elif seen(new):
                self.tell_of_come(add, old, new, has, matches, due)
        return dict(bars)

    def tell_of_had(self, add, old, new, has, matches, due):
        if new is None:
            return add("removed", old["amount"])
        ours = matches(new) or not self.handed(old, new)
        closed = ours and new["status"] != "open"
        if has or closed:
            more = new["amount"] - old["amount"]
            if more:
                add("up" if more > 0 else "down", abs(more))
        if closed:
            return add(new["status"], new["amount"])
        if not has:
            return add(
                "pushed_out" if ours and not due(new) else "moved_out", old["amount"]
            )
        return None

    def tell_of_come(self, add, old, new, has, matches, due):
        if old is None:
            reason = "new"
        elif not has and old["status"] == new["status"]:
            return
        elif not matches(old) and self.handed(old, new):
            reason = "moved_in"
        elif old["status"] != "open":
            reason = "reopened"
        elif not due(old):
            reason = "pulled_in"
        else:
            reason = "moved_in"
        add(reason, new["amount"])
        if not has:
            add(new["status"], new["amount"])

    @staticmethod
    def handed(old, new):
        return (old["user"], old["team"]) != (new["user"], new["team"])


@tagged("post_install", "-at_install")
class TestPipelineReplay(SalesProcessCommon):
    """A random life of many deals, against the same life told in plain Python."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.lead"].with_context(active_test=False).search([]).unlink()
        cls.history = cls.env["sales.pipeline.history"]
        cls.random = random.Random(20240101)
        cls.oracle = Oracle()
        cls.owners = [
            (cls.rep_user.id, cls.retail.id),
            (cls.colleague_user.id, cls.retail.id),
            (cls.leader_user.id, cls.north.id),
            (cls.stranger_user.id, cls.south.id),
        ]
        cls._live()

    @classmethod
    def _live(cls):
        deals = cls.env["crm.lead"].create(
            [
                {"name": f"Deal {n}", "type": "opportunity", "expected_revenue": 1}
                for n in range(DEALS)
            ]
        )
        cls.env.flush_all()
        cls.env.cr.precommit.data.pop("sales_pipeline_history", None)
        cls.env.cr.execute(SQL("DELETE FROM sales_pipeline_history"))
        cls.states = {deal_id: None for deal_id in deals.ids}
        moments = sorted(
            START
            + timedelta(
                seconds=cls.random.randrange(SPAN),
                microseconds=cls.random.choice([0, 0, 1, 999999]),
            )
            for _ in range(DEALS // 2)
        )
        for moment in dict.fromkeys(moments):
            size = cls.random.randint(1, 20)
            ids = cls.random.sample(sorted(cls.states), min(size, len(cls.states)))
            for deal_id in ids:
                cls.states[deal_id] = cls._next(cls.states[deal_id])
            cls._write(moment, ids)
        # As in a database that lives; the planner knows nothing of new tables.
        cls.env.cr.execute(SQL("ANALYZE sales_pipeline_history"))

    @classmethod
    def _next(cls, state):
        pick = cls.random
        if state is None:
            user, team = pick.choice(cls.owners)
            return {
                "stage": cls.meet.id,
                "user": user,
                "team": team,
                "amount": Decimal(pick.randrange(10**6)) / 100,
                "closing": cls._closing(),
                "status": "open",
            }
        state = dict(state)
        for change in pick.sample(NAMES, pick.choice([1, 1, 2, 3])):
            if change == "stage":
                state["stage"] = pick.choice(cls.stages[:3].ids)
            elif change in ("user", "team"):
                state["user"], state["team"] = pick.choice(cls.owners)
            elif change == "amount":
                state["amount"] = Decimal(pick.randrange(10**6)) / 100
            elif change == "closing":
                state["closing"] = cls._closing()
            elif pick.random() < 0.6:
                state["status"] = pick.choice(["open", "won", "lost"])
        return state

    @classmethod
    def _closing(cls):
        if cls.random.random() < 0.1:
            return None
        return date(2024, 1, 1) + timedelta(days=cls.random.randrange(240))

    @classmethod
    def _write(cls, moment, ids):
        """Change the deals behind the ORM, so that nothing but the states decides."""
        cls.env.cr.execute(
            SQL(
                """
                UPDATE crm_lead l
                   SET stage_id = v.stage, user_id = v."user", team_id = v.team,
                       expected_revenue = v.amount, date_deadline = v.closing,
                       won_status = CASE v.status WHEN 'open' THEN 'pending'
                                    ELSE v.status END,
                       active = v.status <> 'lost'
                  FROM (VALUES %s) v (id, stage, "user", team, amount, closing, status)
                 WHERE l.id = v.id
                """,
                SQL(", ").join(
                    SQL(
                        "(%s, %s, %s, %s, %s::numeric, %s::date, %s)",
                        deal_id,
                        *(
                            str(state[name]) if name == "amount" else state[name]
                            for name in NAMES
                        ),
                    )
                    for deal_id in ids
                    for state in [cls.states[deal_id]]
                ),
            )
        )
        cls.env.invalidate_all()
        cls.history._record(SQL("l.id = ANY (%s)", ids), moment=moment)
        for deal_id in ids:
            cls.oracle.note(deal_id, moment, cls.states[deal_id])

    def _moment(self):
        """Any second, often one at which something happened, or the one before."""
        life = self.random.choice([life for life in self.oracle.lives.values() if life])
        moment = self.random.choice(life)[0].replace(microsecond=0)
        if self.random.random() < 0.4:
            moment = START + timedelta(seconds=self.random.randrange(SPAN))
        return moment - timedelta(seconds=self.random.randint(0, 1))

    def test_as_of(self):
        for _ in range(40):
            moment = self._moment()
            expected = {
                deal: state
                for deal in self.oracle.lives
                if (state := self.oracle.at(deal, moment))
            }
            self.assertEqual(self._states(self.history._as_of(moment)), expected)
            rows = self.env["sales.pipeline.as.of"].with_context(as_of=moment)
            self.assertEqual(self._states(rows.search([])), expected)

    def _states(self, rows):
        return {
            row.lead_id.id: {
                "stage": row.stage_id.id,
                "user": row.user_id.id,
                "team": row.team_id.id,
                "amount": Decimal(str(round(row.expected_revenue, 2))),
                "closing": row.date_deadline or None,
                "status": row.status,
            }
            for row in rows
        }

    def _check_waterfall(self, domain, matches, period):
        first, last = sorted([self._moment(), self._moment()])
        expected = self.oracle.waterfall(first, last, matches, period)
        found = self.history._waterfall(first, last, domain, period)
        bars = {}
        for currency in found:
            self.assertEqual(currency["residual"], 0.0)
            bars = {
                bar["key"]: [Decimal(str(round(bar["amount"], 2))), bar["count"]]
                for bar in currency["bars"]
                if bar["count"]
            }
        self.assertEqual(bars, expected)
        return expected

    def test_waterfall(self):
        quarter = (date(2024, 4, 1), date(2024, 7, 1))
        teams = {self.north.id, self.retail.id}
        cases = [
            ([], lambda s: True),
            ([("team_id", "child_of", self.north.id)], lambda s: s["team"] in teams),
            (
                [("user_id", "=", self.rep_user.id)],
                lambda s: s["user"] == self.rep_user.id,
            ),
            (
                [("stage_id", "=", self.prove.id), ("expected_revenue", ">=", 5000)],
                lambda s: s["stage"] == self.prove.id and s["amount"] >= 5000,
            ),
        ]
        seen = set()
        for domain, matches in cases:
            for period in (quarter, None, (date(2024, 2, 1), date(2024, 2, 29))):
                for _ in range(8):
                    seen |= self._check_waterfall(domain, matches, period).keys()
        self.assertEqual(len(seen), 12, "each bar has occurred, but for deleted deals")

    def test_waterfall_of_deleted_deals(self):
        moment = max(life[-1][0] for life in self.oracle.lives.values() if life)
        gone = self.random.sample([d for d, s in self.states.items() if s], 30)
        self.env["crm.lead"].with_context(active_test=False).browse(gone).unlink()
        self.assertGreater(datetime.utcnow(), moment)
        kept = {deal: list(life) for deal, life in self.oracle.lives.items()}
        self.addCleanup(self.oracle.lives.update, kept)
        for deal in gone:
            self.oracle.note(deal, datetime.utcnow(), None)
        for _ in range(10):
            self._check_waterfall([], lambda s: True, None)
        first = self._moment()
        last = datetime.utcnow().replace(microsecond=0) + timedelta(days=1)
        expected = self.oracle.waterfall(first, last, lambda s: True, None)
        self.assertIn("removed", expected)
        [found] = self.history._waterfall(first, last, [], None)
        self.assertEqual(found["residual"], 0.0)
        self.assertEqual(
            {
                bar["key"]: [Decimal(str(round(bar["amount"], 2))), bar["count"]]
                for bar in found["bars"]
                if bar["count"]
            },
            expected,
        )

    def test_dwell_times(self):
        rows = self.history.search([], order="lead_id, date_from")
        found = defaultdict(list)
        for row in rows:
            if row.next_status:  # the last row of a stay
                found[row.lead_id.id].append((row.stage_id.id, row.dwell))
        for deal in self.oracle.lives:
            self.assertEqual(found[deal], self.oracle.stays(deal))
