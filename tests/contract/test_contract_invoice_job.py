from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import RedirectWarning
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .money_common import MoneyCommon


@tagged("post_install", "-at_install")
class TestContractInvoiceJob(MoneyCommon):
    """The daily job invoices what is due and tells of the rest, once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = new_test_user(
            cls.env,
            "sp_job_seller",
            "sales_team.group_sale_salesman",
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        cls.env["res.company"].search([]).sales_plan_invoicing = "manual"
        cls.kind = cls.env.ref("sales_process.mail_activity_type_plan_invoicing")

    def setUp(self):
        super().setUp()
        self.orders = [
            self._order(300.0, 850.0, user_id=self.seller.id) for _number in range(3)
        ]
        for order in self.orders:
            order.sales_plan_line_ids[1].date_planned = self.today + timedelta(days=9)
        self.firsts = self.env["sales.plan.line"].union(
            *(order.sales_plan_line_ids[0] for order in self.orders)
        )

    def _run(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            cron = self.env.ref("sales_process.ir_cron_plan_invoicing")
            cron.sudo().method_direct_trigger()
        self.env.invalidate_all()

    def _activities(self, user=None):
        return (
            self.env["mail.activity"]
            .sudo()
            .search(
                [
                    ("activity_type_id", "=", self.kind.id),
                    ("user_id", "=", (user or self.seller).id),
                ]
            )
        )

    def _spoil(self, order):
        """The plan of this order does not fit any more."""
        order.order_line.filtered("product_id").product_uom_qty = 2

    def test_off_unless_switched_on(self):
        self._run()
        self.assertEqual(self.firsts.mapped("amount_draft"), [0.0] * 3)

    def test_drafts(self):
        self.company.sales_plan_invoicing = "draft"
        self._run()
        self.assertEqual(self.firsts.mapped("amount_draft"), [300.0] * 3)
        self.assertEqual(set(self.firsts.move_ids.mapped("state")), {"draft"})
        # What is not due stays.
        for order in self.orders:
            self.assertFalse(order.sales_plan_line_ids[1].move_ids)
        self._run()
        self.assertEqual(len(self.firsts.move_ids), 3)
        self.assertFalse(self._activities())

    def test_posted(self):
        self.company.sales_plan_invoicing = "post"
        final = self.orders[0].sales_plan_line_ids[1]
        final.date_planned = self.today
        self._run()
        self.assertEqual(self.firsts.mapped("amount_invoiced"), [300.0] * 3)
        # The final one, too: what it deducts was posted just before.
        self.assertFigures(final, 850, 0, 850)

    def test_only_in_companies_that_want_it(self):
        other = self.setup_other_company()["company"]
        other.sales_plan_invoicing = "draft"
        self._run()
        self.assertFalse(self.firsts.move_ids)

    def test_a_failing_order_stops_no_other(self):
        self.company.sales_plan_invoicing = "draft"
        self._spoil(self.orders[0])
        self._run()
        self.assertEqual(self.firsts.mapped("amount_draft"), [0.0, 300.0, 300.0])
        bad = self.firsts[0]
        self.assertIn("add up to", bad.invoice_error)
        self.assertEqual(bad.date_invoice_tried, self.today)
        self.assertEqual(bad.state, "due")

    def test_whatever_fails_is_told(self):
        """Not only what Odoo means to refuse."""
        self.company.sales_plan_invoicing = "draft"
        Wizard = type(self.env["sale.advance.payment.inv"])
        create = Wizard._create_invoices
        errors = {
            self.orders[0].id: ZeroDivisionError("division by zero"),
            self.orders[1].id: RedirectWarning("Set a journal", 1, "Go there"),
        }

        def fail(wizard, orders):
            if orders.id in errors:
                raise errors[orders.id]
            return create(wizard, orders)

        with (
            patch.object(Wizard, "_create_invoices", fail),
            mute_logger(
                "odoo.addons.sales_process.models.contract.sales_plan_line_job"
            ),
        ):
            self._run()
        self.assertEqual(
            self.firsts.mapped("invoice_error"),
            ["division by zero", "Set a journal", False],
        )
        self.assertEqual(self.firsts.mapped("amount_draft"), [0.0, 0.0, 300.0])

    def test_one_activity_for_all_failures_of_a_person(self):
        self.company.sales_plan_invoicing = "draft"
        for order in self.orders[:2]:
            self._spoil(order)
        self._run()
        activity = self._activities()
        self.assertEqual(len(activity), 1)
        self.assertIn(": 2", activity.summary)
        for order in self.orders[:2]:
            self.assertIn(order.name, activity.note)
        self.assertNotIn(self.orders[2].name, activity.note)
        # The next day it is brought up to date, not repeated.
        self.firsts.sudo().date_invoice_tried = self.today - timedelta(days=1)
        self.orders[0].order_line.filtered("product_id").product_uom_qty = 1
        self._run()
        self.assertEqual(self._activities(), activity)
        self.assertIn(": 1", activity.summary)
        self.assertNotIn(self.orders[0].name, activity.note)
        # And done when nothing fails any more.
        self.firsts.sudo().date_invoice_tried = self.today - timedelta(days=1)
        self.orders[1].order_line.filtered("product_id").product_uom_qty = 1
        self._run()
        self.assertFalse(self._activities())
        self.assertEqual(self.firsts.mapped("amount_draft"), [300.0] * 3)

    def test_who_is_told(self):
        self.company.sales_plan_invoicing = "draft"
        people = {
            name: new_test_user(
                self.env,
                f"sp_job_{name}",
                "account.group_account_invoice",
                company_id=self.company.id,
                company_ids=[(6, 0, self.company.ids)],
            )
            for name in ("collector", "clerk")
        }
        for order in self.orders:
            self._spoil(order)
        self._contract(self.orders[0], collector_id=people["collector"].id)
        self._run()
        self.assertIn(": 1", self._activities(people["collector"]).summary)
        self.assertIn(": 2", self._activities().summary)
        self.company.sales_plan_invoicing_user_id = people["clerk"]
        self.firsts.sudo().date_invoice_tried = self.today - timedelta(days=1)
        self._run()
        self.assertIn(": 3", self._activities(people["clerk"]).summary)
        self.assertFalse(self._activities() | self._activities(people["collector"]))
        # The person told may open what is named.
        self._activities(people["clerk"]).with_user(people["clerk"]).read()
        self.firsts.with_user(people["clerk"]).read(["invoice_error"])

    def test_tried_once_a_day(self):
        """After a break the job goes on with those it has not tried yet."""
        self.company.sales_plan_invoicing = "draft"
        self._spoil(self.orders[0])
        self.firsts[0].sudo().write(
            {"invoice_error": "Tried this morning", "date_invoice_tried": self.today}
        )
        self._run()
        self.assertEqual(self.firsts[0].invoice_error, "Tried this morning")
        self.assertEqual(self.firsts.mapped("amount_draft"), [0.0, 300.0, 300.0])


@tagged("post_install", "-at_install")
class TestContractFiguresCheck(MoneyCommon):
    """The nightly check mends what somebody wrote past Odoo."""

    def setUp(self):
        super().setUp()
        self.order = self._order(300.0, 850.0)
        self.first, self.final = self.order.sales_plan_line_ids
        self.invoice = self._invoice(self.first)
        self._pay(self.invoice, 100.0)
        self.env.flush_all()

    def _spoil(self, column, value):
        self.env.cr.execute(
            f"UPDATE sales_plan_line SET {column} = %s WHERE id = %s",  # noqa: S608
            [value, self.first.id],
        )
        self.env.invalidate_all()

    def _run(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            cron = self.env.ref("sales_process.ir_cron_plan_figures")
            cron.sudo().method_direct_trigger()
        self.env.invalidate_all()

    def test_mends_and_tells(self):
        self._spoil("amount_collected", 77)
        messages = self.first.message_ids
        self._run()
        self.assertFigures(self.first, 300, 100, 200)
        [message] = self.first.message_ids - messages
        self.assertIn("Collected: 77.0 → 100.0", message.body)
        self.assertNotIn("Invoiced:", message.body)
        self._run()
        self.assertEqual(len(self.first.message_ids - messages), 1)
        self.assertFalse(self.final.message_ids - messages.browse())

    def test_dates_and_contracts_too(self):
        contract = self._contract(self.order)
        self.assertEqual(contract.amount_invoiced, 300.0)
        self._spoil("date_invoiced", None)
        self._spoil("amount_invoiced", 1)
        self._run()
        self.assertEqual(self.first.date_invoiced, self.invoice.invoice_date)
        self.assertEqual(contract.amount_invoiced, 300.0)

    def test_looks_at_what_is_open_or_has_changed(self):
        """Not at what was settled and left alone for long."""
        self._pay(self.invoice)
        self._pay(self._invoice(self.final))
        self.env.flush_all()
        long_ago = self.today - timedelta(days=400)
        lines = self.env["sales.plan.line"]
        since = fields.Datetime.now() - timedelta(days=2)
        self.assertIn(self.order.id, lines._find_orders_to_check(0, since))
        for table in ("sales_plan_line", "account_move"):
            self.env.cr.execute(f"UPDATE {table} SET write_date = %s", [long_ago])  # noqa: S608
        self.assertNotIn(self.order.id, lines._find_orders_to_check(0, since))
        # A payment taken back behind our back touches the invoice.
        self.env.cr.execute(
            "UPDATE account_move SET write_date = now() WHERE id = %s",
            [self.invoice.id],
        )
        self.assertIn(self.order.id, lines._find_orders_to_check(0, since))
        self.assertNotIn(
            self.order.id, lines._find_orders_to_check(self.order.id, since)
        )

    def test_goes_on_where_it_stopped(self):
        params = self.env["ir.config_parameter"].sudo()
        params.set_param("sales_process.plan_checked_order_id", self.order.id)
        self._spoil("amount_collected", 77)
        self._run()
        self.assertEqual(self.first.amount_collected, 77.0)
        self.assertFalse(params.get_param("sales_process.plan_checked_order_id"))
        self._run()
        self.assertEqual(self.first.amount_collected, 100.0)

    def test_queries_do_not_grow_with_the_orders(self):
        orders = self.order
        for _number in range(7):
            orders |= self._order(300.0, 850.0)
        self.env.flush_all()
        counts = []
        for size in (8, 4, 8):  # the first one fills the caches
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            orders[:size].sales_plan_line_ids._check_figures()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
