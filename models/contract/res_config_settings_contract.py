from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    sales_contract_automatic = fields.Boolean(
        related="company_id.sales_contract_automatic", readonly=False
    )
    sales_contract_type_id = fields.Many2one(
        related="company_id.sales_contract_type_id", readonly=False
    )
