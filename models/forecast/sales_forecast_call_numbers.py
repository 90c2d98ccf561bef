from odoo import api, models
from odoo.tools import SQL

from .sales_forecast_number import CATEGORIES

# What is known of an owner, some days and a category before anything is called.
NOTHING = {
    "call": None,
    "call_id": None,
    "call_note": None,
    "called_by": None,
    "called_by_name": None,
    "called_on": None,
    "below": None,
    "below_called": 0,
    "below_total": 0,
    "adjusted": None,
    "adjustment_id": None,
    "adjusted_by": None,
    "adjusted_by_name": None,
    "adjusted_on": None,
    "adjust_note": None,
    "number": None,
}


class SalesForecastCall(models.Model):
    """The numbers that hold now, with what adds up below them."""

    _inherit = "sales.forecast.call"

    @api.model
    def _numbers(self, company, owners, periods):
        """What owners have called, and what was made of it.

        The number of queries depends neither on owners nor on periods. Amounts are in
        the currency of the company. ``below`` adds up what counts of those right below:
        what was adjusted, else called, else what adds up below them in turn; it is
        empty when nobody below has called anything, and ``below_called`` of
        ``below_total`` say how many have. What the user may not see is empty.

        :param owners: ``("user" | "team" | "company", id)``
        :param periods: ``(first day, day after the last)``
        :return: ``{(kind, id, date_from, date_to, category): dict}``, see ``NOTHING``;
            ``called_by`` and ``adjusted_by`` are ids of users, ``called_on`` and
            ``adjusted_on`` naive UTC
        """
        owners, periods = list(dict.fromkeys(owners)), list(dict.fromkeys(periods))
        known = self._known_numbers(company, owners, periods)
        return {
            key: known[key] if key in known else dict(NOTHING)
            for owner in owners
            for period in periods
            for category, _label in CATEGORIES
            for key in [(*owner, *period, category)]
        }

    @api.model
    def _known_numbers(self, company, owners, periods, tree=None):
        """The same of those who have called or whose people have: what takes less time
        where there are many.

        :param tree: ``engine.owner_tree.OwnerTree`` of the company, where it is at hand
        """
        self.check_access("read")
        if not owners or not periods:
            return {}
        if set(owners) != {("user", self.env.uid)}:
            tree = tree or self._owner_tree(company)
            seen = self._seen_owners(tree, owners)
            owners = [owner for owner in owners if owner in seen]
        else:
            tree = None
        needed = tree.inside(owners) if tree else set(owners)
        detailed = set(owners)
        if tree:  # whether they sell is seen from their numbers alone
            detailed |= needed & {("user", user) for user in tree.leading}
        known, foreign = self._read_numbers(company, detailed, needed, periods)
        if foreign:  # the database adds up what is in one currency
            detailed |= foreign
            known, _foreign = self._read_numbers(company, detailed, needed, periods)
        asked = set(owners)
        result = {key: entry for key, entry in known.items() if key[:2] in asked}
        if tree:
            people = {id_ for kind, id_ in detailed if kind == "user"}
            self._add_below(company, tree, owners, people, periods, known, result)
        return result

    @api.model
    def _read_numbers(self, company, detailed, needed, periods):
        """Current calls and adjustments, by key of ``_numbers``.

        :param detailed: owners whose numbers are wanted with all that is known of them
        :param needed: those with all below them, of whom only teams are read
        :return: that, and the people below who have numbers in a currency that the
            company has had before
        """
        result, foreign = {}, set()
        query = self._numbers_query(company, detailed, needed, periods)
        for row in self.env.execute_query_dict(query):
            owner = self._owner_of(row, company)
            if owner[0] == "user" and owner not in detailed:
                foreign.add(owner)
                continue
            key = (*owner, row["date_from"], row["date_to"], row["category"])
            amount = self._in_company_currency(company, row)
            entry = result.get(key)
            if entry is None:
                entry = result[key] = dict(NOTHING)
            entry.update(self._as_entry(row, amount))
        for entry in result.values():
            adjusted = entry["adjusted"]
            entry["number"] = entry["call"] if adjusted is None else adjusted
        return result, foreign

    @api.model
    def _as_entry(self, row, amount):
        if row["is_call"]:
            return {
                "call": amount,
                "call_id": row["id"],
                "call_note": row["note"],
                "called_by": row["author_id"],
                "called_by_name": row["author"],
                "called_on": row["date"],
            }
        return {
            "adjusted": amount,
            "adjustment_id": row["id"],
            "adjust_note": row["note"],
            "adjusted_by": row["author_id"],
            "adjusted_by_name": row["author"],
            "adjusted_on": row["date"],
        }

    @api.model
    def _owner_of(self, row, company):
        if row["user_id"]:
            return "user", row["user_id"]
        if row["team_id"]:
            return "team", row["team_id"]
        return "company", company.id

    @api.model
    def _in_company_currency(self, company, row):
        """An amount in today's currency of the company, at the day it was given.

        Companies hardly ever change their currency; what was called before keeps its
        own.
        """
        if row["currency_id"] == company.currency_id.id:
            return row["amount"]
        currency = self.env["res.currency"].browse(row["currency_id"])
        day = company._sales_day(row["date"])
        return currency._convert(row["amount"], company.currency_id, company, day)

    @api.model
    def _numbers_query(self, company, detailed, needed, periods):
        condition = self._detail_condition(company, detailed, needed)
        return self._current_numbers(
            company,
            periods,
            condition,
            SQL(
                "n.id, n.team_id, n.currency_id, n.note, n.author_id, n.date,"
                " p.name AS author"
            ),
            SQL(
                "JOIN res_users u ON u.id = n.author_id"
                " JOIN res_partner p ON p.id = u.partner_id"
            ),
        )

    @api.model
    def _detail_condition(self, company, detailed, needed):
        """Rows that are looked at one by one; only parts that an index can serve."""
        users = {id_ for kind, id_ in detailed if kind == "user"}
        teams = {id_ for kind, id_ in detailed | needed if kind == "team"}
        people = {id_ for kind, id_ in needed if kind == "user"} - users
        is_foreign = SQL("n.currency_id != %s", company.currency_id.id)
        parts = []
        if users:
            parts.append(SQL("n.user_id = ANY(%s)", sorted(users)))
        if teams:
            parts.append(SQL("n.team_id = ANY(%s)", sorted(teams)))
        if ("company", company.id) in needed:
            parts += [SQL("n.owner_kind = 'company'"), is_foreign]
        elif people:
            parts.append(SQL("%s AND n.user_id = ANY(%s)", is_foreign, sorted(people)))
        return SQL("(%s)", SQL(" OR ").join(parts or [SQL("FALSE")]))

    @api.model
    def _current_numbers(self, company, periods, condition, columns, joins):
        """Current rows of calls and of adjustments of some periods, as ``n``."""
        both = (self, self.env["sales.forecast.adjustment"])
        for model in both:
            model.flush_model()
        return SQL(" UNION ALL ").join(
            SQL(
                """
                SELECT %(is_call)s AS is_call, n.user_id, n.date_from, n.date_to,
                       n.category, n.amount::float8 AS amount, %(columns)s
                  FROM %(table)s n %(joins)s
                 WHERE n.company_id = %(company)s
                   AND n.date_end IS NULL
                   AND (n.date_from, n.date_to) IN %(periods)s
                   AND %(condition)s
                """,
                is_call=model._name == self._name,
                columns=columns,
                table=SQL.identifier(model._table),
                joins=joins,
                company=company.id,
                periods=tuple(periods),
                condition=condition,
            )
            for model in both
        )
