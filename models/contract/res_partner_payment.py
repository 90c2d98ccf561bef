from odoo import api, fields, models


class ResPartner(models.Model):
    """How a customer usually pays, beside what they owe."""

    _inherit = "res.partner"

    sales_payment_delay = fields.Integer(
        string="Usually Pays (Days Late)",
        compute="_compute_sales_payment_delay",
        compute_sudo=True,  # of the customer on the screen, learnt by the system
        groups="account.group_account_invoice,account.group_account_readonly",
        help="Median days from the day an invoice is due to its last payment, in the "
        "last two years at this company; below zero for who pays early.",
    )
    sales_payment_cases = fields.Integer(
        string="Invoices Paid",
        compute="_compute_sales_payment_delay",
        compute_sudo=True,  # likewise
        groups="account.group_account_invoice,account.group_account_readonly",
    )

    @api.depends_context("company")
    def _compute_sales_payment_delay(self):
        found = {
            delay.partner_id.id: delay
            for delay in self.env["sales.payment.delay"].search(
                [
                    ("partner_id", "in", self.commercial_partner_id.ids),
                    ("company_id", "=", self.env.company.id),
                ]
            )
        }
        for partner in self:
            delay = found.get(partner.commercial_partner_id.id)
            partner.sales_payment_delay = delay.days_after_due if delay else 0
            partner.sales_payment_cases = delay.cases_after_due if delay else 0
