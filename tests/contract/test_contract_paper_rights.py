from lxml import etree

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .paper_common import PaperCommon

ALL = ("rep", "leader", "director", "accountant", "auditor")


@tagged("post_install", "-at_install")
class TestContractRights(PaperCommon):
    """A contract and what it is made of are seen by the same people."""

    rule_tested_models = {
        "sales.contract",
        "sales.contract.type",
        "sales.contract.requirement",
        "sales.contract.clause",
        "sales.contract.document",
        "sales.contract.change",
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager_user = new_test_user(
            cls.env, "sp_paper_manager", "account.group_account_manager"
        )
        cls.auditor_user = new_test_user(
            cls.env, "sp_paper_auditor", "account.group_account_readonly"
        )
        cls.portal_user.partner_id.parent_id = cls.customer
        cls.contract = cls._complete(cls._contract(type_id=cls.kind.id))
        cls.contract.with_user(cls.rep_user)._sign("Dana Decider")
        cls.minutes = cls._document(cls.contract, "minutes")
        cls.change = cls.env["sales.contract.change"].create(
            {"contract_id": cls.contract.id, "name": "Longer", "reason": "Asked for"}
        )

    def _parts(self):
        contract = self.contract
        return (
            contract,
            contract.clause_ids,
            contract.document_ids,
            contract.change_ids,
        )

    def _sees(self, user, records):
        return records.with_user(user).search([("id", "in", records.ids)])

    # === CONTRACTS === #

    def test_who_sees(self):
        for name in ALL:
            user = getattr(self, f"{name}_user")
            for records in self._parts():
                with self.subTest(name, model=records._name):
                    self.assertEqual(self._sees(user, records), records)
        for name in ("colleague", "stranger", "other_leader"):
            user = getattr(self, f"{name}_user")
            for records in self._parts():
                with self.subTest(name, model=records._name):
                    self.assertFalse(self._sees(user, records))
                    with self.assertRaises(AccessError):
                        records.with_user(user).read(["display_name"])

    def test_everybody_opens_the_form(self):
        """All fields of the screen, and no deal among them."""
        for name in ALL:
            user = getattr(self, f"{name}_user")
            with self.subTest(name):
                form = Form(self.contract.with_user(user))
                self.assertEqual(form.title, self.contract.title)
                for model in ("sales.contract", "sale.order"):
                    view = self.env[model].with_user(user).get_view(view_type="form")
                    shown = set(etree.fromstring(view["arch"]).xpath("//field/@name"))
                    deals = {
                        field
                        for field in shown & self.env[model]._fields.keys()
                        if self.env[model]._fields[field].comodel_name == "crm.lead"
                    }
                    if model == "sales.contract" or name in ("accountant", "auditor"):
                        self.assertFalse(deals)
                    else:
                        self.assertTrue(deals, "the check sees what is there")

    def test_who_changes(self):
        for name in ("rep", "leader", "director", "accountant"):
            mine = self.contract.with_user(getattr(self, f"{name}_user"))
            with self.subTest(name):
                mine.collector_id = self.accountant_user
                self.change.with_user(mine.env.user).reason = f"Said {name}"
                self._document(self.contract, "other", user=mine.env.user)
        for name in ("colleague", "other_leader", "auditor", "portal"):
            user = getattr(self, f"{name}_user")
            for change in (
                lambda u=user: self.contract.with_user(u).write({"renewal": "none"}),
                lambda u=user: self.change.with_user(u).write({"reason": "No"}),
                lambda u=user: self._document(self.contract, "other", user=u),
                lambda u=user: self.contract.clause_ids.with_user(u).write(
                    {"agreed": False}
                ),
            ):
                with self.subTest(name), self.assertRaises(AccessError):
                    change()

    def test_nobody_deletes_a_contract(self):
        draft = self._contract()
        for name in ("rep", "director", "accountant", "manager"):
            with self.subTest(name), self.assertRaises(AccessError):
                draft.with_user(getattr(self, f"{name}_user")).unlink()
        with self.assertSaid("stays on record"):
            self.contract.unlink()

    def test_nobody_enters_the_contract_of_another(self):
        vals = {"contract_id": self.contract.id, "name": "x"}
        for name in ("colleague", "other_leader", "portal"):
            user = getattr(self, f"{name}_user")
            for model, more in (
                ("sales.contract.clause", {"text": "y"}),
                ("sales.contract.change", {"reason": "y"}),
            ):
                with self.subTest(name, model=model), self.assertRaises(AccessError):
                    self.env[model].with_user(user).create({**vals, **more})

    def test_a_contract_nobody_owns(self):
        order = self._confirmed(user_id=False)
        contract = self._contract(order)
        self.assertFalse(contract.user_id)
        self.assertEqual(self._sees(self.colleague_user, contract), contract)

    def test_orders_of_another_team(self):
        """A leader sees the contract of the own subtree alone."""
        south = self._contract(
            self._confirmed(user_id=self.stranger_user.id, team_id=self.south.id),
            user=self.stranger_user,
        )
        self.assertEqual(self._sees(self.other_leader_user, south), south)
        self.assertFalse(self._sees(self.leader_user, south))
        self.assertEqual(self._sees(self.director_user, south), south)

    # === CUSTOMERS === #

    def test_customers_see_what_was_sent_or_signed(self):
        self.assertEqual(self._sees(self.portal_user, self.contract), self.contract)
        clauses = self.contract.clause_ids
        self.assertEqual(self._sees(self.portal_user, clauses), clauses)
        draft = self._contract(type_id=self.kind.id)
        called_off = self._contract()
        called_off._cancel("No")
        self.assertFalse(self._sees(self.portal_user, draft | called_off))
        self.assertFalse(self._sees(self.portal_user, draft.clause_ids))
        draft.sudo().date_sent = "2024-05-01 10:00:00"
        self.assertEqual(self._sees(self.portal_user, draft), draft)
        self.assertEqual(
            self._sees(self.portal_user, draft.clause_ids), draft.clause_ids
        )

    def test_customers_see_shared_documents(self):
        order = self.contract.document_ids - self.minutes
        self.assertTrue(order.is_shared)
        self.assertFalse(self.minutes.is_shared, "ours")
        seen = self._sees(self.portal_user, order | self.minutes)
        self.assertEqual(seen, order)
        with self.assertRaises(AccessError):
            self.minutes.attachment_id.with_user(self.portal_user).read(["raw"])

    def test_customers_see_agreed_changes(self):
        self.assertFalse(self._sees(self.portal_user, self.change))
        self.change.terms = "<p>New</p>"
        self.change._agree("Dana", self.rep_user, self.company._sales_today())
        self.assertEqual(self._sees(self.portal_user, self.change), self.change)

    def test_other_customers_see_nothing(self):
        other = self.env["res.partner"].create({"name": "Else", "is_company": True})
        self.portal_user.partner_id.parent_id = other
        for records in self._parts():
            with self.subTest(records._name):
                self.assertFalse(self._sees(self.portal_user, records))

    # === COMPANIES === #

    def test_companies_stay_apart(self):
        company = self.env["res.company"].create({"name": "Contract Three"})
        user = new_test_user(
            self.env,
            "sp_paper_other",
            "sales_process.group_director,account.group_account_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        for records in self._parts():
            with self.subTest(records._name):
                self.assertFalse(self._sees(user, records))
        own = self.kind.copy(
            {"name": "Own", "company_id": company.id, "collector_id": False}
        )
        both = self.kind | own
        self.assertEqual(self._sees(user, both), both)
        self.assertEqual(self._sees(self.director_user, both), self.kind)
        needs = both.requirement_ids
        self.assertEqual(self._sees(user, needs), needs)
        self.assertEqual(
            self._sees(self.director_user, needs), self.kind.requirement_ids
        )
        with self.assertSaid("crossover"):
            self._contract().type_id = own

    # === TYPES === #

    def test_who_sees_types(self):
        for name in (*ALL, "manager"):
            user = getattr(self, f"{name}_user")
            for records in (self.kind, self.kind.requirement_ids):
                with self.subTest(name, model=records._name):
                    self.assertEqual(self._sees(user, records), records)
        for records in (self.kind, self.kind.requirement_ids):
            with self.assertRaises(AccessError):
                self._sees(self.portal_user, records)

    def test_who_designs_types(self):
        for name in ("director", "manager"):
            mine = self.kind.with_user(getattr(self, f"{name}_user"))
            with self.subTest(name):
                kind = mine.copy()
                self.assertEqual(len(kind.requirement_ids), 3)
                kind.requirement_ids[0].name = "Changed"
                kind.unlink()
        for name in ("rep", "leader", "accountant", "auditor"):
            user = getattr(self, f"{name}_user")
            for records in (self.kind, self.need_order):
                with self.subTest(name), self.assertRaises(AccessError):
                    records.with_user(user).name = "Not mine"

    # === MENUS === #

    def test_menus(self):
        menus = {
            "rep": ("menu_sales_contract",),
            "accountant": ("menu_sales_contract_account",),
        }
        for name, expected in menus.items():
            visible = (
                self.env["ir.ui.menu"]
                .with_user(getattr(self, f"{name}_user"))
                ._visible_menu_ids()
            )
            for other in sum(menus.values(), ()):
                menu = self.env.ref(f"sales_process.{other}")
                with self.subTest(name, menu=other):
                    self.assertEqual(menu.id in visible, other in expected)
