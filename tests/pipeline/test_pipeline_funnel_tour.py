from odoo.tests import HttpCase, tagged

from .funnel_common import FunnelCommon


@tagged("post_install", "-at_install")
class TestPipelineFunnelTour(FunnelCommon, HttpCase):
    """The funnel in a browser, as a team leader reads it."""

    def test_funnel(self):
        source = self.env["utm.source"].create({"name": "Test Fair"})
        self.deals["Ann"].source_id = source
        self.start_tour("/odoo/funnel", "pipeline_funnel_tour", login="sp_leader")
