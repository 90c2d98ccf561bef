from odoo import api, models


class SalesContest(models.Model):
    """The leaderboard on the screen."""

    _inherit = "sales.contest"

    def _tell(self):
        """See ``get_leaderboard``; with what the screen offers to do."""
        told = super()._tell()
        told["allow_opt_out"] = self.allow_opt_out and self.kind != "team"
        for prize, row in zip(self.prize_ids, told["prizes"], strict=True):
            row["league_id"] = prize.league_id.id
        return told

    @api.model
    def _followed(self, ids):
        """Those of some contests whose leaderboard the user may see."""
        if not self.env.user.has_group("sales_process.group_rep"):
            return self.browse()
        return self.search([("id", "in", list(ids))])
