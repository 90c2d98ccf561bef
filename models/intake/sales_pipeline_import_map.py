from collections import Counter

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...engine.import_cells import detect_date_order, detect_decimal_mark
from ...engine.import_match import (
    SECTORS,
    NameIndex,
    detect_kind,
    name_key,
    suggest_status,
)
from .sales_pipeline_import_value import KINDS

DATE_TARGETS = ("date_created", "date_entered", "date_closed", "date_deadline")
# Names come from these columns: kind → (kind of file, field) of each.
SOURCES = {
    "stage": (("deals", "stage"),),
    "status": (("deals", "status"),),
    "user": (
        ("deals", "salesperson"),
        ("deals", "manager"),
        ("people", "name"),
        ("people", "manager"),
    ),
    "customer": (("deals", "customer"), ("customers", "name"), ("customers", "parent")),
    "product": (("deals", "product"), ("products", "name")),
    "industry": (("customers", "industry"),),
    "country": (("customers", "country"),),
    "lost_reason": (("deals", "lost_reason"),),
}
# These files say which names really exist: kind of name → kind of file.
REFERENCES = {"customer": "customers", "product": "products"}


class SalesPipelineImport(models.Model):
    """Reading the files, and suggesting what columns and names mean."""

    _inherit = "sales.pipeline.import"

    # === FILES === #

    def _read_files(self):
        """Take up the uploaded files; the kind of each shows in its heading."""
        self.ensure_one()
        known = self.file_ids.attachment_id
        self.file_ids.filtered(
            lambda file: file.attachment_id not in self.attachment_ids
        ).unlink()
        File = self.env["sales.pipeline.import.file"]
        for attachment in self.attachment_ids - known:
            file = File.create(
                {
                    "import_id": self.id,
                    "attachment_id": attachment.id,
                    "name": attachment.name,
                }
            )
            kind = detect_kind(file._read_table().headers)
            if kind in self.file_ids.mapped("kind"):
                kind = ""
            file.kind = kind or "none"
        if "deals" not in self.file_ids.mapped("kind") and len(self.file_ids) == 1:
            self.file_ids.kind = "deals"
        self._check_kinds()
        self.date_order = False
        self._refresh_mapping()

    def _check_kinds(self):
        kinds = Counter(self.file_ids.mapped("kind"))
        if kinds["deals"] != 1:
            raise UserError(
                self.env._(
                    "Exactly one file has to hold the deals: a heading with a stage or "
                    "status, a customer and an amount. Mark it under “Holds”, or split "
                    "the import into several runs."
                )
            )
        labels = dict(self.file_ids._fields["kind"]._description_selection(self.env))
        for kind, count in kinds.items():
            if kind != "none" and count > 1:
                raise UserError(
                    self.env._("Two files hold “%s”. Keep one.", labels[kind])
                )

    def _tables(self):
        """Every used file, read: {kind: (file, table, {position: field})}."""
        self.ensure_one()
        tables = {}
        for file in self.file_ids.filtered(lambda file: file.kind != "none"):
            columns = {
                column.position: column.target.partition(".")[2]
                for column in file.column_ids
                if column.target and column.target.startswith(f"{file.kind}.")
            }
            tables[file.kind] = (file, file._read_table(), columns)
        return tables

    def _refresh_mapping(self):
        """Look at the cells again after a file or a column changed."""
        for run in self.filtered("file_ids"):
            tables = run._tables()
            if "deals" in tables:
                run._detect_formats(tables["deals"])
                run._refresh_values(tables)

    def _detect_formats(self, deals):
        _file, table, columns = deals
        dates, amounts = [], []
        for position, target in columns.items():
            if target in DATE_TARGETS:
                dates += table.column(position)
            elif target == "amount":
                amounts += table.column(position)
        found = detect_date_order(dates)
        values = {"date_order_found": found}
        is_new = found != self.date_order_found or not self.date_order
        if is_new and found in ("ymd", "mdy", "dmy"):
            values["date_order"] = found
        if amounts and not self.value_ids:
            values["decimal_mark"] = detect_decimal_mark(amounts)
        self._engine_write(values)

    def _mark_changed(self):
        """A decision changed: an earlier check says nothing any more."""
        checked = self.filtered(lambda run: run.state in ("checked", "failed"))
        checked._engine_write({"state": "mapped"})

    # === NAMES === #

    def _team_name(self, cells):
        """The team of a row: its team column, else the one its manager leads."""
        if cells.get("team"):
            return cells["team"]
        manager = cells.get("manager")
        return self.env._("Team %s", manager) if manager else ""

    @api.model
    def _count_names(self, tables):
        """Every name in the files: {kind: {key: [name, rows, first row]}}."""
        found = {kind: {} for kind in KINDS}

        def add(kind, name, row, counts):
            key = name_key(name)
            if not key:
                return
            entry = found[kind].setdefault(key, [name, 0, row])
            entry[1] += counts

        for kind, sources in SOURCES.items():
            for file_kind, target in sources:
                _file, table, columns = tables.get(file_kind, (None, None, {}))
                counts = file_kind == "deals" or kind in ("industry", "country")
                for position, name in columns.items():
                    if name != target:
                        continue
                    cells = zip(table.numbers, table.column(position), strict=True)
                    for row, cell in cells:
                        add(kind, cell, row, counts)
        self._count_teams(tables, add)
        return found

    def _count_teams(self, tables, add):
        for file_kind in ("deals", "people"):
            _file, table, columns = tables.get(file_kind, (None, None, {}))
            wanted = {"team", "manager", "region"} & set(columns.values())
            if not wanted:
                continue
            for number, row in zip(table.numbers, table.rows, strict=True):
                cells = {target: row[index] for index, target in columns.items()}
                add("team", self._team_name(cells), number, file_kind == "deals")
                if file_kind == "people":
                    add("team", cells.get("region", ""), number, 0)

    def _refresh_values(self, tables):
        """Add names that are new in the files, drop those gone, keep decisions."""
        Value = self.env["sales.pipeline.import.value"]
        found = self._count_names(tables)
        kept = {(value.kind, value.key): value for value in self.value_ids}
        gone = Value.browse(
            value.id for pair, value in kept.items() if pair[1] not in found[pair[0]]
        )
        gone.unlink()
        vals_list = []
        for kind, names in found.items():
            fresh = {
                key: entry for key, entry in names.items() if (kind, key) not in kept
            }
            for key, entry in names.items():
                value = kept.get((kind, key))
                if value and value.row_count != entry[1]:
                    value.row_count = entry[1]
            if fresh:
                vals_list += self._prepare_values(kind, fresh, names, tables)
        Value.create(vals_list)

    def _prepare_values(self, kind, fresh, names, tables):
        memory = self.env["sales.pipeline.import.memory"]
        remembered = memory._recall(self.company_id, f"value.{kind}")
        reference = self._reference_names(kind, tables)
        known = NameIndex(self._known_names(kind, fresh))
        # A spelling used more often may be the right one for a spelling used less.
        others = [(entry[0], None) for key, entry in names.items() if key in reference]
        others += [(name, None) for name in SECTORS] if kind == "industry" else []
        wider = NameIndex(others)
        vals_list = []
        for key, (name, count, row) in fresh.items():
            vals = {
                "import_id": self.id,
                "kind": kind,
                "name": name,
                "key": key,
                "row_count": count,
                "first_row": row,
            }
            vals |= (
                self._from_memory(kind, remembered.get(key))
                or self._suggest_stage(kind, name, known)
                or self._suggest_record(kind, name, known, wider, key in reference)
            )
            vals_list.append(vals)
        if kind in ("product", "customer") and not reference:
            self._compare_within(vals_list)
        return vals_list

    def _from_memory(self, kind, answer):
        Value = self.env["sales.pipeline.import.value"].with_company(self.company_id)
        return Value._from_answer(kind, answer) if answer else {}

    @api.model
    def _reference_names(self, kind, tables):
        """The keys of the names that a file of customers or products lists."""
        _file, table, columns = tables.get(REFERENCES.get(kind), (None, None, {}))
        return {
            name_key(cell)
            for position, target in columns.items()
            if target == "name"
            for cell in table.column(position)
        }

    def _suggest_record(self, kind, name, known, wider, is_listed):
        """What to do with a name that stands for a record."""
        field = KINDS[kind][1]
        exact = list(dict.fromkeys(known.exact(name)))
        if len(exact) == 1:
            return {"action": "match", field: exact[0]}
        if exact:
            suggestion = self.env._("%s records have this name", len(exact))
            return {"action": "empty", "is_ambiguous": True, "suggestion": suggestion}
        creatable = kind not in ("user", "country")
        near = [] if is_listed else known.near(name, 1) or wider.near(name, 1)
        if kind == "industry" and wider.exact(name):
            near = []
        vals = {"action": "create" if creatable else "empty"}
        if near:
            vals.update(
                suggestion=near[0].name,
                suggestion_score=round(100 * near[0].score),
                suggested_res_id=near[0].ref or 0,
            )
            if kind in ("product", "industry"):
                vals["action"] = "empty"
        return vals

    @api.model
    def _compare_within(self, vals_list):
        """Show names of the file that differ only in spelling; the rarer one asks."""
        ordered = sorted(vals_list, key=lambda vals: -vals["row_count"])
        index = NameIndex((vals["name"], order) for order, vals in enumerate(ordered))
        for order, vals in enumerate(ordered):
            if vals["action"] != "create":
                continue
            near = [near for near in index.near(vals["name"]) if near.ref < order]
            if near:
                vals.update(
                    suggestion=near[0].name, suggestion_score=round(100 * near[0].score)
                )
                if vals["kind"] == "product":
                    vals["action"] = "empty"

    # === STAGES === #

    def _open_stages(self):
        """The stages a deal of this run may stand in, in order."""
        if self.process_id:
            return self.process_id.stage_ids.stage_id
        domain = Domain("team_ids", "=", False)
        if self.team_id:
            domain |= Domain("team_ids", "in", self.team_id.ids)
        return self.env["crm.stage"].search(domain)

    def _suggest_stage(self, kind, name, known):
        """What a stage or status word means: by its name, then by its usual sense."""
        if kind not in ("stage", "status"):
            return {}
        stages = self._open_stages()
        still_open = stages.filtered(lambda stage: not stage.is_won)
        won = stages - still_open
        exact = self.env["crm.stage"].browse(known.exact(name)[:1])
        status = suggest_status(name)
        outcome = status.outcome
        if exact and not outcome:
            outcome = "won" if exact.is_won else "open"
        stage = exact
        if outcome == "won":
            stage = exact if exact.is_won else won[:1]
        elif outcome == "lost":
            stage = exact or still_open[:1]
        elif not exact and status.position is not None and still_open:
            stage = still_open[round(status.position * (len(still_open) - 1))]
        return {
            "outcome": outcome or False,
            "stage_id": stage.id,
            "action": "match",
        }

    # === KNOWN RECORDS === #

    def _known_names(self, kind, names):
        """Pairs (name, id) of the records that names of this kind may mean."""
        model = self.env[KINDS[kind][0]].with_company(self.company_id)
        domain = Domain.TRUE
        fetch = ["name"]
        if kind in ("stage", "status"):
            return [(stage.name, stage.id) for stage in self._open_stages()]
        if "company_id" in model._fields and kind != "user":
            domain = Domain("company_id", "in", [False, self.company_id.id])
        if kind == "user":
            domain = Domain("share", "=", False) & Domain(
                "company_ids", "in", self.company_id.ids
            )
            fetch = ["name", "login"]
        elif kind == "customer":
            domain &= Domain("is_company", "=", True) | Domain("parent_id", "=", False)
        elif kind == "product":
            fetch = ["name", "default_code"]
        elif kind == "country":
            fetch = ["name", "code"]
        records = model.search_fetch(domain, fetch)
        if kind == "customer":
            records = self._prefer_companies(records)
        return [
            (name, record.id)
            for record in records
            for name in (record[field] for field in fetch)
            if name
        ]

    @api.model
    def _prefer_companies(self, partners):
        """A person is only meant where no company has the same name."""
        companies = partners.filtered("is_company")
        taken = {name_key(partner.name) for partner in companies}
        return companies + (partners - companies).filtered(
            lambda partner: name_key(partner.name) not in taken
        )
