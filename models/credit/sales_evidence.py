from odoo import api, models

CREDITED = {"state", "level"}


class SalesEvidence(models.Model):
    """Evidence is credited once somebody has verified it."""

    _inherit = "sales.evidence"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        verified = records.filtered(lambda record: record.state == "verified")
        self.env["sales.credit"]._note(self._name, verified.ids)
        return records

    def _write_multi(self, vals_list):
        if any(CREDITED & vals.keys() for vals in vals_list):
            self.env["sales.credit"]._note(self._name, self.ids)
        return super()._write_multi(vals_list)

    @api.ondelete(at_uninstall=False)
    def _sales_note_gone(self):
        self.env["sales.credit"]._note(self._name, self.ids)
