from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.periods import next_of, start_of


class SalesForecastUnlockAsk(models.TransientModel):
    """Asks for which period, for whom, how long and why it is unlocked."""

    _name = "sales.forecast.unlock.ask"
    _description = "Unlock a Forecast Period"

    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        default=lambda self: self.env.company,
        domain="[('id', 'in', allowed_company_ids)]",
    )
    period_type = fields.Selection(
        selection=lambda self: (
            self.env["sales.forecast.call"]
            ._fields["period_type"]
            ._description_selection(self.env)
        ),
        string="Kind of Period",
        required=True,
        default=lambda self: self.env.company.sales_forecast_call_period,
    )
    day = fields.Date(
        string="With the Day",
        required=True,
        default=lambda self: self.env.company._sales_today(),
    )
    date_from = fields.Date(string="From", compute="_compute_period")
    date_to = fields.Date(string="Before", compute="_compute_period")
    date_last = fields.Date(string="To", compute="_compute_period")
    scope = fields.Selection(
        selection=[("all", "Everybody"), ("user", "One person"), ("team", "One team")],
        string="For",
        required=True,
        default="all",
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Person", domain="[('share', '=', False)]"
    )
    team_id = fields.Many2one(comodel_name="crm.team", string="Team")
    hours = fields.Integer(required=True, default=24)
    reason = fields.Text(string="Why")

    @api.depends("company_id", "period_type", "day")
    def _compute_period(self):
        for wizard in self:
            if not (wizard.day and wizard.period_type and wizard.company_id):
                wizard.date_from = wizard.date_to = wizard.date_last = False
                continue
            month = wizard.company_id._sales_fiscal_month()
            args = wizard.day, wizard.period_type, month
            wizard.date_from, wizard.date_to = start_of(*args), next_of(*args)
            wizard.date_last = fields.Date.add(wizard.date_to, days=-1)

    def action_unlock(self):
        """Unlock it.

        :raise UserError: where a person, a team or the reason is missing
        """
        self.ensure_one()
        owner = None
        if self.scope != "all":
            record = self.user_id if self.scope == "user" else self.team_id
            if not record:
                raise UserError(self.env._("Choose for whom it is unlocked."))
            owner = (self.scope, record.id)
        self.env["sales.forecast.unlock"]._unlock(
            self.company_id,
            (self.date_from, self.date_to),
            owner,
            self.hours,
            self.reason,
        )
        return {"type": "ir.actions.act_window_close"}
