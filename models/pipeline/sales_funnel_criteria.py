from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...engine.proportions import MIN_CASES, newcombe
from .sales_funnel_query import proof_rows
from .sales_funnel_scope import resolve
from .sales_funnel_tally import percent

# Half the width (points) an interval around "no difference" may have to call a
# criterion useless; a wider one only says that nothing is known yet.
CLEAR_POINTS = 15
PROVEN = [("state", "=", "verified"), ("source", "!=", "skip")]
WAIVED = [("state", "=", "waived")]


class SalesFunnelReport(models.Model):
    """Which exit criteria tell won deals from lost ones."""

    _inherit = "sales.funnel.report"

    @api.model
    @api.readonly
    def get_criterion_lift(self, options=None):
        """Win rate with and without proof, per criterion.

        Compared are closed deals that went beyond the stage of the criterion. Deals
        lost in the stage itself never had to prove it; counted as "without", they
        would make every criterion look useful. Neither had deals that entered the
        process further on, such as imported ones.

        Percentages are 0–100 and None below five cases. ``difference`` is with minus
        without, in points, ``interval`` its Newcombe interval at 95 %.

        :param dict options: see :func:`.sales_funnel_scope.resolve`
        """
        scope = resolve(self.env, options).but(group_by=None)
        stages = [stage["stage_id"] for stage in self._stages(scope)]
        rows = self.env.execute_query_dict(proof_rows(self.env, scope))
        closed = self._closed_beyond(rows, stages)
        lines = []
        for criterion in self._criteria(scope):
            stage_id = criterion.process_stage_id.stage_id.id
            if stage_id in stages:
                cells = self._cells(rows, criterion.key, stages, stage_id)
                lines.append(self._lift(criterion, cells, closed[stage_id]))
        return {"criteria": lines, "min_cases": MIN_CASES}

    @api.model
    def _criteria(self, scope):
        """One criterion per key: that of the newest version."""
        criteria = scope.versions.criterion_ids.sorted(
            lambda c: (c.process_id != scope.process, -c.process_id.version)
        )
        newest = {}
        for criterion in criteria:
            newest.setdefault(criterion.key, criterion)
        return criteria.browse(c.id for c in newest.values()).sorted()

    @api.model
    def _closed_beyond(self, rows, stages):
        """``{stage: {status: closed deals that went beyond it}}``"""
        closed = {stage: defaultdict(int) for stage in stages}
        for row in rows:
            if row["key"] is None:
                for index, stage in enumerate(stages):
                    if went_beyond(row, stages, index):
                        closed[stage][row["status"]] += row["number"]
        return closed

    @api.model
    def _cells(self, rows, key, stages, stage_id):
        cells, index = defaultdict(int), stages.index(stage_id)
        for row in rows:
            if row["key"] == key and went_beyond(row, stages, index):
                kind = "proven" if row["proven"] else "waived"
                cells[kind, row["status"]] += row["number"]
        return cells

    @api.model
    def _lift(self, criterion, cells, closed):
        won, lost = cells["proven", "won"], cells["proven", "lost"]
        with_n = won + lost
        without_won = closed["won"] - won
        without_n = closed["won"] + closed["lost"] - with_n
        waived_n = cells["waived", "won"] + cells["waived", "lost"]
        low, high = newcombe(won, with_n, without_won, without_n)
        enough = min(with_n, without_n) >= MIN_CASES
        line = {
            "key": criterion.key,
            "name": criterion.name,
            "stage": criterion.process_stage_id.name,
            "severity": criterion.severity,
            "with_n": with_n,
            "with_won": won,
            "with_rate": percent(won, with_n),
            "without_n": without_n,
            "without_won": without_won,
            "without_rate": percent(without_won, without_n),
            "waived_n": waived_n,
            "waived_won": cells["waived", "won"],
            "waived_rate": percent(cells["waived", "won"], waived_n),
            "difference": None,
            "interval": None,
        }
        if enough:
            share = won / with_n - without_won / without_n
            line["difference"] = 100 * share
            line["interval"] = [100 * low, 100 * high]
        line["verdict"] = self._verdict(line)
        # Waivers cost deals when these are won clearly less often than proven ones.
        _low, high = newcombe(cells["waived", "won"], waived_n, won, with_n)
        line["waivers_cost"] = min(with_n, waived_n) >= MIN_CASES and high < 0
        return line

    @api.model
    def _verdict(self, line):
        """``thin``, ``predicts``, ``harms``, ``nothing`` or ``unclear``."""
        if line["interval"] is None:
            return "thin"
        low, high = line["interval"]
        if low > 0:
            return "predicts"
        if high < 0:
            return "harms"
        return "nothing" if (high - low) / 2 <= CLEAR_POINTS else "unclear"

    @api.model
    def action_open_criterion(self, options, key, figure):
        """The closed deals behind a line of :meth:`get_criterion_lift`.

        :param str figure: ``with``, ``without`` or ``waived``
        """
        scope = resolve(self.env, options)
        stages = [stage["stage_id"] for stage in self._stages(scope)]
        criterion = self._criteria(scope).filtered(lambda c: c.key == key)
        if not criterion or figure not in ("with", "without", "waived"):
            raise UserError(self.env._("This figure has no list behind it."))
        index = stages.index(criterion.process_stage_id.stage_id.id)
        action = self._open_deals(scope, "decided", None, None)
        family = Domain("sales_process_id", "in", list(scope.family))
        here = family & Domain("stage_id", "=", stages[index])
        later = family & Domain("stage_id", "in", stages[index + 1 :])
        domain = Domain(action["domain"]) & Domain("sales_visit_ids", "any", here)
        domain &= Domain("won_status", "=", "won") | Domain(
            "sales_visit_ids", "any", later
        )
        domain &= Domain("sales_entry_stage_id", "=", False) | Domain(
            "sales_entry_stage_id.stage_id", "in", stages[: index + 1]
        )
        own = Domain("criterion_key", "=", key)
        proven = Domain("sales_evidence_ids", "any", own & Domain(PROVEN))
        waived = Domain("sales_evidence_ids", "any", own & Domain(WAIVED))
        domain &= {"with": proven, "without": ~proven, "waived": waived & ~proven}[
            figure
        ]
        return {**action, "name": criterion.name, "domain": list(domain)}


def went_beyond(row, stages, index):
    """Whether the deals of a row had to prove what a stage asks, and went beyond it.

    They were in the stage and in a later one, or won. What lay behind the stage in
    which a deal entered the process never had to be proven.
    """
    seen, entry = set(row["seen"]), row["entry"]
    if stages[index] not in seen or entry in stages[index + 1 :]:
        return False
    if entry is not None and entry not in stages:
        return False
    return row["status"] == "won" or not seen.isdisjoint(stages[index + 1 :])
