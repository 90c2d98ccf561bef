from odoo import api, fields, models
from odoo.fields import Domain


class SalesPlanLine(models.Model):
    """How old what an instalment still brings is, by contract and by invoice.

    By contract it is due when it should have been invoiced plus the payment terms of
    the order; by invoice when its invoice says so. What lies between is our own delay,
    which no reminder makes shorter.
    """

    _inherit = "sales.plan.line"

    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    currency_rate = fields.Float(
        compute="_compute_currency_rate",
        store=True,
        digits=0,
        aggregator=None,
        help="Units of the currency of the order for one of the company: on the day of "
        "the first invoice, and before there is one on that of the order.",
    )
    date_due_contract = fields.Date(
        string="Due by Contract",
        compute="_compute_date_due_contract",
        store=True,
        help="When it had to be paid had it been invoiced on the day it was due for "
        "that: the payment terms of the order count from there.",
    )
    amount_outstanding = fields.Monetary(
        string="Outstanding",
        compute="_compute_amount_outstanding",
        store=True,
        help="Neither paid nor settled in another way, invoiced or not.",
    )
    amount_outstanding_company = fields.Monetary(
        string="Outstanding (Company)",
        compute="_compute_amount_company",
        store=True,
        currency_field="company_currency_id",
        help="In the currency of the company.",
    )
    amount_due_company = fields.Monetary(
        string="Open (Company)",
        compute="_compute_amount_company",
        store=True,
        currency_field="company_currency_id",
        help="Invoiced and not yet settled, in the currency of the company.",
    )
    amount_prepaid_company = fields.Monetary(
        string="Prepaid (Company)",
        compute="_compute_amount_company",
        store=True,
        currency_field="company_currency_id",
        help="Paid online and matched with no invoice yet, in the currency of the "
        "company.",
    )
    invoicing_delay = fields.Integer(
        string="Invoiced Late (Days)",
        compute="_compute_invoicing_delay",
        store=True,
        aggregator="avg",
        help="Days between the day it was to be invoiced and its first invoice; zero "
        "for what was invoiced in time or early.",
    )
    days_late = fields.Integer(
        string="Payment Late (Days)",
        compute="_compute_days_late",
        aggregator=None,
        help="Days its payment is late: by its invoice, or by contract while there is "
        "none.",
    )

    # What is closed is most of a table after some years, and no ageing asks for it.
    _outstanding_idx = models.Index(
        """(company_id, date_due_contract)
        INCLUDE (date_invoice_due, amount_outstanding_company, amount_due_company,
                 partner_id, user_id, team_id)
        WHERE order_state = 'sale' AND amount_outstanding <> 0"""
    )
    _prepaid_idx = models.Index("(company_id) WHERE amount_prepaid <> 0")
    _late_idx = models.Index("(company_id, date_invoiced) WHERE invoicing_delay > 0")

    # === COMPUTE METHODS === #

    @api.depends("currency_id", "company_id", "date_invoiced", "order_id.currency_rate")
    def _compute_currency_rate(self):
        for line in self:
            line.currency_rate = line._find_currency_rate()

    def _find_currency_rate(self):
        own = self.company_id.currency_id
        if not self.currency_id or self.currency_id == own:
            return 1.0
        if not self.date_invoiced:
            return self.order_id.currency_rate or 1.0
        return own._get_conversion_rate(
            own, self.currency_id, self.company_id, self.date_invoiced
        )

    @api.depends("date_firm", "order_id.payment_term_id")
    def _compute_date_due_contract(self):
        for line in self:
            terms = line.order_id.payment_term_id.sudo()  # the customer was told them
            days = [
                term._get_due_date(line.date_firm)
                for term in terms.line_ids
                if line.date_firm
            ]
            line.date_due_contract = min(days, default=line.date_firm)

    @api.depends("amount_to_invoice", "amount_draft", "amount_due")
    def _compute_amount_outstanding(self):
        for line in self:
            amount = line.amount_to_invoice + line.amount_draft + line.amount_due
            line.amount_outstanding = line.currency_id.round(amount)

    @api.depends("amount_outstanding", "amount_due", "amount_prepaid", "currency_rate")
    def _compute_amount_company(self):
        for line in self:
            own, rate = line.company_id.currency_id, line.currency_rate or 1.0
            line.amount_outstanding_company = own.round(line.amount_outstanding / rate)
            line.amount_due_company = own.round(line.amount_due / rate)
            line.amount_prepaid_company = own.round(line.amount_prepaid / rate)

    @api.depends("date_firm", "date_invoiced")
    def _compute_invoicing_delay(self):
        for line in self:
            known = line.date_firm and line.date_invoiced
            days = (line.date_invoiced - line.date_firm).days if known else 0
            line.invoicing_delay = max(days, 0)

    @api.depends(
        "date_invoice_due", "date_due_contract", "amount_outstanding", "amount_due"
    )
    def _compute_days_late(self):
        today = {company: company._sales_today() for company in self.company_id}
        for line in self:
            zero = line.currency_id.is_zero
            day = False
            if line.currency_id and not zero(line.amount_due):
                day = line.date_invoice_due
            elif line.currency_id and not zero(line.amount_outstanding):
                day = line.date_due_contract
            late = (today[line.company_id] - day).days if day else 0
            line.days_late = max(late, 0)

    # === QUESTIONS === #

    @api.model
    def _outstanding_domain(self):
        """Instalments of orders that still bring money, or were paid too much."""
        return Domain("order_state", "=", "sale") & Domain(
            "amount_outstanding", "!=", 0
        )
