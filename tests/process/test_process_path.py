import logging

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged, users

from ..common import SalesProcessCommon


@tagged("post_install", "-at_install")
class TestProcessPath(SalesProcessCommon):
    """What the path shows, and the one step it offers for each exit."""

    def _path(self, deal, user=None):
        return deal.with_user(user or self.rep_user).sales_path_data()

    def _line(self, deal, criterion, user=None):
        data = self._path(deal, user)
        lines = data["current"]["criteria"] + data["earlier"]
        return next(line for line in lines if line["id"] == criterion.id)

    def _step(self, deal, criterion):
        return deal.with_user(self.rep_user).action_sales_criterion(criterion.id)

    # === THE WHOLE PATH === #

    def test_nothing_without_process(self):
        stage = self.env["crm.stage"].create({"name": "Elsewhere"})
        deal = self._deal(stage_id=stage.id, sales_process_id=False)
        deal._sales_engine_write({"sales_process_id": False})
        self.assertEqual(self._path(deal), {})

    def test_stages(self):
        deal = self._deal(stage_id=self.prove.id)
        data = self._path(deal)
        self.assertEqual(
            [(stage["name"], stage["state"]) for stage in data["stages"]],
            [
                ("Test Meet", "imported"),
                ("Test Prove", "current"),
                ("Test Close", "todo"),
                ("Test Won", "todo"),
            ],
        )
        self.assertEqual(data["next"]["name"], "Test Close")
        self.assertFalse(data["next"]["is_won"])

    def test_stage_that_was_left_is_done(self):
        deal = self._deal()
        deal.with_user(self.rep_user).action_sales_advance()
        self.assertEqual(self._path(deal)["stages"][0]["state"], "done")

    def test_last_step_wins(self):
        deal = self._deal(stage_id=self.close.id)
        self.assertTrue(self._path(deal)["next"]["is_won"])
        deal.with_user(self.rep_user).action_sales_advance()
        data = self._path(deal)
        self.assertFalse(data["next"])
        self.assertEqual((data["status"], data["readonly"]), ("won", True))

    def test_current_stage_with_its_material(self):
        asset = self.env["sales.asset"].create(
            {"name": "Deck", "url": "https://d.test"}
        )
        old = self.env["sales.asset"].create(
            {"name": "Old deck", "url": "https://o.test", "active": False}
        )
        template = self.env["mail.template"].create(
            {"name": "Thanks", "model_id": self.env["ir.model"]._get_id("crm.lead")}
        )
        self.p_meet.write(
            {
                "buyer_step": "Sees a problem",
                "goal": "We know it too",
                "guidance": "<p>Listen</p>",
                "expected_days": 3,
                "asset_ids": [Command.set((asset | old).ids)],
                "mail_template_ids": [Command.set(template.ids)],
            }
        )
        deal = self._deal()
        deal._sales_engine_write({"date_last_stage_update": self._days_ago(4)})
        current = self._path(deal)["current"]
        self.assertEqual(current["buyer_step"], "Sees a problem")
        self.assertEqual(current["goal"], "We know it too")
        self.assertEqual(current["guidance"], "<p>Listen</p>")
        self.assertEqual((current["days"], current["overdue"]), (4, True))
        self.assertEqual([a["name"] for a in current["assets"]], ["Deck"])
        self.assertEqual(current["mail_templates"][0]["name"], "Thanks")

    def test_empty_guidance_is_no_guidance(self):
        self.p_meet.guidance = "<p><br></p>"
        self.assertEqual(self._path(self._deal())["current"]["guidance"], "")

    def test_stage_outside_the_process(self):
        stray = self.env["crm.stage"].create({"name": "Stray"})
        deal = self._deal()
        deal._sales_engine_write({"stage_id": stray.id})
        data = self._path(deal)
        self.assertFalse(data["current"])
        self.assertEqual(len(data["stages"]), 4)

    def test_progress_and_blocking(self):
        met = self._fields_criterion(self.p_meet, "expected_revenue")
        hard = self._criterion(self.p_meet)
        self._criterion(self.p_meet, name="Soft", severity="soft")
        deal = self._deal(expected_revenue=100)
        data = self._path(deal)
        states = {line["id"]: line["met"] for line in data["current"]["criteria"]}
        self.assertTrue(states[met.id])
        self.assertFalse(states[hard.id])
        self.assertAlmostEqual(data["progress"], 100 / 3)
        self.assertEqual(data["progress"], deal.sales_exit_progress)
        self.assertEqual(data["blocking"], 1)

    def test_lapsed_exit_of_an_earlier_stage_shows_again(self):
        criterion = self._criterion(self.p_meet, validity_days=5)
        deal = self._deal()
        evidence = self._submit(deal, criterion)
        evidence.with_user(self.leader_user).action_verify()
        deal.with_user(self.rep_user).action_sales_advance()
        self.assertFalse(self._path(deal)["earlier"])
        evidence.sudo().date_expiry = self._days_ago(1)
        data = self._path(deal)
        self.assertEqual(data["blocking"], 1)
        (line,) = data["earlier"]
        self.assertEqual((line["state"], line["stage"]), ("expired", "Test Meet"))
        self.assertTrue(line["detail"], "The day on which it lapsed")

    # === LINES === #

    def test_open_fields_come_first_and_are_named(self):
        criterion = self._fields_criterion(
            self.p_meet, "expected_revenue", "date_deadline", "referred"
        )
        deal = self._deal(expected_revenue=10, referred="A friend")
        line = self._line(deal, criterion)
        self.assertEqual(line["fields"][0], "date_deadline")
        self.assertEqual(line["detail"], "Expected Closing")
        self.assertFalse(self._step(deal, criterion), "The path opens the field itself")

    def test_fields_of_a_filter(self):
        criterion = self._criterion(
            self.p_meet,
            "domain",
            domain="[('partner_id.country_id', '!=', False), ('priority', '=', '3')]",
        )
        line = self._line(self._deal(), criterion)
        self.assertEqual(sorted(line["fields"]), ["partner_id", "priority"])

    def test_filled_fields_wait_for_confirmation(self):
        criterion = self._fields_criterion(
            self.p_meet, "expected_revenue", validity_days=30
        )
        deal = self._deal()
        self.assertEqual(self._line(deal, criterion)["fields"], ["expected_revenue"])
        deal.expected_revenue = 10
        line = self._line(deal, criterion)
        self.assertFalse(line["fields"])
        self.assertEqual(line["action_label"], "Confirm")
        self.assertEqual(
            self._step(deal, criterion)["res_model"], "sales.evidence.submit"
        )

    def test_known_person_waits_for_confirmation(self):
        criterion = self._criterion(
            self.p_meet, "stakeholder", role="champion", validity_days=30
        )
        deal = self._deal()
        self.assertEqual(self._step(deal, criterion)["res_model"], "sales.stakeholder")
        deal.sales_stakeholder_ids = [
            Command.create({"partner_id": self.buyer.id, "role": "champion"})
        ]
        self.assertEqual(self._line(deal, criterion)["action_label"], "Confirm")
        self.assertEqual(
            self._step(deal, criterion)["res_model"], "sales.evidence.submit"
        )

    def test_handed_in_and_rejected(self):
        criterion = self._criterion(self.p_meet)
        deal = self._deal()
        evidence = self._submit(deal, criterion, note="Agreed by phone")
        line = self._line(deal, criterion)
        self.assertEqual(line["state"], "submitted")
        self.assertEqual(line["submitted"]["note"], "Agreed by phone")
        self.assertEqual(line["submitted"]["by"], self.rep_user.name)
        self.assertFalse(line["can_verify"], "Nobody verifies what he handed in")
        line = self._line(deal, criterion, self.leader_user)
        self.assertTrue(line["can_verify"])
        self.assertEqual(line["evidence_id"], evidence.id)
        evidence.with_user(self.leader_user).action_reject("Not in writing")
        line = self._line(deal, criterion)
        self.assertEqual(
            (line["state"], line["detail"]), ("rejected", "Not in writing")
        )
        self.assertFalse(line["submitted"])

    def test_verified_names_who_and_when(self):
        criterion = self._criterion(self.p_meet)
        deal = self._deal()
        self._submit(deal, criterion).with_user(self.leader_user).action_verify()
        line = self._line(deal, criterion)
        self.assertTrue(line["met"])
        self.assertIn(self.leader_user.name, line["detail"])

    def test_waivers(self):
        criterion = self._criterion(self.p_meet)
        deal = self._deal()
        self.assertFalse(self._path(deal)["can_waive"])
        self.assertTrue(self._path(deal, self.leader_user)["can_waive"])
        deal.with_user(self.leader_user).action_sales_waive(criterion.ids, "Known")
        data = self._path(deal)
        (waiver,) = data["waivers"]
        self.assertEqual(waiver["criterion"], criterion.name)
        self.assertEqual(waiver["by"], self.leader_user.name)
        self.assertEqual(waiver["reason"], "Known")
        self.assertFalse(waiver["expired"])
        self.assertEqual(data["blocking"], 0)
        deal.sales_evidence_ids.sudo().date_expiry = fields.Datetime.now()
        self.assertTrue(self._path(deal)["waivers"][0]["expired"])

    def test_every_kind_has_a_step(self):
        """Each kind leads to one place; none leaves the rep with a dead button."""
        call = self.env.ref("mail.mail_activity_data_call")
        expected = {
            "activity": ("mail.activity.schedule", {"activity_type_id": call.id}),
            "meeting": ("calendar.event", {}),
            "stakeholder": ("sales.stakeholder", {"role": "champion"}),
            "email": ("mail.compose.message", {}),
            "document": ("sales.evidence.submit", {"document_category": "nda"}),
            "quotation": ("sale.order", {}),
            "signoff": ("sales.evidence.submit", {}),
            "customer": ("sales.confirmation.send", {}),
        }
        criteria = {
            kind: self._criterion(self.p_meet, kind, **values)
            for kind, (_model, values) in expected.items()
        }
        deal = self._deal()
        for kind, (model, _values) in expected.items():
            with self.subTest(kind=kind):
                criterion = criteria[kind]
                action = self._step(deal, criterion)
                self.assertEqual(action["res_model"], model)
                self.assertTrue(self._line(deal, criterion)["action_label"])

    def test_logged_meeting_meets_the_criterion(self):
        """What the dialog proposes is enough: saving it proves the exit."""
        criterion = self._criterion(self.p_meet, "meeting")
        deal = self._deal()
        context = self._step(deal, criterion)["context"]
        event = self.env["calendar.event"].with_user(self.rep_user)
        event.with_context(**context).create({"name": "Visit"})
        self.assertTrue(self._line(deal, criterion)["met"])

    def test_step_of_another_process(self):
        other = self._create_process("Other", self.stages, state="draft")
        criterion = self._criterion(other.stage_ids[0])
        with self.assertRaises(UserError):
            self._step(self._deal(), criterion)

    # === MOVING === #

    def test_move_asks_the_gate(self):
        self._criterion(self.p_meet, name="Proof")
        deal = self._deal().with_user(self.rep_user)
        with self.assertRaisesRegex(UserError, "Proof"):
            deal.action_sales_move(self.close.id)
        self.assertEqual(deal.stage_id, self.meet)

    def test_move_asks_reasons_and_celebrates(self):
        self._criterion(self.p_meet, severity="soft", name="Nice to have")
        deal = self._deal().with_user(self.rep_user)
        action = deal.action_sales_move(self.prove.id)
        self.assertEqual(action["res_model"], "sales.evidence.explain")
        self.assertEqual(self._path(deal)["reasons_owed"], 1)
        wizard = self.env["sales.evidence.explain"].with_user(self.rep_user)
        wizard.with_context(**action["context"]).create(
            {"reason": "In a hurry"}
        ).action_explain()
        self.assertEqual(self._path(deal)["reasons_owed"], 0)
        self.assertTrue(deal.action_sales_move(self.won.id))
        self.assertEqual(deal.won_status, "won")

    # === RIGHTS === #

    def test_readonly_for_whoever_may_only_read(self):
        deal = self._deal()
        self.assertFalse(self._path(deal)["readonly"])
        with self.assertRaises(AccessError):
            self._path(deal, self.stranger_user)
        self.assertFalse(self._path(deal, self.director_user)["readonly"])

    @users("sp_rep")
    def test_evidence_list_holds_this_deal_alone(self):
        deal = self._deal().with_user(self.env.user)
        action = deal.action_sales_view_evidence()
        self.assertEqual(action["domain"], [("lead_id", "=", deal.id)])

    # === LOSING === #

    def test_lost_dialog_asks_what_the_settings_ask(self):
        self.company.sales_lost_reason_required = False
        deal = self._deal()
        wizard = self.env["crm.lead.lost"].create({"lead_ids": [deal.id]})
        self.assertFalse(wizard.sales_reason_required)
        self.company.sales_lost_reason_required = True
        wizard.invalidate_recordset()
        self.assertTrue(wizard.sales_reason_required)

    # === SPEED === #

    def _count_queries(self, deal):
        self.env.flush_all()
        self.env.invalidate_all()
        self._path(deal)  # caches of configuration and rights
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self._path(deal)
        return self.env.cr.sql_log_count - before

    def test_queries_do_not_grow_with_the_checklist(self):
        """Twice the exits, with evidence and waivers on them: the same queries."""
        self._fill_checklist()
        deal = self._deal()
        self._record_evidence(deal)
        few = self._count_queries(deal)
        deal.sudo().unlink()
        self._fill_checklist()
        deal = self._deal()
        self._record_evidence(deal)
        many = self._count_queries(deal)
        logging.getLogger(__name__).info("Path of a deal: %s queries", many)
        self.assertEqual(few, many)

    def _fill_checklist(self):
        for stage in (self.p_meet, self.p_prove):
            self._fields_criterion(stage, "expected_revenue", "date_deadline")
            self._criterion(stage, "meeting")
            self._criterion(stage, "document")
            self._criterion(stage)
            self._criterion(stage, "customer", statement="You agreed.")
            self._criterion(stage, severity="soft")

    def _record_evidence(self, deal):
        for criterion in self.p_meet.criterion_ids.filtered(
            lambda c: c.kind == "signoff"
        ):
            evidence = self._submit(deal, criterion, note="Done")
            if criterion.severity == "hard":
                evidence.with_user(self.leader_user).action_reject("No")
        customer = self.p_meet.criterion_ids.filtered(lambda c: c.kind == "customer")
        deal.with_user(self.leader_user).action_sales_waive(customer.ids, "Known")
