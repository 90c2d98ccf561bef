import json

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.periods import add_months

# Months of the past for which it is learnt what was known: those of the quarters that
# the accuracy looks at, and of the weeks before them.
MONTHS = 28


class SalesForecastRatePast(models.Model):
    """What the calibration would have learnt at the beginning of a month.

    Learnt from what was known by then, so it never changes: a job works it out once for
    each month, and again only where a past was written afterwards (imported or rebuilt
    rows). A row without a stage says that the month is learnt, and up to which row of
    the history.
    """

    _name = "sales.forecast.rate.past"
    _description = "Win Rate as Learnt in the Past"
    _log_access = False

    company_id = fields.Many2one(
        comodel_name="res.company", required=True, ondelete="cascade", readonly=True
    )
    moment = fields.Datetime(required=True, readonly=True)
    last_ref = fields.Integer(string="Rows Known", readonly=True, aggregator=None)
    process_id = fields.Many2one(
        comodel_name="sales.process", ondelete="cascade", readonly=True
    )
    stage_id = fields.Many2one(
        comodel_name="crm.stage", ondelete="cascade", readonly=True
    )
    age_from = fields.Integer(readonly=True, aggregator=None)
    evidence = fields.Char(readonly=True)
    chance = fields.Float(string="Chance (%)", readonly=True, aggregator=None)

    _moment_idx = models.Index("(company_id, moment)")
    _learnt_uniq = models.UniqueIndex("(company_id, moment) WHERE stage_id IS NULL")

    @api.model
    def _cron_learn_past(self):
        """Learn the months that are missing, the latest first, each by itself."""
        cron = self.env["ir.cron"]
        companies = self.env["res.company"].search([("active", "=", True)])
        waiting = [
            (company, moment)
            for company in companies
            for moment in self._missing(company)
        ]
        cron._commit_progress(remaining=len(waiting))
        for company, moment in sorted(waiting, key=lambda pair: pair[1], reverse=True):
            self._learn_past(company, moment)
            if not cron._commit_progress(1):
                return

    @api.model
    def _moments(self, company):
        """The beginnings of months that the accuracy asks for, the latest first."""
        first = company._sales_today().replace(day=1)
        return [
            company._sales_midnight(add_months(first, -number))
            for number in range(MONTHS)
        ]

    @api.model
    def _missing(self, company):
        """Moments that nothing is learnt for yet, or of which more is known now.

        Before the history began there is nothing to learn.
        """
        self.env["sales.pipeline.history"]._write_pending()
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT m.moment
                  FROM unnest(%s::timestamp[]) AS m (moment)
                  LEFT JOIN sales_forecast_rate_past r
                         ON r.company_id = %s AND r.moment = m.moment
                        AND r.stage_id IS NULL
                 WHERE m.moment > (
                       SELECT MIN(date_from) FROM sales_pipeline_history
                        WHERE COALESCE(company_id, %s) = %s)
                   AND (r.id IS NULL OR EXISTS (
                        SELECT 1 FROM sales_pipeline_history h
                         WHERE h.id > r.last_ref AND h.date_from < m.moment))
                """,
                self._moments(company),
                company.id,
                company.id,
                company.id,
            )
        )
        return [moment for (moment,) in rows]

    @api.model
    def _learn_past(self, company, moment):
        """Learn what was known at a moment, and keep it.

        :param datetime moment: naive UTC
        """
        rates = self.env["sales.forecast.rate"]._learn(company, moment)
        names = ("process_id", "stage_id", "age_from", "evidence", "chance")
        rows = [{name: rate[name] for name in names} for rate in rates]
        self.env.execute_query(
            SQL(
                """
                WITH gone AS (
                    DELETE FROM sales_forecast_rate_past
                     WHERE company_id = %(company)s AND moment = %(moment)s
                    RETURNING id)
                SELECT COUNT(*) FROM gone
                """,
                company=company.id,
                moment=moment,
            )
        )
        self.env.execute_query(
            SQL(
                """
                INSERT INTO sales_forecast_rate_past (
                    company_id, moment, last_ref, process_id, stage_id, age_from,
                    evidence, chance)
                SELECT %(company)s, %(moment)s, NULL, process_id, stage_id, age_from,
                       evidence, chance
                  FROM jsonb_to_recordset(%(rows)s::jsonb) AS t (
                       process_id int, stage_id int, age_from int, evidence varchar,
                       chance float8)
                 UNION ALL
                SELECT %(company)s, %(moment)s, COALESCE(MAX(id), 0), NULL, NULL, NULL,
                       NULL, NULL FROM sales_pipeline_history
                RETURNING id
                """,
                company=company.id,
                moment=moment,
                rows=json.dumps(rows),
            )
        )
        self.invalidate_model(flush=False)
