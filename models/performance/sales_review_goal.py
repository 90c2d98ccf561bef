from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..base.guards import refuse_protected

# Set by the system when the goal is due.
RESULT = {"checked_review_id", "result_value", "is_measured"}
# What is said of a goal at the next review.
SAID = {"reached", "result_note"}
FIGURES = [
    ("win_rate", "Win Rate (%)"),
    ("cycle_days", "Days to Win"),
    ("coverage", "Pipeline Coverage (times)"),
    ("overdue", "Overdue Closing Dates (%)"),
    ("exits", "Exits Proven (%)"),
    ("call_error", "Forecast Error (%)"),
]
LOWER = ("cycle_days", "overdue", "call_error")


class SalesReviewGoal(models.Model):
    """Something agreed in a review: measured by a metric or figure, or in words."""

    _name = "sales.review.goal"
    _description = "Agreed Goal"
    _order = "review_id desc, sequence, id"

    review_id = fields.Many2one(
        comodel_name="sales.review", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="review_id.company_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    review_state = fields.Selection(related="review_id.state", string="Review State")
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Goal", required=True)
    metric_id = fields.Many2one(
        comodel_name="sales.metric",
        ondelete="restrict",
        help="Counted from the end of the reviewed period until the goal is due.",
    )
    figure = fields.Selection(
        selection=FIGURES,
        string="or Figure",
        help="Taken from the next review after the goal is due.",
    )
    target_value = fields.Float(string="To Be Reached", digits=0)
    date_due = fields.Date(string="Due", required=True)
    kind = fields.Selection(
        selection=[("metric", "Metric"), ("figure", "Figure"), ("text", "In Words")],
        compute="_compute_kind",
    )
    target_text = fields.Char(string="Target", compute="_compute_texts")
    # What came of it
    checked_review_id = fields.Many2one(
        comodel_name="sales.review",
        string="Looked at in",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    is_measured = fields.Boolean(readonly=True, copy=False)
    result_value = fields.Float(digits=0, readonly=True, copy=False)
    reached = fields.Selection(
        selection=[("yes", "Reached"), ("no", "Not Reached")],
        copy=False,
        help="Of measured goals by the figures; of others the leader says it.",
    )
    result_note = fields.Char(string="What Came of It", copy=False)
    result_text = fields.Char(string="Result", compute="_compute_texts")

    _one_measure = models.Constraint(
        "CHECK (metric_id IS NULL OR figure IS NULL)",
        "A goal is measured by a metric or by a figure, not by both.",
    )

    # === COMPUTE METHODS === #

    @api.depends("metric_id", "figure")
    def _compute_kind(self):
        for goal in self:
            kind = "figure" if goal.figure else "text"
            goal.kind = "metric" if goal.metric_id else kind

    @api.depends(
        "kind", "target_value", "result_value", "is_measured", "checked_review_id"
    )
    @api.depends_context("lang")
    def _compute_texts(self):
        say = self.env["sales.scorecard"]._say
        for goal in self:
            unit, currency = goal._unit(), goal.currency_id
            goal.target_text = unit and say(unit, goal.target_value, currency)
            known = goal.result_value if goal.is_measured else None
            goal.result_text = (
                say(unit, known, currency) if unit and goal.checked_review_id else False
            )

    def _unit(self):
        """What the target is counted in; False for words."""
        self.ensure_one()
        if self.metric_id:
            return self.metric_id.unit
        units = {"cycle_days": "days", "coverage": "times"}
        return self.figure and units.get(self.figure, "percent")

    @api.onchange("metric_id", "figure")
    def _onchange_measure(self):
        labels = dict(self._fields["figure"]._description_selection(self.env))
        for goal in self:
            if not goal.name:
                goal.name = goal.metric_id.name or labels.get(goal.figure)

    @api.constrains("date_due", "review_id")
    def _check_date_due(self):
        for goal in self:
            if goal.date_due < goal.review_id.date_to:
                raise ValidationError(
                    self.env._(
                        "“%(goal)s” is due after the reviewed period, on %(day)s or "
                        "later.",
                        goal=goal.name,
                        day=fields.Date.to_string(goal.review_id.date_to),
                    )
                )

    # === WRITING === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_protected(self, vals, RESULT | SAID)
        goals = super().create(vals_list)
        goals._check_agreeing()
        return goals

    def write(self, vals):
        refuse_protected(self, vals, RESULT)
        if vals.keys() - RESULT - SAID:
            self._check_agreeing()  # where it is
        if SAID & vals.keys():
            self._check_saying()
        if RESULT & vals.keys():
            self.checked_review_id._check_not_signed()
        result = super().write(vals)
        if "review_id" in vals:
            self._check_agreeing()  # and where it goes
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_while_agreeing(self):
        self._check_agreeing()

    def _check_agreeing(self):
        """A goal is part of the content of its review.

        :raise UserError: once both have signed it, even to the system
        """
        for review in self.review_id:
            review._check_not_signed()
            if not self.env.su:
                review.check_access("read")
                review._check_side("goal_ids")
                review._touch()

    def _check_saying(self):
        """What came of it is said in the next review, by its leader.

        :raise AccessError: for anybody else, and of what is measured
        """
        for goal in self:
            review = goal.checked_review_id
            if not review:
                raise UserError(
                    self.env._("“%s” is looked at in the next review.", goal.name)
                )
            review._check_not_signed()
            if self.env.su:
                continue
            if goal.kind != "text":
                raise AccessError(
                    self.env._("“%s” is measured, and not judged by hand.", goal.name)
                )
            review.check_access("read")
            review._check_side("last_goal_ids")
            review._touch()

    # === RESULTS === #

    def _measure(self):
        """What goals have come to, as far as it is known: ``{goal: value}``."""
        found = {}
        of_metrics = self.filtered(lambda goal: goal.kind == "metric")
        for company, goals in of_metrics.grouped("company_id").items():
            spans = {goal: goal._span() for goal in goals}
            sums = goals.metric_id._values(
                goals.review_id.user_id, list(spans.values()), goals.metric_id, company
            )
            for goal, span in spans.items():
                key = (goal.metric_id.id, goal.review_id.user_id.id, *span)
                found[goal] = sums.get(key, 0.0)
        for goal in self.filtered(lambda goal: goal.kind == "figure"):
            for line in goal.checked_review_id.line_ids:
                if line.key == goal.figure and line.is_known:
                    found[goal] = line.value
        return found

    def _span(self):
        """The days that count: first, and the day after the last."""
        self.ensure_one()
        return self.review_id.date_to, fields.Date.add(self.date_due, days=1)

    def _let_go(self):
        """Look at these goals in another review; the caller is the system."""
        self.write(
            {
                "checked_review_id": False,
                "is_measured": False,
                "result_value": 0.0,
                "reached": False,
                "result_note": False,
            }
        )

    def _keep_result(self, value):
        """Say what came of it; None where it is not known."""
        self.ensure_one()
        reached = False
        if value is not None:
            lower = self.figure in LOWER or self.metric_id.better == "lower"
            good = value <= self.target_value if lower else value >= self.target_value
            reached = "yes" if good else "no"
        self.write(
            {
                "is_measured": value is not None,
                "result_value": value or 0.0,
                "reached": reached,
            }
        )
