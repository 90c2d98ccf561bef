from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from ..common import SalesProcessCommon


@tagged("post_install", "-at_install")
class TestProcessDesigner(SalesProcessCommon):
    """Designing a process: what is refused, what is advised."""

    def _draft(self, **values):
        return self._create_process("Draft", self.stages, state="draft", **values)

    def _hints(self, process):
        process.invalidate_recordset()
        return str(process.hints or "")

    # === PUBLISHING === #

    def test_all_problems_at_once(self):
        draft = self._create_process("Draft", self.meet, state="draft")
        with self.assertRaisesRegex(UserError, "does not end in a won stage"):
            draft.action_publish()
        with self.assertRaisesRegex(UserError, "no stages yet"):
            self._create_process("Empty", [], state="draft").action_publish()
        with self.assertRaisesRegex(UserError, "nothing but a won stage"):
            self._create_process("Won", self.won, state="draft").action_publish()
        draft = self._draft()
        draft.stage_ids[0].sequence = 99
        criterion = self._criterion(draft.stage_ids[1], "stakeholder", role="champion")
        self.env.flush_all()
        self.env.cr.execute(  # as after a field or a role has gone
            "UPDATE sales_process_criterion SET role = NULL WHERE id = %s",
            (criterion.id,),
        )
        criterion.invalidate_recordset()
        with self.assertRaises(UserError) as caught:
            draft.action_publish()
        self.assertIn("Move it to the end", str(caught.exception))
        self.assertIn("Buying Role", str(caught.exception))
        self.assertEqual(draft.state, "draft")

    def test_added_stage_stands_before_won(self):
        draft = self._draft()
        fresh = self.env["crm.stage"].create({"name": "Test Fresh"})
        draft.stage_ids = [Command.create({"stage_id": fresh.id, "sequence": 99})]
        self.assertEqual(
            draft.stage_ids.sorted().stage_id[-2:].ids, [fresh.id, self.won.id]
        )

    def test_criterion_needs_its_parameters(self):
        for kind in ("fields", "domain", "activity", "stakeholder"):
            with self.subTest(kind), self.assertRaisesRegex(ValidationError, "needs"):
                self._criterion(self.p_meet, kind)
        for domain in ("[('nope', '=', 1)]", "[(", "[('name', '=', uid)]", "[]"):
            with self.subTest(domain), self.assertRaises(ValidationError):
                self._criterion(self.p_meet, "domain", domain=domain)
        with self.assertRaisesRegex(ValidationError, "a person who says yes"):
            self._criterion(self.p_meet, verifier="system")

    def test_summary_says_what_is_asked(self):
        criterion = self._criterion(
            self.p_meet, "meeting", role="champion", minimum_count=2, validity_days=90
        )
        self.assertEqual(criterion.summary, "Champion, at least 2, valid 90 days")
        criterion = self._fields_criterion(self.p_meet, "date_deadline")
        self.assertEqual(criterion.summary, "Expected Closing")

    # === ADVICE === #

    def test_hints(self):
        draft = self._draft(sequence=1)
        hints = self._hints(draft)
        self.assertIn("what the buyer does", hints)
        self.assertIn("no exit criterion", hints)
        self.assertIn("no expected days", hints)
        self.assertIn("does not rise", hints)
        for index, stage in enumerate(draft.stage_ids):
            stage.write(
                {
                    "buyer_step": "Does something",
                    "expected_days": 5,
                    "probability": 25 * (index + 1),
                }
            )
            if not stage.is_won:
                self._criterion(stage)
        self.assertFalse(self._hints(draft))
        draft.stage_ids[1].criterion_ids.unlink()
        self._criterion(draft.stage_ids[1], "stakeholder", role="champion")
        self._criterion(draft.stage_ids[2], "customer")
        hints = self._hints(draft)
        self.assertIn("said by the salesperson alone", hints)
        self.assertIn("asked to confirm", hints)

    def test_hint_on_a_process_that_is_never_reached(self):
        draft = self._draft(sequence=50)
        self.assertIn("New deals never get this process", self._hints(draft))
        self.process.team_ids = self.south
        self.assertNotIn("New deals never", self._hints(draft))

    def test_columns_in_another_order(self):
        self.prove.sequence = 400
        self.assertTrue(self.process.columns_differ)
        others = self.env["crm.stage"].search([("id", "not in", self.stages.ids)])
        self.process.with_user(self.designer_user).action_order_columns()
        self.assertEqual(self.stages.sorted().ids, self.stages.ids)
        self.assertEqual(others.sorted().ids, others.ids, "Others keep their order")
        self.process.invalidate_recordset()
        self.assertFalse(self.process.columns_differ)

    # === STAGES THAT BELONG TO TEAMS === #

    def test_stages_of_a_team(self):
        self.stages.team_ids = self.retail
        self.process.team_ids = self.retail
        self.assertNotIn("belongs to", self._hints(self.process))
        deal = self._deal()
        self.assertEqual(deal.stage_id, self.meet)
        deal.with_user(self.rep_user).action_sales_advance()
        self.assertEqual(deal.stage_id, self.prove)
        deal.with_user(self.rep_user).action_set_won()
        self.assertEqual(deal.stage_id, self.won)
        self.process.team_ids |= self.south
        self.assertIn("belongs to North Retail", self._hints(self.process))

    def test_scoring_when_every_stage_belongs_to_a_team(self):
        self.env["ir.config_parameter"].set_param("crm.pls_fields", False)
        self.env["ir.config_parameter"].set_param("crm.pls_start_date", "2000-01-01")
        leads = self.env["crm.lead"].with_context(active_test=False)
        leads.search([]).unlink()
        self.env["crm.stage"].search([]).team_ids = self.retail
        for name in ("A", "B", "C"):
            self._deal(name).stage_id = self.won
        self._deal("D").action_set_lost()
        deal = self._deal("Open")
        leads._rebuild_pls_frequency_table()
        deal._compute_probabilities()
        # Won 3 and lost 1, each counted with 0.1 more; all of them were in this stage.
        self.assertAlmostEqual(deal.automated_probability, 100 * 3.1 / 4.2, places=1)

    # === SETTINGS === #

    def test_settings_are_kept_per_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        settings = self.env["res.config.settings"]
        with Form(settings) as form:
            form.sales_gate_mode = "soft"
            form.sales_lost_reason_required = True
            form.sales_waive_policy = "director"
            form.sales_evidence_attachment_required = True
            form.sales_default_process_id = self.process
        form.record.execute()
        names = [
            "sales_gate_mode",
            "sales_lost_reason_required",
            "sales_waive_policy",
            "sales_evidence_attachment_required",
            "sales_default_process_id",
        ]
        self.assertEqual(
            [self.company[name] for name in names],
            ["soft", True, "director", True, self.process],
        )
        self.assertEqual(
            [other[name] for name in names],
            ["hard", False, "leader", False, self.env["sales.process"]],
        )
        criterion = self.env["sales.process.criterion"]
        signoff = {"name": "S", "kind": "signoff", "process_stage_id": self.p_meet.id}
        self.assertEqual(criterion.create(signoff).severity, "soft")
        elsewhere = criterion.with_company(other)
        self.assertEqual(elsewhere.create(signoff).severity, "hard")

    # === CONTENT === #

    def test_content_leads_to_a_page(self):
        asset = self.env["sales.asset"].create(
            {"name": "A", "url": "https://a.example"}
        )
        self.assertEqual(asset.open_url, "https://a.example")
        with self.assertRaisesRegex(ValidationError, "has to start with"):
            asset.url = "javascript:alert(1)"
        with self.assertRaisesRegex(ValidationError, "neither a file nor a link"):
            asset.url = False


