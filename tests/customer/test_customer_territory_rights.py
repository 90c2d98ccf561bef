from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from .customer_territory_common import TerritoryCommon


@tagged("post_install", "-at_install")
class TestTerritoryRights(TerritoryCommon):
    """Everybody inside reads territories; directors and administrators decide them."""

    rule_tested_models = {
        "sales.territory",
        "sales.territory.rule",
        "sales.territory.assignment",
        "sales.territory.try",
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager_user = new_test_user(
            cls.env, "sp_territory_manager", "sales_team.group_sale_manager"
        )
        cls.deciders = cls.director_user | cls.manager_user
        cls.readers = cls.rep_user | cls.leader_user | cls.accountant_user
        cls.readers |= cls.designer_user
        cls.territory = cls._territory(
            "North", cls._codes("20000", "29999"), team_id=cls.north.id
        )
        cls.lumber = cls._customer("Lumber", zip="20095")
        cls.env.flush_all()

    def test_everybody_inside_reads(self):
        for user in self.readers | self.deciders:
            territory = self.territory.with_user(user)
            [row] = territory.read(
                ["complete_name", "rule_summary", "overlap_warning", "assignment_due"]
            )
            self.assertEqual(row["rule_summary"], "20000–29999, Germany", user.name)
            self.assertEqual(territory.customer_count, 1, user.name)
            self.assertEqual(territory.rule_ids.zip_from, "20000")
            lumber = self.lumber.with_user(user)
            self.assertEqual(lumber.sales_territory_id.name, "North")
            self.assertIn("Postcode 20095", lumber.sales_territory_note)

    def test_who_writes(self):
        for user in self.deciders:
            territories = self.env["sales.territory"].with_user(user)
            mine = territories.create(
                {
                    "name": "Mine",
                    "rule_ids": [
                        Command.create({"country_ids": [Command.set(self.france.ids)]})
                    ],
                }
            )
            mine.name = "Still mine"
            mine.rule_ids.unlink()
            mine.unlink()
        for user in self.readers:  # the leader of its team included
            territory = self.territory.with_user(user)
            for attempt in (
                lambda t: t.write({"name": "Mine"}),
                lambda t: t.unlink(),
                lambda t: t.create({"name": "Mine"}),
                lambda t: t.copy(),
                lambda t: t.web_resequence({}),
                lambda t: t.rule_ids.write({"zip_to": "30000"}),
                lambda t: t.rule_ids.unlink(),
                lambda t: t.rule_ids.create({"territory_id": t.id}),
            ):
                with self.assertRaises(AccessError, msg=user.name):
                    attempt(territory)

    def test_runs(self):
        run = self.env["sales.territory.assignment"].search([], limit=1)
        for user in self.deciders:
            self.assertEqual(run.with_user(user).state, "waiting")
            for attempt in (
                lambda r: r.write({"state": "done"}),
                lambda r: r.unlink(),
                lambda r: r.create({}),
            ):
                with self.assertRaises(AccessError, msg=user.name):
                    attempt(run.with_user(user))
        for user in self.readers | self.portal_user:
            with self.assertRaises(AccessError, msg=user.name):
                run.with_user(user).read(["state"])

    def test_companies_apart(self):
        other = self.env["res.company"].create({"name": "Other"})
        foreign = self._territory(
            "Foreign", {"country_ids": self.france}, company_id=other.id
        )
        for user in self.readers | self.deciders:
            territories = self.env["sales.territory"].with_user(user)
            found = territories.search([("id", "in", (foreign | self.territory).ids)])
            self.assertEqual(found, self.territory, user.name)
            for record in (foreign, foreign.rule_ids):
                with self.assertRaises(AccessError, msg=user.name):
                    record.with_user(user).read(["company_id"])
        # A customer there can be looked at all the same.
        buyer = self._customer(country=self.france, company_id=other.id)
        self.rep_user.company_ids |= other
        partner = buyer.with_user(self.rep_user).with_context(
            allowed_company_ids=(self.company | other).ids
        )
        self.assertEqual(partner.sales_territory_id.name, "Foreign")

    def test_portal(self):
        self.portal_user.partner_id.parent_id = self.lumber
        user = self.portal_user
        for record in (self.territory, self.territory.rule_ids):
            with self.assertRaises(AccessError):
                record.with_user(user).read(["company_id"])
        partners = self.env["res.partner"].with_user(user)
        names = [
            name
            for name in self.env["res.partner"]._fields
            if "sales_territory" in name
        ]
        self.assertEqual(len(names), 4)
        self.assertFalse(set(names) & partners.fields_get().keys())
        for name in names:
            with self.assertRaises(AccessError, msg=name):
                partners.browse(self.lumber.id).read([name])
            with self.assertRaises(AccessError, msg=name):
                partners.search([(name, "!=", False)])
        with self.assertRaises(AccessError):
            partners.browse(user.partner_id.id).action_sales_territory_by_rules()
        with self.assertRaises(AccessError):
            self.env["sales.territory.try"].with_user(user).create({})

    def test_a_portal_user_may_move(self):
        """Saving one's own address asks the rules, without any right to them."""
        partner = self.portal_user.partner_id
        partner.write({"country_id": self.germany.id, "zip": "80331"})
        self.assertFalse(partner.sales_territory_id)
        partner.with_user(self.portal_user).sudo().zip = "20095"  # as the portal does
        self.assertEqual(partner.sales_territory_id, self.territory)

    def test_a_rep_chooses_for_own_deals(self):
        west = self._territory("West")
        deal = self._deal(partner_id=self.lumber.id)
        deal.with_user(self.rep_user).sales_territory_id = west
        self.assertEqual(deal.sales_territory_id, west)
        foreign = self._deal(user_id=self.stranger_user.id, team_id=self.south.id)
        with self.assertRaises(AccessError):
            foreign.with_user(self.rep_user).sales_territory_id = west
        with self.assertRaises(AccessError):
            foreign.with_user(self.rep_user).action_sales_territory_by_rules()

    def test_counts_are_what_a_person_may_see(self):
        inner = self._territory(
            "City", self._codes("20095", "20095"), parent=self.territory
        )
        self._deal(partner_id=self.lumber.id)
        self._deal(
            partner_id=self._customer("Late", zip="20095").id,
            user_id=self.stranger_user.id,
            team_id=self.south.id,
        )
        self._assign()
        for user, deals in ((self.rep_user, 1), (self.director_user, 2)):
            for territory in (self.territory, inner):
                territory = territory.with_user(user)
                self.assertEqual(territory.lead_count, deals, user.name)
                self.assertEqual(territory.customer_count, 2, user.name)
                action = territory.action_view_leads()
                self.assertEqual(
                    self.env["crm.lead"].with_user(user).search_count(action["domain"]),
                    deals,
                )
                action = territory.action_view_customers()
                self.assertEqual(
                    self.env["res.partner"]
                    .with_user(user)
                    .search_count(action["domain"]),
                    2,
                )
        self.assertEqual(self.territory.with_user(self.accountant_user).lead_count, 0)

    def test_try_a_customer(self):
        for user in self.readers | self.deciders:
            form = Form(self.env["sales.territory.try"].with_user(user))
            form.partner_id = self.lumber.with_user(user)
            self.assertEqual(form.territory_id.id, self.territory.id)
            self.assertEqual(form.note, "Postcode 20095 lies in 20000-29999 of North.")
            form.partner_id = self.customer.with_user(user)
            self.assertFalse(form.territory_id)
            self.assertEqual(form.note, "No rule fits.")
