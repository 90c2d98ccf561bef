from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .scorecard_figures import PROCESS_ROWS, Reading


class SalesScorecard(models.AbstractModel):
    """Every figure opens the records it is made of, as far as the user sees them."""

    _inherit = "sales.scorecard"

    @api.readonly
    @api.model
    def open_figure(self, key, user_id=None, kind="month", first=None):
        """Open the records behind a figure.

        :param key: of a row; the others as in :meth:`get_scorecard`
        :return: action
        :raise AccessError: for people the user does not lead
        """
        self._check_seller()
        company = self.env.company
        user_id = self._chosen(user_id, self._seen_people(self._tree(company)))
        reading = Reading(
            company=company.sudo(),  # its clock is no secret
            periods=self._periods(company, kind, first)[-1:],
            today=company._sales_today(),
            subjects=[user_id],
            people=[user_id],
        )
        if PROCESS_ROWS.get(key):
            return getattr(self, f"_open_{key}")(reading)
        metric = self.env["sales.metric"]._by_code(key)
        if not metric:
            raise UserError(self.env._("This figure has no list behind it."))
        return self._open_credits(reading, metric)

    @api.model
    def _open_credits(self, reading, metric):
        first, after = reading.periods[-1]
        domain = (
            Domain("metric_id", "=", metric.id)
            & Domain("user_id", "in", reading.people)
            & Domain("company_id", "=", reading.company.id)
            & Domain("date", ">=", str(first))
            & Domain("date", "<", str(after))
        )
        return self._list("sales_process.sales_credit_action", metric.name, domain)

    @api.model
    def _list(self, xmlid, name, domain, **context):
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        return {**action, "name": name, "domain": list(domain), "context": context}

    @api.model
    def _name_of(self, key):
        return self._labels(self.env["sales.metric"])[key][0]

    @api.model
    def _known_scope(self, reading):
        card = self.sudo()  # which processes there are
        scope = card._scope(reading, reading.last, card._processes(reading.company))
        if scope is None:
            raise UserError(self.env._("There is no sales process to look at yet."))
        return scope

    @api.model
    def _open_win_rate(self, reading):
        return self._open_closed(reading, "decided")

    @api.model
    def _open_cycle_days(self, reading):
        return self._open_closed(reading, "won")

    @api.model
    def _open_closed(self, reading, figure):
        scope = self._known_scope(reading)
        [user_id] = reading.subjects
        return self.env["sales.funnel.report"]._open_deals(scope, figure, None, user_id)

    @api.model
    def _open_overdue(self, reading):
        scope = self._known_scope(reading)
        funnel = self.env["sales.funnel.report"]
        if reading.is_running(reading.last):
            return funnel._deals_action(funnel._overdue_domain(scope))
        day = fields.Date.subtract(reading.periods[-1][1], days=1)
        domain = (
            scope.domain
            & Domain("status", "=", "open")
            & Domain("date_deadline", "<", self._due_before(reading, reading.last))
        )
        name = self._name_of("overdue")
        return self._list(
            "sales_process.sales_pipeline_as_of_action", name, domain, as_of=str(day)
        )

    @api.model
    def _open_exits(self, reading):
        domain = self._exits_domain(reading, reading.last)
        domain &= Domain("lead_id.user_id", "in", reading.people)
        name = self._name_of("exits")
        return self._list("sales_process.sales_evidence_action", name, domain)

    @api.model
    def _open_coverage(self, reading):
        first, after = reading.periods[-1]
        target = self.env["sales.target"].search(
            [
                ("user_id", "in", reading.people),
                ("plan_id.state", "=", "published"),
                ("plan_id.metric_id.code", "=", "booked"),
                ("company_id", "=", reading.company.id),
                ("date_from", "<", after),
                ("date_to", ">", first),
            ],
            limit=1,
        )
        if not target:
            raise UserError(self.env._("There is no target of bookings here."))
        return target.open_pipeline(
            target.plan_id.id, target.node, str(first), str(after)
        )

    @api.model
    def _open_call_error(self, reading):
        first, after = reading.periods[-1]
        domain = (
            Domain("user_id", "in", reading.people)
            & Domain("company_id", "=", reading.company.id)
            & Domain("category", "=", "commit")
            & Domain("date_to", ">", str(first))
            & Domain("date_to", "<=", str(after))
        )
        name = self._name_of("call_error")
        return self._list("sales_process.sales_forecast_call_action", name, domain)

    @api.model
    def _open_call_bias(self, reading):
        return self._open_call_error(reading)
