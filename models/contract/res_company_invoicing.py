from odoo import fields, models

INVOICING_MODES = [
    ("manual", "By hand"),
    ("draft", "Every day, as drafts"),
    ("post", "Every day, posted"),
]


class ResCompany(models.Model):
    _inherit = "res.company"

    sales_plan_invoicing = fields.Selection(
        selection=INVOICING_MODES,
        string="Due Instalments Are Invoiced",
        required=True,
        default="manual",
    )
    sales_plan_invoicing_user_id = fields.Many2one(
        comodel_name="res.users",
        string="Told of Instalments That Could Not Be Invoiced",
        help="Empty: who collects the money of the contract, else its salesperson.",
    )
