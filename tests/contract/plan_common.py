from contextlib import contextmanager

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command

from ..common import SalesProcessCommon


class PlanCommon(SalesProcessCommon):
    """Orders of the rep over 1,000.00 without taxes, in a company that lives in UTC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "UTC"
        cls.company.write(
            {"sales_plan_required": False, "portal_confirmation_sign": True}
        )
        cls.goods, cls.service = cls.env["product.product"].create(
            [
                {"name": "Machine", "type": "consu", "list_price": 1000},
                {"name": "Training", "type": "service", "list_price": 1000},
            ]
        )
        (cls.goods | cls.service).write(
            {"taxes_id": [Command.clear()], "invoice_policy": "order"}
        )
        cls.plan = cls._template(
            "30 / 40 / 30",
            ("Down payment", "percent", 30, "signing"),
            ("Delivery", "percent", 40, "delivery"),
            ("Acceptance", "percent", 30, "acceptance"),
        )

    @classmethod
    def _template(cls, name, *lines, **values):
        """A template of ``(name, share, value, trigger[, more values])``."""
        return cls.env["sales.plan.template"].create(
            {
                "name": name,
                "line_ids": [
                    Command.create(
                        {
                            "name": line,
                            "share": share,
                            "value": value,
                            "trigger": trigger,
                            "sequence": 10 * number,
                            **(more[0] if more else {}),
                        }
                    )
                    for number, (line, share, value, trigger, *more) in enumerate(lines)
                ],
                **values,
            }
        )

    @classmethod
    def _order_line(cls, price=1000, quantity=1, product=None, **values):
        return Command.create(
            {
                "product_id": (product or cls.goods).id,
                "product_uom_qty": quantity,
                "price_unit": price,
                **values,
            }
        )

    @classmethod
    def _order_vals(cls, price=1000, **values):
        return {
            "partner_id": cls.customer.id,
            "user_id": cls.rep_user.id,
            "team_id": cls.retail.id,
            "order_line": [cls._order_line(price)],
            **values,
        }

    @classmethod
    def _order(cls, price=1000, **values):
        return cls.env["sale.order"].create(cls._order_vals(price, **values))

    @classmethod
    def _planned(cls, price=1000, template=None, **values):
        template = template or cls.plan
        return cls._order(price, sales_plan_template_id=template.id, **values)

    @classmethod
    def _typed(cls, *amounts, **values):
        """Commands of instalments with these amounts, today."""
        return [
            Command.create(
                {
                    "name": f"Part {number}",
                    "amount": amount,
                    "date_planned": fields.Date.today(),
                    **values,
                }
            )
            for number, amount in enumerate(amounts, 1)
        ]

    def _books(self):
        """Accounts (receivable, income, cash) and journals (sales, other), made once"""
        if not hasattr(self, "books"):
            accounts = self.env["account.account"].create(
                [
                    {
                        "name": f"Plan {kind}",
                        "code": f"SPPLAN{number}",
                        "account_type": kind,
                        "reconcile": kind == "asset_receivable",
                    }
                    for number, kind in enumerate(
                        ("asset_receivable", "income", "asset_cash")
                    )
                ]
            )
            journals = self.env["account.journal"].create(
                [
                    {"name": f"Plan {kind}", "code": f"SP{kind[:3]}", "type": kind}
                    for kind in ("sale", "general")
                ]
            )
            self.customer.property_account_receivable_id = accounts[0]
            self.books = accounts, journals
        return self.books

    def _invoice(self, line, amount, day=None):
        """A posted invoice over ``amount``, made for an instalment."""
        accounts, journals = self._books()
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "journal_id": journals[0].id,
                "invoice_date": day or fields.Date.today(),
                "sales_plan_line_id": line.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": line.name,
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                            "account_id": accounts[1].id,
                        }
                    )
                ],
            }
        )
        move.action_post()
        return move

    def _pay(self, invoice):
        """Money for a whole invoice, in the bank and matched with it."""
        (receivable, _income, cash), journals = self._books()
        entry = self.env["account.move"].create(
            {
                "journal_id": journals[1].id,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.customer.id,
                            "balance": sign * invoice.amount_total,
                        }
                    )
                    for account, sign in ((cash, 1), (receivable, -1))
                ],
            }
        )
        entry.action_post()
        lines = (invoice | entry).line_ids
        lines.filtered(lambda line: line.account_id == receivable).reconcile()

    def assertPlan(self, order, *amounts):
        lines = order._sorted_sales_plan()
        self.assertEqual(lines.mapped("amount"), list(amounts))
        self.assertAlmostEqual(sum(amounts), order.amount_total)

    @contextmanager
    def assertRefused(self, message, error=UserError):
        """One sentence for the person, and nothing half-written."""
        with self.assertRaises(error) as caught:
            yield
        self.assertRegex(str(caught.exception), message)
