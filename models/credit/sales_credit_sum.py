from odoo import api, fields, models
from odoo.tools import SQL


class SalesCreditSum(models.Model):
    """Sums of the ledger by month and person, kept up to date as it grows.

    Every transaction adds rows of its own, so nobody waits for anybody; every night the
    rows of a month become one. The sum over the rows is right at every moment, and the
    audit proves it against the ledger.
    """

    _name = "sales.credit.sum"
    _description = "Sum of Credits"
    _order = "month desc, id"
    _rec_name = "metric_id"
    _log_access = False

    metric_id = fields.Many2one(
        comodel_name="sales.metric", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    month = fields.Date(required=True, readonly=True, help="Its first day.")
    user_id = fields.Many2one(
        comodel_name="res.users", string="Salesperson", readonly=True
    )
    owner_partner_id = fields.Many2one(
        comodel_name="res.partner", string="Dealer", readonly=True
    )
    team_id = fields.Many2one(
        comodel_name="crm.team", string="Sales Team", readonly=True
    )
    is_overlay = fields.Boolean(string="Overlay", readonly=True)
    amount = fields.Float(digits=0, readonly=True)  # numeric: sums are exact

    _month_idx = models.Index(
        "(month, metric_id) INCLUDE (company_id, user_id, owner_partner_id, team_id,"
        " is_overlay, amount)"
    )
    _user_idx = models.Index("(user_id, metric_id, month)")

    @api.model
    def _merge(self):
        """Make one row of those that say the same month of the same person.

        :return: number of rows that went
        """
        [(gone,)] = self.env.execute_query(
            SQL(
                """
                WITH twice AS (
                    SELECT metric_id, month FROM sales_credit_sum
                     GROUP BY metric_id, month, company_id, user_id, owner_partner_id,
                              team_id, is_overlay HAVING COUNT(*) > 1
                ), gone AS (
                    DELETE FROM sales_credit_sum s
                     USING (SELECT DISTINCT metric_id, month FROM twice) t
                     WHERE s.metric_id = t.metric_id AND s.month = t.month
                    RETURNING s.*
                ), merged AS (
                    INSERT INTO sales_credit_sum (metric_id, company_id, month, user_id,
                           owner_partner_id, team_id, is_overlay, amount)
                    SELECT metric_id, company_id, month, user_id, owner_partner_id,
                           team_id, is_overlay, SUM(amount)
                      FROM gone GROUP BY 1, 2, 3, 4, 5, 6, 7
                )
                SELECT COUNT(*) FROM gone
                """
            )
        )
        self.invalidate_model(flush=False)
        return gone

    @api.model
    def _differences(self):
        """Months whose sums are not those of the ledger, which must never be.

        :return: rows (metric id, month, sum here, sum of the ledger)
        """
        return self.env.execute_query(
            SQL(
                """
                SELECT metric_id, month, SUM(kept), SUM(ledger)
                  FROM (
                    SELECT metric_id, company_id, month, user_id, owner_partner_id,
                           team_id, is_overlay, amount AS kept, 0 AS ledger
                      FROM sales_credit_sum
                     UNION ALL
                    SELECT metric_id, company_id, DATE_TRUNC('month', date)::date,
                           user_id, owner_partner_id, team_id, is_overlay, 0, amount
                      FROM sales_credit
                  ) x
                 GROUP BY metric_id, company_id, month, user_id, owner_partner_id,
                          team_id, is_overlay
                HAVING ABS(SUM(kept) - SUM(ledger)) > 0.000001
                """
            )
        )

    @api.model
    def _rebuild(self, months):
        """Sum the ledger anew for some months.

        :param list months: ``(metric id, first day of the month)``
        """
        for metric_id, month in months:
            self.env.cr.execute(
                SQL(
                    "DELETE FROM sales_credit_sum WHERE metric_id = %s AND month = %s",
                    metric_id,
                    month,
                )
            )
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO sales_credit_sum (metric_id, company_id, month, user_id,
                           owner_partner_id, team_id, is_overlay, amount)
                    SELECT metric_id, company_id, %(month)s, user_id, owner_partner_id,
                           team_id, is_overlay, SUM(amount)
                      FROM sales_credit
                     WHERE metric_id = %(metric)s AND date >= %(month)s
                       AND date < (%(month)s::date + INTERVAL '1 month')
                     GROUP BY 1, 2, 4, 5, 6, 7
                    """,
                    metric=metric_id,
                    month=month,
                )
            )
        self.invalidate_model(flush=False)
