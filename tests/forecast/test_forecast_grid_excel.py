import io

from openpyxl import load_workbook

from odoo.tests import tagged

from ...models.base.workbook import build_workbook
from .forecast_grid_common import ForecastGridCommon


@tagged("post_install", "-at_install")
class TestForecastGridExcel(ForecastGridCommon):
    """The grid as a workbook."""

    rule_tested_models = ()

    def _sheet(self, name, values=True, **options):
        grids = self._as(name)
        content = build_workbook(grids.env, grids._excel_sheets(grids._frame(options)))
        return load_workbook(io.BytesIO(content), data_only=values).worksheets[0]

    def _row(self, sheet, name):
        for row in sheet.iter_rows(min_row=6):
            if row[0].value == name:
                return row
        return self.fail(f"No row {name}")

    def test_content(self):
        sheet = self._sheet("director", count=1)
        titles = [cell.value for cell in sheet[5]]
        self.assertEqual(
            titles[:12],
            [
                "Owner",
                "Quota",
                "Closed",
                "Commit",
                "Best Case",
                "Pipeline",
                "Weighted",
                "Call: Commit",
                "Call: Best Case",
                "Call: Pipeline",
                "Gap",
                "Coverage",
            ],
        )
        south = [cell.value for cell in self._row(sheet, "South")]
        self.assertEqual(
            south[1:11], [4000, 0, 50, 80, 2000, 1065, None, None, None, 3950]
        )
        self.assertAlmostEqual(south[11], 2080 / 3950)
        dora = [cell.value for cell in self._row(sheet, "Dora")]
        self.assertEqual(dora[1], "No quota")
        self.assertEqual(dora[10:12], [None, None])
        top = [cell.value for cell in self._row(sheet, self.company.name)]
        self.assertEqual(top[12:17], [300, 200, 1400, "1 deals", 700])

    def test_formulas(self):
        sheet = self._sheet("director", values=False, count=2)
        row = self._row(sheet, "South")
        n = row[0].row
        self.assertEqual(row[10].value, f'=B{n}-C{n}-IF(H{n}="",D{n},H{n})')
        self.assertEqual(row[11].value, f'=IF(K{n}>0,(E{n}+F{n})/K{n},"")')

    def test_own_rows_only(self):
        sheet = self._sheet("ann")
        names = [row[0].value for row in sheet.iter_rows(min_row=6)]
        self.assertEqual([name for name in names if name], ["Ann"])

    def test_download(self):
        action = self._as("ann").export_excel({})
        self.assertEqual(action["type"], "ir.actions.act_url")
