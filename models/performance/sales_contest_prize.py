from odoo import fields, models


class SalesContestPrize(models.Model):
    """What some places of a contest win."""

    _name = "sales.contest.prize"
    _description = "Prize of a Contest"
    _inherit = ["sales.contest.part"]
    _order = "contest_id, rank_from, id"

    contest_id = fields.Many2one(
        comodel_name="sales.contest", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="contest_id.company_id", store=True, index=True
    )
    rank_from = fields.Integer(string="From Place", required=True, default=1)
    rank_to = fields.Integer(string="To Place", required=True, default=1)
    league_id = fields.Many2one(
        comodel_name="sales.contest.league",
        ondelete="cascade",
        domain="[('contest_id', '=', contest_id)]",
        help="Empty: these places of every league.",
    )
    name = fields.Char(string="What There Is to Win", required=True, translate=False)
    badge_id = fields.Many2one(
        comodel_name="gamification.badge",
        ondelete="restrict",
        help="Given when the contest is over. From the start on nobody can give it by "
        "hand.",
    )
    karma = fields.Integer(help="Points added to the karma of each winner.")

    _places = models.Constraint(
        "CHECK (rank_from >= 1 AND rank_to >= rank_from)",
        "Prizes are for places from 1 on, the first one before the last.",
    )
    _karma_not_negative = models.Constraint(
        "CHECK (COALESCE(karma, 0) >= 0)", "Nobody loses karma by winning."
    )

    def _wins(self, standing):
        """Whether a place wins this.

        :param standing: a ``sales.standing``
        """
        self.ensure_one()
        return (
            standing.is_qualified
            and self.rank_from <= standing.rank <= self.rank_to
            and (not self.league_id or self.league_id == standing.league_id)
        )
