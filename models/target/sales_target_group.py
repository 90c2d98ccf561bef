from odoo import api, models
from odoo.models import parse_read_group_spec
from odoo.tools import SQL

from ...engine.pace import percent

# What can be summed up over targets, by field: the figure it is.
SUMS = {
    "target_amount": "target",
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
    their figures: in as many queries as for a single target. Who stands in a team that
    is in the group, too, is not counted twice, and what is not the same thing – money
    and visits, two metrics, two currencies – has no sum.
    """

    _inherit = "sales.target"

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        name, __, function = parse_read_group_spec(aggregate_spec)
        if (function == "sum" and name in SUMS) or (
            function == "avg" and name in PERCENTS
        ):
            return SQL("ARRAY_AGG(%s)", self._field_to_sql(self._table, "id", query))
        return super()._read_group_select(aggregate_spec, query)

    @api.model
    def _read_group_postprocess_aggregate(self, aggregate_spec, raw_values):
        name, __, function = parse_read_group_spec(aggregate_spec)
        if function == "sum" and name in SUMS:
            return self._add_up(raw_values, lambda total: total(SUMS[name]))
        if function == "avg" and name in PERCENTS:
            part, whole = PERCENTS[name]
            return self._add_up(
                raw_values, lambda total: percent(total(part), total(whole)) or 0.0
            )
        return super()._read_group_postprocess_aggregate(aggregate_spec, raw_values)

    @api.model
    def _add_up(self, groups, judge):
        """The value of each group; False where its targets have no sum.

        :param groups: iterable of lists of ids; None for an empty group
        :param judge: function of a function that sums up a figure
        """
        groups = [self.browse(ids or ()).sudo() for ids in groups]  # of who is seen
        targets = self.union(*groups)
        lines = targets._lines()
        self.env["sales.target.plan"]._fill(lines)
        figures = {
            target.id: line.figures for target, line in zip(targets, lines, strict=True)
        }

        def value(group):
            if len({(t.metric_id.id, t.amount_currency_id.id) for t in group}) > 1:
                return False
            counted = [figures[target.id] for target in group._outermost()]
            return judge(lambda name: sum(row[name] or 0.0 for row in counted))

        return [value(group) for group in groups]

    def _outermost(self):
        """Those that are no part of another one of these."""
        places = {(target.plan_id.id, target.date_from, target.node) for target in self}

        def is_part(target):
            above = target.node
            while above := above.rpartition("/")[0]:
                if (target.plan_id.id, target.date_from, above) in places:
                    return True
            return False

        return self.filtered(lambda target: not is_part(target))
