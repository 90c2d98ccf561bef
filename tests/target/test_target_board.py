import json
from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common import DIRECTOR, LEADER
from .attainment_common import JANUARY, YEAR, AttainmentCommon


@tagged("post_install", "-at_install")
class TestTargetBoardFigures(AttainmentCommon):
    """What the board says, to whom, and which records stand behind it."""

    rule_tested_models = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._history()
        cls.people = {
            name: cls._make_person(f"board_{name}", group)
            for name, group in {
                "leader": LEADER,
                "director": DIRECTOR,
                "portal": "base.group_portal",
            }.items()
        }
        cls.north.user_id = cls.people["leader"]
        cls.people.update(ann=cls.ann, bob=cls.bob)
        cls.top.amount = 2100.0
        cls.t_north.amount = 2000.0
        cls.t_ann.amount = 1950.0
        cls.t_bob.amount = 500.0
        cls.plan.action_publish()

    def _board(self, name, **values):
        self.env.invalidate_all()
        targets = self.env["sales.target"].with_user(self.people[name])
        values = {"first": "2023-01-01", "after": "2023-02-01", **values}
        return targets.get_board(**values)

    def test_whose_boards(self):
        wanted = {
            "ann": ["North", self.ann.name],
            "bob": ["South", self.bob.name],
            "leader": ["North", self.ann.name],
            "director": [
                self.company.name,
                "North",
                self.ann.name,
                "South",
                self.bob.name,
            ],
        }
        for name, owners in wanted.items():
            with self.subTest(name):
                board = self._board(name)
                self.assertEqual([row["name"] for row in board["owners"]], owners)
        self.assertEqual(self._board("ann")["owner"]["user_id"], self.ann.id)
        self.assertEqual(self._board("leader")["owner"]["name"], "North")
        with self.assertRaises(AccessError):
            self._board("portal")

    def test_not_that_of_somebody_else(self):
        for values in (
            {"user_id": self.bob.id},
            {"plan_id": self.plan.id, "node": self.t_bob.node},
            {"plan_id": self.plan.id, "node": self.top.node},
        ):
            for name in ("ann", "leader"):
                board = self._board(name, **values)
                self.assertEqual((board["owner"], board["metrics"]), (False, []))
        with self.assertRaises(UserError):
            self.env["sales.target"].with_user(self.ann).open_credits(
                self.plan.id, self.t_bob.node
            )

    def test_figures_of_a_person(self):
        board = self._board("ann")
        json.dumps(board)
        [metric] = board["metrics"]
        self.assertEqual(
            (metric["name"], metric["target"], metric["achieved"], metric["gap"]),
            ("Booked", 1950.0, 1140.0, 810.0),
        )
        self.assertEqual(metric["currency_id"], self.company.currency_id.id)
        # The month is over.
        self.assertEqual(metric["expected"], 1950.0)
        self.assertEqual(metric["rate_needed"], None)
        self.assertFalse(metric["date_reached"])

    def test_weeks_by_hand(self):
        """Ann works 4, 5, 3.5 (leaves), ... : 1 Jan is a Sunday."""
        [metric] = self._board("ann", step="week")["metrics"]
        points = [
            (p["from"], p["target"], p["achieved"], p["target_cum"], p["achieved_cum"])
            for p in metric["series"]
        ]
        self.assertEqual(
            points,
            [
                ("2023-01-01", 0.0, 0.0, 0.0, 0.0),
                ("2023-01-02", 400.0, 600.0, 400.0, 600.0),
                ("2023-01-09", 350.0, 100.0, 750.0, 700.0),
                ("2023-01-16", 500.0, 200.0, 1250.0, 900.0),
                ("2023-01-23", 500.0, 0.0, 1750.0, 900.0),
                ("2023-01-30", 200.0, 240.0, 1950.0, 1140.0),
            ],
        )
        days = self._board("ann", step="day")["metrics"][0]["series"]
        self.assertEqual(len(days), 31)
        self.assertEqual(days[11]["target"], 50.0)
        months = self._board("ann", step="month")["metrics"][0]["series"]
        self.assertEqual(
            [(p["target"], p["achieved"]) for p in months], [(1950.0, 1140.0)]
        )

    def test_part_of_a_month(self):
        [metric] = self._board("ann", first="2023-01-09", after="2023-01-16")["metrics"]
        self.assertEqual((metric["target"], metric["achieved"]), (350.0, 100.0))

    def test_what_is_wrong(self):
        with self.assertRaises(UserError):
            self._board("ann", step="hour")
        with self.assertRaises(UserError):
            self._board("ann", first="2023-02-01", after="2023-01-01")

    def test_credits_add_up(self):
        for target in self.plan.target_ids:
            action = (
                self.env["sales.target"]
                .with_user(self.people["director"])
                .open_credits(self.plan.id, target.node, *map(str, JANUARY))
            )
            rows = self.env["sales.credit"].search(action["domain"])
            with self.subTest(target.owner_name):
                self.assertTrue(rows)
                self.assertAlmostEqual(sum(rows.mapped("amount")), target.achieved)
        action = self.t_ann.with_user(self.ann).action_open_credits()
        rows = self.env["sales.credit"].with_user(self.ann).search(action["domain"])
        self.assertEqual(sum(rows.mapped("amount")), 1140.0)

    def test_a_sum_is_not_its_parts(self):
        """A member of the team sees what it has together, not who brought it."""
        self._sold_on(
            date(YEAR, 1, 4), 50.0, user_id=self.bob.id, team_id=self.north.id
        )
        board = self._board("ann", plan_id=self.plan.id, node=self.t_north.node)
        [metric] = board["metrics"]
        self.assertEqual(metric["achieved"], 950.0)
        self.assertFalse(metric["can_open"])
        with self.assertRaisesRegex(UserError, "only what is your own"):
            self.t_north.with_user(self.ann).action_open_credits()
        board = self._board("leader", plan_id=self.plan.id, node=self.t_north.node)
        self.assertTrue(board["metrics"][0]["can_open"])
        self.t_north.with_user(self.people["leader"]).action_open_credits()
