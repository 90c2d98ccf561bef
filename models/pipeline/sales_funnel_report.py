from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ...engine.proportions import MIN_CASES
from .sales_funnel_query import deal_rows, visit_rows
from .sales_funnel_scope import DEAL_FILTERS, GROUPS, resolve, selection
from .sales_funnel_tally import DealTally, StageTally, interval, percent

# Columns of a stay that add up.
COUNTED = ("entered", "advanced", "lost", "returned", "still_there")


class SalesFunnelReport(models.Model):
    """The funnel: one record per stage of a process, over all time.

    Counts stays in a stage as the user may see them in the pipeline history. Ranges,
    cohorts, filters and dwell times by group: :meth:`get_funnel`.
    """

    _name = "sales.funnel.report"
    _description = "Funnel"
    _auto = False
    _order = "process_id, sequence, id"
    _rec_name = "stage_id"

    process_id = fields.Many2one(comodel_name="sales.process", readonly=True)
    company_id = fields.Many2one(comodel_name="res.company", readonly=True)
    process_stage_id = fields.Many2one(
        comodel_name="sales.process.stage", readonly=True
    )
    stage_id = fields.Many2one(comodel_name="crm.stage", readonly=True)
    sequence = fields.Integer(readonly=True, aggregator=None)
    entered = fields.Integer(readonly=True)
    advanced = fields.Integer(string="Went on", readonly=True)
    lost = fields.Integer(readonly=True)
    returned = fields.Integer(string="Went back", readonly=True)
    still_there = fields.Integer(readonly=True)
    conversion = fields.Float(
        readonly=True, aggregator=None, help="Went on ÷ entered, percent (0–100)."
    )
    median_days = fields.Float(
        compute="_compute_days",
        help="Half of the deals have left after so many days. Deals still there count "
        "for as long as they have been there (Kaplan–Meier). 0: not known yet.",
    )
    p80_days = fields.Float(string="80 % Days", compute="_compute_days")

    @property
    def _table_query(self):
        """Aggregated over the stays that the rules let this user see."""
        visits = self.env["sales.funnel.visit"]._search([])
        columns = [
            SQL.identifier(visits.table, name)
            for name in ("process_stage_id", *COUNTED)
        ]
        return SQL(
            """
            SELECT ps.id, ps.process_id, ps.id AS process_stage_id, ps.stage_id,
                   ps.company_id, ps.sequence, %s,
                   100.0 * v.advanced / NULLIF(v.entered, 0) AS conversion
              FROM sales_process_stage ps
              LEFT JOIN (SELECT process_stage_id, %s FROM %s GROUP BY 1) v
                ON v.process_stage_id = ps.id
            """,
            SQL(", ").join(
                SQL("COALESCE(v.%s, 0) AS %s", SQL.identifier(n), SQL.identifier(n))
                for n in COUNTED
            ),
            SQL(", ").join(
                SQL("SUM(s.%s) AS %s", SQL.identifier(n), SQL.identifier(n))
                for n in COUNTED
            ),
            SQL("%s s", visits.subselect(*columns)),
        )

    @api.depends("process_id", "stage_id")
    def _compute_days(self):
        for process, stages in self.grouped("process_id").items():
            scope = resolve(self.env, {"process_id": process.id})
            own = scope.but(family=(process.id,))
            tallies = self._tally_visits(own).get(None, {})
            for stage in stages:
                curve = tallies.get(stage.stage_id.id, StageTally()).curve()
                stage.median_days = (curve.median or 0) / 24
                stage.p80_days = (curve.quantile(0.8) or 0) / 24

    # === WHAT HIGHER LAYERS ADD TO === #

    @api.model
    def _known_groups(self):
        """What deals can be told apart by.

        :return: ``{key: sales_funnel_scope.Group}``
        """
        known = self.env["crm.lead"]._fields
        return {
            key: group
            for key, group in GROUPS.items()
            if key != "category" or "sales_product_id" in known
        }

    @api.model
    def _known_deal_filters(self):
        """What deals can be filtered by, beside the domain.

        :return: ``{option: (model to choose from or None, path on crm.lead,
            operator)}``
        """
        return dict(DEAL_FILTERS)

    # === READING === #

    @api.model
    @api.readonly
    def get_filters(self):
        """What the screen offers to choose from, as far as the user may see it."""
        processes = self.env["sales.process"].search([("state", "!=", "draft")])
        teams = self.env["crm.team"].search([("active", "=", True)])
        return {
            "processes": [
                {
                    "id": p.id,
                    "name": self.env._(
                        "%(name)s (version %(number)s)", name=p.name, number=p.version
                    )
                    if p.version > 1
                    else p.name,
                }
                for p in processes.sorted(lambda p: (p.state != "live", p.sequence))
            ],
            "teams": sorted(
                ({"id": t.id, "name": t.sales_path or t.name} for t in teams),
                key=lambda team: team["name"],
            ),
            "users": self._salespeople(),
            "currency_id": self.env.company.currency_id.id,
            "min_cases": MIN_CASES,
        }

    @api.model
    @api.readonly
    def get_funnel(self, options=None):
        """The funnel of one process, by cohort or by period.

        By cohort, deals that entered the process in the range are followed until now.
        By period, stays that ended in the range are looked at, and those still going
        on at its end; dwell times then count an earlier start as late entry.

        Percentages are 0–100 and None below five cases; days have one hour as the
        smallest unit; amounts are in the currency of the user's company, converted at
        today's rate. The number of queries is the same for any number of deals.

        :param dict options: see :func:`.sales_funnel_scope.resolve`
        """
        scope = resolve(self.env, options)
        visits = self._tally_visits(scope)
        deals = self._tally_deals(scope)
        result = self._present_funnel(
            scope, visits.pop(None, {}), deals.pop(None, None)
        )
        result["groups"] = self._present_groups(scope, visits, deals)
        result.update(
            process={"id": scope.process.id, "name": scope.process.display_name},
            mode=scope.mode,
            group_by=scope.group_by,
            currency_id=self.env.company.currency_id.id,
            min_cases=MIN_CASES,
        )
        return result

    @api.model
    def _salespeople(self):
        """To choose a person from; whoever sees only own deals has no choice."""
        if not self.env.user.has_group("sales_process.group_leader"):
            return []
        rep = self.env.ref("sales_process.group_rep").sudo()  # configuration
        users = self.env["res.users"].search(
            [("share", "=", False), ("all_group_ids", "in", rep.ids)]
        )
        return [{"id": user.id, "name": user.name} for user in users]

    # === COUNTING === #

    @api.model
    def _tally_visits(self, scope):
        """``{None or group id: {crm.stage id: StageTally}}``"""
        order = self._stage_order(scope)
        rates = self._rates()
        tallies = defaultdict(lambda: defaultdict(StageTally))
        for row in self._query_rows(visit_rows(self.env, scope)):
            outcome = self._outcome(row, order)
            amount = float(row["amount"] or 0) * rates(row["company_id"])
            keys = {None, row["dimension"] or 0} if scope.group_by else {None}
            for key in keys:
                tallies[key][row["stage_id"]].add(row, outcome, amount)
        return tallies

    @api.model
    def _tally_deals(self, scope):
        """``{None or group id: DealTally}``"""
        rates = self._rates()
        tallies = defaultdict(DealTally)
        for row in self._query_rows(deal_rows(self.env, scope)):
            amount = float(row["amount"] or 0) * rates(row["company_id"])
            keys = {None, row["dimension"] or 0} if scope.group_by else {None}
            for key in keys:
                tallies[key].add(row, amount)
        return tallies

    def _query_rows(self, statements):
        self.env["sales.pipeline.history"]._prepare_reading()
        for statement in statements:
            yield from self.env.execute_query_dict(statement)

    @api.model
    def _outcome(self, row, order):
        """What came of a stay; ``SalesFunnelVisit._visits`` says the same in SQL."""
        if row["next_status"] in (None, "lost"):
            return row["next_status"] or "open"
        if row["next_status"] == "won":
            return "advanced"
        here = order.get((row["sales_process_id"], row["stage_id"]))
        there = order.get((row["sales_process_id"], row["next_stage_id"]))
        if there is None or there == here:
            return "moved"
        return "advanced" if here is None or there > here else "returned"

    @api.model
    def _stage_order(self, scope):
        return {
            (stage.process_id.id, stage.stage_id.id): (stage.sequence, stage.id)
            for stage in scope.versions
        }

    @api.model
    def _stages(self, scope):
        """Stages of the funnel in order: of this version, then what others had."""
        found = {}
        own = scope.versions.filtered(lambda stage: stage.process_id == scope.process)
        for stage in own + (scope.versions - own):
            if not stage.is_won:
                found.setdefault(
                    stage.stage_id.id,
                    {
                        "stage_id": stage.stage_id.id,
                        "process_stage_id": stage.id,
                        "name": stage.name,
                        "expected_days": stage.expected_days,
                        "former": stage not in own,
                    },
                )
        return list(found.values())

    @api.model
    def _rates(self):
        """A function from a company id to the rate into the user's company."""
        rates, own = {}, self.env.company
        day = fields.Date.context_today(self)

        def rate(company_id):
            if company_id not in rates:
                companies = self.env["res.company"].sudo()  # its currency is no secret
                company = companies.browse(company_id or own.id)
                rates[company_id] = self.env["res.currency"]._get_conversion_rate(
                    company.currency_id,
                    own.currency_id,
                    own,
                    day,
                )
            return rates[company_id]

        return rate

    # === PRESENTING === #

    @api.model
    def _present_funnel(self, scope, visits, deals):
        deals = deals or DealTally()
        stages = []
        for stage in self._stages(scope):
            tally = visits.get(stage["stage_id"], StageTally())
            reached = deals.stages.get(stage["stage_id"], {})
            decided = reached.get("won", 0) + reached.get("lost", 0)
            if stage["former"] and not tally.seen:
                continue
            stages.append(
                {
                    **stage,
                    **tally.present(),
                    "won": reached.get("won", 0),
                    "decided": decided,
                    "to_won": percent(reached.get("won", 0), decided),
                    "to_won_interval": interval(reached.get("won", 0), decided),
                }
            )
        return {
            "stages": stages,
            "totals": deals.present(),
            "empty": not any(
                s["entered"] or s["still_there"] or s["ended"] for s in stages
            ),
        }

    @api.model
    def _present_groups(self, scope, visits, deals):
        if not scope.group_by:
            return []
        keys = set(visits) | set(deals)
        names = self._group_names(scope.group_by, keys)
        shown = [
            {
                "id": key,
                "name": names.get(key) or self.env._("None"),
                **self._present_funnel(scope, visits.get(key, {}), deals.get(key)),
            }
            for key in keys
        ]
        return sorted(shown, key=lambda g: (-g["totals"]["deals"], g["name"]))

    @api.model
    def _group_names(self, group_by, keys):
        group = self._known_groups()[group_by]
        if not group.model:
            return dict(selection(self.env, "sales.funnel.visit", group.path))
        records = self.env[group.model].sudo()  # a label: the figures obey the rules
        records = records.browse(key for key in keys if key).exists()
        return {record.id: record.display_name for record in records}
