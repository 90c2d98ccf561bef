from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..common import SalesProcessCommon


@tagged("post_install", "-at_install")
class TestProcessVersion(SalesProcessCommon):
    """A process that deals follow keeps its structure; its next version changes it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.agreed = cls._criterion(cls.p_meet, name="Agreed")
        cls.checked = cls._criterion(cls.p_prove, name="Checked")

    def _new_version(self, process=None, user=None):
        process = (process or self.process).with_user(user or self.designer_user)
        action = process.action_new_version()
        return process.browse(action["res_id"])

    # === STRUCTURE AND TEXTS === #

    def test_structure_is_fixed_once_deals_follow(self):
        self._deal()
        process = self.process.with_user(self.designer_user)
        meet, agreed = process.stage_ids[0], process.stage_ids[0].criterion_ids
        fresh = self.env["crm.stage"].create({"name": "Test Fresh"})
        stage = Command.update(meet.id, {"probability": 50})
        criterion = Command.update(agreed.id, {"severity": "soft"})
        attempts = {
            "currency": {"currency_id": self.env.ref("base.CHF").id},
            "nested stage": {"stage_ids": [stage]},
            "nested criterion": {
                "stage_ids": [Command.update(meet.id, {"criterion_ids": [criterion]})]
            },
            "new stage": {"stage_ids": [Command.create({"stage_id": fresh.id})]},
            "stage removed": {"stage_ids": [Command.delete(meet.id)]},
            "all stages removed": {"stage_ids": [Command.clear()]},
            "criterion removed": {
                "stage_ids": [
                    Command.update(
                        meet.id, {"criterion_ids": [Command.delete(agreed.id)]}
                    )
                ]
            },
        }
        for label, vals in attempts.items():
            with self.subTest(label), self.assertRaisesRegex(UserError, "New version"):
                process.write(vals)
        with self.assertRaisesRegex(UserError, "New version"):
            process.write({"state": "draft"})

    def test_stage_of_another_process_cannot_be_moved_in(self):
        self._deal()
        fresh = self.env["crm.stage"].create({"name": "Test Fresh"})
        other = self._create_process("Other", fresh, state="draft")
        with self.assertRaisesRegex(UserError, "New version"):
            other.stage_ids.with_user(self.designer_user).process_id = self.process
        criterion = self._criterion(other.stage_ids)
        with self.assertRaisesRegex(UserError, "New version"):
            criterion.with_user(self.designer_user).process_stage_id = self.p_meet

    def test_texts_and_material_stay_open(self):
        self._deal()
        process = self.process.with_user(self.designer_user)
        asset = self.env["sales.asset"].create(
            {"name": "A", "url": "https://a.example"}
        )
        process.write(
            {
                "name": "Renamed",
                "description": "For all",
                "team_ids": [Command.set(self.retail.ids)],
                "lead_domain": "[('priority', '=', '0')]",
                "stage_ids": [
                    Command.update(
                        self.p_meet.id,
                        {
                            "goal": "They want it",
                            "buyer_step": "Looks around",
                            "guidance": "<p>Listen.</p>",
                            "asset_ids": [Command.set(asset.ids)],
                            "criterion_ids": [
                                Command.update(
                                    self.agreed.id,
                                    {"name": "They agreed", "help": "Ask"},
                                )
                            ],
                        },
                    )
                ],
            }
        )
        self.assertEqual(self.p_meet.goal, "They want it")
        self.assertEqual(self.agreed.name, "They agreed")

    def test_structure_is_open_while_nobody_follows(self):
        self.p_meet.with_user(self.designer_user).probability = 20
        self.assertFalse(self.process.structure_locked)
        deal = self._deal()
        self.process.invalidate_recordset()
        self.assertTrue(self.process.structure_locked)
        deal.active = False
        self.process.invalidate_recordset()
        self.assertTrue(self.process.structure_locked, "Archived deals count too")

    def test_guard_does_not_trust_the_cache(self):
        self.assertFalse(self.process.in_use)
        self._deal()
        with self.assertRaisesRegex(UserError, "New version"):
            self.p_meet.probability = 30

    def test_copy_is_a_draft(self):
        """Two live processes with the same rules would compete for deals."""
        copy = self.process.copy()
        self.assertEqual((copy.name, copy.state), ("Test (copy)", "draft"))
        self.assertEqual(copy.stage_ids.stage_id, self.stages)
        self.assertFalse(copy.previous_version_id)

    # === VERSIONS === #

    def test_new_version_is_a_draft_with_the_same_content(self):
        self.p_meet.guidance = "<p>Listen.</p>"
        draft = self._new_version()
        self.assertEqual((draft.state, draft.version), ("draft", 2))
        self.assertEqual(draft.name, "Test")
        self.assertEqual(draft.display_name, "Test (version 2)")
        self.assertEqual(draft.stage_ids.stage_id, self.stages)
        self.assertEqual(draft.stage_ids[0].guidance, "<p>Listen.</p>")
        keys = draft.stage_ids.criterion_ids.mapped("key")
        self.assertEqual(keys, [self.agreed.key, self.checked.key])
        self.assertEqual(self._new_version(), draft, "There is one draft at a time")

    def test_publish_retires_the_version_before(self):
        self.company.sales_default_process_id = self.process
        old_deal = self._deal()
        draft = self._new_version()
        draft.action_publish()
        self.assertEqual((draft.state, self.process.state), ("live", "retired"))
        self.assertEqual(self.company.sales_default_process_id, draft)
        self.assertEqual(old_deal.sales_process_id, self.process)
        self.assertEqual(self._deal().sales_process_id, draft)

    def test_next_version_follows_the_newest(self):
        second = self._new_version()
        second.action_publish()
        third = self._new_version()  # from the first one, which is retired
        self.assertEqual(third.version, 3)
        self.assertEqual(third.previous_version_id, second)
        third.action_publish()
        self.assertEqual(second.state, "retired")

    def test_back_to_the_version_before(self):
        draft = self._new_version()
        draft.action_publish()
        self.company.sales_default_process_id = draft
        self.process.with_user(self.designer_user).action_publish()
        self.assertEqual((self.process.state, draft.state), ("live", "retired"))
        self.assertEqual(self.company.sales_default_process_id, self.process)

    def test_migrate_keeps_what_both_versions_ask(self):
        deal = self._deal()
        deal.with_user(self.leader_user).action_sales_waive(self.agreed.ids, "Seen it")
        deal.with_user(self.rep_user).action_sales_advance()
        done = self._deal("Done")
        done.with_user(self.leader_user).action_sales_waive(
            (self.agreed | self.checked).ids, "Seen it"
        )
        done.stage_id = self.won
        draft = self._new_version()
        added = self._criterion(draft.stage_ids[0], name="Added")
        draft.action_publish()
        self.assertEqual(draft.previous_lead_count, 1)
        draft.action_migrate_deals()
        self.assertEqual(deal.sales_process_id, draft)
        self.assertEqual(deal.sales_stage_id, draft.stage_ids[1])
        self.assertEqual(done.sales_process_id, self.process, "Won deals stay")
        unmet = deal._sales_unmet_criteria(self.close)[deal]
        self.assertEqual(unmet, added | draft.stage_ids[1].criterion_ids)
        draft.invalidate_recordset()
        self.assertEqual(draft.previous_lead_count, 0)

    def test_migrate_to_the_nearest_earlier_stage(self):
        process = self._create_process("Long", self.stages, sequence=1)
        deal = self._deal(sales_process_id=process.id, stage_id=self.close.id)
        process.action_new_version()
        version = process.next_version_ids
        version.stage_ids.filtered(lambda s: s.stage_id == self.close).unlink()
        version.action_publish()
        version.action_migrate_deals()
        self.assertEqual(deal.sales_process_id, version)
        self.assertEqual(deal.stage_id, self.prove)

    def test_migrate_needs_a_live_version(self):
        self._deal()
        draft = self._new_version()
        with self.assertRaisesRegex(UserError, "not live"):
            draft.action_migrate_deals()
        with self.assertRaisesRegex(UserError, "not live"):
            draft.action_assign_deals()

    def test_retired_process_takes_no_new_deals(self):
        deal = self._deal()
        self.company.sales_default_process_id = self.process
        self.process.with_user(self.designer_user).action_retire()
        self.assertFalse(self._deal().sales_process_id)
        self.assertEqual(deal.sales_process_id, self.process)
        self.assertFalse(self.company.sales_default_process_id)

    def test_archived_process_is_no_default(self):
        self.company.sales_default_process_id = self.process
        self.process.action_archive()
        self.assertFalse(self.company.sales_default_process_id)
        self.assertFalse(self._deal().sales_process_id)

    def test_process_with_deals_is_not_deleted(self):
        self._deal()
        with self.assertRaisesRegex(UserError, "Archive it"):
            self.process.with_user(self.designer_user).unlink()

    # === WHO === #

    def test_rep_moves_no_deals_between_versions(self):
        deal = self._deal()
        draft = self._new_version()
        draft.action_publish()
        draft = draft.with_user(self.rep_user)
        for name in (
            "action_migrate_deals",
            "action_assign_deals",
            "action_new_version",
            "action_publish",
            "action_retire",
            "action_order_columns",
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                getattr(draft, name)()
        self.assertEqual(deal.sales_process_id, self.process)

    def test_designer_moves_deals_he_cannot_see(self):
        """A version moves as a whole, whoever of the designers presses the button."""
        deal = self._deal()
        draft = self._new_version()
        draft.action_publish()
        draft.with_user(self.designer_user).action_migrate_deals()
        self.assertEqual(deal.sales_process_id, draft)

    def test_deals_of_other_companies_stay(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        deal = self._deal(company_id=other.id, team_id=False, user_id=False)
        self.assertEqual(deal.sales_process_id, self.process)
        draft = self._new_version()
        draft.action_publish()
        self.assertEqual(draft.previous_lead_count, 0)
        draft.with_user(self.designer_user).action_migrate_deals()
        self.assertEqual(deal.sales_process_id, self.process)


@tagged("post_install", "-at_install")
class TestProcessRules(SalesProcessCommon):
    """Which process a new deal gets."""

    def test_team(self):
        self.process.team_ids = self.south
        self.assertFalse(self._deal().sales_process_id)
        self.assertEqual(
            self._deal(team_id=self.south.id).sales_process_id, self.process
        )

    def test_filter(self):
        self.process.lead_domain = "[('expected_revenue', '>=', 1000)]"
        self.assertFalse(self._deal(expected_revenue=999).sales_process_id)
        deal = self._deal(expected_revenue=1000)
        self.assertEqual(deal.sales_process_id, self.process)

    def test_first_in_the_list_wins(self):
        first = self._create_process("First", self.stages, sequence=5)
        self.assertEqual(self._deal().sales_process_id, first)
        first.sequence = 15
        self.assertEqual(self._deal().sales_process_id, self.process)

    def test_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.process.company_id = other
        self.assertFalse(self._deal(company_id=self.company.id).sales_process_id)
        deal = self._deal(company_id=other.id, team_id=False, user_id=False)
        self.assertEqual(deal.sales_process_id, self.process)

    def test_default_of_the_company(self):
        self.process.team_ids = self.south
        self.company.sales_default_process_id = self.process
        self.assertEqual(self._deal().sales_process_id, self.process)

    def test_default_of_another_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.company.sales_default_process_id = self.process
        self.process.company_id = other
        self.assertFalse(self.company.sales_default_process_id)
        self.assertIn("was the default process", self.process.message_ids[0].body)
        with self.assertRaisesRegex(UserError, "belongs to another company"):
            self.company.sales_default_process_id = self.process

    def test_draft_takes_nothing(self):
        self.process.state = "draft"
        self.assertFalse(self._deal().sales_process_id)

    def test_deal_keeps_its_process_when_rules_change(self):
        deal = self._deal()
        self.process.team_ids = self.south
        deal.write({"expected_revenue": 5, "team_id": self.retail.id})
        self.assertEqual(deal.sales_process_id, self.process)

    def test_assign_existing_deals(self):
        """Open deals that fit get the process; their stage stays."""
        self.process.state = "draft"
        fitting = self._deal("Fitting", stage_id=self.prove.id)
        elsewhere = self._deal("Elsewhere", team_id=self.south.id)
        lost = self._deal("Lost")
        lost.action_set_lost()
        self.process.write({"state": "live", "team_ids": [(6, 0, self.retail.ids)]})
        self.process.with_user(self.designer_user).action_assign_deals()
        self.assertEqual(fitting.sales_process_id, self.process)
        self.assertEqual(fitting.stage_id, self.prove)
        self.assertFalse((elsewhere | lost).sales_process_id)

    def test_team_of_another_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        team = self.env["crm.team"].create({"name": "T", "company_id": other.id})
        self.process.team_ids = team  # a shared process may name any team
        with self.assertRaisesRegex(UserError, "another company"):
            self.process.company_id = self.company
