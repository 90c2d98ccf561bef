from collections import defaultdict
from operator import add

from odoo import api, models
from odoo.tools import SQL

from ...engine.outcome_range import Rest, outcome_range
from .forecast_sql import IS_OPEN, of_company
from .sales_forecast_grid_deals import number_sql, whose_sql

# Of each person and period the deals that decide are looked at one by one, those that
# hardly matter by their sums.
ONE_BY_ONE = 50
# How finely sums are told apart; enough for a percentage.
CELLS = 2048


class SalesForecastGrid(models.AbstractModel):
    """How likely it is to reach the quota with the deals there are."""

    _inherit = "sales.forecast.grid"

    @api.readonly
    @api.model
    def get_chances(self, options=None, nodes=None):
        """The chance to reach the quota, and the range of what may come.

        What is closed is certain, each deal of the period comes as a whole or not at
        all, by its forecast probability. Worked out when asked for, since it takes
        longer than the grid.

        :param dict options: those of the grid
        :param list nodes: of the rows that are asked for; all by default
        :return: ``{node: [{"chance", "p10", "p50", "p90"} or None]}`` by period, with
            the chance in percent; None without a quota
        """
        frame = self._frame(options)
        tree = self._places(frame)
        quotas = self._read_quotas(frame, tree)
        self._fill_quotas(frame, tree, quotas)
        self._fill_closed(frame, tree, quotas)
        asked = {
            row.node: row
            for row in tree.walk()
            if nodes is None or row.node in nodes
            if any(cell["quota"] is not None for cell in row.cells)
        }
        deals = self._read_outcomes(frame, tree, asked)
        currency, nothing = frame.company.currency_id, ([], Rest())
        result = {}
        for node, row in asked.items():
            result[node] = [
                self._chance(currency, cell, *deals.get((node, number), nothing))
                for number, cell in enumerate(row.cells)
            ]
        return result

    @api.model
    def _chance(self, currency, cell, named, rest):
        """What may come of a cell: dict, or None without a quota."""
        if cell["quota"] is None:
            return None
        found = outcome_range(
            named,
            base=cell["closed"] or 0.0,
            quota=cell["quota"],
            cells=CELLS,
            digits=currency.decimal_places,
            rest=rest,
        )
        return {
            "chance": round(100 * found.chance, 1),
            **{
                name: currency.round(getattr(found, name))
                for name in ("p10", "p50", "p90")
            },
        }

    @api.model
    def _read_outcomes(self, frame, tree, asked):
        """``{(node, number of the period): ([(amount, chance)], Rest)}``."""
        named, sums = defaultdict(list), defaultdict(lambda: [0, 0.0, 0.0, 0.0, 0.0])
        if not asked:
            return {}
        self.env["crm.lead"].flush_model()
        for team_id, user_id, number, values, chances, *rest in self._read_fast(
            self._outcomes_statement(frame, tree)
        ):
            large = list(zip(values or (), chances or (), strict=True))
            for row in tree.rows_of(team_id, user_id):
                while row:
                    if row.node in asked:
                        key = row.node, number - 1
                        named[key] += large
                        sums[key] = list(map(add, sums[key], rest))
                    row = row.above
        return {key: (named[key], Rest(*rest)) for key, rest in sums.items()}

    @api.model
    def _outcomes_statement(self, frame, tree):
        """Rows (team, person, number, amounts and chances of the large deals, five
        sums of the others, see ``engine.outcome_range.Rest``)."""
        return SQL(
            """
            WITH deal AS (
                SELECT l.team_id, l.user_id, %(number)s AS number,
                       l.sales_forecast_value::float8 AS value,
                       (l.sales_forecast_probability / 100)::float8 AS chance
                  FROM crm_lead l
                 WHERE %(is_open)s AND %(of_company)s AND %(whose)s
                   AND l.sales_forecast_category <> 'omitted'
                   AND l.sales_forecast_value <> 0
                   AND l.date_deadline >= %(first)s AND l.date_deadline < %(after)s
            ), ranked AS (
                SELECT *, value * value * chance * (1 - chance) AS part,
                       ROW_NUMBER() OVER (
                           PARTITION BY team_id, user_id, number
                           ORDER BY value * value * chance * (1 - chance) DESC
                       ) <= %(one_by_one)s AS is_named
                  FROM deal)
            SELECT team_id, user_id, number,
                   ARRAY_AGG(value) FILTER (WHERE is_named),
                   ARRAY_AGG(chance) FILTER (WHERE is_named),
                   COUNT(*) FILTER (WHERE NOT is_named),
                   COALESCE(SUM(value * chance) FILTER (WHERE NOT is_named), 0),
                   COALESCE(SUM(part) FILTER (WHERE NOT is_named), 0),
                   COALESCE(SUM(value * part * (1 - 2 * chance))
                            FILTER (WHERE NOT is_named), 0),
                   COALESCE(SUM(ABS(value) * part
                                * (1 - 2 * chance + 2 * chance * chance))
                            FILTER (WHERE NOT is_named), 0)
              FROM ranked GROUP BY 1, 2, 3
            """,
            number=number_sql(SQL("l.date_deadline"), frame.bounds),
            is_open=IS_OPEN,
            of_company=of_company("l", frame.company.id),
            whose=whose_sql(tree, "l"),
            one_by_one=ONE_BY_ONE,
            first=frame.today,
            after=frame.periods[-1][1],
        )
