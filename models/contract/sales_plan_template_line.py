from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...engine.plan_split import decimal, largest_remainder
from ..base.whole import check_whole
from .sales_plan_template import SHARES, TRIGGERS


class SalesPlanTemplateLine(models.Model):
    """One instalment of a template, or several alike in a row."""

    _name = "sales.plan.template.line"
    _description = "Instalment of a Payment Plan Template"
    _order = "sequence, id"

    template_id = fields.Many2one(
        comodel_name="sales.plan.template",
        required=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(related="template_id.company_id", store=True)
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Instalment", required=True, translate=True)
    share = fields.Selection(selection=SHARES, required=True, default="percent")
    value = fields.Float(
        string="Percent or Amount",
        digits=(16, 4),
        help="Percent (0–100) of the total including taxes, or an amount in the "
        "currency of the order; in all, when the instalment repeats.",
    )
    trigger = fields.Selection(
        selection=TRIGGERS, string="Waits for", required=True, default="date"
    )
    delay_months = fields.Integer(
        string="Months After",
        help="Months between what it waits for and the day it is due.",
    )
    delay_days = fields.Integer(string="Days After", help="Days on top of the months.")
    expected_days = fields.Integer(
        string="Usually after (Days)",
        help="Days from the order until what it waits for usually happens. Expected "
        "cash counts on it until then; a promised delivery date goes before it.",
    )
    repeat = fields.Integer(
        string="Times", default=1, help="So many equal instalments in a row."
    )
    interval_months = fields.Integer(
        string="Every (Months)", default=1, help="Months between two of them."
    )

    @api.constrains(
        "repeat", "delay_months", "delay_days", "interval_months", "expected_days"
    )
    def _check_numbers(self):
        for line in self:
            if not 1 <= line.repeat <= 120:
                raise ValidationError(
                    self.env._(
                        "“%s” repeats too often or not at all. Enter 1 to 120 times.",
                        line.name,
                    )
                )
            if 0 > min(
                line.delay_months,
                line.delay_days,
                line.interval_months,
                line.expected_days,
            ):
                raise ValidationError(
                    self.env._(
                        "“%s” cannot be due before what it waits for. Enter months "
                        "and days of zero or more.",
                        line.name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        check_whole(lines.template_id)
        return lines

    def write(self, vals):
        result = super().write(vals)
        check_whole(self.template_id)
        return result

    def unlink(self):
        templates = self.template_id
        result = super().unlink()
        check_whole(templates)
        return result

    # === BUSINESS METHODS === #

    def _share_and_value(self):
        """As the engine takes it; what is left has no value of its own."""
        return self.share, 0 if self.share == "balance" else self.value

    def _describe(self):
        """“Down payment 30 %”, “Monthly 12 × 8.33 %”: for overviews."""
        value = f"{round(self.value / max(self.repeat, 1), 2):.12g}"
        share = {
            "percent": f"{value} %",
            "amount": value,
            "balance": self.env._("what is left"),
        }[self.share]
        times = f"{self.repeat} × " if self.repeat > 1 else ""
        return f"{self.name or ''} {times}{share}".strip()

    def _unfold(self, amount, unit):
        """The instalments this line stands for.

        :param Decimal amount: of all of them
        :param Decimal unit: rounding of the currency
        :return: values of ``sales.plan.line``, with ``expected_days``
        """
        self.ensure_one()
        parts = largest_remainder(decimal(amount), [1] * self.repeat, unit)
        for number, part in enumerate(parts):
            months, days = self._delay_of(number)
            numbered = f"{self.name} {number + 1}/{self.repeat}"
            yield {
                "name": self.name if self.repeat == 1 else numbered,
                "amount": float(part),
                "trigger": self.trigger,
                "delay_months": months,
                "delay_days": days,
                "expected_days": self.expected_days,
            }

    def _delay_of(self, number):
        """Months and days of the instalment ``number``, counted from zero.

        Those that wait for the invoice before them count from that, all others from
        the same event.
        """
        if number and self.trigger == "invoice":
            return self.interval_months, 0
        return self.delay_months + number * self.interval_months, self.delay_days
