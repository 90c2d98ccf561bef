from odoo import api, fields, models

from ..process.sales_process_stage import FORECAST_CATEGORIES

# Who sees deals.
DEAL_GROUPS = "sales_process.group_rep"


class SalesForecastLine(models.Model):
    """Every sum of money on its way from the deal to the cash, once.

    A slice replaces the one before it, so nothing is counted twice: a deal, spread over
    the plan of its quotation, until an order of it is confirmed; what of the order is
    not invoiced, by instalment; what of its invoices is open, by due date; then the
    money, on the day it was matched. What should have happened already keeps its day
    and counts as late.

    From the order on, amounts include taxes: they are what the customer is asked for,
    and equal instalments, invoices and payments to the cent. What is expected of a deal
    has no taxes yet, so a deal is compared with its order by the untaxed amounts, in
    which every slice is given, too.

    ``line_sql`` reads the slices, see ``sales_forecast_line_query`` for how
    conditions get there, ``sales_forecast_line_currency`` for a chosen currency.
    """

    _name = "sales.forecast.line"
    _description = "Forecast from Deal to Cash"
    _auto = False
    _order = "date, id"
    _rec_name = "kind"

    kind = fields.Selection(
        selection=[
            ("pipeline", "Pipeline"),
            ("backlog", "Backlog"),
            ("invoiced", "Invoiced"),
            ("collected", "Collected"),
        ],
        string="Step",
        readonly=True,
        help="Pipeline: no order is confirmed yet. Backlog: ordered and not invoiced. "
        "Invoiced: asked for and open. Collected: paid.",
    )
    date = fields.Date(
        readonly=True,
        help="When a deal closes or its instalment follows, an order is to be "
        "invoiced, an invoice is due, or money was matched.",
    )
    date_cash = fields.Date(
        string="Expected Cash",
        readonly=True,
        help="The date, and the days this customer usually takes from there.",
    )
    is_late = fields.Boolean(
        string="Late", readonly=True, help="Its day has passed and nothing happened."
    )
    amount = fields.Monetary(
        readonly=True,
        help="In the currency of the company at the rate of the document. Orders, "
        "invoices and payments include taxes; the value of a deal has none.",
    )
    weighted_amount = fields.Monetary(
        string="Weighted",
        readonly=True,
        help="Deals by their chance; what is ordered in full.",
    )
    amount_untaxed = fields.Monetary(
        string="Untaxed",
        readonly=True,
        help="Without taxes, to compare deals with orders and invoices.",
    )
    weighted_untaxed = fields.Monetary(string="Weighted Untaxed", readonly=True)
    currency_id = fields.Many2one(
        comodel_name="res.currency", string="Currency of the Company", readonly=True
    )
    shown_currency_id = fields.Many2one(
        comodel_name="res.currency",
        string="Shown in",
        readonly=True,
        help="Search for a currency to see everything in it; that of your company "
        "otherwise.",
    )
    amount_shown = fields.Monetary(
        string="Amount in One Currency",
        readonly=True,
        currency_field="shown_currency_id",
        help="At today's rate.",
    )
    weighted_shown = fields.Monetary(
        string="Weighted in One Currency",
        readonly=True,
        currency_field="shown_currency_id",
        help="At today's rate.",
    )
    is_rate_missing = fields.Boolean(
        string="No Exchange Rate",
        readonly=True,
        help="The currency of the document has no rate, so the amount was taken as it "
        "is. Enter a rate and correct the document.",
    )
    probability = fields.Float(readonly=True, aggregator="avg", help="Percent, 0–100.")
    forecast_category = fields.Selection(selection=FORECAST_CATEGORIES, readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users", string="Salesperson", readonly=True
    )
    team_id = fields.Many2one(
        comodel_name="crm.team", string="Sales Team", readonly=True
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    lead_id = fields.Many2one(
        comodel_name="crm.lead", string="Deal", readonly=True, groups=DEAL_GROUPS
    )
    order_id = fields.Many2one(
        comodel_name="sale.order",
        readonly=True,
        help="Of a deal: the quotation that counts.",
    )
    move_id = fields.Many2one(
        comodel_name="account.move", string="Invoice", readonly=True
    )
    plan_line_id = fields.Many2one(
        comodel_name="sales.plan.line", string="Instalment", readonly=True
    )
    product_category_id = fields.Many2one(
        comodel_name="product.category",
        readonly=True,
        help="The one with the largest part of the quotation, order or invoice.",
    )
    territory_id = fields.Many2one(comodel_name="sales.territory", readonly=True)
    state_id = fields.Many2one(
        comodel_name="res.country.state", string="Region", readonly=True
    )
    country_id = fields.Many2one(comodel_name="res.country", readonly=True)
    industry_id = fields.Many2one(
        comodel_name="res.partner.industry", string="Industry", readonly=True
    )

    # === ACTION METHODS === #

    @api.readonly
    def action_open(self):
        """Open the document a slice is read from."""
        self.ensure_one()
        if self.kind == "pipeline":
            return self.lead_id._get_records_action()
        if self.kind == "backlog":
            return self.order_id._get_records_action()
        return self.move_id._get_records_action()
