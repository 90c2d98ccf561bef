from odoo import models

CREDITED = {"active", "date_done"}


class MailActivity(models.Model):
    """To-dos are credited when they are done."""

    _inherit = "mail.activity"

    def _write_multi(self, vals_list):
        if any(CREDITED & vals.keys() for vals in vals_list):
            self.env["sales.credit"]._note(self._name, self.ids)
        return super()._write_multi(vals_list)
