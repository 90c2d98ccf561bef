from odoo import api, models

CREDITED = {"active", "date_done"}


class MailActivity(models.Model):
    """To-dos are credited when they are done."""

    _inherit = "mail.activity"

    def _write_multi(self, vals_list):
        if any(CREDITED & vals.keys() for vals in vals_list):
            self.env["sales.credit"]._note(self._name, self.ids)
        return super()._write_multi(vals_list)

    @api.ondelete(at_uninstall=False)
    def _sales_note_gone(self):
        self.env["sales.credit"]._note(self._name, self.ids)
