import random
import re
from unittest.mock import patch

import psycopg2.errors

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, mute_logger, tagged
from odoo.tools import SQL

from .customer_territory_common import TerritoryCommon

LOGGER = "odoo.addons.sales_process.models.customer.sales_territory_assignment"


@tagged("post_install", "-at_install")
class TestTerritoryHolders(TerritoryCommon):
    """Customers and deals get their territory at once, and say why."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.north = cls._territory("North", cls._codes("20000", "20999"))
        cls.south = cls._territory("South", cls._codes("80000", "89999"))
        cls.buyer = cls._customer("Buyer", zip="20095")
        cls.person = cls.env["res.partner"].create(
            {"name": "Person", "parent_id": cls.buyer.id, "zip": "80331"}
        )
        cls.deal = cls._deal(partner_id=cls.person.id)

    def test_customers_contacts_and_deals(self):
        for record in (self.buyer, self.person, self.deal):
            self.assertEqual(record.sales_territory_id, self.north)
        self.buyer.zip = "80331"
        for record in (self.buyer, self.person, self.deal):
            self.assertEqual(record.sales_territory_id, self.south)
        self.person.parent_id = False
        self.person.country_id = False
        for record in (self.person, self.deal):
            self.assertFalse(record.sales_territory_id)

    def test_deals_without_customer_go_by_their_own_address(self):
        deal = self._deal(partner_id=False, country_id=self.germany.id, zip="20 095")
        self.assertEqual(deal.sales_territory_id, self.north)
        deal.zip = "30000"
        self.assertFalse(deal.sales_territory_id)
        deal.partner_id = self.buyer
        self.assertEqual(deal.sales_territory_id, self.north)

    def test_why(self):
        for record, note in (
            (self.buyer, "Postcode 20095 lies in 20000-20999 of North."),
            (self.person, "Postcode 20095 lies in 20000-20999 of North."),
            (
                self.deal,
                "As the customer: Postcode 20095 lies in 20000-20999 of North.",
            ),
            (self._customer(zip="30000"), "No rule fits."),
            (
                self._deal(partner_id=False, country_id=self.germany.id, zip="20095"),
                "Postcode 20095 lies in 20000-20999 of North.",
            ),
        ):
            self.assertEqual(record.sales_territory_note, note)

    def test_why_by_the_other_kinds(self):
        france = self.france
        group = self._customer("Group", country=france)
        daughter = self._customer("Daughter", country=france, parent_id=group.id)
        place = {"country": france, "industry_id": self.cars.id}
        for rule, customer, note in (
            (
                {"country_ids": france},
                self._customer(country=france),
                "Country France belongs to Test.",
            ),
            (
                {"industry_ids": self.cars},
                self._customer(**place),
                "Industry Test Cars belongs to Test.",
            ),
            (
                {"industry_ids": self.cars, "country_ids": france},
                self._customer(**place),
                "Industry Test Cars in France belongs to Test.",
            ),
            (
                {"state_ids": self.hamburg},
                self._customer(state_id=self.hamburg.id),
                "State Test Hamburg belongs to Test.",
            ),
            (
                {"state_ids": self.bremen, "industry_ids": self.cars},
                self._customer(state_id=self.bremen.id, industry_id=self.cars.id),
                "State Test Bremen belongs to Test, and Test Cars fits as well.",
            ),
            ({"partner_ids": group}, group, "Group is a customer named by Test."),
            (
                {"partner_ids": group},
                daughter,
                "Daughter belongs to a customer named by Test: Group.",
            ),
        ):
            territory = self._territory("Test", rule)
            self._assign()
            self.assertEqual(customer.sales_territory_id, territory, note)
            self.assertEqual(customer.sales_territory_note, note)
            territory.active = False

    def test_by_hand(self):
        self.buyer.sales_territory_id = self.south
        for record in (self.buyer, self.person, self.deal):
            self.assertEqual(record.sales_territory_id, self.south)
        self.assertTrue(self.buyer.sales_territory_manual)
        self.assertTrue(self.person.sales_territory_manual)
        self.assertFalse(self.deal.sales_territory_manual)
        self.assertEqual(
            self.buyer.sales_territory_note,
            "Chosen by hand. By the rules: North. Postcode 20095 lies in 20000-20999 "
            "of North.",
        )
        self.buyer.zip = "20097"
        self._assign()
        self.assertEqual(self.buyer.sales_territory_id, self.south)
        partners = self.env["res.partner"].search(
            [("sales_territory_manual", "=", True)]
        )
        self.assertIn(self.buyer, partners)
        self.buyer.action_sales_territory_by_rules()
        for record in (self.buyer, self.person, self.deal):
            self.assertEqual(record.sales_territory_id, self.north)
        self.assertFalse(self.buyer.sales_territory_manual)
        partners = self.env["res.partner"].search(
            [("sales_territory_manual", "=", True)]
        )
        self.assertNotIn(self.buyer, partners)

    def test_a_deal_by_hand(self):
        self.deal.sales_territory_id = self.south
        self.assertTrue(self.deal.sales_territory_manual)
        self.buyer.zip = "20097"
        self._assign()
        self.assertEqual(self.deal.sales_territory_id, self.south)
        self.assertEqual(self.buyer.sales_territory_id, self.north)
        self.deal.sales_territory_id = False  # emptied: the rules again
        self.assertEqual(self.deal.sales_territory_id, self.north)
        self.assertFalse(self.deal.sales_territory_manual)

    def test_created_by_hand(self):
        buyer = self._customer(zip="20095", sales_territory_id=self.south.id)
        self.assertTrue(buyer.sales_territory_manual)
        self.assertEqual(buyer.sales_territory_id, self.south)
        same = self._customer(zip="20095", sales_territory_id=self.north.id)
        self.assertFalse(same.sales_territory_manual)
        same.zip = "80331"
        self.assertEqual(same.sales_territory_id, self.south)

    def test_by_hand_is_put_on_record(self):
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.deal.sales_territory_id = self.south
        self.env.flush_all()
        self.env.cr.precommit.run()
        tracked = self.deal.message_ids.tracking_value_ids
        tracked = tracked.filtered(
            lambda value: value.field_id.name == "sales_territory_manual_id"
        )
        self.assertEqual(tracked.new_value_char, "South")

    def test_contacts_follow(self):
        with self.assertRaises(UserError) as caught:
            self.person.sales_territory_id = self.south
        self.assertIn("Choose the territory there", str(caught.exception))
        self.person.action_sales_territory_by_rules()  # of the customer

    def test_a_territory_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        foreign = self._territory("Foreign", company_id=other.id)
        with self.assertRaises(UserError) as caught:
            self.deal.write(
                {"company_id": self.company.id, "sales_territory_id": foreign.id}
            )
        self.assertIn("not for the company", str(caught.exception))

    def test_an_archived_choice_counts_no_more(self):
        west = self._territory("West")
        self.buyer.sales_territory_id = west
        west.active = False
        self._assign()
        self.assertEqual(self.buyer.sales_territory_id, self.north)
        self.assertFalse(self.buyer.sales_territory_manual)

    def test_deleting_a_choice(self):
        west = self._territory("West")
        self.buyer.sales_territory_id = west
        west.unlink()
        self.assertFalse(self.buyer.sales_territory_manual)
        self._assign()
        self.assertEqual(self.buyer.sales_territory_id, self.north)

    def test_forms(self):
        with Form(self.buyer) as form:
            form.zip = "80331"
            self.assertEqual(form.sales_territory_id, self.south)
        self.assertFalse(self.buyer.sales_territory_manual)
        with Form(self.buyer) as form:
            form.sales_territory_id = self.north
            self.assertTrue(form.sales_territory_manual)
            form.zip = "80333"
            self.assertEqual(form.sales_territory_id, self.north)
        self.assertTrue(self.buyer.sales_territory_manual)
        form = Form(self.env["res.partner"])
        form.name, form.country_id, form.zip = "New", self.germany, "20095"
        self.assertEqual(form.sales_territory_id, self.north)
        self.assertEqual(
            form.sales_territory_note, "Postcode 20095 lies in 20000-20999 of North."
        )
        self.assertFalse(form.save().sales_territory_manual)
        with Form(self.deal) as form:
            form.sales_territory_id = self.south
        self.assertTrue(self.deal.sales_territory_manual)

    def test_merging_customers(self):
        double = self._customer("Buyer double", zip="80331")
        self.buyer.sales_territory_id = self.south
        wizard = self.env["base.partner.merge.automatic.wizard"]
        double.email = self.buyer.email = "buyer@example.com"
        wizard._merge([double.id, self.buyer.id], double)
        self.assertEqual(double.sales_territory_id, self.south)

    def test_queries_do_not_grow(self):
        def create(number):
            partners = self.env["res.partner"].create(
                [
                    {
                        "name": f"Customer {index}",
                        "is_company": True,
                        "country_id": self.germany.id,
                        "zip": f"20{index:03}",
                    }
                    for index in range(number)
                ]
            )
            self.env.flush_all()
            return partners

        create(2)
        counts = []
        for number in (4, 8):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            partners = create(number)
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(partners.sales_territory_id, self.north)
        self.assertEqual(*counts)
        counts = []
        for zip_code in ("80331", "20095", "80331"):
            for records in (partners[:4], partners):
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                records.zip = zip_code
                self.env.flush_all()
                records.mapped("sales_territory_note")
                counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[-2], counts[-1])

    def test_deals_in_one_go(self):
        partners = self.env["res.partner"].create(
            [
                {"name": f"C {n}", "country_id": self.germany.id, "zip": "20095"}
                for n in range(8)
            ]
        )
        counts = []
        deals = self.env["crm.lead"].create(
            [{"name": "Deal", "partner_id": partner.id} for partner in partners]
        )
        for some in (deals[:4], deals[:4], deals):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env.add_to_compute(deals._fields["sales_territory_id"], some)
            some.flush_recordset(["sales_territory_id"])
            some.mapped("sales_territory_note")
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(some.sales_territory_id, self.north)
        self.assertEqual(counts[1], counts[2])


@tagged("post_install", "-at_install")
class TestTerritoryAssignment(TerritoryCommon):
    """The job that follows when rules change."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.runs = cls.env["sales.territory.assignment"]
        cls.runs.search([]).unlink()
        cls.cron = cls.env.ref("sales_process.customer_territory_cron")

    def _trigger(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_who_was_there_before(self):
        buyer = self._customer(zip="20095")
        contact = self.env["res.partner"].create(
            {"name": "Contact", "parent_id": buyer.id}
        )
        deal = self._deal(partner_id=contact.id)
        free = self._deal(partner_id=False, country_id=self.germany.id, zip="20095")
        self.assertFalse(self.runs.search([]))
        self.env.flush_all()
        north = self._territory("North", self._codes("20000", "20999"))
        self.assertEqual(self.runs.search([]).state, "waiting")
        self.assertTrue(north.assignment_due)
        self.assertFalse(buyer.sales_territory_id)
        self.assertIn("come", buyer.sales_territory_note)
        self._trigger()
        for record in (buyer, contact, deal, free):
            self.assertEqual(record.sales_territory_id, north)
        run = self.runs.search([])
        self.assertEqual(run.state, "done")
        self.assertEqual(run.progress, 100)
        self.assertEqual((run.partner_count, run.lead_count), (2, 2))
        self.assertEqual(run.done_count, run.total_count)
        self.assertFalse(north.assignment_due)

    def test_what_announces_a_run(self):
        north = self._territory("North", self._codes("20000", "20999"))
        for change in (
            lambda: north.rule_ids.write({"zip_to": "20500"}),
            lambda: north.write({"active": False}),
            lambda: north.write({"active": True}),
            lambda: north.rule_ids.copy(),
            lambda: north.rule_ids[0].unlink(),
            lambda: north.web_resequence({}),
            lambda: north.unlink(),
        ):
            self.runs.search([]).unlink()
            change()
            self.assertEqual(self.runs.search([]).state, "waiting")
        self.runs.search([]).unlink()
        other = self._territory("Other")
        self.runs.search([]).unlink()
        other.notes = "Nothing that decides"
        self.assertFalse(self.runs.search([]))

    def test_it_goes_on_where_it_was(self):
        buyers = self.env["res.partner"].union(
            *(self._customer(f"C {n}", zip="20095") for n in range(5))
        )
        self.env.flush_all()
        north = self._territory("North", self._codes("20000", "20999"))
        run = self.runs._begin()
        run.last_id = buyers[0].id - 1
        self.assertEqual(run._step(size=2), 2)
        self.env.invalidate_all()
        self.assertEqual(
            [partner.sales_territory_id.name for partner in buyers],
            ["North", "North", False, False, False],
        )
        self.assertEqual(run.last_id, buyers[1].id)
        run._run()
        self.env.invalidate_all()
        self.assertEqual(buyers.sales_territory_id, north)
        self.assertEqual(run.partner_count, 5)

    def test_only_what_changed_is_written(self):
        buyer, other = self._customer(zip="20095"), self._customer(zip="30000")
        self._territory("North", self._codes("20000", "20999"))
        self._assign()
        rows = SQL(
            "SELECT id, ctid::text, write_uid FROM res_partner WHERE id IN %s",
            (buyer.id, other.id),
        )
        before = self.env.execute_query(rows)
        run = self._assign()
        self.assertEqual(self.env.execute_query(rows), before)
        self.assertFalse(run.partner_count + run.lead_count)

    def test_now(self):
        territory = self._territory("North", {"country_ids": self.germany})
        for user in (self.rep_user, self.leader_user, self.accountant_user):
            with self.assertRaises(AccessError):
                territory.with_user(user).action_assign_now()
        action = territory.with_user(self.director_user).action_assign_now()
        run = self.runs.browse(action["res_id"])
        self.assertEqual(run.state, "running")
        again = territory.with_user(self.director_user).action_assign_now()
        self.assertEqual(again["res_id"], run.id)
        # What changes meanwhile needs another run.
        territory.rule_ids.country_ids = self.france
        self.assertEqual(self.runs.search_count([("state", "=", "waiting")]), 1)
        self._trigger()
        self.assertEqual(run.state, "done")
        self.assertTrue(territory.assignment_due)

    def test_by_night(self):
        self._trigger()
        self.assertFalse(self.runs.search([]))  # no rules, nothing to do
        self._territory("North", {"country_ids": self.germany})
        self._trigger()
        self.assertEqual(self.runs.search([]).mapped("state"), ["done"])
        self._trigger()
        self.assertEqual(len(self.runs.search([])), 1)
        self.runs.search([]).date_start = self._days_ago(1)
        self._trigger()
        self.assertEqual(len(self.runs.search([])), 2)

    def test_a_conflict_is_tried_again(self):
        buyer = self._customer(zip="20095")
        north = self._territory("North", self._codes("20000", "20999"))
        step = type(self.runs)._step
        failures = [psycopg2.errors.SerializationFailure("changed meanwhile")] * 2

        def conflict(run, *args):
            if failures:
                raise failures.pop()
            return step(run, *args)

        with patch.object(type(self.runs), "_step", conflict):
            self._trigger()
        self.assertEqual(buyer.sales_territory_id, north)
        self.assertEqual(self.runs.search([]).state, "done")

    def test_a_failure_is_told(self):
        self._territory("North", {"country_ids": self.germany})

        def fail(run, *args):
            raise ZeroDivisionError("no such luck")

        with (
            patch.object(type(self.runs), "_step", fail),
            mute_logger(LOGGER),
        ):
            self._trigger()
        run = self.runs.search([])
        self.assertEqual((run.state, run.error), ("failed", "no such luck"))

    def test_at_once_and_in_bulk_agree_with_a_plain_reading(self):
        """Random territories and customers, judged rule by rule in Python."""
        dice = random.Random(20095)
        rules, customers = self._random_market(dice)
        self._assign()
        wanted = {
            customer: self._read_plainly(customer, rules) for customer in customers
        }
        self.assertGreater(len(set(wanted.values())), 8)
        for customer, territory in wanted.items():
            self.assertEqual(customer.sales_territory_id, territory)
        in_bulk = {customer: customer.sales_territory_id for customer in customers}
        self.env.add_to_compute(customers._fields["sales_territory_id"], customers)
        for customer, territory in in_bulk.items():
            self.assertEqual(customer.sales_territory_id, territory)

    def _random_market(self, dice):
        countries = [self.germany, self.france]
        states = [self.hamburg, self.bremen]
        industries = [self.cars, self.food]
        customers = self.env["res.partner"].union(
            *(
                self._customer(
                    f"C {n}",
                    country=dice.choice([*countries, self.usa]),
                    zip=dice.choice(["", "1", "2"]) + str(dice.randrange(100, 3000)),
                    state_id=dice.choice([*states, self.hamburg.browse()]).id,
                    industry_id=dice.choice([*industries, self.cars.browse()]).id,
                )
                for n in range(120)
            )
        )
        made = self.env["sales.territory"]
        for number in range(24):
            rule = {}
            if dice.random() < 0.5:
                low, high = sorted(dice.sample(range(100, 300), 2))
                rule |= self._codes(str(low), str(high), dice.choice(countries))
            elif dice.random() < 0.6:
                rule["country_ids"] = dice.choice(countries)
            if not rule and dice.random() < 0.5:
                rule["state_ids"] = dice.choice(states)
            if dice.random() < 0.4:
                rule["industry_ids"] = dice.choice(industries)
            if not rule:
                rule["partner_ids"] = dice.choice(customers)
            parent = dice.choice(made) if made and dice.random() < 0.4 else None
            made |= self._territory(f"T {number}", rule, parent=parent)
        return made.rule_ids, customers

    def _read_plainly(self, customer, rules):
        """The territory of a customer, from the description alone."""
        fitting = [rule for rule in rules if self._fits(customer, rule)]
        best = min(fitting, key=self._merit, default=None)
        return best.territory_id if best else self.env["sales.territory"]

    @staticmethod
    def _fits(customer, rule):
        code = re.sub("[^0-9A-Z]", "", customer.zip or "")
        return (
            (not rule.partner_ids or customer in rule.partner_ids)
            and (not rule.country_ids or customer.country_id in rule.country_ids)
            and (not rule.state_ids or customer.state_id in rule.state_ids)
            and (not rule.industry_ids or customer.industry_id in rule.industry_ids)
            and (
                not rule.zip_from
                or len(code) >= len(rule.zip_from)
                and int(rule.zip_from) <= int(code[: len(rule.zip_from)])
                and int(code[: len(rule.zip_from)]) <= int(rule.zip_to)
            )
        )

    @staticmethod
    def _merit(rule):
        criteria = [
            bool(rule.partner_ids),
            bool(rule.zip_from),
            bool(rule.state_ids),
            bool(rule.industry_ids and rule.country_ids),
            bool(rule.industry_ids),
            bool(rule.country_ids),
        ]
        territory, depth = rule.territory_id, 0
        while territory.parent_id:
            territory, depth = territory.parent_id, depth + 1
        filled = sum(criteria) - criteria[3]
        return (criteria.index(True), -depth, -filled, rule.territory_id.sequence)
