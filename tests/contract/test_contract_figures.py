from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestContractFigures(MoneyCommon):
    """What was invoiced and collected follows documents and reconciliations at once."""

    def setUp(self):
        super().setUp()
        self.order = self._order(300.0, 400.0, 450.0)
        self.first, self.second, self.final = self.order.sales_plan_line_ids

    def _plain_down_payment(self, amount, order=None):
        """A down payment by Odoo's own wizard, which knows of no instalment."""
        order = order or self.order
        wizard = self.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": [Command.set(order.ids)],
                "advance_payment_method": "fixed",
                "fixed_amount": amount,
            }
        )
        return wizard._create_invoices(order)

    def _entry(self, *lines, **values):
        """A posted entry of ``(account, debit)``; debit below zero is credit."""
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": self.today,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.partner_a.id,
                            "balance": debit,
                        }
                    )
                    for account, debit in lines
                ],
                **values,
            }
        )
        entry.action_post()
        return entry

    # === DOCUMENTS === #

    def test_unpinned_fills_in_sequence(self):
        invoice = self._plain_down_payment(500.0)
        self.assertFigures(self.first, amount_draft=300.0, amount_to_invoice=0.0)
        self.assertFigures(self.second, amount_draft=200.0, amount_to_invoice=200.0)
        invoice.action_post()
        self.assertFigures(self.first, 300, 0, 300, "invoiced", amount_draft=0.0)
        self.assertFigures(self.second, 200, 0, 200, "invoiced", amount_draft=0.0)
        self.assertFigures(self.final)
        self._pay(invoice, 350.0)
        self.assertFigures(self.first, 300, 300, 0, "collected")
        self.assertFigures(self.second, 200, 50, 150, "partial")

    def test_order_without_a_plan_is_left_alone(self):
        order = self._order()
        self._pay(self._posted(self._plain_down_payment(500.0, order)))
        self.assertFalse(order.sales_plan_line_ids)
        self.assertFigures(self.first)

    @staticmethod
    def _posted(move):
        move.action_post()
        return move

    def test_plan_made_after_the_invoice(self):
        order = self._order()
        self._pay(self._posted(self._plain_down_payment(500.0, order)), 120.0)
        first, second = self._plan(order, 400.0, 750.0)
        self.assertFigures(first, 400, 120, 280, "partial")
        self.assertFigures(second, 100, 0, 100, "invoiced")

    def test_amounts_of_the_plan_move_what_is_not_pinned(self):
        self._posted(self._plain_down_payment(500.0))
        self._replan(self.order, {self.first: 450.0, self.second: 250.0})
        self.assertFigures(self.first, 450, 0, 450)
        self.assertFigures(self.second, 50, 0, 50)
        self.second.sequence = 1
        self.assertFigures(self.second, 250, 0, 250)
        self.assertFigures(self.first, 250, 0, 250)

    def test_pinned_by_the_accountant(self):
        invoice = self._posted(self._plain_down_payment(400.0))
        self.assertFigures(self.first, 300, 0, 300)
        invoice.sales_plan_line_id = self.second
        self.assertFigures(self.first)
        self.assertFigures(self.second, 400, 0, 400)
        invoice.sales_plan_line_id = False
        self.assertFigures(self.first, 300, 0, 300)
        self.assertFigures(self.second, 100, 0, 100)

    def test_instalment_deleted_frees_its_invoice(self):
        order = self._order(500.0, 650.0)
        first, second = order.sales_plan_line_ids
        self._invoice(first)
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM sales_plan_line WHERE id = %s", [first.id])
        self.env.invalidate_all()
        second.amount = 1150.0
        self.assertFigures(second, 500, 0, 500)

    def test_draft_changed_before_posting(self):
        draft = self._invoice(self.first, post=False)
        line = draft.invoice_line_ids.filtered("price_unit")
        line.price_unit = 200.0  # 230.00 with taxes
        self.assertFigures(self.first, amount_draft=230.0, amount_to_invoice=70.0)
        draft.action_post()
        self.assertFigures(
            self.first, 230, 0, 230, "invoiced", amount_draft=0, amount_to_invoice=70
        )

    def test_draft_deleted_or_cancelled_frees_the_instalment(self):
        self._invoice(self.first, post=False).unlink()
        self.assertFigures(self.first, state="due", amount_draft=0)
        self._invoice(self.first, post=False).button_cancel()
        self.assertFigures(self.first, state="due", amount_draft=0)
        self._invoice(self.first)
        self.assertFigures(self.first, 300, 0, 300)

    def test_reset_to_draft_and_cancelled(self):
        invoice = self._invoice(self.first)
        invoice.button_draft()
        self.assertFigures(self.first, state="due", amount_draft=300)
        invoice.action_post()
        self.assertFigures(self.first, 300, 0, 300, amount_draft=0)
        invoice.button_cancel()
        self.assertFigures(self.first, state="due", amount_draft=0)

    def test_reset_while_paid(self):
        """Odoo keeps the match; the money is not that of a posted invoice any more."""
        invoice = self._invoice(self.first)
        self._pay(invoice)
        invoice.button_draft()
        self.assertFigures(self.first, amount_draft=300)
        invoice.action_post()
        self.assertFigures(self.first, 300, 300, 0, "collected", amount_draft=0)

    def test_document_over_two_orders(self):
        """1,150.00 of this order and 2,300.00 of the other: a third, two thirds."""
        other = self._order(
            1000.0, 1300.0, lines=[(self.product_a, 2, 1000.0, self.tax_sale_a)]
        )
        invoice = (self.order | other)._create_invoices()
        self.assertEqual(len(invoice), 1)
        invoice.action_post()
        self.assertFigures(self.first, 300, 0, 300)
        self.assertFigures(self.second, 400, 0, 400)
        self.assertFigures(self.final, 450, 0, 450)
        self.assertFigures(other.sales_plan_line_ids[0], 1000, 0, 1000)
        self.assertFigures(other.sales_plan_line_ids[1], 1300, 0, 1300)
        self._pay(invoice, 900.0)
        self.assertFigures(self.first, 300, 300, 0)
        self.assertFigures(other.sales_plan_line_ids[0], 1000, 600, 400)

    def test_pin_to_the_instalment_of_another_order_is_refused(self):
        other = self._order(1150.0)
        invoice = self._plain_down_payment(100.0)
        with self.assertRaisesRegex(Exception, "belongs to"):
            invoice.sales_plan_line_id = other.sales_plan_line_ids

    def test_receipt_pinned_by_hand(self):
        receipt = self.env["account.move"].create(
            {
                "move_type": "out_receipt",
                "partner_id": self.partner_a.id,
                "sales_plan_line_id": self.first.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Fee",
                            "price_unit": 80.0,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        receipt.action_post()
        self.assertFigures(self.first, 80, 0, 80)

    # === CREDIT NOTES === #

    def test_credit_note_of_the_whole_frees_the_instalment(self):
        invoice = self._invoice(self.first)
        refund = self._credit(invoice)
        self.assertEqual(refund.sales_plan_line_id, self.first)
        self.assertFigures(
            self.first, state="due", amount_to_invoice=300, date_invoiced=False
        )
        again = self._invoice(self.first)
        self.assertFigures(
            self.first, 300, 0, 300, "invoiced", date_invoiced=again.invoice_date
        )

    def test_credit_note_of_a_part(self):
        invoice = self._invoice(self.first)
        self._credit(invoice, 120.0)
        self.assertFigures(self.first, 180, 0, 180, "invoiced", amount_to_invoice=120)
        self.assertEqual(self._invoice(self.first).amount_total, 120.0)
        self.assertFigures(self.first, 300, 0, 300)

    def test_credit_note_in_draft_changes_nothing(self):
        self._credit(self._invoice(self.first), post=False)
        self.assertFigures(self.first, 300, 0, 300, amount_draft=0)

    def test_credit_note_paid_back(self):
        invoice = self._invoice(self.first)
        self._pay(invoice)
        refund = self._credit(invoice)
        self.assertFigures(self.first, 0, 300, -300)
        self._pay(refund)
        self.assertFigures(self.first)

    def test_credit_note_settles_another_invoice(self):
        """Netting is no cash: the second invoice is settled, nothing came in for it."""
        first = self._invoice(self.first)
        self._pay(first)
        refund = self._credit(first, 100.0)
        second = self._invoice(self.second)
        self._match(refund, second)
        self.assertFigures(self.first, 200, 300, 0)
        self.assertFigures(self.second, 400, 0, 300, "invoiced")

    def test_modified_invoice_stays_with_its_instalment(self):
        """“Reverse and create invoice” makes a new draft for the same instalment."""
        invoice = self._invoice(self.first)
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"date": self.today, "journal_id": invoice.journal_id.id})
        )
        wizard.modify_moves()
        self.assertEqual(wizard.new_move_ids.sales_plan_line_id, self.first)
        self.assertFigures(self.first, amount_draft=300)
        wizard.new_move_ids.action_post()
        self.assertFigures(self.first, 300, 0, 300, amount_draft=0)

    def test_copy_is_for_no_instalment(self):
        self.assertFalse(self._invoice(self.first).copy().sales_plan_line_id)

    def test_credit_note_without_origin_takes_from_the_last(self):
        self._invoice(self.first)
        self._invoice(self.second)
        refund = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.partner_a.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Goodwill",
                            "price_unit": 150.0,
                            "tax_ids": [Command.clear()],
                            "sale_line_ids": [
                                Command.set(self.order.order_line[0].ids)
                            ],
                        }
                    )
                ],
            }
        )
        refund.action_post()
        self.assertFigures(self.first, 300, 0, 300)
        self.assertFigures(self.second, 250, 0, 250)
        self.assertFigures(self.final)

    # === PAYMENTS === #

    def test_part_payments_and_back(self):
        invoice = self._invoice(self.first)
        self._pay(invoice, 100.0)
        self.assertFigures(self.first, 300, 100, 200, "partial")
        self._pay(invoice, 50.0)
        self.assertFigures(self.first, 300, 150, 150, "partial", date_collected=False)
        self._pay(invoice, 150.0)
        self.assertFigures(
            self.first, 300, 300, 0, "collected", date_collected=self.today
        )
        self._unmatch(invoice)
        self.assertFigures(self.first, 300, 0, 300, "invoiced", date_collected=False)

    def test_overpaid(self):
        """What exceeds the invoice stays with the customer."""
        invoice = self._invoice(self.first)
        payment = self._payment(500.0)
        self._match(invoice, payment.move_id)
        self.assertFigures(self.first, 300, 300, 0, "collected")
        self._match(self._invoice(self.second), payment.move_id)
        self.assertFigures(self.second, 400, 200, 200, "partial")

    def test_paid_before_the_invoice(self):
        payment = self._payment(300.0)
        self.assertFigures(self.first, state="due")
        self._match(self._invoice(self.first), payment.move_id)
        self.assertFigures(self.first, 300, 300, 0, "collected")

    def test_payment_reset_and_cancelled(self):
        invoice = self._invoice(self.first)
        payment = self._pay(invoice)
        payment.action_draft()
        self.assertFigures(self.first, 300, 0, 300, "invoiced")
        payment.action_post()
        self.assertFigures(self.first, 300, 300, 0, "collected")
        payment.action_cancel()
        self.assertFigures(self.first, 300, 0, 300, "invoiced")

    def test_write_off_is_no_cash(self):
        invoice = self._invoice(self.first)
        self._pay(
            invoice,
            290.0,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.company_data["default_account_expense"].id,
        )
        self.assertFigures(self.first, 300, 290, 0, "collected")

    def test_write_off_over_several_invoices_adds_up(self):
        """100.00 in the bank for 100.10 on three invoices: 33.30 + 33.40 + 33.40."""
        order = self._order(33.30, 33.40, 33.40, 1049.90)
        lines = order.sales_plan_line_ids[:3]
        moves = self.env["account.move"].union(*(self._invoice(line) for line in lines))
        self._pay(
            moves,
            100.0,
            group_payment=True,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.company_data["default_account_expense"].id,
        )
        self.env.flush_all()
        self.assertAlmostEqual(sum(lines.mapped("amount_collected")), 100.0)
        self.assertEqual(sum(lines.mapped("amount_due")), 0.0)
        for line in lines:
            self.assertLess(line.amount - line.amount_collected, 0.05)
        self._unmatch(moves[0])
        self.assertFigures(lines[0], 33.3, 0, 33.3)
        self.assertAlmostEqual(sum(lines[1:].mapped("amount_collected")), 66.73)

    def test_early_payment_discount(self):
        """2 % off 300.00 within ten days: 294.00 came in, nothing is open."""
        self.order.payment_term_id = self.env["account.payment.term"].create(
            {
                "name": "2 % in ten days",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 30}
                    )
                ],
            }
        )
        account = self.company_data["default_account_expense"]
        self.company.account_journal_early_pay_discount_loss_account_id = account
        invoice = self._invoice(self.first)
        self._pay(invoice)
        self.assertFigures(self.first, 300, 294, 0, "collected")

    def test_bad_debt_is_no_cash(self):
        invoice = self._invoice(self.first)
        entry = self._entry(
            (self.company_data["default_account_expense"], 300.0),
            (self.company_data["default_account_receivable"], -300.0),
        )
        self._match(invoice, entry)
        self.assertFigures(self.first, 300, 0, 0, "collected", date_collected=False)

    def test_entry_on_the_bank_account_is_cash(self):
        """280.00 on the bank, 20.00 of charges: 280.00 came in."""
        invoice = self._invoice(self.first)
        entry = self._entry(
            (self.bank_journal.default_account_id, 280.0),
            (self.company_data["default_account_expense"], 20.0),
            (self.company_data["default_account_receivable"], -300.0),
        )
        self._match(invoice, entry)
        self.assertFigures(self.first, 300, 280, 0, "collected")

    def test_bank_statement_line(self):
        """One line of a statement pays two invoices and a fee on top."""
        moves = self._invoice(self.first) | self._invoice(self.second)
        statement_line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank_journal.id,
                "date": self.today,
                "payment_ref": "Transfer",
                "partner_id": self.partner_a.id,
                "amount": 710.0,
            }
        )
        _liquidity, suspense, _other = statement_line._seek_for_lines()
        statement_line.move_id.button_draft()
        receivable = self.company_data["default_account_receivable"]
        statement_line.move_id.write(
            {
                "line_ids": [
                    Command.delete(suspense.id),
                    *(
                        Command.create(
                            {
                                "account_id": account.id,
                                "partner_id": self.partner_a.id,
                                "balance": -amount,
                            }
                        )
                        for account, amount in (
                            (receivable, 300.0),
                            (receivable, 400.0),
                            (self.company_data["default_account_revenue"], 10.0),
                        )
                    ),
                ]
            }
        )
        statement_line.move_id.action_post()
        self._match(moves, statement_line.move_id)
        self.assertFigures(self.first, 300, 300, 0, "collected")
        self.assertFigures(self.second, 400, 400, 0, "collected")
        self.env.flush_all()
        statement_line.action_undo_reconciliation()
        self.assertFigures(self.first, 300, 0, 300, "invoiced")

    def test_one_payment_for_two_orders(self):
        other = self._order(500.0, 650.0)
        mine, theirs = (
            self._invoice(self.first),
            self._invoice(other.sales_plan_line_ids[0]),
        )
        self._pay(mine | theirs, 700.0, group_payment=True)
        self.assertFigures(self.first, 300, 300, 0, "collected")
        self.assertFigures(other.sales_plan_line_ids[0], 500, 400, 100, "partial")

    def test_payment_without_an_entry_waits_for_the_bank(self):
        """Where the bank is reconciled later, Odoo may post no entry for a payment."""
        invoice = self._invoice(self.first)
        Move = self.env.registry["account.move"]
        self.patch(Move, "_get_invoice_in_payment_state", lambda move: "in_payment")
        payment = self.env["account.payment"].create(
            {
                "amount": 300.0,
                "partner_id": self.partner_a.id,
                "journal_id": self.bank_journal.id,
                "payment_method_line_id": self._method_without_account().id,
            }
        )
        payment.invoice_ids = invoice
        payment.action_post()
        self.assertFalse(payment.move_id)
        self.assertFigures(self.first, 300, 0, 300, "invoiced")

    def _method_without_account(self):
        method = self.bank_journal.inbound_payment_method_line_ids[:1].copy()
        method.payment_account_id = False
        return method

    # === CURRENCIES === #

    def _foreign_order(self, code="GBP"):
        currency = self.setup_other_currency(
            code, rates=[("1900-01-01", 2.0), (fields.Date.to_string(self.today), 4.0)]
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Abroad", "currency_id": currency.id}
        )
        return self._order(300.0, 850.0, pricelist_id=pricelist.id), currency

    def test_foreign_order_paid_in_its_currency(self):
        """Invoiced at 2 for one, paid at 4: what the rate did is no money."""
        order, currency = self._foreign_order()
        self.assertEqual(order.currency_id, currency)
        first = order.sales_plan_line_ids[0]
        draft = self._invoice(first, post=False)
        draft.invoice_date = fields.Date.add(self.today, days=-30)
        draft.action_post()
        self._pay(draft, 100.0, currency_id=currency.id)
        self.assertFigures(first, 300, 100, 200, "overdue")
        self._pay(draft, 200.0, currency_id=currency.id)
        self.assertFigures(first, 300, 300, 0, "collected")

    def test_foreign_order_paid_in_company_currency(self):
        """At 4 for one, 50.00 in company currency are 200.00."""
        order, _currency = self._foreign_order()
        first = order.sales_plan_line_ids[0]
        invoice = self._invoice(first)
        self._match(invoice, self._payment(50.0).move_id)
        self.assertFigures(first, 300, 200, 100, "partial")
        self._match(invoice, self._payment(25.0).move_id)
        self.assertFigures(first, 300, 300, 0, "collected")

    def test_own_order_paid_in_foreign_currency(self):
        """At 4 for one, 400.00 abroad are 100.00 here."""
        _order, currency = self._foreign_order()
        invoice = self._invoice(self.first)
        payment = self._payment(400.0, currency_id=currency.id)
        self._match(invoice, payment.move_id)
        self.assertFigures(self.first, 300, 100, 200, "partial")

    def test_foreign_write_off_counts_in_the_currency_of_the_order(self):
        order, currency = self._foreign_order()
        first = order.sales_plan_line_ids[0]
        self._pay(
            self._invoice(first),
            291.0,
            currency_id=currency.id,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.company_data["default_account_expense"].id,
        )
        self.assertFigures(first, 300, 291, 0, "collected")

    def test_invoice_in_another_currency_than_its_order(self):
        """A draft of 300.00 made one of 300.00 GBP: at 4 for one that is 75.00."""
        _order, currency = self._foreign_order()
        draft = self._invoice(self.first, post=False)
        draft.currency_id = currency
        draft.action_post()
        total = draft.amount_total
        self.assertFigures(self.first, total / 4, 0, total / 4)
        self._pay(draft, 40.0, currency_id=currency.id)
        self.assertFigures(self.first, total / 4, 10, total / 4 - 10)

    # === PREPAID === #

    def _transaction(self, amount, order=None):
        order = order or self.order
        payment = self._payment(amount)
        env = self.env(su=True)
        provider = env["payment.provider"].create(
            {"name": "Dummy", "code": "none", "company_id": self.company.id}
        )
        method = env["payment.method"].create({"name": "Card", "code": "sp_card"})
        transaction = env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "reference": f"{order.name}-{amount}",
                "amount": amount,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "sale_order_ids": [Command.set(order.ids)],
                "state": "done",
            }
        )
        payment.payment_transaction_id = transaction
        transaction.payment_id = payment
        return payment

    def test_prepaid_online(self):
        payment = self._transaction(500.0)
        self.assertFigures(self.first, state="due", amount_prepaid=300)
        self.assertFigures(self.second, amount_prepaid=200)
        invoice = self._invoice(self.first)
        # Odoo links the transactions of an order to its invoices; here nobody did.
        self._match(invoice, payment.move_id)
        self.assertFigures(self.first, 300, 300, 0, "collected", amount_prepaid=0)
        self.assertFigures(self.second, amount_prepaid=200)
        self._unmatch(invoice)
        self.assertFigures(self.first, 300, 0, 300, amount_prepaid=0)
        self.assertFigures(self.second, amount_prepaid=400)
        self.assertFigures(self.final, amount_prepaid=100)
        payment.action_cancel()
        self.assertFigures(self.second, amount_prepaid=0)

    # === READING === #

    def test_right_when_searched_and_grouped_at_once(self):
        """Nothing has to be saved first, whatever the way the columns are read."""
        invoice = self._invoice(self.first)
        lines = self.env["sales.plan.line"]
        ours = [("order_id", "=", self.order.id)]
        self.assertEqual(lines.search([*ours, ("state", "=", "invoiced")]), self.first)
        self._pay(invoice, 100.0)
        self.assertEqual(lines.search([*ours, ("state", "=", "partial")]), self.first)
        self._pay(invoice)
        self.assertEqual(
            lines.search([*ours, ("amount_collected", ">", 299)]), self.first
        )
        [(collected,)] = lines._read_group(ours, [], ["amount_collected:sum"])
        self.assertEqual(collected, 300.0)

    def test_contract_adds_up(self):
        other = self._order(1150.0)
        contract = self._contract(self.order | other)
        self._pay(self._invoice(self.first), 100.0)
        self._pay(self._invoice(other.sales_plan_line_ids))
        self.assertEqual(contract.amount_invoiced, 1450.0)
        self.assertEqual(contract.amount_collected, 1250.0)
        self.assertEqual(contract.amount_due, 200.0)

    def test_invoices_of_an_instalment(self):
        pinned = self._invoice(self.first)
        loose = self._posted(self._plain_down_payment(450.0))
        self.assertEqual(self.first.invoice_ids, pinned)
        self.assertEqual(self.second.invoice_ids, loose)
        self.assertEqual(self.final.invoice_ids, loose)

    def test_due_dates(self):
        self.order.payment_term_id = self.pay_terms_b  # 30 % now, the rest next month
        invoice = self._invoice(self.first)
        days = sorted(self._receivable(invoice).mapped("date_maturity"))
        self.assertFigures(self.first, 300, 0, 300, date_invoice_due=days[0])
        self._pay(invoice, 90.0)
        self.assertFigures(self.first, 300, 90, 210, date_invoice_due=days[1])
        later = self._receivable(invoice).filtered("amount_residual")
        later.date_maturity = fields.Date.add(days[1], days=14)
        self.assertFigures(
            self.first, 300, 90, 210, date_invoice_due=later.date_maturity
        )
        self._pay(invoice, 210.0, installments_mode="full")
        self.assertFigures(self.first, 300, 300, 0, date_invoice_due=False)

    def test_overdue_by_the_day_of_the_company(self):
        draft = self._invoice(self.first, post=False)
        draft.invoice_date = fields.Date.add(self.today, days=-1)
        draft.action_post()
        self.assertFigures(self.first, 300, 0, 300, "overdue")

    def test_figures_cannot_be_set_by_hand(self):
        person = new_test_user(self.env, "sp_figures", "account.group_account_manager")
        lines = self.first.with_user(person)
        for name in self.env["sales.plan.line"]._engine_fields():
            with self.subTest(name=name), self.assertRaises(AccessError):
                lines.write({name: False})
            with self.subTest(name=name), self.assertRaises(AccessError):
                lines.create({"order_id": self.order.id, "name": "X", name: False})

    def test_zero_final_invoice_is_collected(self):
        order = self._order(1150.0, 0.0)
        first, final = order.sales_plan_line_ids
        self._invoice(first)
        self.assertEqual(final.state, "due")
        self.assertEqual(self._invoice(final).amount_total, 0.0)
        self.assertFigures(final, state="collected", date_invoiced=self.today)
        self.assertIn(
            final,
            final.search([("order_id", "=", order.id), ("state", "=", "collected")]),
        )

    # === SPEED === #

    def _count(self, function, *arguments):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        function(*arguments)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _extra_queries(self, size):
        """What plans add to posting and to matching ``size`` invoices at once."""
        counts = []
        for amounts in ((), (300.0, 400.0, 450.0)):
            orders = [self._order(*amounts) for _number in range(size)]
            moves = self.env["account.move"].union(
                *(self._plain_down_payment(300.0, order) for order in orders)
            )
            post = self._count(moves.action_post)
            entry = self._entry(
                (self.bank_journal.default_account_id, 300.0 * size),
                (self.company_data["default_account_receivable"], -300.0 * size),
            )
            match = self._count(self._match, moves | entry)
            counts.append((post, match))
        (post_off, match_off), (post_on, match_on) = counts
        return post_on - post_off, match_on - match_off

    def test_queries_do_not_grow_with_the_invoices(self):
        self._extra_queries(1)  # fill the caches
        few, many = self._extra_queries(4), self._extra_queries(10)
        for one, other in zip(few, many, strict=True):
            # Odoo reads a document once more or less, as its fields happen to be
            # worked out; a query for each invoice would be six more.
            self.assertLess(abs(other - one), 4)

    def test_queries_do_not_grow_with_the_instalments(self):
        orders = [self._order(300.0, 400.0, 450.0) for _number in range(8)]
        for order in orders:
            self._pay(self._posted(self._plain_down_payment(350.0, order)), 200.0)
        lines = self.env["sales.plan.line"].union(
            *(order.sales_plan_line_ids for order in orders)
        )
        self._count(lines._read_figures)  # fill the caches
        few = self._count(lines[:12]._read_figures)
        self.assertEqual(few, self._count(lines._read_figures))
