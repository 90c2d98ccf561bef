from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import DIRECTOR, LEADER
from .target_common import TargetCommon


class GridCommon(TargetCommon):
    """Targets of everybody in the first two months; ann's of January is 100."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {"ann": cls.ann, "bob": cls.bob}
        for name, group in {
            "leader": LEADER,
            "director": DIRECTOR,
            "accountant": "account.group_account_invoice",
            "portal": "base.group_portal",
        }.items():
            cls.people[name] = cls._make_person(f"grid_{name}", group)
        cls.north.user_id = cls.people["leader"]
        cls._january()
        cls.january = cls.top | cls.t_north | cls.t_south | cls.t_ann | cls.t_bob
        cls.february = cls._target({}, month=2)
        north = cls._target({"team_id": cls.north.id}, cls.february, month=2)
        cls._target({"user_id": cls.ann.id}, north, month=2, amount=7)
        cls.t_ann.amount = 100
        cls.first, cls.second = (f"{cls.year}-01-01", f"{cls.year}-02-01")

    def _as(self, name):
        return self.plan.with_user(self.people[name])

    def _rows(self, name, measure="amount"):
        rows = self._as(name).get_grid(measure)["rows"]
        return {row["node"]: row for row in rows}

    def _change(self, target, value, old=None, field="amount"):
        old = target[field] if old is None and field != "proposed_amount" else old
        day = str(target.date_from)
        node = target.node
        return {
            "node": node,
            "date_from": day,
            "field": field,
            "value": value,
            "old": old,
        }


@tagged("post_install", "-at_install")
class TestTargetGrid(GridCommon):
    """The grid of a plan, as everybody sees it."""

    rule_tested_models = ()

    def test_tree(self):
        self.t_north.amount, self.top.amount = 80, 500
        grid = self._as("director").get_grid()
        names = [(row["level"], row["name"]) for row in grid["rows"]]
        self.assertEqual(
            names,
            [
                (0, self.company.display_name),
                (1, "North"),
                (2, self.ann.display_name),
                (1, "South"),
                (2, self.bob.display_name),
            ],
        )
        top, north, ann, south, _bob = grid["rows"]
        self.assertEqual(ann["cells"], [100, 7, *[None] * 10])
        self.assertEqual(ann["below"], None)
        self.assertEqual(north["cells"][:3], [80, 0, None])
        self.assertEqual(north["below"][:3], [100, 7, None])
        self.assertEqual(top["below"][:3], [80, 0, None])
        self.assertEqual((south["kind"], south["owner_id"]), ("team_id", self.south.id))
        self.assertEqual(ann["parent"], north["node"])
        periods = grid["periods"]
        self.assertEqual(
            (periods[0]["from"], periods[0]["to"]), (self.first, self.second)
        )
        self.assertEqual(
            [p["quarter"] for p in periods], [n // 3 + 1 for n in range(12)]
        )
        self.assertEqual((grid["plan"]["step"], grid["plan"]["digits"]), (0.01, 2))
        with self.assertRaises(UserError):
            self.plan.get_grid("company_id")

    def test_fiscal_quarters(self):
        """Of a fiscal year from April, January is the fourth quarter."""
        self.company.fiscalyear_last_month = "3"
        periods = self.plan.get_grid()["periods"]
        self.assertEqual([p["quarter"] for p in periods[2:5]], [4, 1, 1])
        self.assertEqual(
            [p["year"] for p in periods[2:5]], [self.year, *[self.year + 1] * 2]
        )

    def test_who_sees_what(self):
        north, ann = self.t_north.node, self.t_ann.node
        self.assertEqual(set(self._rows("leader")), {north, ann})
        with self.assertRaises(AccessError):
            self._rows("ann")
        self.plan.action_ask_proposals()
        rows = self._rows("ann")
        self.assertEqual(set(rows), {north, ann})
        # What the team has together is shown, who else is in it is not.
        self.assertEqual(rows[north]["below"][0], 100)
        self.assertEqual(set(self._rows("bob")), {self.t_south.node, self.t_bob.node})
        for name in ("portal", "accountant"):
            with self.subTest(name), self.assertRaises(AccessError):
                self._rows(name)

    def test_who_may_what(self):
        def may(name):
            return {
                node: (row["may_edit"], row["may_propose"], row["is_mine"])
                for node, row in self._rows(name).items()
            }

        north, ann = self.t_north.node, self.t_ann.node
        self.assertEqual(
            may("leader"), {north: (False, False, True), ann: (True, False, False)}
        )
        self.plan.action_ask_proposals()
        self.assertEqual(
            may("ann"), {north: (False, False, False), ann: (False, True, True)}
        )
        self.assertEqual(
            may("leader"), {north: (False, True, True), ann: (True, True, False)}
        )
        self.assertEqual(set(may("director").values()), {(True, True, False)})
        self.plan.action_publish()
        self.assertEqual(set(may("director").values()), {(False, False, False)})
        self.assertIn("new version", self._as("ann").get_grid()["plan"]["notice"])

    def test_proposals_shown(self):
        self.plan.action_ask_proposals()
        self.t_ann.write({"proposed_amount": 0, "is_proposed": True})
        ann = self._rows("ann", "proposed_amount")[self.t_ann.node]
        self.assertEqual(ann["cells"][:2], [0, None])
        self.assertEqual(ann["targets"][:2], [100, 7])

    def test_achieved(self):
        """A year that has begun: what is over, the present month, nothing to come."""
        year = self.today.year
        plan = self._make_plan(
            name="Now", date_from=date(year, 1, 1), date_to=date(year + 1, 1, 1)
        )
        month = self.today.month
        top = self._target(plan=plan, month=month)
        north = self._target({"team_id": self.north.id}, top, plan, month)
        self._target({"user_id": self.ann.id}, north, plan, month, amount=2000)
        self._sold(1500)
        self._sold(700, user_id=self.bob.id, team_id=self.south.id)
        grid = plan.with_user(self.people["director"]).get_grid("achieved")
        rows = {row["name"]: row for row in grid["rows"]}
        ann = rows[self.ann.name]
        place = month - 1
        self.assertEqual((ann["cells"][place], ann["targets"][place]), (1500, 2000))
        self.assertEqual(rows["North"]["cells"][place], 1500)
        self.assertEqual(
            [n for n, v in enumerate(ann["cells"]) if v is not None], [place]
        )
        # The same as the record says by itself.
        target = plan.target_ids.filtered("user_id")
        self.assertEqual(target.achieved, 1500)
        self.assertAlmostEqual(
            ann["passed"] * 2000, target.expected_to_date, delta=0.01
        )
        # A plan that is still to come has nothing to show.
        self.assertEqual(set(self._rows("director", "achieved")["c"]["cells"]), {None})

    def test_periods_that_are_over(self):
        """Of a new version, leaders change what is still to come."""
        year = self.today.year
        plan = self._make_plan(
            name="Now", date_from=date(year - 1, 1, 1), date_to=date(year + 1, 1, 1)
        )
        for month in (1, 24):
            top = self._target(plan=plan, month=month, amount=1)
            north = self._target({"team_id": self.north.id}, top, plan, month)
            self._target({"user_id": self.ann.id}, north, plan, month)

        def closed(plan, name):
            periods = plan.with_user(self.people[name]).get_grid()["periods"]
            return [period["is_closed"] for period in periods]

        self.assertEqual(set(closed(plan, "leader")), {False})
        plan.action_publish()
        version = plan._make_version("New market")
        over = 12 + self.today.month - 1
        self.assertEqual(
            closed(version, "leader"), [True] * over + [False] * (24 - over)
        )
        self.assertEqual(set(closed(version, "director")), {False})

    def test_queries(self):
        """As many for two months and five rows as for twelve months and eleven."""

        def queries(measure):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._as("director").get_grid(measure)
            return self.cr.sql_log_count - before

        measures = ("amount", "proposed_amount", "achieved")
        few = [queries(measure) and queries(measure) for measure in measures]
        teams = [self.north.copy({"name": name}) for name in ("East", "West")]
        for month in range(3, 13):
            top = self._target(month=month)
            for team in teams:
                parent = self._target({"team_id": team.id}, top, month=month)
                for user in (self.ann, self.bob):
                    self._target({"user_id": user.id}, parent, month=month)
        self.assertEqual(len(self._rows("director")), 11)
        for measure, number in zip(measures, few, strict=True):
            with self.subTest(measure):
                self.assertLessEqual(queries(measure), number)
