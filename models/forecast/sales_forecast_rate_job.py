import logging

from odoo import api, models
from odoo.tools import SQL

from .forecast_sql import COMPANY, IS_OPEN

_logger = logging.getLogger(__name__)

# What a company waits for, in ``sales_forecast_queue``: to be learnt, or nothing;
# above that, its deals from this id on have yet to be worked out again.
TO_LEARN, DONE = -1, 0


class SalesForecastRate(models.Model):
    """The nightly job: learn, then work out the deals whose age has changed."""

    _inherit = "sales.forecast.rate"

    @api.model
    def _cron_learn(self, batch=5000):
        """Learn the rates of each company, and renew the chances of its open deals.

        Each company, and each batch of deals, is committed by itself; where time or a
        crash ends a run, the next one goes on. A company that fails is left as it was.

        :param int batch: how many deals are locked at once
        """
        cron = self.env["ir.cron"]
        companies = self.env["res.company"].search([("active", "=", True)])
        if not any(companies.mapped("sales_forecast_queue")):
            companies.sales_forecast_queue = TO_LEARN
        waiting = companies.filtered("sales_forecast_queue")
        cron._commit_progress(remaining=len(waiting))
        for company in waiting:
            while company.sales_forecast_queue != DONE:
                self._run_step(company, batch)
                done = company.sales_forecast_queue == DONE
                if not cron._commit_progress(int(done)):
                    return

    @api.model
    def _run_step(self, company, batch):
        """Do the next thing that a company waits for."""
        if company.sales_forecast_queue == TO_LEARN:
            try:
                with self.env.cr.savepoint():
                    self._replace(company, self._learn(company))
            except Exception:  # the other companies must not wait for this one
                _logger.exception("Win rates of %s were not learnt", company.name)
                company.sales_forecast_queue = DONE
                return
            calibrated = company.sales_forecast_method == "calibrated"
            company.sales_forecast_queue = 1 if calibrated else DONE
            return
        company.sales_forecast_queue = self._renew_deals(
            company, company.sales_forecast_queue, batch
        )

    @api.model
    def _renew_deals(self, company, first_id, batch):
        """Work out open deals from ``first_id`` on again.

        :return: the id from which to go on, or ``DONE``
        """
        ids = [
            id_
            for (id_,) in self.env.execute_query(
                SQL(
                    """
                    SELECT l.id FROM crm_lead l
                      LEFT JOIN res_users u ON u.id = l.user_id
                     WHERE %s AND %s = %s AND l.id >= %s
                     ORDER BY l.id LIMIT %s
                    """,
                    IS_OPEN,
                    COMPANY,
                    company.id,
                    first_id,
                    batch,
                )
            )
        ]
        if not ids:
            return DONE
        self.env["crm.lead"]._sales_forecast_refresh(SQL("l.id = ANY (%s)", ids))
        return ids[-1] + 1 if len(ids) == batch else DONE
