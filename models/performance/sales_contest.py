from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...engine.periods import next_of
from ..base.guards import refuse_protected

STATES = [
    ("draft", "Draft"),
    ("running", "Running"),
    ("ended", "Ended"),
    ("cancelled", "Cancelled"),
]
# Only the buttons and the engine change these.
RECORDED = {
    "cancel_reason",
    "previous_id",
    "people_on",
    "refreshed_on",
    "season_number",
    "state",
    "version",
}
# What people go by: fixed once the contest has started.
RULES = {
    "allow_opt_out",
    "company_id",
    "date_from",
    "date_last",
    "date_to",
    "kind",
    "league_ids",
    "metric_ids",
    "minimum_score",
    "previous_periods",
    "prize_ids",
    "ramp",
    "repeats",
    "scoring",
    "team_ids",
    "team_scoring",
    "tie_rule",
}


class SalesContest(models.Model):
    """A contest: who does best in some days, by what the ledger says.

    Once it has started the rules stay: a change is a new version with its reason that
    everybody in it sees. When it is over the standing is frozen and prizes are given.
    """

    _name = "sales.contest"
    _description = "Contest"
    _inherit = ["mail.thread", "bus.listener.mixin"]
    _order = "date_to desc, name, id desc"
    _check_company_auto = True

    name = fields.Char(required=True)
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
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
    kind = fields.Selection(
        selection=[
            ("individual", "Everybody for Themselves"),
            ("team", "Team against Team"),
            ("league", "Leagues"),
        ],
        string="Who Competes",
        required=True,
        default="individual",
    )
    date_from = fields.Date(
        string="From", required=True, default=lambda self: self._default_date_from()
    )
    date_to = fields.Date(
        string="Until (Excluded)",
        required=True,
        help="The day after the last one.",
        default=lambda self: self._default_date_to(),
    )
    date_last = fields.Date(
        string="Last Day",
        compute="_compute_date_last",
        inverse="_inverse_date_last",
        help="It still counts.",
    )

    # What counts
    scoring = fields.Selection(
        selection=[
            ("attainment", "Attainment of the Target"),
            ("improvement", "Improvement over One's Own Median"),
            ("amount", "Amount"),
        ],
        string="Scored by",
        required=True,
        default="attainment",
        help="Attainment: percent of the target. Improvement: percent of what one "
        "usually brings in as many days. Amount: a point for each so much.",
    )
    team_scoring = fields.Selection(
        selection=[("per_head", "Per Head"), ("sum", "As a Sum")],
        string="Amounts of Teams Count",
        required=True,
        default="per_head",
        help="Per head: divided by the people of the team and of the teams below.",
    )
    metric_ids = fields.One2many(
        comodel_name="sales.contest.metric",
        inverse_name="contest_id",
        string="What Counts",
        copy=True,
    )
    previous_periods = fields.Integer(
        string="Periods Before",
        default=3,
        help="Of how many periods before, each as long as the contest, the own "
        "median is taken.",
    )
    ramp = fields.Boolean(
        string="Handicap for Newcomers",
        help="In the first three months somebody is counted as 25, 50 and 75 percent "
        "of a full person: points from the ledger are divided by that.",
    )
    minimum_score = fields.Float(
        string="Points for a Prize at Least",
        digits=(16, 2),
        help="Whoever has fewer points gets no prize. Without points nobody does.",
    )
    tie_rule = fields.Selection(
        selection=[
            ("shared", "Share the Place"),
            ("first", "Whoever Had Them First Is Ahead"),
        ],
        string="Equal Points",
        required=True,
        default="shared",
    )

    # Who competes
    team_ids = fields.Many2many(
        comodel_name="crm.team",
        relation="sales_contest_team_rel",
        column1="contest_id",
        column2="team_id",
        string="Teams",
        check_company=True,
        help="With the teams below. None: the whole company.",
    )
    league_ids = fields.One2many(
        comodel_name="sales.contest.league",
        inverse_name="contest_id",
        string="Leagues",
        copy=True,
    )
    participant_ids = fields.One2many(
        comodel_name="sales.contest.participant",
        inverse_name="contest_id",
    )
    standing_ids = fields.One2many(
        comodel_name="sales.standing", inverse_name="contest_id"
    )
    prize_ids = fields.One2many(
        comodel_name="sales.contest.prize",
        inverse_name="contest_id",
        string="Prizes",
        copy=True,
    )

    # What others see
    show_top = fields.Integer(
        string="Places Shown",
        help="How many places everybody sees; 0: all. The last place is shown to "
        "nobody else, and everybody sees their own.",
    )
    anonymous = fields.Boolean(help="Others are shown without their names.")
    allow_opt_out = fields.Boolean(
        string="May Opt Out",
        default=True,
        help="Whoever opts out is ranked nowhere and wins nothing.",
    )
    celebrate = fields.Boolean(default=True, help="Celebrate wins on the leaderboard.")

    # Seasons
    repeats = fields.Selection(
        selection=[
            ("none", "Does Not Repeat"),
            ("month", "Every Month"),
            ("quarter", "Every Quarter"),
        ],
        required=True,
        default="none",
        help="The next season begins when this one is over, with the same rules.",
    )
    season_number = fields.Integer(
        string="Season", default=1, readonly=True, copy=False
    )
    previous_id = fields.Many2one(
        comodel_name="sales.contest",
        string="Season Before",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    next_ids = fields.One2many(
        comodel_name="sales.contest",
        inverse_name="previous_id",
        string="Seasons After It",
    )

    # Versions
    version = fields.Integer(default=1, readonly=True, copy=False)
    version_ids = fields.One2many(
        comodel_name="sales.contest.version",
        inverse_name="contest_id",
        string="Versions",
        readonly=True,
    )
    rules_text = fields.Text(string="Rules", compute="_compute_rules_text")
    cancel_reason = fields.Char(
        string="Why It Was Cancelled", readonly=True, copy=False
    )
    people_on = fields.Date(
        string="People as of", readonly=True, copy=False, help="Looked up once a day."
    )
    refreshed_on = fields.Datetime(string="Counted On", readonly=True, copy=False)

    _dates_in_order = models.Constraint(
        "CHECK (date_to > date_from)", "A contest has one day at least."
    )
    _numbers_not_negative = models.Constraint(
        "CHECK (COALESCE(show_top, 0) >= 0 AND COALESCE(minimum_score, 0) >= 0"
        " AND previous_periods BETWEEN 1 AND 12)",
        "Places and points are not below zero, and 1 to 12 periods before count.",
    )
    _season_uniq = models.UniqueIndex(
        "(previous_id) WHERE previous_id IS NOT NULL",
        "The next season is there already.",
    )

    # === DEFAULTS === #

    @api.model
    def _default_date_from(self):
        return self.env.company._sales_today()

    @api.model
    def _default_date_to(self):
        return next_of(self.env.company._sales_today(), "month")

    # === COMPUTE METHODS === #

    @api.depends("date_to")
    def _compute_date_last(self):
        for contest in self:
            contest.date_last = contest.date_to and fields.Date.subtract(
                contest.date_to, days=1
            )

    @api.onchange("date_last")
    def _inverse_date_last(self):
        for contest in self:
            contest.date_to = contest.date_last and fields.Date.add(
                contest.date_last, days=1
            )

    @api.depends("name", "season_number", "repeats")
    def _compute_display_name(self):
        for contest in self:
            name = contest.name or ""
            if contest.season_number > 1:
                name = self.env._(
                    "%(contest)s, season %(n)s", contest=name, n=contest.season_number
                )
            contest.display_name = name

    # === CHECKS === #

    @api.constrains("kind", "league_ids")
    def _check_leagues(self):
        for contest in self:
            leagues = contest.league_ids.sorted(lambda row: (row.sequence, row.id))
            for upper, lower in zip(leagues, leagues[1:], strict=False):
                if upper.demote != lower.promote:
                    raise ValidationError(
                        self.env._(
                            "As many go down from “%(upper)s” as come up from "
                            "“%(lower)s”, so that leagues keep their size.",
                            upper=upper.name,
                            lower=lower.name,
                        )
                    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_protected(self, vals, RECORDED)
        return super().create(vals_list)

    def write(self, vals):
        refuse_protected(self, vals, RECORDED)
        if vals.keys() & RULES:
            self._check_rules_open()
        return super().write(vals)

    def _check_rules_open(self):
        """:raise UserError: for contests that have started; people go by their rules"""
        if self.env.su:
            return
        for contest in self.filtered(lambda contest: contest.state != "draft"):
            if contest.state != "running":
                raise UserError(
                    self.env._(
                        "“%s” is over: its rules stay as they were.",
                        contest.display_name,
                    )
                )
            raise UserError(
                self.env._(
                    "“%s” has started and people go by its rules. Use the button "
                    "“Change the Rules”: it makes a new version that everybody in the "
                    "contest sees, with your reason.",
                    contest.display_name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_started(self):
        for contest in self.filtered(lambda contest: contest.state != "draft"):
            raise UserError(
                self.env._("“%s” has started: cancel it instead.", contest.display_name)
            )
