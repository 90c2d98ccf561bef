from odoo import fields, models

from ...engine.call_cutoff import Rhythm

WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]


class ResCompany(models.Model):
    """When a company wants its forecast called."""

    _inherit = "res.company"

    sales_forecast_call_period = fields.Selection(
        selection=[("week", "Week"), ("month", "Month"), ("quarter", "Quarter")],
        string="Forecast Is Called by",
        required=True,
        default="month",
    )
    sales_forecast_weekday = fields.Selection(
        selection=WEEKDAYS, string="Handed in on", required=True, default="0"
    )
    sales_forecast_hour = fields.Float(
        string="Until", default=12.0, help="Time of day of the company."
    )
    sales_forecast_lock = fields.Boolean(
        string="Lock Calls at the Cut-off",
        help="Calls and adjustments of a period can be changed until the last weekly "
        "cut-off in it, else until it is over. Directors can unlock it with a reason.",
    )
    sales_forecast_reminder_days = fields.Integer(
        string="Remind of Calls",
        default=0,
        help="Working days before the cut-off; zero for no reminders.",
    )

    _forecast_hour_of_day = models.Constraint(
        "CHECK (sales_forecast_hour >= 0 AND sales_forecast_hour < 24)",
        "Calls are handed in at an hour of the day, from 0:00 to 23:59.",
    )
    _forecast_reminder_days = models.Constraint(
        "CHECK (sales_forecast_reminder_days BETWEEN 0 AND 5)",
        "Remind 1 to 5 working days before, or 0 to send no reminders.",
    )

    def _sales_call_rhythm(self):
        """When calls are handed in every week.

        :rtype: engine.call_cutoff.Rhythm
        """
        self.ensure_one()
        company = self.sudo()  # its clock is no secret
        return Rhythm(
            int(company.sales_forecast_weekday),
            company.sales_forecast_hour,
            company._sales_zone(),
        )
