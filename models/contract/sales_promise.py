from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_amount, format_date

STATES = [
    ("open", "Open"),
    ("kept", "Kept"),
    ("broken", "Broken"),
    ("withdrawn", "Withdrawn"),
]


class SalesPromise(models.Model):
    """What a customer promised to pay, and by when.

    Whether it was kept is read from what was collected of its instalments since it was
    made. Nobody changes a promise; it may be withdrawn with a reason.
    """

    _name = "sales.promise"
    _description = "Promise to Pay"
    _order = "date_promised desc, id desc"
    _rec_names_search = ["partner_id.name", "note"]

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    contact_id = fields.Many2one(
        comodel_name="res.partner",
        string="Promised by",
        readonly=True,
        ondelete="restrict",
    )
    plan_line_ids = fields.Many2many(
        comodel_name="sales.plan.line", string="Instalments", readonly=True
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency", required=True, readonly=True
    )
    amount = fields.Monetary(readonly=True)
    amount_before = fields.Monetary(
        string="Collected Before",
        readonly=True,
        help="What was collected of the instalments when it was promised.",
    )
    amount_since = fields.Monetary(
        string="Collected Since", compute="_compute_amount_since"
    )
    date = fields.Date(string="Recorded On", required=True, readonly=True)
    date_promised = fields.Date(
        string="Promised for", required=True, readonly=True, index=True
    )
    date_kept = fields.Date(
        string="Paid On",
        compute="_compute_date_kept",
        store=True,
        help="When what was collected reached it, or nothing was open any more.",
    )
    is_kept = fields.Boolean(compute="_compute_is_kept", store=True)
    note = fields.Text(readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users", string="Recorded by", required=True, readonly=True
    )
    date_withdrawn = fields.Date(string="Withdrawn On", readonly=True)
    withdrawn_by_id = fields.Many2one(comodel_name="res.users", readonly=True)
    withdrawn_reason = fields.Text(readonly=True)
    date_reported = fields.Date(
        string="Told On",
        readonly=True,
        help="When whoever collects was told that it was broken.",
    )
    state = fields.Selection(
        selection=STATES, compute="_compute_state", search="_search_state"
    )

    _amount_positive = models.Constraint(
        "CHECK (amount > 0)", "Enter the amount that was promised, more than zero."
    )

    # === COMPUTE METHODS === #

    @api.depends("partner_id", "date_promised", "amount")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for promise in self:
            promise.display_name = ", ".join(
                (
                    promise.partner_id.name or "",
                    format_amount(self.env, promise.amount, promise.currency_id),
                    format_date(self.env, promise.date_promised),
                )
            )

    @api.depends("plan_line_ids.amount_collected", "amount_before")
    def _compute_amount_since(self):
        for promise in self:
            lines = promise.sudo().plan_line_ids  # also those of colleagues
            collected = sum(lines.mapped("amount_collected"))
            promise.amount_since = max(collected - promise.amount_before, 0.0)

    @api.depends(
        "plan_line_ids.amount_collected",
        "plan_line_ids.amount_due",
        "amount",
        "amount_before",
    )
    def _compute_date_kept(self):
        """Like money itself, it counts on the day it is matched."""
        for promise in self:
            lines = promise.plan_line_ids
            since = sum(lines.mapped("amount_collected")) - promise.amount_before
            paid = promise.currency_id.compare_amounts(since, promise.amount) >= 0
            settled = not any(line.amount_due > 0 for line in lines)
            if paid or settled:
                promise.date_kept = (
                    promise.date_kept or promise.company_id._sales_today()
                )
            else:
                promise.date_kept = False

    @api.depends("date_kept", "date_promised")
    def _compute_is_kept(self):
        for promise in self:
            promise.is_kept = bool(
                promise.date_kept and promise.date_kept <= promise.date_promised
            )

    @api.depends("is_kept", "date_promised", "date_withdrawn")
    def _compute_state(self):
        today = {company: company._sales_today() for company in self.company_id}
        for promise in self:
            if promise.date_withdrawn:
                promise.state = "withdrawn"
            elif promise.is_kept:
                promise.state = "kept"
            elif promise.date_promised < today[promise.company_id]:
                promise.state = "broken"
            else:
                promise.state = "open"

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        companies = self.env["res.company"].sudo()  # their clocks
        companies = companies.search([("active", "in", (True, False))])
        passed = Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("date_promised", "<", company._sales_today())
            for company in companies
        )
        withdrawn = Domain("date_withdrawn", "!=", False)
        kept = Domain("is_kept", "=", True)
        meaning = {
            "withdrawn": withdrawn,
            "kept": ~withdrawn & kept,
            "broken": ~withdrawn & ~kept & passed,
            "open": ~withdrawn & ~kept & ~passed,
        }
        return Domain.OR(meaning[state] for state in value if state in meaning)

    # === ACTIONS === #

    def action_withdraw(self):
        """Ask why the promise does not count any more."""
        self.ensure_one()
        self._check_may_withdraw()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Withdraw the Promise"),
            "res_model": "sales.promise.withdraw",
            "view_mode": "form",
            "target": "new",
            "context": {"default_promise_id": self.id},
        }

    def action_view_instalments(self):
        """Open what was promised to be paid."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_plan_line_action"
        )
        action["domain"] = [("id", "in", self.plan_line_ids.ids)]
        return action

    # === BUSINESS METHODS === #

    def _check_may_withdraw(self):
        self.check_access("read")
        for promise in self:
            promise.plan_line_ids._check_may_collect()
            if promise.state in ("kept", "withdrawn"):
                raise UserError(
                    self.env._(
                        "This promise is kept or withdrawn already, so it stays as it "
                        "is."
                    )
                )

    def _withdraw(self, reason):
        """It does not count any more.

        :param str reason: why, for the record
        :raise UserError: without a reason, or where it is kept or withdrawn
        """
        self._check_may_withdraw()
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why the promise is withdrawn."))
        for company, promises in self.grouped("company_id").items():
            promises.sudo().write(  # recorded by the system
                {
                    "date_withdrawn": company._sales_today(),
                    "withdrawn_by_id": self.env.uid,
                    "withdrawn_reason": reason,
                }
            )
        for promise in self:
            promise.plan_line_ids._message_log_batch(
                {
                    line.id: self.env._(
                        "Promise to pay withdrawn: %(promise)s. %(reason)s",
                        promise=promise.display_name,
                        reason=reason,
                    )
                    for line in promise.plan_line_ids
                }
            )

    # === THE DAILY JOB === #

    @api.model
    def _find_to_report(self):
        """Promises that were broken and of which nobody was told yet."""
        return self.search(
            [("state", "=", "broken"), ("date_reported", "=", False)], order="id"
        )

    def _report_broken(self):
        """Put a call on the desk of whoever collects, where something is still open."""
        lines = self.env["sales.plan.line"]
        todos = []
        for promise in self:
            unpaid = promise.plan_line_ids.filtered(lambda line: line.amount_due > 0)[
                :1
            ]
            if unpaid:
                todos.append(
                    (
                        unpaid,
                        unpaid.collector_id,
                        lambda env, promise=promise: promise.with_env(
                            env
                        )._describe_broken(),
                    )
                )
        lines._create_todos(todos)
        for company, promises in self.grouped("company_id").items():
            promises.write({"date_reported": company._sales_today()})

    def _describe_broken(self):
        return self.env._(
            "Call %(customer)s: %(amount)s promised for %(day)s did not come",
            customer=self.contact_id.display_name or self.partner_id.display_name,
            amount=format_amount(self.env, self.amount, self.currency_id),
            day=format_date(self.env, self.date_promised),
        )
