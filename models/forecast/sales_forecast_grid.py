from datetime import date
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import AccessError, UserError

from ...engine.forecast_grid import coverage, gap
from ...engine.periods import next_of, start_of
from ..target.sales_target_figures import rounder
from .grid_tree import CATEGORIES, LINES, NOBODY, Tree

KINDS = ("week", "month", "quarter", "year")
# As many periods as anybody looks ahead; each has a dozen columns.
MOST = 12


class Frame(NamedTuple):
    """What a grid is about.

    :ivar company: whose figures, in its currency
    :ivar date today: at that company
    :ivar str kind: of the periods
    :ivar list periods: ``(first day, day after the last)``, the present one first
    """

    company: object
    today: date
    kind: str
    periods: list

    @property
    def rounded(self):
        """Rounds as the currency does; a grid has thousands of amounts."""
        return rounder(self.company.currency_id.rounding)

    @property
    def bounds(self):
        """Where deals change the period: today, then the end of each period."""
        return [self.today, *(after for _first, after in self.periods)]


class SalesForecastGrid(models.AbstractModel):
    """The forecast as a grid: people in the tree of teams down, periods across.

    A director sees the company, a leader the teams led with all below, a rep the own
    row. Open deals stand where their closing date lies, from today on; those whose date
    has passed, that have none or no amount, and those that come later are told of
    beside the periods. Nothing of it is stored.
    """

    _name = "sales.forecast.grid"
    _description = "Forecast Grid"

    # === READING === #

    @api.readonly
    @api.model
    def get_grid(self, options=None):
        """The grid as the screen shows it; as many queries whoever is in it.

        :param dict options: ``period`` (``week``, ``month``, ``quarter`` or ``year``;
            month by default) and ``count`` of periods (3 by default, 12 at most)
        :return: ``{"currency", "periods", "rows", …}``. Rows stand in the order of the
            tree and have for each period a dict of amounts in the currency of the
            company: ``quota`` (None where there is none), ``closed``, ``commit``,
            ``best_case``, ``pipeline``, ``weighted``, ``gap``, ``coverage``, ``deals``
            (their number) and ``calls`` by category; and ``lines``:
            ``{line: [amount, number of deals]}``
        :raise UserError: for periods there are not
        """
        frame = self._frame(options)
        tree = self._tree(frame)
        return {
            "company": frame.company.display_name,
            "scope": tree.roots[0].kind if tree.roots else "user",
            "currency": self._grid_currency(frame.company.currency_id),
            "period": frame.kind,
            "today": str(frame.today),
            "periods": [
                {
                    "from": str(first),
                    "to": str(after),
                    "label": self._period_label(frame.kind, first, after),
                }
                for first, after in frame.periods
            ],
            "rows": [self._public(row) for row in tree.walk()],
        }

    @api.model
    def _frame(self, options=None):
        """What is asked for.

        :raise AccessError: for people outside sales
        :raise UserError: for periods there are not
        :rtype: Frame
        """
        if not self.env.user.has_group("sales_process.group_rep"):
            raise AccessError(self.env._("The forecast is for salespeople."))
        options = options or {}
        kind, count = options.get("period", "month"), options.get("count", 3)
        if kind not in KINDS or not isinstance(count, int) or not 1 <= count <= MOST:
            raise UserError(
                self.env._(
                    "The grid shows 1 to %(most)s weeks, months, quarters or years. "
                    "Choose one of these.",
                    most=MOST,
                )
            )
        company = self.env.company
        today = company._sales_today()
        month = company._sales_fiscal_month()
        periods, first = [], start_of(today, kind, month)
        for _number in range(count):
            after = next_of(first, kind, month)
            periods.append((first, after))
            first = after
        return Frame(company, today, kind, periods)

    @api.model
    def _grid_currency(self, currency):
        return {
            "id": currency.id,
            "name": currency.name,
            "step": currency.rounding,
            "digits": currency.decimal_places,
        }

    @api.model
    def _period_label(self, kind, first, after):
        lang = self.env.lang or "en_US"
        return self.env["sales.target"]._period_label(kind, first, after, lang)

    @api.model
    def _public(self, row):
        """A row as the client gets it."""
        return {
            "node": row.node,
            "parent": row.above.node if row.above else False,
            "level": row.level,
            "kind": row.kind,
            "owner_id": row.id,
            "name": row.name,
            "cells": row.cells,
            "lines": row.lines,
            **row.flags,
        }

    # === WHO IS IN IT === #

    @api.model
    def _tree(self, frame):
        """Everybody the user may see, with all figures.

        :rtype: Tree
        """
        tree = self._places(frame)
        quotas = self._read_quotas(frame, tree)
        self._count_deals(frame, tree)
        tree.roll_up()
        self._fill_quotas(frame, tree, quotas)
        self._fill_closed(frame, tree, quotas)
        self._prune(tree)
        self._name_rows(list(tree.walk()))
        tree.sort()
        self._fill_calls(frame, tree)
        self._finish(frame, tree)
        return tree

    @api.model
    def _places(self, frame):
        """The rows of company, teams and their people, without figures.

        :rtype: Tree
        """
        owners = self.env["sales.forecast.call"]._owner_tree(frame.company)
        tree = Tree(len(frame.periods), owners)
        user = self.env.user
        top = ("company", frame.company.id)
        if user.has_group("sales_process.group_director"):
            rest = [(top, None)]
        else:
            leads = user.has_group("sales_process.group_leader")
            led = owners.led_by(user.id) if leads else ()
            tops = sorted(team for team in led if owners.parent[team] not in led)
            rest = [(("team", team), None) for team in tops]
        while rest:
            owner, above = rest.pop()
            row = tree.add_owner(owner, above)
            rest += [(child, row) for child in owners.below(owner)]
        if top in [row.owner for row in tree.roots]:
            tree.add("team", NOBODY, tree.roots[0])
        elif user.id not in tree.people:
            tree.add("user", user.id)
        return tree

    @api.model
    def _prune(self, tree):
        """Leave out what belongs to nobody and has nothing."""
        for row in reversed(list(tree.walk())):
            if row.id != NOBODY:
                continue
            has_deals = any(cell["deals"] for cell in row.cells)
            has_lines = any(deals for _amount, deals in row.lines.values())
            if not (has_deals or has_lines or row.children):
                row.above.children.remove(row)
                del tree.by_node[row.node]

    @api.model
    def _name_rows(self, rows):
        names = {}
        for kind in ("company", "team", "user"):
            ids = {row.id for row in rows if row.kind == kind} - {NOBODY}
            if ids:
                names[kind] = self.env["sales.target"]._names_of(f"{kind}_id", ids)
        for row in rows:
            if row.id != NOBODY:
                row.name = names[row.kind][row.id]
            elif row.kind == "team":
                row.name = self.env._("No team")
            else:
                row.name = self.env._("No salesperson")

    # === WHAT FOLLOWS === #

    @api.model
    def _finish(self, frame, tree):
        """Round amounts, and say what is missing."""
        rounded = frame.rounded
        for row in tree.walk():
            for cell in row.cells:
                for name in (*CATEGORIES, "weighted"):
                    cell[name] = rounded(cell[name])
                cell["gap"] = missing(cell)
                if cell["gap"] is not None:
                    cell["gap"] = rounded(cell["gap"])
                cell["coverage"] = coverage(
                    cell["best_case"], cell["pipeline"], cell["gap"]
                )
            for name in LINES:
                row.lines[name][0] = rounded(row.lines[name][0])


def missing(cell):
    """The gap of a cell; None without a quota."""
    called = cell["calls"].get("commit", {}).get("number")
    return gap(cell["quota"], cell["closed"], cell["commit"], called)
