from odoo import api, fields, models


class CrmLeadLost(models.TransientModel):
    """Losing asks for what the settings ask, before the server has to refuse it."""

    _inherit = "crm.lead.lost"

    sales_reason_required = fields.Boolean(compute="_compute_sales_reason_required")

    @api.depends("lead_ids")
    def _compute_sales_reason_required(self):
        for wizard in self:
            companies = wizard.lead_ids.company_id
            if not wizard.lead_ids or wizard.lead_ids - wizard.lead_ids.filtered(
                "company_id"
            ):
                companies |= self.env.company
            wizard.sales_reason_required = any(
                companies.sudo().mapped("sales_lost_reason_required")  # plain setting
            )
