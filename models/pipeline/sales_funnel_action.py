from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .sales_funnel_query import PRESENT, closed_domain, cohort_domain
from .sales_funnel_scope import resolve

# Figures that count stays, and the ones that count deals.
STAY_FIGURES = {
    "entered": [],
    "ended": [("date_to", "!=", False)],
    "advanced": [("outcome", "=", "advanced")],
    "lost": [("outcome", "=", "lost")],
    "returned": [("outcome", "=", "returned")],
    "moved": [("outcome", "=", "moved")],
    "still_there": [("outcome", "=", "open")],
}
DEAL_FIGURES = {
    "deals": [],
    "open": [("won_status", "=", "pending")],
    "won": [("won_status", "=", "won")],
    "lost_deals": [("won_status", "=", "lost")],
    "decided": [("won_status", "in", ("won", "lost"))],
}


class SalesFunnelReport(models.Model):
    """Every figure opens exactly the stays or deals it counts."""

    _inherit = "sales.funnel.report"

    @api.model
    def action_open(self, options, figure, stage_id=None, group=None):
        """The records behind a figure of :meth:`get_funnel`.

        :param dict options: as for the figure
        :param str figure: a key of ``STAY_FIGURES`` or ``DEAL_FIGURES``
        :param int stage_id: ``crm.stage`` of the row; None for a figure of the whole
        :param int group: id of the group the figure stands in, 0 for "None"
        :return: a window action
        """
        scope = resolve(self.env, options)
        if figure in DEAL_FIGURES:
            return self._open_deals(scope, figure, stage_id, group)
        if figure not in STAY_FIGURES:
            raise UserError(self.env._("This figure has no list behind it."))
        domain = self._stay_domain(scope, stage_id) & self._group_domain(scope, group)
        domain &= self._stay_figure(scope, figure)
        return {
            "type": "ir.actions.act_window",
            "name": self._figure_name(figure, stage_id),
            "res_model": "sales.funnel.visit",
            "views": [(False, "list"), (False, "pivot"), (False, "graph")],
            "domain": list(domain),
            "context": {"active_test": False},
        }

    @api.model
    def _stay_domain(self, scope, stage_id=None):
        """Stays of the range, as a domain on ``sales.funnel.visit``."""
        domain = scope.domain
        if stage_id:
            domain &= Domain("stage_id", "=", stage_id)
        return domain & cohort_domain(scope)

    @api.model
    def _stay_figure(self, scope, figure):
        domain = Domain(STAY_FIGURES[figure])
        if scope.mode == "cohort":
            return domain
        since, until = scope.since, scope.until or fields.Datetime.now()
        if figure == "entered":
            domain &= Domain("date_from", "<", until)
            return domain & Domain("date_from", ">=", since) if since else domain
        if figure == "still_there":
            return Domain("date_from", "<", until) & (
                Domain("date_to", "=", False) | Domain("date_to", ">=", until)
            )
        domain &= Domain("date_to", "<", until)
        return domain & Domain("date_to", ">=", since) if since else domain

    @api.model
    def _group_domain(self, scope, group):
        if group is None or not scope.group_by:
            return Domain.TRUE
        path = self._known_groups()[scope.group_by].path
        if group:
            return Domain(path, "=", group)
        return Domain(
            "id",
            "not in",
            self.env["sales.funnel.visit"]._search(Domain(path, "!=", False)),
        )

    @api.model
    def _open_deals(self, scope, figure, stage_id, group):
        domain = scope.lead_filters & Domain(DEAL_FIGURES[figure])
        domain &= Domain("sales_process_id", "in", list(scope.family))
        domain &= Domain("sales_history_ids", "any", PRESENT & cohort_domain(scope))
        if stage_id:
            family = Domain("sales_process_id", "in", list(scope.family))
            here = family & Domain("stage_id", "=", stage_id)
            domain &= Domain("sales_visit_ids", "any", here)
        if group is not None and scope.group_by:
            path = self._known_groups()[scope.group_by].path.removeprefix("lead_id.")
            # "None" has the deals without a customer too, which no path reaches.
            domain &= Domain(path, "=", group) if group else ~Domain(path, "!=", False)
        if scope.mode == "period" and figure != "open":
            domain &= self._closed_in(scope, figure)
        return {
            "type": "ir.actions.act_window",
            "name": self._figure_name(figure, stage_id),
            "res_model": "crm.lead",
            "views": [(False, "list"), (False, "pivot"), (False, "form")],
            "domain": list(domain),
            "context": {"active_test": False},
        }

    @api.model
    def _closed_in(self, scope, figure):
        """Deals won or lost in the range; for all deals also the open ones."""
        now = PRESENT & closed_domain(scope)
        closed = Domain("sales_history_ids", "any", now)
        if figure == "deals":
            return closed | Domain("won_status", "=", "pending")
        return closed

    @api.model
    def _figure_name(self, figure, stage_id):
        label = {
            "entered": self.env._("Entered"),
            "ended": self.env._("Left"),
            "advanced": self.env._("Went on"),
            "lost": self.env._("Lost"),
            "returned": self.env._("Went back"),
            "moved": self.env._("Left the process"),
            "still_there": self.env._("Still there"),
            "deals": self.env._("Deals"),
            "open": self.env._("Open deals"),
            "won": self.env._("Won deals"),
            "lost_deals": self.env._("Lost deals"),
            "decided": self.env._("Closed deals"),
        }[figure]
        stage = self.env["crm.stage"].browse(stage_id or ()).exists()
        return f"{stage.name}: {label}" if stage else label
