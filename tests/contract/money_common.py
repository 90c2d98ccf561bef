from odoo import fields
from odoo.fields import Command

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


class MoneyCommon(AccountTestInvoicingCommon):
    """A company with a chart of accounts, where orders have payment plans.

    Product A costs 1,000.00 plus 15 % tax, so an order of one is 1,150.00.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        cls.company = cls.env.company
        cls.env.user.group_ids |= cls.env.ref("sales_team.group_sale_manager")
        cls.bank_journal = cls.company_data["default_journal_bank"]
        cls.today = cls.company._sales_today()
        cls.product_a.invoice_policy = "order"
        cls.product_b.invoice_policy = "order"

    @classmethod
    def _order(cls, *amounts, lines=None, confirm=True, firm=True, **values):
        """A confirmed order; ``amounts`` are its instalments.

        :param list lines: (product, quantity, price, tax), one product A by default
        :param bool firm: due today; else on a day that has not come
        """
        lines = lines or [(cls.product_a, 1, 1000.0, cls.tax_sale_a)]
        order = cls.env["sale.order"].create(
            {
                "partner_id": cls.partner_a.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "product_uom_qty": quantity,
                            "price_unit": price,
                            "tax_ids": [Command.set(tax.ids)],
                        }
                    )
                    for product, quantity, price, tax in lines
                ],
                **values,
            }
        )
        cls._plan(order, *amounts, firm=firm)
        if confirm:
            order.action_confirm()
        return order

    @classmethod
    def _plan(cls, order, *amounts, firm=True):
        return cls.env["sales.plan.line"].create(
            [
                {
                    "order_id": order.id,
                    "sequence": 10 * number,
                    "name": f"Part {number}",
                    "amount": amount,
                    "trigger": "date",
                    "date_planned": cls.today if firm else cls._days(30),
                }
                for number, amount in enumerate(amounts, 1)
            ]
        )

    @classmethod
    def _replan(cls, order, amounts):
        """Change amounts of a plan at once, as its form does.

        :param dict amounts: of instalments
        """
        order.sales_plan_line_ids = [
            Command.update(line.id, {"amount": amount})
            for line, amount in amounts.items()
        ]

    @classmethod
    def _contract(cls, orders, **values):
        """A contract over confirmed orders, by the button."""
        action = orders.action_sales_create_contract()
        contract = cls.env["sales.contract"].browse(action["res_id"])
        contract.write(values)
        return contract

    def _invoice(self, line, post=True):
        """The invoice of an instalment, by the button."""
        line.action_invoice()
        move = self._newest(line)
        if post:
            move.action_post()
        return move

    def _newest(self, line):
        return self.env["account.move"].search(
            [("sales_plan_line_id", "=", line.id)], order="id desc", limit=1
        )

    def _pay(self, invoices, amount=None, **values):
        """Register a payment on invoices, as an accountant does."""
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoices.ids)
            .create(
                {
                    "payment_date": self.today,
                    "journal_id": self.bank_journal.id,
                    **({"amount": amount} if amount is not None else {}),
                    **values,
                }
            )
        )
        return wizard._create_payments()

    def _payment(self, amount, partner=None, **values):
        """A posted payment that nothing is matched with."""
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": (partner or self.partner_a).id,
                "amount": amount,
                "date": self.today,
                "journal_id": self.bank_journal.id,
                **values,
            }
        )
        payment.action_post()
        return payment

    def _receivable(self, moves):
        return moves.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    def _match(self, *moves):
        moves = self.env["account.move"].union(*moves)
        lines = self._receivable(moves)
        lines.filtered(lambda line: not line.reconciled).reconcile()

    def _unmatch(self, moves):
        self._receivable(moves).remove_move_reconcile()

    def _credit(self, invoice, amount=None, post=True):
        """A credit note by Odoo's own wizard, of the whole invoice or one amount."""
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"date": self.today, "journal_id": invoice.journal_id.id})
        )
        wizard.refund_moves()
        refund = wizard.new_move_ids
        if amount is not None:
            line = refund.invoice_line_ids.filtered("price_unit")[:1]
            factor = amount / refund.amount_total
            line.price_unit = line.price_unit * factor
        if post:
            refund.action_post()
        return refund

    def assertFigures(self, line, invoiced=0, collected=0, due=0, state=None, **more):
        """Figures of an instalment, first as they are read, then as they are stored."""
        expected = {
            "amount_invoiced": invoiced,
            "amount_collected": collected,
            "amount_due": due,
            **more,
        }
        if state:
            self.assertEqual(line.state, state)
        found = {name: line[name] for name in expected}
        self.assertEqual(self._rounded(found), self._rounded(expected))
        self.env.flush_all()
        self.env.invalidate_all()
        found = {name: line[name] for name in expected}
        self.assertEqual(self._rounded(found), self._rounded(expected))

    @staticmethod
    def _rounded(figures):
        return {
            name: round(value, 3) if isinstance(value, int | float) else value
            for name, value in figures.items()
        }

    @classmethod
    def _days(cls, number):
        return fields.Date.add(cls.today, days=number)
