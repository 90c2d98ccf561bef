from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# Who sees deals; production plans with products, quantities and months alone.
DEAL_GROUPS = "sales_process.group_rep"


class SalesDemand(models.Model):
    """What is about to be signed, by product: what delivery has to prepare for.

    One row per product line of the quotation of every open deal in commit. Of several
    open quotations of a deal only the latest one that was sent counts, else the newest,
    as the customer signs one of them. A deal without such lines is one row without a
    product, worth its expected revenue, unless an order of it is already confirmed.

    Salespeople see what they see of the pipeline. Production sees the company's
    products, quantities and months; the fields that tell more are closed to it.
    """

    _name = "sales.demand"
    _description = "Demand"
    _auto = False
    _order = "date_closing, id"
    _rec_name = "product_id"
    _depends = {
        "crm.lead": [
            "active",
            "company_id",
            "date_deadline",
            "expected_revenue",
            "partner_id",
            "probability",
            "stage_id",
            "team_id",
            "type",
            "user_id",
        ],
        "product.product": ["product_tmpl_id"],
        "product.template": ["categ_id", "type", "uom_id"],
        "res.company": ["currency_id"],
        "res.currency": ["rounding"],
        "res.partner": ["commercial_partner_id"],
        "res.users": ["company_id"],
        "sale.order": [
            "commitment_date",
            "company_id",
            "currency_rate",
            "date_order",
            "opportunity_id",
            "partner_id",
            "state",
        ],
        "sale.order.line": [
            "customer_lead",
            "display_type",
            "is_downpayment",
            "order_id",
            "price_subtotal",
            "product_id",
            "product_uom_id",
            "product_uom_qty",
        ],
        "uom.uom": ["factor"],
    }

    product_id = fields.Many2one(comodel_name="product.product", readonly=True)
    product_category_id = fields.Many2one(
        comodel_name="product.category", readonly=True
    )
    product_type = fields.Selection(
        selection=[("consu", "Goods"), ("service", "Service"), ("combo", "Combo")],
        readonly=True,
    )
    product_uom_id = fields.Many2one(
        comodel_name="uom.uom", string="Unit", readonly=True
    )
    quantity = fields.Float(
        digits="Product Unit",
        readonly=True,
        help="In the unit of the product, whatever the quotation says.",
    )
    quantity_weighted = fields.Float(
        string="Weighted Quantity",
        digits="Product Unit",
        readonly=True,
        help="The quantity by the chance to win the deal.",
    )
    date_closing = fields.Date(string="Expected Closing", readonly=True)
    date_delivery = fields.Date(
        string="Expected Delivery",
        readonly=True,
        help="What the quotation promises, else the lead time after the closing.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Salesperson", readonly=True
    )
    team_id = fields.Many2one(
        comodel_name="crm.team", string="Sales Team", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    lead_id = fields.Many2one(
        comodel_name="crm.lead", string="Deal", readonly=True, groups=DEAL_GROUPS
    )
    order_id = fields.Many2one(
        comodel_name="sale.order",
        string="Quotation",
        readonly=True,
        groups=DEAL_GROUPS,
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Customer",
        readonly=True,
        groups=DEAL_GROUPS,
    )
    stage_id = fields.Many2one(
        comodel_name="crm.stage", readonly=True, groups=DEAL_GROUPS
    )
    amount = fields.Monetary(
        string="Untaxed Amount",
        readonly=True,
        groups=DEAL_GROUPS,
        help="In the currency of the company at the rate of the quotation. Of a deal "
        "without quotation: its expected revenue.",
    )
    probability = fields.Float(
        aggregator="avg", readonly=True, groups=DEAL_GROUPS, help="Percent, 0–100."
    )

    # === THE ROWS === #

    @api.model
    def _search(self, domain, *args, **kwargs):
        # The history says what is in commit; changes reach it on their way to the
        # database.
        self.env["crm.lead"].flush_model()
        history = self.env["sales.pipeline.history"]
        history._write_pending()
        history._prepare_reading()
        return super()._search(domain, *args, **kwargs)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT CASE WHEN line.id IS NULL THEN 2 * deal.id + 1
                        ELSE 2 * line.id END AS id,
                   line.product_id, template.categ_id AS product_category_id,
                   template.type AS product_type, template.uom_id AS product_uom_id,
                   line.quantity,
                   line.quantity * chance.probability / 100 AS quantity_weighted,
                   deal.date_deadline AS date_closing,
                   COALESCE((quote.commitment_date AT TIME ZONE 'UTC'
                             AT TIME ZONE company.zone)::date,
                            deal.date_deadline
                            + CEIL(COALESCE(line.customer_lead, 0))::int)
                        AS date_delivery,
                   deal.user_id, deal.team_id, company.id AS company_id,
                   currency.id AS currency_id, deal.id AS lead_id,
                   quote.id AS order_id, customer.commercial_partner_id AS partner_id,
                   deal.stage_id, chance.probability,
                   CASE WHEN line.id IS NULL THEN COALESCE(deal.expected_revenue, 0)
                        ELSE ROUND(line.price_subtotal
                            / COALESCE(NULLIF(quote.currency_rate, 0), 1)::numeric
                            / currency.rounding) * currency.rounding END AS amount
              FROM (%(deals)s) deal
             CROSS JOIN LATERAL (
                   SELECT %(chance)s AS probability) chance
              LEFT JOIN LATERAL (%(quotation)s) quote ON TRUE
              LEFT JOIN LATERAL (%(lines)s) line ON TRUE
              LEFT JOIN product_product product ON product.id = line.product_id
              LEFT JOIN product_template template
                ON template.id = product.product_tmpl_id
              LEFT JOIN res_users owner ON owner.id = deal.user_id
              LEFT JOIN res_partner customer
                ON customer.id = COALESCE(quote.partner_id, deal.partner_id)
              JOIN (VALUES %(companies)s) AS company (id, currency_id, zone)
                ON company.id = COALESCE(quote.company_id, deal.company_id,
                                         owner.company_id, %(company)s)
              JOIN res_currency currency ON currency.id = company.currency_id
             WHERE line.id IS NOT NULL OR NOT EXISTS (
                   SELECT 1 FROM sale_order signed
                    WHERE signed.opportunity_id = deal.id AND signed.state = 'sale')
            """,
            chance=self._chance_sql(),
            deals=self._deals_in_commit(),
            quotation=self._quotation_of_deal(),
            lines=self._lines_of_quotation(),
            companies=self._companies(),
            company=self.env.company.id,
        )

    @api.model
    def _chance_sql(self):
        """Hook: the chance that the deal ``deal`` is won, SQL, percent (0–100)."""
        return SQL("COALESCE(deal.probability, 0)::numeric")

    def _deals_in_commit(self):
        """Open deals that the pipeline's present says are committed."""
        return SQL(
            """
            SELECT l.*
              FROM sales_pipeline_history h
              JOIN crm_lead l ON l.id = h.lead_id
             WHERE h.date_to IS NULL AND h.status = 'open'
               AND h.forecast_category = 'commit'
               AND l.active AND l.type = 'opportunity'
            """
        )

    def _quotation_of_deal(self):
        """The one quotation of ``deal`` that counts."""
        return SQL(
            """
            SELECT o.id, o.partner_id, o.company_id, o.currency_rate, o.commitment_date
              FROM sale_order o
             WHERE o.opportunity_id = deal.id AND o.state IN ('draft', 'sent')
             ORDER BY o.state = 'sent' DESC, o.date_order DESC, o.id DESC
             LIMIT 1
            """
        )

    def _lines_of_quotation(self):
        """What ``quote`` would deliver; options that nobody chose have no quantity."""
        return SQL(
            """
            SELECT i.id, i.product_id, i.price_subtotal, i.customer_lead,
                   i.product_uom_qty * unit.factor / own.factor AS quantity
              FROM sale_order_line i
              JOIN uom_uom unit ON unit.id = i.product_uom_id
              JOIN product_product p ON p.id = i.product_id
              JOIN product_template t ON t.id = p.product_tmpl_id
              JOIN uom_uom own ON own.id = t.uom_id
             WHERE i.order_id = quote.id AND i.display_type IS NULL
               AND i.is_downpayment IS NOT TRUE
               AND (i.product_uom_qty <> 0 OR i.price_subtotal <> 0)
            """
        )

    def _companies(self):
        """Currency and clock of each company, archived ones included."""
        companies = self.env["res.company"].sudo()  # plain settings
        return SQL(", ").join(
            SQL("(%s, %s, %s)", row.id, row.currency_id.id, row._sales_zone().key)
            for row in companies.with_context(active_test=False).search(Domain.TRUE)
        )

    # === ACTION METHODS === #

    def action_open(self):
        """Open what a row is about: the deal, or for production the product."""
        self.ensure_one()
        if self._has_field_access(self._fields["lead_id"], "read"):
            return self.lead_id._get_records_action()
        return bool(self.product_id) and self.product_id._get_records_action()
