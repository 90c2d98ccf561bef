from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

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
        order = self.order_id
        return {
            "date": self.date_planned,
            "signing": order.sales_date_signed,
            "delivery": order.sales_date_delivered,
            "acceptance": self.date_accepted,
            "invoice": self._previous().date_invoiced,
        }.get(self.trigger, False)

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
            line.date_firm = line.date_trigger and line.date_trigger + relativedelta(
                months=line.delay_months, days=line.delay_days
            )

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
        delay = relativedelta(months=self.delay_months, days=self.delay_days)
        day = self.date_planned and self.date_planned + delay
        return when_in_words(self.env, "date", day=day)

    # === ONCHANGE METHODS === #

    @api.onchange("trigger")
    def _onchange_trigger(self):
        """A date needs no delay on top; without one it is today."""
        if self.trigger == "date":
            self.delay_months = self.delay_days = 0
            self.date_planned = self.date_planned or fields.Date.context_today(self)

    # === ACTION METHODS === #

    def action_accept(self):
        """Ask for the day and the document with which the customer accepted."""
        self.ensure_one()
        self._check_can_accept()
        return self.env["sales.plan.event"]._open("acceptance", line_id=self.id)

    def action_withdraw_acceptance(self):
        """The customer did not accept after all."""
        self.check_access("write")
        for line in self:
            if line._is_invoiced():
                raise UserError(
                    self.env._(
                        "“%s” is invoiced because it was accepted. Credit the invoice "
                        "first.",
                        line.name,
                    )
                )
            if line.date_accepted:
                line.message_post(
                    body=self.env._(
                        "Acceptance of %s withdrawn.",
                        format_date(self.env, line.date_accepted),
                    )
                )
        self.sudo().date_accepted = False  # only this method and the engine set it

    def _check_can_accept(self):
        """:raise UserError: unless it waits for the customer's acceptance"""
        for line in self:
            if line.trigger != "acceptance" or line.order_state != "sale":
                raise UserError(
                    self.env._(
                        "“%s” does not wait for acceptance. Confirm the order and let "
                        "the instalment wait for acceptance first.",
                        line.name,
                    )
                )

    def _accept(self, day, note="", attachments=None):
        """Record that the customer accepted; callers check who may say so.

        :param date day: when
        :param str note: what was said, kept with the instalment
        :param attachments: ``ir.attachment`` with the signed document
        """
        self._check_can_accept()
        for line in self:
            line.message_post(
                body=self.env._(
                    "Accepted by the customer on %(day)s. %(note)s",
                    day=format_date(self.env, day),
                    note=note or "",
                ),
                attachment_ids=attachments.ids if attachments else [],
            )
        self.sudo().date_accepted = day  # only this method and the engine set it
