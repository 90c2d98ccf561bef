from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..common import REP
from ..contract.money_common import MoneyCommon


class CreditCommon(MoneyCommon):
    """Orders of 1,000.00 plus 15 % tax, with two reps in two teams."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann, cls.bob = (
            cls._make_person(f"credit_{name}", REP) for name in ("ann", "bob")
        )
        cls.north, cls.south = cls.env["crm.team"].create(
            [
                {
                    "name": "North",
                    "company_id": cls.company.id,
                    "member_ids": [(6, 0, cls.ann.ids)],
                },
                {
                    "name": "South",
                    "company_id": cls.company.id,
                    "member_ids": [(6, 0, cls.bob.ids)],
                },
            ]
        )
        cls.customer = cls.env["res.partner"].create({"name": "New customer"})
        cls.product_a.standard_price = 600.0
        # The past of this database is of no interest here.
        audits = cls.env["sales.credit.audit"].sudo()
        audits.search([("state", "=", "running")]).state = "done"
        cls.env["sales.credit"]._write_pending()

    @classmethod
    def _make_person(cls, name, groups):
        """Somebody who works in the company and nowhere else.

        :param str groups: as ``new_test_user`` takes them
        """
        return new_test_user(
            cls.env,
            f"sp_{name}",
            groups,
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    @classmethod
    def _sold(cls, price=1000.0, **values):
        values.setdefault("partner_id", cls.customer.id)
        values.setdefault("user_id", cls.ann.id)
        values.setdefault("team_id", cls.north.id)
        order = cls.env["sale.order"].create(
            {
                "order_line": [
                    Command.create(
                        {
                            "product_id": cls.product_a.id,
                            "product_uom_qty": 1,
                            "price_unit": price,
                            "tax_ids": [Command.set(cls.tax_sale_a.ids)],
                        }
                    )
                ],
                **values,
            }
        )
        order.action_confirm()
        return order

    def _days(self, number):
        return fields.Date.add(self.today, days=number)

    def _rows(self, code, **values):
        domain = [("metric_id.code", "=", code)]
        domain += [(name, "=", value) for name, value in values.items()]
        return self.env["sales.credit"].search(domain, order="id")

    def _total(self, code, user=None, overlay=False, until=None):
        rows = self._rows(code).filtered(lambda row: overlay or not row.is_overlay)
        if user:
            rows = rows.filtered(lambda row: row.user_id == user)
        if until:
            rows = rows.filtered(lambda row: row.date <= until)
        return round(sum(rows.mapped("amount")), 2)

    def assertSums(self):
        """The sums that are kept are those of the ledger."""
        self.env["sales.credit"]._write_pending()
        self.assertEqual(self.env["sales.credit.sum"]._differences(), [])


@tagged("post_install", "-at_install")
class TestCreditLedger(CreditCommon):
    """Who earned what, event by event."""

    rule_tested_models = ()

    def setUp(self):
        super().setUp()
        self.base = {
            code: self._total(code)
            for code in ("booked", "margin", "invoiced", "collected", "new_customer")
        }

    def assertGained(self, code, amount, user=None):
        base = 0 if user else self.base[code]
        self.assertAlmostEqual(self._total(code, user) - base, amount, 2)

    def test_confirmed(self):
        order = self._sold()
        [row] = self._rows("booked", source_id=order.id)
        self.assertEqual(
            (row.amount, row.user_id, row.team_id, row.partner_id, row.share),
            (1000.0, self.ann, self.north, self.customer, 100.0),
        )
        self.assertEqual(row.date, self.company._sales_day(order.date_order))
        self.assertEqual(row.product_category_id, self.product_a.categ_id)
        self.assertEqual(row.currency_id, self.company.currency_id)
        self.assertEqual(row.action_open_document()["res_id"], order.id)
        self.assertEqual(row.document_name, order.display_name)
        self.assertEqual(row.display_name, f"Booked: {order.display_name}")
        self.assertGained("margin", 400.0)
        self.assertGained("new_customer", 1.0)
        self.assertSums()

    def test_a_quotation_earns_nothing(self):
        order = self._sold()
        other = order.copy()
        self.assertFalse(self._rows("booked", source_id=other.id))

    def test_changed_and_cancelled(self):
        order = self._sold()
        self.env["sales.credit"]._write_pending()
        order.order_line.price_unit = 1200.0
        self.assertEqual(
            self._rows("booked", source_id=order.id).mapped("amount"), [1000.0, 200.0]
        )
        order.order_line.product_uom_qty = 0
        order._action_cancel()
        self.assertGained("booked", 0.0)
        self.assertGained("margin", 0.0)
        self.assertGained("new_customer", 0.0)
        back = self._rows("booked", source_id=order.id)[-1]
        self.assertEqual(
            back.reversal_of_id, self._rows("booked", source_id=order.id)[0]
        )
        self.assertSums()

    def test_confirmed_again(self):
        order = self._sold()
        self.env["sales.credit"]._write_pending()
        order._action_cancel()
        self.env["sales.credit"]._write_pending()
        order.action_draft()
        order.user_id, order.team_id = self.bob, self.south
        order.action_confirm()
        self.assertGained("booked", 1000.0)
        self.assertGained("booked", 0.0, self.ann)
        self.assertGained("booked", 1000.0, self.bob)

    def test_telling_twice_adds_nothing(self):
        order = self._sold()
        before = self._rows("booked")
        credits = self.env["sales.credit"]
        for _time in range(2):
            credits._note("sale.order", order.ids)
            credits._note("res.partner", order.partner_id.ids)
            credits._write_pending()
        self.assertEqual(self._rows("booked"), before)

    def test_a_new_owner_takes_nothing(self):
        order = self._sold()
        self.env["sales.credit"]._write_pending()
        order.write({"user_id": self.bob.id, "team_id": self.south.id})
        self.assertGained("booked", 1000.0, self.ann)
        order.order_line.price_unit = 1100.0
        self.assertGained("booked", 1100.0, self.ann)
        self.assertGained("booked", 0.0, self.bob)

    def test_second_order_is_no_new_customer(self):
        self._sold()
        second = self._sold(user_id=self.bob.id)
        self.assertGained("new_customer", 1.0)
        self.assertGained("new_customer", 0.0, self.bob)
        self.assertTrue(second)

    def test_shares(self):
        order = self._sold_split((self.ann, 60, False), (self.bob, 40, False))
        rows = self._rows("booked", source_id=order.id)
        self.assertEqual(
            {(row.user_id, row.team_id, row.amount, row.share) for row in rows},
            {(self.ann, self.north, 600.0, 60.0), (self.bob, self.south, 400.0, 40.0)},
        )

    def _sold_split(self, *shares, price=1000.0):
        return self._sold(
            price,
            sales_split_ids=[
                Command.create(
                    {"user_id": user.id, "percent": percent, "is_overlay": over}
                )
                for user, percent, over in shares
            ],
        )

    def test_shares_are_exact_to_the_cent(self):
        order = self._sold_split(
            (self.ann, 33.3333, False), (self.bob, 66.6667, False), price=100.01
        )
        rows = self._rows("booked", source_id=order.id)
        self.assertAlmostEqual(sum(rows.mapped("amount")), 100.01, 6)

    def test_overlay_is_not_in_the_sum_of_a_team(self):
        self._sold_split((self.ann, 100, False), (self.bob, 50, True))
        self.assertGained("booked", 1000.0)
        today = self.today
        periods = [
            (today.replace(day=1), fields.Date.add(today.replace(day=1), months=1))
        ]
        metric = self.env.ref("sales_process.metric_booked")
        values = metric._values(self.ann | self.bob, periods, metric, self.company)
        self.assertEqual(
            sorted(values.values()), [500.0, 1000.0], "the person who helped sees it"
        )
        values = metric._values(self.north | self.south, periods, metric, self.company)
        self.assertEqual(list(values.values()), [1000.0])

    def test_shares_have_to_be_a_hundred(self):
        for shares in (
            ((self.ann, 60, False),),
            ((self.ann, 60, False), (self.bob, 50, False)),
        ):
            with self.assertRaises(ValidationError):
                self._sold_split(*shares)
        with self.assertRaises(ValidationError):
            self._sold_split((self.ann, 100, True))

    def test_a_dealer_earns(self):
        order = self._sold(
            sales_split_ids=[
                Command.create({"user_id": self.ann.id, "percent": 80}),
                Command.create({"partner_id": self.partner_b.id, "percent": 20}),
            ]
        )
        rows = self._rows("booked", source_id=order.id)
        self.assertEqual(rows.filtered("owner_partner_id").amount, 200.0)
        metric = self.env.ref("sales_process.metric_booked")
        periods = [(self.today, fields.Date.add(self.today, days=1))]
        self.assertEqual(
            list(metric._values(self.partner_b, periods, metric).values()), [200.0]
        )

    def test_invoiced_reset_and_posted_again(self):
        order = self._sold()
        invoice = order._create_invoices()
        self.assertGained("invoiced", 0.0)
        invoice.action_post()
        self.assertGained("invoiced", 1000.0, self.ann)
        invoice.button_draft()
        self.assertGained("invoiced", 0.0, self.ann)
        invoice.action_post()
        self.assertGained("invoiced", 1000.0, self.ann)
        self.assertEqual(
            self._rows("invoiced", source_id=invoice.id).mapped("amount"),
            [1000.0, -1000.0, 1000.0],
        )
        self._credit(invoice)
        self.assertGained("invoiced", 0.0)
        self.assertSums()

    def test_down_payments_count_once(self):
        order = self._order(
            300.0,
            850.0,
            user_id=self.ann.id,
            team_id=self.north.id,
            partner_id=self.customer.id,
        )
        first, final = order._sorted_sales_plan()
        self._invoice(first)
        self._invoice(final)
        self.assertGained("invoiced", 1000.0)
        self.assertGained("booked", 1000.0)

    def test_orders_invoiced_together_keep_their_people(self):
        orders = self._sold() | self._sold(
            500.0, user_id=self.bob.id, team_id=self.south.id
        )
        invoice = orders._create_invoices()
        self.assertEqual(len(invoice), 1)
        invoice.action_post()
        self.assertGained("invoiced", 1000.0, self.ann)
        self.assertGained("invoiced", 500.0, self.bob)
        self._pay(invoice, 690.0)
        # 690.00 of 1,725.00, by 1,150.00 and 575.00
        self.assertGained("collected", 460.0, self.ann)
        self.assertGained("collected", 230.0, self.bob)

    def test_collected_in_parts_and_unmatched(self):
        invoice = self._sold()._create_invoices()
        invoice.action_post()
        self._pay(invoice, 400.0)
        self.assertGained("collected", 400.0)
        self._pay(invoice)
        self.assertGained("collected", 1150.0)
        self._unmatch(invoice)
        self.assertGained("collected", 0.0)
        self.assertSums()

    def test_credit_notes_and_write_offs_are_no_money(self):
        invoice = self._sold()._create_invoices()
        invoice.action_post()
        refund = self._credit(invoice, 150.0)
        self._match(invoice, refund)
        self.assertGained("collected", 0.0)
        self._pay(
            invoice,
            900.0,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.company_data["default_account_expense"].id,
        )
        self.assertGained("collected", 900.0)

    def test_foreign_currency_at_the_day_of_the_document(self):
        """3 of the foreign one are 1 of ours on the day of the order."""
        currency = self.setup_other_currency(
            "EUR", rates=[("2000-01-01", 2.0), (self._days(-10), 3.0)]
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Abroad", "currency_id": currency.id}
        )
        order = self._sold(900.0, pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, currency)
        self.assertGained("booked", 300.0)

    def test_won_and_opened_again(self):
        deal = self.env["crm.lead"].create(
            {
                "name": "Deal",
                "type": "opportunity",
                "user_id": self.ann.id,
                "team_id": self.north.id,
                "company_id": self.company.id,
            }
        )
        self.assertFalse(self._rows("won_deal", source_id=deal.id))
        deal.action_set_won()
        self.assertEqual(self._rows("won_deal", source_id=deal.id).amount, 1.0)
        deal.stage_id = self.env["crm.stage"].search([("is_won", "=", False)], limit=1)
        self.assertEqual(
            self._rows("won_deal", source_id=deal.id).mapped("amount"), [1.0, -1.0]
        )

    def test_a_metric_of_ones_own(self):
        model = self.env["ir.model"]._get("sale.order")
        field = self.env["ir.model.fields"]._get
        metric = self.env["sales.metric"].create(
            {
                "name": "Quotations",
                "code": "quotations",
                "unit": "money",
                "model_id": model.id,
                "domain": "[('state', '=', 'draft')]",
                "measure_field_id": field("sale.order", "amount_untaxed").id,
                "date_field_id": field("sale.order", "date_order").id,
                "owner_field_id": field("sale.order", "user_id").id,
            }
        )
        order = self._sold().copy()
        self.env["sales.credit"]._settle(metric, order.ids)
        self.assertEqual(self._rows("quotations").amount, 1000.0)
        order.action_confirm()
        self.env["sales.credit"]._settle(metric, order.ids)
        self.assertEqual(self._rows("quotations").mapped("amount"), [1000.0, -1000.0])
        self.assertIn(order.copy().id, metric.action_preview()["domain"][0][2])
        with self.assertRaises(UserError):
            metric.unlink()
        with self.assertRaises(ValidationError):
            metric.domain = "[('nothing', '=', 1)]"

    def test_queries_do_not_grow(self):
        orders = self.env["sale.order"].browse([self._sold().id for _n in range(9)])
        credits = self.env["sales.credit"]
        credits._write_pending()
        metric = self.env.ref("sales_process.metric_booked")
        counts = []
        for some in (orders[:3], orders[3:]):
            some.order_line.price_unit = 2000.0
            self.env.cr.precommit.data.pop("sales_credit", None)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            credits._settle(metric, some.ids)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertGreaterEqual(*counts)
