from odoo import api, fields, models

# What a deal is credited by.
CREDITED = {"won_status", "stage_id", "sales_process_id", "active", "type"}


class CrmLead(models.Model):
    """Deals are credited when qualified and won, and taken back when no longer."""

    _inherit = "crm.lead"

    sales_split_ids = fields.One2many(
        comodel_name="sales.split",
        inverse_name="lead_id",
        string="Shares",
        copy=True,
        groups="sales_process.group_rep",
        help="Who earns what where several people do. Empty: the salesperson.",
    )

    def action_view_sales_credits(self):
        """Open who earned what with this deal."""
        self.ensure_one()
        return self.env["sales.credit"]._action_of(self)

    def _sales_check_whole(self):
        result = super()._sales_check_whole()
        splits = self.sudo().sales_split_ids  # checked whoever changes the document
        splits._check_hundred()
        return result

    def _sales_after_create(self, vals_list):
        result = super()._sales_after_create(vals_list)
        self.env["sales.credit"]._note("crm.lead", self.ids)
        return result

    @api.ondelete(at_uninstall=False)
    def _sales_note_gone(self):
        """What was earned with a deal goes with it, and with the evidence for it."""
        credits = self.env["sales.credit"]
        credits._note("crm.lead", self.ids)
        evidence = self.env["sales.evidence"].sudo()  # all of it, seen or not
        credits._note(
            "sales.evidence", evidence.search([("lead_id", "in", self.ids)]).ids
        )

    def _write_multi(self, vals_list):
        # A stage that is won changes ``won_status``, which no ``write`` announces.
        if any(CREDITED & vals.keys() for vals in vals_list):
            self.env["sales.credit"]._note("crm.lead", self.ids)
        return super()._write_multi(vals_list)
