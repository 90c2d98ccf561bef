from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.base.models.res_partner import _tz_get

from ..base.guards import refuse_protected

# Up to this many deals the import may run while the user waits.
RUN_NOW_LIMIT = 2000
# What a check depends on: changing any of it makes the check out of date.
CHECKED_FIELDS = frozenset(
    {
        "attachment_ids",
        "file_ids",
        "column_ids",
        "value_ids",
        "stage_value_ids",
        "product_value_ids",
        "customer_value_ids",
        "people_value_ids",
        "other_value_ids",
        "company_id",
        "process_id",
        "team_id",
        "lost_reason_id",
        "date_order",
        "decimal_mark",
        "tz",
        "missing_customer",
        "allow_create_users",
    }
)

# Set by the engine alone. Readonly fields can still be written over RPC; whoever could
# set these could start an import in another person's name.
ENGINE_FIELDS = frozenset(
    {
        "state",
        "confirmed_by_id",
        "summary",
        "row_count",
        "deal_count",
        "existing_count",
        "rejected_count",
        "error_count",
        "warning_count",
        "created_count",
        "failed_count",
        "last_row",
        "is_prepared",
        "date_start",
        "date_end",
        "last_error",
        "rejected_file",
        "rejected_filename",
        "date_order_found",
    }
)


