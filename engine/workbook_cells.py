"""Read a workbook cell by cell, with what kind of thing stands in each.

What
    `read_workbook` turns the bytes of an XLSX file into sheets of `Cell`s. Unlike
    `tabular.read_table`, which reads the first sheet as text, it keeps numbers as they
    are, tells text from errors such as #REF!, and finds formulas that nobody has
    calculated yet.

Plain Python: no Odoo, so it can be tested, and used, without a database.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from .tabular import TableError

MAX_BYTES = 10 * 2**20
MAX_UNPACKED = 100 * 2**20
MAX_ROWS = 20_000
MAX_COLUMNS = 1_000
MAX_CELLS = 600_000

NUMBER, TEXT, ERROR, DATE, BOOLEAN, UNCALCULATED, EMPTY = (
    "number",
    "text",
    "error",
    "date",
    "boolean",
    "uncalculated",
    "empty",
)
# What reading a file raises that is damaged, or made to do damage.
_DAMAGED = (
    ArithmeticError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,  # of XML
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)


class Cell(NamedTuple):
    value: object = None
    kind: str = EMPTY


@dataclass
class Sheet:
    """One sheet; rows and columns are counted from 1, as a person sees them."""

    name: str
    rows: dict[int, list[Cell]] = field(default_factory=dict)

    def cell(self, row: int, column: int) -> Cell:
        cells = self.rows.get(row, ())
        return cells[column - 1] if column <= len(cells) else Cell()

    def text(self, row: int, column: int) -> str:
        """A cell as text without blanks around it; "" for an empty one."""
        value = self.cell(row, column).value
        return "" if value is None else str(value).strip()


def read_workbook(content: bytes) -> list[Sheet]:
    """Read all sheets of an XLSX file, also hidden ones.

    :raise TableError: with code ``empty``, ``old_excel`` (or encrypted), ``not_xlsx``,
        ``too_large`` (``limit`` in MB) or ``too_long`` (more cells than anybody fills)
    """
    if not content:
        raise TableError("empty")
    if len(content) > MAX_BYTES:
        raise TableError("too_large", limit=MAX_BYTES // 2**20)
    if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise TableError("old_excel")
    try:
        _check_size(content)
        # What a formula gave stands in the one, that it is a formula in the other.
        sheets = _read(content, data_only=True)
        for sheet, formulas in zip(sheets, _read(content), strict=True):
            _mark_uncalculated(sheet, formulas)
    except TableError:
        raise
    except _DAMAGED as error:
        raise TableError("not_xlsx") from error
    return sheets


def _check_size(content: bytes) -> None:
    """A small file can unpack to a large one."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(info.file_size for info in archive.infolist()) > MAX_UNPACKED:
            raise TableError("too_large", limit=MAX_UNPACKED // 2**20)


def _read(content: bytes, data_only: bool = False) -> list[Sheet]:
    import openpyxl

    book = openpyxl.load_workbook(
        io.BytesIO(content), read_only=True, data_only=data_only
    )
    sheets, count = [], 0
    for paper in book.worksheets:
        # Some writers store a wrong sheet size; without this rows would be cut off.
        paper.reset_dimensions()
        sheet = Sheet(paper.title)
        for number, row in enumerate(paper.iter_rows(), start=1):
            if number > MAX_ROWS or len(row) > MAX_COLUMNS:
                raise TableError("too_long")
            count += len(row)
            if count > MAX_CELLS:
                raise TableError("too_long")
            if any(cell.value is not None for cell in row):
                sheet.rows[number] = [
                    Cell(cell.value, _kind(cell.value, cell.data_type)) for cell in row
                ]
        sheets.append(sheet)
    return sheets


def _kind(value, data_type: str) -> str:
    """What stands in a cell.

    >>> [_kind(value, "n") for value in (None, 1, 2.5, True, "1", date(2030, 1, 1))]
    ['empty', 'number', 'number', 'boolean', 'text', 'date']
    >>> _kind("#REF!", "e"), _kind("=A1", "f"), _kind("  ", "s")
    ('error', 'uncalculated', 'empty')
    """
    if data_type == "e":
        return ERROR
    if data_type == "f":
        return UNCALCULATED
    if value is None or (isinstance(value, str) and not value.strip()):
        return EMPTY
    if isinstance(value, bool):
        return BOOLEAN
    if isinstance(value, int | float):
        return NUMBER
    if isinstance(value, datetime | date | time | timedelta):
        return DATE
    return TEXT


def _mark_uncalculated(sheet: Sheet, formulas: Sheet) -> None:
    """Formulas without a result look empty; say that they are not."""
    for number, cells in formulas.rows.items():
        values = sheet.rows.setdefault(number, [])
        values += [Cell()] * (len(cells) - len(values))
        for place, cell in enumerate(cells):
            if cell.kind == UNCALCULATED and values[place].value is None:
                values[place] = Cell(str(cell.value), UNCALCULATED)
