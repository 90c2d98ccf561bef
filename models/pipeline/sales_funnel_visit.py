from odoo import api, fields, models
from odoo.tools import SQL

OUTCOMES = [
    ("open", "Still there"),
    ("advanced", "Went on"),
    ("lost", "Lost"),
    ("returned", "Went back"),
    ("moved", "Left the process"),
]


class SalesFunnelVisit(models.Model):
    """One stay of a deal in a stage of its process, read from the history.

    A deal that comes back to a stage stays there twice. What a stay belongs to (person,
    team, amount) is how the deal looked at the end of it. Deleted deals are left out.
    """

    _name = "sales.funnel.visit"
    _description = "Stay in a Stage"
    _auto = False
    _order = "date_from desc, id desc"
    _rec_name = "lead_id"

    lead_id = fields.Many2one(comodel_name="crm.lead", string="Deal", readonly=True)
    sales_process_id = fields.Many2one(comodel_name="sales.process", readonly=True)
    stage_id = fields.Many2one(comodel_name="crm.stage", readonly=True)
    process_stage_id = fields.Many2one(
        comodel_name="sales.process.stage", readonly=True
    )
    user_id = fields.Many2one(
        comodel_name="res.users", string="Salesperson", readonly=True
    )
    team_id = fields.Many2one(
        comodel_name="crm.team", string="Sales Team", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(
        comodel_name="res.currency", compute="_compute_currency_id"
    )
    expected_revenue = fields.Monetary(readonly=True)
    date_from = fields.Datetime(string="Entered on", readonly=True)
    date_to = fields.Datetime(string="Left on", readonly=True)
    next_stage_id = fields.Many2one(
        comodel_name="crm.stage", string="Went to", readonly=True
    )
    outcome = fields.Selection(selection=OUTCOMES, readonly=True)
    days = fields.Float(
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="Of a deal still there: until now. Averages mix both; the funnel screen "
        "shows medians that take this into account.",
    )
    entered = fields.Integer(readonly=True, help="1 for each stay.")
    advanced = fields.Integer(string="Went on", readonly=True)
    lost = fields.Integer(readonly=True)
    returned = fields.Integer(string="Went back", readonly=True)
    still_there = fields.Integer(readonly=True)
    conversion = fields.Float(
        readonly=True, aggregator="avg", help="Went on ÷ entered, percent (0–100)."
    )
    process_since = fields.Datetime(
        string="In Process since",
        readonly=True,
        help="When the deal was first open in this process, in any version of it.",
    )

    # === COMPUTE METHODS === #

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for visit in self:
            visit.currency_id = (visit.company_id or self.env.company).currency_id

    # === READING === #

    @api.model
    def _search(self, domain, *args, **kwargs):
        # Changes of this transaction belong to the history too.
        self.env["crm.lead"].flush_model()
        self.env["sales.process.stage"].flush_model()
        self.env["sales.pipeline.history"]._write_pending()
        return super()._search(domain, *args, **kwargs)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT v.*,
                   1 AS entered,
                   (v.outcome = 'advanced')::int AS advanced,
                   (v.outcome = 'lost')::int AS lost,
                   (v.outcome = 'returned')::int AS returned,
                   (v.outcome = 'open')::int AS still_there,
                   CASE v.outcome WHEN 'advanced' THEN 100.0 ELSE 0.0 END AS conversion
              FROM (%s) v
            """,
            self._visits(),
        )

    @api.model
    def _visits(self):
        """The last row of each stay, with what came of it.

        ``SalesFunnelReport._outcome`` says the same of grouped rows.
        """
        return SQL(
            """
            SELECT h.id, h.lead_id, h.sales_process_id, h.stage_id,
                   ps.id AS process_stage_id, h.user_id, h.team_id, h.company_id,
                   h.expected_revenue, h.stage_since AS date_from, h.date_to,
                   h.process_since,
                   h.next_stage_id,
                   COALESCE(h.dwell, EXTRACT(EPOCH FROM
                       (now() AT TIME ZONE 'UTC') - h.stage_since)) / 86400.0 AS days,
                   CASE WHEN h.date_to IS NULL THEN 'open'
                        WHEN h.next_status = 'won' THEN 'advanced'
                        WHEN h.next_status = 'lost' THEN 'lost'
                        WHEN ns.id IS NULL OR ns.id = ps.id THEN 'moved'
                        WHEN (ns.sequence, ns.id) > (ps.sequence, ps.id)
                        THEN 'advanced' ELSE 'returned' END AS outcome
              FROM sales_pipeline_history h
              LEFT JOIN sales_process_stage ps
                ON ps.process_id = h.sales_process_id AND ps.stage_id = h.stage_id
              LEFT JOIN sales_process_stage ns
                ON ns.process_id = h.sales_process_id AND ns.stage_id = h.next_stage_id
             WHERE h.status = 'open' AND h.lead_id IS NOT NULL
               AND (h.next_status IS NOT NULL OR h.date_to IS NULL)
            """
        )

    # === ACTION METHODS === #

    def action_open_lead(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.lead",
            "res_id": self.lead_id.id,
            "views": [(False, "form")],
        }


class CrmLead(models.Model):
    """Deals can be found by the stays they had."""

    _inherit = "crm.lead"

    sales_visit_ids = fields.One2many(
        comodel_name="sales.funnel.visit",
        inverse_name="lead_id",
        string="Stays in Stages",
        readonly=True,
    )
