from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..common import SalesProcessCommon


@tagged("post_install", "-at_install")
class TestGateChannels(SalesProcessCommon):
    """The gate holds on every way a deal can be moved (architecture, rule 1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.signoff = cls._criterion(cls.p_meet, name="Manager signed off")
        cls.budget = cls._fields_criterion(
            cls.p_prove, "expected_revenue", name="Budget is known"
        )
        cls.deal = cls._deal("Blocked deal")

    def _as_rep(self):
        return self.deal.with_user(self.rep_user)

    def _assert_blocked(self, move, *words, deal=None):
        deal = deal or self.deal
        before = deal.stage_id
        with self.assertRaises(UserError) as caught:
            move()
        self.env.invalidate_all()
        self.assertEqual(deal.stage_id, before)
        for word in words:
            self.assertIn(word, str(caught.exception))

    def test_write_names_deal_stage_and_criterion(self):
        self._assert_blocked(
            lambda: self._as_rep().write({"stage_id": self.prove.id}),
            "Blocked deal",
            "Test Meet",
            "Test Prove",
            "Manager signed off",
        )

    def test_superuser_and_director_meet_the_gate_too(self):
        for user in (self.env.user, self.director_user, self.designer_user):
            deal = self.deal.with_user(user).sudo()
            self._assert_blocked(
                lambda deal=deal: deal.write({"stage_id": self.prove.id})
            )

    def test_several_stages_at_once_need_all_of_them(self):
        self._assert_blocked(
            lambda: self._as_rep().write({"stage_id": self.close.id}),
            "Manager signed off",
            "Budget is known",
        )

    def test_set_won(self):
        self._assert_blocked(lambda: self._as_rep().action_set_won())
        self._assert_blocked(lambda: self._as_rep().action_set_won_rainbowman())
        self.assertEqual(self.deal.won_status, "pending")

    def test_advance(self):
        self._assert_blocked(lambda: self._as_rep().action_sales_advance())

    def test_web_save_as_the_kanban_drag_does(self):
        self._assert_blocked(
            lambda: self._as_rep().web_save(
                {"stage_id": self.prove.id}, {"stage_id": {}}
            )
        )

    def test_web_resequence_of_the_kanban(self):
        other = self._deal("Free deal")
        self.deal.action_sales_waive(self.signoff.ids, "Agreed by phone")
        with self.assertRaises(UserError):
            other.with_user(self.rep_user).write({"stage_id": self.prove.id})

    def test_mass_edit_moves_nobody_when_one_is_blocked(self):
        free = self._deal("Free deal")
        free.action_sales_waive(self.signoff.ids, "Agreed by phone")
        both = (free | self.deal).with_user(self.rep_user)
        self._assert_blocked(
            lambda: both.write({"stage_id": self.prove.id}), "Blocked deal"
        )
        self.assertEqual(free.stage_id, self.meet)

    def test_mass_edit_error_is_short(self):
        deals = self.env["crm.lead"]
        for number in range(14):
            deals |= self._deal(f"Deal {number:02d}")
        with self.assertRaises(UserError) as caught:
            deals.write({"stage_id": self.prove.id})
        self.assertEqual(str(caught.exception).count("Manager signed off"), 10)
        self.assertIn("4 more deals", str(caught.exception))

    def test_import_of_an_existing_deal(self):
        self.env["ir.model.data"].create(
            {
                "name": "deal",
                "module": "__test_gate__",
                "model": "crm.lead",
                "res_id": self.deal.id,
            }
        )
        result = self.env["crm.lead"].load(
            ["id", "stage_id/.id"], [["__test_gate__.deal", str(self.prove.id)]]
        )
        self.assertFalse(result["ids"])
        self.assertIn("Manager signed off", result["messages"][0]["message"])
        self.assertEqual(self.deal.stage_id, self.meet)

    def test_import_of_a_new_deal_may_start_anywhere(self):
        result = self.env["crm.lead"].load(
            ["id", "name", "type", "stage_id/.id", "team_id/.id", "user_id/.id"],
            [
                [
                    "__test_gate__.new",
                    "Imported",
                    "Opportunity",
                    str(self.close.id),
                    str(self.retail.id),
                    str(self.rep_user.id),
                ]
            ],
        )
        deal = self.env["crm.lead"].browse(result["ids"])
        self.assertEqual(deal.stage_id, self.close)
        self.assertEqual(deal.sales_entry_stage_id, self.p_close)
        states = {s["name"]: s["state"] for s in deal.sales_path_data()["stages"]}
        self.assertEqual(states["Test Meet"], "imported")
        verdicts = deal._sales_judge({deal: range(3)})[deal]
        self.assertEqual(verdicts[self.signoff.id].state, "imported")
        deal.with_user(self.rep_user).write({"stage_id": self.won.id})
        self.assertEqual(deal.won_status, "won")

    def test_rep_who_creates_a_deal_late_owes_what_lies_behind(self):
        deal = (
            self.env["crm.lead"]
            .with_user(self.rep_user)
            .create(
                {
                    "name": "Late",
                    "type": "opportunity",
                    "team_id": self.retail.id,
                    "stage_id": self.close.id,
                }
            )
        )
        self.assertEqual(deal.stage_id, self.close)
        self._assert_blocked(
            lambda: deal.write({"stage_id": self.won.id}),
            "Manager signed off",
            "Budget is known",
            deal=deal,
        )
        by_leader = (
            self.env["crm.lead"]
            .with_user(self.leader_user)
            .create(
                {
                    "name": "Known to the leader",
                    "type": "opportunity",
                    "team_id": self.retail.id,
                    "user_id": self.rep_user.id,
                    "stage_id": self.close.id,
                }
            )
        )
        by_leader.with_user(self.rep_user).write({"stage_id": self.won.id})
        self.assertEqual(by_leader.won_status, "won")

    def test_server_action_and_automation_write(self):
        action = self.env["ir.actions.server"].create(
            {
                "name": "Win",
                "model_id": self.env["ir.model"]._get_id("crm.lead"),
                "state": "code",
                "code": f"records.write({{'stage_id': {self.won.id}}})",
            }
        )
        run = action.with_context(
            active_model="crm.lead", active_id=self.deal.id, active_ids=self.deal.ids
        )
        self._assert_blocked(run.run)

    def test_no_context_key_opens_it(self):
        keys = (
            "tracking_disable",
            "mail_notrack",
            "install_mode",
            "import_file",
            "skip_validation_check",
            "force",
            "no_gate",
            "sales_process_skip_gate",
        )
        deal = self._as_rep().with_context(**dict.fromkeys(keys, True))
        self._assert_blocked(lambda: deal.write({"stage_id": self.won.id}))

    def test_duplicate_starts_over(self):
        self.deal.action_sales_waive(self.signoff.ids, "Agreed by phone")
        self.deal.with_user(self.rep_user).write({"stage_id": self.prove.id})
        copy = self._as_rep().copy()
        self.assertEqual(copy.stage_id, self.meet)
        self.assertFalse(copy.sales_evidence_ids)
        with self.assertRaises(UserError):
            copy.write({"stage_id": self.prove.id})

    def test_merge_keeps_the_evidence_of_all(self):
        proven = self._deal("Proven deal", expected_revenue=10)
        proven.action_sales_waive(self.signoff.ids, "Agreed by phone")
        self.deal.sales_stakeholder_ids = [
            Command.create({"partner_id": self.buyer.id, "role": "champion"})
        ]
        merged = (self.deal | proven).merge_opportunity()
        self.assertEqual(merged.sales_evidence_ids.mapped("criterion_id"), self.signoff)
        self.assertEqual(merged.sales_stakeholder_ids.partner_id, self.buyer)
        self.assertEqual(merged.stage_id, self.meet)
        merged.with_user(self.rep_user).write({"stage_id": self.prove.id})

    def test_merge_does_not_move_past_the_gate(self):
        ahead = self._deal("Ahead")
        ahead.action_sales_waive(self.signoff.ids, "Agreed by phone")
        ahead.write({"stage_id": self.prove.id})
        merged = (self.deal | ahead).merge_opportunity()
        self.assertIn(merged.stage_id, self.meet | self.prove)
        self.assertFalse(merged.stage_id.is_won)

    def test_new_owner_and_team_keep_stage_and_evidence(self):
        self.deal.action_sales_waive(self.signoff.ids, "Agreed by phone")
        self.deal.write({"stage_id": self.prove.id})
        evidence = self.deal.sales_evidence_ids
        entered = self.deal.date_last_stage_update
        (self.stages - self.won).write({"team_ids": [Command.link(self.retail.id)]})
        self.deal.write({"user_id": self.stranger_user.id, "team_id": self.south.id})
        self.assertEqual(self.deal.team_id, self.south)
        self.assertEqual(self.deal.stage_id, self.prove)
        self.assertEqual(self.deal.sales_process_id, self.process)
        self.assertEqual(self.deal.sales_evidence_ids, evidence)
        self.assertEqual(self.deal.date_last_stage_update, entered)

    def test_turning_a_stage_into_won(self):
        with self.assertRaises(UserError) as caught:
            self.meet.is_won = True
        self.assertIn("Test Meet", str(caught.exception))
        self.assertEqual(self.deal.won_status, "pending")

    def test_engine_fields_cannot_be_written(self):
        for name in ("sales_stage_id", "sales_entry_stage_id"):
            with self.assertRaises(AccessError):
                self._as_rep().write({name: self.p_won.id})
            with self.assertRaises(AccessError):
                self.env["crm.lead"].with_user(self.rep_user).create(
                    {"name": "Forged", name: self.p_won.id}
                )

    def test_rep_cannot_switch_or_drop_the_process(self):
        easy = self._create_process("Easy", self.meet | self.won, sequence=99)
        for value in (easy.id, False):
            with self.assertRaises(AccessError):
                self._as_rep().write({"sales_process_id": value})
        self.deal.with_user(self.leader_user).write({"sales_process_id": easy.id})
        self.assertEqual(self.deal.sales_process_id, easy)
        self.assertEqual(self.deal.sales_entry_stage_id, easy.stage_ids[0])

    def test_back_to_lead_is_no_way_round(self):
        self._as_rep().write({"type": "lead"})
        self._assert_blocked(lambda: self._as_rep().write({"stage_id": self.won.id}))

    def test_archive_and_restore_is_no_way_round(self):
        self._as_rep().action_set_lost()
        self._assert_blocked(lambda: self._as_rep().write({"stage_id": self.won.id}))
        self.assertEqual(self.deal.won_status, "lost")

    def test_no_stage_is_no_way_round(self):
        with self.assertRaises(UserError):
            self._as_rep().write({"stage_id": False})

    def test_stage_of_another_process(self):
        foreign = self.env["crm.stage"].create({"name": "Foreign", "sequence": 900})
        self._assert_blocked(
            lambda: self._as_rep().write({"stage_id": foreign.id}), "Foreign", "Test"
        )
        strange_win = self.env["crm.stage"].create(
            {"name": "Strange win", "sequence": 901, "is_won": True}
        )
        self._assert_blocked(lambda: self._as_rep().write({"stage_id": strange_win.id}))

    def test_deal_created_in_a_foreign_stage_owes_everything(self):
        foreign = self.env["crm.stage"].create({"name": "Foreign", "sequence": 900})
        deal = self._deal("Odd one", stage_id=foreign.id)
        self.assertEqual(deal.sales_process_id, self.process)
        self._assert_blocked(
            lambda: deal.write({"stage_id": self.prove.id}),
            "Manager signed off",
            deal=deal,
        )

    def test_rep_cannot_create_a_won_deal(self):
        values = {
            "name": "Too good",
            "type": "opportunity",
            "team_id": self.retail.id,
            "stage_id": self.won.id,
        }
        leads = self.env["crm.lead"]
        with self.assertRaises(UserError):
            leads.with_user(self.rep_user).create(
                {**values, "user_id": self.rep_user.id}
            )
        deal = leads.with_user(self.leader_user).create(
            {**values, "user_id": self.rep_user.id}
        )
        self.assertEqual(deal.won_status, "won")

    def test_deal_without_process_is_plain_odoo(self):
        self.process.action_retire()
        deal = self._deal("Plain")
        self.assertFalse(deal.sales_process_id)
        deal.with_user(self.rep_user).action_set_won()
        self.assertEqual(deal.won_status, "won")

    def test_caller_keeps_the_values_it_passed(self):
        values = {"stage_id": self.prove.id}
        self.deal.action_sales_waive(self.signoff.ids, "Agreed by phone")
        self.deal.write(values)
        self.assertEqual(values, {"stage_id": self.prove.id})


@tagged("post_install", "-at_install")
class TestGateLost(SalesProcessCommon):
    """Losing asks what the settings ask."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sales_lost_reason_required = True
        cls.reason = cls.env["crm.lost.reason"].create({"name": "Price"})
        cls.deal = cls._deal()

    def test_reason_is_required(self):
        deal = self.deal.with_user(self.rep_user)
        with self.assertRaises(UserError):
            deal.action_set_lost()
        with self.assertRaises(UserError):
            deal.write({"active": False, "probability": 0})
        deal.action_set_lost(lost_reason_id=self.reason.id)
        self.assertEqual(deal.won_status, "lost")
        with self.assertRaises(UserError):
            deal.write({"lost_reason_id": False})

    def test_reason_with_a_deal_at_zero_percent(self):
        self.deal.probability = 0
        self.deal.action_set_lost(lost_reason_id=self.reason.id)
        self.assertEqual(self.deal.won_status, "lost")

    def test_wizard(self):
        wizard = self.env["crm.lead.lost"].with_user(self.rep_user)
        wizard = wizard.with_context(active_ids=self.deal.ids)
        lost = wizard.create({"lead_ids": self.deal.ids})
        with self.assertRaises(UserError):
            lost.action_lost_reason_apply()
        lost.lost_reason_id = self.reason
        lost.action_lost_reason_apply()
        self.assertEqual(self.deal.won_status, "lost")

    def test_not_required_by_default(self):
        self.company.sales_lost_reason_required = False
        self.deal.action_set_lost()
        self.assertEqual(self.deal.won_status, "lost")

    def test_archiving_is_not_losing(self):
        self.deal.probability = 20
        self.deal.action_archive()
        self.assertEqual(self.deal.won_status, "pending")