@tagged("post_install", "-at_install")
class TestProcessRights(SalesProcessCommon):
    """Who may see and change the design."""

    rule_tested_models = {
        "sales.process",
        "sales.process.stage",
        "sales.process.criterion",
        "sales.asset",
        "sales.process.load",
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.criterion = cls._criterion(cls.p_meet)
        cls.asset = cls.env["sales.asset"].create(
            {"name": "A", "url": "https://a.example"}
        )
        cls.design = {
            cls.process: {"name": "Mine"},
            cls.p_meet: {"goal": "Mine"},
            cls.criterion: {"name": "Mine"},
            cls.asset: {"name": "Mine"},
        }

    def test_rep_reads_and_changes_nothing(self):
        for record, vals in self.design.items():
            record = record.with_user(self.rep_user)
            with self.subTest(record._name):
                self.assertTrue(record.read(list(vals)))
                for attempt in (
                    lambda r=record, v=vals: r.write(v),
                    lambda r=record: r.unlink(),
                    lambda r=record: r.copy(),
                ):
                    with self.assertRaises(AccessError):
                        attempt()

    def test_leader_does_not_design(self):
        with self.assertRaises(AccessError):
            self.process.with_user(self.leader_user).name = "Mine"

    def test_designer_changes(self):
        for record, vals in self.design.items():
            record.with_user(self.designer_user).write(vals)
        stage = self.env["crm.stage"].with_user(self.designer_user)
        stage = stage.create({"name": "Designed"})
        self.p_won.with_user(self.designer_user).unlink()
        self.process.with_user(self.designer_user).stage_ids = [
            Command.create({"stage_id": stage.id})
        ]
        field = self.env["ir.model.fields"].with_user(self.designer_user)
        self.assertTrue(field.search([("model", "=", "crm.lead")], limit=1).name)

    def test_accountant_and_portal_see_nothing(self):
        for user in (self.accountant_user, self.portal_user):
            for record in self.design:
                with self.subTest(user=user.login, model=record._name):
                    with self.assertRaises(AccessError):
                        record.with_user(user).read(["name"])

    def test_other_company(self):
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.process.company_id = other
        self.asset.company_id = other
        for record in self.design:
            for user in (self.rep_user, self.designer_user):
                with self.subTest(user=user.login, model=record._name):
                    found = record.with_user(user).search([("id", "=", record.id)])
                    self.assertFalse(found)
                    with self.assertRaises(AccessError):
                        record.with_user(user).read(["name"])

    def test_load_dialog_is_ones_own(self):
        dialog = self.env["sales.process.load"].with_user(self.designer_user).create({})
        with self.assertRaises(AccessError):
            dialog.with_user(self.rep_user).read(["pack"])
        self.director_user.group_ids |= self.env.ref("sales_process.group_designer")
        with self.assertRaises(AccessError):
            dialog.with_user(self.director_user).read(["pack"])

    def test_version_is_not_written_by_hand(self):
        for name, value in (("version", 7), ("previous_version_id", self.process.id)):
            with self.subTest(name), self.assertRaises(AccessError):
                self.process.with_user(self.designer_user).write({name: value})
