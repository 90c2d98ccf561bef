from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .accuracy_scope import PRESENT
from .accuracy_sql import START

# What somebody stands for; the other categories say what might come on top.
CATEGORY = "commit"
# Adjusted numbers count before called ones.
MODELS = ("sales.forecast.adjustment", "sales.forecast.call")


class SalesForecastAccuracy(models.AbstractModel):
    """What people had called at moments of the past.

    Of an owner counts what was adjusted, else called, else what those right below come
    to in turn, in the tree as it is now.
    """

    _inherit = "sales.forecast.accuracy"

    @api.model
    def _called(self, scope, moments):
        """What was called at each moment, by whom it was called for.

        :return: ``{(kind, id): {(period, weeks): amount}}``; the present period has the
            number ``PRESENT``
        """
        moments = [*moments, self._this_moment(scope)]
        numbers = defaultdict(dict)
        for user_id, team_id, period, weeks, amount in self.env.execute_query(
            self._called_query(scope, moments)
        ):
            owner = ("company", scope.company.id)
            if user_id or team_id:
                owner = ("user", user_id) if user_id else ("team", team_id)
            numbers[period, weeks].setdefault(owner, amount)
        if not numbers:
            return {}
        tree = self.env["sales.forecast.call"]._owner_tree(scope.company)
        called = defaultdict(dict)
        for place, given in numbers.items():
            for owner, amount in _with_sums(tree, given).items():
                called[owner][place] = amount
        return dict(called)

    @api.model
    def _this_moment(self, scope):
        first, after = scope.present
        return {
            "period": PRESENT,
            "weeks": START,
            "at": fields.Datetime.now() + timedelta(seconds=1),
            "first": first,
            "after": after,
        }

    @api.model
    def _called_query(self, scope, moments):
        """Numbers that held at the moments, adjusted ones first."""
        names = ("period", "weeks", "at", "first", "after")
        domain = (
            Domain("company_id", "=", scope.company.id)
            & Domain("currency_id", "=", scope.company.currency_id.id)
            & Domain("category", "=", CATEGORY)
            & Domain("date_from", ">=", min(row["first"] for row in moments))
        )
        parts = []
        for place, name in enumerate(MODELS):
            model = self.env[name]
            model.flush_model()
            query = model._search(domain)
            columns = (
                SQL.identifier(model._table, column)
                for column in (
                    "user_id",
                    "team_id",
                    "date_from",
                    "date_to",
                    "date",
                    "date_end",
                    "amount",
                )
            )
            parts.append(query.select(SQL("%s AS place", place), *columns))
        return SQL(
            """
            SELECT n.user_id, n.team_id, m.period, m.weeks, n.amount::float8
              FROM unnest(%s::int[], %s::int[], %s::timestamp[], %s::date[],
                          %s::date[]) AS m (period, weeks, at, first, after)
              JOIN (%s) n ON n.date_from = m.first AND n.date_to = m.after
               AND n.date < m.at AND (n.date_end IS NULL OR n.date_end >= m.at)
             ORDER BY n.place
            """,
            *([row[name] for row in moments] for name in names),
            SQL(" UNION ALL ").join(parts),
        )


def _with_sums(tree, given):
    """Numbers of owners, and of those without one what adds up below them.

    :param OwnerTree tree: see ``engine/owner_tree.py``
    :param dict given: ``{(kind, id): amount}``
    """
    found = dict(given)

    def number(owner):
        if owner not in found:
            amounts = [number(child) for child in tree.below(owner)]
            amounts = [amount for amount in amounts if amount is not None]
            found[owner] = sum(amounts) if amounts else None
        return found[owner]

    for owner in tree.inside([("company", tree.company)]):
        number(owner)
    return {owner: amount for owner, amount in found.items() if amount is not None}
