from odoo import models
from odoo.exceptions import AccessError

from .sales_commission_assignment import is_own


class SalesCommissionPlan(models.Model):
    """Who may change what: nobody writes rules that pay oneself."""

    _inherit = "sales.commission.plan"

    def _check_not_own(self):
        """:raise AccessError: for plans that pay the user"""
        if self.env.su:
            return
        for plan in self:
            people = plan.sudo().assignment_ids  # whose they are decides
            if any(is_own(row) for row in people.with_env(self.env)):
                raise AccessError(
                    self.env._(
                        "“%s” pays you, too. Ask another director to change it.",
                        plan.display_name,
                    )
                )
