from odoo import fields, models
from odoo.exceptions import AccessError


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    sales_class_months = fields.Integer(
        related="company_id.sales_class_months", readonly=False
    )
    sales_class_share_a = fields.Float(
        related="company_id.sales_class_share_a", readonly=False
    )
    sales_class_share_ab = fields.Float(
        related="company_id.sales_class_share_ab", readonly=False
    )
    sales_class_date = fields.Datetime(related="company_id.sales_class_date")
    sales_class_error = fields.Char(related="company_id.sales_class_error")

    def action_sales_judge_customers(self):
        """Judge the customers of the present company now, and tell what came out."""
        if not self.env.user.has_groups(
            "sales_process.group_director,base.group_system"
        ):
            raise AccessError(
                self.env._("Only directors and administrators judge customers.")
            )
        company = self.env.company.sudo()  # reads all invoices; the right is checked
        counts = company._sales_judge_customers()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "Customers of %(company)s: %(a)s in class A, %(b)s in B, %(c)s in "
                    "C, %(former)s former ones.",
                    company=company.name,
                    **counts,
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
