from odoo import api, fields, models
from odoo.exceptions import ValidationError

FORECAST_CATEGORIES = [
    ("omitted", "Omitted"),
    ("pipeline", "Pipeline"),
    ("best_case", "Best Case"),
    ("commit", "Commit"),
    ("closed", "Closed"),
]

# Texts and material stay open to improvement; exit criteria guard themselves.
STRUCTURE_FIELDS = frozenset(
    {
        "process_id",
        "stage_id",
        "sequence",
        "probability",
        "forecast_category",
        "expected_days",
        "allow_skip",
        "allow_backward",
    }
)


class SalesProcessStage(models.Model):
    """One step of the buyer within a process, and what proves that it is done."""

    _name = "sales.process.stage"
    _description = "Sales Process Stage"
    _order = "process_id, sequence, id"
    _rec_name = "name"

    process_id = fields.Many2one(
        comodel_name="sales.process", required=True, index=True, ondelete="cascade"
    )
    process_state = fields.Selection(related="process_id.state")
    structure_locked = fields.Boolean(related="process_id.structure_locked")
    company_id = fields.Many2one(related="process_id.company_id", store=True)
    stage_id = fields.Many2one(
        comodel_name="crm.stage", required=True, ondelete="restrict"
    )
    name = fields.Char(related="stage_id.name")
    is_won = fields.Boolean(related="stage_id.is_won")
    sequence = fields.Integer(default=10)
    buyer_step = fields.Char(
        translate=True, help="What the customer does in this step, in their words."
    )
    goal = fields.Text(
        translate=True, help="What has to be true at the end of this stage."
    )
    guidance = fields.Html(
        translate=True, help="How the best people do it. Shown beside the deal."
    )
    probability = fields.Float(
        digits=(5, 2), help="Chance to win from here, in percent (0–100)."
    )
    forecast_category = fields.Selection(
        selection=FORECAST_CATEGORIES, default="pipeline", required=True
    )
    expected_days = fields.Integer(
        help="How many days a healthy deal stays here. 0: no expectation."
    )
    allow_skip = fields.Boolean(
        string="May Be Skipped",
        default=True,
        help="A deal may jump over this stage; the exit criteria still hold.",
    )
    allow_backward = fields.Boolean(
        string="May Go Back",
        default=True,
        help="A deal may move from this stage to an earlier one.",
    )
    criterion_ids = fields.One2many(
        comodel_name="sales.process.criterion",
        inverse_name="process_stage_id",
        string="Exit Criteria",
        copy=True,
    )
    criterion_count = fields.Integer(compute="_compute_criterion_count")
    asset_ids = fields.Many2many(
        comodel_name="sales.asset",
        relation="sales_process_stage_asset_rel",
        column1="process_stage_id",
        column2="asset_id",
        string="Content",
    )
    mail_template_ids = fields.Many2many(
        comodel_name="mail.template",
        relation="sales_process_stage_mail_template_rel",
        column1="process_stage_id",
        column2="template_id",
        string="Mail Templates",
        domain="[('model', '=', 'crm.lead')]",
    )
    quotation_template_ids = fields.Many2many(
        comodel_name="sale.order.template",
        relation="sales_process_stage_quotation_template_rel",
        column1="process_stage_id",
        column2="template_id",
        string="Quotation Templates",
    )
    activity_plan_id = fields.Many2one(
        comodel_name="mail.activity.plan",
        domain="[('res_model', '=', 'crm.lead')]",
        ondelete="set null",
        help="Launched for a deal when it enters this stage.",
    )

    _process_stage_uniq = models.Constraint(
        "UNIQUE (process_id, stage_id)",
        "A process can use each pipeline stage only once.",
    )
    _probability_range = models.Constraint(
        "CHECK (probability >= 0 AND probability <= 100)",
        "The probability of a stage lies between 0 and 100 percent.",
    )
    _expected_days_positive = models.Constraint(
        "CHECK (expected_days >= 0)", "The expected days of a stage cannot be negative."
    )

    # === CONSTRAINT METHODS === #

    @api.constrains("activity_plan_id")
    def _check_activity_plan_id(self):
        for stage in self:
            plan = stage.activity_plan_id
            if plan and plan.res_model != "crm.lead":
                raise ValidationError(
                    self.env._("The activity plan “%s” is not for deals.", plan.name)
                )

    # Not on "sequence": a reordering writes one stage after the other, and the process
    # checks the result as a whole.
    @api.constrains("process_id", "stage_id")
    def _check_stage_order(self):
        for process in self.process_id.filtered(lambda p: p.state == "live"):
            process._check_stage_order()

    # === COMPUTE METHODS === #

    @api.depends("criterion_ids")
    def _compute_criterion_count(self):
        for stage in self:
            stage.criterion_count = len(stage.criterion_ids)

    @api.depends("stage_id.name")
    def _compute_display_name(self):
        for stage in self:
            stage.display_name = stage.stage_id.name

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        processes = {vals.get("process_id") for vals in vals_list} - {None, False}
        self.env["sales.process"].browse(processes)._check_structure_open()
        stages = super().create(vals_list)
        for process in stages.process_id.filtered(lambda p: p.state == "draft"):
            process._move_won_to_end()
        self.env.registry.clear_cache()
        return stages

    def write(self, vals):
        if STRUCTURE_FIELDS & vals.keys():
            target = self.process_id.browse(vals.get("process_id") or ())
            (self.process_id | target)._check_structure_open()
        result = super().write(vals)
        self.env.registry.clear_cache()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self.process_id._check_structure_open()
        self.env.registry.clear_cache()
