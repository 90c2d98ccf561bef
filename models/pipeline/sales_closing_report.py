from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class SalesClosingReport(models.Model):
    """Open deals past their expected closing, and whether their owners answer."""

    _name = "sales.closing.report"
    _description = "Overdue Closing Date"
    _auto = False
    _order = "days_overdue desc, id"
    _rec_name = "lead_id"
    _depends = {
        "crm.lead": [
            "active",
            "company_id",
            "date_deadline",
            "expected_revenue",
            "sales_missed_closing",
            "sales_push_count",
            "stage_id",
            "team_id",
            "type",
            "user_id",
            "won_status",
        ],
        "mail.activity": ["active", "create_date", "sales_closing_lead_id"],
        "res.company": ["sales_closing_escalation_days", "sales_closing_grace_days"],
        "res.users": ["company_id"],
    }

    lead_id = fields.Many2one(comodel_name="crm.lead", string="Deal", readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users", string="Salesperson", readonly=True
    )
    team_id = fields.Many2one(
        comodel_name="crm.team", string="Sales Team", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    stage_id = fields.Many2one(comodel_name="crm.stage", readonly=True)
    expected_revenue = fields.Monetary(readonly=True)
    date_deadline = fields.Date(
        string="Expected Closing",
        readonly=True,
        help="That from before it was taken away, if it was.",
    )
    taken_away = fields.Boolean(
        string="Date Taken Away",
        readonly=True,
        help="The deal has no closing date any more; the last one had passed.",
    )
    days_overdue = fields.Integer(
        readonly=True,
        aggregator="max",
        help="Calendar days past the expected closing, at the company; the most among "
        "several deals.",
    )
    push_count = fields.Integer(
        string="Closing Moved",
        readonly=True,
        help="How many times the expected closing moved later before.",
    )
    ask_count = fields.Integer(
        string="Times Asked",
        readonly=True,
        help="To-dos for the owner since this closing date passed.",
    )
    asked_on = fields.Datetime(string="Last Asked", readonly=True)
    answer = fields.Selection(
        selection=[
            ("not_asked", "Not asked yet"),
            ("waiting", "Waiting for the owner"),
            ("dismissed", "To-do done, question open"),
            ("silent", "No answer"),
        ],
        readonly=True,
        help="No answer: asked, and overdue longer than the days the settings grant. "
        "To-do done, question open: the owner ticked the to-do off and left the date.",
    )
    escalated = fields.Boolean(
        string="For the Leader",
        readonly=True,
        help="Overdue longer than the days the settings grant.",
    )

    @property
    def _table_query(self):
        companies = self.env["res.company"].sudo().search(Domain.TRUE)  # plain settings
        settings = SQL(", ").join(
            SQL(
                "(%s, %s::date, %s, %s)",
                company.id,
                company._sales_today(),
                company.sales_closing_grace_days,
                company.sales_closing_escalation_days,
            )
            for company in companies
        )
        return SQL(
            """
            SELECT l.id, l.id AS lead_id, l.user_id, l.team_id, c.id AS company_id,
                   l.stage_id, l.expected_revenue, d.due AS date_deadline,
                   l.date_deadline IS NULL AS taken_away,
                   c.today - d.due AS days_overdue,
                   COALESCE(l.sales_push_count, 0) AS push_count,
                   a.ask_count, a.asked_on, e.escalated,
                   CASE WHEN a.ask_count = 0 THEN 'not_asked'
                        WHEN NOT a.open THEN 'dismissed'
                        WHEN e.escalated THEN 'silent'
                        ELSE 'waiting' END AS answer
              FROM crm_lead l
              LEFT JOIN res_users u ON u.id = l.user_id
              JOIN (VALUES %(settings)s) AS c (id, today, grace, escalation)
                ON c.id = COALESCE(l.company_id, u.company_id, %(company)s)
             CROSS JOIN LATERAL (
                   SELECT COALESCE(l.date_deadline, l.sales_missed_closing) AS due) d
             CROSS JOIN LATERAL (
                   SELECT COUNT(*) AS ask_count, MAX(m.create_date) AS asked_on,
                          BOOL_OR(m.active) AS open
                     FROM mail_activity m
                    WHERE m.sales_closing_lead_id = l.id
                      AND m.create_date > d.due) a
             CROSS JOIN LATERAL (
                   SELECT c.today - d.due > c.grace + c.escalation
                          AS escalated) e
             WHERE l.active AND l.type = 'opportunity' AND l.won_status = 'pending'
               AND d.due < c.today - c.grace
            """,
            settings=settings,
            company=self.env.company.id,
        )

    def action_open_deal(self):
        """Open the deal a row is about."""
        self.ensure_one()
        return self.lead_id._get_records_action()
