"""From what commission is worked out to, to the lines of statements."""

import hashlib
import json
from decimal import Decimal
from typing import NamedTuple

from ...engine.statement import Said, differences, total

# Columns of what is inserted, with their types.
COLUMNS = {
    "statement_id": "int4",
    "sequence": "int4",
    "key": "varchar",
    "plan_id": "int4",
    "kind": "varchar",
    "is_correction": "bool",
    "why": "varchar",
    "period_from": "date",
    "period_to": "date",
    "source_model": "varchar",
    "source_id": "int4",
    "document_name": "varchar",
    "credit_date": "date",
    "base": "numeric",
    "share": "float8",
    "rate": "numeric",
    "amount": "numeric",
    "payable_amount": "numeric",
    "hold_reason": "varchar",
    "detail": "jsonb",
}
# Keys of details that tell apart what is said of a document under one rule.
TOLD_APART = ("role", "team_id", "bonus_id")

# Keys of details that a correction needs for its words.
EXPLAINING = ("why", "days_overdue", "bonus_id", "team_id")


class Window(NamedTuple):
    """The days of a statement: from the first to the day after the last."""

    first: object
    after: object

    def holds(self, result):
        """Whether a result belongs here: its last day lies in it."""
        return self.first < result.date_to <= self.after


def key_of(result, line):
    """What of a statement is compared with what was said of the same before.

    Brackets are not told apart: which of them an amount of a document lies in depends
    on the others of its period.
    """
    detail = line.detail or {}
    parts = [
        result.plan_id,
        result.date_from,
        result.date_to,
        line.kind,
        line.source_model or "",
        line.source_id or "",
        *(detail.get(name) or "" for name in TOLD_APART),
    ]
    if not line.source_model:
        parts.append(detail.get("bracket_id") or "")
    return "|".join(map(str, parts))


def plain_rows(results, window):
    """Lines of a period of which nothing was said before.

    :return: list of dicts with the names of ``COLUMNS``
    """
    return [
        {
            "key": key_of(result, line),
            "plan_id": result.plan_id,
            "kind": line.kind,
            "is_correction": False,
            "why": None,
            "period_from": window.first,
            "period_to": window.after,
            "source_model": line.source_model,
            "source_id": line.source_id,
            "credit_date": line.credit_date,
            "base": line.base,
            "share": line.share,
            "rate": line.rate,
            "amount": line.amount,
            "payable_amount": line.payable_amount,
            "hold_reason": line.hold_reason,
            "detail": {
                **line.detail,
                "plan_from": result.date_from,
                "plan_to": result.date_to,
            },
        }
        for result in results
        for line in result.lines
    ]


def correction_rows(results, said, window, stated_on):
    """What has to be said more of a period than was said.

    :param dict said: :class:`.Told` by key
    :param stated_on: the day it was confirmed or checked; None for not at all
    """
    lines = {}
    for result in results:
        for line in result.lines:
            lines.setdefault(key_of(result, line), []).append((result, line))
    now = total(
        (key, Said(line.base, line.amount, line.payable_amount))
        for key, found in lines.items()
        for _result, line in found
    )
    before = {key: told.said for key, told in said.items()}
    return [
        _correction_row(key, change, lines, said, now, window, stated_on)
        for key, change in differences(now, before).items()
    ]


class Told(NamedTuple):
    """What statements say of a key so far, and what it is about."""

    said: Said
    plan_id: int
    kind: str
    source_model: str | None
    source_id: int | None
    document_name: str | None
    credit_date: object
    plan_from: object
    plan_to: object


def _correction_row(key, change, lines, said, now, window, stated_on):
    told = said.get(key)
    result, line = lines[key][0] if key in lines else (None, None)
    about = line or told
    before = told.said if told else None
    after = now.get(key)
    why = change.why
    if not about.source_model and why in ("collected", "uncollected"):
        why = "rule"  # follows from many documents
    return {
        "key": key,
        "plan_id": result.plan_id if result else told.plan_id,
        "kind": about.kind,
        "is_correction": True,
        "why": why,
        "period_from": window.first,
        "period_to": window.after,
        "source_model": about.source_model,
        "source_id": about.source_id,
        "document_name": told.document_name if told else None,
        "credit_date": about.credit_date,
        "base": change.base,
        "share": line.share if line else None,
        "rate": line.rate if line else None,
        "amount": change.earned,
        "payable_amount": change.payable,
        "hold_reason": line.hold_reason if line else None,
        "detail": {
            "before": before._asdict() if before else {},
            "now": after._asdict() if after else {},
            "stated_on": stated_on,
            **{name: line.detail.get(name) for name in EXPLAINING if line},
            "plan_from": result.date_from if result else told.plan_from,
            "plan_to": result.date_to if result else told.plan_to,
        },
    }


class Totals(NamedTuple):
    """Amounts of a statement; the first is the sum of the others but for ``held``."""

    amount: Decimal
    earned: Decimal
    held: Decimal
    corrected: Decimal


def totals_of(rows):
    """Add up the lines of a statement.

    :rtype: Totals
    """
    own = [row for row in rows if not row["is_correction"]]
    earned = sum((row["amount"] for row in own), Decimal(0))
    payable = sum((row["payable_amount"] for row in own), Decimal(0))
    corrected = sum(
        (row["payable_amount"] for row in rows if row["is_correction"]), Decimal(0)
    )
    return Totals(payable + corrected, earned, earned - payable, corrected)


def as_json(rows):
    """Rows as PostgreSQL reads them."""
    return json.dumps(rows, default=_plain, separators=(",", ":"))


def _plain(value):
    return str(value)


class Written(NamedTuple):
    """The lines of a statement as they are written.

    :ivar str text: the rows, see :func:`as_json`
    :ivar Totals totals: their sums
    """

    text: str
    totals: Totals

    @classmethod
    def of(cls, statement_id, rows):
        """Of rows that know the names of their documents."""
        for sequence, row in enumerate(rows):
            row.update(statement_id=statement_id, sequence=sequence)
        return cls(as_json(rows), totals_of(rows))

    @property
    def digest(self):
        """Differs when anything of the lines does."""
        return hashlib.sha256(self.text.encode()).hexdigest()
