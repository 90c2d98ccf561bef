"""Processes as files: export, import and the ready-made ones.

A process file is JSON (UTF-8), neutral of database and company:

.. code-block:: json

    {"format": "odoo-sales-process", "format_version": 1,
     "process": {
       "name": "…", "description": "…", "currency": "EUR", "lead_domain": "[…]",
       "stages": [
         {"name": "Qualified", "is_won": false, "buyer_step": "…", "goal": "…",
          "guidance": "<p>…</p>", "probability": 20, "forecast_category": "pipeline",
          "expected_days": 14, "allow_skip": true, "allow_backward": true,
          "criteria": [
            {"name": "…", "kind": "activity", "severity": "hard", "verifier": "system",
             "activity_type": {"xmlid": "mail.mail_activity_data_call", "name": "Call"},
             "minimum_count": 1, "validity_days": 0, "help": "…", "key": "…"}],
          "content": [{"name": "…"}], "mail_templates": [{"xmlid": "…", "name": "…"}],
          "quotation_templates": [{"name": "…"}], "activity_plan": {"name": "…"}}]}}

* Texts are in ``en_US``. Every text may have a sibling with its translations,
  ``"name_i18n": {"zh_CN": "…"}``; languages that are not installed are passed over.
  A translation of ``guidance`` has the same tags as the original.
* References are portable: names of fields, external ids or names of activity types,
  plans, templates and content, the code of the currency.
* What is left out takes its default. ``key`` is the identity of a criterion
  across versions, so evidence survives when a file goes from a test database to live.
* Teams, company and sequence are not in the file: they belong to the database.

A file with an unknown key, kind, field or activity type is refused as a whole, with all
problems at once. Material that is not found is left out, and said.
"""

import base64
import json
import re
from pathlib import Path

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import is_html_empty

from .pack_reader import FORMAT, FORMAT_VERSION, MATERIAL, TRANSLATED, PackReader

READY_MADE = Path(__file__).parents[2] / "data" / "process_packs"
STAGE_VALUES = (
    "probability",
    "forecast_category",
    "expected_days",
    "allow_skip",
    "allow_backward",
)
CRITERION_VALUES = (
    "key",
    "kind",
    "severity",
    "verifier",
    "minimum_amount",
    "validity_days",
    "minimum_count",
    "domain",
    "role",
    "document_category",
    "quotation_state",
)


