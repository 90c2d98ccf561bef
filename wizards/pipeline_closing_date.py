from odoo import api, fields, models

from ..models.pipeline.sales_closing_change import CLOSING_REASONS


class SalesClosingDate(models.TransientModel):
    """Asks when a deal will close instead, and why it moved."""

    _name = "sales.closing.date"
    _description = "New Closing Date"

    lead_id = fields.Many2one(
        comodel_name="crm.lead", string="Deal", required=True, readonly=True
    )
    old_date = fields.Date(string="Expected so far", compute="_compute_old_date")
    delay = fields.Selection(
        selection=[
            ("7", "In a week"),
            ("14", "In two weeks"),
            ("30", "In a month"),
            ("90", "In a quarter"),
        ],
    )
    date_deadline = fields.Date(string="New Closing Date")
    reason = fields.Selection(selection=CLOSING_REASONS, string="Why")
    note = fields.Text()

    @api.depends("lead_id")
    def _compute_old_date(self):
        for dialog in self:
            lead = dialog.lead_id
            dialog.old_date = lead._sales_closing_due() if lead else False

    @api.onchange("delay")
    def _onchange_delay(self):
        if self.delay:
            today = self.lead_id._sales_closing_company()._sales_today()
            self.date_deadline = fields.Date.add(today, days=int(self.delay))

    def action_apply(self):
        """Give the deal its new date, on record."""
        self.ensure_one()
        self.lead_id.action_sales_move_closing(
            self.date_deadline, self.reason, self.note
        )
        return {"type": "ir.actions.act_window_close"}
