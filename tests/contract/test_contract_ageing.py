from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .ageing_common import AgeingCommon


@tagged("post_install", "-at_install")
class TestContractAgeing(AgeingCommon):
    """One order by hand: what is due when, by contract and by invoice."""

    rule_tested_models = ("sales.excel",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._aged((100.0, 100), (200.0, 50), (300.0, 45))
        cls.never, cls.late, cls.paid, cls.ahead = cls.order._sorted_sales_plan()

    def setUp(self):
        super().setUp()
        self._invoice_on(self.late, 25)
        self._pay(self._invoice_on(self.paid, 45), 120.0)

    def test_instalments(self):
        """The day by contract is 30 days after it was to be invoiced."""
        for line, contract, outstanding, due, delay, days_late in (
            (self.never, -70, 100.0, 0.0, 0, 70),
            (self.late, -20, 200.0, 200.0, 25, 0),
            (self.paid, -15, 180.0, 180.0, 0, 15),
            (self.ahead, 40, 550.0, 0.0, 0, 0),
        ):
            with self.subTest(line=line.name):
                self.assertEqual(line.date_due_contract, self._day(contract))
                self.assertEqual(line.amount_outstanding, outstanding)
                self.assertEqual(line.amount_outstanding_company, outstanding)
                self.assertEqual(line.amount_due_company, due)
                self.assertEqual(line.invoicing_delay, delay)
                self.assertEqual(line.days_late, days_late)

    def test_both_ageings_and_their_difference(self):
        table = self._read()
        currency = self._only(table)
        self.assertEqual(len(table["buckets"]), 5)
        expected = {
            "contract": [550.0, 380.0, 0.0, 100.0, 0.0],
            "invoice": [200.0, 180.0, 0.0, 0.0, 0.0],
            "difference": [350.0, 200.0, 0.0, 100.0, 0.0],
            "not_invoiced": 650.0,
            "outstanding": 1030.0,
            "due": 380.0,
            "late_contract": 480.0,
            "late_invoice": 180.0,
            "own_delay": 300.0,
        }
        [row] = currency["rows"]
        self.assertEqual(row["name"], self.partner_a.display_name)
        for found in (row, currency["total"]):
            self.assertEqual({name: found[name] for name in expected}, expected)

    def test_days_sales_outstanding(self):
        """500.00 invoiced within 90 days, 380.00 of it open: 380 ÷ 500 × 90 = 68.4."""
        [row] = self._only(self._read())["rows"]
        self.assertEqual(row["dso"], 68.4)
        # Older sales do not count, what is open of them does: 480 ÷ 500 × 90.
        self._invoice_on(self.never, 95)
        currency = self._only(self._read())
        self.assertEqual(currency["rows"][0]["dso"], 86.4)
        self.assertEqual(currency["total"]["dso"], 86.4)

    def test_headlines(self):
        found = {
            headline["key"]: (headline["count"], headline["amounts"])
            for headline in self._read()["headlines"]
        }
        own = self.company.currency_id.id
        self.assertEqual(found["to_invoice"], (1, [(own, 100.0)]))
        self.assertEqual(found["overdue"], (1, [(own, 180.0)]))
        self.assertEqual(found["prepaid"], (0, []))
        self.assertEqual(found["invoiced_late"], (1, [(own, 200.0)]))

    def test_every_figure_opens_what_it_sums(self):
        self._aged((400.0, 200), user_id=False, partner_id=self.partner_b.id)
        for by in ("partner_id", "user_id", "team_id"):
            currency = self._only(self._read(by))
            for row in (*currency["rows"], {**currency["total"], "id": None}):
                for column, amount in self._cells(row):
                    with self.subTest(by=by, row=row["id"], column=column):
                        lines = self._lines(by, currency, column, row["id"])
                        measure = (
                            "amount_due_company"
                            if column.startswith("invoice")
                            else "amount_outstanding_company"
                        )
                        found = sum(lines.mapped(measure))
                        if column == "not_invoiced":
                            found -= sum(lines.mapped("amount_due_company"))
                        self.assertAlmostEqual(found, amount, 2)

    def _cells(self, row):
        for ageing in ("contract", "invoice"):
            for key, amount in zip(
                ("0", "1", "31", "61", "91"), row[ageing], strict=True
            ):
                yield f"{ageing}_{key}", amount
        yield "contract_late", row["late_contract"]
        yield "invoice_late", row["late_invoice"]
        yield "contract_total", row["outstanding"]
        yield "invoice_total", row["due"]
        yield "not_invoiced", row["not_invoiced"]

    def _lines(self, by, currency, column, group_id):
        action = self.receivables.get_receivables_action(
            {"by": by}, currency["currency_id"], column, group_id
        )
        self.assertEqual(action["res_model"], "sales.plan.line")
        return self.env["sales.plan.line"].search(action["domain"])

    def test_paid_is_gone(self):
        self._pay(self._newest(self.paid))
        [row] = self._only(self._read())["rows"]
        self.assertEqual(row["late_invoice"], 0.0)
        self.assertEqual(row["outstanding"], 850.0)

    def test_cancelled_orders_owe_nothing(self):
        other = self._aged((500.0, 10), partner_id=self.partner_b.id)
        other._action_cancel()
        self.assertEqual(len(self._only(self._read())["rows"]), 1)

    def test_quotations_owe_nothing(self):
        self._order(1150.0, confirm=False, partner_id=self.partner_b.id)
        self.assertEqual(len(self._only(self._read())["rows"]), 1)

    def test_edges_of_the_buckets(self):
        """Due today is not late; 30, 60 and 90 days are the last of their bucket."""
        self.order.sales_plan_line_ids.order_id._action_cancel()
        amounts = {0: 1, 1: 2, 30: 4, 31: 8, 60: 16, 61: 32, 90: 64, 91: 128}
        self._aged(
            *((float(amount), days) for days, amount in amounts.items()),
            (1150.0 - 255, -1),
            payment_term_id=False,
        )
        total = self._only(self._read())["total"]
        self.assertEqual(
            total["contract"], [1150.0 - 255 + 1, 2.0 + 4, 8.0 + 16, 32.0 + 64, 128.0]
        )
        for place, key in enumerate(("0", "1", "31", "61", "91")):
            lines = self._lines(
                "partner_id",
                {"currency_id": self.company.currency_id.id},
                f"contract_{key}",
                None,
            )
            self.assertEqual(sum(lines.mapped("amount")), total["contract"][place])

    def test_rows_by_people_and_teams(self):
        self._aged((400.0, 60), user_id=False, team_id=self.harbour.id)
        self._aged(
            (50.0, 60), user_id=self.people["stranger"].id, team_id=self.south.id
        )
        rows = {row["id"]: row for row in self._only(self._read("user_id"))["rows"]}
        self.assertEqual(
            {key: row["late_contract"] for key, row in rows.items()},
            {
                self.people["rep"].id: 480.0,
                False: 400.0,
                self.people["stranger"].id: 50.0,
            },
        )
        self.assertEqual(rows[False]["name"], "No salesperson")
        by_team = self._only(self._read("team_id", team_id=self.north.id))
        self.assertEqual(
            {row["name"]: row["late_contract"] for row in by_team["rows"]},
            {"North": 480.0, "Harbour": 400.0},
        )
        self.assertEqual(by_team["total"]["late_contract"], 880.0)
        self.assertEqual(by_team["rows"][0]["name"], "North", "the latest come first")

    def test_filter(self):
        domain = [("name", "=", self.late.name), ("order_id", "=", self.order.id)]
        table = self._read(domain=domain)
        self.assertEqual(self._only(table)["total"]["outstanding"], 200.0)
        self.assertFalse(table["has_dso"], "invoices know nothing of this filter")
        self.assertEqual(self._read(domain=[("id", "=", 0)])["currencies"], [])

    def test_foreign_currency(self):
        """2 of the foreign one are 1 of ours at the order, 4 when it is invoiced."""
        foreign = self._foreign()
        order = self._aged(
            (600.0, 40), currency_id=foreign.id, partner_id=self.partner_b.id
        )
        self.assertEqual(order.currency_id, foreign)
        first, last = order._sorted_sales_plan()
        self.assertEqual(first.amount_outstanding_company, 300.0)
        foreign.rate_ids = [
            Command.create(
                {"name": self._day(-20), "rate": 4.0, "company_id": self.company.id}
            )
        ]
        self._invoice_on(first, 15)
        self.assertEqual(first.amount_due_company, 150.0)
        self.assertEqual(last.amount_outstanding_company, 275.0)
        rows = {row["id"]: row for row in self._only(self._read())["rows"]}
        self.assertEqual(rows[self.partner_b.id]["outstanding"], 425.0)

    def _foreign(self):
        currency = self.env["res.currency"].create(
            {
                "name": "AGE",
                "symbol": "A",
                "rate_ids": [
                    Command.create(
                        {
                            "name": "2000-01-01",
                            "rate": 2.0,
                            "company_id": self.company.id,
                        }
                    )
                ],
            }
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Abroad", "currency_id": currency.id}
        )
        self.partner_b.with_company(self.company).property_product_pricelist = pricelist
        return currency

    def test_wrong_questions(self):
        own = self.company.currency_id.id
        for options in (
            {},
            {"by": "amount"},
            "x",
            {"by": "user_id", "domain": [("x", "=", 1)]},
        ):
            with self.subTest(options=options), self.assertRaises(UserError):
                self.receivables.get_receivables(options)
        options = {"by": "user_id"}
        for arguments in ((own, "contract_2"), (own, "id"), ("x", "contract_0")):
            with self.subTest(arguments=arguments), self.assertRaises(UserError):
                self.receivables.get_receivables_action(options, *arguments)

    def test_queries_do_not_grow(self):
        partners = self.env["res.partner"].create(
            [{"name": f"C{n}"} for n in range(12)]
        )
        counts = []
        self._read()  # what is read once is kept
        for some in (partners[:4], partners[4:]):
            for partner in some:
                self._aged((100.0, 40), partner_id=partner.id)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.receivables.get_receivables({"by": "partner_id"})
            counts.append(self.env.cr.sql_log_count - before)
        self.assertGreaterEqual(*counts)


@tagged("post_install", "-at_install")
class TestContractAgeingRoles(AgeingCommon):
    """Each sees what is theirs; invoices beyond instalments are for accountants."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._aged((100.0, 100))
        cls._aged((70.0, 100), user_id=cls.people["stranger"].id, team_id=cls.south.id)
        cls._aged((5.0, 100), user_id=cls.people["stranger"].id, team_id=cls.harbour.id)

    def test_who_sees_what(self):
        for name, late, has_dso in (
            ("rep", 100.0, False),
            ("leader", 105.0, False),
            ("director", 175.0, False),
            ("accountant", 175.0, True),
            ("auditor", 175.0, True),
        ):
            with self.subTest(name=name):
                table = self._read("team_id", user=name)
                self.assertEqual(self._only(table)["total"]["late_contract"], late)
                self.assertEqual(table["has_dso"], has_dso)

    def test_who_sees_nothing(self):
        with self.assertRaises(AccessError):
            self._read(user="employee")
        # A customer has own instalments to read, and nothing of a company.
        self.assertEqual(self._read_portal(), [])

    def _read_portal(self):
        try:
            return self._read(user="portal")["currencies"]
        except AccessError:
            return []

    def test_workbooks_are_of_who_asked(self):
        action = self._as("accountant").get_excel({"by": "partner_id"})
        made = self.env["sales.excel"].sudo().search([], order="id desc", limit=1)
        self.assertIn(str(made.id), action["url"])
        self.assertEqual(made.create_uid, self.people["accountant"])
        self.assertTrue(made.with_user(self.people["accountant"]).file)
        for name in ("rep", "director", "portal", "employee"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                made.with_user(self.people[name]).read(["file"])
        with self.assertRaises(AccessError):
            self._as("accountant", "sales.excel").create({"name": "x", "file": "eA=="})

    def test_companies_stay_apart(self):
        other = self.setup_other_company(name="Elsewhere")["company"]
        accountant = self.people["accountant"]
        table = (
            self.receivables.with_user(accountant)
            .with_context(allowed_company_ids=self.company.ids)
            .get_receivables({"by": "partner_id"})
        )
        self.assertEqual(self._only(table)["total"]["late_contract"], 175.0)
        accountant.company_ids |= other
        table = (
            self.receivables.with_user(accountant)
            .with_context(allowed_company_ids=other.ids)
            .get_receivables({"by": "partner_id"})
        )
        self.assertEqual(table["currencies"], [])
