from odoo import api, fields, models
from odoo.exceptions import UserError


class SalesReviewTeam(models.TransientModel):
    """Begin the reviews of a period of everybody one leads."""

    _name = "sales.review.team"
    _description = "Make Reviews"

    kind = fields.Selection(
        selection=[("month", "Month"), ("quarter", "Quarter"), ("year", "Year")],
        string="Period of",
        required=True,
        default="month",
    )
    day = fields.Date(
        string="With the Day",
        required=True,
        default=lambda self: self._last_month(),
        help="Any day of the period.",
    )
    period = fields.Char(compute="_compute_period")
    led_ids = fields.Many2many(
        comodel_name="res.users", compute="_compute_led_ids", string="People Led"
    )
    user_ids = fields.Many2many(
        comodel_name="res.users",
        string="Salespeople",
        compute="_compute_user_ids",
        compute_sudo=False,  # who is led depends on who asks
        store=True,
        readonly=False,
    )

    # === COMPUTE METHODS === #

    @api.model
    def _last_month(self):
        today = self.env.company._sales_today()
        return fields.Date.subtract(today.replace(day=1), days=1)

    @api.depends("kind", "day")
    def _compute_period(self):
        scorecards = self.env["sales.scorecard"]
        for wizard in self:
            days = wizard._days()
            wizard.period = days and scorecards._period_label(wizard.kind, *days)

    @api.depends_context("uid", "company")
    def _compute_led_ids(self):
        scorecards = self.env["sales.scorecard"]
        tree = scorecards._tree(self.env.company)
        led = scorecards._seen_people(tree) - {self.env.uid}
        self.led_ids = self.env["res.users"].browse(sorted(led))

    @api.depends("kind", "day")
    def _compute_user_ids(self):
        """Everybody led who has no review of the period yet."""
        for wizard in self:
            days = wizard._days()
            reviews = self.env["sales.review"].search(
                [
                    ("company_id", "=", self.env.company.id),
                    ("date_from", "=", days and days[0]),
                    ("date_to", "=", days and days[1]),
                    ("state", "!=", "cancelled"),
                ]
            )
            wizard.user_ids = wizard.led_ids - reviews.user_id

    def _days(self):
        """The period: first day, day after the last; None for one to come."""
        self.ensure_one()
        if not self.kind or not self.day:
            return None
        scorecards = self.env["sales.scorecard"]
        try:
            return scorecards._periods(self.env.company, self.kind, self.day)[-1]
        except UserError:  # said when the button is pressed
            return None

    # === ACTION METHODS === #

    def action_make(self):
        """Begin the reviews and list them."""
        self.ensure_one()
        reviews = self.env["sales.review"]._make_for(self.user_ids, self.kind, self.day)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_review_action"
        )
        return {**action, "domain": [("id", "in", reviews.ids)], "context": {}}
