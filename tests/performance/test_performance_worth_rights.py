from odoo.fields import Command
from odoo.tests import tagged

from ..common import DIRECTOR, LEADER
from .performance_worth_common import WorthCommon


@tagged("post_install", "-at_install")
class TestWorthRights(WorthCommon):
    """What one earns is personal."""

    rule_tested_models = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leader, cls.other_leader = (
            cls._make_person(f"worth_{name}", LEADER) for name in ("north", "south")
        )
        cls.director = cls._make_person("worth_director", DIRECTOR)
        cls.accountant = cls._make_person(
            "worth_accountant", "account.group_account_invoice"
        )
        cls.reader = cls._make_person(
            "worth_reader", "sales_team.group_sale_salesman_all_leads"
        )
        cls.portal = cls._make_person("worth_portal", "base.group_portal")
        cls.north.user_id = cls.leader
        cls.south.user_id = cls.other_leader
        cls.portal.partner_id.parent_id = cls.customer
        cls.deal = cls._worth_deal()
        cls.order = cls._quoted(1000.0)
        cls.order.message_subscribe(cls.portal.partner_id.ids)
        cls.records = (cls.deal, cls.order)

    def test_rep(self):
        for record in self.records:
            self.assertFalse(self.assertWorth(record, 50.0)["name"])

    def test_colleague(self):
        for user in (self.bob, self.reader):
            self._assign(user, self.commission)
            for record in self.records:
                self.assertIsNone(self._worth(record, user))
        draft = {"lines": [{"id": self.order.order_line.id}], "user_id": self.ann.id}
        order = self.order.with_user(self.reader)
        self.assertFalse(order.get_commission_draft(draft))

    def test_leader(self):
        for record in self.records:
            found = self.assertWorth(record, 50.0, self.leader)
            self.assertEqual(found["name"], self.ann.name)
            self.assertIsNone(self._worth(record, self.other_leader))

    def test_leader_who_is_paid_for_the_team(self):
        self._assign(
            self.leader, self.commission, role="override", team_id=self.north.id
        )
        found = self.assertWorth(self.deal, 50.0, self.leader, share=False)
        self.assertFalse(found["name"])

    def test_director(self):
        for record in self.records:
            found = self.assertWorth(record, 50.0, self.director)
            self.assertEqual(found["name"], self.ann.name)

    def test_accountant_and_portal(self):
        for user in (self.accountant, self.portal):
            for record in self.records:
                self.assertIsNone(self._worth(record, user))

    def test_no_plan_no_figure(self):
        self._retire_plan()
        for record in self.records:
            self.assertIsNone(self._worth(record))
            self.assertIsNone(self._worth(record, self.director))

    def test_somebody_on_top(self):
        self._assign(self.bob, self.commission)
        self.deal.sales_split_ids = [
            Command.create({"user_id": self.ann.id, "percent": 100}),
            Command.create({"user_id": self.bob.id, "percent": 50, "is_overlay": True}),
        ]
        # Those who earn part of a deal are told of it where they may see it
        self.assertWorth(self.deal, 50.0)
        self.deal.user_id = self.bob
        self.assertWorth(self.deal, 25.0, self.bob, share=50.0)

    def test_nothing_is_kept(self):
        """No field of the documents holds it: no list, export or thread shows it."""
        for record in self.records:
            names = [name for name in record._fields if "commission" in name]
            self.assertFalse(names)
            before = len(record.message_ids)
            self._worth(record)
            self.assertEqual(len(record.message_ids), before)
