import base64
import io
from collections import Counter, defaultdict
from dataclasses import replace
from zoneinfo import ZoneInfo

import xlsxwriter

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...engine.import_check import (
    Issue,
    Note,
    Settings,
    check_deals,
    check_records,
    span,
)
from ...engine.import_match import name_key

# More problems than this are counted, and stand in the file of rejected rows; a list
# in a browser is no place for them.
MAX_PROBLEMS = 50_000
# Where names of a kind stand, seen from the row that is checked.
NOTED = {
    "user": ("salesperson", "manager"),
    "team": ("team", "region"),
    "customer": ("customer", "parent"),
    "product": ("product",),
    "industry": ("industry",),
    "country": ("country",),
    "lost_reason": ("lost_reason",),
}


class SalesPipelineImport(models.Model):
    """The dry run: what would be created, and every problem by row."""

    _inherit = "sales.pipeline.import"

    # === PLAN === #

    def _settings(self):
        """How the engine has to read the cells of this run."""
        self.ensure_one()
        currency = self.company_id.currency_id
        outcomes = {"stage": {}, "status": {}}
        notes = defaultdict(dict)
        for value in self.value_ids:
            if value.kind in outcomes:
                if not value.is_undecided:
                    outcomes[value.kind][value.key] = value.outcome
                continue
            note = self._note(value)
            for target in NOTED[value.kind] if note else ():
                notes[target][value.key] = (
                    replace(note, code="manager_unknown")
                    if target == "manager" and note.code == "user_unknown"
                    else note
                )
        return Settings(
            zone=ZoneInfo(self.tz),
            now=fields.Datetime.now(),
            date_order=self.date_order or "ymd",
            decimal_mark=self.decimal_mark,
            currencies=frozenset(
                mark.casefold() for mark in (currency.name, currency.symbol) if mark
            ),
            reject_without_customer=self.missing_customer == "reject",
            outcomes=outcomes,
            notes=dict(notes),
        )

    @api.model
    def _note(self, value):
        """What to report wherever a name stands, or nothing."""
        hint = {}
        if value.suggestion:
            hint = {"suggestion": value.suggestion, "score": value.suggestion_score}
        if value.is_undecided:
            return Note("name_undecided", "error", hint)
        if value.action == "empty":
            code = "name_empty"
            if value.is_ambiguous:
                code = "name_ambiguous"
            elif value.kind == "user":
                code = "user_unknown"
            return Note(code, "warning", hint)
        if value.action == "create" and value.suggestion and not value.create_name:
            return Note("name_near", "warning", hint)
        return None

    def _plan(self):
        """Read and check all files: (tables, checked deals, records, issues).

        ``records`` and ``issues`` are by kind of file; the issues of the deals stand in
        the checked deals.
        """
        self.ensure_one()
        tables = self._tables()
        settings = self._settings()
        _file, table, columns = tables["deals"]
        checked = check_deals(table, columns, settings)
        records, issues = {}, {}
        for kind in ("customers", "products", "people"):
            if kind in tables:
                _file, table, columns = tables[kind]
                records[kind], issues[kind] = check_records(table, columns, settings)
        return tables, checked, records, issues

    def _check_ready(self):
        """Questions that have to be answered before rows can be read."""
        self._check_kinds()
        columns = {column.target for column in self.column_ids if column.target}
        if not columns & {"deals.stage", "deals.status"}:
            raise UserError(
                self.env._(
                    "Choose the column that says where a deal stands: its stage or its "
                    "status (open, won, lost)."
                )
            )
        if not self.date_order and self.date_order_found:
            raise UserError(
                self.env._(
                    "The dates can be read two ways (3/4/2017 is the 3rd of April or "
                    "March 4th) and no date in the file shows which. Choose it under "
                    "“Dates Are Written As”."
                )
                if self.date_order_found == "ambiguous"
                else self.env._(
                    "Some dates of the file put the day first and some the month. "
                    "Choose one form under “Dates Are Written As”; rows in the other "
                    "form are rejected."
                )
            )

    # === DRY RUN === #

    def _check(self):
        """Check every row and keep what was found on the run."""
        self._check_ready()
        self.problem_ids.unlink()
        tables, checked, records, issues = self._plan()
        existing = self._existing_leads(checked.deals)
        there = {deal.row for deal in checked.deals if deal.key in existing}
        told = [issue for issue in checked.issues if issue.row not in there]
        told += self._differences(checked.deals, existing)
        found = {"deals": sorted(told, key=lambda issue: issue.row), **issues}
        self._create_problems(tables, found)
        new = [deal for deal in checked.deals if deal.key not in existing]
        count = Counter(
            issue.severity for several in found.values() for issue in several
        )
        self._engine_write(
            {
                "row_count": len(tables["deals"][1].rows),
                "deal_count": len(new),
                "existing_count": len(checked.deals) - len(new),
                "rejected_count": len(checked.rejected),
                "error_count": count["error"],
                "warning_count": count["warning"],
                "created_count": 0,
                "failed_count": 0,
                "last_row": 0,
                "is_prepared": False,
                "last_error": False,
                "summary": self._summarise(new, records, tables),
            }
        )
        self._write_rejected(tables["deals"][1], checked.issues)

    def _create_problems(self, tables, found):
        Problem = self.env["sales.pipeline.import.problem"]
        vals_list = []
        for kind, issues in found.items():
            file, table, columns = tables[kind]
            headers = {
                target: table.headers[position] for position, target in columns.items()
            }
            for issue in issues[: MAX_PROBLEMS - len(vals_list)]:
                vals = Problem._describe(issue, headers)
                vals.update(import_id=self.id, file_id=file.id)
                vals_list.append(vals)
        Problem.create(vals_list)

    def _summarise(self, deals, records, tables):
        """What the dry run shows: per status, what is created, first and last day."""
        zone = ZoneInfo(self.tz)
        labels = {value.key: value for value in self.stage_value_ids}
        groups = {}
        target = "stage" if "stage" in tables["deals"][2].values() else "status"
        for deal in deals:
            text = deal.cells.get(target) or deal.cells.get("status") or ""
            value = labels.get(name_key(text))
            group = groups.setdefault(
                (value.name if value else text, deal.outcome),
                {"count": 0, "amount": 0.0},
            )
            group["count"] += 1
            group["amount"] += float(deal.amount or 0)
        first, last = (
            moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone).date().isoformat()
            if moment
            else False
            for moment in span(deals)
        )
        return {
            "statuses": [
                {"name": name, "outcome": outcome, **group}
                for (name, outcome), group in sorted(
                    groups.items(), key=lambda item: -item[1]["count"]
                )
            ],
            "creates": self._count_creates(),
            "first": first,
            "last": last,
            "topics": self._count_topics(),
            "rights": self._missing_rights(),
        }

    def _count_creates(self):
        labels = dict(self.value_ids._fields["kind"]._description_selection(self.env))
        count = Counter(
            value.kind for value in self.value_ids if value.action == "create"
        )
        matched = Counter(
            value.kind for value in self.value_ids if value.action in ("match", "same")
        )
        return [
            {"name": labels[kind], "count": count[kind], "matched": matched[kind]}
            for kind in labels
            if kind not in ("stage", "status") and (count[kind] or matched[kind])
        ]

    def _count_topics(self):
        groups = self.env["sales.pipeline.import.problem"]._read_group(
            [("import_id", "=", self.id)],
            ["severity", "topic"],
            ["__count", "value:count_distinct", "value:max", "reason:max"],
            order="severity, __count desc",
        )
        return [
            {
                "severity": severity,
                "topic": topic,
                "count": count,
                "example": (value or "") if distinct == 1 else "",
                "names": distinct,
                "reason": reason,
            }
            for severity, topic, count, distinct, value, reason in groups
        ]

    # === WHAT IS THERE ALREADY === #

    def _existing_leads(self, deals):
        """Deals of the file that are in the system: {identifier: id of the deal}."""
        names = {self._external_name(deal.key): deal.key for deal in deals}
        rows = self.env["ir.model.data"].sudo()  # external ids are for admins only
        rows = rows.search_fetch(
            [
                ("module", "=", self._external_module),
                ("model", "=", "crm.lead"),
                ("name", "in", list(names)),
            ],
            ["name", "res_id"],
        )
        return {names[row.name]: row.res_id for row in rows}

    def _differences(self, deals, existing):
        """A deal that is there is never changed; what differs is reported."""
        leads = self.env["crm.lead"].browse(
            [existing[deal.key] for deal in deals if deal.key in existing]
        )
        leads = {lead.id: lead for lead in leads._filtered_access("read")}
        issues = []
        for deal in deals:
            lead = leads.get(existing.get(deal.key))
            differences = self._compare(deal, lead) if lead else []
            if differences:
                params = {"differences": "; ".join(differences)}
                issues.append(
                    Issue(
                        deal.row,
                        "exists_differs",
                        "warning",
                        "external_id",
                        deal.key,
                        params,
                    )
                )
        return issues

    def _compare(self, deal, lead):
        found = []
        outcome = "open" if lead.won_status == "pending" else lead.won_status
        if deal.outcome != outcome:
            found.append(
                self.env._("%(new)s, here %(old)s", new=deal.outcome, old=outcome)
            )
        currency = self.company_id.currency_id
        amount = float(deal.amount or 0)
        if currency.compare_amounts(amount, lead.expected_revenue):
            found.append(
                self.env._(
                    "amount %(new)s, here %(old)s",
                    new=amount,
                    old=lead.expected_revenue,
                )
            )
        closed = lead.date_closed if outcome != "open" else False
        if deal.closed and closed and deal.closed.date() != closed.date():
            found.append(
                self.env._(
                    "closed %(new)s, here %(old)s",
                    new=deal.closed.date(),
                    old=closed.date(),
                )
            )
        return found

    # === REJECTED ROWS === #

    def _write_rejected(self, table, issues):
        """A spreadsheet of the rows left out, to be fixed and uploaded again."""
        reasons = defaultdict(list)
        Problem = self.env["sales.pipeline.import.problem"]
        for issue in issues:
            if issue.severity == "error":
                reasons[issue.row].append(Problem._describe(issue)["reason"])
        content = self._rejected_xlsx(table, reasons) if reasons else False
        self._engine_write(
            {
                "rejected_file": content and base64.b64encode(content),
                "rejected_filename": self.env._("rejected_rows.xlsx"),
            }
        )

    def _rejected_xlsx(self, table, reasons):
        """The original columns, untouched, then the row number and the reason."""
        stream = io.BytesIO()
        book = xlsxwriter.Workbook(stream, {"in_memory": True})
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        extra = [self.env._("Row"), self.env._("Reason")]
        for position, header in enumerate(table.headers + extra):
            sheet.write_string(0, position, header, bold)
        line = 0
        for number, row in zip(table.numbers, table.rows, strict=True):
            if number not in reasons:
                continue
            line += 1
            # As text: a cell that starts with "=" must not become a formula.
            for position, cell in enumerate([*row, str(number)]):
                sheet.write_string(line, position, cell)
            sheet.write_string(line, len(row) + 1, " ".join(reasons[number]))
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, line, len(table.headers) + 1)
        book.close()
        return stream.getvalue()
