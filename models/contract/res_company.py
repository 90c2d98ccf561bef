from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    sales_plan_required = fields.Boolean(
        string="Require a Payment Plan",
        help="A quotation needs a payment plan before it is sent or confirmed.",
    )
