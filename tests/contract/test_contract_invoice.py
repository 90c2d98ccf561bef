from collections import defaultdict
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestContractInvoice(MoneyCommon):
    """Instalments become invoices of exactly their amount, with Odoo's own taxes."""

    # === AMOUNTS AND TAXES === #

    def _by(self, moves, key):
        """Balances of documents by something, in the currency of the documents."""
        result = defaultdict(float)
        for line in moves.line_ids:
            if line.display_type in ("tax", "product", "rounding"):
                result[key(line)] += line.amount_currency
        return {name: round(amount, 2) for name, amount in result.items() if amount}

    def assertInvoicedInFull(self, order, dates=None):
        """Invoice and post every instalment; compare with one invoice of it all.

        :param list dates: invoice date of each instalment, today by default
        """
        twin = order.copy()
        twin.action_confirm()
        whole = twin._create_invoices()
        whole.action_post()
        moves = self.env["account.move"]
        for number, line in enumerate(order.sales_plan_line_ids):
            move = self._invoice(line, post=False)
            self.assertEqual(move.amount_total, line.amount, line.name)
            self.assertEqual(move.currency_id, order.currency_id)
            if dates:
                move.invoice_date = dates[number]
            move.action_post()
            self.assertEqual(move.amount_total, line.amount, line.name)
            self.assertFigures(line, line.amount, 0, line.amount, amount_to_invoice=0)
            moves |= move
        total = sum(moves.mapped("amount_total_in_currency_signed"))
        self.assertEqual(order.currency_id.round(total), order.amount_total)
        self.assertEqual(whole.amount_total, order.amount_total)

        def tax(line):
            return line.tax_line_id.name

        def account(line):
            return line.account_id.code

        self.assertEqual(self._by(moves, tax), self._by(whole, tax))
        # Nothing stays on an account of down payments.
        self.assertEqual(self._by(moves, account), self._by(whole, account))
        self.assertEqual(order.invoice_status, "invoiced")
        return moves

    def _tax(self, amount, **values):
        group = self.env["account.tax.group"].create({"name": f"Group {amount}"})
        return self.env["account.tax"].create(
            {
                "name": f"Tax {amount} {values}",
                "amount": amount,
                "tax_group_id": group.id,
                **values,
            }
        )

    def test_percent_tax(self):
        self.assertInvoicedInFull(self._order(300.0, 400.0, 450.0))

    def test_uneven_amounts(self):
        tax = self._tax(19.0)
        order = self._order(lines=[(self.product_a, 3, 33.33, tax)])
        self.assertEqual(order.amount_total, 118.99)
        self._plan(order, 39.66, 39.67, 39.66)
        self.assertInvoicedInFull(order)

    def test_price_included_tax(self):
        tax = self._tax(21.0, price_include_override="tax_included")
        order = self._order(lines=[(self.product_a, 1, 999.99, tax)])
        self._plan(order, 333.33, 333.33, 333.33)
        self.assertInvoicedInFull(order)

    def test_two_tax_groups(self):
        low, high = self._tax(7.0), self._tax(19.0)
        order = self._order(
            lines=[
                (self.product_a, 7, 13.37, low),
                (self.product_b, 11, 17.11, high),
                (self.product_a, 1, 99.99, low | high),
            ]
        )
        total = order.amount_total
        first, second = 101.01, 77.77
        self._plan(order, first, second, round(total - first - second, 2))
        self.assertInvoicedInFull(order)

    def test_rounding_per_line_and_globally(self):
        tax = self._tax(7.7)
        for method in ("round_per_line", "round_globally"):
            with self.subTest(method=method):
                self.company.tax_calculation_rounding_method = method
                order = self._order(
                    lines=[(self.product_a, 1, 0.97 + n / 100, tax) for n in range(9)]
                )
                rest = round(order.amount_total - 3.33 - 2.22, 2)
                self._plan(order, 3.33, 2.22, rest)
                self.assertInvoicedInFull(order)

    def test_no_tax(self):
        order = self._order(
            333.33,
            333.34,
            333.33,
            lines=[(self.product_a, 1, 1000.0, self.env["account.tax"])],
        )
        self.assertInvoicedInFull(order)

    def test_fiscal_position(self):
        foreign = self._tax(9.0)
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        foreign.fiscal_position_ids = position
        foreign.original_tax_ids = self.tax_sale_a
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner_a.id,
                "fiscal_position_id": position.id,
                "order_line": [Command.create({"product_id": self.product_a.id})],
            }
        )
        self.assertEqual(order.amount_total, 1090.0)
        self._plan(order, 400.0, 690.0)
        order.action_confirm()
        moves = self.assertInvoicedInFull(order)
        self.assertEqual(moves.fiscal_position_id, position)

    def test_discounts(self):
        order = self._order(lines=[(self.product_a, 3, 99.95, self.tax_sale_a)])
        order.order_line.discount = 33.33
        rest = round(order.amount_total - 70.0 - 80.0, 2)
        self._plan(order, 70.0, 80.0, rest)
        self.assertInvoicedInFull(order)

    def test_foreign_currency_with_changing_rates(self):
        days = [self.today - timedelta(days=days) for days in (20, 10, 0)]
        rates = zip(map(fields.Date.to_string, days), (1.7, 1.3, 1.9), strict=True)
        currency = self.setup_other_currency("GBP", rates=[("1900-01-01", 1.5), *rates])
        pricelist = self.env["product.pricelist"].create(
            {"name": "Abroad", "currency_id": currency.id}
        )
        order = self._order(
            lines=[(self.product_a, 3, 333.37, self._tax(19.0))],
            pricelist_id=pricelist.id,
        )
        self.assertEqual(order.currency_id, currency)
        rest = round(order.amount_total - 400.01 - 400.02, 2)
        self._plan(order, 400.01, 400.02, rest)
        self.assertInvoicedInFull(order, days)

    def test_currency_without_cents(self):
        currency = self.setup_other_currency("JPY", rates=[("1900-01-01", 150.0)])
        pricelist = self.env["product.pricelist"].create(
            {"name": "Japan", "currency_id": currency.id}
        )
        order = self._order(
            lines=[(self.product_a, 1, 10001.0, self._tax(8.0))],
            pricelist_id=pricelist.id,
        )
        self.assertEqual(order.amount_total, 10801.0)
        self._plan(order, 3601.0, 3600.0, 3600.0)
        self.assertInvoicedInFull(order)

    def test_currency_with_three_decimals(self):
        currency = self.setup_other_currency(
            "KWD", rates=[("1900-01-01", 0.3)], rounding=0.001
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Kuwait", "currency_id": currency.id}
        )
        order = self._order(
            lines=[(self.product_a, 1, 100.0, self._tax(5.0))],
            pricelist_id=pricelist.id,
        )
        self._plan(order, 33.333, 33.334, 38.333)
        self.assertInvoicedInFull(order)

    def test_down_payment_account_of_the_company(self):
        account = self.company_data["default_account_revenue"].copy()
        account.account_type = "liability_current"
        self.company.downpayment_account_id = account
        order = self._order(300.0, 850.0)
        move = self.assertInvoicedInFull(order)[0]
        self.assertEqual(move.invoice_line_ids.account_id, account)

    def test_down_payment_account_of_the_product(self):
        """Without one of the company, it is the income account of what was ordered."""
        order = self._order(
            300.0, 1000.0, lines=[(self.product_b, 5, 200.0, self._tax(30.0))]
        )
        move = self.assertInvoicedInFull(order)[0]
        self.assertEqual(
            move.invoice_line_ids.account_id, self.product_b.property_account_income_id
        )

    def test_three_equal_thirds_of_one_piece(self):
        """Peers split quantities: 297.00, 297.00 and 306.00 of a plan of 300.00."""
        order = self._order(
            300.0,
            300.0,
            300.0,
            lines=[(self.product_a, 1, 900.0, self.env["account.tax"])],
        )
        moves = self.assertInvoicedInFull(order)
        self.assertEqual(moves.mapped("amount_total"), [300.0, 300.0, 300.0])

    def test_what_a_down_payment_carries(self):
        team = self.env["crm.team"].create({"name": "Own team", "company_id": False})
        person = self.company_data.get("default_user_salesman") or self.env.user
        order = self._order(300.0, 850.0, confirm=False)
        order.write(
            {"user_id": person.id, "team_id": team.id, "reference": "RF18 5390"}
        )
        order.action_confirm()
        for line in order.sales_plan_line_ids:
            move = self._invoice(line)
            self.assertEqual(move.sales_plan_line_id, line)
            self.assertIn(line.name, move.invoice_line_ids.mapped("name"))
            self.assertEqual(move.invoice_user_id, person)
            self.assertEqual(move.team_id, team)
            self.assertEqual(move.payment_reference, "RF18 5390")

    def test_each_order_keeps_its_own_people(self):
        """Odoo's grouping would give both to the salesperson of the first."""
        people = self.env["res.users"].create(
            [{"name": name, "login": f"sp_{name}"} for name in ("one", "two")]
        )
        orders = [self._order(1150.0, user_id=person.id) for person in people]
        lines = orders[0].sales_plan_line_ids | orders[1].sales_plan_line_ids
        lines.action_invoice()
        for line, person in zip(lines, people, strict=True):
            self.assertEqual(self._newest(line).invoice_user_id, person)

    # === AFTER CHANGES === #

    def test_draft_changed_then_final(self):
        """What was posted is deducted to the cent, not what was planned."""
        order = self._order(300.0, 850.0)
        first, final = order.sales_plan_line_ids
        draft = self._invoice(first, post=False)
        draft.invoice_line_ids.filtered("price_unit").price_unit = 217.39
        draft.action_post()
        self.assertEqual(draft.amount_total, 250.0)
        last = self._invoice(final)
        self.assertEqual(last.amount_total, 900.0)
        self.assertFigures(first, 250, 0, 250, amount_to_invoice=0)
        self.assertFigures(final, 900, 0, 900, amount_to_invoice=0)

    def test_down_payment_credited_in_part_then_final(self):
        order = self._order(300.0, 850.0)
        first, final = order.sales_plan_line_ids
        self._credit(self._invoice(first), 120.0)
        last = self._invoice(final)
        self.assertEqual(last.amount_total, 970.0)
        # 150.00 in all, 39.13 of the down payment, 15.65 of it credited.
        self.assertEqual(last.amount_tax, 126.52)
        self.assertFigures(final, 970, 0, 970, amount_to_invoice=0)
        self.assertFigures(first, 180, 0, 180, amount_to_invoice=0)

    def test_down_payment_credited_in_part_and_invoiced_again(self):
        order = self._order(300.0, 850.0)
        first, final = order.sales_plan_line_ids
        self._credit(self._invoice(first), 120.0)
        self.assertEqual(self._invoice(first).amount_total, 120.0)
        self.assertEqual(self._invoice(final).amount_total, 850.0)

    def test_down_payment_credited_in_full_then_final(self):
        order = self._order(300.0, 850.0)
        first, final = order.sales_plan_line_ids
        self._credit(self._invoice(first))
        with self.assertRaisesRegex(UserError, "comes last. Invoice “Part 1”"):
            final.action_invoice()
        self._invoice(first)
        self.assertEqual(self._invoice(final).amount_total, 850.0)

    def test_order_with_more_than_planned_is_not_invoiced(self):
        order = self._order(300.0, 850.0)
        order.order_line.product_uom_qty = 2
        with self.assertRaisesRegex(
            UserError, "add up to .*1,150.00, the order to .*2,300.00"
        ):
            order.sales_plan_line_ids[0].action_invoice()

    def test_over_invoiced_lowers_the_last(self):
        order = self._order(300.0, 400.0, 450.0)
        first, second, final = order.sales_plan_line_ids
        draft = self._invoice(first, post=False)
        draft.invoice_line_ids.filtered("price_unit").price_unit = 304.35
        draft.action_post()
        self.assertFigures(first, 350, 0, 350, amount_to_invoice=0)
        self.assertFigures(second, amount_to_invoice=400)
        self.assertFigures(final, amount_to_invoice=400)
        self.assertEqual(self._invoice(second).amount_total, 400.0)
        self.assertEqual(self._invoice(final).amount_total, 400.0)

    # === REFUSED === #

    def assertRefused(self, lines, sentence):
        before = self.env["account.move"].search_count([])
        with self.assertRaisesRegex(UserError, sentence):
            lines.action_invoice()
        self.assertEqual(self.env["account.move"].search_count([]), before)

    def test_unconfirmed_and_cancelled(self):
        order = self._order(300.0, 850.0, confirm=False)
        first = order.sales_plan_line_ids[0]
        self.assertRefused(first, "is not confirmed yet")
        order.action_confirm()
        order._action_cancel()
        self.assertRefused(first, "is cancelled")

    def test_invoiced_already(self):
        first = self._order(300.0, 850.0).sales_plan_line_ids[0]
        draft = self._invoice(first, post=False)
        self.assertRefused(first, "in a draft invoice already")
        draft.action_post()
        self.assertRefused(first, "is invoiced already")

    def test_zero(self):
        first = self._order(0.0, 1150.0).sales_plan_line_ids[0]
        self.assertRefused(first, "is zero")

    def test_zero_does_not_hold_up_the_final_one(self):
        final = self._order(0.0, 1150.0).sales_plan_line_ids[1]
        self.assertEqual(self._invoice(final).amount_total, 1150.0)

    def test_final_comes_last(self):
        order = self._order(300.0, 400.0, 450.0)
        first, second, final = order.sales_plan_line_ids
        self._invoice(first)
        self.assertRefused(final, "Invoice “Part 2” first")
        draft = self._invoice(second, post=False)
        self.assertRefused(final, "Post the drafts of “Part 2” first")
        draft.action_post()
        self.assertEqual(self._invoice(final).amount_total, 450.0)

    def test_all_or_none(self):
        order = self._order(300.0, 400.0, 450.0)
        self.assertRefused(order.sales_plan_line_ids, "comes last")
        self.assertFalse(order.invoice_ids)

    def test_gap(self):
        order = self._order(300.0, 850.0)
        order.order_line.filtered("product_id").price_unit = 1100.0
        self.assertRefused(
            order.sales_plan_line_ids[0], "add up to .*1,150.00, .* to .*1,265.00"
        )

    def test_locked_order(self):
        order = self._order(300.0, 850.0)
        order.action_lock()
        for line in order.sales_plan_line_ids:
            self._invoice(line)
        self.assertEqual(sum(order.invoice_ids.mapped("amount_total")), 1150.0)

    # === QUESTIONS === #

    def test_not_due_is_asked_about(self):
        order = self._order(300.0, 850.0, firm=False)
        first, _final = order.sales_plan_line_ids
        first.date_planned = self._days_from_today(5)
        action = first.action_invoice()
        self.assertEqual(action["res_model"], "sales.plan.invoicing")
        self.assertFalse(order.invoice_ids)
        question = self.env[action["res_model"]].browse(action["res_id"])
        self.assertIn("is due on", question.line_ids.message)
        action = question.action_confirm()
        self.assertEqual(self._newest(first).amount_total, 300.0)
        self.assertEqual(action["res_id"], self._newest(first).id)

    def _days_from_today(self, days):
        return self.today + timedelta(days=days)

    def test_waiting_for_something_is_asked_about(self):
        order = self._order(300.0, 850.0, firm=False)
        first = order.sales_plan_line_ids[0]
        first.trigger = "acceptance"
        action = first.action_invoice()
        question = self.env[action["res_model"]].browse(action["res_id"])
        self.assertIn("waits for (Acceptance)", question.line_ids.message)

    def test_final_with_something_undelivered(self):
        self.product_a.invoice_policy = "delivery"
        order = self._order(
            300.0, 3150.0, lines=[(self.product_a, 3, 1000.0, self.tax_sale_a)]
        )
        first, final = order.sales_plan_line_ids
        self._invoice(first)
        order.order_line.filtered("product_id").qty_delivered = 1
        action = final.action_invoice()
        question = self.env[action["res_model"]].browse(action["res_id"])
        self.assertTrue(question.is_undelivered)
        self.assertIn("2 × product_a", question.line_ids.message)
        self.assertEqual(question.action_partial()["context"]["active_ids"], order.ids)
        # What is delivered, by Odoo's own dialog: 1,150.00 less the 300.00.
        partial = order._create_invoices(final=True)
        partial.action_post()
        self.assertEqual(partial.amount_total, 850.0)
        self.assertFigures(final, 850, 0, 850, amount_to_invoice=2300)
        order.order_line.filtered("product_id").qty_delivered = 3
        self.assertEqual(self._invoice(final).amount_total, 2300.0)
        self.assertFigures(final, 3150, 0, 3150, amount_to_invoice=0)

    # === MANY AT ONCE === #

    def test_all_due_whatever_the_order_of_the_records(self):
        """Peers look at the first order only when several are read together."""
        orders = [self._order(300.0, 850.0) for _number in range(3)]
        for order in orders:
            order.sales_plan_line_ids[1].date_planned = self._days_from_today(9)
        lines = self.env["sales.plan.line"].union(
            *(order.sales_plan_line_ids for order in orders)
        )
        self.env.invalidate_all()
        self.assertEqual(
            lines.filtered(lambda line: line.state == "due").mapped("name"),
            ["Part 1"] * 3,
        )

    def test_bulk_isolates_failures(self):
        good, other = self._order(300.0, 850.0), self._order(500.0, 650.0)
        bad = self._order(300.0, 850.0)
        bad.order_line.product_uom_qty = 2  # the plan does not fit any more
        lines = (
            bad.sales_plan_line_ids[0]
            | good.sales_plan_line_ids[0]
            | other.sales_plan_line_ids
        )
        other.sales_plan_line_ids[1].date_planned = self._days_from_today(9)
        action = lines.action_invoice_due()
        report = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual((report.invoiced_count, report.failed_count), (2, 2))
        self.assertIn("add up to", bad.sales_plan_line_ids[0].invoice_error)
        self.assertFalse(bad.invoice_ids)
        self.assertIn("is due on", other.sales_plan_line_ids[1].invoice_error)
        self.assertEqual(good.invoice_ids.amount_total, 300.0)
        self.assertEqual(other.invoice_ids.amount_total, 500.0)
        failed = report.line_ids.filtered("message").plan_line_id
        self.assertEqual(
            failed, bad.sales_plan_line_ids[0] | other.sales_plan_line_ids[1]
        )
        # The reason goes with the cause.
        bad.order_line.product_uom_qty = 1
        bad.sales_plan_line_ids[0].action_invoice()
        self.assertFalse(bad.sales_plan_line_ids[0].invoice_error)

    def test_bulk_leaves_nothing_half_done(self):
        """What Odoo refuses in the midst of an invoice is undone with it."""
        order, good = self._order(300.0, 850.0), self._order(300.0, 850.0)
        Wizard = type(self.env["sale.advance.payment.inv"])
        create = Wizard._create_invoices
        reason = "No account is set"

        def refuse(wizard, orders):
            move = create(wizard, orders)
            if order in orders:
                raise UserError(reason)
            return move

        lines = order.sales_plan_line_ids[0] | good.sales_plan_line_ids[0]
        with patch.object(Wizard, "_create_invoices", refuse):
            lines.action_invoice_due()
        self.assertFalse(order.invoice_ids)
        self.assertFalse(order.order_line.filtered("is_downpayment"))
        self.assertEqual(order.sales_plan_line_ids[0].invoice_error, reason)
        self.assertEqual(good.invoice_ids.amount_total, 300.0)

    def test_bulk_with_nothing_to_do_says_so(self):
        line = self._order(1150.0).sales_plan_line_ids
        self._invoice(line)
        with self.assertRaisesRegex(UserError, "nothing to invoice among these"):
            line.action_invoice_due()

    def test_bulk_of_contracts(self):
        orders = self.env["sale.order"].union(
            *(self._order(300.0, 850.0) for _number in range(2))
        )
        for order in orders:
            order.sales_plan_line_ids[1].date_planned = self._days_from_today(9)
        contracts = self.env["sales.contract"].union(*map(self._contract, orders))
        action = contracts.action_invoice_due()
        report = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual((report.invoiced_count, report.failed_count), (2, 0))
        self.assertEqual(contracts.plan_line_ids.mapped("amount_draft"), [300, 0] * 2)
