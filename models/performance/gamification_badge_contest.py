from odoo import fields, models


class GamificationBadge(models.Model):
    """Badges that are prizes of contests."""

    _inherit = "gamification.badge"

    sales_is_prize = fields.Boolean(
        string="Prize of Contests",
        help="Given by the contest when it is over. Nobody can give it, change it or "
        "take it away by hand.",
    )

    def _sales_prizes(self):
        """Those contests alone give: marked so, or promised by one that started."""
        rows = self.env["sales.contest.prize"].sudo()  # of any contest there is
        promised = rows.search(
            [("badge_id", "in", self.ids), ("contest_id.state", "!=", "draft")]
        ).badge_id
        badges = self.sudo()  # whether it is a prize is no secret
        return badges.filtered("sales_is_prize") | promised
