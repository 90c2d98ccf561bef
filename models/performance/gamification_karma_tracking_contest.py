from odoo import models


class GamificationKarmaTracking(models.Model):
    """Karma may come from a contest."""

    _inherit = "gamification.karma.tracking"

    def _get_origin_selection_values(self):
        return [
            *super()._get_origin_selection_values(),
            ("sales.contest", self.env._("Contest")),
        ]
