from odoo import fields, models


class SalesContestLeague(models.Model):
    """A league: people who compete with each other, the first one is the highest."""

    _name = "sales.contest.league"
    _description = "League of a Contest"
    _inherit = ["sales.contest.part"]
    _order = "contest_id, sequence, id"

    contest_id = fields.Many2one(
        comodel_name="sales.contest", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="contest_id.company_id", store=True, index=True
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True)
    promote = fields.Integer(
        string="Go Up", help="How many play one league higher in the next season."
    )
    demote = fields.Integer(
        string="Go Down", help="How many play one league lower in the next season."
    )

    _numbers_not_negative = models.Constraint(
        "CHECK (COALESCE(promote, 0) >= 0 AND COALESCE(demote, 0) >= 0)",
        "How many go up or down is not below zero.",
    )
