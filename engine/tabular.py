"""Read a spreadsheet of any make into plain text cells.

What
    `read_table` turns the bytes of a CSV or XLSX file into a `Table`: one heading, rows
    of text cells, and for every row the number a person sees in a spreadsheet.
    Encoding and delimiter are found from the content unless they are given.

What the cells mean is the business of `import_cells`.

Plain Python: no Odoo, so it can be tested, and used, without a database.
"""

from __future__ import annotations

import codecs
import csv
import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice

MAX_ROWS = 250_000
DELIMITERS = (",", ";", "\t", "|")


class TableError(ValueError):
    """The file cannot be read; `code` says why, `params` fills the sentence."""

    def __init__(self, code: str, **params):
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass
class Table:
    """One sheet as text: `rows[i]` stands in the file's line `numbers[i]`."""

    headers: list[str]
    rows: list[list[str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    #: line numbers that hold more cells than the heading: a stray delimiter
    overlong: set[int] = field(default_factory=set)
    encoding: str = ""
    delimiter: str = ""

    def column(self, index: int) -> list[str]:
        return [row[index] for row in self.rows]


def read_table(
    content: bytes, filename: str = "", encoding: str = "", delimiter: str = ""
) -> Table:
    r"""Read a CSV or XLSX file; encoding and delimiter are found when not given.

    >>> table = read_table(b"Deal;Amount\nA1;10\n\nA2;20\n")
    >>> table.headers, table.rows, table.numbers, table.delimiter
    (['Deal', 'Amount'], [['A1', '10'], ['A2', '20']], [2, 4], ';')
    """
    if not content or not content.strip():
        raise TableError("empty")
    if content[:4] == b"PK\x03\x04":
        return _read_xlsx(content)
    if content[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise TableError("old_excel")
    if filename.lower().endswith((".xlsx", ".xlsm")):
        raise TableError("not_xlsx")
    return _read_csv(content, encoding, delimiter)


def _read_csv(content: bytes, encoding: str, delimiter: str) -> Table:
    encoding = encoding or sniff_encoding(content)
    try:
        text = content.decode(encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise TableError("encoding", encoding=encoding) from error
    text = text.removeprefix("\ufeff")
    if "\0" in text:
        raise TableError("binary")
    delimiter = delimiter or sniff_delimiter(text)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        table = _build_table(enumerate(reader, start=1))
    except csv.Error as error:
        raise TableError("csv", detail=str(error)) from error
    table.encoding, table.delimiter = encoding, delimiter
    return table


def _read_xlsx(content: bytes) -> Table:
    import openpyxl

    try:
        book = openpyxl.load_workbook(
            io.BytesIO(content), read_only=True, data_only=True
        )
        sheet = book.worksheets[0]
        # Some writers store a wrong sheet size; without this rows would be cut off.
        sheet.reset_dimensions()
        lines = (
            (number, [cell_text(value) for value in values])
            for number, values in enumerate(sheet.iter_rows(values_only=True), start=1)
        )
        return _build_table(lines)
    except TableError:
        raise
    except (KeyError, ValueError, IndexError, OSError, zipfile.BadZipFile) as error:
        raise TableError("not_xlsx") from error


def _build_table(lines: Iterable[tuple[int, list[str]]]) -> Table:
    table = None
    for number, cells in lines:
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            continue
        if table is None:
            table = Table(headers=unique_headers(cells))
            width = len(table.headers)
            continue
        if len(table.rows) >= MAX_ROWS:
            raise TableError("too_long", limit=MAX_ROWS)
        if any(cells[width:]):
            table.overlong.add(number)
        table.rows.append((cells + [""] * width)[:width])
        table.numbers.append(number)
    if table is None:
        raise TableError("empty")
    return table


def cell_text(value) -> str:
    """A spreadsheet cell as text: dates in ISO form, whole numbers without ".0".

    >>> [cell_text(value) for value in (None, 3.0, 2.5, datetime(2017, 3, 1), True)]
    ['', '3', '2.5', '2017-03-01', 'true']
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime):
        midnight = not (value.hour or value.minute or value.second)
        return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def unique_headers(cells: list[str]) -> list[str]:
    """Name every column once, so that a problem can point at it.

    >>> unique_headers(["Deal", "", "Deal"])
    ['Deal', 'Column 2', 'Deal (2)']
    """
    while cells and not cells[-1]:
        cells = cells[:-1]
    headers: list[str] = []
    for index, cell in enumerate(cells, start=1):
        name = base = " ".join(cell.split()) or f"Column {index}"
        count = 1
        while name in headers:
            count += 1
            name = f"{base} ({count})"
        headers.append(name)
    return headers


def sniff_encoding(content: bytes) -> str:
    r"""The encoding of a text file; UTF-8 is proven, others are the best bet.

    >>> sniff_encoding("Société".encode("utf-8")), sniff_encoding(b"\xff\xfeA\x00")
    ('utf-8', 'utf-16')
    >>> sniff_encoding("客户名称,阶段,金额\n三一重工,赢单,一百".encode("gb18030"))
    'gb18030'
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8"
    import chardet

    found = (chardet.detect(content[:200_000])["encoding"] or "").lower()
    if found in ("gb2312", "gbk", "gb18030"):
        found = "gb18030"
    elif not found or found.startswith(("iso-8859", "ascii", "mac", "windows-125")):
        found = "cp1252"
    for encoding in (found, "gb18030", "cp1252"):
        try:
            content.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        return encoding
    return "latin-1"


def sniff_delimiter(text: str) -> str:
    r"""The character between the cells: the one that cuts all first lines alike.

    >>> sniff_delimiter('a;"1,5;2"\nb;"2,5;3"'), sniff_delimiter("name")
    (';', ',')
    """
    best, best_score = ",", 0.0
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(text[:60_000], newline=""), delimiter=delimiter)
        try:
            rows = [row for row in islice(reader, 30) if any(row)]
        except csv.Error:
            continue
        widths = [len(row) for row in rows]
        if not widths or widths[0] < 2:
            continue
        score = widths[0] * widths.count(widths[0]) / len(widths)
        if any('"' in cell[:-1] for row in rows for cell in row):
            score /= 2  # it cuts through quoted text
        if score > best_score:
            best, best_score = delimiter, score
    return best
