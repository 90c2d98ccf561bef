from odoo import http
from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from .performance_statement_common import StatementCommon


@tagged("post_install", "-at_install")
class TestPerformanceStatementPortal(StatementCommon, HttpCase):
    """The pages of a dealer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        invoice = cls._invoiced(
            1000.0,
            sales_split_ids=[
                Command.create({"partner_id": cls.dealer.id, "percent": 100})
            ],
        )
        cls.invoice = invoice
        cls.statements._compute_statements(cls.company, cls.first, cls.after)
        cls.statement = cls.statements.search([("partner_id", "=", cls.dealer.id)])

    def _page(self, path="", **kwargs):
        return self.url_open(f"/my/commission{path}", **kwargs)

    def test_pages(self):
        self.authenticate(self.portal.login, self.portal.login)
        self.assertIn("no confirmed statement", self._page().text)
        answer = self._page(f"/{self.statement.id}")
        self.assertNotIn(self.invoice.name, answer.text)
        self._confirm(self.statement)
        self.assertIn("50.00", self._page().text)
        answer = self._page(f"/{self.statement.id}")
        self.assertIn(self.invoice.name, answer.text)
        self.assertIn("paid 0 %", answer.text.replace("\xa0", " "))
        paper = self._page(f"/{self.statement.id}?report_type=html")
        self.assertIn(self.invoice.name, paper.text)

    def test_not_of_others(self):
        self._confirm(self.statement)
        self.authenticate(self.ann.login, self.ann.login)
        answer = self._page(f"/{self.statement.id}")
        self.assertNotIn(self.invoice.name, answer.text)

    def test_agree_and_ask(self):
        self._confirm(self.statement)
        self.authenticate(self.portal.login, self.portal.login)
        url = f"/{self.statement.id}/answer"
        token = http.Request.csrf_token(self)
        self._page(url, data={"csrf_token": token, "question": "And the other one?"})
        dispute = self.statement.dispute_ids
        self.assertEqual(
            (dispute.question, dispute.user_id), ("And the other one?", self.portal)
        )
        self._page(url, data={"csrf_token": token})
        self.assertEqual(self.statement.acknowledged_by_id, self.portal)
