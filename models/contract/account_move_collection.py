from odoo import models
from odoo.tools import SQL


class AccountMove(models.Model):
    """Invoices that customers open by a link."""

    _inherit = "account.move"

    def _sales_ensure_tokens(self):
        """Let customers open these invoices by a link, all of them in one go."""
        self.flush_recordset(["access_token"])
        bare = self.filtered(lambda move: not move.access_token)
        if bare:
            self.env.cr.execute(
                SQL(
                    "UPDATE account_move SET access_token = gen_random_uuid()::text"
                    " WHERE id = ANY (%s) AND access_token IS NULL",
                    bare.ids,
                )
            )
            bare.invalidate_recordset(["access_token"], flush=False)
