from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .sales_funnel_query import push_rows
from .sales_funnel_scope import number, resolve
from .sales_funnel_tally import StageTally, percent


class SalesFunnelReport(models.Model):
    """All salespeople side by side, by how they work and not only by what they sold."""

    _inherit = "sales.funnel.report"

    @api.model
    @api.readonly
    def get_team_comparison(self, options=None):
        """One line per salesperson the user may see, and one for all of them.

        Conversions and sizes follow the cohort or period of the options. Slippage
        counts, among the deals of the options, those whose expected closing was moved
        later at least once while the person had them, and the days of these moves.
        Hygiene looks at the deals open now. Percentages are 0–100 and None below five
        cases.

        :param dict options: see :func:`.sales_funnel_scope.resolve`; ``quiet_days``
        """
        scope = resolve(self.env, options).but(group_by="user")
        visits, deals = self._tally_visits(scope), self._tally_deals(scope)
        pushes = self._pushes(scope)
        hygiene = self._hygiene(scope, self._quiet_days(options))
        users = self.env["res.users"].sudo()  # a label: the figures obey the rules
        keys = (set(visits) | set(deals) | set(pushes) | set(hygiene)) - {None}
        users = users.browse(key for key in keys if key).exists()
        names = {user.id: user.name for user in users}
        stages = [s for s in self._stages(scope) if not s["former"]]
        lines = [
            {
                "id": key,
                "name": self.env._("All")
                if key is None
                else names.get(key) or self.env._("Nobody"),
                **self._team_figures(stages, visits.get(key, {}), deals.get(key)),
                **self._present_pushes(pushes[key], deals.get(key)),
                **self._present_hygiene(hygiene[key]),
            }
            for key in (None, *keys)
        ]
        lines[1:] = sorted(lines[1:], key=lambda line: line["name"])
        return {
            "lines": lines,
            "stages": [{k: s[k] for k in ("stage_id", "name")} for s in stages],
            "currency_id": self.env.company.currency_id.id,
        }

    @api.model
    def _team_figures(self, stages, visits, deals):
        totals = deals.present() if deals else {}
        names = ("won", "lost", "win_rate", "average_won", "cycle_days")
        conversions = []
        for stage in stages:
            figures = visits.get(stage["stage_id"], StageTally()).present()
            conversions.append(
                {
                    "stage_id": stage["stage_id"],
                    "percent": figures["conversion_decided"],
                    "cases": figures["advanced"] + figures["lost"],
                }
            )
        return {
            "deals": totals.get("deals", 0),
            **{name: totals.get(name) for name in names},
            "conversions": conversions,
        }

    # === SLIPPAGE === #

    @api.model
    def _pushes(self, scope):
        """``{None or user id: [moves, days moved, deals moved]}``"""
        found = defaultdict(lambda: [0, 0, 0])
        moved = set()
        for row in self.env.execute_query_dict(push_rows(self.env, scope)):
            for key in (None, row["user_id"] or 0):
                found[key][0] += row["pushes"]
                found[key][1] += row["days"]
            found[row["user_id"] or 0][2] += row["deals"]
            moved.add(row["all_deals"])
        found[None][2] = max(moved, default=0)
        return found

    @api.model
    def _present_pushes(self, pushes, deals):
        count, days, moved = pushes
        total = sum(deals.status.values()) if deals else 0
        return {
            "pushes": count,
            "pushed_deals": moved,
            "pushed_share": percent(min(moved, total), total),
            "push_days": days / count if count else None,
        }

    @api.model
    def _open_pushes(self, scope, figure, group):
        """The deals that were pushed while the person had them, or the moves."""
        rows = [
            row
            for row in self.env.execute_query_dict(
                push_rows(self.env, scope, listed=True)
            )
            if group is None or (row["user_id"] or 0) == group
        ]
        if figure == "pushed_deals":
            ids = sorted({row["lead_id"] for row in rows})
            return self._deals_action(Domain("id", "in", ids))
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_closing_change_action"
        )
        return {
            **action,
            "views": [(False, "list"), (False, "kanban"), (False, "pivot")],
            "domain": [("id", "in", [row["id"] for row in rows])],
            "context": {},
        }

    # === HYGIENE === #

    @api.model
    def _hygiene(self, scope, quiet_days):
        """``{None or user id: {figure: open deals}}``"""
        found = defaultdict(lambda: defaultdict(int))
        domains = {
            "open": self._open_domain(scope),
            "overdue": self._overdue_domain(scope),
            "no_activity": self._no_activity_domain(scope),
            "quiet": self._quiet_domain(scope, quiet_days),
            "stuck": self._stuck_domain(scope),
        }
        for figure, domain in domains.items():
            for user, count in self.env["crm.lead"]._read_group(
                domain, ["user_id"], ["__count"]
            ):
                for key in (None, user.id or 0):
                    found[key][figure] += count
        for deal, keys in self._missing_by_deal(
            self._largest(domains["stuck"])
        ).items():
            if keys:
                for key in (None, deal.user_id.id or 0):
                    found[key]["missing"] += 1
        return found

    @api.model
    def _no_activity_domain(self, scope):
        return self._open_domain(scope) & Domain("activity_ids", "=", False)

    @api.model
    def _present_hygiene(self, found):
        figures = ("overdue", "no_activity", "quiet", "stuck", "missing")
        return {
            "open": found["open"],
            **{name: found[name] for name in figures},
            **{
                f"{name}_share": percent(found[name], found["open"]) for name in figures
            },
        }

    @api.model
    def action_open_team(self, options, figure, user_id=None):
        """The deals behind a figure of :meth:`get_team_comparison`.

        :param int user_id: None for all, 0 for nobody
        """
        scope = resolve(self.env, options).but(group_by="user")
        group = None if user_id is None else number(self.env, user_id) or 0
        if figure in ("deals", "won"):
            return self._open_deals(scope, figure, None, group)
        whose = Domain.TRUE if group is None else Domain("user_id", "=", group or False)
        if figure == "missing":
            missing = self._missing_by_deal(self._largest(self._stuck_domain(scope)))
            ids = [deal.id for deal, keys in missing.items() if keys]
            return self._deals_action(whose & Domain("id", "in", ids))
        if figure in ("pushed_deals", "pushes"):
            return self._open_pushes(scope, figure, group)
        domains = {
            "open": self._open_domain,
            "overdue": self._overdue_domain,
            "no_activity": self._no_activity_domain,
            "stuck": self._stuck_domain,
            "quiet": lambda s: self._quiet_domain(s, self._quiet_days(options)),
        }
        if figure not in domains:
            raise UserError(self.env._("This figure has no list behind it."))
        return self._deals_action(whose & domains[figure](scope))
