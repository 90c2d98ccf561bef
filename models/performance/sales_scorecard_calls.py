from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...engine.forecast_accuracy import errors
from ...engine.periods import next_of, start_of
from ..forecast.accuracy_chance_sql import PastChances
from ..forecast.accuracy_scope import PRESENT, WEEKS, Scope
from ..forecast.accuracy_sql import END, START, Past


class SalesScorecard(models.AbstractModel):
    """How far somebody's calls were off.

    A period that is over counts with the first call that stood at its beginning or at
    one of its weekly marks: what was called on its last day is no forecast.
    """

    _inherit = "sales.scorecard"

    @api.model
    def _read_calls(self, reading):
        """``call_error`` (percent of what came in) and ``call_bias`` (above 0: too much
        was called), over the periods of calls that end in a period."""
        scope = self._calls_scope(reading)
        if not scope.periods:
            return
        moments = [
            row
            for row in scope.moments((START, *WEEKS))
            if row["weeks"] == END or row["at"] >= row["since"]
        ]
        called = self._first_calls(reading, scope, moments)
        if not called:
            return
        came = self._came_in(reading, scope, [m for m in moments if m["weeks"] == END])
        pairs = defaultdict(list)
        for (user_id, place), amount in called.items():
            number = self._number_of(reading, scope.periods[place])
            if number is not None:
                pairs[user_id, number].append((amount, came.get((user_id, place), 0.0)))
        for (user_id, number), some in pairs.items():
            found = errors(some)
            for key, share in (("call_error", found.wape), ("call_bias", found.bias)):
                value = None if share is None else 100 * share
                reading.put(key, user_id, number, value, found.periods)

    @api.model
    def _calls_scope(self, reading):
        """Periods of calls that are over and end in those of the scorecard."""
        company = reading.company
        kind = company.sales_forecast_call_period
        month = company._sales_fiscal_month()
        first = start_of(reading.periods[0][0], kind, month)
        periods = []
        until = min(reading.periods[-1][1], reading.today)
        while (after := next_of(first, kind, month)) <= until:
            periods.append((first, after))
            first = after
        domain = Domain("user_id", "in", reading.people)
        present = (first, after)
        return Scope(company, kind, periods, present, START, None, None, domain)

    @api.model
    def _number_of(self, reading, period):
        """In which period of the scorecard a period of calls ends."""
        last = fields.Date.subtract(period[1], days=1)
        for number, (first, after) in enumerate(reading.periods):
            if first <= last < after:
                return number
        return None

    @api.model
    def _first_calls(self, reading, scope, moments):
        """``{(user id, place of the period): amount}`` of the first call of each."""
        accuracy = self.env["sales.forecast.accuracy"]
        found, people = {}, set(reading.people)
        for (kind, id_), amounts in accuracy._called(scope, moments).items():
            if kind != "user" or id_ not in people:
                continue
            # The latest first, so that the earliest of a period stays.
            for place, weeks in sorted(amounts, key=_how_late, reverse=True):
                if place != PRESENT and weeks != END:
                    found[id_, place] = amounts[place, weeks]
        return found

    @api.model
    def _came_in(self, reading, scope, moments):
        """What was won, as forecasts are checked: ``{(user id, place): amount}``."""
        history = self.env["sales.pipeline.history"].with_context(active_test=False)
        currency = reading.company.currency_id
        company = {
            "id": reading.company.id,
            "currency_id": currency.id,
            "rounding": currency.rounding,
        }
        query = history._search(scope.domain)
        past = Past(query, company, moments, PastChances(company["id"]))
        return {
            (user_id, place): amount
            for place, user_id, amount in self.env.execute_query(
                SQL(
                    """
                    WITH moment AS MATERIALIZED (%s), win AS MATERIALIZED (%s),
                         won AS (%s)
                    SELECT period, user_id, SUM(value)::float8 FROM won GROUP BY 1, 2
                    """,
                    past._moments(),
                    past._wins(),
                    past._won(),
                )
            )
        }


def _how_late(moment):
    """The order of the moments of a period: its beginning, then by its weeks."""
    _place, weeks = moment
    return 0 if weeks == START else WEEKS[0] + 1 - weeks
