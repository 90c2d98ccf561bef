from odoo.fields import Command, Date
from odoo.tests import tagged

from .customer_common import CustomerCommon


@tagged("post_install", "-at_install")
class TestCustomerClass(CustomerCommon):
    """What customers are judged by, counted by hand on 15 June 2024."""

    def test_classes_and_scores(self):
        """700 200 60 40 of 1,000: they begin at 0, 70, 90 and 96 %."""
        ann, bob, cid, dan, eva, fay = customers = [
            self._customer(name) for name in ("Ann", "Bob", "Cid", "Dan", "Eva", "Fay")
        ]
        self._invoice(ann, 300, "2024-03-01")
        self._invoice(ann, 400, "2024-06-01")
        self._invoice(bob, 200, "2024-06-15")
        self._invoice(cid, 60, "2024-01-10")
        self._invoice(dan, 40, "2023-06-16")  # the first day of the window
        self._invoice(eva, 5000, "2023-06-15")  # a day too early
        counts = self._judge()
        self.assertEqual(counts, {"a": 2, "b": 1, "c": 1, "former": 1})
        self.assertEqual(
            [
                (
                    partner.sales_customer_class,
                    partner.sales_recency_score,
                    partner.sales_frequency_score,
                    partner.sales_monetary_score,
                    partner.sales_customer_revenue,
                )
                for partner in customers
            ],
            [
                ("a", 4, 5, 5, 700.0),
                ("a", 5, 2, 4, 200.0),
                ("b", 2, 2, 2, 60.0),
                ("c", 1, 2, 1, 40.0),
                ("former", 0, 0, 0, 0.0),
                (False, 0, 0, 0, 0.0),
            ],
        )
        self.assertEqual(ann.sales_customer_class_date, Date.to_date("2024-06-15"))
        self.assertFalse(fay.sales_customer_class_date)

    def test_boundaries_are_those_of_the_company(self):
        ann, bob, cid = (self._customer(name) for name in ("Ann", "Bob", "Cid"))
        for partner, amount in ((ann, 70), (bob, 20), (cid, 10)):
            self._invoice(partner, amount, "2024-06-01")
        self.seller.sales_class_share_a = 70
        self._judge()
        self.assertEqual(self._classes((ann, bob, cid)), ["a", "b", "b"])
        self.seller.write({"sales_class_share_a": 50, "sales_class_share_ab": 90})
        self._judge()
        self.assertEqual(self._classes((ann, bob, cid)), ["a", "b", "c"])

    def test_window(self):
        ann = self._customer("Ann")
        self._invoice(ann, 100, "2024-02-29")
        self.seller.sales_class_months = 1
        self._judge("2024-03-28 12:00:00")
        self.assertEqual(ann.sales_customer_class, "a")
        # The month until 29 March begins on 1 March, the day after 29 February.
        self._judge("2024-03-29 12:00:00")
        self.assertEqual(ann.sales_customer_class, "former")

    def test_days_are_those_of_the_company(self):
        """23:30 UTC on 15 June 2024 is the 16th in Tokyo, and the window moves on."""
        ann = self._customer("Ann")
        self._invoice(ann, 100, "2023-06-16")
        self._judge("2024-06-15 23:30:00")
        self.assertEqual(ann.sales_customer_class, "a")
        self.seller.resource_calendar_id.tz = "Asia/Tokyo"
        self._judge("2024-06-15 23:30:00")
        self.assertEqual(ann.sales_customer_class, "former")

    def test_future_invoices_do_not_count_yet(self):
        ann, bob = self._customer("Ann"), self._customer("Bob")
        self._invoice(ann, 100, "2024-06-16")
        self._invoice(bob, 100, "2024-06-15")
        self._judge()
        self.assertEqual(self._classes((ann, bob)), [False, "a"])
        self.assertEqual(bob.sales_recency_score, 3)

    def test_what_is_no_revenue(self):
        """Neither drafts nor what was cancelled, bought or only credited."""
        ann, bob, cid, dan, eva = (
            self._customer(name) for name in ("Ann", "Bob", "Cid", "Dan", "Eva")
        )
        self._invoice(ann, 100, "2024-06-01", post=False)
        self._invoice(bob, 100, "2024-06-01").button_cancel()
        self._invoice(cid, 100, "2024-06-01", kind="in_invoice")
        self._invoice(dan, 100, "2024-06-01", kind="out_refund")
        self._invoice(eva, 100, "2024-06-01", kind="out_receipt")
        self.assertFalse(any(self._judge().values()))
        self.assertFalse(any(self._classes((ann, bob, cid, dan, eva))))

    def test_credit_notes_lower_the_revenue(self):
        """1000 - 900 < 200; 50 - 50 is nothing; 10 - 90 costs money."""
        ann, bob, cid, dan = (
            self._customer(name) for name in ("Ann", "Bob", "Cid", "Dan")
        )
        for partner, amount, back in (
            (ann, 1000, 900),
            (bob, 200, 0),
            (cid, 50, 50),
            (dan, 10, 90),
        ):
            self._invoice(partner, amount, "2024-06-01")
            if back:
                self._invoice(partner, back, "2024-06-02", kind="out_refund")
        self._judge()
        # 300 in all: Ann begins at 200, 67 %.
        self.assertEqual(self._classes((ann, bob, cid, dan)), ["a", "a", "c", "c"])
        self.assertEqual(
            [p.sales_customer_revenue for p in (ann, bob, cid, dan)],
            [100.0, 200.0, 0.0, -80.0],
        )
        self.assertEqual(
            [p.sales_monetary_score for p in (ann, bob, cid, dan)], [4, 5, 2, 1]
        )

    def test_a_late_credit_note_does_not_keep_a_customer(self):
        ann = self._customer("Ann")
        self._invoice(ann, 100, "2023-01-10")
        self._invoice(ann, 20, "2024-01-10", kind="out_refund")
        self._judge()
        self.assertEqual(ann.sales_customer_class, "former")

    def test_without_taxes_in_the_currency_of_the_company(self):
        """300 at 2 per dollar and 15 % tax are 150 dollars."""
        foreign = self.env["res.currency"].create({"name": "XTS", "symbol": "X"})
        self.env["res.currency.rate"].create(
            {
                "currency_id": foreign.id,
                "company_id": self.seller.id,
                "name": "2024-01-01",
                "rate": 2.0,
            }
        )
        tax = self.env["account.tax"].create({"name": "15 %", "amount": 15})
        ann, bob = self._customer("Ann"), self._customer("Bob")
        self._invoice(
            ann,
            300,
            "2024-06-01",
            currency_id=foreign.id,
            line={"tax_ids": [Command.set(tax.ids)]},
        )
        self._invoice(bob, 149.99, "2024-06-01")
        self._judge()
        self.assertEqual(ann.sales_customer_revenue, 150.0)
        self.assertEqual(bob.sales_customer_revenue, 149.99)
        self.assertEqual(bob.sales_monetary_score, 2)

    # === WHO THE CUSTOMER IS === #

    def test_contacts_follow_their_company(self):
        """Invoices to a contact are the company's, and its class is the contact's."""
        other = self._customer("Other")
        self._invoice(self.buyer, 100, "2024-06-01")
        self._invoice(other, 1, "2024-06-01")
        self._judge()
        self.assertEqual(self.customer.sales_customer_class, "a")
        self.assertEqual(self.buyer.sales_customer_class, "a")
        self.assertEqual(self.buyer.sales_monetary_score, 4)
        self.assertEqual(self.buyer.sales_customer_revenue, 100.0)
        young = self.env["res.partner"].create(
            {"name": "Young", "parent_id": self.customer.id}
        )
        self.assertEqual(young.sales_customer_class, "a")
        self.buyer.parent_id = other
        self.assertEqual(self.buyer.sales_customer_class, "c")
        self.buyer.parent_id = False
        self.assertFalse(self.buyer.sales_customer_class)
        # What was invoiced to the person then was the company's business.
        self._judge()
        self.assertEqual(self.customer.sales_customer_class, "a")
        self.assertFalse(self.buyer.sales_customer_class)

    def test_a_subsidiary_is_its_own_customer(self):
        daughter = self._customer("Daughter", parent_id=self.customer.id)
        self._invoice(daughter, 100, "2024-06-01")
        self._judge()
        self.assertEqual(daughter.sales_customer_class, "a")
        self.assertFalse(self.customer.sales_customer_class)

    def test_who_joins_a_company_brings_the_invoices(self):
        solo = self.env["res.partner"].create({"name": "Solo"})
        self._invoice(solo, 100, "2024-06-01")
        self._judge()
        self.assertEqual(solo.sales_customer_class, "a")
        solo.parent_id = self.customer
        self._judge()
        self.assertEqual(self.customer.sales_customer_class, "a")
        self.assertEqual(solo.sales_customer_revenue, 100.0)
        self.assertFalse(solo.sudo().sales_own_class)

    def test_search_and_group(self):
        self._invoice(self.customer, 100, "2024-06-01")
        self._judge()
        partners = self.env["res.partner"].with_user(self.rep_user)
        ours = [("id", "in", (self.customer | self.buyer).ids)]
        rep = self.rep_user.partner_id
        for domain, found in (
            ([("sales_customer_class", "=", "a")], True),
            ([("sales_customer_class", "in", ("a", "b"))], True),
            ([("sales_customer_class", "!=", False)], True),
            ([("sales_customer_class", "=", False)], False),
            ([("sales_customer_class", "!=", "a")], False),
            ([("sales_recency_score", ">=", 3)], True),
        ):
            expected = self.customer | self.buyer if found else partners
            self.assertEqual(partners.search(domain + ours), expected, domain)
            self.assertEqual(rep in partners.search(domain), not found, domain)
        self.assertEqual(
            partners._read_group(
                ["|", *ours, ("id", "=", rep.id)],
                ["sales_customer_class"],
                ["__count"],
            ),
            [("a", 2), (False, 1)],
        )

    def test_archived_customers_are_judged_too(self):
        self._invoice(self.customer, 100, "2024-06-01")
        self.customer.active = False
        self._judge()
        self.assertEqual(self.customer.sales_customer_class, "a")

    # === COMPANIES === #

    def test_each_company_judges_for_itself(self):
        second = self._create_company("Second")
        ann, bob = self._customer("Ann"), self._customer("Bob")
        self._invoice(ann, 900, "2024-06-01")
        self._invoice(bob, 10, "2024-06-01")
        self._invoice(bob, 500, "2024-06-01", company=second)
        self._judge()
        self.assertEqual(self._classes((ann, bob)), ["a", "c"])
        there = (ann | bob).with_company(second)
        self.assertEqual(self._classes(there), [False, False])
        self._judge(company=second)
        self.assertEqual(self._classes((ann, bob)), ["a", "c"])
        self.assertEqual(self._classes(there), [False, "a"])
        self.assertEqual(bob.sales_customer_revenue, 10.0)
        self.assertEqual(there[1].sales_customer_revenue, 500.0)
        partners = self.env["res.partner"]
        both = [("id", "in", (ann | bob).ids), ("sales_customer_class", "=", "a")]
        self.assertEqual(partners.search(both), ann)
        self.assertEqual(partners.with_company(second).search(both), bob)

    def test_note(self):
        self._invoice(self.customer, 100, "2024-06-01")
        self.assertFalse(self.buyer.sales_customer_class_note)
        self._judge()
        self.assertEqual(
            self.buyer.with_context(lang="en_US", tz="UTC").sales_customer_class_note,
            "Lumber Inc belongs to the customers who bring the first 80 % of the"
            " revenue of 12 months. Judged on 06/15/2024.",
        )
        self.assertFalse(self.rep_user.partner_id.sales_customer_class_note)
        note = self.seller._sales_class_note
        self.assertIn("the next 15 %", note("b", self.customer))
        self.assertIn("beyond the customers", note("c", self.customer))
        self.assertIn("not within 12 months", note("former", self.customer))
