from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

from odoo.tools import SQL

from ..common import SalesProcessCommon

START = datetime(2024, 1, 1)
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

    def states(self, moment):
        """``{deal: state}`` of all deals there were."""
        return {deal: state for deal in self.lives if (state := self.at(deal, moment))}

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


class ReplayCase(SalesProcessCommon):
    """Lives told to the history and, in plain Python, to an :class:`Oracle`.

    A life is a list of steps ``(moment, {deal: changes})`` in the order of time; the
    first changes of a deal make it. Changes are pairs of a name and a plain number:
    which stage, which owner, the amount in cents, the day of the closing since 2024
    began (None for no date), and how it stands (0 open, 1 won, 2 lost).
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["crm.lead"].with_context(active_test=False).search([]).unlink()
        cls.history = cls.env["sales.pipeline.history"]
        cls.owners = [
            (cls.rep_user.id, cls.retail.id),
            (cls.colleague_user.id, cls.retail.id),
            (cls.leader_user.id, cls.north.id),
            (cls.stranger_user.id, cls.south.id),
        ]

    # === LIVING === #

    @classmethod
    def _new_deals(cls, count):
        """Deals past the ORM, which would take longer over them than all the rest."""
        rows = cls.env.execute_query(
            SQL(
                """
                INSERT INTO crm_lead (name, type, active, won_status)
                SELECT 'Deal ' || n, 'opportunity', TRUE, 'pending'
                  FROM generate_series(1, %s) n
                RETURNING id
                """,
                count,
            )
        )
        cls.deals = cls.env["crm.lead"].browse(sorted(id_ for (id_,) in rows))

    @classmethod
    def _live(cls, steps):
        """Begin anew and go through the steps.

        :return: the :class:`Oracle` that knows the same life
        """
        cls.env.flush_all()
        cls.env.cr.precommit.data.pop("sales_pipeline_history", None)
        cls.env.cr.execute(SQL("DELETE FROM sales_pipeline_history"))
        oracle, cls.states = Oracle(), {}
        for index, (moment, changed) in enumerate(steps, 1):
            ids = []
            for number, changes in changed.items():
                deal_id = cls.deals.ids[number]
                cls.states[deal_id] = cls._changed(cls.states.get(deal_id), changes)
                ids.append(deal_id)
            cls._write(moment, ids)
            for deal_id in ids:
                oracle.note(deal_id, moment, cls.states[deal_id])
            if not index % 100:
                # As in a database that lives; the planner may know an empty table.
                cls.history._analyze()
        return oracle

    @classmethod
    def _changed(cls, state, changes):
        user, team = cls.owners[0]
        state = dict(
            state
            or {
                "stage": cls.meet.id,
                "user": user,
                "team": team,
                "amount": Decimal(100),
                "closing": None,
                "status": "open",
            }
        )
        for name, value in changes:
            if name == "stage":
                state["stage"] = cls.stages[value].id
            elif name == "owner":
                state["user"], state["team"] = cls.owners[value]
            elif name == "amount":
                state["amount"] = Decimal(value) / 100
            elif name == "closing":
                day = timedelta(days=value or 0)
                state["closing"] = None if value is None else START.date() + day
            else:
                state["status"] = ("open", "won", "lost")[value]
        return state

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
        cls.env.invalidate_all(flush=False)
        cls.history._record(SQL("l.id = ANY (%s)", ids), moment=moment)

    # === CHECKING === #

    def _views(self):
        """Ways to look at the pipeline: a domain, and the same in plain Python."""
        teams = {self.north.id, self.retail.id}
        return [
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

    PERIODS = (
        (date(2024, 4, 1), date(2024, 7, 1)),
        None,
        (date(2024, 2, 1), date(2024, 2, 29)),
    )

    def _check_as_of(self, oracle, moment):
        expected = oracle.states(moment)
        self.assertEqual(self._read(self.history._as_of(moment)), expected)
        rows = self.env["sales.pipeline.as.of"].with_context(as_of=moment)
        self.assertEqual(self._read(rows.search([])), expected)

    def _read(self, rows):
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

    def _check_waterfall(self, oracle, moments, view, period):
        """:return: the bars, ``{key: [amount, count]}``"""
        first, last = sorted(moments)
        domain, matches = view
        expected = oracle.waterfall(first, last, matches, period)
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

    def _check_stays(self, oracle):
        rows = self.history.search([], order="lead_id, date_from")
        found = defaultdict(list)
        for row in rows:
            if row.next_status:  # the last row of a stay
                found[row.lead_id.id].append((row.stage_id.id, row.dwell))
        for deal in oracle.lives:
            self.assertEqual(found[deal], oracle.stays(deal))
