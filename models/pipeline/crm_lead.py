from odoo import api, fields, models

from .history_sql import WATCHED


class CrmLead(models.Model):
    """Deals note every change in their history."""

    _inherit = "crm.lead"

    sales_history_ids = fields.One2many(
        comodel_name="sales.pipeline.history",
        inverse_name="lead_id",
        string="History",
        readonly=True,
    )

    def _sales_after_create(self, vals_list):
        result = super()._sales_after_create(vals_list)
        self.env["sales.pipeline.history"]._note(self.ids)
        return result

    def _write_multi(self, vals_list):
        # Every change passes here on its way to the database, also one that no
        # ``write`` announces, such as a recomputed probability.
        if any(WATCHED & vals.keys() for vals in vals_list):
            self.env["sales.pipeline.history"]._note(self.ids)
        return super()._write_multi(vals_list)

    @api.ondelete(at_uninstall=False)
    def _sales_end_history(self):
        """What a deleted deal looked like stays; its last row ends now."""
        self.env["sales.pipeline.history"]._end(self.ids)
