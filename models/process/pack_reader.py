"""Read a process file: check all of it first, then say what has to be created.

The format is described in ``sales_process_pack``.
"""

import ast
import json

from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .pack_references import PackReferences

FORMAT = "odoo-sales-process"
FORMAT_VERSION = 1
MAX_SIZE = 5 * 1024 * 1024
MAX_NUMBER = 10**9

NUMBER = (int, float)
PROCESS_KEYS = {
    "name": str,
    "description": str,
    "currency": str,
    "lead_domain": str,
    "stages": list,
}
STAGE_KEYS = {
    "name": str,
    "is_won": bool,
    "buyer_step": str,
    "goal": str,
    "guidance": str,
    "probability": NUMBER,
    "forecast_category": str,
    "expected_days": int,
    "allow_skip": bool,
    "allow_backward": bool,
    "criteria": list,
    "content": list,
    "mail_templates": list,
    "quotation_templates": list,
    "activity_plan": dict,
}
CRITERION_KEYS = {
    "name": str,
    "help": str,
    "statement": str,
    "key": str,
    "kind": str,
    "severity": str,
    "verifier": str,
    "minimum_amount": NUMBER,
    "validity_days": int,
    "minimum_count": int,
    "fields": list,
    "domain": str,
    "activity_type": dict,
    "role": str,
    "document_category": str,
    "quotation_state": str,
}
TRANSLATED = {
    "sales.process": ("name", "description"),
    "crm.stage": ("name",),
    "sales.process.stage": ("buyer_step", "goal", "guidance"),
    "sales.process.criterion": ("name", "help", "statement"),
}
# Key in the file and field of the stage: what is left out when it is not found.
MATERIAL = (
    ("content", "asset_ids"),
    ("mail_templates", "mail_template_ids"),
    ("quotation_templates", "quotation_template_ids"),
)


