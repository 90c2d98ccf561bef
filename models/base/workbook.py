"""Workbooks to send on: title, filters, frozen header and live totals."""

import io
from typing import NamedTuple

import xlsxwriter

from odoo.tools.misc import get_lang

# Rows above the header: title, what was chosen, an empty one.
HEADER_ROW = 3
# Totals of the rows that a filter leaves.
SUM_OF_VISIBLE = 109
WIDTHS = {"text": 28, "money": 15, "date": 12, "integer": 10, "number": 10}
# What may be done in a protected sheet besides filling in the cells that are open.
ALLOWED = ("autofilter", "format_columns", "format_rows")


class Formula(NamedTuple):
    """The value of a cell that is calculated, with its result so far."""

    text: str
    result: float = 0.0


def build_workbook(env, sheets):
    """The content of a workbook.

    Totals are formulas over the visible rows, so they follow a filter and what somebody
    types; their values are written beside them for programs that do not calculate.

    :param env: its language says how days are written
    :param list sheets: dicts with ``title``, ``subtitle``, ``columns``, ``rows`` (lists
        of values, in the order of the columns) and optionally ``groups``. A column is a
        dict with ``label``, ``kind`` (``text``, ``money``, ``date``, ``integer``,
        ``number``), optionally ``digits``, ``total`` (True for a sum), ``width`` and
        ``formula``: a function of the row's number, counted from 1 as in the sheet,
        that gives the formula of the cell, whose value still stands in the row. A
        column may be ``hidden`` too or show its ``zeros``, and a single value may be a
        :class:`Formula`, or a text in place of a number.
        ``groups`` are ``(first column, last column, label)`` above the header.
        To be filled in and read again, a sheet may also have ``marks`` (a text per
        column, in a hidden row above the header), ``protected`` (True: only cells whose
        look says ``locked: False`` are open, without a password), ``looks`` (a function
        of the places of row and column, counted from 0, that gives more format
        properties of xlsxwriter), ``not_negative`` (first and last column that take
        numbers from zero on, and the sentence for whoever types anything else),
        ``frozen`` (columns that stay, 1 unless told), ``filtered`` (False: without
        filters) and ``hidden`` (True: also from the list of hidden sheets)
    :return: bytes of an xlsx file
    """
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"in_memory": True})
    book.set_calc_mode("auto")
    names = set()
    for sheet in sheets:
        _Sheet(env, book, _free_name(sheet["title"], names), sheet).fill()
    book.close()
    return content.getvalue()


