from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from ..common import DIRECTOR
from .test_credit_ledger import CreditCommon


@tagged("post_install", "-at_install")
class TestCreditEdges(CreditCommon):
    """Orders, documents and money that are not as usual."""

    def assertCredited(self, code, *amounts, **values):
        """The rows of a metric that say ``values``, in the order they were added."""
        found = self._rows(code, **values)
        self.assertEqual([round(row.amount, 2) for row in found], list(amounts))
        return found

    def _audit(self):
        audits = self.env["sales.credit.audit"].sudo()
        audits.search([("state", "=", "running")]).state = "done"
        return audits._start("manual")._run()

    # === ORDERS === #

    def test_the_cost_of_the_line_counts(self):
        """Sold at 1,000.00 for 600.00; the supplier then asks for 650.00."""
        order = self._sold()
        self.env["sales.credit"]._write_pending()
        order.date_order = fields.Datetime.subtract(order.date_order, days=40)
        self.assertCredited("margin", 400.0, source_id=order.id)
        self.product_a.standard_price = 900.0  # no matter of this order
        order.order_line.purchase_price = 650.0
        first, change = self.assertCredited("margin", 400.0, -50.0, source_id=order.id)
        self.assertEqual((change.date, change.reversal_of_id), (self.today, first))
        self.assertCredited("booked", 1000.0, source_id=order.id)

    def test_what_is_added_later_belongs_to_its_own_day(self):
        order = self._sold()
        order.date_order = fields.Datetime.subtract(fields.Datetime.now(), days=40)
        old = self.assertCredited("booked", 1000.0, source_id=order.id)
        self.assertEqual(old.date, self.company._sales_day(order.date_order))
        self._add_line(order, 250.0)
        _old, new = self.assertCredited("booked", 1000.0, 250.0, source_id=order.id)
        self.assertEqual(new.date, self.today)

    def test_what_was_worth_nothing_begins_when_it_is_worth_something(self):
        order = self._sold(0.0)
        order.date_order = fields.Datetime.subtract(fields.Datetime.now(), days=40)
        order.order_line.purchase_price = 0
        self.assertCredited("booked", source_id=order.id)
        order.order_line.price_unit = 300.0
        row = self.assertCredited("booked", 300.0, source_id=order.id)
        self.assertEqual(row.date, self.today)
        self.assertEqual(self._audit().corrections, 0)

    def test_a_past_that_is_not_credited_yet_keeps_its_days(self):
        order = self._sold()
        order.date_order = fields.Datetime.subtract(fields.Datetime.now(), days=40)
        self.env["sales.credit"]._write_pending()
        self.env.cr.execute("DELETE FROM sales_credit")
        self.env.cr.execute("DELETE FROM sales_credit_sum")
        audits = self.env["sales.credit.audit"].sudo()
        audits.search([("state", "=", "running")]).state = "done"
        audit = audits._start("backfill")
        order.order_line.price_unit = 1200.0
        row = self.assertCredited("booked", 1200.0, source_id=order.id)
        self.assertEqual(row.date, self.company._sales_day(order.date_order))
        audit._run()
        self.assertCredited("booked", 1200.0, source_id=order.id)

    def test_negative_lines_and_orders(self):
        order = self._sold()
        self._add_line(order, -200.0)
        self.assertCredited("booked", 1000.0, -200.0, source_id=order.id)
        rebate = self._sold(-300.0)
        self.assertCredited("booked", -300.0, source_id=rebate.id)
        rebate._action_cancel()
        self.assertCredited("booked", -300.0, 300.0, source_id=rebate.id)

    def _add_line(self, order, price):
        order.order_line = [
            Command.create(
                {
                    "product_id": self.product_b.id,
                    "price_unit": price,
                    "tax_ids": [Command.set(self.tax_sale_a.ids)],
                }
            )
        ]
        self.env["sales.credit"]._write_pending()

    def test_deleted_lines_and_drafts(self):
        order = self._sold()
        self._add_line(order, 250.0)
        order._action_cancel()
        order.action_draft()
        order.order_line[1].unlink()
        order.action_confirm()
        self.assertCredited("booked", 1000.0, 250.0, -250.0, source_id=order.id)
        other = self._sold()
        self.env["sales.credit"]._write_pending()
        other._action_cancel()
        other_id = other.id
        other.unlink()
        self.assertCredited("booked", 1000.0, -1000.0, source_id=other_id)
        draft = order._create_invoices()
        draft.action_post()
        draft.button_draft()
        draft_id = draft.id
        self.env["sales.credit"]._write_pending()
        draft.with_context(force_delete=True).unlink()
        self.assertEqual(
            sum(self._rows("invoiced", source_id=draft_id).mapped("amount")), 0
        )
        self.assertEqual(self._audit().corrections, 0)

    def test_nobody_s_order(self):
        order = self._sold(user_id=False)
        row = self.assertCredited("booked", 1000.0, source_id=order.id)
        self.assertFalse(row.user_id)
        director = new_test_user(
            self.env,
            "sp_credit_edge",
            DIRECTOR,
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
        )
        self.assertEqual(row.with_user(director).amount, 1000.0)
        with self.assertRaises(AccessError):
            row.with_user(self.ann).read(["amount"])

    def test_another_customer(self):
        """Who was the first customer of an order is no new one without it."""
        order = self._sold()
        self.assertCredited("new_customer", 1.0, partner_id=self.customer.id)
        other = self.env["res.partner"].create({"name": "Other"})
        order.write({"partner_id": other.id})
        self.assertCredited("new_customer", 1.0, -1.0, partner_id=self.customer.id)
        self.assertCredited("new_customer", 1.0, partner_id=other.id)

    def test_two_win_a_customer_together(self):
        order = self._sold(
            sales_split_ids=[
                Command.create({"user_id": self.ann.id, "percent": 50}),
                Command.create({"user_id": self.bob.id, "percent": 50}),
            ]
        )
        rows = self._rows("new_customer", partner_id=order.partner_id.id)
        self.assertEqual(sorted(rows.mapped("amount")), [0.5, 0.5])

    def test_paid_online(self):
        """The customer pays on the portal: no salesperson is there."""
        order = self._sold(user_id=self.ann.id).copy()
        order.write({"require_payment": True, "prepayment_percent": 1.0})
        public = self.env.ref("base.public_user")
        env = self.env(user=public, su=True)
        provider = env["payment.provider"].create(
            {"name": "Dummy", "code": "none", "company_id": self.company.id}
        )
        method = env["payment.method"].create({"name": "Card", "code": "sp_credit"})
        payment = env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "reference": "Online",
                "amount": order.amount_total,
                "currency_id": order.currency_id.id,
                "partner_id": order.partner_id.id,
                "sale_order_ids": [Command.set(order.ids)],
                "state": "done",
            }
        )
        payment._check_amount_and_confirm_order()
        self.assertEqual(order.state, "sale")
        env(su=False)["sales.credit"]._write_pending()
        row = self.assertCredited("booked", 1000.0, source_id=order.id)
        self.assertEqual(row.user_id, self.ann)

    # === COMPANIES === #

    def test_two_companies_and_currencies(self):
        """Each counts in its own money: 500.00 here, 500.00 of theirs there."""
        theirs = self.setup_other_currency("EUR")
        data = self.setup_other_company(name="Elsewhere", currency_id=theirs.id)
        there = data["company"]
        self.env.user.company_ids |= there
        env = self.env(context={**self.env.context, "allowed_company_ids": there.ids})
        order = env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": there.id,
                "user_id": self.ann.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.product_a.id,
                            "price_unit": 500.0,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        order.action_confirm()
        here = self._sold(500.0)
        row = self.assertCredited("booked", 500.0, source_id=order.id)
        self.assertEqual((row.company_id, row.currency_id), (there, there.currency_id))
        row = self.assertCredited("booked", 500.0, source_id=here.id)
        self.assertEqual(row.company_id, self.company)
        rows = self.assertCredited(
            "new_customer", 1.0, 1.0, partner_id=self.customer.id
        )
        self.assertEqual(
            rows.company_id, here.company_id | there, "new to each of them"
        )
        metric = self.env.ref("sales_process.metric_booked")
        periods = [(self.today, self._days(1))]
        for companies, amount in ((there, 500.0), (there | self.company, 1000.0)):
            values = metric._values(self.ann, periods, metric, companies)
            self.assertEqual(list(values.values()), [amount])
        self.assertSums()

    # === DOCUMENTS AND MONEY === #

    def test_down_payments_with_taxes(self):
        """Half of 1,150.00 first, then the rest: invoiced are 1,000.00 in all."""
        order = self._sold()
        wizard = self.env["sale.advance.payment.inv"].with_context(active_ids=order.ids)
        for values in (
            {"advance_payment_method": "percentage", "amount": 50},
            {"advance_payment_method": "delivered"},
        ):
            wizard.create(values).create_invoices()
        first, final = order.invoice_ids.sorted("id")
        first.action_post()
        self.assertEqual(self._total("invoiced", self.ann), 500.0)
        final.action_post()
        self.assertEqual(self._total("invoiced", self.ann), 1000.0)
        self._pay(first)
        self._pay(final)
        self.assertEqual(self._total("collected", self.ann), 1150.0)
        self.assertEqual(self._total("booked", self.ann), 1000.0)
        self.assertEqual(self._audit().corrections, 0)

    def test_invoices_without_orders(self):
        invoice = self.init_invoice("out_invoice", self.customer, amounts=[400.0])
        invoice.invoice_user_id = self.bob
        invoice.action_post()
        row = self.assertCredited("invoiced", 400.0, source_id=invoice.id)
        self.assertEqual((row.user_id, row.partner_id), (self.bob, self.customer))
        self._pay(invoice, 100.0)
        row = self.assertCredited("collected", 100.0, source_id=invoice.id)
        self.assertEqual(row.user_id, self.bob)
        self.assertEqual(row.action_open_document()["res_model"], "account.move")

    def test_bills_never(self):
        bill = self.init_invoice(
            "in_invoice", self.customer, amounts=[400.0], post=True
        )
        self._pay(bill)
        self.env["sales.credit"]._write_pending()
        for code in ("invoiced", "collected"):
            self.assertFalse(self._rows(code, source_id=bill.id))

    def test_one_payment_for_several(self):
        orders = [
            self._sold(),
            self._sold(200.0, user_id=self.bob.id, team_id=self.south.id),
        ]
        invoices = self.env["account.move"]
        for order in orders:
            invoices |= order._create_invoices()
        invoices.action_post()
        payment = self._pay(invoices, group_payment=True)
        self.assertEqual(len(payment), 1)
        for invoice, amount, user in zip(
            invoices, (1150.0, 230.0), (self.ann, self.bob), strict=True
        ):
            row = self.assertCredited("collected", amount, source_id=invoice.id)
            self.assertEqual((row.user_id, row.part_id), (user, payment.move_id.id))
        payment.action_draft()
        self.assertEqual(self._total("collected", self.ann), 0.0)
        self.assertEqual(self._total("collected", self.bob), 0.0)

    def test_money_matched_again_counts_when_it_is(self):
        """What is loosened today and matched again is no money of last month."""
        invoice = self._sold()._create_invoices()
        invoice.invoice_date = self._days(-50)
        invoice.action_post()
        payment = self._pay(invoice, payment_date=self._days(-40))
        self.assertCredited("collected", 1150.0, date=self._days(-40))
        self._unmatch(invoice)
        self.env["sales.credit"]._write_pending()
        self._match(invoice, payment.move_id)
        self.assertCredited("collected", 1150.0, date=self._days(-40))
        self.assertCredited("collected", -1150.0, 1150.0, date=self.today)

    def test_paid_back(self):
        invoice = self._sold()._create_invoices()
        invoice.action_post()
        self._pay(invoice)
        refund = self._credit(invoice)
        self._pay(refund)
        self.assertEqual(self._total("collected", self.ann), 0.0)
        self.assertCredited("collected", -1150.0, source_id=refund.id)

    # === METRICS === #

    def test_an_archived_metric_stands_still(self):
        order = self._sold()
        self.assertCredited("booked", 1000.0, source_id=order.id)
        metric = self.env.ref("sales_process.metric_booked")
        metric.active = False
        order.order_line.price_unit = 1500.0
        order._action_cancel()
        self.assertCredited("booked", 1000.0, source_id=order.id)
        self.assertFalse(
            self._audit().credit_ids.filtered(lambda row: row.metric_id == metric)
        )
        self.assertCredited("margin", 400.0, -400.0, source_id=order.id)
        metric.active = True
        self._audit()
        rows = self.assertCredited("booked", 1000.0, -1000.0, source_id=order.id)
        self.assertEqual(rows[1].reason, "audit")

    def test_a_broken_metric_stops_nobody(self):
        field = self.env["ir.model.fields"]._get
        metric = self.env["sales.metric"].create(
            {
                "name": "Of mine",
                "code": "of_mine",
                "model_id": self.env["ir.model"]._get("sale.order").id,
                "date_field_id": field("sale.order", "date_order").id,
                "owner_field_id": field("sale.order", "user_id").id,
            }
        )
        self.env.cr.execute(
            "UPDATE sales_metric SET domain = '[(''gone'', ''='', 1)]' WHERE id = %s",
            [metric.id],
        )
        metric.invalidate_recordset()
        order = self._sold()
        self.assertCredited("booked", 1000.0, source_id=order.id)
        audit = self._audit()
        self.assertEqual(audit.state, "done")
        self.assertIn("Of mine", audit.error)
        with Form(self.env["sales.metric"]) as form:
            form.name, form.code = "Another", "another"
            form.model_id = self.env["ir.model"]._get("sale.order")
            form.date_field_id = field("sale.order", "date_order")
            form.owner_field_id = field("sale.order", "user_id")
        self.assertTrue(form.record.action_preview()["domain"])
