from odoo import api, fields, models


class SalesTargetVersion(models.TransientModel):
    """Asks why a published plan is changed."""

    _name = "sales.target.version"
    _description = "New Version of a Target Plan"

    plan_id = fields.Many2one(
        comodel_name="sales.target.plan", required=True, readonly=True
    )
    reason = fields.Text(string="Why It Is Changed", required=True)

    def action_create(self):
        """Make a draft that will replace the plan."""
        self.ensure_one()
        return self.plan_id._make_version(self.reason).get_formview_action()


class SalesTargetTake(models.TransientModel):
    """What becomes of proposals."""

    _name = "sales.target.take"
    _description = "Proposals"

    plan_id = fields.Many2one(
        comodel_name="sales.target.plan", required=True, readonly=True
    )
    root_choice_ids = fields.Many2many(
        comodel_name="sales.target", compute="_compute_root_choice_ids"
    )
    root_id = fields.Many2one(
        comodel_name="sales.target",
        string="Of Those Below",
        required=True,
        domain="[('id', 'in', root_choice_ids)]",
        default=lambda self: self._default_root(),
    )
    kind = fields.Selection(
        selection=[
            ("take", "Make What They Propose Their Targets"),
            ("sum", "Propose the Sum of What They Propose"),
        ],
        string="What to Do",
        required=True,
        default="take",
    )

    @api.model
    def _default_root(self):
        plan = self.env["sales.target.plan"].browse(
            self.env.context.get("default_plan_id")
        )
        return self.env["sales.target.divide"]._roots(plan)[:1]

    @api.depends("plan_id")
    def _compute_root_choice_ids(self):
        for wizard in self:
            roots = self.env["sales.target.divide"]._roots(wizard.plan_id)
            wizard.root_choice_ids = roots

    def action_apply(self):
        """Do it, and show target and proposal side by side."""
        self.ensure_one()
        if self.kind == "take":
            self.plan_id._take_proposals(self.root_id.node)
        else:
            self.plan_id._sum_proposals(self.root_id.node)
        return self.plan_id.action_compare()


class SalesTargetCompare(models.TransientModel):
    """An owner's targets beside those of the version before, and the proposal."""

    _name = "sales.target.compare"
    _description = "Comparison of Targets"
    _order = "node, id"

    plan_id = fields.Many2one(comodel_name="sales.target.plan", readonly=True)
    node = fields.Char(readonly=True)
    name = fields.Char(string="Owner", readonly=True)
    before = fields.Float(digits=0, readonly=True)
    amount = fields.Float(string="Target", digits=0, readonly=True)
    change = fields.Float(compute="_compute_difference", store=True, digits=0)
    is_changed = fields.Boolean(compute="_compute_difference", store=True)
    proposed_amount = fields.Float(string="Proposed", digits=0, readonly=True)
    is_proposed = fields.Boolean(string="Has Proposed", readonly=True)
    difference = fields.Float(
        compute="_compute_difference",
        store=True,
        digits=0,
        help="What is proposed, less the target.",
    )
    note = fields.Char(string="Why", readonly=True)

    @api.depends("before", "amount", "proposed_amount", "is_proposed")
    def _compute_difference(self):
        for row in self:
            rounded = row.plan_id._rounded
            row.change = rounded(row.amount - row.before)
            row.is_changed = bool(row.change)
            proposed = row.proposed_amount if row.is_proposed else row.amount
            row.difference = rounded(proposed - row.amount)
