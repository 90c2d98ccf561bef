from odoo import fields, models

# What a deal is credited by.
CREDITED = {"won_status", "stage_id", "sales_process_id", "active", "type"}


class CrmLead(models.Model):
    """Deals are credited when they are qualified and won, and when they are not any more."""

    _inherit = "crm.lead"

    sales_split_ids = fields.One2many(
        comodel_name="sales.split",
        inverse_name="lead_id",
        string="Shares",
        copy=True,
        help="Who earns what where several people do. Empty: the salesperson.",
    )

    def _sales_check_whole(self):
        super()._sales_check_whole()
        self.sales_split_ids._check_hundred()

    def _sales_after_create(self, vals_list):
        result = super()._sales_after_create(vals_list)
        self.env["sales.credit"]._note("crm.lead", self.ids)
        return result

    def _write_multi(self, vals_list):
        # A stage that is won changes ``won_status``, which no ``write`` announces.
        if any(CREDITED & vals.keys() for vals in vals_list):
            self.env["sales.credit"]._note("crm.lead", self.ids)
        return super()._write_multi(vals_list)