class _Sheet:
    def __init__(self, env, book, name, sheet):
        self.book = book
        self.sheet = sheet
        self.columns = sheet["columns"]
        self.rows = sheet["rows"]
        self.paper = book.add_worksheet(name)
        self.first = HEADER_ROW + 1 + bool(sheet.get("groups"))
        self.last = self.first + max(len(self.rows), 1) - 1
        self.date_format = _date_format(get_lang(env).date_format)
        self.formats = {}

    def fill(self):
        self._write_head()
        for number, column in enumerate(self.columns):
            self._write_column(number, column)
        self._write_totals()
        self._lay_out()
        self._close()

    def _format(self, **properties):
        key = tuple(sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(properties)
        return self.formats[key]

    def _number_format(self, column):
        kind = column["kind"]
        if kind == "date":
            return {"num_format": self.date_format, "align": "left"}
        if kind in ("money", "number"):
            digits = column.get("digits", 2 if kind == "money" else 1)
            decimals = "." + "0" * digits if digits else ""
            return {"num_format": f"#,##0{decimals};[Red]-#,##0{decimals}"}
        if kind == "integer":
            return {"num_format": "#,##0"}
        return {"text_wrap": False}

    def _write_head(self):
        title = self._format(bold=True, font_size=14)
        self.paper.write_string(0, 0, self.sheet["title"], title)
        muted = self._format(font_color="#666666")
        self.paper.write_string(1, 0, self.sheet.get("subtitle") or "", muted)
        head = {"bold": True, "bg_color": "#E9ECEF", "bottom": 1, "valign": "top"}
        for first, last, label in self.sheet.get("groups") or ():
            look = self._format(**{**head, "align": "center", "left": 1})
            if first == last:
                self.paper.write_string(HEADER_ROW, first, label, look)
            else:
                self.paper.merge_range(HEADER_ROW, first, HEADER_ROW, last, label, look)
        for number, text in enumerate(self.sheet.get("marks") or ()):
            self.paper.write_string(HEADER_ROW - 1, number, text or "")
        for number, column in enumerate(self.columns):
            side = "left" if column["kind"] in ("text", "date") else "right"
            self.paper.write_string(
                self.first - 1,
                number,
                column["label"],
                self._format(**head, text_wrap=True, align=side),
            )

    def _write_column(self, number, column):
        usual = self._number_format(column)
        looks = self.sheet.get("looks") or (lambda place, number: {})
        for place, row in enumerate(self.rows):
            look = self._format(**{**usual, **looks(place, number)})
            self._write_cell(self.first + place, number, column, row[number], look)
        width = column.get("width") or WIDTHS[column["kind"]]
        options = {"hidden": True} if column.get("hidden") else {}
        self.paper.set_column(number, number, width, None, options)

    def _write_cell(self, row, number, column, value, look):
        if column.get("formula"):
            formula = column["formula"](row + 1)
            self.paper.write_formula(row, number, formula, look, value or 0)
        elif isinstance(value, Formula):
            self.paper.write_formula(row, number, value.text, look, value.result)
        elif value in (None, False, "") and not (column.get("zeros") and value == 0):
            self.paper.write_blank(row, number, None, look)
        elif column["kind"] == "text" or isinstance(value, str):
            # Never as a formula, whatever a customer is called.
            self.paper.write_string(row, number, str(value), look)
        elif column["kind"] == "date":
            self.paper.write_datetime(row, number, value, look)
        else:
            self.paper.write_number(row, number, value, look)

    def _write_totals(self):
        if not any(column.get("total") for column in self.columns):
            return
        row = self.last + 1
        look = {"bold": True, "top": 1}
        for number, column in enumerate(self.columns):
            if column.get("total"):
                letter = column_letter(number)
                formula = (
                    f"=SUBTOTAL({SUM_OF_VISIBLE},"
                    f"{letter}{self.first + 1}:{letter}{self.last + 1})"
                )
                value = sum(line[number] or 0 for line in self.rows)
                own = self._format(**look, **self._number_format(column))
                self.paper.write_formula(row, number, formula, own, value)
            else:
                label = self.sheet.get("total_label", "") if not number else ""
                self.paper.write_string(row, number, label, self._format(**look))

    def _lay_out(self):
        paper = self.paper
        paper.freeze_panes(self.first, self.sheet.get("frozen", 1))
        if self.sheet.get("filtered", True):
            paper.autofilter(self.first - 1, 0, self.last, len(self.columns) - 1)
        paper.set_landscape()
        paper.set_paper(9)  # A4
        paper.fit_to_pages(1, 0)
        paper.repeat_rows(HEADER_ROW, self.first - 1)
        paper.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        paper.set_footer("&L&A&R&P / &N")

    def _close(self):
        """Open only what is to be filled in, and hide what programs read."""
        if self.sheet.get("marks"):
            self.paper.set_row(HEADER_ROW - 1, None, None, {"hidden": True})
        if self.sheet.get("not_negative"):
            first, last, sentence = self.sheet["not_negative"]
            rule = {"validate": "decimal", "criteria": ">=", "value": 0}
            rule["error_message"] = sentence
            self.paper.data_validation(self.first, first, self.last, last, rule)
        if self.sheet.get("protected"):
            self.paper.protect("", dict.fromkeys(ALLOWED, True))
        if self.sheet.get("hidden"):
            self.paper.very_hidden()


def column_letter(number):
    """The name of a column, counted from 0: ``A``, ``Z``, ``AA``.

    :rtype: str
    """
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _free_name(title, names):
    """A name that a sheet may have: short, without special signs, unique."""
    clean = "".join(" " if sign in "[]:*?/\\'" else sign for sign in title).strip()
    name = base = clean[:31] or "Sheet"
    number = 1
    while name.lower() in names:
        number += 1
        name = f"{base[:27]} {number}"
    names.add(name.lower())
    return name


def _date_format(pattern):
    """A format of days as a workbook writes it."""
    for sign, code in (
        ("%d", "dd"),
        ("%m", "mm"),
        ("%Y", "yyyy"),
        ("%y", "yy"),
        ("%b", "mmm"),
        ("%B", "mmmm"),
        ("%-d", "d"),
        ("%-m", "m"),
        ("%a", "ddd"),
        ("%A", "dddd"),
    ):
        pattern = pattern.replace(sign, code)
    return pattern
