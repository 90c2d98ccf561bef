from odoo import api, models
from odoo.models import parse_read_group_spec
from odoo.tools import SQL

from ...engine.pace import percent

# What can be summed up over targets, by field: the figure it is.
SUMS = {
    "achieved": "achieved",
    "gap": "gap",
    "expected_to_date": "expected",
    "pipeline": "pipeline",
    "weighted_pipeline": "weighted",
    "projected": "projected",
}
# Percents of several targets: a sum in percent of another one.
PERCENTS = {"attainment": ("achieved", "target"), "pace": ("achieved", "expected")}


class SalesTarget(models.Model):
    """Figures of the ledger as measures of pivots and grouped lists.

    The database has targets only, so a group asks it which ones they are and adds up
    their figures: in as many queries as for a single target.
    """

    _inherit = "sales.target"

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        name, __, function = parse_read_group_spec(aggregate_spec)
        if (function == "sum" and name in SUMS) or (
            function == "avg" and name in PERCENTS
        ):
            return SQL(
                "ARRAY_AGG(%s)", self._field_to_sql(self._table, "id", query)
            )
        return super()._read_group_select(aggregate_spec, query)

    @api.model
    def _read_group_postprocess_aggregate(self, aggregate_spec, raw_values):
        name, __, function = parse_read_group_spec(aggregate_spec)
        if function == "sum" and name in SUMS:
            figure = SUMS[name]
            return [
                sum(figures[figure] or 0.0 for figures in some)
                for some in self._figures_of_groups(raw_values)
            ]
        if function == "avg" and name in PERCENTS:
            part, whole = PERCENTS[name]
            return [
                percent(
                    sum(figures[part] for figures in some),
                    sum(figures[whole] for figures in some),
                )
                or 0.0
                for some in self._figures_of_groups(raw_values)
            ]
        return super()._read_group_postprocess_aggregate(aggregate_spec, raw_values)

    @api.model
    def _figures_of_groups(self, groups):
        """Figures of the targets of groups.

        :param groups: iterable of lists of ids; None for an empty group
        :return: list of lists of dicts
        """
        groups = [ids or () for ids in groups]
        targets = self.browse({id_ for ids in groups for id_ in ids})
        lines = targets._lines()
        self.env["sales.target.plan"]._fill(lines)
        figures = {
            target.id: line.figures for target, line in zip(targets, lines, strict=True)
        }
        return [[figures[id_] for id_ in ids] for ids in groups]
