import re
from datetime import date
from unittest.mock import patch

from odoo import fields
from odoo.fields import Command
from odoo.tests import new_test_user

from .plan_common import PlanCommon

LINK = re.compile(r"/sales/accept/[\w-]{43}")


class AcceptanceCommon(PlanCommon):
    """A confirmed order of the rep: 500.00 on signing, 500.00 30 days after acceptance.

    Dana (``buyer``) is a person at the customer, Omar (``other_buyer``) another one.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.email = "hello@ourselves.test"
        cls.buyer.lang = "en_US"
        cls.other_buyer = cls.buyer.copy({"name": "Omar", "email": "omar@lumber.test"})
        for name in ("rep", "colleague", "leader", "director", "accountant"):
            user = getattr(cls, f"{name}_user")
            user.email = f"{name}@colleague.test"
        cls.auditor_user = new_test_user(
            cls.env, "sp_acceptance_auditor", "account.group_account_readonly"
        )
        cls.two = cls._template(
            "Half / half",
            ("Down payment", "percent", 50, "signing"),
            ("Acceptance", "percent", 50, "acceptance", {"delay_days": 30}),
        )
        cls.order = cls._planned(
            template=cls.two,
            partner_id=cls.buyer.id,
            client_order_ref="PO 4711",
            order_line=[
                cls._order_line(400, 2.0),
                cls._order_line(200, 1.0, cls.service),
            ],
        )
        cls.order.action_confirm()
        cls.signing, cls.line = cls.order._sorted_sales_plan()
        cls.contract = cls.env["sales.contract"].create(
            {
                "title": "Coating line",
                "partner_id": cls.customer.id,
                "currency_id": cls.order.currency_id.id,
                "user_id": cls.rep_user.id,
                "team_id": cls.retail.id,
            }
        )
        cls.order.sudo().sales_contract_id = cls.contract

    @classmethod
    def _ask(cls, user=None, token=None, **values):
        """Ask as ``user``; with ``token`` the link is known to the test."""
        env = cls.env(user=user or cls.rep_user)
        values = {
            "line": cls.line.with_env(env),
            "partner": cls.buyer.with_env(env),
            "delivered": "2 machines",
            **values,
        }
        rows = env["sales.acceptance"]
        if not token:
            return rows._request(**values)
        with patch("secrets.token_urlsafe", return_value=token):
            return rows._request(**values)

    def _answer(self, row, accepted=True, note="", name="Dana D."):
        return row.sudo()._answer(accepted, name, note, "203.0.113.7", "Browser 1")

    def _record(self, user=None, day=date(2024, 3, 15), content=b"JVBERi0="):
        """Record an acceptance on paper through the dialog."""
        user = user or self.rep_user
        line = self.line.with_user(user)
        action = line.action_accept()
        event = self.env[action["res_model"]].with_user(user)
        event = event.with_context(**action["context"]).create(
            {
                "day": day,
                "document": content,
                "document_name": "accepted.pdf",
                "note": "All works",
            }
        )
        event.action_record()
        return self.line.acceptance_ids.sorted("id")[-1]

    def _mails(self, email="dana@lumber.example"):
        return self.env["mail.mail"].search([("email_to", "ilike", email)])

    def _other_company(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        user = new_test_user(
            self.env,
            "sp_acceptance_other",
            "sales_process.group_director,account.group_account_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        return company, user

    @staticmethod
    def _today():
        return fields.Date.today()
