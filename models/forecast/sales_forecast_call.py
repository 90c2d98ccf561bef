from odoo import api, fields, models


class SalesForecastCall(models.Model):
    """What a rep or a leader calls: the number he stands for.

    Everybody calls the own number, a leader that of the teams led, directors that of
    the company. What those above think of it is an adjustment.
    """

    _name = "sales.forecast.call"
    _inherit = "sales.forecast.number"
    _log_access = False  # who and when are fields of their own
    _description = "Forecast Call"

    author_id = fields.Many2one(
        comodel_name="res.users",
        string="Called by",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    can_change = fields.Boolean(compute="_compute_can_change")

    @api.depends("state", "author_id", "user_id", "team_id", "company_id")
    @api.depends_context("uid")
    def _compute_can_change(self):
        for company, calls in self.grouped("company_id").items():
            tree = self._owner_tree(company)
            for call in calls:
                call.can_change = call.state == "current" and self._may_call(
                    tree, call._owner()
                )

    def action_confirm(self):
        """Call the same again: still so at this moment."""
        self.check_access("read")
        for company, calls in self.grouped("company_id").items():
            rows = [
                {
                    **call._end_row(None),
                    "kind": "call",
                    "amount": call.amount,
                    "note": call.note,
                }
                for call in calls.filtered(lambda call: call.state == "current")
            ]
            self._submit(company, rows)
        return True
