from odoo import api, fields, models
from odoo.tools import format_date


class CrmLead(models.Model):
    """Why a deal counts what it counts, in plain words."""

    _inherit = "crm.lead"

    sales_forecast_why = fields.Text(
        string="Where the Forecast Comes From", compute="_compute_sales_forecast_why"
    )

    @api.depends(
        "won_status",
        "stage_id",
        "sales_stage_id",
        "sales_forecast_choice",
        "expected_revenue",
        "recurring_revenue",
        "date_deadline",
        "probability",
        "automated_probability",
        "company_id.sales_forecast_method",
    )
    @api.depends_context("lang")
    def _compute_sales_forecast_why(self):
        deals = self._origin
        chances = {row["id"]: row["reasons"] for row in deals._sales_forecast_reasons()}
        for lead in self:
            deal = lead._origin
            words = [
                *deal._sales_forecast_choice_words(),
                *chances.get(deal.id, ()),
                *deal._sales_forecast_missing_words(),
            ]
            lead.sales_forecast_why = "\n".join(words)

    def _sales_forecast_choice_words(self):
        deal = self.sudo()  # the name of a colleague
        if not deal.sales_forecast_choice or deal.won_status != "pending":
            return []
        labels = dict(
            self._fields["sales_forecast_choice"]._description_selection(self.env)
        )
        words = []
        if deal.sales_forecast_chosen_by_id:
            words.append(
                self.env._(
                    "%(who)s chose “%(category)s” on %(day)s; it stays until it is"
                    " released.",
                    who=deal.sales_forecast_chosen_by_id.name,
                    category=labels[deal.sales_forecast_choice],
                    day=format_date(self.env, deal.sales_forecast_chosen_on),
                )
            )
        if deal.sales_forecast_choice == "omitted":
            words.append(self.env._("Omitted, so it counts as nothing."))
        return words

    def _sales_forecast_missing_words(self):
        words = []
        if self.won_status == "pending":
            if not self.expected_revenue and not self.recurring_revenue:
                words.append(
                    self.env._("There is no amount yet, so it counts as nothing.")
                )
            if not self.date_deadline:
                words.append(self.env._("There is no expected closing yet."))
        return words
