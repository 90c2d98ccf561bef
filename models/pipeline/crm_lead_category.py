from odoo import fields, models

from ..base.guards import refuse_protected
from ..process.sales_process_stage import FORECAST_CATEGORIES

# Follows from the choice: a readonly field is still writable over RPC.
CHOICE_FIELDS = frozenset({"sales_forecast_chosen_by_id", "sales_forecast_chosen_on"})


class CrmLead(models.Model):
    """Whoever works on a deal may say by hand how sure it is.

    The choice stands in place of what the stage says, survives stage moves, and ends
    when somebody releases it. The history remembers the category, so the choice lies
    here and not with the forecast that reads it.
    """

    _inherit = "crm.lead"

    sales_forecast_choice = fields.Selection(
        selection=[pair for pair in FORECAST_CATEGORIES if pair[0] != "closed"],
        string="Own Forecast Category",
        copy=False,
        tracking=True,
        help="In place of what the stage says, until it is released. Empty: the stage "
        "decides.",
    )
    sales_forecast_chosen_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Category Chosen by",
        copy=False,
        readonly=True,
        ondelete="restrict",
    )
    sales_forecast_chosen_on = fields.Datetime(
        string="Category Chosen on", copy=False, readonly=True
    )

    def action_sales_release_category(self):
        """Let the stage decide again."""
        self.filtered("sales_forecast_choice").write({"sales_forecast_choice": False})

    # === HOOKS === #

    def _sales_check_engine_fields(self, vals):
        refuse_protected(self, vals, CHOICE_FIELDS)
        return super()._sales_check_engine_fields(vals)

    def _sales_after_create(self, vals_list):
        result = super()._sales_after_create(vals_list)
        chosen = self.filtered("sales_forecast_choice")
        if chosen:
            chosen._sales_engine_write(self._sales_chosen_now(True))
        return result

    def _sales_before_write(self, vals):
        moves = super()._sales_before_write(vals)
        if "sales_forecast_choice" in vals:
            choice = vals["sales_forecast_choice"] or False
            if any(lead.sales_forecast_choice != choice for lead in self):
                vals.update(self._sales_chosen_now(choice))
        return moves

    def _sales_chosen_now(self, is_chosen):
        """Who says so, and when."""
        return {
            "sales_forecast_chosen_by_id": bool(is_chosen) and self.env.uid,
            "sales_forecast_chosen_on": bool(is_chosen) and fields.Datetime.now(),
        }
