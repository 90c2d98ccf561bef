from odoo import api, fields, models
from odoo.tools import SQL


class SalesCashReport(models.Model):
    """When the money of confirmed orders is expected.

    A row per instalment and what became of it: what is invoiced comes when its invoice
    is due plus the delay the customer is used to, what is not yet invoiced when it is
    to be invoiced (or planned to) plus the time this customer usually takes from there.
    What should be here already keeps its day and counts as late: to move it to today
    would promise money nobody has announced.
    """

    _name = "sales.cash.report"
    _description = "Expected Cash"
    _auto = False
    _order = "date, id"
    _rec_name = "line_id"
    _depends = {
        "res.company": ["currency_id"],
        "sales.payment.delay": [
            "company_id",
            "days_after_due",
            "days_after_firm",
            "partner_id",
        ],
        "sales.plan.line": [
            "amount_due_company",
            "amount_outstanding",
            "amount_outstanding_company",
            "company_id",
            "contract_id",
            "date_expected",
            "date_firm",
            "date_invoice_due",
            "order_id",
            "order_state",
            "partner_id",
            "team_id",
            "user_id",
        ],
    }

    line_id = fields.Many2one(
        comodel_name="sales.plan.line", string="Instalment", readonly=True
    )
    order_id = fields.Many2one(comodel_name="sale.order", readonly=True)
    contract_id = fields.Many2one(comodel_name="sales.contract", readonly=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Salesperson", readonly=True
    )
    team_id = fields.Many2one(
        comodel_name="crm.team", string="Sales Team", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    kind = fields.Selection(
        selection=[
            ("invoiced", "Invoiced"),
            ("firm", "To Be Invoiced"),
            ("planned", "Waits for Something"),
        ],
        string="Certainty",
        readonly=True,
        help="Invoiced: asked for. To be invoiced: the day is firm. Waits: the day is "
        "planned, and what it waits for has not happened.",
    )
    date_base = fields.Date(
        string="Due",
        readonly=True,
        help="When the invoice is due, or the instalment is to be invoiced.",
    )
    delay = fields.Integer(
        string="Usual Delay (Days)",
        readonly=True,
        aggregator="avg",
        help="What this customer, or with too few payments any customer, takes from "
        "there.",
    )
    date = fields.Date(string="Expected On", readonly=True)
    is_late = fields.Boolean(
        string="Late", readonly=True, help="Should have been here by now."
    )
    amount = fields.Monetary(
        readonly=True, help="In the currency of the company, including taxes."
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT part.*, part.date < %(today)s AS is_late
              FROM (
                SELECT 2 * l.id + part.planned AS id, l.id AS line_id, l.order_id,
                       l.contract_id, l.partner_id, l.user_id, l.team_id, l.company_id,
                       company.currency_id, part.kind, part.date_base, part.delay,
                       CASE WHEN part.delay < 0 AND part.date_base >= %(now)s
                            THEN GREATEST(part.date_base + part.delay, %(now)s)
                            ELSE part.date_base + part.delay END AS date, part.amount
                  FROM sales_plan_line l
                  JOIN res_company company ON company.id = l.company_id
                  LEFT JOIN sales_payment_delay own
                    ON own.company_id = l.company_id AND own.partner_id = l.partner_id
                  LEFT JOIN sales_payment_delay usual
                    ON usual.company_id = l.company_id AND usual.partner_id IS NULL
                 CROSS JOIN LATERAL (VALUES
                    (0, 'invoiced', l.date_invoice_due,
                     COALESCE(own.days_after_due, usual.days_after_due, 0),
                     l.amount_due_company),
                    (1, CASE WHEN l.date_firm IS NULL THEN 'planned' ELSE 'firm' END,
                     l.date_expected,
                     COALESCE(own.days_after_firm, usual.days_after_firm, 0),
                     l.amount_outstanding_company - l.amount_due_company)
                 ) part (planned, kind, date_base, delay, amount)
                 WHERE l.order_state = 'sale' AND l.amount_outstanding <> 0
                   AND part.amount <> 0
              ) part
            """,
            today=self.env["res.company"]._sales_today_sql(SQL("part.company_id")),
            now=self.env["res.company"]._sales_today_sql(SQL("l.company_id")),
        )

    @api.readonly
    def action_open_instalment(self):
        """Open the instalment the money is expected from."""
        self.ensure_one()
        return self.line_id.get_formview_action()
