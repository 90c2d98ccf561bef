from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.target.sales_target_divide import SEASONS, WAYS
from ..models.target.sales_target_weight import RAMP


class SalesTargetDivide(models.TransientModel):
    """Divides an amount among the owners of a plan; shows it before it is written."""

    _name = "sales.target.divide"
    _description = "Divide Targets"

    plan_id = fields.Many2one(
        comodel_name="sales.target.plan", required=True, readonly=True
    )
    currency_id = fields.Many2one(related="plan_id.currency_id")
    over_percent = fields.Float(related="plan_id.over_percent")
    root_choice_ids = fields.Many2many(
        comodel_name="sales.target", compute="_compute_root_choice_ids"
    )
    root_id = fields.Many2one(
        comodel_name="sales.target",
        string="Divide What Is Given To",
        required=True,
        domain="[('id', 'in', root_choice_ids)]",
        default=lambda self: self._default_root(),
    )
    is_typed = fields.Boolean(
        string="Enter a New Amount",
        default=lambda self: self._default_is_typed(),
        help="For the whole plan; it is spread over the periods first. Else the "
        "amounts there are stay, and only those below change.",
    )
    amount = fields.Float(digits=0)
    stretch_percent = fields.Float(
        string="Stretch on Top (%)", help="What would be excellent, above the amount."
    )
    season = fields.Selection(selection=SEASONS, default="equal", required=True)
    way = fields.Selection(
        selection=WAYS,
        string="Among Those Below",
        default="equal",
        required=True,
        help="Equal parts: everybody side by side gets the same.\n"
        "Share of last year: by what each was credited with in the same days a year "
        "before.\n"
        "Potential: by the open pipeline times its probability; where nobody side by "
        "side has any, by the number of customers.\n"
        "Headcount: by people; in their first months new ones count as much as they "
        "are productive. Somebody is new from the first day in any sales team.\n"
        "Weights: by the numbers you enter below.",
    )
    all_levels = fields.Boolean(
        string="All Levels at Once",
        default=True,
        help="Else only those right below.",
    )
    ramp_1 = fields.Float(string="First 30 Days (%)", default=RAMP[0])
    ramp_2 = fields.Float(string="Second 30 Days (%)", default=RAMP[1])
    ramp_3 = fields.Float(string="Third 30 Days (%)", default=RAMP[2])
    line_ids = fields.One2many(
        comodel_name="sales.target.divide.line", inverse_name="divide_id"
    )
    period_ids = fields.One2many(
        comodel_name="sales.target.divide.period", inverse_name="divide_id"
    )
    problem = fields.Char(readonly=True)

    @api.model
    def _default_root(self):
        plan = self.env["sales.target.plan"].browse(
            self.env.context.get("default_plan_id")
        )
        return self._roots(plan)[:1]

    @api.model
    def _default_is_typed(self):
        """Where nobody has an amount yet, there is none to divide."""
        plan = self.env["sales.target.plan"].browse(
            self.env.context.get("default_plan_id")
        )
        return bool(plan) and not any(plan._targets().mapped("amount"))

    @api.model
    def _roots(self, plan):
        """The first target of everybody with owners below, from the top."""
        tree = plan._tree()
        above = {node.rpartition("/")[0] for node in tree}
        chosen = sorted(above & tree.keys(), key=lambda node: (node.count("/"), node))
        return self.env["sales.target"].browse(
            [next(iter(tree[node].values())).id for node in chosen]
        )

    @api.depends("plan_id")
    def _compute_root_choice_ids(self):
        for wizard in self:
            wizard.root_choice_ids = self._roots(wizard.plan_id)

    # === PREVIEW === #

    @api.onchange(
        "root_id",
        "is_typed",
        "amount",
        "stretch_percent",
        "season",
        "way",
        "all_levels",
        "ramp_1",
        "ramp_2",
        "ramp_3",
    )
    def _onchange_how(self):
        self._show(fresh=True)

    @api.onchange("line_ids", "period_ids")
    def _onchange_weights(self):
        self._show(fresh=False)

    def _show(self, fresh):
        """Fill the preview, or say why there is none."""
        self.problem = False
        if not self.root_id:
            self.problem = self.env._("Nobody has owners below: add owners first.")
            return
        plan, node = self.plan_id, self.root_id.node
        typed = {line.node: line.weight for line in self.line_ids}
        if fresh:
            self._fill(plan, plan._tree(), node, typed)
        if self.is_typed and not self.amount:
            self.problem = self.env._("Enter the amount to divide.")
            return
        try:
            cells = plan._divide(node, self.way, **self._options())
        except UserError as error:
            self.problem = str(error)
            cells = {}
        self._show_amounts(plan, cells)

    def _fill(self, plan, tree, root, typed):
        """Rows for the owners below, and for the periods."""
        levels = plan._levels(tree, root, self.all_levels)
        below = dict(levels)
        first = {node: next(iter(row.values())) for node, row in tree.items()}
        rows, waiting = [], list(reversed(below.get(root, [])))
        while waiting:
            node = waiting.pop()
            waiting += reversed(below.get(node, []))
            rows.append(node)
        last = plan._history(
            {node: first[node] for node in rows},
            [plan._years_back((plan.date_from, plan.date_to), 1)],
        )
        depth = root.count("/") + 1
        self.line_ids = [
            fields.Command.clear(),
            *(
                fields.Command.create(
                    {
                        "node": node,
                        "name": "\u2003" * (node.count("/") - depth)
                        + first[node].owner_name,
                        "last_year": last[node][0],
                        "weight": typed.get(node, 1.0),
                    }
                )
                for node in rows
            ),
        ]
        weights = {row.date_from: row.weight for row in self.period_ids}
        self.period_ids = [
            fields.Command.clear(),
            *(
                fields.Command.create(
                    {
                        "date_from": target.date_from,
                        "date_to": target.date_to,
                        "weight": weights.get(target.date_from, 1.0),
                    }
                )
                for target in tree[root].values()
            ),
        ]

    def _show_amounts(self, plan, cells):
        """The amounts of the preview, in the whole plan and by period."""
        amounts, stretches, days = {}, {}, {}
        root = self.root_id.node
        for target, vals in cells.items():
            node = target.node
            amounts[node] = amounts.get(node, 0.0) + vals["amount"]
            stretches[node] = stretches.get(node, 0.0) + vals["stretch_amount"]
            if node == root:
                days[target.date_from] = vals["amount"]
        if root not in amounts:
            days = {day: t.amount for day, t in plan._tree()[root].items()}
        side = {}
        for line in self.line_ids:
            above = line.node.rpartition("/")[0]
            side[above] = side.get(above, 0.0) + amounts.get(line.node, 0.0)
        for line in self.line_ids:
            amount = amounts.get(line.node, 0.0)
            whole = side[line.node.rpartition("/")[0]]
            line.amount = amount
            line.stretch_amount = stretches.get(line.node, 0.0)
            line.share = 100 * amount / whole if whole else 0.0
        for row in self.period_ids:
            row.amount = days.get(row.date_from, 0.0)

    def _options(self):
        """What ``sales.target.plan._divide`` wants to know."""
        options = {
            "all_levels": self.all_levels,
            "weights": {line.node: line.weight for line in self.line_ids},
            "ramp": (self.ramp_1, self.ramp_2, self.ramp_3),
        }
        if min(options["ramp"]) < 0:
            raise UserError(
                self.env._("Nobody is less productive than 0 %: change the ramp.")
            )
        if self.is_typed:
            options |= {
                "amount": self.amount,
                "stretch": self.stretch_percent,
                "season": self.season,
                "season_weights": {
                    row.date_from: row.weight for row in self.period_ids
                },
            }
        return options

    def action_apply(self):
        """Write the targets."""
        self.ensure_one()
        self.plan_id._apply_division(self.root_id.node, self.way, **self._options())
        return {"type": "ir.actions.act_window_close"}


class SalesTargetDivideLine(models.TransientModel):
    """An owner in the preview."""

    _name = "sales.target.divide.line"
    _description = "Owner in a Division"

    divide_id = fields.Many2one(
        comodel_name="sales.target.divide", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="divide_id.currency_id")
    node = fields.Char(required=True)
    name = fields.Char(string="Owner")
    last_year = fields.Float(digits=0)
    weight = fields.Float(default=1.0, digits=0)
    share = fields.Float(string="Share (%)", digits=(16, 1))
    amount = fields.Float(digits=0)
    stretch_amount = fields.Float(string="Stretch", digits=0)


class SalesTargetDividePeriod(models.TransientModel):
    """A period in the preview."""

    _name = "sales.target.divide.period"
    _description = "Period in a Division"

    divide_id = fields.Many2one(
        comodel_name="sales.target.divide", required=True, ondelete="cascade"
    )
    date_from = fields.Date(string="From", required=True)
    date_to = fields.Date(string="Until (Excluded)")
    weight = fields.Float(default=1.0, digits=0)
    amount = fields.Float(digits=0)
