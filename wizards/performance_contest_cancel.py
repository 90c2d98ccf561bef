from odoo import fields, models


class SalesContestCancel(models.TransientModel):
    """Asks why a contest is called off."""

    _name = "sales.contest.cancel"
    _description = "Cancel a Contest"

    contest_id = fields.Many2one(
        comodel_name="sales.contest", required=True, readonly=True, ondelete="cascade"
    )
    reason = fields.Text(
        string="Why", required=True, help="Everybody in the contest sees it."
    )

    def action_cancel(self):
        """Call it off."""
        self.ensure_one()
        self.contest_id.action_cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
