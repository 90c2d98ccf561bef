from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...engine.periods import next_of, start_of
from ..base.guards import refuse_protected
from ..base.whole_periods import whole_periods

STATES = [("draft", "Draft"), ("published", "Published"), ("closed", "Closed")]
# What people can be paid for: money the ledger counts.
METRICS = ("booked", "invoiced", "collected", "margin")
# Only the buttons change these.
RECORDED = {"state", "version", "previous_version_id", "date_published"}
# May be written when people go by the plan already.
FREE = {"name", "active", "example_target", "assignment_ids", "bonus_ids"}


class SalesCommissionPlan(models.Model):
    """What people earn for what the ledger credits them with.

    The commission of a period is worked out on everything the period brought, not line
    by line. A published plan stays as it is: what changes is a new version with its
    reason, from a period on.
    """

    _name = "sales.commission.plan"
    _description = "Commission Plan"
    _inherit = ["mail.thread"]
    _order = "date_from desc, name, version desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    note = fields.Html(string="Terms", help="What else was agreed, for those in it.")
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    state = fields.Selection(
        selection=STATES,
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    version = fields.Integer(default=1, readonly=True, copy=False)
    previous_version_id = fields.Many2one(
        comodel_name="sales.commission.plan",
        string="Replaces",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    next_version_ids = fields.One2many(
        comodel_name="sales.commission.plan",
        inverse_name="previous_version_id",
        string="Versions After It",
    )
    reason = fields.Text(
        string="Why It Was Changed", copy=False, help="What is new in this version."
    )
    date_published = fields.Date(string="Published On", readonly=True, copy=False)

    # When and for what
    metric_id = fields.Many2one(
        comodel_name="sales.metric",
        string="Paid for",
        required=True,
        ondelete="restrict",
        domain=[("code", "in", METRICS)],
        default=lambda self: self.env["sales.metric"]._by_code("invoiced"),
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: self._default_date_from(),
    )
    date_to = fields.Date(
        string="Until (Excluded)",
        required=True,
        help="The day after the last one.",
        default=lambda self: self._default_date_to(),
    )
    date_last = fields.Date(
        string="Until",
        compute="_compute_date_last",
        inverse="_inverse_date_last",
        help="The last day.",
    )
    period_type = fields.Selection(
        selection=[("month", "Month"), ("quarter", "Quarter"), ("year", "Year")],
        string="Added Up by",
        required=True,
        default="month",
        help="Credit accumulates over the period, then begins at zero again. Quarters "
        "and years follow the fiscal year of the company.",
    )

    # How much
    basis = fields.Selection(
        selection=[
            ("amount", "Amount"),
            ("attainment", "Attainment of the Target (%)"),
        ],
        string="Brackets of",
        required=True,
        default="amount",
    )
    mode = fields.Selection(
        selection=[
            ("marginal", "What Lies in the Bracket"),
            ("retroactive", "Everything, from the First Unit"),
        ],
        string="A Rate Applies to",
        required=True,
        default="marginal",
        help="Everything: reaching a bracket changes the rate of the whole period, so "
        "the commission jumps there.",
    )
    bracket_ids = fields.One2many(
        comodel_name="sales.commission.bracket",
        inverse_name="plan_id",
        string="Brackets",
        copy=True,
    )
    rate_ids = fields.One2many(
        comodel_name="sales.commission.rate",
        inverse_name="plan_id",
        string="Rates by Product",
        copy=True,
    )
    bonus_ids = fields.One2many(
        comodel_name="sales.commission.bonus", inverse_name="plan_id", string="Bonuses"
    )
    assignment_ids = fields.One2many(
        comodel_name="sales.commission.assignment",
        inverse_name="plan_id",
        string="People",
    )
    people_count = fields.Integer(compute="_compute_people_count")
    threshold = fields.Float(
        string="Threshold (% of Target)",
        digits=(16, 2),
        help="Below it nothing is earned in the period; from it on everything counts. "
        "0: none.",
    )
    cap_amount = fields.Monetary(
        string="Cap", help="The most a period pays, bonuses left out. 0: none."
    )

    # When it is paid
    payable = fields.Selection(
        selection=[
            ("earned", "When Earned"),
            ("collected", "As the Customer Pays"),
        ],
        required=True,
        default="collected",
        help="As the customer pays: of each document the share that was collected; the "
        "rest is held.",
    )
    clawback_days = fields.Integer(
        string="Taken Back When Overdue by",
        help="Days after the due date. What of a document is still unpaid then earns "
        "nothing until it is paid. 0: never.",
    )
    draw_amount = fields.Monetary(
        string="Draw", help="What a full period pays at least. 0: none."
    )
    draw_recoverable = fields.Boolean(
        string="Recoverable",
        help="The draw is an advance: what it adds is taken back from what later "
        "periods bring above it.",
    )

    _dates_in_order = models.Constraint(
        "CHECK (date_to >= date_from)", "A plan ends after it begins."
    )
    _amounts_not_negative = models.Constraint(
        "CHECK (COALESCE(threshold, 0) >= 0 AND COALESCE(cap_amount, 0) >= 0"
        " AND COALESCE(draw_amount, 0) >= 0 AND COALESCE(clawback_days, 0) >= 0)",
        "Threshold, cap, draw and days are not below zero.",
    )

    # === DEFAULTS === #

    @api.model
    def _default_date_from(self):
        company = self.env.company
        return start_of(company._sales_today(), "year", company._sales_fiscal_month())

    @api.model
    def _default_date_to(self):
        company = self.env.company
        return next_of(company._sales_today(), "year", company._sales_fiscal_month())

    # === COMPUTE METHODS === #

    @api.depends("date_to")
    def _compute_date_last(self):
        for plan in self:
            plan.date_last = plan.date_to and fields.Date.subtract(plan.date_to, days=1)

    @api.onchange("date_last")
    def _inverse_date_last(self):
        for plan in self:
            plan.date_to = plan.date_last and fields.Date.add(plan.date_last, days=1)

    @api.depends("name", "version")
    def _compute_display_name(self):
        for plan in self:
            name = plan.name or ""
            if plan.version > 1:
                name = self.env._("%(plan)s, version %(n)s", plan=name, n=plan.version)
            plan.display_name = name

    @api.depends("assignment_ids")
    def _compute_people_count(self):
        for plan in self:
            rows = plan.assignment_ids
            plan.people_count = len(rows.user_id) + len(rows.partner_id)

    # === CHECKS === #

    @api.constrains("metric_id")
    def _check_metric(self):
        for plan in self:
            if plan.metric_id.code not in METRICS:
                raise ValidationError(
                    self.env._(
                        "Commission is paid for what is booked, invoiced or collected, "
                        "or for margin. Choose one of these."
                    )
                )

    @api.constrains("date_from", "date_to", "period_type", "company_id")
    def _check_periods(self):
        for plan in self:
            plan._periods()

    def _periods(self):
        """The periods of the plan: see :func:`.whole_periods`."""
        return whole_periods(self)

    def _period_of(self, day):
        """The period a day lies in: ``(first day, day after)``, or None."""
        return next((p for p in self._periods() if p[0] <= day < p[1]), None)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_protected(self, vals, RECORDED)
        return super().create(vals_list)

    def write(self, vals):
        refuse_protected(self, vals, RECORDED)
        self.check_access("write")
        if vals.keys() - FREE:
            self._check_editable()
        self._check_not_own()
        return super().write(vals)

    def _check_editable(self):
        """:raise UserError: for plans that people go by already"""
        for plan in self.filtered(lambda plan: plan.state != "draft"):
            if not self.env.su:
                raise UserError(
                    self.env._(
                        "“%s” is published and people go by it. Make a new version and "
                        "say why.",
                        plan.display_name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_published(self):
        self._check_editable()
        self._check_not_own()
