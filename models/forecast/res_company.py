from odoo import fields, models
from odoo.tools import SQL

# What the forecast of a company's deals follows from.
SETTINGS = frozenset({"sales_forecast_method", "currency_id"})


class ResCompany(models.Model):
    _inherit = "res.company"

    sales_forecast_method = fields.Selection(
        selection=[
            ("stage", "Stage percentage"),
            ("score", "Odoo's predictive score"),
            ("calibrated", "Learnt from own history"),
            ("manual", "Odoo's probability, also typed by hand"),
        ],
        string="Forecast Probability by",
        default="stage",
        required=True,
        help="Where the chance of a deal comes from. A deal outside any process has no "
        "stage percentage: Odoo's probability counts there.",
    )

    def _sales_after_write(self, vals, before):
        result = super()._sales_after_write(vals, before)
        if SETTINGS & vals.keys():
            self._sales_forecast_settle()
        return result

    def _sales_forecast_settle(self):
        """Work out again what the deals of these companies count."""
        self.env["crm.lead"]._sales_forecast_refresh(
            SQL(
                "COALESCE(l.company_id, (SELECT u.company_id FROM res_users u"
                " WHERE u.id = l.user_id)) = ANY (%s)",
                self.ids,
            )
        )
