from odoo import api, fields, models
from odoo.exceptions import UserError

from .commission_words import Words
from .sales_commission_statement import FROZEN

KINDS = [
    ("base", "What Counts"),
    ("bracket", "Commission"),
    ("override", "Commission on the Team"),
    ("clawback", "Taken Back"),
    ("threshold", "Threshold"),
    ("bonus", "Bonus"),
    ("cap", "Cap"),
    ("draw", "Draw"),
]
WHYS = [
    ("new", "Not said before"),
    ("gone", "Earns nothing any more"),
    ("base", "Counts another amount"),
    ("rate", "Another rate"),
    ("collected", "Payable now"),
    ("uncollected", "Not payable any more"),
    ("rule", "Worked out differently"),
]
HOLDS = [("uncollected", "Not paid by the customer"), ("overdue", "Overdue")]


class SalesCommissionStatementLine(models.Model):
    """One amount of a statement: of which document, by which rule, in words.

    A correction says how much an earlier statement would say more or less today. Lines
    are written by the system alone, all of a statement at once.
    """

    _name = "sales.commission.statement.line"
    _description = "Commission Statement Line"
    _order = "statement_id desc, is_correction, sequence, id"
    _rec_name = "document_name"
    _log_access = False

    statement_id = fields.Many2one(
        comodel_name="sales.commission.statement",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    state = fields.Selection(related="statement_id.state")
    currency_id = fields.Many2one(related="statement_id.currency_id")
    owner_name = fields.Char(related="statement_id.owner_name")
    sequence = fields.Integer(readonly=True)
    key = fields.Char(
        required=True, readonly=True, help="What is said of the same, has the same key."
    )
    plan_id = fields.Many2one(
        comodel_name="sales.commission.plan",
        string="Rule",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    kind = fields.Selection(selection=KINDS, required=True, readonly=True)
    is_correction = fields.Boolean(string="Correction", readonly=True)
    why = fields.Selection(selection=WHYS, readonly=True)
    period_from = fields.Date(
        readonly=True, help="Of the statement that this belongs to or corrects."
    )
    period_to = fields.Date(readonly=True, help="The day after the last one.")
    # The document
    source_model = fields.Char(readonly=True)
    source_id = fields.Many2oneReference(
        string="Document", model_field="source_model", readonly=True, aggregator=None
    )
    document_name = fields.Char(readonly=True)
    credit_date = fields.Date(string="Date", readonly=True)
    # The money
    base = fields.Monetary(
        string="Counts", readonly=True, help="What of the document counts."
    )
    share = fields.Float(
        string="Share (%)", readonly=True, aggregator=None, help="Percent, 0–100."
    )
    rate = fields.Float(
        string="Rate (%)", readonly=True, aggregator=None, digits=(16, 4)
    )
    amount = fields.Monetary(string="Earned", readonly=True)
    payable_amount = fields.Monetary(string="To Be Paid", readonly=True)
    hold_reason = fields.Selection(
        selection=HOLDS, string="Held Because", readonly=True
    )
    detail = fields.Json(readonly=True)
    words = fields.Text(string="In Words", compute="_compute_words")
    dispute_count = fields.Integer(compute="_compute_dispute_count")

    _key_idx = models.Index("(statement_id, key)")
    _source_idx = models.Index("(source_id, source_model)")

    @api.depends(
        "kind", "why", "base", "share", "rate", "amount", "payable_amount", "detail"
    )
    @api.depends_context("lang")
    def _compute_words(self):
        plans = self.plan_id.sudo()  # whoever earns by a rule is told which
        words = Words(self.env, {plan.id: plan for plan in plans})
        for line in self:
            line.words = words.of(line)

    def _compute_dispute_count(self):
        counts = dict(
            self.env["sales.commission.dispute"]._read_group(
                [("line_id", "in", self.ids)], ["line_id"], ["__count"]
            )
        )
        for line in self:
            line.dispute_count = counts.get(line, 0)

    # === WRITTEN BY THE SYSTEM ALONE === #

    @api.model_create_multi
    def create(self, vals_list):
        statements = self.env["sales.commission.statement"]
        for vals in vals_list:
            statements |= statements.browse(vals.get("statement_id") or [])
        self._refuse_frozen(statements)
        return super().create(vals_list)

    def write(self, vals):
        self._refuse_frozen(self.statement_id)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_frozen(self):
        self._refuse_frozen(self.statement_id)

    @api.model
    def _refuse_frozen(self, statements):
        """:raise UserError: for lines of confirmed statements, even to the system"""
        for statement in statements.sudo():  # to tell them apart, whoever asks
            if statement.state in FROZEN:
                raise UserError(
                    self.env._(
                        "%s is confirmed: its lines stay as they are.",
                        statement.display_name,
                    )
                )

    @api.depends("document_name", "plan_id")
    def _compute_display_name(self):
        """Its document; the plan, where the line follows from the whole."""
        for line in self:
            line.display_name = line.document_name or line.plan_id.display_name

    # === ACTIONS === #

    def action_open_document(self):
        """Open what the amount is for; the line, where that is no single document.

        :raise UserError: where the document is gone, or one may not see it
        """
        self.ensure_one()
        if not self.source_id or self.source_model not in self.env:
            return self.get_formview_action()
        record = self.env[self.source_model].browse(self.source_id).exists()
        if not record:
            raise UserError(
                self.env._("%s does not exist any more.", self.document_name or "")
            )
        if not record.has_access("read"):
            raise UserError(
                self.env._(
                    "You may not open %s. Ask your team leader or accountant to show "
                    "it to you.",
                    self.document_name or record._description,
                )
            )
        return record.get_formview_action()

    def action_dispute(self):
        """Ask about this line."""
        self.ensure_one()
        return self.statement_id._ask_dispute(self)


class SalesCommissionStatement(models.Model):
    """The lines of a statement, by what they are about."""

    _inherit = "sales.commission.statement"

    own_line_ids = fields.One2many(
        comodel_name="sales.commission.statement.line",
        inverse_name="statement_id",
        string="Of This Period",
        domain=[("is_correction", "=", False)],
        readonly=True,
    )
    correction_ids = fields.One2many(
        comodel_name="sales.commission.statement.line",
        inverse_name="statement_id",
        string="Corrections of Earlier Periods",
        domain=[("is_correction", "=", True)],
        readonly=True,
    )
    later_correction_ids = fields.Many2many(
        comodel_name="sales.commission.statement.line",
        string="Corrected Since",
        compute="_compute_later_correction_ids",
        help="What other statements correct of this one.",
    )

    def _compute_later_correction_ids(self):
        lines = self.env["sales.commission.statement.line"].search(
            [
                ("is_correction", "=", True),
                ("period_from", "in", self.mapped("date_from")),
                ("statement_id.user_id", "in", [*self.user_id.ids, False]),
                ("statement_id.partner_id", "in", [*self.partner_id.ids, False]),
                ("statement_id.company_id", "in", self.company_id.ids),
            ]
        )
        found = lines.grouped(
            lambda line: (
                line.statement_id.company_id,
                line.statement_id._owner(),
                line.period_from,
            )
        )
        for statement in self:
            key = (statement.company_id, statement._owner(), statement.date_from)
            statement.later_correction_ids = found.get(key, lines.browse())

    def action_view_lines(self):
        """Open the lines of these statements, grouped by document."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_commission_statement_line_action"
        )
        return {**action, "domain": [("statement_id", "in", self.ids)]}
