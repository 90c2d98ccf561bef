from datetime import date

from odoo.tests import tagged
from odoo.tools import float_round

from ...models.target.sales_target_figures import rounder
from .attainment_common import JANUARY, YEAR, AttainmentCommon


@tagged("post_install", "-at_install")
class TestTargetAttainment(AttainmentCommon):
    """What was achieved by owners of any kind, and the pace of it."""

    rule_tested_models = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._history()
        cls.top.amount = 2100.0
        cls.t_ann.amount = 1950.0
        cls.t_dealer = cls._target({"partner_id": cls.dealer.id}, cls.t_north)

    def test_achieved_by_kind(self):
        world = self.env["crm.team"].create(
            {"name": "World", "company_id": self.company.id}
        )
        self.north.sales_parent_id = self.south.sales_parent_id = world
        t_world = self._target({"team_id": world.id}, self.top)
        wanted = {
            self.top: 1600.0,
            t_world: 1600.0,
            # Help given to somebody is nothing the team sold.
            self.t_north: 900.0,
            self.t_south: 700.0,
            # With the 100 for helping Bob, without the dealer's 60.
            self.t_ann: 1140.0,
            self.t_bob: 500.0,
            self.t_dealer: 60.0,
        }
        self.env.invalidate_all()
        for target, achieved in wanted.items():
            with self.subTest(target.owner_name):
                self.assertEqual(target.achieved, achieved)
        self.assertEqual(self.top.gap, 500.0)
        self.assertAlmostEqual(self.top.attainment, 1600 / 21)

    def test_person_in_two_teams(self):
        t_second = self._target({"user_id": self.ann.id}, self.t_south)
        figures = self._all_figures(first=JANUARY[0], after=JANUARY[1])
        self.assertEqual(figures[self.t_ann.node]["achieved"], 940.0)
        self.assertEqual(figures[t_second.node]["achieved"], 200.0)

    def test_person_in_a_team_and_one_below(self):
        self.south.sales_parent_id = self.north
        t_below = self._target({"team_id": self.south.id}, self.t_north)
        t_second = self._target({"user_id": self.ann.id}, t_below)
        figures = self._all_figures(first=JANUARY[0], after=JANUARY[1])
        self.assertEqual(figures[self.t_ann.node]["achieved"], 940.0)
        self.assertEqual(figures[t_second.node]["achieved"], 200.0)
        self.assertEqual(figures[self.t_north.node]["achieved"], 1600.0)

    def test_pace_by_working_days(self):
        """By hand: of January 21 days are worked; up to the 10th 3, 4, 5, 6, 9, 10."""
        nodes = [self.top.node, self.t_ann.node]
        figures = self._all_figures(nodes, *JANUARY, day=date(YEAR, 1, 10))
        top, ann = (figures[node] for node in nodes)
        self.assertEqual(top["expected"], 600.0)
        self.assertAlmostEqual(top["pace"], 100 * 1600 / 600)
        self.assertAlmostEqual(top["rate_needed"], 500 / 15)
        # 19.5 days of Ann's month; the same 6 are over.
        self.assertEqual(ann["expected"], 600.0)
        self.assertAlmostEqual(ann["rate_needed"], 810 / 13.5)

    def test_today_moves_within_the_period(self):
        expected = {
            2: 0.0,  # a holiday
            3: 100.0,
            6: 400.0,
            8: 400.0,  # a Sunday
            11: 600.0,  # a leave
            12: 650.0,  # half of one
            31: 1950.0,
        }
        for day, amount in expected.items():
            with self.subTest(day=day):
                figures = self._all_figures(
                    [self.t_ann.node], *JANUARY, day=date(YEAR, 1, day)
                )
                self.assertEqual(figures[self.t_ann.node]["expected"], amount)

    def test_rounder(self):
        """As Odoo rounds: what is round but for a float's error, ties, other steps."""
        amounts = [0.0, 0.1 + 0.2, 1 / 3, 2.675, 1.005, 0.125, 2.5, 1e9 + 0.07, 99.995]
        amounts += [number / 100 * 3 for number in range(300)]
        for step in (0.01, 1.0, 0.001, 0.05, 5.0, 100.0):
            rounded = rounder(step)
            for amount in amounts:
                for value in (amount, -amount):
                    self.assertEqual(
                        rounded(value), float_round(value, precision_rounding=step)
                    )
