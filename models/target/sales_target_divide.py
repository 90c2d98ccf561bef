from odoo import models
from odoo.exceptions import UserError

from ...engine.plan_split import decimal
from ...engine.target_split import over_assign, seasonality, share_columns, share_out

WAYS = [
    ("equal", "Equal Parts"),
    ("last_year", "Share of Last Year"),
    ("potential", "Potential"),
    ("headcount", "Headcount, New People Less"),
    ("custom", "Weights I Type"),
]
SEASONS = [
    ("equal", "Equal"),
    ("history", "As in the Last 3 Years"),
    ("typed", "Weights I Type"),
    ("parent", "Like the One Above"),
]
# Years whose seasons count.
SEASON_YEARS = 3


class SalesTargetPlan(models.Model):
    """How an amount is divided among the owners below, level by level."""

    _inherit = "sales.target.plan"

    def action_divide(self):
        """Divide an amount among the owners, with a preview."""
        self.ensure_one()
        self._check_editable()
        self._check_filled()
        return self._open_wizard("sales.target.divide", self.env._("Divide Targets"))

    def _divide(self, root, way, **options):
        """Work out the targets below an owner; nothing is written.

        Exact for every owner and period: those below add up to the one above, with the
        over-assignment on top.

        :param str root: place of the owner in the tree
        :param str way: see ``WAYS``
        :param options: ``amount`` to spread over the periods of the root first, with
            ``stretch`` percent on top, by ``season`` (see ``SEASONS``) and its
            ``season_weights``; ``weights`` by place for ``custom``; ``ramp`` percents;
            ``all_levels``: whether to go on below
        :return: ``{target: {"amount", "stretch_amount"}}``
        :raise UserError: where there is nothing to divide, or nobody to divide it among
        """
        self.ensure_one()
        tree = self._tree()
        cells = {}
        if options.get("amount") is not None:
            cells |= self._spread(tree, root, **options)
        levels = self._levels(tree, root, options.get("all_levels", True))
        if not levels:
            raise UserError(
                self.env._(
                    "Nobody stands below %s: add owners first.", self._name_of(root)
                )
            )
        weights = self._weights(way, tree, levels, **options)
        for node, below in levels:
            cells |= self._divide_node(tree, node, below, weights, cells)
        return cells

    def _apply_division(self, root, way, **options):
        """Write what ``_divide`` works out, all of it or nothing.

        Nobody types the own target: a typed amount or weight is refused for it, what a
        formula gives is not chosen by anybody.
        """
        self.ensure_one()
        targets = self.env["sales.target"]
        cells = self._divide(root, way, **options)
        closed = targets.concat(*cells)._closed_ones()
        cells = {target: vals for target, vals in cells.items() if target not in closed}
        if options.get("amount") is not None:
            typed = [target.id for target in cells if target.node == root]
            targets.browse(typed)._check_may_set({"amount"})
        return targets._set_amounts(cells, computed=way != "custom")

    def _tree(self):
        """The targets by place and first day: ``{node: {day: target}}``."""
        tree = {}
        for target in self._targets():
            tree.setdefault(target.node, {})[target.date_from] = target
        return tree

    def _levels(self, tree, root, all_levels=True):
        """Who stands right below whom: list of (node, nodes below), from the top."""
        below = {}
        for node in tree:
            below.setdefault(node.rpartition("/")[0], []).append(node)
        result, waiting = [], [root]
        while waiting:
            node = waiting.pop(0)
            if below.get(node):
                result.append((node, sorted(below[node])))
                waiting += sorted(below[node]) if all_levels else []
        return result

    def _name_of(self, node):
        found = self._targets().filtered(lambda target: target.node == node)
        return found[:1].owner_name or node

    # === OVER THE PERIODS === #

    def _spread(self, tree, root, amount, stretch=0.0, season="equal", **options):
        """An amount over the periods of one owner."""
        if amount <= 0 or stretch < 0:
            raise UserError(
                self.env._("Enter an amount above zero, and no stretch below zero.")
            )
        row = list(tree[root].values())
        weights = self._season(tree, root, season, options.get("season_weights"))
        unit = self._unit_step()
        total = decimal(self._rounded(amount))
        extra = over_assign(total, stretch, unit) - total
        try:
            parts = share_out(total, weights, unit)
            more = share_out(extra, weights, unit)
        except ValueError as error:
            raise UserError(
                self.env._(
                    "The weights of the periods are all zero, or below it. Enter at "
                    "least one above zero."
                )
            ) from error
        return {
            target: {
                "amount": float(part),
                "stretch_amount": float(part + over) if stretch else 0.0,
            }
            for target, part, over in zip(row, parts, more, strict=True)
        }

    def _season(self, tree, root, season, typed=None):
        """Weights of the periods of an owner."""
        row = tree[root]
        if season == "typed":
            return [(typed or {}).get(day, 0.0) for day in row]
        if season == "parent":
            above = tree.get(root.rpartition("/")[0], {})
            amounts = [above[day].amount if day in above else 0.0 for day in row]
            if not any(amounts):
                raise UserError(
                    self.env._(
                        "Nothing above %s has an amount to take the season from. "
                        "Choose another way.",
                        self._name_of(root),
                    )
                )
            return amounts
        if season == "history":
            return self._season_by_history(tree, root)
        return [1.0] * len(row)

    def _season_by_history(self, tree, root):
        """By what the same periods of past years brought; equal without any."""
        row = tree[root]
        ranges = [
            self._years_back((target.date_from, target.date_to), back)
            for back in range(1, SEASON_YEARS + 1)
            for target in row.values()
        ]
        sums = self._history({root: next(iter(row.values()))}, ranges)[root]
        size = len(row)
        years = [sums[start : start + size] for start in range(0, len(sums), size)]
        return seasonality(years) or [1.0] * size

    # === AMONG THE OWNERS === #

    def _divide_node(self, tree, node, below, weights, cells):
        """The targets right below one owner.

        :param dict cells: what was worked out so far, see ``_divide``
        """
        row = tree[node]
        unit = self._unit_step()
        places = {first: n for n, (first, _after) in enumerate(self._periods())}
        amounts, extras = [], []
        for target in row.values():
            new = cells.get(target, {})
            amount = decimal(new.get("amount", target.amount))
            stretch = decimal(new.get("stretch_amount", target.stretch_amount) or 0)
            over = over_assign(amount, self.over_percent, unit)
            amounts.append(over)
            # A stretch is what comes on top, so nobody's lies below the target.
            top = over_assign(max(stretch, amount), self.over_percent, unit)
            extras.append(top - over)
        if not any(amounts):
            raise UserError(
                self.env._("%s has no amount to divide yet.", self._name_of(node))
            )
        table = [
            [
                self._cell_weight(tree[child].get(day), weights[child], places[day])
                for day in row
            ]
            for child in below
        ]
        try:
            parts = share_columns(amounts, table, unit)
            more = share_columns(extras, table, unit)
        except ValueError as error:
            raise UserError(
                self.env._(
                    "The weights below %s are all zero, or below it. Choose another "
                    "way to divide, or enter weights.",
                    self._name_of(node),
                )
            ) from error
        has_stretch = any(extras) or any(
            cells.get(target, target)["stretch_amount"] for target in row.values()
        )
        return {
            tree[child][day]: {
                "amount": float(parts[i][place]),
                "stretch_amount": float(parts[i][place] + more[i][place])
                if has_stretch
                else 0.0,
            }
            for i, child in enumerate(below)
            for place, day in enumerate(row)
            if day in tree[child]
        }

    @staticmethod
    def _cell_weight(target, weight, place):
        """Of an owner in a period; somebody there for a part of it counts as that."""
        if not target:
            return 0.0
        weight = weight[place] if isinstance(weight, list) else weight
        return weight * target.share / 100
