from odoo import models


class SalesContest(models.Model):
    """Buttons that open something."""

    _inherit = "sales.contest"

    def action_leaderboard(self):
        """Open the leaderboard of the contest."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "sales_process.leaderboard",
            "name": self.display_name,
            "params": {"contest_id": self.id},
            "context": {"contest_id": self.id},
        }

    def action_refresh(self):
        """Count again now, with whoever has come to the teams."""
        self.check_access("write")
        running = self.filtered(lambda contest: contest.state == "running")
        running = running.sudo()  # the engine counts
        running._sync_participants()
        running._refresh()

    def action_open_previous(self):
        """Open the season before."""
        self.ensure_one()
        return self.previous_id.get_formview_action()

    def action_open_next(self):
        """Open the season after it."""
        self.ensure_one()
        return self.next_ids[:1].get_formview_action()
