from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .test_credit_ledger import CreditCommon


@tagged("post_install", "-at_install")
class TestCreditTerritory(CreditCommon):
    """Credit stays in the territory it was earned in."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["sales.territory"].search([]).active = False
        germany, france = cls.env.ref("base.de"), cls.env.ref("base.fr")
        cls.east, cls.west = (
            cls.env["sales.territory"].create(
                {
                    "name": country.name,
                    "rule_ids": [
                        Command.create({"country_ids": [Command.set(country.ids)]})
                    ],
                }
            )
            for country in (germany, france)
        )
        cls.germany, cls.france = germany, france
        cls.customer.country_id = germany
        cls.env.flush_all()

    def _amounts(self, code, order=None):
        """``{territory: sum}``, of an order if one is given."""
        rows = self._rows(code, partner_id=self.customer.id)
        amounts = {}
        for row in rows.filtered(lambda row: not order or row.source_id in order.ids):
            name = row.territory_id.name
            amounts[name] = round(amounts.get(name, 0) + row.amount, 2)
        return amounts

    def test_every_event(self):
        order = self._sold()
        invoice = order._create_invoices()
        invoice.action_post()
        self._pay(invoice)
        for code, amount in (
            ("booked", 1000.0),
            ("margin", 400.0),
            ("new_customer", 1.0),
            ("invoiced", 1000.0),
            ("collected", 1150.0),
        ):
            self.assertEqual(self._amounts(code), {"Germany": amount}, code)

    def test_a_customer_who_moves(self):
        """What was given stays, what comes later goes to the new territory."""
        order = self._sold()
        first = self._rows("booked", source_id=order.id)
        self.customer.country_id = self.france
        self.assertEqual(self.customer.sales_territory_id, self.west)
        self.env["sales.credit"]._note("sale.order", order.ids)
        self.assertEqual(self._rows("booked", source_id=order.id), first)
        self.assertEqual(first.territory_id, self.east)
        # A change of the order belongs to those who hold it, and where they hold it.
        order.order_line.price_unit = 1300.0
        self.assertEqual(self._amounts("booked", order), {"Germany": 1300.0})
        self.assertEqual(self._amounts("booked", self._sold(500.0)), {"France": 500.0})
        order._action_cancel()
        self.assertEqual(self._amounts("booked", order), {"Germany": 0.0})
        # Earned anew, it is earned where the customer is now.
        order.action_draft()
        order.action_confirm()
        self.assertEqual(
            self._amounts("booked", order), {"Germany": 0.0, "France": 1300.0}
        )
        self.assertSums()

    def test_rules_that_change(self):
        order = self._sold()
        self.env["sales.credit"]._write_pending()
        self.east.rule_ids.country_ids = self.env.ref("base.it")
        self.west.rule_ids.country_ids = self.germany
        self.env["sales.territory.assignment"].sudo()._begin()._run()
        self.env.invalidate_all()
        self.assertEqual(self.customer.sales_territory_id, self.west)
        audits = self.env["sales.credit.audit"].sudo()
        audits.search([("state", "=", "running")]).state = "done"
        audits._start("manual")._run()
        self.assertEqual(self._amounts("booked", order), {"Germany": 1000.0})

    def test_the_deal_goes_before_the_customer(self):
        deal = self.env["crm.lead"].create(
            {
                "name": "Deal",
                "type": "opportunity",
                "partner_id": self.customer.id,
                "user_id": self.ann.id,
                "team_id": self.north.id,
                "company_id": self.company.id,
            }
        )
        deal.sales_territory_id = self.west
        order = self._sold(opportunity_id=deal.id)
        invoice = order._create_invoices()
        invoice.action_post()
        self._pay(invoice)
        for code, amount in (
            ("booked", 1000.0),
            ("invoiced", 1000.0),
            ("collected", 1150.0),
        ):
            self.assertEqual(self._amounts(code), {"France": amount}, code)
        deal.action_set_won()
        [won] = self._rows("won_deal", source_id=deal.id)
        self.assertEqual(won.territory_id, self.west)
        deal.action_sales_territory_by_rules()
        self.assertEqual(deal.sales_territory_id, self.east)
        self.assertEqual(won.territory_id, self.west)

    def test_shares_of_several(self):
        order = self._sold()
        other = self._sold(
            sales_split_ids=[
                Command.create({"user_id": self.ann.id, "percent": 60}),
                Command.create({"user_id": self.bob.id, "percent": 40}),
            ]
        )
        self.assertEqual(self._amounts("booked", order | other), {"Germany": 2000.0})
        self.assertEqual(
            self._rows("booked", source_id=other.id).territory_id, self.east
        )

    def test_without_territory(self):
        self.customer.country_id = False
        self.assertEqual(self._amounts("booked", self._sold()), {False: 1000.0})

    def test_a_metric_of_ones_own(self):
        get_field = self.env["ir.model.fields"]._get
        metric = self.env["sales.metric"].create(
            {
                "name": "Deals made",
                "code": "deals_made",
                "model_id": self.env["ir.model"]._get("crm.lead").id,
                "date_field_id": get_field("crm.lead", "create_date").id,
                "owner_field_id": get_field("crm.lead", "user_id").id,
            }
        )
        deal = self.env["crm.lead"].create(
            {
                "name": "Deal",
                "partner_id": self.customer.id,
                "user_id": self.ann.id,
                "company_id": self.company.id,
            }
        )
        self.env["sales.credit"]._settle(metric, deal.ids)
        [row] = self._rows("deals_made")
        self.assertEqual(row.territory_id, self.east)

    def test_a_territory_with_credits_is_not_deleted(self):
        self._sold()
        self.env["sales.credit"]._write_pending()
        with self.assertRaises(UserError) as caught:
            self.east.unlink()
        self.assertIn("Archive it", str(caught.exception))
        self.west.unlink()
        self.east.active = False

    def test_grouped_by_territory(self):
        self._sold()
        credits = self.env["sales.credit"]
        groups = dict(
            credits._read_group(
                [("metric_id.code", "=", "booked"), ("territory_id", "!=", False)],
                ["territory_id"],
                ["amount:sum"],
            )
        )
        self.assertEqual(groups, {self.east: 1000.0})
