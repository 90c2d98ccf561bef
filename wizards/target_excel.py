import base64

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError

from ..models.target.excel_check import ExcelCheck


class SalesTargetExcel(models.TransientModel):
    """Reads a workbook of targets: first shows what would change, then writes it.

    Anything wrong in the file, and nothing of it is written.
    """

    _name = "sales.target.excel"
    _description = "Targets from a Workbook"

    plan_id = fields.Many2one(
        comodel_name="sales.target.plan", required=True, readonly=True
    )
    file = fields.Binary(string="Workbook", attachment=False)
    file_name = fields.Char()
    state = fields.Selection(
        selection=[("choose", "Choose"), ("checked", "Checked")],
        required=True,
        default="choose",
        readonly=True,
    )
    digest = fields.Char(help="Of what was shown, see action_apply.", readonly=True)
    is_overtaken = fields.Boolean(readonly=True)
    notes = fields.Text(readonly=True)
    problem_ids = fields.One2many(
        comodel_name="sales.target.excel.problem",
        inverse_name="excel_id",
        string="Problems",
        readonly=True,
    )
    change_ids = fields.One2many(
        comodel_name="sales.target.excel.line",
        inverse_name="excel_id",
        string="Changes",
        domain=[("kind", "=", "change")],
        readonly=True,
    )
    level_ids = fields.One2many(
        comodel_name="sales.target.excel.line",
        inverse_name="excel_id",
        string="Totals",
        domain=[("kind", "=", "level")],
        readonly=True,
    )
    mismatch_ids = fields.One2many(
        comodel_name="sales.target.excel.line",
        inverse_name="excel_id",
        string="Mismatches",
        domain=[("kind", "=", "mismatch")],
        readonly=True,
    )
    problem_count = fields.Integer(compute="_compute_counts")
    change_count = fields.Integer(compute="_compute_counts")
    mismatch_count = fields.Integer(compute="_compute_counts")

    @api.depends("problem_ids", "change_ids", "mismatch_ids")
    def _compute_counts(self):
        for excel in self:
            excel.problem_count = len(excel.problem_ids)
            excel.change_count = len(excel.change_ids)
            excel.mismatch_count = len(excel.mismatch_ids)

    @api.model
    def _ask(self, plan):
        """Open the dialog for a plan."""
        return self.create({"plan_id": plan.id})._open()

    def _open(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Excel: %s", self.plan_id.display_name),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
        }

    # === ACTIONS === #

    def action_check(self):
        """Compare the file with the plan and show what it would change.

        :raise UserError: without a file, or for one that is no readable workbook
        """
        self.ensure_one()
        self._show(self._check())
        return self._open()

    def action_back(self):
        """Choose another file."""
        self.ensure_one()
        self._show(None)
        return self._open()

    def action_apply(self):
        """Write what was shown: all of it, or nothing.

        The file is checked again first. What is different by now is shown instead.
        """
        self.ensure_one()
        self._lock_plan()
        check = self._check()
        if check.problems or check.digest() != self.digest or not check.changes:
            self._show(check, is_overtaken=True)
            return self._open()
        changed = self.env["sales.target"]._set_amounts(check.values())
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%s targets were changed.", len(changed)),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def action_download_problems(self):
        """Everything that is wrong in the file, as a workbook."""
        self.ensure_one()
        kinds = {"row": "integer"}
        widths = {"reason": 90, "row": 8}
        names = ("sheet", "row", "column", "value", "reason")
        problems = self.problem_ids
        labels = problems.fields_get(names, ["string"])
        sheet = {
            "title": self.env._("Problems"),
            "subtitle": self.file_name or "",
            "columns": [
                {
                    "label": labels[name]["string"],
                    "kind": kinds.get(name, "text"),
                    "width": widths.get(name, 18),
                }
                for name in names
            ],
            "rows": [[problem[name] for name in names] for problem in problems],
        }
        return self.env["sales.excel"]._download(sheet["title"], [sheet])

    # === CHECK === #

    def _check(self):
        self.plan_id.check_access("read")
        # Without this a form would give the size of the file instead of the file.
        content = self.with_context(bin_size=False).file
        if not content:
            raise UserError(self.env._("Choose the saved workbook first."))
        return ExcelCheck(self.plan_id, base64.b64decode(content))

    def _lock_plan(self):
        """:raise UserError: while somebody else agrees, publishes or imports it"""
        self.plan_id.check_access("read")  # it is locked past the rights
        try:
            # Whoever may read a plan may have targets in it to propose for.
            self.plan_id.sudo().lock_for_update(allow_referencing=True)
        except LockError as error:
            raise UserError(
                self.env._(
                    "Somebody is changing “%s” at this moment. Try again.",
                    self.plan_id.display_name,
                )
            ) from error

    def _show(self, check, is_overtaken=False):
        """Keep what a check found; None: nothing yet."""
        found = self.sudo()  # nobody writes these but the check
        found.problem_ids.unlink()
        (found.change_ids | found.level_ids | found.mismatch_ids).unlink()
        if check:
            found.problem_ids.create(self._problem_values(check))
            if not check.problems:
                found.change_ids.create(self._line_values(check))
        found.write(
            {
                "state": "checked" if check else "choose",
                "digest": check and check.digest(),
                "is_overtaken": is_overtaken,
                "notes": check and "\n".join(check.notes),
            }
        )
        self.invalidate_recordset()

    def _problem_values(self, check):
        return [
            {
                "excel_id": self.id,
                "sheet": problem.sheet,
                "row": problem.row,
                "column": problem.column,
                "value": problem.value,
                "reason": problem.reason,
            }
            for problem in check.problems
        ]

    def _line_values(self, check):
        """The values of changes, totals by level, and mismatches."""
        tree = check.tree
        rows = [
            ("change", c.field, c.row.name, tree.label(c.period), c.before, c.after)
            for c in check.changes
        ]
        rows += [
            ("level", name, kinds, "", before, after)
            for name, kinds, before, after in check.levels()
        ]
        rows += [
            ("mismatch", "amount", row.name, tree.label(period), before, after)
            for row, period, before, after in check.mismatches()
        ]
        names = ("kind", "field", "owner_name", "period", "before", "after")
        return [
            {"excel_id": self.id, **dict(zip(names, row, strict=True))} for row in rows
        ]


