from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.calibration import AGES, steps
from . import rate_sql
from .forecast_sql import COMPANY, IS_OPEN

# The learnt days until closing of the deal ``l``, counted from the latest age that it
# has reached.
DAYS_LEFT = """
    (SELECT r.days FROM sales_forecast_rate r
      WHERE r.company_id = %(company)s AND r.stage_id = l.stage_id
        AND COALESCE(r.process_id, 0) = COALESCE((
            SELECT p.family_id FROM sales_process p WHERE p.id = l.sales_process_id
            ), 0)
        AND r.age_from <= COALESCE(GREATEST(date_part(
            'day', now() AT TIME ZONE 'UTC' - l.date_last_stage_update), 0), 0)
        AND r.evidence = 'any' AND r.days IS NOT NULL
      ORDER BY r.age_from DESC LIMIT 1)
"""
# The rate a deal goes by, and those it leans on.
RATES = """
    SELECT l.id, r.age_from, r.evidence, r.closed, r.low, r.high, h.prior,
           h.chance, h.won, h.closed, a.chance, a.won, a.closed, r.chance, r.won
      FROM crm_lead l
      JOIN sales_forecast_rate r ON r.id = sales_forecast_rate (l)
      JOIN sales_forecast_rate h
        ON (h.company_id, h.stage_id) = (r.company_id, r.stage_id)
       AND COALESCE(h.process_id, 0) = COALESCE(r.process_id, 0)
       AND h.age_from = 0 AND h.evidence = 'any'
      JOIN sales_forecast_rate a
        ON (a.company_id, a.stage_id) = (r.company_id, r.stage_id)
       AND COALESCE(a.process_id, 0) = COALESCE(r.process_id, 0)
       AND a.age_from = r.age_from AND a.evidence = 'any'
     WHERE l.id = ANY (%s)
"""


