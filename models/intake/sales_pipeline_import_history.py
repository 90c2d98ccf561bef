from odoo import models

from ...engine.import_match import name_key


class SalesPipelineImport(models.Model):
    """Imported deals have the past that their file tells, and nothing made up.

    A file says when a deal was created, when it entered the stage it names, and when it
    was closed. That gives up to three intervals: from the creation until the stage was
    entered, open in an unknown stage; from there until the closing, open in the stage
    the file names, or unknown where it names only how the deal ended; from the closing
    on, won or lost. Without dates the history begins with the import.

    For won deals nobody says in which stage they were before. With the day they entered
    it, it is the one chosen for lost deals, if that is one: else each deal that left it
    would seem lost.
    """

    _inherit = "sales.pipeline.import"

    def _after_deals(self, leads, deals):
        result = super()._after_deals(leads, deals)
        stages = self._file_stages()
        steps = []
        for lead, deal in zip(leads, deals, strict=True):
            steps += self._history_steps(lead, deal, stages)
        self.env["sales.pipeline.history"]._unfold(steps)
        return result

    def _finish(self, tables, checked):
        result = super()._finish(tables, checked)
        if self.created_count:
            self.env["sales.pipeline.history"]._analyze()
        return result

    def _file_stages(self):
        """Open stages that the file names, or closes deals from: {(kind, name): id}."""
        named = self.value_ids.filtered(
            lambda value: value.kind in ("stage", "status") and value.stage_id
        )
        stages = {
            (value.kind, value.key): value.stage_id.id
            for value in named
            if not value.stage_id.is_won
        }
        lost = named.filtered(lambda value: value.outcome == "lost").stage_id
        if len(lost) == 1 and not lost.is_won:
            for value in named.filtered(lambda value: value.outcome == "won"):
                stages.setdefault((value.kind, value.key), lost.id)
        return stages

    def _history_steps(self, lead, deal, stages):
        """The life of one deal as (lead id, moment, stage id or None, status)."""
        named = None
        for kind in ("stage", "status"):
            named = named or stages.get((kind, name_key(deal.cells.get(kind))))
        moments = {}
        if deal.created:
            moments[deal.created] = (None, "open")
        if deal.entered and (named or deal.outcome == "open"):
            moments[deal.entered] = (named, "open")
        elif deal.created:
            # Without a date of entry, only an open deal is in the stage it names now.
            moments[deal.created] = (named if deal.outcome == "open" else None, "open")
        if deal.outcome != "open" and deal.closed:
            moments = {m: step for m, step in moments.items() if m < deal.closed}
            moments[deal.closed] = (lead.stage_id.id, deal.outcome)
        if not moments:
            moments[lead.create_date] = (lead.stage_id.id, deal.outcome)
        return [(lead.id, moment, *moments[moment]) for moment in sorted(moments)]
