from odoo import api, fields, models


class SalesForecastAdjustment(models.Model):
    """What a leader makes of the number of somebody below; the call stays beside it.

    The number of the one highest up counts: who is below him cannot replace it.
    """

    _name = "sales.forecast.adjustment"
    _inherit = "sales.forecast.number"
    _log_access = False  # who and when are fields of their own
    _description = "Forecast Adjustment"

    author_id = fields.Many2one(
        comodel_name="res.users",
        string="Adjusted by",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    can_change = fields.Boolean(compute="_compute_can_change")

    @api.depends("state", "author_id", "user_id", "team_id", "company_id")
    @api.depends_context("uid")
    def _compute_can_change(self):
        calls = self.env["sales.forecast.call"]
        for company, numbers in self.grouped("company_id").items():
            tree = calls._owner_tree(company)
            calls._read_names(number._owner() for number in numbers)
            for number in numbers:
                owner = number._owner()
                number.can_change = (
                    number.state == "current"
                    and calls._may_adjust(tree, owner)
                    and not calls._rank_problem(tree, owner, number.author_id)
                )
