import psycopg2

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, mute_logger, tagged

from .customer_territory_common import TerritoryCommon


@tagged("post_install", "-at_install")
class TestTerritoryRules(TerritoryCommon):
    """Which territory gets a customer, and what is refused."""

    def _assertOrder(self, customer, *territories):
        """Each one gets the customer when those before it are gone."""
        for territory in territories:
            self.assertEqual(customer.sales_territory_id, territory)
            territory.active = False
            customer.zip = f"{customer.zip} "  # asks the rules anew
        self.assertFalse(customer.sales_territory_id)

    def test_the_order_of_kinds(self):
        """However the territories are ordered, the most telling rule wins."""
        buyer = self._customer(
            zip="20095", state_id=self.hamburg.id, industry_id=self.cars.id
        )
        country = self._territory("Country", {"country_ids": self.germany})
        industry = self._territory("Industry", {"industry_ids": self.cars})
        both = self._territory(
            "Both", {"industry_ids": self.cars, "country_ids": self.germany}
        )
        state = self._territory("State", {"state_ids": self.hamburg})
        codes = self._territory("Codes", self._codes("20000", "29999"))
        named = self._territory("Named", {"partner_ids": buyer})
        buyer.zip = "20097"
        self._assertOrder(buyer, named, codes, state, both, industry, country)

    def test_all_criteria_have_to_fit(self):
        self._territory(
            "North cars", self._codes("20000", "29999", industry_ids=self.cars)
        )
        self.assertFalse(self._customer(zip="20095").sales_territory_id)
        self.assertFalse(
            self._customer(zip="20095", industry_id=self.food.id).sales_territory_id
        )
        self.assertFalse(
            self._customer(zip="30095", industry_id=self.cars.id).sales_territory_id
        )
        self.assertTrue(
            self._customer(zip="20095", industry_id=self.cars.id).sales_territory_id
        )

    def test_the_inner_territory_comes_first(self):
        north = self._territory("North", self._codes("2", "2"))
        city = self._territory("City", self._codes("200", "209"), parent=north)
        quarter = self._territory("Quarter", self._codes("20095", "20095"), parent=city)
        for code, wanted in (("25000", north), ("20100", city), ("20095", quarter)):
            self.assertEqual(self._customer(zip=code).sales_territory_id, wanted, code)

    def test_depth_counts_less_than_the_kind(self):
        world = self._territory("World", self._codes("20000", "20999"))
        inner = self._territory("Inner", {"country_ids": self.germany}, parent=world)
        self.assertEqual(self._customer(zip="20095").sales_territory_id, world)
        self.assertEqual(self._customer(zip="30095").sales_territory_id, inner)

    def test_who_asks_more_comes_first(self):
        self._territory("All", self._codes("20000", "29999"))
        cars = self._territory(
            "Cars", self._codes("20000", "29999", industry_ids=self.cars)
        )
        buyer = self._customer(zip="20095", industry_id=self.cars.id)
        self.assertEqual(buyer.sales_territory_id, cars)

    def test_then_the_list_decides(self):
        first = self._territory("First", {"country_ids": self.germany})
        second = self._territory("Second", {"country_ids": self.germany})
        self.assertEqual(self._customer().sales_territory_id, first)
        (second | first).web_resequence({})  # dragged to the top
        self.assertEqual(self._customer().sales_territory_id, second)

    def test_postcodes_as_people_write_them(self):
        numbers = self._territory("Numbers", self._codes("10000", "19999", self.usa))
        letters = self._territory("Letters", self._codes("ab1", "AB9", self.britain))
        mixed = self._territory("Mixed", self._codes("e c 1", "EC4", self.britain))
        for country, code, wanted in (
            (self.usa, "10000", numbers),
            (self.usa, "19999-1234", numbers),
            (self.usa, "20000", None),
            (self.usa, "09999", None),
            (self.usa, "1500", None),  # too short to tell
            (self.usa, False, None),
            (self.germany, "15000", None),
            (self.britain, "AB12 3CD", letters),
            (self.britain, "ab9 1aa", letters),
            (self.britain, "AB", None),
            (self.britain, "A B 5", letters),
            (self.britain, "AC1 1AA", None),
            (self.britain, "ec-2 4xy", mixed),
        ):
            buyer = self._customer(country=country, zip=code)
            self.assertEqual(
                buyer.sales_territory_id, wanted or numbers.browse(), (code, country)
            )
        self.assertEqual(mixed.rule_ids.zip_from, "EC1")

    def test_named_customers_bring_their_companies(self):
        group = self._customer("Group")
        daughter = self._customer("Daughter", parent_id=group.id)
        grandchild = self._customer("Grandchild", parent_id=daughter.id)
        contact = self.env["res.partner"].create(
            {"name": "Contact", "parent_id": grandchild.id}
        )
        other = self._customer("Other")
        named = self._territory("Named", {"partner_ids": group})
        self._assign()
        for partner in (group, daughter, grandchild, contact):
            self.assertEqual(partner.sales_territory_id, named, partner.name)
        self.assertFalse(other.sales_territory_id)
        late = self._customer("Late", parent_id=daughter.id)
        self.assertEqual(late.sales_territory_id, named)

    def test_naming_a_contact_names_the_customer(self):
        company = self._customer("Company")
        contact = self.env["res.partner"].create(
            {"name": "Contact", "parent_id": company.id}
        )
        named = self._territory("Named", {"partner_ids": contact})
        self._assign()
        self.assertEqual(company.sales_territory_id, named)

    def test_archived_territories_get_nobody(self):
        north = self._territory("North", {"country_ids": self.germany})
        north.active = False
        self.assertFalse(self._customer().sales_territory_id)

    def test_companies(self):
        """What is for one company gets its customers and deals alone."""
        other = self.env["res.company"].create({"name": "Other"})
        own = self._territory(
            "Own", {"country_ids": self.germany}, company_id=self.company.id
        )
        self.assertFalse(self._customer().sales_territory_id)
        buyer = self._customer(company_id=self.company.id)
        self.assertEqual(buyer.sales_territory_id, own)
        self.assertFalse(self._customer(company_id=other.id).sales_territory_id)
        # A customer of all companies; the deal is of one.
        shared = self._customer()
        deal = self._deal(partner_id=shared.id, company_id=self.company.id)
        self.assertEqual(deal.sales_territory_id, own)
        with self.assertRaises(ValidationError) as caught:
            self._territory("Inner", parent=own)
        self.assertIn("for both", str(caught.exception))

    # === THE TREE === #

    def test_names(self):
        north = self._territory("North")
        city = self._territory("City", parent=north)
        self.assertEqual(city.complete_name, "North / City")
        north.name = "South"
        self.assertEqual(city.complete_name, "South / City")
        self.assertEqual(city.display_name, "South / City")
        self.assertEqual(city.copy().name, "City (copy)")

    def test_the_list_reads_as_a_tree(self):
        north, south = self._territory("North"), self._territory("South")
        inner = self._territory("Inner", parent=north)
        mine = north | south | inner
        self.assertEqual(
            mine.search([("id", "in", mine.ids)]).mapped("name"),
            ["North", "Inner", "South"],
        )
        (south | north | inner).web_resequence({})
        self.assertEqual(
            mine.search([("id", "in", mine.ids)]).mapped("name"),
            ["South", "North", "Inner"],
        )
        inner.parent_id = south
        self.assertEqual(
            mine.search([("id", "in", mine.ids)]).mapped("name"),
            ["South", "Inner", "North"],
        )

    def test_no_circle(self):
        north = self._territory("North")
        city = self._territory("City", parent=north)
        for territory, parent in ((north, north), (north, city)):
            with self.assertRaises(ValidationError) as caught:
                territory.parent_id = parent
            self.assertIn("cannot lie in", str(caught.exception))
        self.assertFalse(north.parent_id)

    def test_deleting(self):
        north = self._territory("North", {"country_ids": self.germany})
        city = self._territory("City", parent=north)
        buyer = self._customer()
        with self.assertRaises(UserError) as caught:
            north.unlink()
        self.assertIn("“City” lies in “North”", str(caught.exception))
        (north | city).unlink()
        self.assertFalse(buyer.sales_territory_id)

    # === WHAT IS REFUSED === #

    def _assertRefused(self, rule, words):
        with self.assertRaises(ValidationError) as caught:
            self._territory("North", rule)
        self.assertIn(words, str(caught.exception))

    def test_bad_rules(self):
        self._assertRefused({}, "says nothing")
        self._assertRefused(self._codes("20000", "10000"), "end at 10000 before")
        self._assertRefused(self._codes("1", "19999"), "equally long")
        self._assertRefused(self._codes("10000", False), "only one end")
        self._assertRefused(self._codes(False, "10000"), "only one end")
        self._assertRefused(self._codes(" - ", "10000"), "only one end")
        self._assertRefused({"zip_from": "1", "zip_to": "2"}, "of which country")
        self._assertRefused(
            self._codes("1", "2", self.germany | self.france), "exactly one"
        )
        self._assertRefused(
            {"state_ids": self.hamburg, "country_ids": self.france},
            "is a state of Germany",
        )
        self._assertRefused(
            {"zip_to": "2", "country_ids": self.germany}, "only one end"
        )

    def test_changing_a_rule_into_nothing(self):
        north = self._territory("North", {"country_ids": self.germany})
        with self.assertRaises(ValidationError):
            north.rule_ids.country_ids = [Command.clear()]

    def test_the_database_keeps_rules_of_a_territory(self):
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.IntegrityError),
            self.env.cr.savepoint(),
        ):
            self.env["sales.territory.rule"].create(
                self._rule({"country_ids": self.germany})
            )

    # === OVERLAPS === #

    def test_overlaps_are_shown(self):
        north = self._territory("North", self._codes("20000", "29999"))
        south = self._territory("South", self._codes("25", "30"))
        self.assertEqual(
            north.overlap_warning,
            "Postcodes 20000–29999 overlap with 25–30 of “South”.",
        )
        self.assertIn("“North”", south.overlap_warning)

    def test_what_does_not_overlap(self):
        north = self._territory("North", self._codes("20000", "29999"))
        inner = self._territory("Inner", self._codes("20000", "20999"), parent=north)
        self._territory("France", self._codes("20000", "29999", self.france))
        self._territory("South", self._codes("30000", "39999"))
        self._territory("Old", self._codes("20000", "29999")).active = False
        cars = self._territory(
            "Cars", self._codes("70000", "79999", industry_ids=self.cars)
        )
        self._territory("Food", self._codes("70000", "79999", industry_ids=self.food))
        for territory in (north, inner, cars):
            self.assertFalse(territory.overlap_warning, territory.name)
        self._territory("All", self._codes("70000", "79999"))
        cars.invalidate_recordset(["overlap_warning"])  # as when it is looked at again
        self.assertIn("“All”", cars.overlap_warning)

    def test_overlaps_while_typing(self):
        self._territory("North", self._codes("20000", "29999"))
        form = Form(self.env["sales.territory"])
        form.name = "South"
        with form.rule_ids.new() as rule:
            rule.country_ids = self.germany
            rule.zip_from = "25 000"
        self.assertIn("“North”", form.overlap_warning)
        south = form.save()
        self.assertEqual(south.rule_ids.zip_from, "25000")
        self.assertEqual(south.rule_ids.zip_to, "25000")
        self.assertEqual(south.rule_ids.display_name, "25000–25000, Germany")
