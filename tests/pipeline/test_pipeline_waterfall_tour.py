from odoo import fields
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL

from .pipeline_common import PipelineCommon


@tagged("post_install", "-at_install")
class TestPipelineWaterfallTour(PipelineCommon, HttpCase):
    """The screens in a browser, as a rep."""

    def test_pipeline_changes(self):
        today = fields.Date.today()
        deal = self._deal("Won deal", expected_revenue=100, date_deadline=today)
        self._record_at(0, deal)
        deal.expected_revenue = 120
        deal.action_set_won()
        history = self.env["sales.pipeline.history"]
        history.env.cr.precommit.data.pop("sales_pipeline_history", None)
        month_begins = history.env.company._sales_midnight(today.replace(day=1))
        history._record(SQL("l.id = %s", deal.id), moment=month_begins)
        self.start_tour(
            "/odoo/pipeline-changes", "sales_process_pipeline_changes", login="sp_rep"
        )

    def test_pipeline_as_of(self):
        deal = self._deal("Grown deal", expected_revenue=100)
        self._record_at(0, deal)
        deal.expected_revenue = 150
        self._record_at(5, deal)
        self.start_tour(
            "/odoo/pipeline-as-of", "sales_process_pipeline_as_of", login="sp_rep"
        )

    def test_as_of_from_pipeline(self):
        deal = self._deal("Grown deal", expected_revenue=100)
        self._record_at(0, deal)
        deal.expected_revenue = 150
        self._record_at(5, deal)
        self.start_tour(
            "/odoo/crm", "sales_process_as_of_from_pipeline", login="sp_rep"
        )