class SalesPipelineImport(models.Model):
    """One import of deals from files: upload, map, check, then write in batches.

    Nothing but the run's own records is written before the user confirms the check.
    The parts stand in files of their own: ``_action`` has the buttons, ``_map`` reads
    files and suggests, ``_check`` is the dry run, ``_run`` and ``_write`` write.
    """

    _name = "sales.pipeline.import"
    _description = "Pipeline Import"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(
        required=True,
        default=lambda self: self.env._(
            "Pipeline of %s", fields.Date.context_today(self)
        ),
    )
    state = fields.Selection(
        selection=[
            ("draft", "Upload"),
            ("mapped", "Map"),
            ("checked", "Check"),
            ("running", "Import"),
            ("done", "Done"),
            ("failed", "Failed"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    process_id = fields.Many2one(
        comodel_name="sales.process",
        check_company=True,
        help="Every deal gets this process. Empty: each process claims its deals by "
        "its own rules.",
    )
    team_id = fields.Many2one(
        comodel_name="crm.team",
        string="Default Team",
        check_company=True,
        help="For deals whose team neither the file nor the salesperson tells.",
    )
    lost_reason_id = fields.Many2one(
        comodel_name="crm.lost.reason",
        string="Default Lost Reason",
        help="For lost deals whose file names no reason.",
    )
    missing_customer = fields.Selection(
        selection=[
            ("import", "Import and report them"),
            ("reject", "Reject them"),
        ],
        string="Rows without a Customer",
        default="import",
        required=True,
    )
    date_order = fields.Selection(
        selection=[
            ("ymd", "Year, month, day (2016-10-20)"),
            ("mdy", "Month, day, year (10/20/2016)"),
            ("dmy", "Day, month, year (20/10/2016)"),
        ],
        string="Dates Are Written As",
        help="Found from the dates in the file where they prove it.",
    )
    date_order_found = fields.Char(readonly=True, copy=False)
    decimal_mark = fields.Selection(
        selection=[(".", "1,234.50"), (",", "1.234,50")],
        string="Amounts Are Written As",
        default=".",
        required=True,
    )
    tz = fields.Selection(
        selection=_tz_get,
        string="Time Zone",
        required=True,
        default=lambda self: self._default_tz(),
        help="The dates of the file are days in this time zone. A date without a time "
        "is stored as noon, so that it stays the same day everywhere.",
    )
    use_history = fields.Boolean(
        string="Learn from Imported Deals",
        help="Odoo's predictive scoring only looks at deals created after its start "
        "date. This moves the start date back to the first imported deal.",
    )
    allow_create_users = fields.Boolean(
        string="Create Users for Salespeople",
        groups="base.group_erp_manager",
        help="Off: unknown salespeople get no user; their deals stay unassigned and "
        "keep the name. On: each one marked “Create” below becomes an internal user "
        "who can log in once you set an e-mail address and a password.",
    )
    attachment_ids = fields.Many2many(
        comodel_name="ir.attachment",
        string="Upload Files",
        copy=False,
        help="The deals, and if you have them the customers, the products and the "
        "salespeople with their managers: CSV or Excel (.xlsx).",
    )
    file_ids = fields.One2many(
        comodel_name="sales.pipeline.import.file",
        inverse_name="import_id",
        string="Contents",
    )
    column_ids = fields.One2many(
        comodel_name="sales.pipeline.import.column",
        inverse_name="import_id",
        string="Columns",
    )
    value_ids = fields.One2many(
        comodel_name="sales.pipeline.import.value",
        inverse_name="import_id",
        string="Names",
    )
    stage_value_ids = fields.One2many(
        comodel_name="sales.pipeline.import.value",
        inverse_name="import_id",
        string="Stages",
        domain=[("kind", "in", ("stage", "status"))],
    )
    product_value_ids = fields.One2many(
        comodel_name="sales.pipeline.import.value",
        inverse_name="import_id",
        string="Products",
        domain=[("kind", "=", "product")],
    )
    customer_value_ids = fields.One2many(
        comodel_name="sales.pipeline.import.value",
        inverse_name="import_id",
        string="Customers",
        domain=[("kind", "=", "customer")],
    )
    people_value_ids = fields.One2many(
        comodel_name="sales.pipeline.import.value",
        inverse_name="import_id",
        string="People and Teams",
        domain=[("kind", "in", ("user", "team"))],
    )
    other_value_ids = fields.One2many(
        comodel_name="sales.pipeline.import.value",
        inverse_name="import_id",
        string="Other Names",
        domain=[("kind", "in", ("industry", "country", "lost_reason"))],
    )
    problem_ids = fields.One2many(
        comodel_name="sales.pipeline.import.problem",
        inverse_name="import_id",
        string="Problems",
    )
    error_ids = fields.One2many(
        comodel_name="sales.pipeline.import.problem",
        inverse_name="import_id",
        string="Errors",
        domain=[("severity", "=", "error")],
    )
    warning_ids = fields.One2many(
        comodel_name="sales.pipeline.import.problem",
        inverse_name="import_id",
        string="Warnings",
        domain=[("severity", "=", "warning")],
    )
    lead_ids = fields.One2many(
        comodel_name="crm.lead",
        inverse_name="sales_import_id",
        string="Deals",
        context={"active_test": False},
    )
    summary = fields.Json(readonly=True, copy=False)
    row_count = fields.Integer(string="Rows", readonly=True, copy=False)
    deal_count = fields.Integer(string="New Deals", readonly=True, copy=False)
    existing_count = fields.Integer(string="Already There", readonly=True, copy=False)
    rejected_count = fields.Integer(string="Rejected Rows", readonly=True, copy=False)
    error_count = fields.Integer(string="Errors Found", readonly=True, copy=False)
    warning_count = fields.Integer(string="Warnings Found", readonly=True, copy=False)
    created_count = fields.Integer(string="Created Deals", readonly=True, copy=False)
    failed_count = fields.Integer(string="Failed Rows", readonly=True, copy=False)
    last_row = fields.Integer(
        readonly=True, copy=False, help="The run goes on after this line of the file."
    )
    is_prepared = fields.Boolean(readonly=True, copy=False)
    progress = fields.Float(compute="_compute_progress")
    lead_count = fields.Integer(string="Number of Deals", compute="_compute_lead_count")
    can_run_now = fields.Boolean(compute="_compute_can_run_now")
    undecided_count = fields.Integer(compute="_compute_undecided_count")
    confirmed_by_id = fields.Many2one(
        comodel_name="res.users", readonly=True, copy=False
    )
    date_start = fields.Datetime(string="Started", readonly=True, copy=False)
    date_end = fields.Datetime(string="Finished", readonly=True, copy=False)
    last_error = fields.Text(readonly=True, copy=False)
    rejected_file = fields.Binary(readonly=True, copy=False)
    rejected_filename = fields.Char(readonly=True, copy=False)

    # === DEFAULT METHODS === #

    @api.model
    def _default_tz(self):
        company = self.env.company
        return (
            company.resource_calendar_id.tz
            or company.partner_id.tz
            or self.env.user.tz
            or "UTC"
        )

    # === COMPUTE METHODS === #

    @api.depends("state", "deal_count", "created_count", "failed_count")
    def _compute_progress(self):
        for run in self:
            treated = run.created_count + run.failed_count
            run.progress = 100.0 * treated / run.deal_count if run.deal_count else 0.0

    @api.depends("lead_ids")
    def _compute_lead_count(self):
        leads = self.env["crm.lead"].with_context(active_test=False)
        counts = leads._read_group(
            [("sales_import_id", "in", self.ids)], ["sales_import_id"], ["__count"]
        )
        counts = {run.id: count for run, count in counts}
        for run in self:
            run.lead_count = counts.get(run.id, 0)

    @api.depends("deal_count")
    def _compute_can_run_now(self):
        for run in self:
            run.can_run_now = 0 < run.deal_count <= RUN_NOW_LIMIT

    @api.depends("value_ids.is_undecided")
    def _compute_undecided_count(self):
        for run in self:
            run.undecided_count = len(run.value_ids.filtered("is_undecided"))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_protected(self, vals, ENGINE_FIELDS)
        runs = super().create(vals_list)
        runs._adopt_attachments()
        return runs

    def write(self, vals):
        refuse_protected(self, vals, ENGINE_FIELDS)
        changed = CHECKED_FIELDS & vals.keys()
        if changed and any(run.state == "running" for run in self):
            raise UserError(
                self.env._("The import is running. Stop it before you change it.")
            )
        result = super().write(vals)
        if "attachment_ids" in vals:
            self._adopt_attachments()
        if {"process_id", "team_id"} & changed:
            self.stage_value_ids.unlink()  # other stages are on offer now
        if {"column_ids", "file_ids", "process_id", "team_id"} & changed:
            self._refresh_mapping()
        if changed:
            self._mark_changed()
        return result

    def _engine_write(self, vals):
        """Write what only the run itself may set. Private, out of reach of clients."""
        return super().write(vals)  # pylint: disable=super-method-mismatch

    @api.ondelete(at_uninstall=False)
    def _unlink_except_running(self):
        if any(run.state == "running" for run in self):
            raise UserError(
                self.env._("The import is running. Stop it before you delete it.")
            )

    def _adopt_attachments(self):
        """Tie uploaded files to the run, so that whoever sees it can read them."""
        for run in self:
            loose = run.attachment_ids.filtered(
                lambda attachment: not attachment.res_id
            )
            loose.write({"res_model": run._name, "res_id": run.id})
