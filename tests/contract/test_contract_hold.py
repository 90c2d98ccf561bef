from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .collection_common import CollectionCommon


@tagged("post_install", "-at_install")
class TestContractHold(CollectionCommon):
    """Orders of customers who do not pay: a warning, or accounting lets them go on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "sales_hold_mode": "approval",
                "sales_hold_days": 30,
                "sales_hold_amount": 0.0,
            }
        )

    def _quotation(self, price=100.0, **values):
        return self._order(
            lines=[(self.product_a, 1, price, self.env["account.tax"])],
            confirm=False,
            **{"user_id": self.people["rep"].id, "team_id": self.team.id, **values},
        )

    def _invoice_of(
        self, amount, days_late, partner=None, kind="out_invoice", **values
    ):
        """A posted document of no order at all."""
        due = self.today - timedelta(days=days_late)
        move = self.env["account.move"].create(
            {
                "move_type": kind,
                "partner_id": (partner or self.partner_a).id,
                "invoice_date": min(due, self.today),
                "invoice_payment_term_id": False,
                "invoice_date_due": due,
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Work", "price_unit": amount, "tax_ids": [(5,)]}
                    )
                ],
                **values,
            }
        )
        move.action_post()
        return move

    def _state(self, order):
        self.env.flush_all()
        self.env.invalidate_all()
        return order.sales_hold_state

    # === WHO IS ON HOLD === #

    def test_by_days(self):
        order = self._quotation()
        self.assertFalse(self._state(order))
        invoice = self._invoice_of(500.0, 29)
        self.assertFalse(self._state(order))
        self._invoice_of(1.0, 30)
        self.assertEqual(self._state(order), "hold")
        # Only what is late enough counts.
        self.assertIn("1.00", order.sales_hold_message)
        self.company.sales_hold_days = 29
        self.assertEqual(self._state(order), "hold")
        self.assertIn("501.00", order.sales_hold_message)
        self.assertTrue(invoice)

    def test_due_today_is_not_overdue(self):
        self.company.sales_hold_days = 0
        self._invoice_of(500.0, 0)
        order = self._quotation()
        self.assertFalse(self._state(order))
        self._invoice_of(500.0, 1)
        self.assertEqual(self._state(order), "hold")

    def test_by_amount(self):
        self.company.sales_hold_amount = 500.0
        order = self._quotation()
        self._invoice_of(499.99, 40)
        self.assertFalse(self._state(order))
        self._invoice_of(0.01, 35)
        self.assertEqual(self._state(order), "hold")

    def test_what_counts(self):
        order = self._quotation()
        child = self.env["res.partner"].create(
            {"name": "Mill", "parent_id": self.partner_a.id, "type": "invoice"}
        )
        self._invoice_of(500.0, 40, partner=self.partner_b)
        draft = self._invoice_of(500.0, 40)
        draft.button_draft()
        self.assertFalse(self._state(order))
        invoice = self._invoice_of(500.0, 40, partner=child)
        self.assertEqual(self._state(order), "hold")
        self.assertEqual(self._state(self._quotation(partner_id=child.id)), "hold")
        # A part of it is paid, the rest is credited.
        self._pay(invoice, 200.0)
        self.assertEqual(self._state(order), "hold")
        self.assertIn("300.00", order.sales_hold_message)
        refund = self._invoice_of(300.0, 0, kind="out_refund")
        self.assertFalse(self._state(order))
        # A credit note of what is not late lowers another debt.
        refund.sudo().reversed_entry_id = self._invoice_of(300.0, 0)
        self.assertEqual(self._state(order), "hold")
        refund.sudo().reversed_entry_id = invoice
        self.assertFalse(self._state(order))

    def test_other_currency_in_that_of_the_company(self):
        foreign = self.setup_other_currency("EUR", rates=[("2016-01-01", 2.0)])
        self.company.sales_hold_amount = 250.0
        order = self._quotation()
        self._invoice_of(499.0, 40, currency_id=foreign.id)
        self.assertFalse(self._state(order))
        self._invoice_of(1.0, 40, currency_id=foreign.id)
        self.assertEqual(self._state(order), "hold")
        self.assertIn("250.00", order.sales_hold_message)

    def test_by_company(self):
        other = self.setup_other_company()["company"]
        other.sales_hold_mode = "approval"
        self._invoice_of(500.0, 40)
        orders = self.env["sale.order"].with_company(other)
        order = orders.create({"partner_id": self.partner_a.id, "company_id": other.id})
        self.assertFalse(self._state(order))

    def test_nothing_and_warning(self):
        self._invoice_of(500.0, 40)
        order = self._quotation()
        self.company.sales_hold_mode = "none"
        self.assertFalse(self._state(order))
        self.company.sales_hold_mode = "warn"
        self.assertEqual(self._state(order), "warn")
        self.assertIn("500.00", order.sales_hold_message)
        order.action_confirm()
        order.order_line.qty_delivered = 1
        self.assertEqual(order.state, "sale")

    def test_form_shows_it_while_typing(self):
        self._invoice_of(500.0, 40)
        with Form(self.env["sale.order"]) as form:
            form.partner_id = self.partner_b
            self.assertFalse(form.sales_hold_state)
            form.partner_id = self.partner_a
            self.assertEqual(form.sales_hold_state, "hold")
            self.assertIn("500.00", form.sales_hold_message)

    # === WHAT IS REFUSED === #

    def test_no_channel_confirms(self):
        self._invoice_of(500.0, 40)
        order = self._quotation(require_signature=True, require_payment=False)
        other = self._quotation(partner_id=self.partner_b.id)
        for name in ("rep", "director", "accountant"):
            with self.assertRaisesRegex(UserError, "is on hold, because Lumber"):
                self._as(name, order).write({"state": "sale"})
        for confirm in (
            order.action_confirm,
            (order | other).action_confirm,
            order.sudo().action_confirm,
            lambda: order.with_context(sales_hold=False).write({"state": "sale"}),
            lambda: order.copy({"state": "sale"}),
            lambda: order.create({"partner_id": self.partner_a.id, "state": "sale"}),
        ):
            with self.assertRaisesRegex(UserError, "is on hold"):
                confirm()
        self.assertEqual((order | other).mapped("state"), ["draft", "draft"])
        # The customer can neither sign nor pay it into an order.
        self.assertFalse(order._has_to_be_signed())
        order.write({"require_payment": True, "require_signature": False})
        self.assertFalse(order._has_to_be_paid())
        self.assertFalse(order._is_confirmation_amount_reached())
        other.action_confirm()
        self.assertEqual(other.state, "sale")

    def test_portal_signature(self):
        self._invoice_of(500.0, 40)
        order = self._quotation(require_signature=True, require_payment=False)
        order.action_quotation_sent()
        self.assertFalse(order._has_to_be_signed())
        order.with_user(self.people["accountant"])._release_hold("It is on its way")
        self.assertTrue(order._has_to_be_signed())

    def test_online_payment(self):
        self._invoice_of(500.0, 40)
        order = self._quotation(require_signature=False, require_payment=True)
        order.action_quotation_sent()
        method = self.env["payment.method"].search(
            [("active", "in", (True, False))], limit=1
        )
        provider = self.env["payment.provider"].create({"name": "Test", "code": "none"})
        transaction = self.env["payment.transaction"].create(
            {
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "reference": "hold-1",
                "sale_order_ids": [Command.set(order.ids)],
                "state": "done",
            }
        )
        self.assertAlmostEqual(order.amount_paid, order.amount_total)
        transaction._check_amount_and_confirm_order()
        self.assertEqual(order.state, "sent")
        order._release_hold("Paid in advance")
        transaction._check_amount_and_confirm_order()
        self.assertEqual(order.state, "sale")

    def test_deliveries(self):
        order = self._quotation()
        order.action_confirm()
        line = order.order_line
        line.qty_delivered = 0.25
        self._invoice_of(500.0, 40)
        for name in ("rep", "accountant", "director"):
            with self.assertRaisesRegex(UserError, "is on hold"):
                self._as(name, line).write({"qty_delivered": 1})
        with self.assertRaisesRegex(UserError, "is on hold"):
            order.write({"order_line": [Command.update(line.id, {"qty_delivered": 1})]})
        with self.assertRaisesRegex(UserError, "is on hold"):
            line.copy({"order_id": order.id, "qty_delivered": 1})
        with self.assertRaisesRegex(UserError, "is on hold"):
            order.action_sales_state_delivery()
        self.assertEqual(line.qty_delivered, 0.25)
        # What was typed by mistake can be taken back, and anything else is typed.
        line.write({"qty_delivered": 0.0, "name": "Chair"})
        order._release_hold("The bank confirmed it")
        line.qty_delivered = 1
        self.assertEqual(line.qty_delivered, 1)

    def test_paid_goes_on(self):
        invoice = self._invoice_of(500.0, 40)
        order = self._quotation()
        with self.assertRaises(UserError):
            order.action_confirm()
        self._pay(invoice)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    # === RELEASE === #

    def test_release_is_recorded(self):
        self._invoice_of(500.0, 40)
        order = self._quotation()
        clerk = self.people["accountant"]
        action = self._as("accountant", order).action_sales_release()
        wizard = self.env[action["res_model"]].with_user(clerk)
        wizard = wizard.with_context(**action["context"]).create({"reason": "Friday"})
        self.assertIn("500.00", wizard.message)
        wizard.action_release()
        release = order.sales_hold_release_ids
        self.assertEqual(release.user_id, clerk)
        self.assertEqual(release.reason, "Friday")
        self.assertEqual(release.amount_overdue, 500.0)
        self.assertEqual(release.amount_total, 100.0)
        self.assertEqual(fields.Date.to_date(release.date), fields.Date.today())
        self.assertEqual(self._state(order), "released")
        self.assertIn("Released by Accountant: Friday", order.sales_hold_message)
        self.assertIn("Friday", order.message_ids[0].body)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_release_is_good_for_the_total(self):
        self._invoice_of(500.0, 40)
        order = self._quotation(100.0)
        order._release_hold("Friday")
        order.order_line.price_unit = 100.01
        self.assertEqual(self._state(order), "hold")
        with self.assertRaisesRegex(UserError, "is on hold"):
            order.action_confirm()
        order.order_line.price_unit = 60.0
        self.assertEqual(self._state(order), "released")
        order.order_line.price_unit = 120.0
        order._release_hold("Saturday")
        self.assertEqual(self._state(order), "released")
        # Another order of the customer needs its own.
        self.assertEqual(self._state(self._quotation()), "hold")
        self.assertEqual(self._state(order.copy()), "hold")

    def test_who_releases(self):
        self._invoice_of(500.0, 40)
        order = self._quotation()
        for name in ("rep", "leader", "auditor", "employee", "portal"):
            for method in ("action_sales_release", "_release_hold"):
                with self.assertRaises(AccessError):
                    getattr(self._as(name, order), method)(
                        *(["Please"] if method == "_release_hold" else [])
                    )
        with self.assertRaisesRegex(UserError, "Say why"):
            self._as("director", order)._release_hold("  ")
        self._as("director", order)._release_hold("Known for years")
        with self.assertRaisesRegex(UserError, "not on hold"):
            self._as("accountant", order)._release_hold("Again")
        free = self._quotation(partner_id=self.partner_b.id)
        with self.assertRaisesRegex(UserError, "not on hold"):
            self._as("accountant", free)._release_hold("Just in case")

    def test_nobody_writes_a_release(self):
        self._invoice_of(500.0, 40)
        order = self._quotation()
        order._release_hold("Friday")
        release = order.sales_hold_release_ids
        for name in ("rep", "director", "accountant", "manager"):
            mine = self._as(name, release)
            self.assertEqual(mine.reason, "Friday")
            for change in (
                lambda mine=mine: mine.write({"amount_total": 9999.0}),
                lambda mine=mine: mine.unlink(),
                lambda mine=mine: mine.copy(),
            ):
                with self.assertRaises(AccessError):
                    change()

    def test_ask_for_release(self):
        self._invoice_of(500.0, 40)
        order = self._quotation()
        self._as("rep", order).action_sales_request_release()
        self._as("rep", order).action_sales_request_release()
        todo = self._todos("release", self.collector)
        self.assertEqual(len(todo), 1)
        self.assertEqual(todo.res_id, order.id)
        self.assertIn("Rep asks for it", todo.summary)
        self._as("accountant", order)._release_hold("Friday")
        self.assertFalse(self._todos("release"))
        self.company.sales_collector_id = False
        again = self._quotation()
        with self.assertRaisesRegex(UserError, "Nobody is named who collects"):
            self._as("rep", again).action_sales_request_release()

    # === WHAT PEOPLE SEE === #

    def test_what_people_see(self):
        self._owed(40)
        self._invoice_of(500.0, 40)
        order = self._quotation()
        hers = self._quotation(user_id=self.people["stranger"].id, team_id=False)
        self.env.flush_all()
        self.env.invalidate_all()
        for name in ("director", "accountant", "auditor"):
            text = self._as(name, order).sales_hold_message
            self.assertIn("1,650.00", text, name)
        for name in ("rep", "leader"):
            text = self._as(name, order).sales_hold_message
            self.assertIn("1,150.00 of your instalments", text, name)
            self.assertNotIn("1,650.00", text)
        text = self._as("stranger", hers).sales_hold_message
        self.assertIn("Lumber has overdue invoices.", text)
        self.assertNotIn("1,", text)
        action = self._as("rep", order).action_sales_view_overdue()
        self.assertEqual(action["res_model"], "sales.plan.line")
        action = self._as("accountant", order).action_sales_view_overdue()
        self.assertEqual(action["res_model"], "account.move")
        found = self.env["account.move"].search(action["domain"])
        self.assertEqual(sum(found.mapped("amount_residual")), 1650.0)

    def test_queries_do_not_grow_with_the_orders(self):
        customers = self.env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(8)]
        )
        orders = self.env["sale.order"]
        for customer in customers:
            self._invoice_of(500.0, 40, partner=customer)
            orders |= self._quotation(partner_id=customer.id)
        rep = self.people["rep"]
        counts = []
        for size in (8, 4, 8):  # the first one fills the caches
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            orders[:size].with_user(rep).read(
                ["sales_hold_state", "sales_hold_message"]
            )
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