class PackReader(PackReferences):
    """One process file and what is wrong with it.

    :ivar data: the ``process`` part of the file, or None when it cannot be used
    :ivar problems: texts; the file is not loaded while there is one
    :ivar notes: texts on what will differ or be left out
    """

    def __init__(self, env, content, teams=None):
        super().__init__(env, teams)
        self.data, self.problems, self.notes = None, [], []
        self.stages = []  # crm.stage (may be empty) of each stage in the file
        data = self._parse(content)
        if data is not None:
            self._check(data)
        if not self.problems:
            self.data = data

    # === THE FILE === #

    def _parse(self, content):
        try:
            data = json.loads(content) if len(content) < MAX_SIZE else None
        except (ValueError, RecursionError):
            return self._problem(
                self.env._(
                    "This is no process file: it is not JSON. Choose a file that was "
                    "made with “Export” on a process."
                )
            )
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            return self._problem(
                self.env._(
                    "This JSON file does not hold a process. Choose a file that was "
                    "made with “Export” on a process."
                )
            )
        if data.get("format_version") != FORMAT_VERSION:
            return self._problem(
                self.env._(
                    "The file has format version %(found)s, this Odoo reads version "
                    "%(known)s. Export it again from an Odoo with the same release.",
                    found=data.get("format_version"),
                    known=FORMAT_VERSION,
                )
            )
        if not isinstance(data.get("process"), dict):
            return self._problem(self.env._("The file holds no process."))
        return data["process"]

    def _problem(self, text):
        if text not in self.problems:
            self.problems.append(text)

    def _note(self, text):
        if text not in self.notes:
            self.notes.append(text)

    # === CHECKS === #

    def _check(self, data):
        place = self.env._("Process")
        self._check_keys(place, data, PROCESS_KEYS, "sales.process", ("name", "stages"))
        self._check_domain(place, data.get("lead_domain"))
        self._check_currency(data)
        stages = data.get("stages")
        stages = stages if isinstance(stages, list) else []
        if not stages:
            self._problem(self.env._("The process has no stages."))
        seen, keys = set(), set()
        for number, stage in enumerate(stages, 1):
            place = self.env._("Stage %s", number)
            if not isinstance(stage, dict):
                self._problem(self.env._("%s: it cannot be read.", place))
                continue
            if isinstance(stage.get("name"), str):
                place = self.env._("Stage “%s”", stage["name"])
            self._check_stage(place, stage, keys)
            found = self.find_stage(stage)
            same = {found, str(stage.get("name")).casefold()} - {found.browse()}
            if same & seen:
                self._problem(self.env._("%s: it stands in the file twice.", place))
            seen |= same
            self.stages.append(found)

    def _check_stage(self, place, stage, keys):
        model = "sales.process.stage"
        self._check_keys(place, stage, STAGE_KEYS, model, ("name",))
        self._check_selection(place, stage, "forecast_category", model)
        if not 0 <= self._number(stage, "probability") <= 100:
            self._problem(
                self.env._("%s: its probability is not between 0 and 100.", place)
            )
        self._check_not_negative(place, stage, ("expected_days",))
        for number, criterion in enumerate(self._list(stage, "criteria"), 1):
            where = self.env._("%(stage)s, criterion %(n)s", stage=place, n=number)
            if not isinstance(criterion, dict):
                self._problem(self.env._("%s: it cannot be read.", where))
                continue
            if isinstance(criterion.get("name"), str):
                where = self.env._("Criterion “%s”", criterion["name"])
            self._check_criterion(where, criterion, keys)
        for key, field in MATERIAL:
            for entry in self._list(stage, key):
                if not self.find_material(field, entry):
                    self._note_missing(place, self._label(entry))
        if stage.get("activity_plan") and not self.find_plan(stage):
            self._note_missing(place, self._label(stage["activity_plan"]))

        self._check_guidance(place, stage)

    def _check_guidance(self, place, stage):
        """A formatted text is translated piece by piece, so the pieces must match."""
        count = self.env["sales.process.stage"]._fields["guidance"].get_trans_terms
        source, texts = stage.get("guidance"), stage.get("guidance_i18n")
        if not isinstance(source, str) or not isinstance(texts, dict):
            return
        for code, text in texts.items():
            if isinstance(text, str) and len(count(text)) != len(count(source)):
                self._note(
                    self.env._(
                        "%(place)s: the guidance in %(language)s has other paragraphs "
                        "than the original and is left out.",
                        place=place,
                        language=code,
                    )
                )

    def _note_missing(self, place, label):
        self._note(
            self.env._(
                "%(place)s: “%(name)s” is not in this database and is left out.",
                place=place,
                name=label,
            )
        )

    def _check_criterion(self, place, criterion, keys):
        model = "sales.process.criterion"
        self._check_keys(place, criterion, CRITERION_KEYS, model, ("name", "kind"))
        for name in (
            "kind",
            "severity",
            "verifier",
            "role",
            "document_category",
            "quotation_state",
        ):
            self._check_selection(place, criterion, name, model)
        self._check_not_negative(
            place, criterion, ("minimum_amount", "validity_days", "minimum_count")
        )
        if criterion.get("minimum_count") == 0:
            self._problem(self.env._("%s: it asks for 0 pieces of proof.", place))
        self._check_domain(place, criterion.get("domain"))
        self._check_needed(place, criterion)
        by_person = criterion.get("kind") in ("signoff", "customer")
        if by_person and criterion.get("verifier") == "system":
            self._problem(
                self.env._("%s: a person has to say yes, not the system.", place)
            )
        for name in self._list(criterion, "fields"):
            if str(name) not in self.env["crm.lead"]._fields:
                self._problem(
                    self.env._(
                        "%(place)s: a deal has no field “%(field)s” in this database.",
                        place=place,
                        field=name,
                    )
                )
        if criterion.get("activity_type") and not self.find_activity_type(criterion):
            self._problem(
                self.env._(
                    "%(place)s: there is no activity type “%(type)s”. Create it, or "
                    "change the file.",
                    place=place,
                    type=self._label(criterion["activity_type"]),
                )
            )
        key = str(criterion.get("key") or "")
        if key in keys:
            self._problem(self.env._("%s: its key stands in the file twice.", place))
        keys |= {key} - {""}

    def _check_needed(self, place, criterion):
        needed = {
            "fields": "fields",
            "domain": "domain",
            "activity": "activity_type",
            "stakeholder": "role",
        }.get(str(criterion.get("kind")))
        if needed and not criterion.get(needed):
            self._problem(
                self.env._("%(place)s: “%(key)s” is missing.", place=place, key=needed)
            )

    def _check_keys(self, place, values, known, model, required):
        translated = {f"{name}_i18n" for name in TRANSLATED[model]}
        if model == "sales.process.stage":
            translated.add("name_i18n")
        for key, value in values.items():
            if key in translated:
                if not isinstance(value, dict) or not all(
                    isinstance(text, str) for text in value.values()
                ):
                    self._problem_type(place, key)
            elif key not in known:
                self._problem(
                    self.env._("%(place)s: “%(key)s” is unknown.", place=place, key=key)
                )
            elif not isinstance(value, known[key]) or (
                isinstance(value, bool) and known[key] is not bool
            ):
                self._problem_type(place, key)
        for key in required:
            if not values.get(key):
                self._problem(
                    self.env._("%(place)s: “%(key)s” is missing.", place=place, key=key)
                )

    def _problem_type(self, place, key):
        self._problem(
            self.env._(
                "%(place)s: “%(key)s” has a value of the wrong kind.",
                place=place,
                key=key,
            )
        )

    def _check_selection(self, place, values, name, model):
        known = self.env[model]._fields[name].get_values(self.env)
        if values.get(name) and values[name] not in known:
            self._problem(
                self.env._(
                    "%(place)s: “%(value)s” is no %(field)s. Known are: %(known)s.",
                    place=place,
                    value=values[name],
                    field=name,
                    known=", ".join(known),
                )
            )

    def _check_not_negative(self, place, values, names):
        for name in names:
            if self._number(values, name) < 0:
                self._problem(
                    self.env._(
                        "%(place)s: “%(key)s” is negative.", place=place, key=name
                    )
                )
            elif self._number(values, name) > MAX_NUMBER:
                self._problem(
                    self.env._(
                        "%(place)s: “%(key)s” is too large.", place=place, key=name
                    )
                )

    def _check_domain(self, place, text):
        if not text or not isinstance(text, str):
            return
        try:
            domain = Domain(ast.literal_eval(text))
            domain.validate(self.env["crm.lead"])
        except (ValueError, SyntaxError, TypeError, KeyError, ValidationError) as error:
            self._problem(
                self.env._(
                    "%(place)s: its filter does not fit the deals of this database: "
                    "%(error)s",
                    place=place,
                    error=error,
                )
            )
            return
        if any(self._names_records(leaf) for leaf in domain.iter_conditions()):
            self._note(
                self.env._(
                    "%s: its filter names records by their number in another "
                    "database. Check it.",
                    place,
                )
            )

    def _names_records(self, leaf):
        field = self.env["crm.lead"]._fields.get(leaf.field_expr.split(".")[0])
        values = leaf.value if isinstance(leaf.value, list | tuple) else [leaf.value]
        return (
            field
            and field.relational
            and any(isinstance(v, int) and not isinstance(v, bool) for v in values)
        )

    def _check_currency(self, data):
        amounts = any(
            self._number(criterion, "minimum_amount")
            for stage in self._list(data, "stages")
            for criterion in self._list(stage, "criteria")
        )
        if amounts and not self.find_currency(data):
            own = self.env.company.currency_id.name
            self._note(
                self.env._(
                    "Some criteria hold only deals from an amount on. The amounts are "
                    "taken in %s; change them to what is large for you.",
                    own,
                )
            )

    @staticmethod
    def _number(values, key):
        value = values.get(key) if isinstance(values, dict) else None
        return value if isinstance(value, NUMBER) else 0

    @staticmethod
    def _list(values, key):
        value = values.get(key) if isinstance(values, dict) else None
        return value if isinstance(value, list) else []
