from odoo import fields, models


class ResCompany(models.Model):
    """How a company states and pays commission."""

    _inherit = "res.company"

    sales_commission_period = fields.Selection(
        selection=[("month", "Month"), ("quarter", "Quarter"), ("year", "Year")],
        string="Commission Statements by",
        default="month",
        required=True,
    )
    sales_commission_product_id = fields.Many2one(
        comodel_name="product.product",
        string="Product on Bills of Dealers",
        domain=[("type", "=", "service")],
        check_company=True,
    )
    sales_commission_account_id = fields.Many2one(
        comodel_name="account.account",
        string="Account on Bills of Dealers",
        domain=[("account_type", "=like", "expense%")],
        check_company=True,
    )
