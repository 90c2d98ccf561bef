from datetime import date, datetime, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from .waterfall_sql import ADDING, BARS, Waterfall

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)


class SalesPipelineHistory(models.Model):
    """What became of the pipeline between two moments."""

    _inherit = "sales.pipeline.history"

    # === THE FIGURES === #

    @api.model
    def _waterfall(self, date_from, date_to, domain=(), period=None):
        """Why the open pipeline at ``date_to`` is not the one at ``date_from``.

        See ``waterfall_sql`` for what each bar holds. Amounts are positive unless deals
        have negative ones; ``sign`` says how a bar counts.

        :param datetime date_from: naive UTC; the state as ``_as_of`` gives it
        :param datetime date_to: likewise, not before ``date_from``
        :param domain: narrows the rows, by any of their fields
        :param period: first day and day after the last, of the expected closing
        :return: one dict per currency, the main company's first, with ``currency_id``,
            ``name``, ``residual`` (0.0) and ``bars``: dicts with ``key``, ``label``,
            ``sign``, ``amount``, ``count`` and the ``domain`` of its deals in
            ``sales.pipeline.change``
        """
        statement = self._waterfall_statement(date_from, date_to, domain, period)
        found = {}
        for currency_id, bar, amount, count in self.env.execute_query(
            statement.totals()
        ):
            bars = found.setdefault(currency_id, {})
            old_amount, old_count = bars.get(bar, (Decimal(0), 0))
            bars[bar] = (old_amount + Decimal(amount), old_count + count)
        own = self.env.company.currency_id
        currencies = self.env["res.currency"].browse(found)
        return [
            self._waterfall_of(currency, found[currency.id])
            for currency in currencies.sorted(lambda c: (c != own, c.name))
        ]

    @api.model
    def _waterfall_of(self, currency, found):
        labels = self._waterfall_labels()
        bars = []
        for key in BARS:
            amount, count = found.get(key, (Decimal(0), 0))
            bars.append(
                {
                    "key": key,
                    "label": labels[key],
                    "sign": 1 if key in ADDING or key == "start" else -1,
                    "amount": float(amount),
                    "count": count,
                    "domain": [("bar", "=", key), ("currency_id", "=", currency.id)],
                }
            )
        residual = sum(
            (bar["sign"] * found.get(bar["key"], (Decimal(0), 0))[0] for bar in bars),
            Decimal(0),
        )
        return {
            "currency_id": currency.id,
            "name": currency.name,
            "residual": float(residual),
            "bars": bars,
        }

    @api.model
    def _waterfall_statement(self, date_from, date_to, domain=(), period=None):
        # Lost deals are archived and count all the same.
        rows = self.with_context(active_test=False)
        start, end = (
            fields.Datetime.to_datetime(moment).replace(microsecond=0) + SECOND
            for moment in (date_from, date_to)
        )
        if start > end:
            raise UserError(self.env._("The end of the range is before its start."))
        if period:
            period = tuple(fields.Date.to_date(day) for day in period)
            if period[0] >= period[1]:
                raise UserError(self.env._("The closing period ends before it begins."))
        self._prepare_reading()
        return Waterfall(
            rows._search_checked(domain),
            rows._search([]),
            start,
            end,
            period or None,
            self.env.company.id,
        )

    @api.model
    def _search_checked(self, domain):
        """``_search``, with one clear sentence about a domain that cannot be used."""
        self.browse().check_access("read")
        try:
            return self._search(Domain(domain))
        except AccessError as error:
            raise UserError(
                self.env._(
                    "The filter uses records you have no right to read: %(reason)s",
                    reason=str(error).split("\n")[0],
                )
            ) from error
        except (AssertionError, KeyError, TypeError, ValueError) as error:
            raise UserError(
                self.env._(
                    "The filter cannot be understood: %(reason)s", reason=str(error)
                )
            ) from error

    @api.model
    def _waterfall_labels(self):
        return {
            "start": self.env._("Start"),
            "new": self.env._("New"),
            "pulled_in": self.env._("Pulled In"),
            "up": self.env._("Amount Up"),
            "moved_in": self.env._("Moved In"),
            "reopened": self.env._("Reopened"),
            "won": self.env._("Won"),
            "lost": self.env._("Lost"),
            "pushed_out": self.env._("Pushed Out"),
            "down": self.env._("Amount Down"),
            "moved_out": self.env._("Moved Out"),
            "removed": self.env._("Deleted"),
            "end": self.env._("End"),
        }

    # === FOR THE SCREEN === #

    @api.readonly
    @api.model
    def get_waterfall(self, options):
        """The figures of the screen Pipeline Changes.

        :param dict options: the days ``date_from`` and ``date_to``, both included, in
            the company's time zone; optionally ``period_from`` and ``period_to``, the
            days of the expected closing, both included, ``team_id`` (with all teams
            below), ``user_id`` and ``domain``
        :return: the ``currencies`` as ``_waterfall`` gives them, and the ``context`` in
            which ``sales.pipeline.change`` holds their deals
        """
        arguments = self._waterfall_arguments(options)
        return {
            "currencies": self._waterfall(**arguments),
            "context": {"sales_waterfall": dict(options)},
        }

    @api.readonly
    @api.model
    def get_waterfall_ranges(self):
        """The ranges the screen offers, as days of the company, both included."""
        today = self.env.company._sales_today()
        month = today.replace(day=1)
        quarter = month - relativedelta(months=(today.month - 1) % 3)
        year = month.replace(month=1)

        def span(first, months):
            last = first + relativedelta(months=months) - DAY
            return [first.isoformat(), last.isoformat()]

        ranges = {
            "month": span(month, 1),
            "last_month": span(month - relativedelta(months=1), 1),
            "quarter": span(quarter, 3),
            "last_quarter": span(quarter - relativedelta(months=3), 3),
            "next_quarter": span(quarter + relativedelta(months=3), 3),
            "year": span(year, 12),
        }
        week = today - timedelta(days=today.weekday())
        ranges["week"] = [week.isoformat(), (week + timedelta(days=6)).isoformat()]
        return {"today": today.isoformat(), "ranges": ranges}

    @api.readonly
    @api.model
    def get_waterfall_action(self, options, key, currency_id):
        """The action that lists the deals of a bar, old and new values side by side."""
        self._waterfall_arguments(options)
        if key not in BARS:
            raise UserError(self.env._("There is no bar “%s”.", key))
        label = self._waterfall_labels()[key]
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_pipeline_change_action"
        )
        return {
            **action,
            "display_name": self.env._("Pipeline Changes: %s", label),
            "name": self.env._("Pipeline Changes: %s", label),
            "domain": [
                ("bar", "=", key),
                ("currency_id", "=", self._checked_id(currency_id)),
            ],
            "context": {"sales_waterfall": dict(options), "create": False},
        }

    @api.model
    def _waterfall_arguments(self, options):
        """What ``_waterfall`` takes, from what a client asks for."""
        if not isinstance(options, dict):
            raise UserError(self.env._("Say which days are to be compared."))
        first = self._checked_day(options.get("date_from"))
        last = self._checked_day(options.get("date_to"))
        if last < first:
            raise UserError(
                self.env._(
                    "The range ends on %(last)s, before it begins on %(first)s.",
                    first=first,
                    last=last,
                )
            )
        domain = options.get("domain") or []
        if not isinstance(domain, list | tuple):
            raise UserError(self.env._("The filter cannot be understood."))
        domain = self._checked_domain(domain)
        if options.get("team_id"):
            team_id = self._checked_id(options["team_id"])
            domain &= Domain("team_id", "child_of", team_id)
        if options.get("user_id"):
            domain &= Domain("user_id", "=", self._checked_id(options["user_id"]))
        return {
            "date_from": self.env.company._sales_midnight(first) - SECOND,
            "date_to": self.env.company._sales_midnight(last + DAY) - SECOND,
            "domain": domain,
            "period": self._checked_period(options),
        }

    @api.model
    def _checked_period(self, options):
        if not options.get("period_from") and not options.get("period_to"):
            return None
        first = self._checked_day(options.get("period_from") or "1900-01-01")
        last = self._checked_day(options.get("period_to") or "9000-12-31")
        if last < first:
            raise UserError(
                self.env._(
                    "The closing period ends on %(last)s, before it begins on "
                    "%(first)s.",
                    first=first,
                    last=last,
                )
            )
        return first, last + DAY

    @api.model
    def _checked_domain(self, domain):
        try:
            return Domain(domain)
        except (AssertionError, TypeError, ValueError) as error:
            raise UserError(
                self.env._(
                    "The filter cannot be understood: %(reason)s", reason=str(error)
                )
            ) from error

    @api.model
    def _checked_day(self, value):
        """A day from what a client sent, such as ``2026-01-31``."""
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        try:
            day = date.fromisoformat(value)
        except (TypeError, ValueError) as error:
            raise UserError(
                self.env._(
                    "“%s” is no date. Write it as year-month-day, for example "
                    "2026-01-31.",
                    value or "",
                )
            ) from error
        if not 1900 <= day.year <= 9000:
            raise UserError(self.env._("“%s” is too far away.", value))
        return day

    @api.model
    def _checked_id(self, value):
        if isinstance(value, bool) or not isinstance(value, int):
            raise UserError(self.env._("“%s” is no number of a record.", value))
        return value
