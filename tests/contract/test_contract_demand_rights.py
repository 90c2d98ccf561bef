from datetime import date

from lxml import etree

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .demand_common import DemandCommon

OPEN = {
    "product_id",
    "product_category_id",
    "product_type",
    "product_uom_id",
    "quantity",
    "quantity_weighted",
    "date_closing",
    "date_delivery",
    "user_id",
    "team_id",
    "company_id",
    "currency_id",
}
CLOSED = {"lead_id", "order_id", "partner_id", "stage_id", "amount", "probability"}


@tagged("post_install", "-at_install")
class TestContractDemandRights(DemandCommon):
    """Sales sees the demand with its deals; production sees products alone."""

    rule_tested_models = {"sales.demand"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.production_user = new_test_user(
            cls.env, "sp_demand", "sales_process.group_demand"
        )
        cls.deal = cls._committed()
        cls._quote(cls.deal, (cls.goods, 5, 10))
        cls.unassigned = cls._committed(user_id=False, team_id=False)
        cls._quote(cls.unassigned, (cls.goods, 7, 10))
        cls.row, cls.unassigned_row = (
            cls.demand.search([("lead_id", "=", deal.id)])
            for deal in (cls.deal, cls.unassigned)
        )
        cls.rows = cls.row | cls.unassigned_row

    def _sees(self, user):
        return self.demand.with_user(user).search([("id", "in", self.rows.ids)])

    def test_who_sees_which_rows(self):
        rows = {
            "rep": self.rows,
            "leader": self.rows,
            "director": self.rows,
            "production": self.rows,
            "colleague": self.unassigned_row,
            "stranger": self.unassigned_row,
            "other_leader": self.unassigned_row,
        }
        for name, expected in rows.items():
            user = getattr(self, f"{name}_user")
            with self.subTest(name):
                self.assertEqual(self._sees(user), expected)
        for name in ("colleague", "stranger", "other_leader"):
            user = getattr(self, f"{name}_user")
            with self.subTest(name), self.assertRaises(AccessError):
                self.row.with_user(user).read(["product_id"])

    def test_who_has_no_access(self):
        """Accountants see contracts and money, and no pipeline."""
        plain_user = new_test_user(self.env, "sp_demand_none", "base.group_user")
        for user in (self.accountant_user, self.portal_user, plain_user):
            with self.subTest(user.name), self.assertRaises(AccessError):
                self._sees(user)

    def test_nobody_writes(self):
        for name in ("rep", "director", "production"):
            row = self.row.with_user(getattr(self, f"{name}_user"))
            with self.subTest(name), self.assertRaises(AccessError):
                row.write({"quantity": 1})
            with self.subTest(name), self.assertRaises(AccessError):
                row.unlink()

    def test_production_sees_products_and_months(self):
        demand = self.demand.with_user(self.production_user)
        [values] = self.row.with_user(self.production_user).read(sorted(OPEN))
        self.assertEqual(values["quantity"], 5)
        self.assertEqual(values["date_closing"], date(2031, 3, 15))
        groups = demand._read_group(
            [("id", "in", self.rows.ids)],
            ["product_id", "date_closing:month"],
            ["quantity:sum"],
        )
        self.assertEqual(
            [(product.id, day, total) for product, day, total in groups],
            [(self.goods.id, date(2031, 3, 1), 12)],
        )

    def test_production_sees_no_deal_and_no_price(self):
        demand = self.demand.with_user(self.production_user)
        self.assertEqual(OPEN & CLOSED, set())
        found = set(demand.fields_get()) - {"id", "display_name"}
        self.assertEqual(found, OPEN)
        for name in CLOSED:
            with self.subTest(name), self.assertRaises(AccessError):
                self.row.with_user(self.production_user).read([name])
            with self.subTest(name), self.assertRaises(AccessError):
                demand.search([(name, "!=", False)])
            with self.subTest(name), self.assertRaises(AccessError):
                demand.search([], order=name)
            with self.subTest(name), self.assertRaises(AccessError):
                demand._read_group([], [name])
        with self.assertRaises(AccessError):
            demand._read_group([], aggregates=["amount:sum"])
        for record in (self.deal, self.row.order_id):
            with self.subTest(record._name), self.assertRaises(AccessError):
                record.with_user(self.production_user).read(["name"])

    def test_production_that_sells(self):
        """Two hats do not add up to the prices of everybody."""
        user = new_test_user(
            self.env,
            "sp_demand_both",
            "sales_process.group_demand,sales_team.group_sale_salesman",
        )
        self.assertEqual(self._sees(user), self.unassigned_row)
        self.deal.user_id = user
        self.assertEqual(self._sees(user), self.rows)
        self.assertEqual(self.row.with_user(user).amount, 50)

    def test_screens(self):
        kinds = [
            (False, kind) for kind in ("search", "pivot", "graph", "list", "kanban")
        ]
        for name in ("rep", "leader", "director", "production"):
            demand = self.demand.with_user(getattr(self, f"{name}_user"))
            views = demand.get_views(kinds)["views"]
            for kind, view in views.items():
                arch = etree.fromstring(view["arch"])
                shown = set(arch.xpath("//field/@name"))
                groups = " ".join(arch.xpath("//filter/@context | //filter/@domain"))
                with self.subTest(name, kind=kind):
                    self.assertTrue(shown)
                    if name == "production":
                        self.assertFalse(shown & CLOSED)
                        self.assertFalse(any(field in groups for field in CLOSED))
                    elif kind == "list":
                        self.assertLessEqual(CLOSED, shown)

    def test_menus(self):
        menu = self.env.ref("sales_process.menu_sales_demand")
        reports = self.env.ref("sale.menu_reporting_sales")
        for name in ("leader", "director", "production"):
            seen = self.env["ir.ui.menu"].with_user(getattr(self, f"{name}_user"))
            visible = seen._visible_menu_ids()
            with self.subTest(name):
                self.assertIn(menu.id, visible)
                self.assertIn(menu.parent_id.id, visible)
                if name == "production":
                    self.assertNotIn(reports.id, visible)
        for name in ("rep", "accountant"):
            seen = self.env["ir.ui.menu"].with_user(getattr(self, f"{name}_user"))
            with self.subTest(name):
                self.assertNotIn(menu.id, seen._visible_menu_ids())

    def test_opening_a_row(self):
        action = self.row.with_user(self.rep_user).action_open()
        self.assertEqual(action["res_model"], "crm.lead")
        self.assertEqual(action["res_id"], self.deal.id)
        action = self.row.with_user(self.production_user).action_open()
        self.assertEqual(action["res_model"], "product.product")
        self.assertEqual(action["res_id"], self.goods.id)
        self.goods.with_user(self.production_user).read(["name"])

    def test_companies_stay_apart(self):
        currency = self.env["res.currency"].create({"name": "TLR", "symbol": "T"})
        other = self.env["res.company"].create(
            {"name": "Demand Two", "currency_id": currency.id}
        )
        deal = self._committed(
            company_id=other.id, user_id=False, team_id=False, expected_revenue=40
        )
        [row] = self.demand.search([("lead_id", "=", deal.id)])
        self.assertEqual(row.company_id, other)
        self.assertEqual(row.currency_id, currency)
        self._quote(deal, (self.goods, 2, 15))
        [row] = self.demand.search([("lead_id", "=", deal.id)])
        self.assertEqual(row.order_id.currency_id, currency)
        self.assertEqual((row.company_id, row.amount), (other, 30))
        people = {
            "sales_process.group_director": "sp_demand_director",
            "sales_process.group_demand": "sp_demand_other",
        }
        for group, login in people.items():
            user = new_test_user(
                self.env,
                login,
                group,
                company_id=other.id,
                company_ids=[Command.set(other.ids)],
            )
            with self.subTest(group):
                self.assertFalse(self._sees(user))
                self.assertEqual(self.demand.with_user(user).search([]), row)
        for name in ("director", "production"):
            demand = self.demand.with_user(getattr(self, f"{name}_user"))
            with self.subTest(name):
                self.assertFalse(demand.search([("id", "=", row.id)]))
