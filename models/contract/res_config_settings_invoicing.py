from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    sales_plan_invoicing = fields.Selection(
        related="company_id.sales_plan_invoicing", readonly=False, required=True
    )
    sales_plan_invoicing_user_id = fields.Many2one(
        related="company_id.sales_plan_invoicing_user_id",
        readonly=False,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
