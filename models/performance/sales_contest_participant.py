from odoo import fields, models

from ..base.guards import refuse_protected

# The engine alone says who takes part, and people themselves that they do not.
RECORDED = {
    "contest_id",
    "member_ids",
    "opted_out",
    "scope_team_id",
    "team_id",
    "user_id",
}


class SalesContestParticipant(models.Model):
    """Somebody, or a team, that takes part. Written by the engine; people opt out."""

    _name = "sales.contest.participant"
    _description = "Participant of a Contest"
    _order = "contest_id, league_id, id"
    _rec_name = "name"
    _log_access = False

    contest_id = fields.Many2one(
        comodel_name="sales.contest", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="contest_id.company_id")
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Salesperson",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
    )
    team_id = fields.Many2one(
        comodel_name="crm.team",
        string="Sales Team",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
    )
    scope_team_id = fields.Many2one(
        comodel_name="crm.team",
        string="In Team",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="The team it is, or of the person.",
    )
    member_ids = fields.Many2many(
        comodel_name="res.users",
        relation="sales_contest_member_rel",
        column1="participant_id",
        column2="user_id",
        string="People",
        readonly=True,
        help="The person, or everybody in the team and the teams below.",
    )
    name = fields.Char(compute="_compute_name")
    league_id = fields.Many2one(
        comodel_name="sales.contest.league",
        ondelete="set null",
        domain="[('contest_id', '=', contest_id)]",
    )
    opted_out = fields.Boolean(readonly=True, default=False)
    date_joined = fields.Date(
        string="Selling Since",
        help="The first day in a team or the first month with credit.",
    )

    _user_uniq = models.UniqueIndex("(contest_id, user_id) WHERE user_id IS NOT NULL")
    _team_uniq = models.UniqueIndex("(contest_id, team_id) WHERE team_id IS NOT NULL")

    def _compute_name(self):
        for row in self.sudo():  # that they take part is no secret to who sees the row
            row.name = (row.user_id or row.team_id).display_name or ""

    def write(self, vals):
        # Directors put people into leagues before the start.
        refuse_protected(self, vals, RECORDED)
        self.contest_id._check_rules_open()
        return super().write(vals)
