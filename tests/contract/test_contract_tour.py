from odoo import fields
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .money_common import MoneyCommon
from .paper_common import PaperCommon


@tagged("post_install", "-at_install")
class TestContractTour(PaperCommon, HttpCase):
    """From the order to the signature, in the browser, as rep and as customer."""

    def test_rep(self):
        self.company.sales_contract_type_id = self.kind
        order = self._confirmed()
        self.start_tour(
            f"/odoo/orders/{order.id}", "sales_process_contract_rep", login="sp_rep"
        )
        contract = order.sales_contract_id
        self.assertEqual(contract.state, "signed")
        self.assertEqual(contract.signed_by, "Dana Decider")
        document = contract.document_ids
        self.assertEqual(document.name, "po.txt")
        self.assertEqual(document.raw, b"PO 4711")
        self.assertEqual(document.requirement_id, self.need_order)
        self.assertEqual(
            order._sorted_sales_plan().mapped("state"), ["due", "planned", "planned"]
        )

    def test_customer(self):
        self.portal_user.partner_id.parent_id = self.customer
        contract = self._complete(self._contract(type_id=self.kind.id))
        contract.sudo().date_sent = fields.Datetime.now()
        self.start_tour(
            contract.access_url, "sales_process_contract_customer", login="sp_portal"
        )
        self.assertEqual(contract.state, "signed")
        self.assertEqual(contract.signed_by, "Portal")
        self.assertTrue(contract.signature)


@tagged("post_install", "-at_install")
class TestContractAccountantTour(MoneyCommon, HttpCase):
    """The accountant invoices what is due, from Invoicing > Customers > Contracts."""

    def test_accountant(self):
        new_test_user(
            self.env,
            "sp_tour_accountant",
            "account.group_account_invoice",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        order = self._order(300.0, 850.0)
        order.action_sales_create_contract()
        order.sales_contract_id.title = "Coating line"
        self.start_tour(
            "/odoo", "sales_process_contract_accountant", login="sp_tour_accountant"
        )
        first, last = order.sales_plan_line_ids
        move = self._newest(first)
        self.assertEqual(move.amount_total, 300.0)
        self.assertEqual(move.state, "draft")
        self.assertFalse(self._newest(last))
