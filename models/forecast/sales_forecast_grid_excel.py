from odoo import api, models

from ...engine.forecast_grid import coverage, gap
from ..base.workbook import Formula, column_letter
from .grid_tree import CATEGORIES, LINES
from .sales_forecast_grid import counted_on

# Rows above the first one of an owner: title, subtitle, an empty one, groups, headers.
HEAD = 5
# Measures in the order of the columns; calls stand beside their category.
MEASURES = ("quota", "closed", *CATEGORIES, "weighted")
MUTED = {"font_color": "#666666", "italic": True}


class SalesForecastGrid(models.AbstractModel):
    """The forecast grid as a workbook."""

    _inherit = "sales.forecast.grid"

    @api.model
    def export_excel(self, options=None):
        """Download the grid as it is seen, with what is missing as formulas.

        :param dict options: those of the grid
        :return: action
        """
        frame = self._frame(options)
        name = self.env._(
            "Forecast %(company)s %(day)s",
            company=frame.company.name,
            day=str(frame.today),
        )
        return self.env["sales.excel"]._download(name, self._excel_sheets(frame))

    @api.model
    def _excel_sheets(self, frame):
        """What ``workbook.build_workbook`` takes."""
        tree = self._tree(frame)
        return [self._excel_grid(frame, tree), self._excel_help(frame)]

    @api.model
    def _excel_grid(self, frame, tree):
        names = self._measure_names()
        money = {
            "kind": "money",
            "digits": frame.company.currency_id.decimal_places,
            "zeros": True,
        }
        columns = [{"label": self.env._("Owner"), "kind": "text", "width": 34}]
        groups = []
        for first, after in frame.periods:
            place = len(columns)
            columns += [{**money, "label": names[name]} for name in MEASURES]
            columns += [
                {**money, "label": self.env._("Call: %s", names[name])}
                for name in CATEGORIES
            ]
            columns.append({**money, "label": names["gap"]})
            columns.append(
                {"kind": "number", "digits": 1, "label": names["coverage"], "width": 10}
            )
            label = self._period_label(frame.kind, first, after)
            groups.append((place, len(columns) - 1, label))
        place = len(columns)
        columns += [{**money, "label": names[name]} for name in LINES]
        groups.append((place, len(columns) - 1, self.env._("Outside the Periods")))
        rows = list(tree.walk())
        return {
            "title": self.env._("Forecast"),
            "subtitle": " · ".join(
                [
                    frame.company.name,
                    frame.company.currency_id.name,
                    str(frame.today),
                ]
            ),
            "columns": columns,
            "groups": groups,
            "rows": [
                self._excel_row(row, number)
                for number, row in enumerate(rows, HEAD + 1)
            ],
            "looks": lambda place, number: _look(rows[place], number),
        }

    @api.model
    def _excel_row(self, row, line):
        """Values of a row.

        :param int line: of the sheet, counted from 1
        """
        values = [row.name]
        for cell in row.cells:
            place = len(values)
            for name in MEASURES:
                value = cell[name]
                if name == "quota" and value is None:
                    value = self.env._("No quota")
                values.append(value)
            for name in CATEGORIES:
                values.append(cell["calls"].get(name, {}).get("number"))
            values += _derived(cell, place, line)
        for name in LINES:
            amount, deals = row.lines[name]
            if name == "no_amount":  # there is no amount to add up
                amount = self.env._("%s deals", deals) if deals else None
            values.append(amount)
        return values

    @api.model
    def _excel_help(self, frame):
        lines = [
            self.env._(
                "Gap = quota − closed − commit; where commit was called that counts."
            ),
            self.env._("Coverage = (best case + pipeline) ÷ gap."),
            self.env._(
                "Weighted = the open deals of the period by their chances. What is "
                "overdue, has no date or comes later stands outside the periods."
            ),
        ]
        return {
            "title": self.env._("Help"),
            "columns": [{"label": self.env._("How It Counts"), "kind": "text"}],
            "rows": [[line] for line in lines],
            "filtered": False,
        }


def _derived(cell, place, line):
    """Formulas of gap and coverage.

    :param int place: of the quota, counted from 0
    """
    quota, closed, commit, best, pipeline, _weighted, called, *_calls = (
        f"{column_letter(place + number)}{line}"
        for number in range(len(MEASURES) + len(CATEGORIES))
    )
    missing = gap(cell["quota"], cell["closed"], counted_on(cell))
    if missing is None:
        return [None, None]
    here = f"{column_letter(place + len(MEASURES) + len(CATEGORIES))}{line}"
    factor = coverage(cell["best_case"], cell["pipeline"], missing)
    return [
        Formula(f'={quota}-{closed}-IF({called}="",{commit},{called})', missing),
        Formula(f'=IF({here}>0,({best}+{pipeline})/{here},"")', factor or 0.0),
    ]


def _look(row, number):
    strong = {"bold": True} if row.children else {}
    if number == 0:
        return {**strong, "indent": min(row.level, 15)}
    width = len(MEASURES) + len(CATEGORIES) + 2
    period, measure = divmod(number - 1, width)
    if measure == 0 and period < len(row.cells) and row.cells[period]["quota"] is None:
        return {**MUTED, "align": "right"}
    return strong
