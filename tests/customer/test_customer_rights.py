from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from ...models.customer.res_partner import JUDGED
from .customer_common import CustomerCommon


@tagged("post_install", "-at_install")
class TestCustomerRights(CustomerCommon):
    """Who may see what a customer is worth; nobody may decide it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._invoice(cls.customer, 100, "2024-06-01")
        cls.seller.sales_class_months = 120
        cls.seller._sales_judge_customers()
        cls.env.invalidate_all()
        cls.manager_user = new_test_user(
            cls.env,
            "sp_manager",
            "sales_team.group_sale_manager,base.group_partner_manager,"
            "account.group_account_invoice",
            company_id=cls.seller.id,
            company_ids=cls.seller.ids,
        )
        cls.employees = (
            cls.rep_user
            | cls.leader_user
            | cls.director_user
            | cls.accountant_user
            | cls.manager_user
        )

    def test_employees_read(self):
        for user in self.employees:
            buyer = self.buyer.with_user(user)
            [values] = buyer.read([*JUDGED, "sales_customer_class_note"])
            self.assertEqual(values["sales_customer_class"], "a", user.name)
            self.assertEqual(values["sales_customer_revenue"], 100.0, user.name)
            self.assertIn("80 %", values["sales_customer_class_note"], user.name)
            found = buyer.search(
                [("sales_customer_class", "=", "a"), ("id", "=", buyer.id)]
            )
            self.assertEqual(found, buyer, user.name)

    def test_nobody_writes(self):
        for user in self.employees | self.env.ref("base.user_admin"):
            partners = self.env["res.partner"].with_user(user)
            for public, own in JUDGED.items():
                for name in (public, own):
                    with self.assertRaises(AccessError, msg=(user.name, name)):
                        partners.browse(self.customer.id).write({name: False})
                    with self.assertRaises(AccessError, msg=(user.name, name)):
                        partners.create({"name": "New", name: False})
                    with self.assertRaises(AccessError, msg=(user.name, name)):
                        partners.with_context(**{f"default_{name}": False}).create(
                            {"name": "New"}
                        )
        self.assertEqual(self.customer.sales_customer_class, "a")

    def test_nobody_sees_where_it_is_kept(self):
        for user in self.employees:
            partners = self.env["res.partner"].with_user(user)
            self.assertFalse(set(JUDGED.values()) & partners.fields_get().keys())
            with self.assertRaises(AccessError):
                partners.browse(self.customer.id).read(["sales_own_class"])
            with self.assertRaises(AccessError):
                partners.search([("sales_own_class", "=", "a")])

    def test_own_defaults_judge_nobody(self):
        self.env["ir.default"].with_user(self.rep_user).set(
            "res.partner", "sales_own_class", "a", user_id=True
        )
        partner = self.env["res.partner"].with_user(self.rep_user).create({"name": "N"})
        self.assertFalse(partner.sales_customer_class)

    def test_customers_in_the_portal_do_not_see_it(self):
        """Neither by reading nor by what searching, sorting and grouping gives away."""
        self.portal_user.partner_id.parent_id = self.customer
        for model, partner in (
            ("res.partner", self.customer),
            ("res.users", self.portal_user),
        ):
            records = self.env[model].with_user(self.portal_user)
            self.assertIn(partner.id, records.search([]).ids)
            self.assertFalse(
                {name for name in records.fields_get() if name in JUDGED}, model
            )
            for name in JUDGED:
                for attempt in (
                    lambda r, p, n: r.browse(p.id).read([n]),
                    lambda r, p, n: r.search([(n, "!=", False)]),
                    lambda r, p, n: r.search([], order=n),
                    lambda r, p, n: r.formatted_read_group(
                        [], [n if "_date" not in n else f"{n}:day"], ["__count"]
                    ),
                    lambda r, p, n: r.formatted_read_group([], [], [f"{n}:max"]),
                ):
                    with self.assertRaises(AccessError, msg=(model, name)):
                        attempt(records, partner, name)

    def test_merging_contacts(self):
        """The class stands in nobody's way; who has none takes that of the other."""
        double = self._customer("Lumber Incorporated", email=self.customer.email)
        user = self.manager_user
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(user)
        wizard._merge([double.id, self.customer.id], double.with_user(user))
        self.assertFalse(self.customer.exists())
        self.assertEqual(double.sales_customer_class, "a")
        self._judge("2024-06-15 12:00:00")
        self.assertEqual(double.sales_customer_class, "a")
        self.assertEqual(self.buyer.sales_customer_class, "a")

    def test_importing_contacts(self):
        """A file of contacts under a customer is loaded by people as before."""
        result = (
            self.env["res.partner"]
            .with_user(self.manager_user)
            .load(["name", "parent_id/.id"], [["Nora", str(self.customer.id)]])
        )
        self.assertFalse(result["messages"])
        [nora] = self.env["res.partner"].browse(result["ids"])
        self.assertEqual(nora.sales_customer_class, "a")

    def test_forms(self):
        for user in self.employees:
            form = Form(self.customer.with_user(user))
            self.assertEqual(form.sales_customer_class, "a", user.name)
            self.assertEqual(form.sales_customer_revenue, 100.0, user.name)
        with Form(self.customer.with_user(self.rep_user)) as form:
            form.phone = "+1 555 0100"
        self.assertEqual(self.customer.phone, "+1 555 0100")
