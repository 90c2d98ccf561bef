from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import split_every

from .sales_funnel_scope import number, resolve

# Judging asks for all that is known of a deal: the largest so many, in batches.
JUDGED_DEALS = 5000
BATCH = 1000
QUIET_DAYS = 30


class SalesFunnelReport(models.Model):
    """Where open deals are stuck, and what is missing there."""

    _inherit = "sales.funnel.report"

    @api.model
    @api.readonly
    def get_bottlenecks(self, options=None):
        """Open deals beyond the expected days of their stage, and why.

        Amounts are in the currency of the user's company; shares are percent (0–100)
        of the stuck amount, or of the stuck deals where there is no amount. The range
        of the options does not matter: open deals are looked at as they are now.

        :param dict options: see :func:`.sales_funnel_scope.resolve`; ``quiet_days``:
            without a change for so long and without a next activity, a deal is quiet
        """
        scope = resolve(self.env, options)
        quiet = self._quiet_days(options)
        stuck = self._stuck_domain(scope)
        stages = self._stuck_by_stage(scope, stuck)
        deals = self._largest(stuck)
        return {
            "open": self._sum(self._open_domain(scope)),
            "stuck": self._sum(stuck),
            "stages": stages,
            "judged": len(deals),
            "criteria": self._rank_criteria(deals),
            "overdue": self._sum(self._overdue_domain(scope)),
            "quiet": self._sum(self._quiet_domain(scope, quiet)),
            "quiet_days": quiet,
            "without_expectation": not any(s["expected_days"] for s in stages),
        }

    @api.model
    def action_open_bottleneck(self, options, figure, key=None):
        """The deals behind a figure of :meth:`get_bottlenecks`.

        :param str figure: ``open``, ``stuck``, ``open_stage`` or ``stage`` (those
            stuck; key: ``crm.stage`` id), ``criterion`` (key: key of the criterion),
            ``overdue`` or ``quiet``
        """
        scope = resolve(self.env, options)
        if figure == "criterion":
            deals = self._largest(self._stuck_domain(scope))
            missing = self._missing_by_deal(deals)
            ids = [deal.id for deal, keys in missing.items() if key in keys]
            return self._deals_action(Domain("id", "in", ids))
        domains = {
            "open": lambda: self._open_domain(scope),
            "stuck": lambda: self._stuck_domain(scope),
            "open_stage": lambda: self._open_domain(scope) & self._in_stage(key),
            "stage": lambda: self._stuck_domain(scope) & self._in_stage(key),
            "overdue": lambda: self._overdue_domain(scope),
            "quiet": lambda: self._quiet_domain(scope, self._quiet_days(options)),
        }
        if figure not in domains:
            raise UserError(self.env._("This figure has no list behind it."))
        return self._deals_action(domains[figure]())

    @api.model
    def _in_stage(self, stage_id):
        return Domain("stage_id", "=", number(self.env, stage_id))

    @api.model
    def _deals_action(self, domain):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Deals"),
            "res_model": "crm.lead",
            "views": [(False, "list"), (False, "pivot"), (False, "form")],
            "domain": list(domain),
            "context": {"active_test": False},
        }

    # === WHICH DEALS === #

    @api.model
    def _open_domain(self, scope):
        return (
            Domain("type", "=", "opportunity")
            & Domain("active", "=", True)
            & Domain("won_status", "=", "pending")
            & Domain("sales_process_id", "in", list(scope.family))
            & scope.lead_filters
        )

    @api.model
    def _stuck_domain(self, scope):
        """Beyond the expected days of the stage; 0 expected days expect nothing."""
        now = fields.Datetime.now()
        late = Domain.FALSE
        for stage in scope.versions.filtered("expected_days"):
            since = now - timedelta(days=stage.expected_days)
            row = Domain("date_to", "=", False) & Domain("stage_since", "<", since)
            late |= Domain("sales_stage_id", "=", stage.id) & Domain(
                "sales_history_ids", "any", row
            )
        return self._open_domain(scope) & late

    @api.model
    def _overdue_domain(self, scope):
        """As everywhere: with the days of grace, and dates taken away too late."""
        return self._open_domain(scope) & self.env["crm.lead"]._sales_overdue_domain()

    @api.model
    def _quiet_domain(self, scope, days):
        """A row of the history begins with each change that counts."""
        before = fields.Datetime.now() - timedelta(days=days)
        row = Domain("date_to", "=", False) & Domain("date_from", "<", before)
        return (
            self._open_domain(scope)
            & Domain("activity_ids", "=", False)
            & Domain("sales_history_ids", "any", row)
        )

    @api.model
    def _quiet_days(self, options):
        days = number(self.env, (options or {}).get("quiet_days")) or QUIET_DAYS
        if not 0 < days < 10000:
            raise UserError(self.env._("“%s” is no number of days.", days))
        return days

    @api.model
    def _largest(self, domain):
        leads = self.env["crm.lead"].with_context(active_test=False)
        return leads.search(
            domain, order="expected_revenue desc, id", limit=JUDGED_DEALS
        )

    # === FIGURES === #

    @api.model
    def _sum(self, domain):
        """Number and amount of deals."""
        leads = self.env["crm.lead"].with_context(active_test=False)
        rates = self._rates()
        rows = leads._read_group(
            domain, ["company_id"], ["__count", "expected_revenue:sum"]
        )
        return {
            "count": sum(count for _company, count, _amount in rows),
            "amount": sum(a * rates(company.id) for company, _count, a in rows),
        }

    @api.model
    def _stuck_by_stage(self, scope, stuck):
        leads = self.env["crm.lead"].with_context(active_test=False)
        rates = self._rates()
        found = defaultdict(lambda: [0, 0.0])
        for stage, company, count, amount in leads._read_group(
            stuck, ["stage_id", "company_id"], ["__count", "expected_revenue:sum"]
        ):
            found[stage.id][0] += count
            found[stage.id][1] += amount * rates(company.id)
        return [
            {
                **stage,
                "count": found[stage["stage_id"]][0],
                "amount": found[stage["stage_id"]][1],
            }
            for stage in self._stages(scope)
            if not stage["former"] or stage["stage_id"] in found
        ]

    @api.model
    def _missing_by_deal(self, deals):
        """``{deal: {key of the criterion: its rule}}`` of the current stages."""
        missing = {}
        for ids in split_every(BATCH, deals.ids):
            batch = deals.browse(ids)
            spans = {deal: (deal._sales_position(),) for deal in batch}
            for deal, judged in batch._sales_judge(spans).items():
                rules = {
                    rule.id: rule
                    for stage in deal._sales_stages()
                    for rule in stage["rules"]
                }
                missing[deal] = {
                    rules[id_].key: rules[id_]
                    for id_, verdict in judged.items()
                    if not verdict.passes and rules[id_].severity != "advisory"
                }
        return missing

    @api.model
    def _rank_criteria(self, deals):
        """Unmet criteria, the one that holds the largest amount first."""
        rates = self._rates()
        amounts = {d: d.expected_revenue * rates(d.company_id.id) for d in deals}
        by_key = defaultdict(lambda: [0, 0.0, 0])
        for deal, keys in self._missing_by_deal(deals).items():
            for key, rule in keys.items():
                line = by_key[key]
                line[0] += 1
                line[1] += amounts[deal]
                line[2] = max(line[2], rule.id)
        criteria = self.env["sales.process.criterion"].sudo()  # also of old versions
        criteria = criteria.browse(line[2] for line in by_key.values())
        named = {criterion.id: criterion for criterion in criteria}
        total = sum(amounts.values())
        ranked = [
            {
                "key": key,
                "name": named[newest].name,
                "stage": named[newest].process_stage_id.name,
                "count": count,
                "amount": amount,
                "share": 100 * (amount / total if total else count / len(deals)),
            }
            for key, (count, amount, newest) in by_key.items()
        ]
        return sorted(ranked, key=lambda line: (-line["amount"], -line["count"]))
