from odoo import api, models
from odoo.exceptions import UserError


class SalesTerritory(models.Model):
    """What was earned in a territory stays readable."""

    _inherit = "sales.territory"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_credited(self):
        credits = self.env["sales.credit"].sudo()  # all there are, own or not
        for territory in self:
            if credits.search_count([("territory_id", "=", territory.id)], limit=1):
                raise UserError(
                    self.env._(
                        "There are credits of “%s” in the ledger. Archive it instead.",
                        territory.name,
                    )
                )
