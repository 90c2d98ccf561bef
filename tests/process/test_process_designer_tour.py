from odoo.tests import HttpCase, tagged

from ..common import SalesProcessCommon


@tagged("post_install", "-at_install")
class TestProcessDesignerTour(SalesProcessCommon, HttpCase):
    """A designer makes a process of a ready-made one, in a browser."""

    def test_from_ready_made_to_live(self):
        self.process.state = "retired"
        self.start_tour(
            "/odoo/sales-processes", "sales_process_designer", login="sp_designer"
        )
        process = self.env["sales.process"].search([("state", "=", "live")])
        self.assertEqual(process.name, "B2B Transactional Sale")
        self.assertEqual(process.create_uid, self.designer_user)
        stages = process.stage_ids.sorted()
        added = stages[-2]
        self.assertEqual(added.stage_id.name, "Tour Pilot")
        self.assertTrue(stages[-1].is_won)
        self.assertEqual(added.buyer_step, "Tries it for a week")
        self.assertEqual(added.criterion_ids.name, "Pilot went well")
        self.assertEqual(added.criterion_ids.kind, "stakeholder")
        self.assertEqual(added.criterion_ids.role, "champion")
