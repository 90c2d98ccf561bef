from odoo import api, fields, models
from odoo.exceptions import UserError

NUMBERS = {
    "sales.forecast.call": "call",
    "sales.forecast.adjustment": "adjustment",
}


class SalesForecastEnd(models.TransientModel):
    """Asks why a call or an adjustment does not hold any more."""

    _name = "sales.forecast.end"
    _description = "Reset Forecast Numbers"

    res_model = fields.Char(required=True, readonly=True)
    res_ids = fields.Char(required=True, readonly=True)
    summary = fields.Char(string="Numbers", compute="_compute_summary")
    reason = fields.Text(string="Why")

    @api.depends("res_model", "res_ids")
    def _compute_summary(self):
        for wizard in self:
            names = dict.fromkeys(wizard._numbers().mapped("owner_name"))
            wizard.summary = ", ".join(filter(None, names))

    def _numbers(self):
        """The numbers the user may see among those that were chosen."""
        if self.res_model not in NUMBERS:
            raise UserError(self.env._("Choose calls or adjustments to reset."))
        words = (self.res_ids or "").split(",")
        ids = [int(word) for word in words if word.isdigit()]
        numbers = self.env[self.res_model]
        return numbers.search([("id", "in", ids), ("state", "=", "current")])

    def action_end(self):
        """Reset them.

        :raise UserError: without a reason, or where none is current any more
        """
        self.ensure_one()
        numbers = self._numbers()
        if not numbers:
            raise UserError(self.env._("None of them holds any more. Reload the page."))
        kind = NUMBERS[self.res_model]
        for company, mine in numbers.grouped("company_id").items():
            rows = [{**number._end_row(self.reason), "kind": kind} for number in mine]
            self.env["sales.forecast.call"]._submit(company, rows)
        return {"type": "ir.actions.act_window_close"}
