from odoo import api, fields, models
from odoo.tools import SQL

from ..process.sales_process_stage import FORECAST_CATEGORIES
from .forecast_sql import FOLLOWED, KEPT, create_functions, create_statistics, refresh


class CrmLead(models.Model):
    """What a deal counts in the forecast; see ``forecast_sql`` for who works it out."""

    _inherit = "crm.lead"

    sales_forecast_category = fields.Selection(
        selection=FORECAST_CATEGORIES,
        string="Forecast Category",
        prefetch=False,
        copy=False,
        readonly=True,
        help="How sure it is: what somebody chose by hand, else what the stage says. "
        "Won is closed, lost is omitted.",
    )
    sales_forecast_probability = fields.Float(
        string="Forecast Probability",
        prefetch=False,
        copy=False,
        readonly=True,
        aggregator="avg",
        help="Chance to win by the method your company chose, in percent (0–100). "
        "Odoo's own probability stays as it is.",
    )
    sales_forecast_value = fields.Monetary(
        string="Deal Value",
        prefetch=False,
        currency_field="company_currency",
        copy=False,
        readonly=True,
        help="Expected revenue, and one term of the recurring revenue.",
    )
    sales_forecast_revenue = fields.Monetary(
        string="Weighted Revenue",
        prefetch=False,
        currency_field="company_currency",
        copy=False,
        readonly=True,
        help="The value of the deal by its chance; nothing of a deal that is omitted.",
    )

    # What open deals promise, by owner and day: the forecast reads nothing else. The
    # customer is there because PostgreSQL goes to the table for the column of a join
    # even where it leaves the join out.
    _sales_forecast_idx = models.Index(
        "(user_id, date_deadline) INCLUDE (company_id, team_id, partner_id,"
        " sales_forecast_category, sales_forecast_value, sales_forecast_revenue,"
        " sales_forecast_probability, id)"
        " WHERE type = 'opportunity' AND active AND won_status = 'pending'"
    )
    # The same of what is won; of a few of these there is no order yet.
    _sales_forecast_won_idx = models.Index(
        "(user_id) INCLUDE (company_id, team_id, partner_id, date_closed,"
        " date_deadline, sales_forecast_value, sales_forecast_revenue, id)"
        " WHERE type = 'opportunity' AND active AND won_status = 'won'"
    )

    def init(self):
        result = super().init()
        create_functions(self.env.cr)
        create_statistics(self.env.cr)
        return result

    # === READING === #

    def _field_to_sql(self, alias, field_expr, query=None):
        """Have what the columns follow from written before they are read."""
        sql = super()._field_to_sql(alias, field_expr, query)
        if field_expr not in KEPT:
            return sql
        return SQL("%s%s", sql, SQL().join(self._sales_forecast_follows()))

    def _sales_forecast_follows(self):
        """Empty SQL that asks for the fields of ``FOLLOWED`` to be flushed."""
        return [SQL("", to_flush=self._fields[name]) for name in FOLLOWED]

    # === HOOKS === #

    def _sales_check_engine_fields(self, vals):
        for name in KEPT:  # worked out, whatever a file or a copy says
            vals.pop(name, None)
        return super()._sales_check_engine_fields(vals)

    def _sales_after_create(self, vals_list):
        result = super()._sales_after_create(vals_list)
        self._sales_forecast_forget()
        return result

    def _sales_after_write(self, vals, moves):
        result = super()._sales_after_write(vals, moves)
        self._sales_forecast_forget()
        return result

    def _sales_forecast_forget(self):
        """Read the columns anew when somebody next asks for them."""
        self.invalidate_recordset(KEPT, flush=False)

    # === SETTINGS === #

    @api.model
    def _sales_forecast_refresh(self, where):
        """Work out again what deals count, after something else than a deal changed.

        :param SQL where: condition on ``crm_lead`` as ``l``
        :return: ids of the deals whose figures have changed
        """
        self.env.flush_all()
        ids = [id_ for (id_,) in self.env.execute_query(refresh(where))]
        self.invalidate_model(KEPT, flush=False)
        return ids
