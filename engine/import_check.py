"""Check a table of deals row by row: what each becomes, and what is wrong with it.

What
    `check_deals` turns the rows of a `Table` into `Deal` objects and `Issue` objects.
    A row with an issue of severity "error" gives no deal; warnings leave it in.
    `check_records` does the same for customers, products and salespeople.

How it works
    Everything that needs a database (which names are known, which status means what)
    comes in through `Settings`, so that one row costs a few dictionary look-ups and the
    same check serves the dry run and the import itself.

    Issues carry a code and parameters, not a sentence: whoever shows them translates.

Plain Python: no Odoo, so it can be tested, and used, without a database.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal

from .import_cells import Moment, parse_amount, parse_date
from .import_match import name_key
from .tabular import Table

NOON = time(12)
_DATES = ("date_created", "date_entered", "date_closed", "date_deadline")


@dataclass(frozen=True)
class Issue:
    """Something to tell about one row; `target` is the field it is about."""

    row: int
    code: str
    severity: str = "error"
    target: str = ""
    value: str = ""
    params: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Note:
    """What to say wherever a certain name stands in the file."""

    code: str
    severity: str = "warning"
    params: dict = field(default_factory=dict)


@dataclass
class Settings:
    """How to read the cells, and what is known about the names in them."""

    zone: tzinfo
    now: datetime  # UTC, naive
    date_order: str = "ymd"
    decimal_mark: str = "."
    #: signs and codes of the company's currency, as written in files
    currencies: frozenset[str] = frozenset()
    reject_without_customer: bool = False
    #: name key of a stage or status → "won", "lost", "open"; absent = undecided
    outcomes: dict[str, dict[str, str]] = field(default_factory=dict)
    #: field → name key → what to report for it
    notes: dict[str, dict[str, Note]] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.now.replace(tzinfo=UTC).astimezone(self.zone).date()


@dataclass
class Deal:
    """One deal as it will be written; moments are UTC, naive."""

    row: int
    key: str
    cells: dict[str, str]
    outcome: str = "open"
    amount: Decimal | None = None
    created: datetime | None = None
    entered: datetime | None = None
    closed: datetime | None = None
    deadline: date | None = None


@dataclass
class Checked:
    """The outcome of a check."""

    deals: list[Deal] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    rejected: set[int] = field(default_factory=set)


def row_cells(table: Table, columns: dict[int, str]) -> Iterator[tuple[int, dict]]:
    """Every row as {field: text}; several note columns become one text."""
    for number, row in zip(table.numbers, table.rows, strict=True):
        cells: dict[str, str] = {}
        for index, target in columns.items():
            if target != "note":
                cells[target] = row[index]
            elif row[index]:
                line = f"{table.headers[index]}: {row[index]}"
                cells["note"] = "\n".join(filter(None, (cells.get("note"), line)))
        yield number, cells


def check_deals(table: Table, columns: dict[int, str], settings: Settings) -> Checked:
    """Read every row of a file of deals.

    :param columns: position of a column → field it holds
    """
    checked = Checked()
    keys: dict[str, int] = {}
    repeats: dict[str, int] = {}
    for number, cells in row_cells(table, columns):
        issues: list[Issue] = []
        if number in table.overlong:
            issues.append(Issue(number, "overlong"))
        key = _deal_key(number, cells, keys, repeats, issues)
        deal = Deal(number, key, cells)
        _read_outcome(deal, columns, settings, issues)
        _read_amount(deal, settings, issues)
        _read_dates(deal, settings, issues)
        _read_names(deal, columns, settings, issues)
        checked.issues += issues
        if any(issue.severity == "error" for issue in issues):
            checked.rejected.add(number)
        else:
            checked.deals.append(deal)
    return checked


def _deal_key(number, cells, keys, repeats, issues) -> str:
    """What recognises the deal the next time: its id, else its whole row."""
    if "external_id" not in cells:
        text = "\x1f".join(f"{name}={cells[name]}" for name in sorted(cells))
        digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:20]
        repeats[digest] = repeats.get(digest, 0) + 1
        return f"row-{digest}-{repeats[digest]}"
    key = cells["external_id"]
    if not key:
        issues.append(Issue(number, "id_missing", target="external_id"))
    elif key in keys:
        params = {"other": keys[key]}
        issues.append(
            Issue(number, "id_twice", "error", "external_id", key, params=params)
        )
    else:
        keys[key] = number
    return key


def _read_outcome(deal, columns, settings, issues):
    outcomes = {}
    for target in ("stage", "status"):
        if target not in columns.values():
            continue
        text = deal.cells.get(target, "")
        if not text:
            if target == "stage" or "stage" not in columns.values():
                issues.append(Issue(deal.row, "status_missing", target=target))
            continue
        outcome = settings.outcomes.get(target, {}).get(name_key(text))
        if outcome is None:
            issues.append(Issue(deal.row, "status_open", "error", target, text))
            continue
        outcomes[target] = outcome
    stage, status = outcomes.get("stage"), outcomes.get("status")
    if status and stage in ("won", "lost") and stage != status:
        params = {"stage": deal.cells["stage"], "status": deal.cells["status"]}
        issues.append(
            Issue(deal.row, "status_conflict", "error", "status", params=params)
        )
    deal.outcome = status or stage or "open"


def _read_amount(deal, settings, issues):
    text = deal.cells.get("amount", "")
    if not text:
        if "amount" in deal.cells and deal.outcome == "won":
            issues.append(Issue(deal.row, "amount_missing", "warning", "amount"))
        return
    amount = parse_amount(text, settings.decimal_mark)
    code = ""
    if amount is None:
        code = "amount_unreadable"
    elif amount.value < 0:
        code = "amount_negative"
    elif amount.currency and amount.currency.casefold() not in settings.currencies:
        code = "amount_currency"
    if code:
        issues.append(Issue(deal.row, code, "error", "amount", text))
    else:
        deal.amount = amount.value


# --------------------------------------------------------------------------------------
# Dates
# --------------------------------------------------------------------------------------


def _read_dates(deal, settings, issues):
    days: dict[str, date] = {}
    for target in _DATES:
        text = deal.cells.get(target, "")
        if not text:
            continue
        moment = parse_date(text, settings.date_order)
        if moment is None:
            issues.append(Issue(deal.row, "date_unreadable", "error", target, text))
            continue
        days[target], value = _place(moment, settings)
        if target == "date_deadline":
            deal.deadline = days[target]
            continue
        if target == "date_closed" and deal.outcome == "open":
            deal.deadline = deal.deadline or days[target]
            issues.append(Issue(deal.row, "closed_on_open", "warning", target, text))
            days.pop(target)
            continue
        if days[target] > settings.today:
            issues.append(Issue(deal.row, "date_future", "error", target, text))
        setattr(deal, target.removeprefix("date_"), value)
    _check_order(deal, days, issues)
    _complete_dates(deal, issues)


def _place(moment: Moment, settings: Settings) -> tuple[date, datetime]:
    """The day in the company's zone, and the moment in UTC.

    A date without a time stands for noon: no time zone on earth then shows another day
    to more than a few people, and a deal opened and won on one day keeps its order.
    """
    value = moment.value
    if not moment.has_time:
        value = datetime.combine(value.date(), NOON)
    local = value.replace(tzinfo=moment.zone or settings.zone)
    placed = local.astimezone(UTC).replace(tzinfo=None)
    day = local.astimezone(settings.zone).date()
    return day, min(placed, settings.now) if day == settings.today else placed


def _check_order(deal, days, issues):
    """Whole days are compared: noon stands for any hour of a day without a time."""
    for first, second in (
        ("date_created", "date_entered"),
        ("date_created", "date_closed"),
        ("date_entered", "date_closed"),
    ):
        if first in days and second in days and days[second] < days[first]:
            issues.append(
                Issue(
                    deal.row,
                    "date_order",
                    target=second,
                    value=deal.cells[second],
                    params={"first": first, "date": deal.cells[first]},
                )
            )
            return


def _complete_dates(deal, issues):
    """Fill what the file leaves open from what it says, never from nothing."""
    if deal.outcome != "open" and not deal.closed:
        readable = not any(issue.target == "date_closed" for issue in issues)
        if deal.entered:
            deal.closed = deal.entered
            issues.append(
                Issue(deal.row, "closed_from_entered", "warning", "date_closed")
            )
        elif readable:
            issues.append(Issue(deal.row, "closed_missing", target="date_closed"))
    given = [moment for moment in (deal.created, deal.entered, deal.closed) if moment]
    if not given:
        issues.append(Issue(deal.row, "date_missing", "warning", "date_created"))
        return
    deal.created = min(given) if not deal.created else deal.created
    if deal.entered:
        deal.entered = max(deal.entered, deal.created)
    if deal.closed:
        deal.closed = max(deal.closed, deal.entered or deal.created)


# --------------------------------------------------------------------------------------
# Names
# --------------------------------------------------------------------------------------


def _read_names(deal, columns, settings, issues):
    mapped = set(columns.values())
    for target in ("customer", "product", "salesperson"):
        if target not in mapped or deal.cells.get(target):
            continue
        severity = "warning"
        if target == "customer" and settings.reject_without_customer:
            severity = "error"
        issues.append(Issue(deal.row, f"{target}_missing", severity, target))
    issues += _noted(deal.row, deal.cells, settings)


def _noted(row: int, cells: dict[str, str], settings: Settings) -> list[Issue]:
    issues = []
    for target, notes in settings.notes.items():
        text = cells.get(target)
        note = notes.get(name_key(text)) if text else None
        if note:
            issues.append(
                Issue(row, note.code, note.severity, target, text, note.params)
            )
    return issues


def check_records(
    table: Table, columns: dict[int, str], settings: Settings
) -> tuple[dict[str, dict[str, str]], list[Issue]]:
    """Read a file of customers, products or people: {name key: cells} and issues."""
    records: dict[str, dict[str, str]] = {}
    issues: list[Issue] = []
    for number, cells in row_cells(table, columns):
        name = cells.get("name", "")
        key = name_key(name)
        if number in table.overlong:
            issues.append(Issue(number, "overlong"))
        elif not name:
            issues.append(Issue(number, "name_missing", target="name"))
        elif key in records:
            issues.append(Issue(number, "name_twice", "warning", "name", name))
        else:
            records[key] = cells
            issues += _noted(number, cells, settings)
            price = cells.get("price")
            if price and parse_amount(price, settings.decimal_mark) is None:
                issues.append(
                    Issue(number, "price_unreadable", "warning", "price", price)
                )
    return records, issues


def span(deals: list[Deal]) -> tuple[datetime | None, datetime | None]:
    """The first and the last moment the deals speak of."""
    moments = [
        moment
        for deal in deals
        for moment in (deal.created, deal.entered, deal.closed)
        if moment
    ]
    return (min(moments), max(moments)) if moments else (None, None)