class CrmLead(models.Model):
    """When a deal will probably close, and why it has the chance it has."""

    _inherit = "crm.lead"

    sales_forecast_closing = fields.Date(
        string="Forecast Closing",
        compute="_compute_sales_forecast_closing",
        help="The expected closing, as long as it is not over; else the day by which "
        "half of such deals are closed. Empty when too few are. Of a closed deal: the "
        "day it closed.",
    )
    sales_forecast_chance_text = fields.Text(
        string="Why This Chance", compute="_compute_sales_forecast_chance_text"
    )
    sales_forecast_rate_ids = fields.Many2many(
        comodel_name="sales.forecast.rate",
        string="Taught Win Rates",
        compute="_compute_sales_forecast_rate_ids",
        search="_search_sales_forecast_rate_ids",
        groups="sales_process.group_leader",  # as the rates themselves
        help="Finds the closed deals that a win rate was learnt from.",
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "active",
        "company_id",
        "date_closed",
        "date_deadline",
        "stage_id",
        "type",
        "user_id",
        "won_status",
    )
    def _compute_sales_forecast_closing(self):
        self.env["crm.lead"].flush_model()
        found = dict(
            self.env.execute_query(
                SQL(
                    """
                    SELECT l.id, %s FROM crm_lead l
                      LEFT JOIN res_users u ON u.id = l.user_id
                     WHERE l.id = ANY (%s)
                    """,
                    self._sales_forecast_closing_sql(),
                    self._origin.ids,
                )
            )
        )
        for lead in self:
            lead.sales_forecast_closing = found.get(lead._origin.id, False)

    @api.model
    def _sales_forecast_closing_sql(self):
        """When the deal ``l`` of the user ``u`` closes: SQL for a date, or NULL."""
        companies = self.env["res.company"]
        return SQL(
            """
            (CASE WHEN NOT %(open)s THEN %(closed)s
                  WHEN l.date_deadline >= %(today)s THEN l.date_deadline
                  ELSE %(today)s + %(days)s END)
            """,
            open=IS_OPEN,
            closed=companies._sales_day_sql(COMPANY, SQL("l.date_closed")),
            today=SQL(
                "COALESCE(%s, CURRENT_DATE)", companies._sales_today_sql(COMPANY)
            ),
            days=SQL(DAYS_LEFT, company=COMPANY),
        )

    def _compute_sales_forecast_chance_text(self):
        reasons = {row["id"]: row for row in self._origin._sales_forecast_reasons()}
        for lead in self:
            row = reasons.get(lead._origin.id)
            lead.sales_forecast_chance_text = row and "\n".join(row["reasons"])

    def _compute_sales_forecast_rate_ids(self):
        self.sales_forecast_rate_ids = False  # only searched for

    def _search_sales_forecast_rate_ids(self, operator, value):
        if operator != "in":
            return NotImplemented
        rates = self.env["sales.forecast.rate"].search(
            [("id", "in", [id_ for id_ in value if id_])]
        )
        return Domain.OR(
            Domain(
                "id",
                "in",
                rate_sql.cases(rate, AGES.index(rate.age_from) + 1, AGES),
            )
            for rate in rates
        )

    # === REASONS === #

    @api.readonly
    def get_forecast_reasons(self):
        """Why the deals have the chance they have.

        :return: list of ``{"id", "method", "chance" (percent), "n", "low", "high",
            "reasons"}``; ``n`` is how many closed deals like it taught the chance,
            ``low`` and ``high`` (percent) hold the true one with 90 % certainty. The
            three are None unless the method is ``calibrated`` and something is learnt
        """
        self.check_access("read")
        return self._sales_forecast_reasons()

    def _sales_forecast_reasons(self):
        learnt = self._sales_forecast_learnt()
        rows = []
        for lead in self:
            company = lead.company_id or lead.user_id.company_id
            method = company.sudo().sales_forecast_method  # a plain setting
            row = {
                "id": lead.id,
                "method": method or "stage",
                "chance": lead.sales_forecast_probability,
                "n": None,
                "low": None,
                "high": None,
            }
            facts = method == "calibrated" and learnt.get(lead.id)
            if lead.won_status != "pending":
                row["reasons"] = lead._sales_forecast_closed_reasons()
            elif facts:
                row |= {name: facts[name] for name in ("n", "low", "high")}
                row["reasons"] = [
                    lead._sales_forecast_step_text(step) for step in facts["steps"]
                ]
            else:
                row["reasons"] = lead._sales_forecast_plain_reasons(method)
            rows.append(row)
        return rows

    def _sales_forecast_learnt(self):
        """``{lead id: {"n", "low", "high", "steps"}}`` of deals with a learnt rate."""
        self.env["crm.lead"].flush_model()
        self.env["sales.evidence"].flush_model()
        found = {}
        for row in self.env.execute_query(SQL(RATES, self.ids)):
            lead_id, age, evidence, closed, low, high, prior = row[:7]
            history, aged = row[7:10], row[10:13]
            proven = evidence != "any" and (row[13], row[14], closed)
            found[lead_id] = {
                "n": closed,
                "low": low,
                "high": high,
                "steps": steps(
                    prior,
                    history,
                    aged,
                    proven,
                    age=age,
                    complete=evidence == "complete",
                ),
            }
        return found

    def _sales_forecast_step_text(self, step):
        """One step in plain words; its chances are percent here."""
        values = {
            "chance": _percent(step.chance),
            "won": step.won,
            "closed": step.closed,
            "days": step.age,
            "stage": self.stage_id.name,
        }
        if step.kind == "stage" and not self.sales_process_id:
            return self.env._(
                "Outside any process %(chance)s of the deals are won.", **values
            )
        if step.kind == "stage":
            return self.env._("Stage “%(stage)s” stands for %(chance)s.", **values)
        if step.kind == "history":
            return self.env._(
                "%(won)s of %(closed)s deals that reached it were won: %(chance)s.",
                **values,
            )
        if step.kind == "age":
            return self.env._(
                "Of those still there after %(days)s days, %(won)s of %(closed)s were "
                "won: %(chance)s.",
                **values,
            )
        if step.complete:
            return self.env._(
                "All that has to be confirmed is: %(won)s of %(closed)s such deals "
                "were won, %(chance)s.",
                **values,
            )
        return self.env._(
            "Not all that has to be confirmed is: %(won)s of %(closed)s such deals "
            "were won, %(chance)s.",
            **values,
        )

    def _sales_forecast_closed_reasons(self):
        if self.won_status == "won":
            return [self.env._("It is won.")]
        return [self.env._("It is lost.")]

    def _sales_forecast_plain_reasons(self, method):
        chance = _percent(self.sales_forecast_probability)
        if method == "score":
            return [self.env._("Odoo's predictive score is %s.", chance)]
        if method == "manual" or not self.sales_stage_id:
            reasons = [self.env._("Odoo's probability of the deal is %s.", chance)]
        else:
            reasons = [
                self.env._(
                    "Stage “%(stage)s” stands for %(chance)s.",
                    stage=self.stage_id.name,
                    chance=chance,
                )
            ]
        if method == "calibrated":
            reasons.append(
                self.env._("No deal that was here is closed yet to learn from.")
            )
        return reasons

    # === KEEPING UP === #

    def _sales_forecast_proven(self):
        """Something about these deals was proven, or is no longer."""
        calibrated = self.filtered(
            lambda lead: (
                (lead.company_id or lead.user_id.company_id)
                .sudo()  # a plain setting
                .sales_forecast_method
                == "calibrated"
            )
        )
        if calibrated:
            self._sales_forecast_refresh(SQL("l.id = ANY (%s)", calibrated.ids))


def _percent(chance):
    return f"{chance:.0f}%"
