from datetime import date, timedelta

from odoo.tests import new_test_user, tagged

from ...models.target.sales_target_board_people import _reached_since
from ..common import DIRECTOR, LEADER
from .attainment_common import AttainmentCommon

JANUARY = {"first": "2023-01-01", "after": "2023-02-01"}


@tagged("post_install", "-at_install")
class TestTargetBoardPeople(AttainmentCommon):
    """Who stands below, what is to be acknowledged, since when a target is reached."""

    rule_tested_models = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leader, cls.director = (
            cls._make_person(f"people_{name}", group)
            for name, group in (("leader", LEADER), ("director", DIRECTOR))
        )
        cls.north.user_id = cls.leader
        cls._history()
        cls.top.amount = 2500.0
        cls.t_north.amount = 2000.0
        cls.t_ann.amount = 1950.0
        cls.t_bob.amount = 500.0

    def _next_january(self):
        """A plan of the next year, published: targets of North and of Ann."""
        plan = self._make_plan(name="Next")
        top = self._target(plan=plan, amount=100)
        north = self._target({"team_id": self.north.id}, top, plan, amount=100)
        ann = self._target({"user_id": self.ann.id}, north, plan, amount=100)
        plan.action_publish()
        return north, ann

    @property
    def next_january(self):
        return {"first": f"{self.year}-01-01", "after": f"{self.year}-02-01"}

    def _board(self, user, **values):
        self.env.invalidate_all()
        targets = self.env["sales.target"].with_user(user)
        return targets.get_board(**{**JANUARY, **values})

    def _metric(self, user, target=None, **values):
        if target:
            values.update(plan_id=target.plan_id.id, node=target.node)
        [metric] = self._board(user, **values)["metrics"]
        return metric

    def _below(self, user, target):
        return {
            row["name"]: (row["kind"], row["target"], row["achieved"])
            for row in self._metric(user, target)["below"]
        }

    def test_below(self):
        self.plan.action_publish()
        # What overlay brings Ann is not part of what the team has.
        self.assertEqual(
            self._below(self.director, self.top),
            {"North": ("team", 2000.0, 900.0), "South": ("team", 0.0, 700.0)},
        )
        ann = {self.ann.name: ("user", 1950.0, 1140.0)}
        self.assertEqual(self._below(self.leader, self.t_north), ann)
        self.assertEqual(self._below(self.leader, self.t_ann), {})

    def test_below_opens(self):
        """A row says all that its own board takes."""
        self.plan.action_publish()
        [row] = self._metric(self.leader, self.t_north)["below"]
        opened = self._metric(self.leader, plan_id=row["plan_id"], node=row["node"])
        for name in ("target", "achieved", "expected", "pace", "gap", "projected"):
            self.assertEqual(row[name], opened[name], name)

    def test_a_member_sees_nobody_else(self):
        self._target({"user_id": self.bob.id}, self.t_north, amount=100)
        self.plan.action_publish()
        self.assertEqual(set(self._below(self.ann, self.t_north)), {self.ann.name})
        self.assertEqual(len(self._below(self.leader, self.t_north)), 2)

    def test_queries(self):
        """As many for one below as for four."""
        self.plan.action_publish()
        few = self._count_queries()
        for number in range(3):
            user = new_test_user(self.env, f"sp_people_{number}", "base.group_user")
            self._target_of_published({"user_id": user.id}, self.t_north)
        self.assertEqual(self._count_queries(), few)

    def test_queries_of_metrics(self):
        """Of five metrics as many for two places of a person, and for two people below,
        as for one."""
        plans = [
            self._make_plan(
                name=code,
                metric_id=self.env.ref(f"sales_process.metric_{code}").id,
                period_type="whole",
                date_from=self._days(-20),
                date_to=self._days(20),
            )
            for code in ("booked", "margin", "invoiced", "collected", "new_customer")
        ]
        norths, anns = [], []
        for plan in plans:
            top = self._target(plan=plan, amount=100)
            norths.append(self._target({"team_id": self.north.id}, top, plan))
            anns.append(self._target({"user_id": self.ann.id}, norths[-1], plan))
            self._target({"team_id": self.south.id}, top, plan)
            plan.action_publish()
        days = {"first": str(self._days(-20)), "after": str(self._days(20))}

        def queries(user, target):
            place = {"plan_id": target.plan_id.id, "node": target.node, **days}
            self._board(user, **place)
            self.env.flush_all()
            before = self.cr.sql_log_count
            board = self._board(user, **place)
            return (
                self.cr.sql_log_count - before,
                len(board["metrics"]),
                sum(len(metric["below"]) for metric in board["metrics"]),
            )

        ann = queries(self.ann, anns[0])
        leader = queries(self.leader, norths[0])
        self.assertEqual((ann[1:], leader[1:]), ((5, 0), (5, 5)))
        self.assertLessEqual(ann[0], 40)
        for plan in plans:
            plan.sudo().state = "draft"
            north, south = plan.target_ids.filtered("team_id").sorted("id")
            self._target({"user_id": self.bob.id}, north, plan)
            self._target({"user_id": self.ann.id}, south, plan)
            plan.sudo().state = "published"
        more = queries(self.ann, anns[0])
        self.assertEqual(more[1:], (10, 0))
        self.assertLessEqual(more[0], ann[0] + 1)  # the names of two teams
        below = queries(self.leader, norths[0])
        self.assertEqual((below[0], below[1:]), (leader[0], (5, 10)))

    def _target_of_published(self, owner, parent):
        self.plan.sudo().state = "draft"
        self._target(owner, parent, amount=100)
        self.plan.sudo().state = "published"

    def _count_queries(self):
        self._metric(self.leader, self.t_north)
        self.env.flush_all()
        before = self.cr.sql_log_count
        self._metric(self.leader, self.t_north)
        return self.cr.sql_log_count - before

    def test_days_left(self):
        self._next_january()
        metric = self._metric(self.ann, **self.next_january)
        days = [date(self.year, 1, day) for day in range(1, 32)]
        self.assertEqual(
            metric["days_left"], sum(1 for day in days if day.weekday() < 5)
        )

    def test_day_reached(self):
        """Ann has 600 on the 3rd, 700 on the 10th, 900 on the 20th, then 1,140."""
        for amount, day in (
            (600.0, "2023-01-03"),
            (650.0, "2023-01-10"),
            (900.0, "2023-01-20"),
            (1140.0, "2023-01-31"),
            (1140.01, None),
        ):
            self.t_ann.amount = amount
            self.plan.sudo().state = "published"
            for step in ("day", "month"):
                with self.subTest(amount=amount, step=step):
                    metric = self._metric(self.ann, step=step)
                    self.assertEqual(metric["day_reached"] or None, day)
            self.plan.sudo().state = "draft"

    def test_reached_and_lost_again(self):
        class Line:
            figures = {"target": 10.0}

        line, first = Line(), date(2024, 5, 1)
        days = [first + timedelta(days=number) for number in range(4)]
        amounts = dict(zip(days, (10.0, -1.0, 1.0, 3.0), strict=True))
        sums = {
            (line, day, day + timedelta(days=1)): amount
            for day, amount in amounts.items()
        }
        self.assertEqual(_reached_since(line, days, sums), days[2])
        self.assertEqual(_reached_since(line, days[:2], sums), None)

    def test_acknowledge(self):
        north, ann = self._next_january()
        self.plan.action_publish()  # over for long: nobody is asked
        known = self._board(self.ann)["acknowledge"]
        self.assertEqual(known, {"ids": ann.ids, "plans": ["Next"]})
        self.assertEqual(self._board(self.leader)["acknowledge"]["ids"], north.ids)
        self.assertFalse(self._board(self.director)["acknowledge"]["ids"])
        ann.with_user(self.ann).action_acknowledge()
        self.assertFalse(self._board(self.ann)["acknowledge"]["ids"])

    def test_the_same_owner_on_other_days(self):
        self.plan.action_publish()
        place = {"plan_id": self.plan.id, "node": self.t_north.node}
        north, _ann = self._next_january()
        board = self._board(self.director, **place, **self.next_january)
        self.assertEqual(board["owner"]["name"], "North")
        self.assertEqual(board["metrics"][0]["plan_id"], north.plan_id.id)

    def test_team_of_a_visit(self):
        """What has no team itself counts for the team the person works in."""
        visit = self.customer.activity_schedule(
            "mail.mail_activity_data_meeting", user_id=self.ann.id
        )
        visit.action_feedback()
        [row] = self._rows("visit", source_id=visit.id)
        self.assertEqual((row.user_id, row.team_id), (self.ann, self.north))
