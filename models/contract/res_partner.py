from odoo import api, fields, models


class ResPartner(models.Model):
    """How a customer usually pays, for each company that sells to them."""

    _inherit = "res.partner"

    sales_plan_template_id = fields.Many2one(
        comodel_name="sales.plan.template",
        string="Payment Plan",
        company_dependent=True,
        domain="[('company_id', 'in', (current_company_id, False))]",
        help="New quotations of this customer start with it.",
    )

    @api.model
    def _commercial_fields(self):
        return [*super()._commercial_fields(), "sales_plan_template_id"]
