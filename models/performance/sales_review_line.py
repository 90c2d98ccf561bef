import json

from odoo import api, fields, models
from odoo.exceptions import UserError


class SalesReviewLine(models.Model):
    """A figure of a review, as it was when the review was shared."""

    _name = "sales.review.line"
    _description = "Figure of a Review"
    _order = "review_id, sequence, id"

    review_id = fields.Many2one(
        comodel_name="sales.review",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="review_id.company_id")
    sequence = fields.Integer(readonly=True)
    key = fields.Char(required=True, readonly=True)
    name = fields.Char(string="Figure", required=True, readonly=True)
    group = fields.Selection(
        selection=[("results", "Results"), ("process", "What Leads to Them")],
        required=True,
        readonly=True,
    )
    unit = fields.Selection(
        selection=[
            ("money", "Money"),
            ("count", "Number"),
            ("hours", "Hours"),
            ("percent", "Percent"),
            ("days", "Days"),
            ("times", "Times"),
        ],
        required=True,
        readonly=True,
    )
    better = fields.Selection(
        selection=[("higher", "Higher"), ("lower", "Lower"), ("zero", "Near Zero")],
        string="Better Is",
        readonly=True,
    )
    is_known = fields.Boolean(string="Known", readonly=True)
    value = fields.Float(string="Number", digits=0, readonly=True, aggregator=None)
    why = fields.Char(string="Why It Is Not Known", readonly=True)
    has_target = fields.Boolean(readonly=True)
    target = fields.Float(
        string="Target Number", digits=0, readonly=True, aggregator=None
    )
    attainment = fields.Float(
        string="Attainment (%)",
        digits=0,
        readonly=True,
        aggregator=None,
        help="Achieved ÷ target. Percent.",
    )
    peers = fields.Integer(
        string="Comparable People",
        readonly=True,
        aggregator=None,
        help="Of how many the median is; of fewer than three there is none.",
    )
    has_median = fields.Boolean(readonly=True)
    median = fields.Float(
        string="Their Median", digits=0, readonly=True, aggregator=None
    )
    tone = fields.Selection(
        selection=[("good", "Good"), ("weak", "Falls Short")], readonly=True
    )
    trend = fields.Char(
        readonly=True, help="The last six periods, a list of numbers or nothing."
    )
    value_text = fields.Char(string="Value", compute="_compute_texts")
    target_text = fields.Char(string="Target", compute="_compute_texts")
    attainment_text = fields.Char(string="Attainment", compute="_compute_texts")
    median_text = fields.Char(string="Median of Others", compute="_compute_texts")

    # === COMPUTE METHODS === #

    @api.depends("value", "target", "attainment", "median", "unit")
    @api.depends_context("lang")
    def _compute_texts(self):
        say = self.env["sales.scorecard"]._say
        for line in self:
            currency = line.company_id.currency_id
            unit = line.unit
            line.value_text = (
                say(unit, line.value, currency) if line.is_known else line.why or "?"
            )
            line.target_text = line.has_target and say(unit, line.target, currency)
            line.attainment_text = line.has_target and say("percent", line.attainment)
            line.median_text = line.has_median and self.env._(
                "%(median)s (%(number)s people)",
                median=say(unit, line.median, currency),
                number=line.peers,
            )

    def _points(self):
        """The course as points of a drawing 100 wide and 24 high.

        :return: list of lists of ``x,y``: where nothing is known the line breaks
        """
        self.ensure_one()
        values = json.loads(self.trend or "[]")
        known = [value for value in values if value is not None]
        if len(known) < 2:
            return []
        low, high = min(known), max(known)
        parts = [[]]
        for place, value in enumerate(values):
            if value is None:
                parts.append([])
                continue
            share = (value - low) / (high - low) if high > low else 0.5
            x = 100 * place / max(len(values) - 1, 1)
            parts[-1].append(f"{x:.1f},{22 - 20 * share:.1f}")
        return [part for part in parts if part]

    # === FROZEN === #

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_being_prepared()
        return lines

    def write(self, vals):
        self._check_being_prepared()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_while_prepared(self):
        self._check_being_prepared()

    def _check_being_prepared(self):
        """:raise UserError: for figures somebody has been shown, even to the system"""
        for review in self.review_id:
            if review.state != "draft":
                raise UserError(
                    self.env._(
                        "The figures of %s have been shared and stay as they are.",
                        review.display_name,
                    )
                )
