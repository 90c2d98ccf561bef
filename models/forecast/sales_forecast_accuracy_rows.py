from dataclasses import asdict

from odoo import api, models
from odoo.fields import Domain

from ...engine.forecast_accuracy import corrected
from ...engine.proportions import wilson
from ..process.sales_process_stage import FORECAST_CATEGORIES
from .accuracy_figures import CALLED, Figures
from .accuracy_scope import CATEGORIES, PRESENT, sees_all
from .accuracy_sql import METHODS, START


class SalesForecastAccuracy(models.AbstractModel):
    """The same figures by team, person and category."""

    _inherit = "sales.forecast.accuracy"

    @api.model
    def _rows(self, scope, past, known, called):
        """Rows of the tables, by what they are about.

        :param known: see ``Figures``
        :param dict called: see :meth:`_called`
        :return: ``{"team" | "user" | "category": [dict]}``
        """
        teams = self._teams(scope)
        found = {}

        def figures(key):
            if key not in found:
                only_open = key[0] == "category" or scope.category is not None
                found[key] = Figures(scope, known, only_open=only_open)
            return found[key]

        for period, weeks, user_id, team_id, category, *sums in self.env.execute_query(
            past.owners()
        ):
            keys = [("user", user_id), *(("team", id_) for id_ in teams.above(team_id))]
            if category:
                keys.append(("category", category))
            for key in keys:
                figures(key).add(period, weeks, *sums)
        for key in found.keys() & called.keys():
            found[key].called = called[key]
        return {
            "team": [
                self._row(scope, figures(("team", id_)), id_, name, level)
                for id_, name, level in teams.listed
                if ("team", id_) in found
            ],
            "user": self._user_rows(scope, found),
            "category": self._category_rows(scope, found),
        }

    @api.model
    def _user_rows(self, scope, found):
        ids = [id_ for kind, id_ in found if kind == "user"]
        users = self.env["res.users"].sudo()  # names of people whose deals one sees
        names = {user.id: user.name for user in users.browse(filter(None, ids))}
        rows = [
            self._row(
                scope,
                found["user", id_],
                id_ or False,
                names.get(id_) or self.env._("Nobody"),
            )
            for id_ in ids
        ]
        return sorted(rows, key=lambda row: (not row["id"], row["name"].lower()))

    @api.model
    def _category_rows(self, scope, found):
        labels = dict(FORECAST_CATEGORIES)
        rows = []
        for key in CATEGORIES:
            figures = found.get(("category", key))
            if figures:
                row = self._row(scope, figures, key, labels[key])
                low, high = wilson(row["kept_number"], row["number"])
                rows.append({**row, "low": low, "high": high})
        return rows

    @api.model
    def _row(self, scope, figures, id_, name, level=0):
        methods = [*METHODS, *([CALLED] if figures.called else [])]
        return {
            "id": id_,
            "name": name,
            "level": level,
            **figures.totals(scope.weeks),
            "errors": {
                method: asdict(figures.errors(method, scope.weeks))
                for method in methods
            },
            **self._called_now(scope, figures),
        }

    @api.model
    def _called_now(self, scope, figures):
        """What is called for the present period, and what it comes to if it is off as
        calls were before, as far from the end."""
        called = figures.called.get((PRESENT, START))
        weeks = scope.weeks_left
        pairs = [
            (figures.called.get((period, weeks)), figures.actual(period, weeks))
            for period in range(len(scope.periods))
        ]
        return {
            "called_now": called,
            "corrected": corrected(called, pairs),
            "called_periods": sum(said is not None for said, _came in pairs),
        }

    # === TEAMS === #

    @api.model
    def _teams(self, scope):
        """The teams whose figures one may see, in their tree."""
        domain = Domain("company_id", "in", [False, scope.company.id])
        if not sees_all(self.env):
            domain &= Domain("sales_manager_ids", "in", [self.env.uid])
        kind, id_ = scope.owner or (None, None)
        if kind == "team":
            domain &= Domain("id", "child_of", [id_])
        elif kind == "user":
            domain = Domain.FALSE
        teams = self.env["crm.team"].sudo()  # names of teams whose deals one sees
        teams = teams.with_context(active_test=False)
        rows = teams.search_fetch(domain, ["name", "sales_parent_id"])
        return Teams([(t.id, t.sales_parent_id.id, t.name) for t in rows])


class Teams:
    """Some teams in their tree.

    :param rows: ``(id, id of the parent or False, name)``
    :ivar listed: ``(id, name, level)``, each team right above those below it
    """

    def __init__(self, rows):
        self.parents = {id_: parent for id_, parent, _name in rows}
        names = {id_: name for id_, _parent, name in rows}
        paths = {
            id_: [(names[above] or "").lower() for above in self.above(id_)][::-1]
            for id_ in names
        }
        self.listed = [
            (id_, names[id_], len(paths[id_]) - 1)
            for id_ in sorted(names, key=lambda id_: (paths[id_], id_))
        ]

    def above(self, id_):
        """A team with those above it, as far as they are known; nearest first."""
        found = []
        while id_ in self.parents and id_ not in found:
            found.append(id_)
            id_ = self.parents[id_]
        return found
