from datetime import UTC, date, datetime

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..process.sales_process_stage import FORECAST_CATEGORIES
from .history_sql import STATE
from .sales_pipeline_waterfall import DAY, SECOND
from .waterfall_sql import TABLE, holds


class SalesPipelineAsOf(models.Model):
    """The pipeline as it looked at one moment, or at two side by side.

    The context says when: ``as_of`` and, to compare, ``as_of_compare``. Each is a day
    of the company such as ``2026-01-31``, meaning its end, or a naive UTC date and
    time, exact to the second. Without ``as_of`` it is now. What a user may see is
    decided by the rules of the history.
    """

    _name = "sales.pipeline.as.of"
    _description = "Pipeline as of"
    _auto = False
    _order = "as_of, expected_revenue desc, id"
    _rec_name = "lead_id"

    as_of = fields.Char(string="As of", readonly=True)
    lead_id = fields.Many2one(comodel_name="crm.lead", string="Deal", readonly=True)
    lead_ref = fields.Integer(
        string="Number of the Deal", readonly=True, aggregator=None
    )
    date_from = fields.Datetime(string="Looked so from", readonly=True)
    date_to = fields.Datetime(string="Looked so until", readonly=True)
    stage_since = fields.Datetime(string="In Stage since", readonly=True)
    days_in_stage = fields.Integer(
        string="Days in Stage", readonly=True, aggregator="avg"
    )
    stage_id = fields.Many2one(comodel_name="crm.stage", readonly=True)
    sales_process_id = fields.Many2one(comodel_name="sales.process", readonly=True)
    user_id = fields.Many2one(
        comodel_name="res.users", string="Salesperson", readonly=True
    )
    team_id = fields.Many2one(
        comodel_name="crm.team", string="Sales Team", readonly=True
    )
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    currency_id = fields.Many2one(comodel_name="res.currency", readonly=True)
    expected_revenue = fields.Monetary(readonly=True)
    weighted_revenue = fields.Monetary(
        readonly=True, help="Expected revenue times probability."
    )
    earlier_revenue = fields.Monetary(
        string="On the Earlier Day",
        readonly=True,
        help="Expected revenue on the earlier of two days; zero on the other row.",
    )
    later_revenue = fields.Monetary(
        string="On the Later Day",
        readonly=True,
        help="Expected revenue on the later of two days; zero on the other row.",
    )
    revenue_change = fields.Monetary(
        string="Change",
        readonly=True,
        help="Summed over both days: how much more there was on the later day.",
    )
    deal_change = fields.Integer(
        string="Change in Deals",
        readonly=True,
        help="Summed over both days: how many more there were on the later day.",
    )
    probability = fields.Float(readonly=True, aggregator="avg", help="Percent, 0–100.")
    date_deadline = fields.Date(string="Expected Closing", readonly=True)
    forecast_category = fields.Selection(selection=FORECAST_CATEGORIES, readonly=True)
    status = fields.Selection(
        selection=[("open", "Open"), ("won", "Won"), ("lost", "Lost")], readonly=True
    )

    # === THE ROWS === #

    @property
    def _table_query(self):
        moments = self._moments()
        parts = [
            self._rows_at(label, before, number, compared=len(moments) > 1)
            for number, (before, label) in enumerate(moments)
        ]
        return SQL(" UNION ALL ").join(parts)

    @api.model
    def _moments(self):
        """The one or two moments asked for, the earlier first, with their labels.

        A moment is given by the instant just after it, naive UTC.
        """
        context = self.env.context
        now = fields.Datetime.now().isoformat(" ")
        asked = [context.get("as_of") or now]
        if context.get("as_of_compare"):
            asked.append(context["as_of_compare"])
        return sorted({self._moment(value) for value in asked})

    @api.model
    def _moment(self, value):
        if isinstance(value, datetime):
            value = value.isoformat(" ", "seconds")
        elif isinstance(value, date):
            value = value.isoformat()
        history = self.env["sales.pipeline.history"]
        try:
            if len(value) == len("2026-01-31"):
                day = history._checked_day(value)
                return history.env.company._sales_midnight(day + DAY), value
            moment = datetime.fromisoformat(value).replace(microsecond=0)
            zone = history.env.company._sales_zone()
            local = moment.replace(tzinfo=UTC).astimezone(zone)
            return moment + SECOND, local.strftime("%Y-%m-%d %H:%M:%S")
        except (OverflowError, TypeError, ValueError) as error:
            raise UserError(
                self.env._(
                    "“%s” is neither a date, such as 2026-01-31, nor a date and time.",
                    value,
                )
            ) from error

    @api.model
    def _rows_at(self, label, before, number, compared):
        history = self.env["sales.pipeline.history"].with_context(active_test=False)
        query = history._search([])
        query.add_where(holds(before))
        company = query.make_alias(TABLE, "company")
        query.add_join(
            "JOIN",
            company,
            "res_company",
            SQL(
                "%s = COALESCE(%s, %s)",
                SQL.identifier(company, "id"),
                SQL.identifier(TABLE, "company_id"),
                self.env.company.id,
            ),
        )

        def column(name):
            return SQL.identifier(TABLE, name)

        sign = (1 if number else -1) if compared else 0
        return query.select(
            SQL("%s::int8 * 2 + %s AS id", column("id"), number),
            SQL("%s::varchar AS as_of", label),
            *(column(name) for name in ("lead_id", "date_from", "date_to", *STATE)),
            column("stage_since"),
            SQL("COALESCE(%s, %s) AS lead_ref", column("lead_id"), column("lead_ref")),
            SQL("%s AS currency_id", SQL.identifier(company, "currency_id")),
            SQL(
                "%s * %s::numeric / 100 AS weighted_revenue",
                column("expected_revenue"),
                column("probability"),
            ),
            SQL("%s * %s AS earlier_revenue", 1 - number, column("expected_revenue")),
            SQL("%s * %s AS later_revenue", number, column("expected_revenue")),
            SQL("%s * %s AS revenue_change", sign, column("expected_revenue")),
            SQL("%s AS deal_change", sign),
            SQL(
                "EXTRACT(EPOCH FROM %s - %s)::int8 / 86400 AS days_in_stage",
                before,
                column("stage_since"),
            ),
        )

    # === ACTIONS === #

    @api.readonly
    def action_open_deal(self):
        self.ensure_one()
        if not self.lead_id:
            raise UserError(self.env._("This deal has been deleted."))
        return {
            "type": "ir.actions.act_window",
            "res_model": "crm.lead",
            "res_id": self.lead_id.id,
            "views": [(False, "form")],
        }
