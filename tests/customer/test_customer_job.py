from unittest.mock import patch

import psycopg2.errors

from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Date
from odoo.tests import freeze_time, mute_logger, tagged
from odoo.tools import SQL

from .customer_common import NOW, CustomerCommon

LOGGER = "odoo.addons.sales_process.models.customer.res_company"


@tagged("post_install", "-at_install")
class TestCustomerJob(CustomerCommon):
    """How and when customers are judged."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cron = cls.env.ref("sales_process.customer_class_cron")
        cls.companies = cls.env["res.company"].with_context(allowed_company_ids=False)

    def _rows(self, partners):
        """Where the rows lie: writing one moves it."""
        return self.env.execute_query(
            SQL(
                "SELECT id, ctid::text FROM res_partner WHERE id = ANY (%s)",
                partners.ids,
            )
        )

    def _run(self):
        self.env.flush_all()
        with self.enter_registry_test_mode(), freeze_time(NOW):
            self.cron.method_direct_trigger()
        self.env.invalidate_all()

    # === WHAT IS WRITTEN === #

    def test_only_what_changed_is_written(self):
        ann, bob = self._customer("Ann"), self._customer("Bob")
        self._invoice(ann, 900, "2024-06-01")
        self._invoice(bob, 10, "2024-06-01")
        self._judge()
        before = self._rows(ann | bob | self.customer)
        self._judge()
        self.assertEqual(self._rows(ann | bob | self.customer), before)
        # Ann stays best in everything, with more revenue.
        self._invoice(ann, 50, "2024-06-01")
        self.env.flush_all()
        before = dict(self._rows(ann | bob | self.customer))
        self._judge()
        after = dict(self._rows(ann | bob | self.customer))
        self.assertNotEqual(before.pop(ann.id), after.pop(ann.id))
        self.assertNotEqual(before.pop(bob.id), after.pop(bob.id))  # less often now
        self.assertEqual(before, after)

    def test_a_class_dates_from_its_change(self):
        ann, bob = self._customer("Ann"), self._customer("Bob")
        self._invoice(ann, 900, "2024-01-01")
        self._invoice(bob, 10, "2024-01-01")
        self._judge("2024-01-02 12:00:00")
        self._invoice(bob, 20, "2024-02-01")
        self._judge("2024-02-02 12:00:00")
        self.assertEqual(bob.sales_customer_class, "c")
        self.assertEqual(bob.sales_customer_revenue, 30.0)
        self.assertEqual(bob.sales_customer_class_date, Date.to_date("2024-01-02"))
        self._invoice(bob, 900, "2024-03-01")
        self._judge("2024-03-02 12:00:00")
        self.assertEqual(bob.sales_customer_class_date, Date.to_date("2024-03-02"))
        self.assertEqual(ann.sales_customer_class_date, Date.to_date("2024-01-02"))

    def test_whoever_never_bought_any_more_loses_the_class(self):
        ann = self._customer("Ann")
        move = self._invoice(ann, 900, "2024-06-01")
        self._judge()
        self.assertEqual(ann.sales_customer_class, "a")
        move.button_draft()
        self._judge()
        self.assertFalse(ann.sales_customer_class)
        self.assertFalse(ann.sales_customer_class_date)
        self.env.cr.execute(
            SQL("SELECT sales_own_class FROM res_partner WHERE id = %s", ann.id)
        )
        self.assertEqual(self.env.cr.fetchall(), [(None,)])

    def test_judging_edits_nobody(self):
        ann = self._customer("Ann")
        self._invoice(ann, 900, "2024-06-01")
        self.env.flush_all()
        self.env.cr.execute(
            SQL("UPDATE res_partner SET write_uid = NULL WHERE id = %s", ann.id)
        )
        self._judge()
        self.assertFalse(ann.write_uid)

    def test_queries_do_not_grow(self):
        counts = []
        for number in (1, 3, 6):  # the first fills the caches
            for index in range(number):
                partner = self._customer(f"Customer {index}")
                self._invoice(partner, 10 + index, "2024-06-01")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self._judge()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    def test_reading_a_list_does_not_ask_for_each(self):
        names = [
            "sales_customer_class",
            "sales_recency_score",
            "sales_customer_revenue",
        ]
        partners = [self._customer(f"Customer {index}") for index in range(8)]
        self._invoice(partners[0], 10, "2024-06-01")
        self._judge()
        counts = []
        for number in (4, 4, 8):
            self.env.invalidate_all()
            self.rep_user.mapped("partner_id.tz")
            ids = [partner.id for partner in partners[:number]]
            before = self.env.cr.sql_log_count
            self.env["res.partner"].with_user(self.rep_user).browse(ids).read(
                [*names, "sales_customer_class_note"]
            )
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])

    # === THE CRON === #

    def test_all_companies(self):
        second = self._create_company("Second")
        ann, bob = self._customer("Ann"), self._customer("Bob")
        self._invoice(ann, 900, "2024-06-01")
        self._invoice(bob, 900, "2024-06-01", company=second)
        self._run()
        self.assertEqual(ann.sales_customer_class, "a")
        self.assertEqual(bob.with_company(second).sales_customer_class, "a")
        companies = self.env["res.company"].search([])
        self.assertFalse(any(companies.mapped("sales_class_pending")))
        self.assertTrue(all(companies.mapped("sales_class_date")))

    def test_a_failing_company_stops_no_other(self):
        second = self._create_company("Second")
        ann, bob = self._customer("Ann"), self._customer("Bob")
        self._invoice(ann, 900, "2024-06-01")
        self._invoice(bob, 900, "2024-06-01", company=second)
        judge = type(second)._sales_judge_customers

        def fail_for_the_first(company):
            counts = judge(company)
            if company.id == self.seller.id:
                raise ZeroDivisionError("no such luck")
            return counts

        target = "_sales_judge_customers"
        with (
            patch.object(type(second), target, fail_for_the_first),
            mute_logger(LOGGER),
        ):
            self._run()
        self.assertFalse(ann.sales_customer_class)
        self.assertEqual(bob.with_company(second).sales_customer_class, "a")
        self.assertEqual(self.seller.sales_class_error, "no such luck")
        self.assertFalse(self.seller.sales_class_pending)
        self.assertFalse(second.sales_class_error)
        self._run()
        self.assertEqual(ann.sales_customer_class, "a")
        self.assertFalse(self.seller.sales_class_error)

    def test_a_conflict_is_tried_again(self):
        ann = self._customer("Ann")
        self._invoice(ann, 900, "2024-06-01")
        judge = type(self.seller)._sales_judge_customers
        failures = [psycopg2.errors.SerializationFailure("changed meanwhile")] * 2

        def conflict(company):
            counts = judge(company)
            if company.id == self.seller.id and failures:
                raise failures.pop()
            return counts

        with patch.object(type(self.seller), "_sales_judge_customers", conflict):
            self._run()
        self.assertEqual(ann.sales_customer_class, "a")
        self.assertFalse(self.seller.sales_class_error)

    def test_what_was_left_behind_comes_first(self):
        """A run that was cut short does not begin again with the others."""
        second = self._create_company("Second")
        self.env["res.company"].search([]).sales_class_date = False
        second.sales_class_pending = True
        self._run()
        self.assertTrue(second.sales_class_date)
        self.assertFalse(self.seller.sales_class_date)
        self._run()
        self.assertTrue(self.seller.sales_class_date)

    # === SETTINGS === #

    def test_new_settings_judge_again(self):
        triggers = self.env["ir.cron.trigger"]
        triggers.search([]).unlink()
        self.seller.name = "Vendor"
        self.assertFalse(triggers.search([("cron_id", "=", self.cron.id)]))
        self.assertFalse(self.seller.sales_class_pending)
        self.env["res.config.settings"].create({"sales_class_months": 6}).execute()
        self.assertEqual(self.seller.sales_class_months, 6)
        self.assertTrue(self.seller.sales_class_pending)
        self.assertTrue(triggers.search([("cron_id", "=", self.cron.id)]))

    def test_bad_settings(self):
        for values, words in (
            ({"sales_class_months": 0}, "from 1 to 120"),
            ({"sales_class_months": -1}, "from 1 to 120"),
            ({"sales_class_months": 121}, "from 1 to 120"),
            ({"sales_class_share_a": 0}, "above 0"),
            ({"sales_class_share_a": 95}, "a larger one"),
            ({"sales_class_share_ab": 80}, "a larger one"),
            ({"sales_class_share_ab": 100.5}, "at most 100"),
        ):
            with self.assertRaises(ValidationError, msg=str(values)) as caught:
                self.seller.write(values)
            self.assertIn(words, str(caught.exception), values)
        self.seller.write({"sales_class_share_a": 50, "sales_class_share_ab": 100})
        self.seller.sales_class_months = 120

    def test_compute_now(self):
        ann = self._customer("Ann")
        self._invoice(ann, 900, "2024-06-01")
        self.seller.sales_class_error = "no such luck"
        settings = self.env["res.config.settings"]
        for user in (self.rep_user, self.leader_user, self.accountant_user):
            with self.assertRaises(AccessError):
                settings.with_user(user).action_sales_judge_customers()
        self.assertFalse(ann.sales_customer_class)
        with freeze_time(NOW):
            action = settings.with_user(
                self.director_user
            ).action_sales_judge_customers()
        self.assertIn("Seller: 1 in class A, 0 in B", action["params"]["message"])
        self.env.invalidate_all()
        self.assertEqual(ann.sales_customer_class, "a")
        self.assertFalse(self.seller.sales_class_error)
