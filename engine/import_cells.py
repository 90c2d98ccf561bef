"""Read the cells of a column as dates and as amounts of money.

What
    `detect_date_order` and `detect_decimal_mark` read a whole column and say how it is
    written; `parse_date` and `parse_amount` then read one cell.

Why not parse cell by cell
    "03/04/2017" alone is unreadable. Two hundred cells of the same column usually are
    not: one "10/20/2016" proves month first. Where the column proves nothing the answer
    is "ambiguous" and a person is asked. Nothing here guesses.

Plain Python: no Odoo, so it can be tested, and used, without a database.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

# --------------------------------------------------------------------------------------
# Dates
# --------------------------------------------------------------------------------------

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "january"),
            ("feb", "february"),
            ("mar", "march"),
            ("apr", "april"),
            ("may",),
            ("jun", "june"),
            ("jul", "july"),
            ("aug", "august"),
            ("sep", "sept", "september"),
            ("oct", "october"),
            ("nov", "november"),
            ("dec", "december"),
        ),
        start=1,
    )
    for name in names
}
_NUMERIC = re.compile(r"(\d{1,4})[./\-\s](\d{1,2}|[A-Za-z]{3,9})[./\-\s](\d{1,4})")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MONTH_FIRST = re.compile(r"([A-Za-z]{3,9})\.?\s+(\d{1,2}),?\s+(\d{4})")
_DAY_FIRST = re.compile(r"(\d{1,2})\.?\s+([A-Za-z]{3,9})\.?,?\s+(\d{4})")
_TIME = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([ap])?\.?m?\.?"
    r"\s*(Z|UTC|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_DATE_TIME = re.compile(r"^(.*\d)[T\s]+(\d{1,2}:\d{2}.*)$", re.IGNORECASE)


class Moment(NamedTuple):
    """A cell read as a date: `zone` only when the cell itself names one."""

    value: datetime
    has_time: bool
    zone: timezone | None = None


def detect_date_order(values: Iterable[str]) -> str:
    """How a column writes its dates: ymd, dmy, mdy, ambiguous, mixed, or "" (no date).

    >>> detect_date_order(["3/1/2017", "10/20/2016"])
    'mdy'
    >>> detect_date_order(["03.01.2017", "20.10.2016"])
    'dmy'
    >>> detect_date_order(["3/1/2017", "4/2/2017"])
    'ambiguous'
    >>> detect_date_order(["13/1/2017", "1/13/2017"])
    'mixed'
    >>> detect_date_order(["2017-03-01", ""]), detect_date_order(["1 Mar 2017", "n/a"])
    ('ymd', 'ymd')
    >>> detect_date_order(["", "n/a"])
    ''
    """
    seen = False
    day_first = month_first = unproven = False
    for value in values:
        found = _NUMERIC.match(_plain_date(value)[0]) if value else None
        if not found or not found[2].isdigit() or len(found[1]) > 2:
            seen = seen or bool(value and parse_date(value, "ymd"))
            continue
        first, second = int(found[1]), int(found[2])
        seen = True
        if first > 12 >= second:
            day_first = True
        elif second > 12 >= first:
            month_first = True
        else:
            # 5/5/2017 reads the same both ways and proves nothing is missing.
            unproven = unproven or first != second
    if day_first and month_first:
        return "mixed"
    if day_first or month_first:
        return "dmy" if day_first else "mdy"
    if unproven:
        return "ambiguous"
    return "ymd" if seen else ""


def parse_date(text: str, order: str = "ymd") -> Moment | None:
    """Read one cell as a date, or None when it is not one.

    A date with the year first, a compact date and a date with a month's name read the
    same in every order; `order` decides only how 3/4/2017 is meant.

    >>> parse_date("3/1/2017", "mdy").value, parse_date("3/1/2017", "dmy").value
    (datetime.datetime(2017, 3, 1, 0, 0), datetime.datetime(2017, 1, 3, 0, 0))
    >>> parse_date("2017-03-01T14:30:00Z", "dmy")
    Moment(value=datetime.datetime(2017, 3, 1, 14, 30), has_time=True, \
zone=datetime.timezone.utc)
    >>> parse_date("Mar 1, 2017").value == parse_date("2017年3月1日").value
    True
    >>> parse_date("31/31/2017", "dmy"), parse_date("42798"), parse_date("3/4/2017")
    (None, None, None)
    """
    day_text, time_text = _plain_date(text)
    day = _parse_day(day_text, order)
    if day is None:
        return None
    if not time_text:
        return Moment(day, False)
    found = _TIME.fullmatch(time_text)
    if not found:
        return None
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if found[4]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found[4].lower() == "p" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    value = day.replace(hour=hour, minute=minute, second=second)
    return Moment(value, True, _parse_zone(found[5]))


def _plain_date(text: str) -> tuple[str, str]:
    text = text.strip()
    if "年" in text:
        text = re.sub(r"[年月]", "-", text).replace("日", " ").strip()
    found = _DATE_TIME.match(text)
    return (found[1].strip(), found[2].strip()) if found else (text, "")


def _parse_day(text: str, order: str) -> datetime | None:
    if found := _COMPACT.fullmatch(text):
        year, month, day = found.groups()
    elif found := _MONTH_FIRST.fullmatch(text):
        month, day, year = found.groups()
    elif found := (_DAY_FIRST.fullmatch(text)):
        day, month, year = found.groups()
    elif found := _NUMERIC.fullmatch(text):
        first, second, third = found.groups()
        if len(first) == 4:
            year, month, day = first, second, third
        elif len(third) not in (2, 4):
            return None
        elif second.isalpha() or order == "dmy":
            day, month, year = first, second, third
        elif order == "mdy":
            month, day, year = first, second, third
        else:
            return None
    else:
        return None
    number = int(month) if month.isdigit() else _MONTHS.get(month.lower(), 0)
    whole_year = int(year)
    if len(year) == 2:
        whole_year += 2000 if whole_year < 70 else 1900
    try:
        return datetime(whole_year, number, int(day))
    except ValueError:
        return None


def _parse_zone(text: str | None) -> timezone | None:
    if not text:
        return None
    if text.upper() in ("Z", "UTC"):
        return UTC
    sign = -1 if text[0] == "-" else 1
    digits = text[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return timezone(sign * timedelta(minutes=minutes)) if minutes < 1440 else None


# --------------------------------------------------------------------------------------
# Amounts
# --------------------------------------------------------------------------------------

_AMOUNT = re.compile(
    r"(?P<before>[^\d\s.,()+-]{0,4})(?P<number>[\d.,'’]*\d[\d.,'’]*)"
    r"(?P<after>[^\d\s.,()+-]{0,4})"
)
_SPACES = re.compile(r"[\s\u00a0\u202f]+")


class Amount(NamedTuple):
    """A cell read as money: `currency` is the sign or code written beside it."""

    value: Decimal
    currency: str = ""


def detect_decimal_mark(values: Iterable[str]) -> str:
    """The decimal mark of a column of amounts, "." unless a value shows otherwise.

    A mark followed by exactly three digits separates thousands: money with three
    decimals is far rarer than money above a thousand.

    >>> detect_decimal_mark(["1,054", "12"]), detect_decimal_mark(["1.054,50"])
    ('.', ',')
    >>> detect_decimal_mark(["12,5"]), detect_decimal_mark(["1.054", "900"])
    (',', ',')
    """
    dot = comma = 0
    for value in values:
        digits = re.sub(r"[^\d.,]", "", value or "")
        last_dot, last_comma = digits.rfind("."), digits.rfind(",")
        if last_dot < 0 and last_comma < 0:
            continue
        if last_dot >= 0 and last_comma >= 0:
            dot += last_dot > last_comma
            comma += last_comma > last_dot
            continue
        mark = "." if last_dot >= 0 else ","
        tail = len(digits) - 1 - max(last_dot, last_comma)
        is_decimal = tail != 3 and digits.count(mark) == 1
        dot += (mark == ".") == is_decimal
        comma += (mark == ",") == is_decimal
    return "," if comma > dot else "."


def parse_amount(text: str, decimal_mark: str = ".") -> Amount | None:
    """Read one cell as an amount of money, or None when it is not one.

    >>> parse_amount("$ 1,054.50"), parse_amount("1.054,50 EUR", ",")
    (Amount(value=Decimal('1054.50'), currency='$'), \
Amount(value=Decimal('1054.50'), currency='EUR'))
    >>> parse_amount("(12)"), parse_amount("-12"), parse_amount("CHF 1’200")
    (Amount(value=Decimal('-12'), currency=''), Amount(value=Decimal('-12'), \
currency=''), Amount(value=Decimal('1200'), currency='CHF'))
    >>> parse_amount("1,2,3"), parse_amount("n/a"), parse_amount("12 or 13")
    (None, None, None)
    """
    text = _SPACES.sub("", text)
    negative = False
    if text.startswith("(") and text.endswith(")"):
        negative, text = True, text[1:-1]
    for sign in ("-", "−"):
        if text.startswith(sign):
            negative, text = True, text.removeprefix(sign)
        elif text.endswith(sign):
            negative, text = True, text.removesuffix(sign)
        elif re.match(rf"[^\d]{{1,4}}{sign}\d", text):
            negative, text = True, text.replace(sign, "", 1)
    found = _AMOUNT.fullmatch(text.removeprefix("+"))
    if not found:
        return None
    number = found["number"].replace("'", "").replace("’", "")
    thousands = "," if decimal_mark == "." else "."
    whole, mark, decimals = number.partition(decimal_mark)
    if thousands in decimals or decimal_mark in decimals:
        return None
    groups = whole.split(thousands)
    if len(groups) > 1 and (
        not 1 <= len(groups[0]) <= 3
        or len(groups[-1]) != 3
        or any(len(group) not in (2, 3) for group in groups[1:])
    ):
        return None
    try:
        value = Decimal("".join(groups) + (mark and "." + (decimals or "0")) or "0")
    except InvalidOperation:
        return None
    return Amount(-value if negative else value, found["before"] or found["after"])
