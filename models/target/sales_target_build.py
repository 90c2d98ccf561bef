from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.exceptions import UserError

from ...engine.plan_split import decimal
from ...engine.target_split import (
    over_assign,
    ramp_weight,
    seasonality,
    share_out,
    share_table,
)

# Percent of a full person in the first, second and third 30 days.
RAMP = (25, 50, 75)
# Years whose seasons count.
SEASON_YEARS = 3


class SalesTargetPlan(models.Model):
    """Who has targets, and how an amount is divided among them."""

    _inherit = "sales.target.plan"

    # === OWNERS === #

    def action_add_owners(self):
        """Give the company, its teams and their members targets to be filled in.

        Whoever has some already keeps them; the number of queries does not depend on
        how many there are.
        """
        for plan in self:
            plan._check_editable()
            plan._add_owners()

    def _add_owners(self):
        """One target per owner and period: company, tree of teams, members."""
        self.ensure_one()
        company = self._add_missing([{}], {})[()]
        nodes = {False: company}
        for level in self._team_levels():
            owners = [
                {"team_id": team.id, "parent": nodes[parent]} for team, parent in level
            ]
            made = self._add_missing(owners, nodes)
            for (team, _parent), owner in zip(level, owners, strict=True):
                nodes[team] = made[self._key(owner)]
        self._add_missing(
            [
                {"user_id": user.id, "parent": nodes[team]}
                for team in filter(None, nodes)
                for user in team.member_ids
            ],
            nodes,
        )

    def _team_levels(self):
        """The tree of teams, from the top: lists of (team, parent or False)."""
        teams = self.env["crm.team"].search(
            [("company_id", "in", (self.company_id.id, False))]
        )
        level = [(team, False) for team in teams if team.sales_parent_id not in teams]
        while level:
            yield level
            above = {team for team, _parent in level}
            level = [
                (team, team.sales_parent_id)
                for team in teams
                if team.sales_parent_id in above
            ]

    @staticmethod
    def _key(owner):
        return tuple(
            sorted(
                (name, value.ids if name == "parent" else value)
                for name, value in owner.items()
            )
        )

    def _add_missing(self, owners, nodes):
        """Create the targets of owners that have none.

        :param list owners: values, with ``parent``: the targets above, one per period
        :return: ``{key of the owner: its targets}``, in the order of the periods
        """
        periods = self._periods()
        known = {}
        for target in self.target_ids:
            key = (
                target.parent_id.id,
                target.team_id.id,
                target.user_id.id,
                target.date_from,
            )
            known[key] = target
        vals_list, places = [], []
        result = {}
        for owner in owners:
            parents = owner.get("parent") or [self.env["sales.target"]] * len(periods)
            row = []
            for (first, after), parent in zip(periods, parents, strict=True):
                key = (
                    parent.id,
                    owner.get("team_id", False),
                    owner.get("user_id", False),
                    first,
                )
                if key in known:
                    row.append(known[key])
                    continue
                places.append((row, len(row)))
                row.append(None)
                vals_list.append(
                    {
                        "plan_id": self.id,
                        "parent_id": parent.id,
                        "team_id": owner.get("team_id"),
                        "user_id": owner.get("user_id"),
                        "date_from": first,
                        "date_to": after,
                    }
                )
            result[self._key(owner) if owner else ()] = row
        for (row, place), target in zip(
            places, self.env["sales.target"].create(vals_list), strict=True
        ):
            row[place] = target
        return {
            key: self.env["sales.target"].concat(*row) for key, row in result.items()
        }

    # === DIVIDING === #

    def _spread(self, targets, amount, weights):
        """Divide an amount over the periods of one owner.

        :param targets: of the owner, one per period
        :param amount: for all of them together
        :param list weights: one per period
        """
        unit = self._unit_step()
        parts = share_out(decimal(self._rounded(amount)), weights, unit)
        for target, part in zip(targets.sorted("date_from"), parts, strict=True):
            target.amount = float(part)

    def _split_below(self, parents, weights_of):
        """Divide the targets of one owner among those right below.

        Exact for every owner and every period: rows and columns of the table add up.

        :param parents: the targets of the owner, one per period
        :param weights_of: function of an owner record, giving its weight
        """
        children = parents.child_ids
        if not children:
            raise UserError(
                self.env._("Nobody stands below %s.", parents[:1].owner_name)
            )
        rows = {}
        for target in children:
            rows.setdefault(target._owner(), self.env["sales.target"])
            rows[target._owner()] |= target
        unit = self._unit_step()
        columns = [
            over_assign(decimal(parent.amount), self.over_percent, unit)
            for parent in parents.sorted("date_from")
        ]
        weights = [weights_of(owner) for owner in rows]
        if not sum(weights):
            raise UserError(
                self.env._("All weights are zero. Choose another way to divide.")
            )
        if not sum(columns):
            raise UserError(
                self.env._("%s has no amount to divide yet.", parents[:1].owner_name)
            )
        table = share_table(sum(columns), weights, columns, unit)
        for targets, amounts in zip(rows.values(), table, strict=True):
            for target, amount in zip(
                targets.sorted("date_from"), amounts, strict=True
            ):
                target.amount = float(amount)

    # === WEIGHTS === #

    def _weights_equal(self, owners):
        return dict.fromkeys(owners, 1.0)

    def _weights_last_year(self, owners):
        """What each brought in the same days a year before."""
        year = relativedelta(years=1)
        period = (self.date_from - year, self.date_to - year)
        result = {}
        for owner in owners:
            values = self.metric_id._values(
                owner, [period], self.metric_id, self.company_id
            )
            result[owner] = max(sum(values.values()), 0.0)
        return result

    def _weights_headcount(self, owners):
        """People, somebody new as far as productive; a team is its people."""
        return {owner: self._headcount(owner) for owner in owners}

    def _headcount(self, owner):
        if owner._name == "res.users":
            joined = owner.create_date and owner.create_date.date()
            return ramp_weight(self.date_from, self.date_to, joined=joined, ramp=RAMP)
        teams = owner.search([("id", "child_of", owner.ids)])
        return sum(self._headcount(user) for user in teams.member_ids)

    def _season_weights(self):
        """Weights of the periods by own history; equal where there is none."""
        periods = self._periods()
        years = []
        for back in range(1, SEASON_YEARS + 1):
            shift = relativedelta(years=back)
            shifted = [(first - shift, after - shift) for first, after in periods]
            values = self.metric_id._values(
                self.company_id, shifted, self.metric_id, self.company_id
            )
            years.append(
                [
                    values.get((self.metric_id.id, self.company_id.id, *period), 0.0)
                    for period in shifted
                ]
            )
        return seasonality(years) or [1.0] * len(periods)
