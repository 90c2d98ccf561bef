from odoo.tests import HttpCase, new_test_user, tagged

from ..common import DIRECTOR
from .target_common import TargetCommon


@tagged("post_install", "-at_install")
class TestTargetPlanTour(TargetCommon, HttpCase):
    """From the list of plans to a plan that is published, and to its next version."""

    rule_tested_models = ()

    def test_director(self):
        director = new_test_user(
            self.env,
            "sp_plan_tour",
            DIRECTOR,
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        teams = self.north | self.south
        self.env["crm.team"].search([("id", "not in", teams.ids)]).active = False
        self.booked.name = "Tour Metric"
        self.ann.name, self.bob.name = "Tour Ann", "Tour Bob"
        self.north.name, self.south.name = "Tour North", "Tour South"
        self.start_tour(
            "/odoo/target-plans", "sales_process_target_plan", login=director.login
        )
        plans = self.env["sales.target.plan"].search(
            [("name", "=", "Tour Metric Tour Year")], order="version"
        )
        self.assertEqual(plans.mapped("state"), ["published", "draft"])
        self.assertEqual(plans[1].reason, "Two people joined")
        for plan in plans:
            amounts = {}
            for target in plan.target_ids:
                amounts.setdefault(target.owner_name, []).append(target.amount)
            self.assertEqual(amounts.pop(self.company.name), [2000] * 12)
            names = ("Tour North", "Tour South", "Tour Ann", "Tour Bob")
            self.assertEqual(amounts, dict.fromkeys(names, [1000] * 12))
