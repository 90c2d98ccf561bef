from odoo import api, fields, models


class SalesStandingLine(models.Model):
    """What one metric brought to a standing."""

    _name = "sales.standing.line"
    _description = "Part of a Standing"
    _order = "standing_id, contest_metric_id, id"
    _rec_name = "contest_metric_id"
    _log_access = False

    standing_id = fields.Many2one(
        comodel_name="sales.standing", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="standing_id.company_id")
    contest_metric_id = fields.Many2one(
        comodel_name="sales.contest.metric",
        string="What Counts",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    value = fields.Float(
        digits=0,
        readonly=True,
        aggregator=None,
        help="What the ledger says; deals in order; or days of the longest streak.",
    )
    reference = fields.Float(
        string="Measured against",
        digits=0,
        readonly=True,
        aggregator=None,
        help="The target, or the own median; all open deals; or all working days.",
    )
    share_ramp = fields.Float(
        string="Ramp",
        digits=0,
        readonly=True,
        aggregator=None,
        default=1.0,
        help="By which points are divided: 0–1 of a full person.",
    )
    heads = fields.Integer(
        readonly=True,
        aggregator=None,
        default=1,
        help="People of the team by which points are divided.",
    )
    points = fields.Float(digits=(16, 4), readonly=True, aggregator=None)

    _metric_uniq = models.UniqueIndex("(standing_id, contest_metric_id)")

    def write(self, vals):
        self.standing_id._check_not_final()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_final(self):
        self.standing_id._check_not_final()
