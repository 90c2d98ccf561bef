from odoo.tests import HttpCase, tagged

from ..common import DIRECTOR
from .target_common import TargetCommon


@tagged("post_install", "-at_install")
class TestTargetGridTour(TargetCommon, HttpCase):
    """The grid in a browser."""

    rule_tested_models = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.director = cls._make_person("grid_tour", DIRECTOR)
        bea = cls.ann.copy({"login": "sp_grid_bea", "name": "Grid Bea"})
        cls.ann.name, cls.bob.name = "Grid Ann", "Grid Bob"
        cls.north.name, cls.south.name = "Grid North", "Grid South"
        cls.north.member_ids |= bea
        for month in range(1, 13):
            top = cls._target(month=month)
            north = cls._target({"team_id": cls.north.id}, top, month=month)
            south = cls._target({"team_id": cls.south.id}, top, month=month)
            for user, team in ((cls.ann, north), (bea, north), (cls.bob, south)):
                cls._target({"user_id": user.id}, team, month=month)
        cls.bea = bea

    def _amounts(self, user):
        targets = self.plan.target_ids.filtered(lambda target: target.user_id == user)
        return targets.sorted("date_from").mapped("amount")

    def test_director(self):
        self.start_tour(
            f"/odoo/target-plans/{self.plan.id}",
            "sales_process_target_grid",
            login=self.director.login,
        )
        self.assertEqual(self._amounts(self.ann), [500, 700, 800, *[0] * 9])
        self.assertEqual(self._amounts(self.bea), [500, 300, 200, *[0] * 9])
        self.assertEqual(self._amounts(self.bob), [1000] * 12)
        self.assertIn("New territory", self.plan.message_ids[0].body)

    def test_rep(self):
        january = self.plan.target_ids.filtered(
            lambda target: target.user_id == self.ann and target.date_from.month == 1
        )
        january.amount = 100
        self.plan.action_ask_proposals()
        self.start_tour(
            f"/odoo/target-plans/{self.plan.id}/target-grid",
            "sales_process_target_grid_rep",
            login=self.ann.login,
        )
        self.assertEqual((january.proposed_amount, january.amount), (70, 100))
