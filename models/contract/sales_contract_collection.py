from odoo import fields, models


class SalesContract(models.Model):
    """How the money of a contract is collected."""

    _inherit = "sales.contract"

    no_reminders = fields.Boolean(
        tracking=True,
        help="The customer is not reminded of instalments of this contract.",
    )

    def action_record_promise(self):
        """Ask when the customer promised to pay what is open of these contracts."""
        return self.plan_line_ids.action_record_promise()

    def action_remind(self):
        """Show the reminder of what is open of these contracts, to be sent now."""
        return self.plan_line_ids.action_remind()
