from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import clean_context

from ..base.guards import refuse_protected

STATES = [
    ("draft", "Draft"),
    ("signed", "Signed"),
    ("running", "Running"),
    ("closed", "Closed"),
    ("cancelled", "Cancelled"),
]
RENEWALS = [
    ("none", "Ends"),
    ("manual", "By Hand"),
    ("automatic", "Automatic"),
]
# What the system records, with the value a contract begins with: defaults come from the
# context and from what anybody may set as an own default.
RECORDED = {
    "name": "/",
    "state": "draft",
    "version": 1,
    "predecessor_id": False,
    "date_sent": False,
    "date_signed": False,
    "signed_by": False,
    "signature": False,
    "amount_signed": 0.0,
    "cancel_reason": False,
    "notice_reminded_for": False,
    "end_reminded_for": False,
    "access_token": False,
}
# What both sides signed; only a change that they agree on alters it.
AGREED_FIELDS = frozenset(
    {
        "title",
        "partner_id",
        "company_id",
        "currency_id",
        "type_id",
        "terms",
        "date_start",
        "date_end",
        "notice_months",
        "order_ids",
    }
)


class SalesContract(models.Model):
    """What was agreed with a customer in one or several orders, until it is paid.

    The files beside this one have its parts: how it is made (``_make``), what has to be
    there before it is signed (``_checklist``), its states (``_state``), its versions
    (``_version``), its end and what follows (``_renewal``), what the customer sees of
    it (``_portal``) and the daily job (``_job``).
    """

    _name = "sales.contract"
    _description = "Contract"
    _inherit = ["mail.thread", "mail.activity.mixin", "portal.mixin"]
    _order = "date_signed desc, id desc"
    _rec_names_search = ["name", "title", "partner_id.name"]
    _check_company_auto = True

    name = fields.Char(string="Number", readonly=True, copy=False, default="/")
    title = fields.Char(
        required=True, help="What it is about, as the customer reads it."
    )
    type_id = fields.Many2one(
        comodel_name="sales.contract.type",
        string="Contract Type",
        check_company=True,
        domain="[('company_id', 'in', (company_id, False))]",
        ondelete="restrict",
        index="btree_not_null",
        default=lambda self: self.env.company.sales_contract_type_id,
        tracking=True,
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", required=True, index=True
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", store=True, index=True
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Salesperson",
        check_company=True,
        index=True,
        tracking=True,
    )
    team_id = fields.Many2one(
        comodel_name="crm.team",
        string="Sales Team",
        check_company=True,
        index="btree_not_null",
        tracking=True,
    )
    collector_id = fields.Many2one(
        comodel_name="res.users",
        string="Collects",
        compute="_compute_collector_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        index="btree_not_null",
        tracking=True,
        help="Who asks the customer for the money.",
    )
    customer_signatory_id = fields.Many2one(
        comodel_name="res.partner",
        string="Signs for the Customer",
        domain="['|', ('id', '=', partner_id), "
        "('commercial_partner_id', '=', commercial_partner_id)]",
        tracking=True,
    )
    company_signatory_id = fields.Many2one(
        comodel_name="res.users",
        string="Signs for Us",
        check_company=True,
        domain="[('share', '=', False)]",
        tracking=True,
    )
    order_ids = fields.One2many(
        comodel_name="sale.order", inverse_name="sales_contract_id", string="Orders"
    )
    plan_line_ids = fields.One2many(
        comodel_name="sales.plan.line",
        inverse_name="contract_id",
        string="Instalments",
    )
    clause_ids = fields.One2many(
        comodel_name="sales.contract.clause",
        inverse_name="contract_id",
        string="Clauses",
    )
    document_ids = fields.One2many(
        comodel_name="sales.contract.document",
        inverse_name="contract_id",
        string="Documents",
    )
    terms = fields.Html(
        compute="_compute_terms",
        store=True,
        readonly=False,
        precompute=True,
        sanitize_overridable=False,
    )
    state = fields.Selection(
        selection=STATES, required=True, default="draft", readonly=True, tracking=True
    )
    date_start = fields.Date(
        string="From",
        required=True,
        default=lambda self: self.env.company._sales_today(),
        tracking=True,
    )
    date_end = fields.Date(
        string="Until",
        compute="_compute_date_end",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        tracking=True,
        help="The last day. Empty: it ends when everything is paid.",
    )
    date_sent = fields.Datetime(string="Sent On", readonly=True, copy=False)
    date_signed = fields.Date(
        string="Signed On", readonly=True, copy=False, tracking=True, index=True
    )
    signed_by = fields.Char(readonly=True, copy=False, tracking=True)
    signature = fields.Image(readonly=True, copy=False, max_width=1024, max_height=1024)
    cancel_reason = fields.Text(readonly=True, copy=False)
    amount_total = fields.Monetary(
        string="Total", compute="_compute_amounts", store=True, help="Including taxes."
    )
    amount_invoiced = fields.Monetary(
        string="Invoiced", compute="_compute_amounts", store=True
    )
    amount_collected = fields.Monetary(
        string="Collected", compute="_compute_amounts", store=True
    )
    amount_due = fields.Monetary(string="Open", compute="_compute_amounts", store=True)
    is_overdue = fields.Boolean(
        compute="_compute_is_overdue",
        search="_search_is_overdue",
        help="An invoice of it is not paid in time.",
    )

    _dates_in_order = models.Constraint(
        "CHECK (date_end IS NULL OR date_end >= date_start)",
        "A contract cannot end before it begins.",
    )
    _months_not_negative = models.Constraint(
        "CHECK (notice_months >= 0 AND reminder_days >= 0)",
        "Notice and reminder lie before the end: give numbers from 0 up.",
    )

    # === COMPUTE METHODS === #

    @api.depends("name", "title")
    def _compute_display_name(self):
        for contract in self:
            contract.display_name = f"{contract.name} {contract.title or ''}".strip()

    def _compute_access_url(self):
        result = super()._compute_access_url()
        for contract in self:
            contract.access_url = f"/my/contracts/{contract.id}"
        return result

    @api.depends(
        "order_ids.amount_total",
        "order_ids.state",
        "plan_line_ids.amount_invoiced",
        "plan_line_ids.amount_collected",
        "plan_line_ids.amount_due",
    )
    def _compute_amounts(self):
        for contract in self:
            orders = contract.order_ids.filtered(lambda order: order.state != "cancel")
            lines = contract.plan_line_ids
            contract.amount_total = sum(orders.mapped("amount_total"))
            contract.amount_invoiced = sum(lines.mapped("amount_invoiced"))
            contract.amount_collected = sum(lines.mapped("amount_collected"))
            contract.amount_due = sum(lines.mapped("amount_due"))

    @api.depends("plan_line_ids.state")
    def _compute_is_overdue(self):
        for contract in self:
            states = contract.plan_line_ids.mapped("state")
            contract.is_overdue = "overdue" in states

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("plan_line_ids", "any", [("state", "=", "overdue")])]

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_protected(self, vals, RECORDED.keys())
        vals_list = [{**RECORDED, **vals} for vals in vals_list]
        self._number_vals(vals_list)
        clean = self.with_env(self.env(context=clean_context(self.env.context)))
        clean = clean.with_context(sales_followers_at_once=True)
        contracts = super(SalesContract, clean).create(vals_list)
        contracts = contracts.with_env(self.env)
        contracts._subscribe_salespeople()
        contracts._take_over_clauses()
        return contracts

    def write(self, vals):
        refuse_protected(self, vals, RECORDED.keys())
        if AGREED_FIELDS & vals.keys() and not self.env.su:
            self._check_open("change")
        result = super().write(vals)
        if "type_id" in vals:
            self._take_over_clauses()
        return result

    def _message_auto_subscribe(self, updated_values, followers_existing_policy="skip"):
        if self.env.context.get("sales_followers_at_once"):
            return True  # see create
        return super()._message_auto_subscribe(
            updated_values, followers_existing_policy
        )

    def _subscribe_salespeople(self):
        """Let salespeople follow new contracts: at once, and without a mail each."""
        followers = self.env["mail.followers"]
        for user, contracts in self.grouped("user_id").items():
            if user:
                followers._insert_followers(
                    self._name, contracts.ids, user.partner_id.ids
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        for contract in self:
            if contract.state != "draft":
                raise UserError(
                    self.env._(
                        "%s was agreed with a customer and stays on record. Cancel it "
                        "instead.",
                        contract.name,
                    )
                )

    def _check_open(self, what="change"):
        """:raise UserError: for contracts whose terms are settled"""
        for contract in self:
            if contract.state in ("signed", "running"):
                raise UserError(
                    self.env._(
                        "%s is signed: what both sides agreed on stays. Press “Propose "
                        "Change” instead.",
                        contract.name,
                    )
                )
            if contract.state != "draft":
                raise UserError(
                    self.env._(
                        "%s is closed or cancelled, so it stays as it was.",
                        contract.name,
                    )
                )
