from odoo import api, models

from .grid_tree import NOBODY


class SalesForecastGrid(models.AbstractModel):
    """What people call, and what those above make of it, read and typed in the grid."""

    _inherit = "sales.forecast.grid"

    @api.model
    def _fill_calls(self, frame, tree):
        """Put the numbers that were called into their cells, and say who may call."""
        calls = self.env["sales.forecast.call"]
        rows = {
            row.owner: row for row in tree.walk() if row.is_home and row.id != NOBODY
        }
        places = {period: number for number, period in enumerate(frame.periods)}
        found = calls._known_numbers(
            frame.company, list(rows), frame.periods, tree.owners
        )
        for (kind, id_, first, after, category), number in found.items():
            if any(number[name] is not None for name in ("call", "adjusted", "below")):
                cell = rows[kind, id_].cells[places[first, after]]
                cell["calls"][category] = _plain(number)
        rights = calls._rights(tree.owners)
        for row in tree.walk():
            is_called = rows.get(row.owner) is row
            row.flags["is_mine"] = rights.is_own(row.owner)
            row.flags["may_call"] = is_called and rights.may_call(row.owner)
            row.flags["may_adjust"] = is_called and rights.may_adjust(row.owner)

    @api.model
    def save_calls(self, changes):
        """Save what was typed into the grid, all or nothing.

        :param list changes: as of ``sales.forecast.call._submit``, with days as texts
            and ``seen``: the id of the number that the change was made from
        :raise UserError: naming a cell that does not take it, or that somebody changed
            meanwhile, and who did
        """
        return self.env["sales.forecast.call"].submit(self.env.company.id, changes)


def _plain(number):
    """A number as JSON can say it."""
    called, adjusted = number["called_on"], number["adjusted_on"]
    return {
        **number,
        "called_on": called and str(called),
        "adjusted_on": adjusted and str(adjusted),
    }
