from odoo.tests import HttpCase, tagged

from ..common import DIRECTOR
from .performance_commission_common import CommissionCommon


@tagged("post_install", "-at_install")
class TestCommissionTour(CommissionCommon, HttpCase):
    """A plan is written, published and changed in the browser."""

    rule_tested_models = ()

    def test_director(self):
        director = self._make_person("commission_tour", DIRECTOR)
        self.ann.name = "Tour Ann"
        self.start_tour(
            "/odoo/commission-plans",
            "sales_process_commission_plan",
            login=director.login,
        )
        plans = self.env["sales.commission.plan"].search(
            [("name", "=", "Tour Commission")], order="version"
        )
        self.assertEqual(plans.mapped("state"), ["published", "draft"])
        self.assertEqual(plans.assignment_ids.user_id, self.ann)
        self.assertEqual(plans.bracket_ids.mapped("rate"), [5.0, 5.0])
        self.assertEqual(plans[1].reason, "Twice as much")
