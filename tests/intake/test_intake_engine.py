import doctest
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ...engine import import_cells, import_match, tabular
from ...engine.import_cells import (
    detect_date_order,
    detect_decimal_mark,
    parse_amount,
    parse_date,
)
from ...engine.import_check import Settings, check_deals
from ...engine.import_match import NameIndex, suggest_targets
from ...engine.tabular import Table, TableError, read_table
from ..properties import properties

NOW = datetime(2024, 6, 1, 12)


@tagged("post_install", "-at_install")
class TestImportEngine(BaseCase):
    """Reading files needs no database; these tests run without one."""

    def test_doctests(self):
        for module in (tabular, import_cells, import_match):
            with self.subTest(module.__name__):
                result = doctest.testmod(module)
                self.assertEqual(result.failed, 0)
                self.assertGreater(result.attempted, 0)

    # === FILES === #

    def test_any_writing_of_the_same_table_reads_the_same(self):
        """Delimiters, quotes, line ends and character sets make no difference."""
        rows = [["Id", "Kunde"], ["1", "Müller, Söhne"], ["2", 'Der "Beste"; GmbH']]
        for delimiter in ",;\t|":
            for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
                for end in ("\n", "\r\n"):
                    text = end.join(
                        delimiter.join(
                            '"{}"'.format(cell.replace('"', '""')) for cell in row
                        )
                        for row in rows
                    )
                    table = read_table(text.encode(encoding), "x.csv")
                    with self.subTest(delimiter=delimiter, encoding=encoding):
                        self.assertEqual([table.headers, *table.rows], rows)

    def test_row_numbers_are_those_of_the_spreadsheet(self):
        table = read_table(b"\na,b\n1,2\n\n3,4,5\n6\n")
        self.assertEqual(table.numbers, [3, 5, 6])
        self.assertEqual(table.rows, [["1", "2"], ["3", "4"], ["6", ""]])
        self.assertEqual(table.overlong, {5})

    def test_unreadable_files_say_why(self):
        cases = {
            "empty": (b"  \n", "x.csv"),
            "old_excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 20, "x.xls"),
            "not_xlsx": (b"a,b\n1,2", "x.xlsx"),
            "binary": (b"a,b\n\0,2", "x.csv"),
        }
        for code, (content, name) in cases.items():
            with self.subTest(code), self.assertRaises(TableError) as caught:
                read_table(content, name)
            self.assertEqual(caught.exception.code, code)
        with self.assertRaises(TableError) as caught:
            read_table(b"PK\x03\x04 broken", "x.xlsx")
        self.assertEqual(caught.exception.code, "not_xlsx")

    # === CELLS === #

    FORMS = {
        "ymd": ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d %b %Y", "%B %d, %Y"),
        "mdy": ("%m/%d/%Y", "%m-%d-%y", "%m.%d.%Y"),
        "dmy": ("%d/%m/%Y", "%d.%m.%y", "%d %m %Y"),
    }

    @properties()
    @given(
        st.lists(
            st.dates(date(2000, 1, 1), date(2049, 12, 31)), min_size=1, max_size=20
        )
    )
    def test_every_day_survives_every_form(self, days):
        """Written in a proven order and read back, a day is the same day."""
        assume(any(day.day > 12 for day in days))  # else nobody can tell
        for order, patterns in self.FORMS.items():
            for pattern in patterns:
                cells = [day.strftime(pattern) for day in days]
                self.assertEqual(detect_date_order(cells), order, pattern)
                read = [parse_date(cell, order).value.date() for cell in cells]
                self.assertEqual(read, days, pattern)

    def test_times_and_zones(self):
        cases = {
            "2024-01-05 14:30": (datetime(2024, 1, 5, 14, 30), None),
            "2024-01-05T14:30:05Z": (datetime(2024, 1, 5, 14, 30, 5), UTC),
            "2024-01-05 02:30 PM": (datetime(2024, 1, 5, 14, 30), None),
            "2024-01-05 12:05 am": (datetime(2024, 1, 5, 0, 5), None),
        }
        for text, (value, zone) in cases.items():
            with self.subTest(text):
                moment = parse_date(text)
                self.assertEqual((moment.value, moment.zone), (value, zone))
        self.assertEqual(
            parse_date("2024-01-05 14:30+05:30").zone.utcoffset(None),
            timedelta(hours=5, minutes=30),
        )
        for text in ("2024-01-05 25:00", "2024-02-30", "soon", "2024-01-05 13:00 PM"):
            self.assertIsNone(parse_date(text), text)

    @properties()
    @given(st.integers(0, 10**11))
    def test_every_amount_survives_every_form(self, cents):
        value = Decimal(cents) / 100
        english = f"{value:,.2f}"
        german = english.translate(str.maketrans(",.", ".,"))
        swiss = english.replace(",", "’")
        for text, mark in ((english, "."), (german, ","), (swiss, ".")):
            self.assertEqual(detect_decimal_mark([text]), mark, text)
            for written in (text, f"$ {text}", f"{text} €", f"EUR{text}"):
                self.assertEqual(parse_amount(written, mark).value, value, written)
            self.assertEqual(parse_amount(f"-{text}", mark).value, -value)
            self.assertEqual(parse_amount(f"({text})", mark).value, -value)

    def test_what_is_no_amount(self):
        for text in ("", "n/a", "1,2,3", "1.2.3", "12 apples", "1,00,0", "--5", "."):
            self.assertIsNone(parse_amount(text), text)

    # === NAMES === #

    def test_headings_of_known_systems(self):
        """Columns as other systems export them."""
        cases = {
            "Deal Name,Deal Stage,Close Date,Deal owner,Amount,Create Date,Record ID": (
                "name stage date_closed salesperson amount date_created external_id"
            ),
            "Opportunity Name,Account Name,Stage,Amount,Owner,Created Date": (
                "name customer stage amount salesperson date_created"
            ),
            "Title,Value,Organization,Owner,Status,Expected close date,Won time": (
                "name amount customer salesperson status date_deadline date_closed"
            ),
            "商机名称,客户名称,产品,阶段,金额,负责人,创建日期": (
                "name customer product stage amount salesperson date_created"
            ),
        }
        for headers, targets in cases.items():
            with self.subTest(headers):
                self.assertEqual(
                    suggest_targets("deals", headers.split(",")), targets.split()
                )

    def test_near_names_among_thousands(self):
        names = [(f"Customer {number:05d} Ltd", number) for number in range(5000)]
        index = NameIndex([*names, ("Sonnenschein GmbH", -1)])
        self.assertEqual(index.near("Sonnenshein GmbH")[0].ref, -1)
        self.assertEqual(index.exact("customer 00042  LTD"), [42])
        self.assertFalse(index.near("Completely Different"))

    # === ROWS === #

    def _check(self, header, *rows, **settings):
        settings = {
            "zone": ZoneInfo("UTC"),
            "now": NOW,
            "outcomes": {
                "stage": {"won": "won", "lost": "lost", "open": "open"},
                "status": {"won": "won", "lost": "lost", "open": "open"},
            },
            **settings,
        }
        columns = dict(enumerate(header.split(",")))
        table = Table(
            headers=list(columns.values()),
            rows=[row.split(",") for row in rows],
            numbers=list(range(2, len(rows) + 2)),
        )
        return check_deals(table, columns, Settings(**settings))

    def test_dates_are_days_of_the_zone(self):
        """Noon in Auckland (UTC+13 in January) is 23:00 the day before in UTC."""
        for zone, expected in (
            ("UTC", datetime(2024, 1, 5, 12)),
            ("Pacific/Auckland", datetime(2024, 1, 4, 23)),
            ("America/New_York", datetime(2024, 1, 5, 17)),
        ):
            checked = self._check(
                "stage,date_created", "open,2024-01-05", zone=ZoneInfo(zone)
            )
            self.assertEqual(checked.deals[0].created, expected)

    def test_order_of_dates(self):
        header = "stage,date_created,date_entered,date_closed"
        cases = (
            ("won,2024-01-05,2024-01-06,2024-01-07", []),
            ("won,2024-01-05,,2024-01-05", []),
            ("won,2024-01-05 15:00,,2024-01-05", []),
            ("won,2024-01-05,,2024-01-04", ["date_order"]),
            ("lost,2024-01-05,2024-01-09,2024-01-07", ["date_order"]),
            ("open,2024-01-05,2024-01-04,", ["date_order"]),
            ("won,2024-01-05,,2025-01-04", ["date_future"]),
            ("won,2024-01-05,,", ["closed_missing"]),
            ("won,,2024-01-05,", ["closed_from_entered"]),
            ("open,2024-01-05,,2025-01-04", ["closed_on_open"]),
            ("open,,,", ["date_missing"]),
        )
        for row, codes in cases:
            with self.subTest(row):
                checked = self._check(header, row)
                self.assertEqual([issue.code for issue in checked.issues], codes)
        late = self._check(header, cases[2][0]).deals[0]
        self.assertLessEqual(late.created, late.closed)
        self.assertEqual(
            self._check(header, cases[9][0]).deals[0].deadline, date(2025, 1, 4)
        )

    def test_stage_and_status(self):
        header = "stage,status,date_closed"
        cases = (
            ("open,won,2024-01-05", "won", []),
            ("open,lost,2024-01-05", "lost", []),
            ("won,,2024-01-05", "won", []),
            ("won,lost,2024-01-05", None, ["status_conflict"]),
            (",won,2024-01-05", None, ["status_missing"]),
            ("limbo,,2024-01-05", None, ["status_open"]),
        )
        for row, outcome, codes in cases:
            with self.subTest(row):
                checked = self._check(header, row)
                errors = [i.code for i in checked.issues if i.severity == "error"]
                self.assertEqual(errors, codes)
                self.assertEqual(
                    checked.deals[0].outcome if checked.deals else None, outcome
                )

    def test_rows_without_identifier_are_recognised_by_their_content(self):
        rows = ("open,A", "open,B", "open,A")
        first = [deal.key for deal in self._check("stage,customer", *rows).deals]
        again = [deal.key for deal in self._check("stage,customer", *rows).deals]
        self.assertEqual(first, again)
        self.assertEqual(len(set(first)), 3)
