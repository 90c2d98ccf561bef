import math
from collections import defaultdict
from datetime import date

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_amount

from ...engine.periods import next_of, start_of
from .sales_forecast_number import CATEGORIES, PERIODS

MODELS = {"call": "sales.forecast.call", "adjustment": "sales.forecast.adjustment"}


class SalesForecastCall(models.Model):
    """Numbers are given here and nowhere else."""

    _inherit = "sales.forecast.call"

    @api.model
    def submit(self, company_id, rows):
        """Call and adjust numbers, all or none of them; see ``_submit``.

        :param int company_id: whose forecast it is
        :param list rows: as of ``_submit``; days may be texts such as ``2024-01-31``
        :return: list of ids, in the order of the rows
        """
        if not isinstance(company_id, int) or not isinstance(rows, list):
            raise UserError(self.env._("Reload the page: what came in is no call."))
        company = self.env["res.company"].browse(company_id).exists()
        return self._submit(company, rows)

    @api.model
    def _submit(self, company, rows):
        """Call, adjust and reset numbers, all or none of them.

        The number of queries does not depend on the number of rows.

        :param rows: dicts of ``owner`` ``(kind, id)``, ``date_from``, ``date_to`` (the
            day after the last), ``category``, ``amount`` in the currency of the company
            (None resets, with a ``reason``), ``note``, ``kind`` (``call``, the default,
            or ``adjustment``) and, to notice what others did meanwhile, ``seen``: the
            id of the current number that was on the screen, None for none
        :return: ids of the new numbers in the order of the rows; False for resets
        :raise AccessError: for people outside sales
        :raise UserError: naming the first row that cannot be given, and why
        """
        if not company:
            raise UserError(self.env._("Choose the company whose forecast it is."))
        self._check_may_submit(company)
        parsed = [self._parse_row(company, row) for row in rows]
        if not parsed:
            return []
        if len({(row["kind"], *row["key"]) for row in parsed}) < len(parsed):
            raise UserError(self.env._("The same number is given twice. Keep one."))
        tree = self._owner_tree(company)
        self._check_owners(company, tree, parsed)
        self._check_rights(tree, parsed)
        late = self._check_locks(company, parsed)
        current = self._lock_current(company, parsed)
        self._check_conflicts(parsed, current)
        self._check_ranks(tree, parsed, current)
        return self._apply(company, tree, parsed, current, late)

    # === WHAT CAME IN === #

    @api.model
    def _parse_row(self, company, row):
        """A row with everything in its proper type.

        :raise UserError: for what cannot be understood
        """
        try:
            kind, id_ = row["owner"]
            first = fields.Date.to_date(row["date_from"])
            after = fields.Date.to_date(row["date_to"])
            category, what = row["category"], row.get("kind") or "call"
            is_known = (
                kind in ("user", "team", "company")
                and type(id_) is int
                and isinstance(first, date)
                and isinstance(after, date)
                and category in dict(CATEGORIES)
                and what in MODELS
                and (kind != "company" or id_ == company.id)
            )
        except (AttributeError, KeyError, TypeError, ValueError):
            is_known = False
        if not is_known:
            raise UserError(self.env._("Reload the page: what came in is no call."))
        return {
            "owner": (kind, id_),
            "period": (first, after),
            "category": category,
            "key": (kind, id_, first, after, category),
            "kind": what,
            "amount": self._parse_amount(company, row.get("amount")),
            "note": self._parse_text(row.get("note")),
            "reason": self._parse_text(row.get("reason")),
            **({"seen": row["seen"] or None} if "seen" in row else {}),
        }

    @api.model
    def _parse_amount(self, company, amount):
        if amount is None:
            return None
        if isinstance(amount, bool) or not isinstance(amount, int | float):
            raise UserError(self.env._("Enter a number as amount."))
        if not math.isfinite(amount) or not 0 <= amount < 1e15:
            raise UserError(self.env._("Enter an amount of zero or more."))
        return company.currency_id.round(float(amount))

    @api.model
    def _parse_text(self, text):
        return text.strip() or False if isinstance(text, str) else False

    @api.model
    def _period_type(self, company, first, after):
        """Which kind of period some days are.

        :raise UserError: where they are none
        """
        month = company._sales_fiscal_month()
        for kind, _label in PERIODS:
            if (start_of(first, kind, month), next_of(first, kind, month)) == (
                first,
                after,
            ):
                return kind
        raise UserError(
            self.env._(
                "Numbers are called for whole weeks, months, quarters or fiscal years."
            )
        )

    # === WHAT MAY BE GIVEN === #

    @api.model
    def _check_owners(self, company, tree, rows):
        """People and teams have to be there and to belong to the company."""
        users = {row["owner"][1] for row in rows if row["owner"][0] == "user"}
        teams = {row["owner"][1] for row in rows if row["owner"][0] == "team"}
        people = self.env["res.users"].sudo()  # whether they work in the company
        people = people.with_context(active_test=False).search(
            [("id", "in", sorted(users)), ("company_ids", "in", company.ids)]
        )
        if users - set(people.ids) or teams - tree.parent.keys():
            raise UserError(
                self.env._(
                    "This person or team does not belong to %s. Reload the page.",
                    company.name,
                )
            )
        self._read_names(row["owner"] for row in rows)
        for row in rows:
            row["period_type"] = row["amount"] is not None and self._period_type(
                company, *row["period"]
            )

    @api.model
    def _check_rights(self, tree, rows):
        for row in rows:
            if row["kind"] == "adjustment":
                problem = self._adjustment_problem(tree, row["owner"])
            elif row["amount"] is None:
                problem = self._reset_problem(tree, row["owner"])
            else:
                problem = self._call_problem(tree, row["owner"])
            if problem and not self.env.su:
                raise AccessError(problem)
            if row["amount"] is None and not row["reason"]:
                raise UserError(
                    self.env._("Say why the number is reset, so that it can be read.")
                )

    @api.model
    def _check_locks(self, company, rows):
        """:return: periods that are closed, and unlocked for these rows"""
        now = fields.Datetime.now()
        owners = {row["owner"] for row in rows}
        periods = {row["period"] for row in rows}
        locked = self._locked(company, owners, periods, now)
        for row in rows:
            if locked[(*row["owner"], *row["period"])] and not self.env.su:
                raise UserError(
                    self._lock_message(company, row["owner"], row["period"])
                )
        cut_offs = self._cut_offs(company, periods)
        return {period for period, moment in cut_offs.items() if moment <= now}

    # === WHAT OTHERS DID MEANWHILE === #

    @api.model
    def _lock_current(self, company, rows):
        """Current numbers of the rows, locked: ``{(kind, *key): record}``."""
        result = {}
        for kind, name in MODELS.items():
            wanted = [row for row in rows if row["kind"] == kind]
            if not wanted:
                continue
            numbers = self.env[name].sudo()  # rights are checked for each row
            numbers.flush_model()
            query = self._current_query(company, name, wanted)
            found = self.env.execute_query(query)
            for record in numbers.browse(id_ for (id_,) in found):
                result[kind, *record._key()] = record
        return result

    @api.model
    def _current_query(self, company, name, rows):
        keys = tuple(
            (
                id_ if kind == "user" else 0,
                id_ if kind == "team" else 0,
                first,
                after,
                category,
            )
            for kind, id_, first, after, category in (row["key"] for row in rows)
        )
        return SQL(
            """
            SELECT id FROM %s
             WHERE company_id = %s AND date_end IS NULL
               AND (COALESCE(user_id, 0), COALESCE(team_id, 0), date_from, date_to,
                    category) IN %s
             ORDER BY id FOR UPDATE
            """,
            SQL.identifier(self.env[name]._table),
            company.id,
            keys,
        )

    @api.model
    def _check_conflicts(self, rows, current):
        """:raise UserError: where somebody changed what was on the screen"""
        for row in rows:
            record = current.get((row["kind"], *row["key"]))
            now_id = record.id if record else None
            if "seen" in row and row["seen"] != now_id:
                raise UserError(self._conflict_message(row, record))

    @api.model
    def _conflict_message(self, row, record):
        words = self._period_words(row["owner"], row["period"])
        words["category"] = self._category_name(row["category"])
        if record:
            return self.env._(
                "%(author)s changed %(category)s of %(owner)s, %(from)s – %(to)s, "
                "meanwhile: it is %(amount)s now. Reload the page and look at it "
                "again.",
                **words,
                author=record.author_id.name,
                amount=format_amount(self.env, record.amount, record.currency_id),
            )
        numbers = self.env[MODELS[row["kind"]]].sudo()  # who ended it is told below
        seen = numbers.browse(row["seen"] if type(row["seen"]) is int else []).exists()
        if not seen or seen._owner() != row["owner"] or not seen.end_author_id:
            return self.env._("Reload the page: what was on it is gone.")
        return self.env._(
            "%(author)s reset %(category)s of %(owner)s, %(from)s – %(to)s, meanwhile. "
            "Reload the page and look at it again.",
            **words,
            author=seen.end_author_id.name,
        )

    @api.model
    def _category_name(self, category):
        field = self._fields["category"]
        return dict(field._description_selection(self.env))[category]

    @api.model
    def _check_ranks(self, tree, rows, current):
        for row in rows:
            record = current.get((row["kind"], *row["key"]))
            if row["kind"] == "adjustment" and record:
                problem = self._rank_problem(tree, row["owner"], record.author_id)
                if problem:
                    raise UserError(problem)

    # === WRITING === #

    @api.model
    def _apply(self, company, tree, rows, current, late):
        """End what was current and add what is new."""
        now = fields.Datetime.now()
        self._end_current(rows, current, now)
        result = {}
        for kind, name in MODELS.items():
            new = [
                row for row in rows if row["kind"] == kind and row["amount"] is not None
            ]
            numbers = self.env[name].sudo()  # nobody writes them by hand
            records = numbers.create(
                [self._prepare(company, tree, row, now, late) for row in new]
            )
            for row, record in zip(new, records, strict=True):
                result[kind, *row["key"]] = record.id
        self.env["sales.forecast.reminder"]._settle(company)
        return [result.get((row["kind"], *row["key"]), False) for row in rows]

    @api.model
    def _end_current(self, rows, current, now):
        ends = defaultdict(list)
        for row in rows:
            record = current.get((row["kind"], *row["key"]))
            if record:
                state = "reset" if row["amount"] is None else "replaced"
                ends[record._name, state, row["reason"] or False].append(record.id)
        for (name, state, reason), ids in ends.items():
            numbers = self.env[name].sudo().browse(ids)  # nobody writes them by hand
            numbers.write(
                {
                    "state": state,
                    "date_end": now,
                    "end_author_id": self.env.uid,
                    "end_reason": state == "reset" and reason,
                }
            )
            numbers.flush_recordset()  # before the new ones take their place

    @api.model
    def _prepare(self, company, tree, row, now, late):
        kind, id_ = row["owner"]
        return {
            "company_id": company.id,
            "currency_id": company.currency_id.id,
            "owner_kind": kind,
            "user_id": id_ if kind == "user" else False,
            "team_id": id_ if kind == "team" else False,
            "home_team_id": tree.home.get(id_, False) if kind == "user" else False,
            "period_type": row["period_type"],
            "date_from": row["period"][0],
            "date_to": row["period"][1],
            "category": row["category"],
            "amount": row["amount"],
            "note": row["note"],
            "author_id": self.env.uid,
            "date": now,
            "is_late": row["period"] in late,
        }
