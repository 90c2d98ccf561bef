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
        "sales_stage_id",
        "sales_forecast_choice",
        "expected_revenue",
        "recurring_revenue",
        "date_deadline",
        "probability",
        "automated_probability",
        "company_id.sales_forecast_method",
    )
    @api.depends_context("lang", "company", "uid")
    def _compute_sales_forecast_why(self):
        chances = self._sales_forecast_chance_words()
        for lead in self:
            words = [
                *lead._sales_forecast_choice_words(),
                *chances.get(lead.id, ()),
                *lead._sales_forecast_missing_words(),
            ]
            lead.sales_forecast_why = "\n".join(words)

    def _sales_forecast_chance_words(self):
        """Where the probability of each deal comes from.

        :return: ``{id of a deal: [sentence]}``
        """
        result = {}
        for lead in self:
            if lead.won_status == "won":
                result[lead.id] = [self.env._("Won, so it is certain.")]
            elif lead.won_status == "lost":
                result[lead.id] = [self.env._("Lost.")]
            else:
                result[lead.id] = [lead._sales_forecast_method_words()]
        return result

    def _sales_forecast_method_words(self):
        self.ensure_one()
        deal = self.sudo()  # a setting of the company
        method = (deal.company_id or deal.user_id.company_id).sales_forecast_method
        if method == "score":
            return self.env._("The probability is Odoo's predictive score.")
        if method == "manual" or not self.sales_stage_id:
            return self.env._("The probability is the one at the top of the deal.")
        return self.env._(
            "The stage “%(stage)s” stands for %(percent)d %%.",
            stage=deal.sales_stage_id.display_name,
            percent=round(deal.sales_stage_id.probability),
        )

    def _sales_forecast_choice_words(self):
        self.ensure_one()
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
        self.ensure_one()
        words = []
        if self.won_status == "pending":
            if not self.expected_revenue and not self.recurring_revenue:
                words.append(
                    self.env._("There is no amount yet, so it counts as nothing.")
                )
            if not self.date_deadline:
                words.append(self.env._("There is no expected closing yet."))
        return words
