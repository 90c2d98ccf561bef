from odoo import fields, models
from odoo.exceptions import AccessError


class SalesContestVersion(models.Model):
    """The rules as they were from a day on. Rows are only ever added."""

    _name = "sales.contest.version"
    _description = "Version of the Rules of a Contest"
    _order = "contest_id, number desc"
    _rec_name = "number"

    contest_id = fields.Many2one(
        comodel_name="sales.contest",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        related="contest_id.company_id", store=True, index=True
    )
    number = fields.Integer(string="Version", readonly=True, aggregator=None)
    date = fields.Datetime(string="Since", readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users", string="By", readonly=True, ondelete="restrict"
    )
    reason = fields.Text(string="Why", readonly=True)
    rules = fields.Text(readonly=True)

    _number_uniq = models.UniqueIndex("(contest_id, number)")

    def write(self, vals):
        # pylint: disable=method-required-super  # nobody may, the engine neither
        raise AccessError(self.env._("What the rules were stays as it was recorded."))
