from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .waterfall_sql import BARS


class SalesPipelineChange(models.Model):
    """The deals behind a waterfall, one row per deal and bar.

    The context key ``sales_waterfall`` holds the options of the waterfall, as
    ``get_waterfall`` of the history takes them; without it there are no rows. What a
    user may see is decided by the rules of the history, at both moments.
    """

    _name = "sales.pipeline.change"
    _description = "Pipeline Change"
    _auto = False
    _order = "amount desc, id"
    _rec_name = "lead_id"

    lead_id = fields.Many2one(comodel_name="crm.lead", string="Deal", readonly=True)
    lead_ref = fields.Integer(
        string="Number of the Deal", readonly=True, aggregator=None
    )
    bar = fields.Selection(selection="_selection_bar", string="Change", readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    amount = fields.Monetary(readonly=True, help="What the deal adds to the bar.")
    old_expected_revenue = fields.Monetary(string="Old Amount", readonly=True)
    new_expected_revenue = fields.Monetary(string="New Amount", readonly=True)
    old_date_deadline = fields.Date(string="Old Closing", readonly=True)
    new_date_deadline = fields.Date(string="New Closing", readonly=True)
    old_stage_id = fields.Many2one(comodel_name="crm.stage", readonly=True)
    new_stage_id = fields.Many2one(comodel_name="crm.stage", readonly=True)
    old_user_id = fields.Many2one(
        comodel_name="res.users", string="Old Salesperson", readonly=True
    )
    new_user_id = fields.Many2one(
        comodel_name="res.users", string="New Salesperson", readonly=True
    )
    old_team_id = fields.Many2one(comodel_name="crm.team", readonly=True)
    new_team_id = fields.Many2one(comodel_name="crm.team", readonly=True)
    old_company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    new_company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    old_status = fields.Selection(
        selection=[("open", "Open"), ("won", "Won"), ("lost", "Lost")], readonly=True
    )
    new_status = fields.Selection(
        selection=[("open", "Open"), ("won", "Won"), ("lost", "Lost")], readonly=True
    )

    def _selection_bar(self):
        labels = self.env["sales.pipeline.history"]._waterfall_labels()
        return [(key, labels[key]) for key in BARS]

    @property
    def _table_query(self):
        history = self.env["sales.pipeline.history"]
        options = self.env.context.get("sales_waterfall")
        if options:
            arguments = history._waterfall_arguments(options)
        else:
            now = fields.Datetime.now()
            arguments = {"date_from": now, "date_to": now, "domain": Domain.FALSE}
        return history._waterfall_statement(**arguments).rows()

    # === ACTIONS === #

    @api.readonly
    def action_open_deal(self):
        self.ensure_one()
        if not self.lead_id:
            raise UserError(self.env._("This deal has been deleted."))
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.lead",
            "res_id": self.lead_id.id,
            "views": [(False, "form")],
        }
