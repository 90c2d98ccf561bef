from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..common import LEADER, SalesProcessCommon


@tagged("post_install", "-at_install")
class TestTeamTree(SalesProcessCommon):
    """A leader sees the teams led and below; nobody else sees more than before."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deal = cls._deal()
        cls.order = cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "user_id": cls.rep_user.id,
                "team_id": cls.retail.id,
                "order_line": [
                    Command.create({"name": "Line", "display_type": "line_note"})
                ],
            }
        )

    def _sees(self, user, record):
        found = record.with_user(user).search([("id", "=", record.id)])
        return bool(found)

    def test_leaders_up_the_tree(self):
        self.assertEqual(
            self.retail.sales_manager_ids, self.leader_user | self.director_user
        )
        self.north.user_id = self.other_leader_user
        self.assertEqual(
            self.retail.sales_manager_ids, self.other_leader_user | self.director_user
        )
        self.retail.sales_parent_id = False
        self.assertFalse(self.retail.sales_manager_ids)

    def test_subtree_of_deals_and_orders(self):
        for record in (self.deal, self.order, self.order.order_line):
            for user, seen in (
                (self.rep_user, True),
                (self.leader_user, True),
                (self.director_user, True),
                (self.colleague_user, False),
                (self.stranger_user, False),
                (self.other_leader_user, False),
            ):
                self.assertEqual(
                    self._sees(user, record), seen, f"{record} as {user.name}"
                )

    def test_leading_without_our_group_widens_nothing(self):
        self.retail.user_id = self.colleague_user
        self.assertFalse(self._sees(self.colleague_user, self.deal))
        self.colleague_user.group_ids += self.env.ref("sales_process.group_leader")
        self.assertTrue(self._sees(self.colleague_user, self.deal))

    def test_leader_of_several_teams(self):
        self.assertFalse(self._sees(self.other_leader_user, self.deal))
        self.retail.user_id = self.other_leader_user
        other = self._deal("South deal", team_id=self.south.id)
        self.assertTrue(self._sees(self.other_leader_user, self.deal))
        self.assertTrue(self._sees(self.other_leader_user, other))

    def test_moved_team_moves_the_view_at_once(self):
        self.retail.sales_parent_id = self.south
        self.assertFalse(self._sees(self.leader_user, self.deal))
        self.assertTrue(self._sees(self.other_leader_user, self.deal))

    def test_no_circle(self):
        with self.assertRaises(ValidationError):
            self.world.sales_parent_id = self.retail

    def test_other_company_stays_hidden(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        team = self.env["crm.team"].create(
            {
                "name": "Elsewhere",
                "company_id": company.id,
                "user_id": False,
            }
        )
        deal = self._deal(user_id=False, team_id=team.id, company_id=company.id)
        self.assertEqual(deal.company_id, company)
        self.assertFalse(self._sees(self.leader_user, deal))
        self.assertFalse(self._sees(self.director_user, deal))
        with self.assertRaises(UserError):
            team.write({"sales_parent_id": self._company_team().id})

    def _company_team(self):
        self.north.company_id = self.company
        return self.north

    def test_accountant_and_portal_see_no_pipeline(self):
        for user in (self.accountant_user, self.portal_user):
            with self.assertRaises(AccessError):
                self.env["crm.lead"].with_user(user).search([])

    def test_groups_follow_odoos_own(self):
        rep, leader, director, designer = (
            self.env.ref(f"sales_process.group_{name}")
            for name in ("rep", "leader", "director", "designer")
        )
        manager = new_test_user(self.env, "sp_manager", "sales_team.group_sale_manager")
        self.assertTrue(rep | leader | director | designer <= manager.all_group_ids)
        seller = new_test_user(self.env, "sp_seller", "sales_team.group_sale_salesman")
        self.assertIn(rep, seller.all_group_ids)
        self.assertFalse((leader | director | designer) & seller.all_group_ids)
        lead = new_test_user(self.env, "sp_lead", LEADER)
        self.assertFalse(
            self.env.ref("sales_team.group_sale_salesman_all_leads")
            & lead.all_group_ids
        )