class SalesTargetExcelLine(models.TransientModel):
    """One amount before and after: of a target, of a level, or what is not given."""

    _name = "sales.target.excel.line"
    _description = "Change by a Workbook"
    _order = "id"

    excel_id = fields.Many2one(
        comodel_name="sales.target.excel",
        required=True,
        index=True,
        ondelete="cascade",
    )
    kind = fields.Selection(
        selection=[
            ("change", "Change"),
            ("level", "Total of a Level"),
            ("mismatch", "Mismatch"),
        ],
        required=True,
    )
    field = fields.Selection(
        selection=[
            ("amount", "Target"),
            ("stretch_amount", "Stretch"),
            ("proposed_amount", "Proposed"),
        ],
        string="What",
        required=True,
    )
    owner_name = fields.Char(string="Owner")
    period = fields.Char()
    before = fields.Float(digits=0)
    after = fields.Float(digits=0)
    difference = fields.Float(compute="_compute_difference", digits=0)

    @api.depends("before", "after")
    def _compute_difference(self):
        for line in self:
            plan = line.excel_id.plan_id
            line.difference = plan._rounded(line.after - line.before)


class SalesTargetExcelProblem(models.TransientModel):
    """Why a workbook cannot be read, and where in it."""

    _name = "sales.target.excel.problem"
    _description = "Problem in a Workbook"
    _order = "id"
    _rec_name = "reason"

    excel_id = fields.Many2one(
        comodel_name="sales.target.excel",
        required=True,
        index=True,
        ondelete="cascade",
    )
    sheet = fields.Char()
    row = fields.Integer(help="As the spreadsheet counts them.", aggregator=None)
    column = fields.Char()
    value = fields.Char(string="In the File")
    reason = fields.Char(required=True)