class SalesProcess(models.Model):
    _inherit = "sales.process"

    pack_file = fields.Binary(
        string="Process File", compute="_compute_pack_file", attachment=False
    )

    # === COMPUTE METHODS === #

    def _compute_pack_file(self):
        for process in self:
            text = json.dumps(process._export_pack(), indent=2, ensure_ascii=False)
            process.pack_file = base64.b64encode(text.encode())

    # === ACTION METHODS === #

    def action_export(self):
        """Download this process as a file."""
        self.ensure_one()
        name = re.sub(r"[^\w-]+", "_", self.name or "process").strip("_").lower()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/pack_file/"
            f"{name}-v{self.version}.json?download=true",
            "target": "download",
        }

    # === IMPORT === #

    @api.model
    def _load_pack(self, content, teams=None, company=None):
        """Create a draft from a process file, all of it or nothing.

        :param bytes content: the file
        :param teams: ``crm.team`` the process is for; default: all
        :param company: ``res.company`` the process is for; default: all
        :return: the new ``sales.process``
        :raise UserError: with every problem of the file
        """
        reader = PackReader(self.env, content, teams)
        if reader.problems:
            raise UserError(
                "\n".join(
                    [
                        self.env._("This file cannot be loaded:"),
                        *(f"  • {problem}" for problem in reader.problems),
                    ]
                )
            )
        data, plain = reader.data, self.with_context(lang=None)
        stages = reader.create_stages(data["stages"], reader.stages)
        process = plain.create(
            {
                "name": data["name"],
                "description": data.get("description"),
                "lead_domain": data.get("lead_domain"),
                "state": "draft",
                "team_ids": reader.teams.ids,
                "company_id": company.id if company else False,
                "currency_id": (
                    reader.find_currency(data)
                    or (company or self.env.company).currency_id
                ).id,
                "stage_ids": [
                    Command.create(
                        self._prepare_pack_stage(reader, number, entry, stage)
                    )
                    for number, (entry, stage) in enumerate(
                        zip(data["stages"], stages, strict=True), 1
                    )
                ],
            }
        )
        process._translate_pack(data, reader.stages)
        return process.with_context(lang=self.env.lang)

    def _prepare_pack_stage(self, reader, number, entry, stage):
        vals = {name: entry[name] for name in STAGE_VALUES if name in entry}
        for key, field in MATERIAL:
            found = [reader.find_material(field, each) for each in entry.get(key, ())]
            vals[field] = [Command.set([record.id for record in found if record])]
        if entry.get("activity_plan"):
            vals["activity_plan_id"] = reader.find_plan(entry).id
        for name in TRANSLATED["sales.process.stage"]:
            vals[name] = entry.get(name)
        return {
            **vals,
            "stage_id": stage.id,
            "sequence": number,
            "criterion_ids": [
                Command.create(self._prepare_pack_criterion(reader, place, criterion))
                for place, criterion in enumerate(entry.get("criteria", ()), 1)
            ],
        }

    def _prepare_pack_criterion(self, reader, number, entry):
        vals = {name: entry[name] for name in CRITERION_VALUES if entry.get(name)}
        for name in TRANSLATED["sales.process.criterion"]:
            vals[name] = entry.get(name)
        names = entry.get("fields", ())
        known = self.env["ir.model.fields"].sudo()  # names of fields are no secret
        vals["field_ids"] = known.search(
            [("model", "=", "crm.lead"), ("name", "in", names)]
        ).ids
        if entry.get("activity_type"):
            vals["activity_type_id"] = reader.find_activity_type(entry).id
        return {**vals, "sequence": number}

    def _translate_pack(self, data, found):
        """Add the translations of the file, in the languages that are installed."""
        self.ensure_one()
        self._translate_record(self, data)
        stages = self.stage_ids.sorted("sequence")
        for stage, entry, existing in zip(stages, data["stages"], found, strict=True):
            if not existing:
                self._translate_record(stage.stage_id, entry)
            self._translate_record(stage, entry)
            criteria = stage.criterion_ids.sorted("sequence")
            entries = entry.get("criteria", ())
            for criterion, each in zip(criteria, entries, strict=True):
                self._translate_record(criterion, each)

    def _translate_record(self, record, entry):
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        for name in TRANSLATED[record._name]:
            texts = entry.get(f"{name}_i18n") or {}
            texts = {code: texts[code] for code in installed & texts.keys()}
            if callable(record._fields[name].translate):
                texts = self._pair_terms(record, name, texts)
            if texts:
                record.update_field_translations(name, texts)

    def _pair_terms(self, record, name, texts):
        """Translations of a formatted text, term by term."""
        field = record._fields[name]
        source = field.get_trans_terms(record[name] or "")
        paired = {}
        for code, text in texts.items():
            terms = field.get_trans_terms(text)
            if len(terms) == len(source):
                paired[code] = dict(zip(source, terms, strict=True))
        return paired

    # === EXPORT === #

    def _export_pack(self):
        """This process as the content of a process file."""
        self.ensure_one()
        process = self.with_context(lang=None)
        process = process.sudo()  # whoever may read a process may copy it
        data = {
            **process._export_texts(process),
            "currency": process.currency_id.name,
            "stages": [s._export_pack() for s in process.stage_ids.sorted()],
        }
        if process.lead_domain and process.lead_domain != "[]":
            data["lead_domain"] = process.lead_domain
        return {"format": FORMAT, "format_version": FORMAT_VERSION, "process": data}

    @api.model
    def _export_texts(self, record):
        """Texts of a record with their translations, empty ones left out."""
        texts = {}
        installed = [code for code, _name in self.env["res.lang"].get_installed()]
        for name in TRANSLATED[record._name]:
            value = record[name]
            html = record._fields[name].type == "html"
            if not value or (html and is_html_empty(value)):
                continue
            texts[name] = str(value)
            others = {}
            for code in installed:
                text = str(record.with_context(lang=code)[name] or "")
                if code != "en_US" and text and text != texts[name]:
                    others[code] = text
            if others:
                texts[f"{name}_i18n"] = others
        return texts

    @api.model
    def _export_reference(self, record):
        xmlid = record.get_external_id().get(record.id)
        name = {"name": record.name}
        own = not xmlid or xmlid.startswith("__export__.")
        return name if own else {"xmlid": xmlid, **name}

    # === READY-MADE PROCESSES === #

    @api.model
    def _ready_made_packs(self):
        """``{key: content of the file}`` of the processes the addon brings along."""
        files = sorted(READY_MADE.glob("*.json"))
        return {path.stem: path.read_bytes() for path in files}

    @api.model
    def _load_ready_made(self, keys, publish=False):
        """Create the ready-made processes named by ``keys``.

        :param list keys: names of files in ``data/process_packs``, without extension
        :param bool publish: make them live at once
        """
        packs = self._ready_made_packs()
        processes = self.browse()
        for key in keys:
            processes |= self._load_pack(packs[key])
        if publish:
            processes.action_publish()
        return processes


class SalesProcessStage(models.Model):
    _inherit = "sales.process.stage"

    def _export_pack(self):
        """This stage as part of a process file."""
        self.ensure_one()
        process = self.env["sales.process"]
        data = {
            **process._export_texts(self.stage_id),
            "is_won": self.stage_id.is_won,
            **process._export_texts(self),
            **{name: self[name] for name in STAGE_VALUES},
            "criteria": [c._export_pack() for c in self.criterion_ids.sorted()],
        }
        for key, field in MATERIAL:
            if self[field]:
                data[key] = [process._export_reference(each) for each in self[field]]
        if self.activity_plan_id:
            data["activity_plan"] = process._export_reference(self.activity_plan_id)
        return data


class SalesProcessCriterion(models.Model):
    _inherit = "sales.process.criterion"

    def _export_pack(self):
        """This criterion as part of a process file."""
        self.ensure_one()
        process = self.env["sales.process"]
        data = process._export_texts(self)
        data.update({n: self[n] for n in CRITERION_VALUES if self[n]})
        if self.field_ids:
            data["fields"] = sorted(self.field_ids.mapped("name"))
        if self.activity_type_id:
            data["activity_type"] = process._export_reference(self.activity_type_id)
        return data
