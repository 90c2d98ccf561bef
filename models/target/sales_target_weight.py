from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...engine.target_split import ramp_weight
from .sales_target import OWNER_LETTERS, TREES
from .sales_target_figures import Line

# Percent of a full person in the first, second and third 30 days.
RAMP = (25, 50, 75)
# What deals and customers are of, by the letter of the owner.
HOLDERS = {"u": "user_id", "t": "team_id", "r": "sales_territory_id"}
OPEN = (
    Domain("type", "=", "opportunity")
    & Domain("probability", ">", 0)
    & Domain("stage_id.is_won", "=", False)
)
CUSTOMERS = Domain("parent_id", "=", False)
BY_WEEKS = ("week", "4-4-5", "4-5-4", "5-4-4")


class SalesTargetPlan(models.Model):
    """What owners weigh when an amount is divided among them."""

    _inherit = "sales.target.plan"

    def _weights(self, way, tree, levels, weights=None, ramp=RAMP, **_options):
        """Weights by place: one number, or a list with one per period.

        :param levels: see ``_levels``
        :raise UserError: for typed weights below zero
        """
        nodes = {
            node: next(iter(tree[node].values()))
            for _above, below in levels
            for node in below
        }
        if way == "custom":
            typed = {node: (weights or {}).get(node, 0.0) for node in nodes}
            for node, weight in typed.items():
                if weight < 0:
                    raise UserError(
                        self.env._(
                            "The weight of %s is below zero. Enter zero or more.",
                            self._name_of(node),
                        )
                    )
            return typed
        if way == "last_year":
            last = [self._years_back((self.date_from, self.date_to), 1)]
            return {
                node: max(sums[0], 0.0)
                for node, sums in self._history(nodes, last).items()
            }
        if way == "potential":
            return self._weights_potential(nodes, levels)
        if way == "headcount":
            return self._weights_headcount(tree, nodes, ramp)
        return dict.fromkeys(nodes, 1.0)

    def _years_back(self, period, years):
        """The same days so many years before; whole weeks where a plan is by weeks."""
        if self.period_type in BY_WEEKS:
            shift = relativedelta(weeks=52 * years)
        else:
            shift = relativedelta(years=years)
        return tuple(day - shift for day in period)

    # === HISTORY === #

    def _history(self, nodes, ranges):
        """What owners were credited with, counted as what they achieve is counted.

        :param dict nodes: ``{node: one of its targets}``
        :param list ranges: of days, half-open
        :return: ``{node: [sum of each range]}``
        """
        lines = {
            node: Line(target.sudo(), [])  # of whoever may divide the plan
            for node, target in nodes.items()
        }
        targets = self.env["sales.target"]
        targets._fill_scopes(lines.values())
        sums = targets._sums_of(lines.values(), ranges)
        return {
            node: [sums.get((line, *days), 0.0) for days in ranges]
            for node, line in lines.items()
        }

    def _owner_id(self, node):
        return int(node.rpartition("/")[2][1:] or self.company_id.id)

    # === POTENTIAL === #

    def _weights_potential(self, nodes, levels):
        """Open pipeline × probability; where no deal is open, numbers of customers.

        Decided for each group of owners that stand side by side: deals and customers
        cannot be compared.
        """
        deals = self._sum_by_place(nodes, "crm.lead", OPEN, "prorated_revenue:sum")
        customers = self._sum_by_place(nodes, "res.partner", CUSTOMERS, "__count")
        result = {}
        for _above, below in levels:
            kept = deals if any(deals[node] for node in below) else customers
            result |= {node: kept[node] for node in below}
        return result

    def _sum_by_place(self, nodes, model, domain, measure):
        """What the deals or customers of owners add up to: ``{node: sum}``."""
        records = self.env[model].sudo()  # sums become weights, and name nothing
        domain &= Domain("company_id", "in", (self.company_id.id, False))
        trees = {
            letter: self.env["sales.target"]._read_tree(name)
            for name, letter in OWNER_LETTERS.items()
            if name in TREES and letter in HOLDERS
        }
        sums = {}
        for kind, name in HOLDERS.items():
            if name not in records:
                continue
            for owner, amount in records._read_group(domain, [name], [measure]):
                sums[kind, owner.id] = max(amount or 0.0, 0.0)
        if "team_id" not in records:
            # Customers are those of the people in the team.
            asked = [
                self._owner_id(node)
                for node in nodes
                if node.rpartition("/")[2].startswith("t")
            ]
            for team in records.env["crm.team"].browse(trees["t"].of(asked)):
                people = team.crm_team_member_ids.user_id
                sums["t", team.id] = sum(
                    sums.get(("u", id_), 0.0) for id_ in people.ids
                )
        result = {}
        for node in nodes:
            kind, owner = node.rpartition("/")[2][0], self._owner_id(node)
            holders = trees[kind].of([owner]) if kind in trees else {owner}
            result[node] = sum(sums.get((kind, holder), 0.0) for holder in holders)
        return result

    # === HEADCOUNT === #

    def _weights_headcount(self, tree, nodes, ramp):
        """People, somebody new as far as productive, for each period; a team weighs
        as much as the people that have targets in it, else as its members."""
        every = {node: next(iter(row.values())) for node, row in tree.items()}
        people = {
            node: target.user_id or target.team_id.crm_team_member_ids.user_id
            for node, target in every.items()
        }
        joined = self._joined_days(people.values())
        below = defaultdict(list)
        for node in tree:
            below[node.rpartition("/")[0]].append(node)
        periods = self._periods()
        one = [1.0] * len(periods)  # a dealer, or a team of nobody yet
        result = {}
        for node in sorted(tree, key=lambda node: -node.count("/")):
            parts = [
                [
                    self._cell_weight(tree[child].get(day), result[child], place)
                    for place, day in enumerate(first for first, _ in periods)
                ]
                for child in below[node]
            ] or [
                [
                    ramp_weight(*period, joined=joined[user], ramp=ramp)
                    for period in periods
                ]
                for user in people[node]
            ]
            result[node] = [sum(column) for column in zip(*parts, strict=True)] or one
        return {node: result[node] for node in nodes}

    def _joined_days(self, users):
        """Since when people sell: the day of the first team they were in, else of their
        user. Changing the team makes nobody new."""
        users = self.env["res.users"].union(*users)
        members = self.env["crm.team.member"].sudo()  # since when is no secret
        members = members.with_context(active_test=False)
        first = dict(
            members._read_group(
                [("user_id", "in", users.ids)], ["user_id"], ["create_date:min"]
            )
        )
        company = self.company_id
        users = users.sudo()  # since when somebody is a user is no secret
        return {
            user: company._sales_day(first.get(user) or user.create_date)
            for user in users
        }
