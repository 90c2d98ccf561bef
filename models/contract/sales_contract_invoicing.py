from odoo import models


class SalesContract(models.Model):
    """A contract is invoiced by its instalments."""

    _inherit = "sales.contract"

    def action_invoice_due(self):
        """Invoice the due instalments of these contracts; tell what became of each.

        :return: action that opens the report
        """
        return self.plan_line_ids.filtered(
            lambda line: line.state == "due"
        ).action_invoice_due()
