from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, float_compare

from .sales_plan_template import TRIGGERS

STATES = [
    ("planned", "Planned"),
    ("due", "To Invoice"),
    ("invoiced", "Invoiced"),
    ("partial", "Partly Collected"),
    ("collected", "Collected"),
    ("overdue", "Overdue"),
]


PERCENT_DIGITS = (16, 2)


class SalesPlanLine(models.Model):
    """One instalment of an order: what is paid when, and what became of it.

    Amounts include taxes and are in the currency of the order; the lines of an order
    add up to its total. What was invoiced and collected is read from invoices and
    reconciliations (``sales_plan_line_money``), never typed.
    """

    _name = "sales.plan.line"
    _description = "Instalment"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "order_id, sequence, id"
    _rec_names_search = ["name", "order_id.name"]

    order_id = fields.Many2one(
        comodel_name="sale.order", required=True, ondelete="cascade", index=True
    )
    contract_id = fields.Many2one(
        related="order_id.sales_contract_id", store=True, index="btree_not_null"
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="order_id.currency_id", store=True)
    partner_id = fields.Many2one(
        related="order_id.partner_id.commercial_partner_id",
        string="Customer",
        store=True,
        index=True,
    )
    user_id = fields.Many2one(
        related="order_id.user_id", string="Salesperson", store=True, index=True
    )
    team_id = fields.Many2one(
        related="order_id.team_id", string="Sales Team", store=True
    )
    order_state = fields.Selection(
        related="order_id.state", string="Order Status", store=True
    )
    sequence = fields.Integer(default=10)
    name = fields.Char(string="Instalment", required=True)
    amount = fields.Monetary(
        required=True,
        tracking=True,
        help="Including taxes, in the currency of the order.",
    )
    amount_proposed = fields.Monetary(
        string="New Amount",
        compute="_compute_amount_proposed",
        help="What “Adjust to the Total” makes of it.",
    )
    percent = fields.Float(
        compute="_compute_percent",
        inverse="_inverse_percent",
        digits=PERCENT_DIGITS,
        string="%",
        help="Percent of the total of the order, 0–100.",
    )
    is_final = fields.Boolean(
        string="Final Invoice",
        compute="_compute_is_final",
        help="The last instalment: its invoice has what was delivered, less all down "
        "payments.",
    )
    trigger = fields.Selection(
        selection=TRIGGERS,
        string="Waits for",
        required=True,
        default="date",
        tracking=True,
    )
    delay_months = fields.Integer(
        string="Months After",
        help="Months between what it waits for and the day it is due.",
    )
    delay_days = fields.Integer(string="Days After", help="Days on top of the months.")
    date_planned = fields.Date(
        string="Planned On",
        tracking=True,
        help="When it is expected to become due, as long as what it waits for has not "
        "happened.",
    )
    date_trigger = fields.Date(
        string="Triggered On",
        compute="_compute_date_trigger",
        store=True,
        help="When what the instalment waits for happened.",
    )
    date_firm = fields.Date(
        string="Due On",
        compute="_compute_date_firm",
        store=True,
        index=True,
        help="From this day on it is to be invoiced.",
    )
    date_accepted = fields.Date(string="Accepted On", readonly=True, copy=False)

    # Written by the engine, see ``sales_plan_line_money``.
    invoice_ids = fields.Many2many(
        comodel_name="account.move", string="Invoices", compute="_compute_invoice_ids"
    )
    amount_invoiced = fields.Monetary(
        string="Invoiced",
        default=0.0,
        readonly=True,
        copy=False,
        help="Posted invoices less credit notes.",
    )
    amount_collected = fields.Monetary(
        string="Collected",
        default=0.0,
        readonly=True,
        copy=False,
        help="Money matched with its invoices, without write-offs and credit notes.",
    )
    amount_due = fields.Monetary(
        string="Open",
        default=0.0,
        readonly=True,
        copy=False,
        help="Invoiced and not yet settled.",
    )
    date_invoiced = fields.Date(
        string="Invoiced On", readonly=True, copy=False, help="Of its first invoice."
    )
    date_invoice_due = fields.Date(
        string="Payment Due",
        readonly=True,
        copy=False,
        help="The earliest day an open part of its invoices is due.",
    )
    date_collected = fields.Date(
        string="Collected On",
        readonly=True,
        copy=False,
        help="Of the last payment, once nothing is open.",
    )
    state = fields.Selection(
        selection=STATES,
        string="Status",
        compute="_compute_state",
        search="_search_state",
    )

    # === COMPUTE METHODS === #

    @api.depends("name", "order_id.name")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.order_id.name or ''} · {line.name or ''}"

    @api.depends("amount", "order_id.amount_total")
    def _compute_percent(self):
        for line in self:
            line.percent = line._percent_of_total()

    def _percent_of_total(self):
        total = self.order_id.amount_total
        return 100 * self.amount / total if total else 0.0

    @api.onchange("percent")
    def _inverse_percent(self):
        """Only what was typed: 300.00 of 900.00 is not 33.33 % of it."""
        for line in self:
            shown = line._percent_of_total()
            if float_compare(line.percent, shown, precision_digits=PERCENT_DIGITS[1]):
                line.amount = line._amount_of(line.order_id, line.percent)

    @api.model
    def _amount_of(self, order, percent):
        amount = order.amount_total * percent / 100
        return order.currency_id.round(amount) if order.currency_id else amount

    # Not on the amounts, which invalidate it when they are written: a form sends them
    # one by one, so what it shows already would be forgotten, and the server would not
    # notice that it has to send the new value.
    @api.depends(
        "order_id.amount_total",
        "order_id.sales_plan_source_id",
        "order_id.sales_plan_line_ids",
    )
    def _compute_amount_proposed(self):
        for order, lines in self.grouped("order_id").items():
            proposal = order._propose_sales_plan_amounts()
            for line in lines:
                line.amount_proposed = proposal.get(line, line.amount)

    @api.depends("sequence", "order_id.sales_plan_line_ids.sequence")
    def _compute_is_final(self):
        for order, lines in self.grouped("order_id").items():
            final = order._sorted_sales_plan()[-1:]
            for line in lines:
                line.is_final = line == final

    @api.depends("order_id.invoice_ids")
    def _compute_invoice_ids(self):
        for line in self:
            line.invoice_ids = False

    @api.depends(
        "amount",
        "amount_invoiced",
        "amount_collected",
        "amount_due",
        "date_firm",
        "date_invoice_due",
        "order_state",
    )
    def _compute_state(self):
        today = {company: company._sales_today() for company in self.company_id}
        for line in self:
            line.state = line._judge_state(today.get(line.company_id))

    def _judge_state(self, today):
        """``_field_to_sql`` says the same."""
        zero = self.currency_id.is_zero
        if zero(self.amount_invoiced):
            due = today and self.date_firm and self.date_firm <= today
            return "due" if due and self.order_state == "sale" else "planned"
        if zero(self.amount_due):
            return "collected"
        if today and self.date_invoice_due and self.date_invoice_due < today:
            return "overdue"
        return "invoiced" if zero(self.amount_collected) else "partial"

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        values = list(value)
        return Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "%s = ANY (%s)", model._state_to_sql(alias), values
            )
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == "state":
            return self._state_to_sql(alias)
        return super()._field_to_sql(alias, field_expr, query)

    def _state_to_sql(self, alias):
        """:meth:`_judge_state`, for searching and grouping."""

        def column(name):
            return self._field_to_sql(alias, name)  # flushed before it is read

        return SQL(
            """(CASE
                WHEN ABS(COALESCE(%(invoiced)s, 0)) < 0.000001 THEN
                    CASE WHEN %(firm)s <= %(today)s AND %(order_state)s = 'sale'
                         THEN 'due' ELSE 'planned' END
                WHEN ABS(COALESCE(%(due)s, 0)) < 0.000001 THEN 'collected'
                WHEN %(invoice_due)s < %(today)s THEN 'overdue'
                WHEN ABS(COALESCE(%(collected)s, 0)) < 0.000001 THEN 'invoiced'
                ELSE 'partial' END)""",
            invoiced=column("amount_invoiced"),
            firm=column("date_firm"),
            today=self.env["res.company"]._sales_today_sql(column("company_id")),
            order_state=column("order_state"),
            due=column("amount_due"),
            invoice_due=column("date_invoice_due"),
            collected=column("amount_collected"),
        )
