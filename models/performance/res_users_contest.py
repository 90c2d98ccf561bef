from odoo import models


class ResUsers(models.Model):
    """Ranks reached by prizes: the winner is told once, not once more by mail."""

    _inherit = "res.users"

    def _rank_changed(self):
        # The key says who asks; all it does is to leave a mail out.
        if self.env.context.get("sales_contest_prizes") and self.env.su:
            return None
        return super()._rank_changed()
