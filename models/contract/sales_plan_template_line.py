from dateutil.relativedelta import relativedelta

from odoo import fields, models

from ...engine.plan_split import largest_remainder
from .sales_plan_template import SHARES, TRIGGERS


class SalesPlanTemplateLine(models.Model):
    """One instalment of a template, or several alike in a row."""

    _name = "sales.plan.template.line"
    _description = "Instalment of a Payment Plan Template"
    _order = "sequence, id"

    template_id = fields.Many2one(
        comodel_name="sales.plan.template", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="template_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Instalment", required=True, translate=True)
    share = fields.Selection(selection=SHARES, required=True, default="percent")
    value = fields.Float(
        string="Percent or Amount",
        digits=(16, 4),
        help="Percent (0–100) of the total including taxes, or an amount in the currency "
        "of the order; in all, when the instalment repeats.",
    )
    trigger = fields.Selection(selection=TRIGGERS, required=True, default="date")
    delay_months = fields.Integer(
        string="Months After", help="Months between the trigger and the day it is due."
    )
    delay_days = fields.Integer(
        string="Days After", help="Days on top of the months."
    )
    repeat = fields.Integer(
        string="Times", default=1, help="So many equal instalments in a row."
    )
    interval_months = fields.Integer(string="Every (Months)", default=1)

    _value_not_negative = models.Constraint(
        "CHECK (value >= 0)", "An instalment cannot be below zero."
    )
    _repeat_positive = models.Constraint(
        "CHECK (repeat BETWEEN 1 AND 120)",
        "An instalment repeats 1 to 120 times.",
    )
    _delays_not_negative = models.Constraint(
        "CHECK (delay_months >= 0 AND delay_days >= 0 AND interval_months >= 0)",
        "An instalment cannot be due before its trigger.",
    )

    def _unfold(self, amount, unit, start):
        """The instalments this line stands for.

        :param Decimal amount: of all of them
        :param Decimal unit: rounding of the currency
        :param date start: day 0, for instalments on a date
        :return: values of ``sales.plan.line``
        """
        self.ensure_one()
        parts = largest_remainder(amount, [1] * self.repeat, unit)
        for number, part in enumerate(parts):
            months = self.delay_months + number * self.interval_months
            vals = {
                "name": self.name,
                "amount": float(part),
                "trigger": self.trigger,
                "delay_months": months,
                "delay_days": self.delay_days,
            }
            if self.repeat > 1:
                vals["name"] = f"{self.name} {number + 1}/{self.repeat}"
            if self.trigger == "date":
                day = start + relativedelta(months=months, days=self.delay_days)
                vals.update(date_planned=day, delay_months=0, delay_days=0)
            yield vals
