from odoo import api, fields, models

STATES = [
    ("draft", "Draft"),
    ("signed", "Signed"),
    ("running", "Running"),
    ("closed", "Closed"),
    ("cancelled", "Cancelled"),
]


class SalesContract(models.Model):
    """What was agreed with a customer in one or several orders, until it is paid."""

    _name = "sales.contract"
    _description = "Contract"
    _inherit = ["mail.thread", "mail.activity.mixin", "portal.mixin"]
    _order = "date_signed desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Number", readonly=True, copy=False, default="/")
    title = fields.Char(required=True)
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", required=True, index=True
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(comodel_name="res.currency", required=True)
    user_id = fields.Many2one(
        comodel_name="res.users", string="Salesperson", index=True, tracking=True
    )
    team_id = fields.Many2one(
        comodel_name="crm.team", string="Sales Team", tracking=True
    )
    collector_id = fields.Many2one(
        comodel_name="res.users",
        string="Collects",
        tracking=True,
        help="Who asks the customer for the money.",
    )
    order_ids = fields.One2many(
        comodel_name="sale.order", inverse_name="sales_contract_id", string="Orders"
    )
    plan_line_ids = fields.One2many(
        comodel_name="sales.plan.line",
        inverse_name="contract_id",
        string="Instalments",
    )
    state = fields.Selection(
        selection=STATES, required=True, default="draft", readonly=True, tracking=True
    )
    date_start = fields.Date(string="From", tracking=True)
    date_end = fields.Date(string="Until", tracking=True)
    date_signed = fields.Date(
        string="Signed On", readonly=True, copy=False, tracking=True
    )
    amount_total = fields.Monetary(
        string="Total", compute="_compute_amounts", store=True, help="Including taxes."
    )
    amount_invoiced = fields.Monetary(
        string="Invoiced", compute="_compute_amounts", store=True
    )
    amount_collected = fields.Monetary(
        string="Collected", compute="_compute_amounts", store=True
    )
    amount_due = fields.Monetary(string="Open", compute="_compute_amounts", store=True)

    @api.depends(
        "order_ids.amount_total",
        "order_ids.state",
        "plan_line_ids.amount_invoiced",
        "plan_line_ids.amount_collected",
        "plan_line_ids.amount_due",
    )
    def _compute_amounts(self):
        for contract in self:
            orders = contract.order_ids.filtered(lambda order: order.state != "cancel")
            lines = contract.plan_line_ids
            contract.amount_total = sum(orders.mapped("amount_total"))
            contract.amount_invoiced = sum(lines.mapped("amount_invoiced"))
            contract.amount_collected = sum(lines.mapped("amount_collected"))
            contract.amount_due = sum(lines.mapped("amount_due"))
