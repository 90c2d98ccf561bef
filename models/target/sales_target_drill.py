from odoo import api, fields, models
from odoo.exceptions import UserError

from .outlook_sql import COLUMNS

# The action that shows what a pipeline is made of, by metric.
PIPELINES = {
    "booked": "crm.crm_lead_opportunities",
    "margin": "crm.crm_lead_opportunities",
    "won_deal": "crm.crm_lead_opportunities",
    "new_customer": "crm.crm_lead_opportunities",
    "invoiced": "sales_process.sales_plan_line_action",
    "collected": "sales_process.sales_cash_report_action",
}


class SalesTarget(models.Model):
    """From a figure to the records it sums."""

    _inherit = "sales.target"

    @api.model
    @api.readonly
    def open_credits(self, plan_id, node, first=None, after=None):
        """Open the rows of the ledger that an achieved amount is the sum of.

        :param plan_id: the plan
        :param node: the place in its tree of owners
        :param first: first day; that of the plan by default
        :param after: the day after the last one
        :return: action
        :raise UserError: where the user sees the sum alone, and without such a target
        """
        line = self._line_at(plan_id, node, first, after)
        self._fill_scopes([line])
        domain = line.credit_domain()
        credits = self.env["sales.credit"]
        everything = credits.sudo()  # only to say that there are more
        if everything.search_count(domain) != credits.search_count(domain):
            self._refuse_parts(line)
        return self._action_of_line(
            line, "sales_process.sales_credit_action", list(domain)
        )

    @api.model
    @api.readonly
    def open_pipeline(self, plan_id, node, first=None, after=None):
        """Open the deals, instalments or payments a pipeline is the sum of.

        Parameters and errors are those of :meth:`open_credits`.
        """
        line = self._line_at(plan_id, node, first, after)
        self._fill_scopes([line])
        code = line.target.metric_id.code
        if not line.target.metric_id.is_system or code not in PIPELINES:
            raise UserError(
                self.env._(
                    "Nobody knows what may still come of “%s”: it is projected by what "
                    "was achieved so far.",
                    line.target.metric_id.name,
                )
            )
        if line.scope.kind not in COLUMNS:
            raise UserError(
                self.env._(
                    "Deals do not say how much of them is for %s: it is projected by "
                    "what was achieved so far.",
                    line.target.owner_name,
                )
            )
        self.env.flush_all()  # read by SQL
        ids = self._outlook_ids(line, self._days_of([line]))
        action = self._action_of_line(line, PIPELINES[code], [("id", "in", ids)])
        records = self.env[action["res_model"]]
        if records.search_count(action["domain"]) != len(ids):
            self._refuse_parts(line)
        return action

    @api.model
    def _refuse_parts(self, line):
        raise UserError(
            self.env._(
                "You see the sum of %s, and of what it is made of only what is your "
                "own: open that from your own target.",
                line.target.owner_name,
            )
        )

    @api.model
    def _action_of_line(self, line, xmlid, domain):
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        name = self.env._(
            "%(metric)s: %(owner)s",
            metric=line.target.metric_id.name,
            owner=line.target.owner_name,
        )
        return {
            **action,
            "name": name,
            "display_name": name,
            "domain": domain,
            "context": {"create": False, "active_test": False},
        }

    def action_open_credits(self):
        """Open the credits that make up what was achieved in this period."""
        self.ensure_one()
        return self.open_credits(
            self.plan_id.id, self.node, self.date_from, self.date_to
        )

    def action_open_pipeline(self):
        """Open what may still come in this period."""
        self.ensure_one()
        return self.open_pipeline(
            self.plan_id.id, self.node, self.date_from, self.date_to
        )

    @api.model
    def _line_at(self, plan_id, node, first=None, after=None):
        """The line of a place, as far as the user may see it.

        :raise UserError: where there is none in these days
        """
        plan = self.env["sales.target.plan"].browse(plan_id)
        lines = plan._lines_of_places(
            [("node", "=", node)],
            fields.Date.to_date(first),
            fields.Date.to_date(after),
        )
        if not lines:
            raise UserError(
                self.env._(
                    "There is no such target in these days, or it is not yours to see."
                )
            )
        return next(iter(lines.values()))

    def _can_open_credits(self):
        """Whether the user sees the single credits, not just their sum."""
        self.ensure_one()
        user = self.env.user
        target = self.sudo()  # whose it is decides
        if user.has_group("sales_process.group_director") or target.user_id == user:
            return True
        return bool(target.scope_team_id) and user in (
            target.scope_team_id.sales_manager_ids
        )
