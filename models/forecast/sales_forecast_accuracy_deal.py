from odoo import api, fields, models
from odoo.exceptions import UserError

from ..process.sales_process_stage import FORECAST_CATEGORIES


class SalesForecastAccuracyDeal(models.Model):
    """The deals behind figures of accuracy, one row per deal and what it adds to.

    The context key ``sales_forecast_accuracy`` holds the options of the figures, as
    ``sales.forecast.accuracy.get_summary`` takes them. What a user may see is decided
    by the rules of the history.
    """

    _name = "sales.forecast.accuracy.deal"
    _description = "Deal of a Past Forecast"
    _auto = False
    _order = "date_from desc, kind, value desc, id"
    _rec_name = "lead_id"

    lead_id = fields.Many2one(comodel_name="crm.lead", string="Deal", readonly=True)
    lead_ref = fields.Integer(
        string="Number of the Deal", readonly=True, aggregator=None
    )
    date_from = fields.Date(string="Period", readonly=True, help="Its first day.")
    kind = fields.Selection(
        selection=[
            ("open", "Open then"),
            ("won", "Won by then"),
            ("came", "Won in the period"),
        ],
        string="Adds to",
        readonly=True,
        help="Open then and won by then make the forecast, won in the period is what "
        "came in.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Salesperson", readonly=True
    )
    team_id = fields.Many2one(
        comodel_name="crm.team", string="Sales Team", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    stage_id = fields.Many2one(comodel_name="crm.stage", readonly=True)
    forecast_category = fields.Selection(selection=FORECAST_CATEGORIES, readonly=True)
    date_deadline = fields.Date(string="Expected Closing Then", readonly=True)
    value = fields.Monetary(string="Value Then", readonly=True)
    kept = fields.Monetary(
        string="Came in",
        readonly=True,
        help="Of a deal open then: what it was won with in the period.",
    )
    stage = fields.Float(string="Stage %", readonly=True, aggregator="avg")
    score = fields.Float(string="Odoo's %", readonly=True, aggregator="avg")
    calibrated = fields.Float(string="Calibrated %", readonly=True, aggregator="avg")
    stage_revenue = fields.Monetary(string="By Stage", readonly=True)
    score_revenue = fields.Monetary(string="By Odoo's Probability", readonly=True)
    calibrated_revenue = fields.Monetary(string="By Calibrated", readonly=True)

    @property
    def _table_query(self):
        options = self.env.context.get("sales_forecast_accuracy") or {}
        accuracy = self.env["sales.forecast.accuracy"]
        scope, past = accuracy._scope_and_past(options)
        return past((scope.weeks,)).deals()

    @api.readonly
    def action_open_deal(self):
        self.ensure_one()
        if not self.lead_id:
            raise UserError(self.env._("This deal has been deleted."))
        return self.lead_id._get_records_action()
