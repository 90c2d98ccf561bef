from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ..common import DIRECTOR, LEADER
from .test_credit_ledger import CreditCommon


@tagged("post_install", "-at_install")
class TestCreditRights(CreditCommon):
    """Each sees what is theirs, and nobody writes the ledger."""

    rule_tested_models = (
        "sales.credit",
        "sales.credit.sum",
        "sales.metric",
        "sales.split",
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people = {"ann": cls.ann, "bob": cls.bob}
        for name, group in {
            "leader": LEADER,
            "director": DIRECTOR,
            "accountant": "account.group_account_invoice",
            "employee": "base.group_user",
            "portal": "base.group_portal",
        }.items():
            cls.people[name] = cls._make_person(f"credit_{name}", group)
        cls.north.user_id = cls.people["leader"]
        cls.order = cls._sold(
            sales_split_ids=[
                Command.create({"user_id": cls.ann.id, "percent": 70}),
                Command.create({"user_id": cls.bob.id, "percent": 30}),
            ]
        )
        cls.env["sales.credit"]._write_pending()

    def _booked(self, name):
        credits = self.env["sales.credit"].with_user(self.people[name])
        rows = credits.search(
            [("metric_id.code", "=", "booked"), ("source_id", "=", self.order.id)]
        )
        return sum(rows.mapped("amount"))

    def test_who_sees_what(self):
        for name, amount in (
            ("ann", 700.0),
            ("bob", 300.0),
            ("leader", 700.0),
            ("director", 1000.0),
        ):
            with self.subTest(name=name):
                self.assertEqual(self._booked(name), amount)
        for name in ("accountant", "employee", "portal"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                self._booked(name)

    def test_nobody_writes_the_ledger(self):
        row = self._rows("booked", source_id=self.order.id)[0]
        total = self.env["sales.credit.sum"].search([], limit=1)
        audit = (
            self.env["sales.credit.audit"]
            .sudo()
            .create({"kind": "manual", "state": "done"})
        )
        for name, user in self.people.items():
            for record, vals in (
                (row, {"amount": 1}),
                (total, {"amount": 1}),
                (audit, {"corrections": 0}),
            ):
                record = record.with_user(user)
                with self.subTest(name=name, model=record._name):
                    with self.assertRaises(AccessError):
                        record.write(vals)
                    with self.assertRaises(AccessError):
                        record.unlink()
                    with self.assertRaises(AccessError):
                        record.create(vals)

    def test_sums_and_audits_are_for_directors(self):
        for name, user in self.people.items():
            for model in ("sales.credit.sum", "sales.credit.audit"):
                records = self.env[model].with_user(user)
                with self.subTest(name=name, model=model):
                    if name == "director":
                        records.search([])
                    else:
                        with self.assertRaises(AccessError):
                            records.search([])

    def test_metrics_are_defined_by_directors(self):
        metric = self.env.ref("sales_process.metric_booked")
        for name, user in self.people.items():
            with self.subTest(name=name):
                if name == "director":
                    metric.with_user(user).name = "Booked orders"
                else:
                    with self.assertRaises(AccessError):
                        metric.with_user(user).name = "x"

    def test_shares_of_others(self):
        other = self._sold(user_id=self.bob.id, team_id=self.south.id)
        splits = self.env["sales.split"]
        with self.assertRaises(AccessError):
            splits.with_user(self.ann).create(
                {"order_id": other.id, "user_id": self.ann.id, "percent": 100}
            )
        self.assertTrue(
            splits.with_user(self.bob).create(
                {"order_id": other.id, "user_id": self.bob.id, "percent": 100}
            )
        )
        self.assertFalse(
            splits.with_user(self.ann).search([("order_id", "=", other.id)])
        )
        for name in ("accountant", "employee", "portal"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                splits.with_user(self.people[name]).search([])

    def test_orders_and_deals_open_for_whoever_has_no_shares(self):
        for name, shown in (("accountant", False), ("ann", True)):
            order = self.order.with_user(self.people[name])
            with self.subTest(name=name):
                self.assertEqual("sales_split_ids" in order.fields_get(), shown)
                order.get_view(view_type="form")
                order.client_order_ref = "Seen by " + name

    def test_companies_stay_apart(self):
        other = self.setup_other_company(name="Elsewhere")["company"]
        director = self.people["director"]
        director.company_ids |= other
        for model in ("sales.credit", "sales.credit.sum"):
            records = self.env[model].with_user(director)
            here = records.with_context(allowed_company_ids=self.company.ids)
            there = records.with_context(allowed_company_ids=other.ids)
            self.assertTrue(here.search([], limit=1))
            self.assertFalse(there.search([("company_id", "=", self.company.id)]))
