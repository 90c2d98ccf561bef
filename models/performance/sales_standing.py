from odoo import api, fields, models
from odoo.exceptions import AccessError


class SalesStanding(models.Model):
    """Where a participant stands. Written by the engine alone; final rows stay."""

    _name = "sales.standing"
    _description = "Standing"
    _order = "contest_id, league_id, rank, id"
    _rec_name = "name"
    _log_access = False

    contest_id = fields.Many2one(
        comodel_name="sales.contest",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        comodel_name="res.company", readonly=True, ondelete="restrict"
    )
    participant_id = fields.Many2one(
        comodel_name="sales.contest.participant",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Salesperson",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    team_id = fields.Many2one(
        comodel_name="crm.team",
        string="Sales Team",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    scope_team_id = fields.Many2one(
        comodel_name="crm.team",
        string="In Team",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    name = fields.Char(compute="_compute_name")
    league_id = fields.Many2one(
        comodel_name="sales.contest.league", readonly=True, ondelete="restrict"
    )
    score = fields.Float(
        string="Points", digits=(16, 2), readonly=True, aggregator=None
    )
    rank = fields.Integer(string="Place", readonly=True, aggregator=None)
    previous_rank = fields.Integer(
        string="Place Yesterday",
        readonly=True,
        aggregator=None,
        help="At the end of the day before; 0: none yet.",
    )
    rank_day = fields.Date(readonly=True, help="Of the present place.")
    is_tied = fields.Boolean(string="Shared", readonly=True)
    is_qualified = fields.Boolean(
        string="Qualified", readonly=True, help="Has enough points for a prize."
    )
    reached_on = fields.Date(
        readonly=True, help="The day of the last credit that counts."
    )
    streak = fields.Integer(
        readonly=True,
        aggregator=None,
        help="Working days in a row with credit, up to today.",
    )
    is_final = fields.Boolean(string="Final", readonly=True)
    line_ids = fields.One2many(
        comodel_name="sales.standing.line",
        inverse_name="standing_id",
        string="What It Consists of",
    )

    _participant_uniq = models.UniqueIndex("(contest_id, participant_id)")

    @api.depends("user_id", "team_id")
    def _compute_name(self):
        for standing in self.sudo():  # who sees the row may know of whom it is
            owner = standing.user_id or standing.team_id
            standing.name = owner.display_name or ""

    def _check_not_final(self):
        """:raise AccessError: for final rows, whoever asks"""
        if any(standing.is_final for standing in self):
            raise AccessError(
                self.env._("The standing of a contest that is over stays as it is.")
            )

    def write(self, vals):
        self._check_not_final()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_final(self):
        self._check_not_final()
