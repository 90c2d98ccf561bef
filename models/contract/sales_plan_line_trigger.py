from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from .plan_text import when_in_words


class SalesPlanLine(models.Model):
    """When an instalment is due: what it waits for, and whether that happened."""

    _inherit = "sales.plan.line"

    when = fields.Char(compute="_compute_when", help="When it is due, in words.")
    date_expected = fields.Date(
        string="Due or Expected",
        compute="_compute_date_expected",
        store=True,
        index=True,
        help="The firm date, or the planned one as long as there is no firm date.",
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "trigger",
        "date_planned",
        "date_accepted",
        "amount",
        "sequence",
        "order_id.sales_date_signed",
        "order_id.sales_date_delivered",
        "order_id.sales_plan_line_ids.amount",
        "order_id.sales_plan_line_ids.sequence",
        "order_id.sales_plan_line_ids.date_invoiced",
    )
    def _compute_date_trigger(self):
        for line in self:
            line.date_trigger = line._find_trigger_date()

    def _find_trigger_date(self):
        """The day what this instalment waits for happened; False while it has not.

        A capability that knows of another trigger extends this and its dependencies.
        """
        self.ensure_one()
        # Every payment leads here: nothing is read that is not needed.
        match self.trigger:
            case "date":
                return self.date_planned
            case "signing":
                return self.order_id.sales_date_signed
            case "delivery":
                return self.order_id.sales_date_delivered
            case "acceptance":
                return self.date_accepted
            case "invoice":
                return self._previous().date_invoiced
        return False

    def _previous(self):
        """The instalment before this one that has an amount; none for the first."""
        self.ensure_one()
        previous = self.browse()
        for line in self.order_id._sorted_sales_plan():
            if line == self:
                break
            if not line.currency_id.is_zero(line.amount):
                previous = line
        return previous

    @api.depends("date_trigger", "delay_months", "delay_days")
    def _compute_date_firm(self):
        for line in self:
            line.date_firm = line.date_trigger and line._add_delay(line.date_trigger)

    def _add_delay(self, day):
        """When it is due if what it waits for happens on ``day``."""
        self.ensure_one()
        return day + relativedelta(months=self.delay_months, days=self.delay_days)

    @api.depends("date_firm", "date_planned")
    def _compute_date_expected(self):
        for line in self:
            line.date_expected = line.date_firm or line.date_planned

    @api.depends("trigger", "delay_months", "delay_days", "date_planned")
    @api.depends_context("lang")
    def _compute_when(self):
        for line in self:
            line.when = line._describe_when()

    def _describe_when(self):
        """When it is due, in the language of the environment."""
        self.ensure_one()
        if self.trigger != "date":
            return when_in_words(
                self.env, self.trigger, self.delay_months, self.delay_days
            )
        day = self.date_planned and self._add_delay(self.date_planned)
        return when_in_words(self.env, "date", day=day)

    # === ONCHANGE METHODS === #

    @api.onchange("trigger")
    def _onchange_trigger(self):
        """A date needs no delay on top; without one it is today."""
        if self.trigger == "date":
            self.delay_months = self.delay_days = 0
            self.date_planned = self.date_planned or fields.Date.context_today(self)
