import base64
from contextlib import contextmanager

from odoo.exceptions import UserError
from odoo.fields import Command

from .plan_common import PlanCommon

FILE = base64.b64encode(b"%PDF-1.4 signed").decode()


class PaperCommon(PlanCommon):
    """Confirmed orders of the rep over 1,000.00, paid 30/40/30, and a type of contract.

    The type "Supply" runs 12 months with 3 months of notice, requires a purchase order
    and the clause "Liability", and recommends the minutes of the kick-off.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {"sales_contract_automatic": False, "sales_contract_type_id": False}
        )
        cls.kind = cls.env["sales.contract.type"].create(
            {
                "name": "Supply",
                "terms": "<p>Standard terms</p>",
                "duration_months": 12,
                "notice_months": 3,
                "renewal": "manual",
                "reminder_days": 30,
                "collector_id": cls.accountant_user.id,
                "requirement_ids": [
                    Command.create(
                        {
                            "name": "Purchase order",
                            "kind": "document",
                            "document_category": "purchase_order",
                            "sequence": 1,
                        }
                    ),
                    Command.create(
                        {
                            "name": "Kick-off minutes",
                            "kind": "document",
                            "document_category": "minutes",
                            "required": False,
                            "sequence": 2,
                        }
                    ),
                    Command.create(
                        {
                            "name": "Liability",
                            "kind": "clause",
                            "text": "Limited to the total.",
                            "sequence": 3,
                        }
                    ),
                ],
            }
        )
        cls.need_order, cls.need_minutes, cls.need_clause = cls.kind.requirement_ids

    @classmethod
    def _confirmed(cls, price=1000, plan=True, **values):
        values.setdefault("partner_id", cls.buyer.id)
        make = cls._planned if plan else cls._order
        order = make(price, **values)
        order.action_confirm()
        return order

    @classmethod
    def _contract(cls, orders=None, user=None, **values):
        """A contract over an order, as the rep creates it."""
        orders = orders or cls._confirmed()
        contract = cls.env["sales.contract"].browse(
            orders.with_user(user or cls.rep_user).action_sales_create_contract()[
                "res_id"
            ]
        )
        if values:
            contract.write(values)
        return contract

    @classmethod
    def _document(cls, contract, category="purchase_order", user=None, **values):
        documents = cls.env["sales.contract.document"].with_user(user or cls.rep_user)
        return documents.create(
            {
                "contract_id": contract.id,
                "name": f"{category}.pdf",
                "datas": FILE,
                "sales_document_category": category,
                **values,
            }
        )

    @classmethod
    def _complete(cls, contract):
        """Meet everything its type requires."""
        for requirement in contract.type_id.requirement_ids.filtered("required"):
            if requirement.kind == "document":
                cls._document(contract, requirement.document_category)
        contract.clause_ids.action_agree()
        return contract

    @classmethod
    def _signed(cls, orders=None, date=None, **values):
        contract = cls._complete(cls._contract(orders, **values))
        contract.with_user(cls.rep_user)._sign("Dana Decider", date=date)
        return contract

    def _settle(self, contract, invoiced=1.0, collected=1.0):
        """Stand in for the engine: shares of each instalment are invoiced and paid."""
        for line in contract.plan_line_ids:
            line.sudo().write(
                {
                    "amount_invoiced": line.amount * invoiced,
                    "amount_collected": line.amount * collected,
                    "amount_due": line.amount * (invoiced - collected),
                }
            )

    def _wizard(self, action, user=None, **values):
        """The dialog that an action opens, filled in."""
        return (
            self.env[action["res_model"]]
            .with_user(user or self.rep_user)
            .with_context(**action["context"])
            .create(values)
        )

    @contextmanager
    def assertSaid(self, *words, error=UserError):
        """Refused in one sentence that has all of these words."""
        with self.assertRaises(error) as caught:
            yield
        for word in words:
            self.assertIn(word, str(caught.exception))
