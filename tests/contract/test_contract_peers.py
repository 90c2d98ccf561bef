from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..common import REP
from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestContractPeers(MoneyCommon):
    """What instalments by shares of quantities get wrong."""

    # === AMOUNTS === #

    def test_thirds_whatever_the_unit(self):
        """300.00 each; thirds of a quantity in whole units are 297, 297 and 306."""
        unit = self.env.ref("uom.product_uom_unit")
        dozen = self.env.ref("uom.product_uom_dozen")
        crate = self.env["uom.uom"].create(
            {
                "name": "Crate",
                "relative_factor": 24,
                "relative_uom_id": unit.id,
            }
        )
        self.product_a.uom_ids |= dozen | crate
        digits = self.env["decimal.precision"].search([("name", "=", "Product Unit")])
        for places in (0, 2, 4):
            digits.digits = places
            for uom, quantity, price in (
                (unit, 1, 900.0),
                (dozen, 1, 900.0),
                (crate, 7, 128.5843),
                (unit, 900, 1.0),
                (unit, 4, 225.0),
            ):
                with self.subTest(uom=uom.name, quantity=quantity, places=places):
                    order = self._order(
                        lines=[
                            (self.product_a, quantity, price, self.env["account.tax"])
                        ],
                        confirm=False,
                    )
                    order.order_line.product_uom_id = uom
                    order.order_line.price_unit = price
                    rest = order.amount_total - 600.0
                    self.assertAlmostEqual(rest, 300.09 if quantity == 7 else 300.0)
                    self._plan(order, 300.0, 300.0, rest)
                    order.action_confirm()
                    totals = [
                        self._invoice(line).amount_total
                        for line in order.sales_plan_line_ids
                    ]
                    self.assertEqual(totals[:2], [300.0, 300.0])
                    self.assertAlmostEqual(totals[2], rest)
                    self.assertEqual(order.invoice_status, "invoiced")

    def test_a_free_order(self):
        """Nothing is divided by a total of zero."""
        order = self._order(lines=[(self.product_a, 1, 0.0, self.tax_sale_a)])
        line = self._plan(order, 0.0)
        self.assertEqual(line.percent, 0.0)
        self.assertEqual(line.amount_proposed, 0.0)
        self.assertEqual(order.sales_plan_gap, 0.0)
        move = self._invoice(line)
        self.assertEqual(move.amount_total, 0.0)
        self.assertFigures(line, state="collected", amount_to_invoice=0)

    def test_a_free_order_with_a_template(self):
        template = self.env.ref("sales_process.sales_plan_template_30_40_30")
        order = self._order(
            lines=[(self.product_a, 1, 0.0, self.tax_sale_a)],
            confirm=False,
            sales_plan_template_id=template.id,
        )
        order.action_confirm()
        self.assertEqual(sum(order.sales_plan_line_ids.mapped("amount")), 0.0)

    def test_taxes_alone(self):
        """An order of zero before taxes: 100.00 with 15 % less 100.00 without."""
        order = self._order(
            5.0,
            10.0,
            lines=[
                (self.product_a, 1, 100.0, self.tax_sale_a),
                (self.product_b, 1, -100.0, self.env["account.tax"]),
            ],
        )
        self.assertEqual((order.amount_untaxed, order.amount_total), (0.0, 15.0))
        first, final = order.sales_plan_line_ids
        self.assertAlmostEqual(first.percent, 33.33)
        self.assertEqual(self._invoice(first).amount_total, 5.0)
        self.assertEqual(self._invoice(final).amount_total, 10.0)
        self.assertEqual(sum(order.invoice_ids.mapped("amount_total")), 15.0)

    # === ORDERS TOGETHER === #

    def test_due_instalments_of_orders_together(self):
        """Each order has its own first instalment that is due."""
        orders = self._order(300.0, 850.0) | self._order(500.0, 650.0)
        lines = orders.sales_plan_line_ids
        for order in orders:
            order.sales_plan_line_ids[1].date_planned = self._days(9)
        for some in (lines, lines[::-1]):
            self.env.flush_all()
            self.env.invalidate_all()
            due = some.filtered(lambda line: line.state == "due" and line.can_invoice)
            self.assertEqual(sorted(due.mapped("amount")), [300.0, 500.0])
        found = lines.search([("order_id", "in", orders.ids), ("state", "=", "due")])
        self.assertEqual(sorted(found.mapped("amount")), [300.0, 500.0])

    def test_percent_of_orders_together(self):
        """Percentages are of the own total, and showing them changes no amount."""
        orders = self._order(300.0, 850.0) | self._order(
            100.0, 130.0, lines=[(self.product_a, 1, 200.0, self.tax_sale_a)]
        )
        lines = orders.sales_plan_line_ids
        self.assertEqual(
            [round(percent, 2) for percent in lines.mapped("percent")],
            [26.09, 73.91, 43.48, 56.52],
        )
        lines.invalidate_recordset()
        self.assertEqual(lines.mapped("amount"), [300.0, 850.0, 100.0, 130.0])

    # === WHO MAY DELETE === #

    def test_a_salesperson_deletes_nothing_that_was_agreed(self):
        rep = new_test_user(
            self.env,
            "sp_peers_rep",
            REP,
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        order = self._order(300.0, 400.0, 450.0, user_id=rep.id)
        first, second, final = order.sales_plan_line_ids
        self._invoice(first)
        self._invoice(second, post=False)
        for line, message in (
            (first, "has an invoice"),
            (second, "has an invoice"),
            (final, "leave .*450.00 of its total unplanned"),
        ):
            with self.subTest(line=line.name), self.assertRaises(UserError) as caught:
                line.with_user(rep).unlink()
            self.assertRegex(str(caught.exception), message)
            with self.subTest(line=line.name), self.assertRaises(UserError) as caught:
                order.with_user(rep).sales_plan_line_ids = [Command.delete(line.id)]
            self.assertRegex(str(caught.exception), message)
        self.assertEqual(order.sales_plan_line_ids, first | second | final)

    # === EVERY ORDER ITS PEOPLE === #

    def test_own_people_in_bulk_and_by_the_job(self):
        people = [
            new_test_user(
                self.env,
                f"sp_peers_{name}",
                REP,
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )
            for name in ("one", "two")
        ]
        teams = self.env["crm.team"].create([{"name": "East"}, {"name": "West"}])
        for how in ("bulk", "job"):
            orders = self.env["sale.order"].union(
                *(
                    self._order(300.0, 850.0, user_id=person.id, team_id=team.id)
                    for person, team in zip(people, teams, strict=True)
                )
            )
            for order in orders:
                order.sales_plan_line_ids[1].date_planned = self._days(9)
            lines = orders.sales_plan_line_ids.filtered(lambda line: line.amount == 300)
            if how == "bulk":
                lines.action_invoice_due()
            else:
                self.company.sales_plan_invoicing = "post"
                self.env.flush_all()
                with self.enter_registry_test_mode():
                    cron = self.env.ref("sales_process.ir_cron_plan_invoicing")
                    cron.sudo().method_direct_trigger()
                self.env.invalidate_all()
            with self.subTest(how=how):
                moves = [self._newest(line) for line in lines]
                self.assertEqual([move.invoice_user_id for move in moves], people)
                self.assertEqual([move.team_id for move in moves], list(teams))

    # === CONTRACT === #

    def test_all_invoices_of_a_contract(self):
        """Two orders of a customer, 1,150.00 and 230.00, invoiced and paid in full."""
        orders = self._order(300.0, 400.0, 450.0) | self._order(
            76.67, 153.33, lines=[(self.product_a, 1, 200.0, self.tax_sale_a)]
        )
        contract = self._contract(orders)
        self.assertEqual(contract.amount_total, 1380.0)
        moves = self.env["account.move"]
        for line in contract.plan_line_ids.sorted(
            lambda line: (line.order_id, line.id)
        ):
            moves |= self._invoice(line)
        self.assertEqual(len(moves), 5)
        self.assertAlmostEqual(sum(moves.mapped("amount_total")), 1380.0)
        self.assertEqual(contract.amount_invoiced, 1380.0)
        self._pay(moves, group_payment=True)
        self.assertEqual(contract.amount_collected, 1380.0)
        self.assertEqual(contract.amount_due, 0.0)
        self.assertEqual(set(contract.plan_line_ids.mapped("state")), {"collected"})

    # === TAXES DUE ON PAYMENT === #

    def test_cash_basis_taxes(self):
        """The tax is booked when money comes: that entry is no money itself."""
        self.company.tax_exigibility = True
        waiting = self.company_data["default_account_tax_sale"].copy()
        waiting.reconcile = True
        tax = self.tax_sale_a.copy(
            {
                "name": "On payment",
                "tax_exigibility": "on_payment",
                "cash_basis_transition_account_id": waiting.id,
            }
        )
        order = self._order(300.0, 850.0, lines=[(self.product_a, 1, 1000.0, tax)])
        first, final = order.sales_plan_line_ids
        invoice = self._invoice(first)
        self._pay(invoice, 100.0)
        entries = self.env["account.move"].search(
            [("tax_cash_basis_origin_move_id", "=", invoice.id)]
        )
        self.assertEqual(len(entries), 1)
        self.assertFigures(first, 300, 100, 200, "partial")
        self._unmatch(invoice)
        self.assertFigures(first, 300, 0, 300, "invoiced")
        self._pay(invoice)
        self._pay(self._invoice(final))
        self.assertFigures(first, 300, 300, 0, "collected")
        self.assertFigures(final, 850, 850, 0, "collected")
        # All of the tax was booked, none waits any more.
        lines = self.env["account.move.line"].search(
            [("account_id", "=", waiting.id), ("parent_state", "=", "posted")]
        )
        self.assertTrue(lines)
        self.assertAlmostEqual(sum(lines.mapped("balance")), 0.0)
