import base64
import json

from odoo import models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from ...models.process.pack_reader import TRANSLATED
from ..common import SalesProcessCommon


@tagged("post_install", "-at_install")
class TestProcessPack(SalesProcessCommon):
    """Processes as files, and the ready-made ones."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.designer_env = cls.env(user=cls.designer_user)
        cls.Process = cls.designer_env["sales.process"]

    def _file(self, **process):
        process = {
            "name": "Loaded",
            "stages": [{"name": "Test Meet"}, {"name": "Test Won", "is_won": True}],
            **process,
        }
        return {
            "format": "odoo-sales-process",
            "format_version": 1,
            "process": process,
        }

    def _load(self, content, **values):
        if isinstance(content, dict):
            content = json.dumps(content)
        return self.Process._load_pack(content.encode(), **values)

    def _problems(self, content):
        with self.assertRaises(UserError) as caught:
            self._load(content)
        return str(caught.exception)

    def _full_process(self):
        """A process that uses everything a file can hold."""
        call = self.env.ref("mail.mail_activity_data_call")
        plan = self.env["mail.activity.plan"].create(
            {"name": "Test plan", "res_model": "crm.lead"}
        )
        template = self.env["mail.template"].create(
            {"name": "Test mail", "model_id": self.env["ir.model"]._get_id("crm.lead")}
        )
        quotation = self.env["sale.order.template"].create({"name": "Test quotation"})
        asset = self.env["sales.asset"].create(
            {"name": "Test content", "url": "https://a.example"}
        )
        self.process.write(
            {
                "description": "For everybody",
                "lead_domain": "[('expected_revenue', '>', 5)]",
            }
        )
        self.p_meet.write(
            {
                "buyer_step": "Looks around",
                "goal": "Wants to talk",
                "guidance": "<p>Listen <strong>first</strong>.</p>",
                "probability": 12.5,
                "forecast_category": "best_case",
                "expected_days": 9,
                "allow_skip": False,
                "allow_backward": False,
                "asset_ids": [Command.set(asset.ids)],
                "mail_template_ids": [Command.set(template.ids)],
                "quotation_template_ids": [Command.set(quotation.ids)],
                "activity_plan_id": plan.id,
            }
        )
        add = self._criterion
        self._fields_criterion(self.p_meet, "email_from", "date_deadline")
        add(self.p_meet, "domain", domain="[('priority', '=', '2')]")
        add(self.p_meet, "activity", activity_type_id=call.id, minimum_count=3)
        add(self.p_meet, "meeting", role="champion", validity_days=30)
        add(self.p_meet, "stakeholder", role="economic_buyer", severity="soft")
        add(self.p_prove, "email", minimum_amount=750.0, help="Ask for it")
        add(self.p_prove, "document", document_category="minutes", verifier="peer")
        add(self.p_prove, "quotation", quotation_state="viewed", severity="advisory")
        add(self.p_prove, "signoff", name="Seen")
        add(self.p_prove, "customer", statement="We want it")

    # === ROUND TRIP === #

    def test_export_and_import_give_an_equal_process(self):
        self._full_process()
        exported = self.process._export_pack()
        loaded = self._load(exported)
        self.assertEqual(loaded.state, "draft")
        self.assertEqual(loaded._export_pack(), exported)
        self.assertEqual(loaded.stage_ids.stage_id, self.stages)
        # Compared field by field as well, in case the export forgets one.
        self._assert_same(self.process, loaded, ("name", "description", "lead_domain"))
        skipped = {"process_id", "company_id", "sequence", "criterion_ids"}
        names = self._stored_names("sales.process.stage") - skipped
        for old, new in zip(self.process.stage_ids, loaded.stage_ids, strict=True):
            self._assert_same(old, new, names)
        skipped = {"process_id", "process_stage_id", "company_id", "sequence"}
        names = self._stored_names("sales.process.criterion") - skipped
        old = self.process.stage_ids.criterion_ids
        new = loaded.stage_ids.criterion_ids
        self.assertEqual(len(new), 10)
        for before, after in zip(old, new, strict=True):
            self._assert_same(before, after, names)

    def _stored_names(self, model):
        return {
            name
            for name, field in self.env[model]._fields.items()
            if field.store and name not in models.MAGIC_COLUMNS
        }

    def _assert_same(self, one, other, names):
        for name in names:
            with self.subTest(record=one.display_name, field=name):
                self.assertEqual(one[name], other.sudo()[name])

    def test_file_is_what_is_downloaded(self):
        process = self.process.with_user(self.rep_user)
        content = json.loads(base64.b64decode(process.pack_file))
        self.assertEqual(content, self.process._export_pack())
        self.assertIn("/pack_file/test-v1.json", process.action_export()["url"])

    def test_translations_travel(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        french = {"lang": "fr_FR"}
        self.process.with_context(**french).name = "Essai"
        self.meet.with_context(**french).name = "Rencontre"
        self.p_meet.guidance = "<p>Listen <strong>first</strong>.</p>"
        terms = {"Listen <strong>first</strong>.": "Écoutez <strong>d'abord</strong>."}
        self.p_meet.update_field_translations("guidance", {"fr_FR": terms})
        criterion = self._criterion(self.p_meet, name="Agreed")
        criterion.with_context(**french).name = "Convenu"
        exported = self.process._export_pack()
        stage = exported["process"]["stages"][0]
        self.assertEqual(exported["process"]["name_i18n"], {"fr_FR": "Essai"})
        self.assertEqual(stage["name_i18n"], {"fr_FR": "Rencontre"})
        stage["name"], stage["name_i18n"]["fr_FR"] = "Test Other", "Autre"
        exported["process"]["name_i18n"]["de_DE"] = "Not installed"
        loaded = self._load(exported)
        self.assertEqual(loaded.name, "Test")
        loaded = loaded.with_context(**french)
        self.assertEqual(loaded.name, "Essai")
        first = loaded.stage_ids[0]
        self.assertEqual(first.stage_id.name, "Autre")
        self.assertIn("Écoutez <strong>d'abord</strong>.", first.guidance)
        self.assertEqual(first.criterion_ids.name, "Convenu")
        self.assertIn("Listen", loaded.with_context(lang="en_US").stage_ids[0].guidance)

    # === PROBLEMS === #

    def test_no_process_file(self):
        self.assertIn("not JSON", self._problems("name;stage"))
        self.assertIn("not JSON", self._problems("[" * 100000))
        self.assertIn("does not hold a process", self._problems("[1, 2]"))
        self.assertIn("does not hold a process", self._problems("{}"))
        self.assertIn(
            "version 9", self._problems({**self._file(), "format_version": 9})
        )
        broken = {**self._file(), "process": 5}
        self.assertIn("holds no process", self._problems(broken))

    def test_all_problems_at_once(self):
        before = self.env["crm.stage"].search_count([])
        text = self._problems(
            self._file(
                colour="red",
                lead_domain="[('nope', '=', 1)]",
                stages=[
                    {
                        "name": "Brand New",
                        "probability": 120,
                        "forecast_category": "sure",
                        "expected_days": -1,
                        "criteria": [
                            {"name": "One", "kind": "magic"},
                            {"name": "Two", "kind": "fields", "fields": ["x_gone"]},
                            {
                                "name": "Three",
                                "kind": "activity",
                                "activity_type": {"name": "Séance"},
                            },
                            {"name": "Four", "kind": "stakeholder", "severity": "mild"},
                            {"name": "Five", "kind": "signoff", "verifier": "system"},
                            {"name": "Six", "kind": "email", "minimum_count": 0},
                            {"kind": "email", "key": "k"},
                            {"name": "Eight", "kind": "email", "key": "k"},
                            {"name": "Nine", "kind": "email", "validity_days": "30"},
                            "ten",
                        ],
                    },
                    {"name": "Brand New"},
                    "third",
                ],
            )
        )
        for expected in (
            "“colour” is unknown",
            "filter does not fit",
            "probability is not between",
            "“sure” is no forecast_category",
            "“expected_days” is negative",
            "“magic” is no kind",
            "no field “x_gone”",
            "no activity type “Séance”",
            "Criterion “Four”: “role” is missing",
            "“mild” is no severity",
            "a person has to say yes",
            "0 pieces",
            "“name” is missing",
            "key stands in the file twice",
            "“validity_days” has a value of the wrong kind",
            "stands in the file twice",
            "Stage 3: it cannot be read",
        ):
            with self.subTest(expected):
                self.assertIn(expected, text)
        self.assertEqual(self.env["crm.stage"].search_count([]), before)
        self.assertFalse(self.env["sales.process"].search([("name", "=", "Loaded")]))

    def test_wrong_shapes_are_problems_too(self):
        """Whatever stands in the file, the answer is a list of problems."""
        odd = [None, 7, True, "x", [[]], {"a": []}]
        for value in odd:
            content = self._file(name=value, stages=value)
            stage = dict.fromkeys(
                ("name", "criteria", "content", "activity_plan"), value
            )
            criterion = dict.fromkeys(
                ("name", "kind", "fields", "activity_type", "key", "domain"), value
            )
            for each in (
                content,
                self._file(stages=[stage]),
                self._file(stages=[{"name": "A", "criteria": [criterion]}]),
            ):
                with self.subTest(value=value), self.assertRaises(UserError):
                    self._load(each)

    def test_material_that_is_missing_is_left_out(self):
        content = self._file()
        content["process"]["stages"][0].update(
            content=[{"name": "Gone"}],
            mail_templates=[{"xmlid": "nowhere.template", "name": "Gone too"}],
            activity_plan={"name": "No plan"},
        )
        dialog = self._dialog(content)
        for name in ("Gone", "Gone too", "No plan"):
            self.assertIn(name, dialog.notes)
        loaded = self._load(content)
        self.assertFalse(loaded.stage_ids[0].asset_ids)
        self.assertFalse(loaded.stage_ids[0].activity_plan_id)

    # === STAGES OF THE PIPELINE === #

    def test_stages_are_found_by_name(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.prove.with_context(lang="fr_FR").name = "Preuve"
        loaded = self._load(
            self._file(
                stages=[
                    {"name": " test meet "},
                    {"name": "PREUVE"},
                    {"name": "x", "name_i18n": {"nl_NL": "Test Close"}},
                    {"name": "Test Won", "is_won": True},
                ]
            )
        )
        self.assertEqual(loaded.stage_ids.stage_id, self.stages)

    def test_won_stage_is_not_taken_for_an_open_one(self):
        loaded = self._load(self._file(stages=[{"name": "Test Won"}]))
        self.assertNotEqual(loaded.stage_ids.stage_id, self.won)
        self.assertFalse(loaded.stage_ids.is_won)

    def test_the_only_way_to_win_is_taken_whatever_its_name(self):
        others = self.env["crm.stage"].search([("is_won", "=", True)]) - self.won
        others.is_won = False
        content = self._file(stages=[{"name": "Signed", "is_won": True}])
        self.assertEqual(self._load(content).stage_ids.stage_id, self.won)

    def test_new_stages_stand_between_the_existing_ones(self):
        self.prove.sequence = 510  # 502 and 503 are Close and Won
        before = {stage: stage.sequence for stage in self.env["crm.stage"].search([])}
        loaded = self._load(
            self._file(
                stages=[
                    {"name": "Test Meet"},
                    {"name": "Test Zeta"},
                    {"name": "Test Alpha"},
                    {"name": "Test Prove"},
                ]
            )
        )
        self.assertEqual(
            loaded.stage_ids.mapped("stage_id.sequence"), [500, 501, 504, 510]
        )
        self.assertFalse(loaded.columns_differ)
        after = {stage: stage.sequence for stage in before}
        self.assertEqual(after, before, "Existing stages stay as they are")

    def test_process_for_teams(self):
        """Stages of other teams are not taken, new ones belong to the teams."""
        self.meet.team_ids = self.south
        content = self._file(stages=[{"name": "Test Meet"}, {"name": "Test Prove"}])
        loaded = self._load(content, teams=self.retail.with_user(self.designer_user))
        self.assertEqual(loaded.team_ids, self.retail)
        first, second = loaded.stage_ids.stage_id
        self.assertNotEqual(first, self.meet)
        self.assertEqual(first.team_ids, self.retail)
        self.assertEqual(second, self.prove)
        self.assertEqual(self._load(content).stage_ids.stage_id[0], self.meet)

    # === READY-MADE PROCESSES === #

    def test_ready_made_processes_are_good(self):
        self.process.state = "retired"
        packs = self.Process._ready_made_packs()
        self.assertEqual(set(packs), {"b2b_complex", "b2b_transactional", "renewal"})
        kinds = set()
        for key, content in packs.items():
            with self.subTest(key):
                loaded = self._load(content.decode())
                loaded.action_publish()
                self.assertFalse(loaded.hints, "Nothing to look at")
                working = loaded.stage_ids.filtered(lambda s: not s.is_won)
                self.assertTrue(all(working.mapped("goal")))
                self.assertTrue(all(s.guidance for s in loaded.stage_ids))
                self.assertTrue(all(working.mapped("criterion_ids.help")))
                for stage in working:
                    self.assertIn(len(stage.criterion_ids), range(2, 6))
                kinds |= set(working.criterion_ids.mapped("kind"))
                loaded.state = "retired"
        every = self.env["sales.process.criterion"]._fields["kind"].get_values(self.env)
        self.assertEqual(kinds, set(every))

    def test_ready_made_processes_speak_chinese(self):
        """Every text of theirs has its translations, guidance included."""
        for language in ("zh_CN", "zh_TW"):
            self.env["res.lang"]._activate_lang(language)
        for key, content in self.Process._ready_made_packs().items():
            loaded = self._load(content.decode())
            for language in ("zh_CN", "zh_TW"):
                self._assert_translated(key, loaded, language)

    def _assert_translated(self, key, process, language):
        stages = process.stage_ids
        for record in [process, *stages, *stages.criterion_ids]:
            for name in TRANSLATED[record._name]:
                source = record.with_context(lang="en_US")[name]
                text = record.with_context(lang=language)[name]
                with self.subTest(key, language=language, text=source):
                    self.assertTrue(not source or text != source)

    def test_translation_that_does_not_fit_is_said(self):
        content = self._file()
        content["process"]["stages"][0].update(
            guidance="<p>One</p><p>Two</p>", guidance_i18n={"fr_FR": "<p>Un</p>"}
        )
        self.assertIn("other paragraphs", self._dialog(content).notes)

    # === DIALOG === #

    def _dialog(self, content, **values):
        file = base64.b64encode(json.dumps(content).encode())
        return self.designer_env["sales.process.load"].create(
            {"pack": "file", "file": file, **values}
        )

    def test_dialog_shows_what_would_happen(self):
        content = self._file(stages=[{"name": "Test Meet"}, {"name": "<b>Odd</b>"}])
        dialog = self._dialog(content)
        self.assertTrue(dialog.is_loadable)
        self.assertIn("your stage “Test Meet”", dialog.preview)
        self.assertIn("new in your pipeline", dialog.preview)
        self.assertIn("&lt;b&gt;Odd", dialog.preview, "A file brings no markup along")
        action = dialog.action_load()
        self.assertEqual(self.Process.browse(action["res_id"]).name, "Loaded")

    def test_dialog_lists_problems(self):
        dialog = self._dialog(self._file(stages=[]))
        self.assertFalse(dialog.is_loadable)
        self.assertIn("no stages", dialog.problems)
        with self.assertRaisesRegex(UserError, "no stages"):
            dialog.action_load()
        empty = self.designer_env["sales.process.load"].create({"pack": "file"})
        with self.assertRaisesRegex(UserError, "Choose the file"):
            empty.action_load()

    def test_dialog_for_every_ready_made_process(self):
        dialog = self.designer_env["sales.process.load"].create({})
        for key, label in dialog._selection_pack()[:-1]:
            dialog.pack = key
            self.assertTrue(dialog.is_loadable, label)

    def test_rep_loads_nothing(self):
        with self.assertRaises(AccessError):
            self.env["sales.process.load"].with_user(self.rep_user).create({})
