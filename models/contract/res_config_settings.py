from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    sales_plan_required = fields.Boolean(
        related="company_id.sales_plan_required", readonly=False
    )
