from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, float_round, format_date

from ...engine.periods import MONTHS, RETAIL, WEEK, start_of
from ...engine.plan_split import decimal
from .sales_target import MONEY, OWNER_LETTERS
from .sales_target_figures import DAY, SCOPE_KINDS, Line, rounder


class SalesTargetPlan(models.Model):
    """A plan as a grid: the tree of owners down, the periods across."""

    _inherit = "sales.target.plan"

    # === OPENING === #

    def action_open_grid(self):
        """Open the grid of the plan."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "sales_process.sales_target_grid_action"
        )
        return {
            **action,
            "context": {"active_model": self._name, "active_id": self.id},
        }

    # === READING === #

    @api.readonly
    def get_grid(self, measure="amount"):
        """The grid as the screen shows it.

        As many queries for ten owners as for a thousand.

        :param measure: field of the targets, one of ``MONEY``, or ``achieved``
        :return: ``{"plan", "periods", "rows"}``; the rows stand in the order of the
            tree and have a cell for each period, None where there is no target (no
            proposal, nothing yet to achieve); ``below`` is what the owners right below
            have together, also those one does not see; ``targets`` what a proposal or
            what was achieved is compared with; ``passed`` how much of the working time
            of the present period is over, 0 to 1
        :raise UserError: for another measure
        """
        self.ensure_one()
        if measure not in (*MONEY, "achieved"):
            raise UserError(self.env._("There is no measure “%s” to show.", measure))
        periods = self._periods()
        places = {
            (first - self.date_from).days: n
            for n, (first, _after) in enumerate(periods)
        }
        is_achieved = measure == "achieved"
        nodes = self._grid_nodes("amount" if is_achieved else measure, places)
        if is_achieved:
            self._grid_add_achieved(nodes, periods)
        else:
            self._grid_add_below(nodes, measure, places)
        self._grid_add_names(nodes)
        self._grid_add_rights(nodes)
        return {
            "plan": self._grid_plan(is_achieved),
            "periods": self._grid_periods(periods),
            "rows": self._grid_tree(nodes),
        }

    def _grid_nodes(self, measure, places):
        """The rows of the targets one may read.

        :param dict places: the place of a period by the days since the plan begins
        :return: ``{node: row}``
        """
        targets = self.env["sales.target"]
        self.env.flush_all()
        query = targets._search([("plan_id", "=", self.id)])
        query.order = None

        def column(name):
            return SQL.identifier(targets._table, name)

        query.groupby = column("node")
        # What was not proposed is not the same as zero.
        amount = SQL("COALESCE(%s, 0)::float8", column(measure))
        is_proposal = measure == "proposed_amount"
        goals = [SQL("NULL")]
        if is_proposal:
            amount = SQL("CASE WHEN %s THEN %s END", column("is_proposed"), amount)
            goals = [SQL("ARRAY_AGG(COALESCE(%s, 0)::float8)", column("amount"))]

        def placed(days, amounts):
            cells = [None] * len(places)
            for day, value in zip(days, amounts, strict=True):
                cells[places[day]] = value
            return cells

        found = self.env.execute_query(
            query.select(
                column("node"),
                SQL("MIN(%s)", column("id")),
                *(SQL("MIN(%s)", column(name)) for name in OWNER_LETTERS),
                SQL("ARRAY_AGG(%s - %s)", column("date_from"), self.date_from),
                SQL("ARRAY_AGG(%s)", amount),
                *goals,
            )
        )
        nodes = {}
        for node, target_id, *owner, days, amounts, goal_amounts in found:
            kind, owner_id = next(
                (pair for pair in zip(OWNER_LETTERS, owner, strict=True) if pair[1]),
                ("company_id", self.company_id.id),
            )
            nodes[node] = {
                "node": node,
                "target_id": target_id,
                "kind": kind,
                "owner_id": owner_id,
                "cells": placed(days, amounts),
                "below": None,
            }
            if is_proposal:
                nodes[node]["targets"] = placed(days, goal_amounts)
        return nodes

    def _grid_add_below(self, nodes, measure, places):
        """What the owners right below have; their sum is no secret of theirs."""
        found = self.env.execute_query(
            SQL(
                """
                SELECT parent.node, parent.date_from - %(first)s, child.amount
                  FROM (SELECT parent_id, SUM(COALESCE(%(measure)s, 0))::float8 amount
                          FROM sales_target
                         WHERE plan_id = %(plan)s AND parent_id IS NOT NULL
                         GROUP BY parent_id) child
                  JOIN sales_target parent ON parent.id = child.parent_id
                 WHERE parent.node = ANY(%(nodes)s)
                """,
                first=self.date_from,
                measure=SQL.identifier(measure),
                plan=self.id,
                nodes=list(nodes),
            )
        )
        step = float(self._unit_step())
        for node, day, value in found:
            row = nodes[node]
            row["below"] = row["below"] or [None] * len(places)
            row["below"][places[day]] = float_round(value, precision_rounding=step)

    def _grid_add_achieved(self, nodes, periods):
        """What was achieved in the periods that have begun, beside the targets."""
        today = self.company_id._sales_today()
        begun = [period for period in periods if period[0] <= today]
        now = [period for period in begun if today < period[1]]
        targets = self.env["sales.target"]
        chosen = targets.browse(row["target_id"] for row in nodes.values())
        chosen = chosen.sudo()  # the sum is the target's own
        facts = ("node", "plan_id", "company_id", "scope_team_id", "metric_id")
        chosen.fetch([*facts, *SCOPE_KINDS])
        lines = {target.node: Line(target, []) for target in chosen}
        targets._fill_scopes(lines.values())
        sums = targets._periods_of(lines.values(), begun) if begun else {}
        places = {line.place for line in lines.values()}
        working = targets._working_days(places, *now[0]) if now else {}
        for row in nodes.values():
            row["targets"] = row["cells"]
            row["cells"] = [
                None if target is None or first > today else 0.0
                for target, (first, _after) in zip(row["cells"], periods, strict=True)
            ]
            row["passed"] = 0.0
            for first, after in now:
                days = working[lines[row["node"]].place]
                row["passed"] = days.part(first, today + DAY, first, after)
        rounded = rounder(self._grid_credit_step())
        numbers = {period: number for number, period in enumerate(periods)}
        for line, amounts in sums.items():
            cells = nodes[line.target.node]["cells"]
            for period, amount in amounts.items():
                number = numbers[period]
                if cells[number] is not None:
                    cells[number] = rounded(amount)

    def _grid_credit_step(self):
        """As exact as credit is: two may have won one deal together."""
        return self.currency_id.rounding if self.unit == "money" else 0.01

    def _grid_add_names(self, nodes):
        """Names of the owners, of each kind in one query."""
        kinds = {}
        for row in nodes.values():
            kinds.setdefault(row["kind"], []).append(row)
        for kind, rows in kinds.items():
            ids = list({row["owner_id"] for row in rows})
            names = self.env["sales.target"]._names_of(kind, ids)
            for row in rows:
                row["name"] = names[row["owner_id"]]

    def _grid_add_rights(self, nodes):
        """Whether the targets of a row may be set, or an amount be proposed.

        Rights depend on the owner alone: one target of each row tells.
        """
        writable = self._grid_writable([row["target_id"] for row in nodes.values()])
        led = self.env["crm.team"].sudo()  # whom one leads is no secret
        led = led.search([("user_id", "=", self.env.uid)])._ids
        mine = self.env["sales.target"].browse(
            row["target_id"]
            for row in nodes.values()
            if (row["kind"] == "user_id" and row["owner_id"] == self.env.uid)
            or (row["kind"] == "team_id" and row["owner_id"] in led)
        )
        own = set(mine._own_ones()._ids)
        for row in nodes.values():
            target = row.pop("target_id")
            row["is_mine"] = target in mine._ids
            row["may_edit"] = (
                self.state in ("draft", "proposed")
                and target in writable
                and target not in own
            )
            row["may_propose"] = self.state == "proposed" and target in writable

    def _grid_writable(self, ids):
        """Which targets the rules let one write, without reading the targets."""
        targets = self.env["sales.target"]
        if not targets.has_access("write"):
            return set()
        rules = self.env["ir.rule"]._compute_domain(targets._name, "write")
        found = targets.sudo().search(  # the rules are in the domain
            Domain("id", "in", ids) & Domain(rules), order="id"
        )
        return set(found._ids)

    @api.model
    def _grid_tree(self, nodes):
        """The rows in the order of the tree, each below the nearest one seen."""
        kinds = [*OWNER_LETTERS, "company_id"]
        children = {}
        for node, row in nodes.items():
            above = node.rpartition("/")[0]
            while above and above not in nodes:
                above = above.rpartition("/")[0]
            row["parent"] = above or False
            children.setdefault(above, []).append(row)
        rows = []

        def add(above, level):
            found = children.get(above, [])
            found.sort(key=lambda row: (kinds.index(row["kind"]), row["name"].lower()))
            for row in found:
                row["level"] = level
                rows.append(row)
                add(row["node"], level + 1)

        add("", 0)
        return rows

    def _grid_plan(self, is_achieved):
        """What the screen says about the plan.

        :param bool is_achieved: whether it shows credit, also parts of one thing
        """
        states = dict(self._fields["state"]._description_selection(self.env))
        units = dict(self._fields["unit"]._description_selection(self.env))
        is_money = self.unit == "money"
        step = self._unit_step()
        if is_achieved:
            step = decimal(self._grid_credit_step())
        return {
            "id": self.id,
            "name": self.display_name,
            "metric": self.metric_id.display_name,
            "better": self.metric_id.better,
            "state": self.state,
            "state_label": states[self.state],
            "notice": self._grid_notice(),
            "unit": self.currency_id.name if is_money else units[self.unit],
            "step": float(step),
            "digits": max(0, -step.normalize().as_tuple().exponent),
            "over_percent": self.over_percent,
            "period_type": self.period_type,
            "successor_id": self.successor_id.id,
            "may_write": self.has_access("write"),
            "today": fields.Date.to_string(self.company_id._sales_today()),
        }

    def _grid_notice(self):
        """Why nobody changes the amounts, in a sentence; empty if somebody may."""
        if self.state == "locked":
            return self.env._("This plan is agreed: its amounts stay as they are.")
        if self.state == "published":
            return self.env._(
                "This plan was published on %(day)s and people go by it. What changes "
                "is a new version with its reason.",
                day=format_date(self.env, self.date_published),
            )
        if self.state == "replaced":
            return self.env._("This plan was replaced by a newer version.")
        return ""

    def _grid_periods(self, periods):
        """The periods with the quarter of the fiscal year each one belongs to."""
        month = self.company_id._sales_fiscal_month()
        result = []
        # As ``_closed_ones`` says of targets.
        is_director = self.env.user.has_group("sales_process.group_director")
        closes = self.predecessor_id and not is_director
        today = self.company_id._sales_today()
        for place, (first, after) in enumerate(periods):
            quarter = year = False
            if self.period_type in RETAIL:
                # The week its year begins in may lie in the year before.
                year = (periods[place - place % 12][0] + WEEK).year
                quarter = place % 12 // 3 + 1
            elif self.period_type == "month":
                start = start_of(first, "quarter", month)
                begin = start_of(first, "year", month)
                months = (start.year - begin.year) * 12 + start.month - begin.month
                # A fiscal year is called by the year it ends in.
                year = begin.year + (1 if month > 1 else 0)
                quarter = months // MONTHS["quarter"] + 1
            result.append(
                {
                    "from": fields.Date.to_string(first),
                    "to": fields.Date.to_string(after),
                    "year": year,
                    "quarter": quarter,
                    "is_closed": bool(closes and after <= today),
                }
            )
        return result
