from odoo.tests import HttpCase, tagged

from .performance_statement_common import StatementCommon


@tagged("post_install", "-at_install")
class TestPerformanceStatementTour(StatementCommon, HttpCase):
    """The pages in a browser, as a rep."""

    def test_my_commission(self):
        self._pay(self._invoiced(1000.0))
        self._invoiced(600.0)
        self._compute()
        self.assertEqual(self._of(self.ann).amount, 50.0)
        self.start_tour(
            "/odoo/my-commission", "sales_process_my_commission", login=self.ann.login
        )
        dispute = self._of(self.ann).dispute_ids
        self.assertEqual((dispute.state, dispute.user_id), ("open", self.ann))
