from collections import defaultdict

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
        self.check_access("read")
        owners, periods = list(dict.fromkeys(owners)), list(dict.fromkeys(periods))
        result = {
            (*owner, *period, category): dict(NOTHING)
            for owner in owners
            for period in periods
            for category, _label in CATEGORIES
        }
        if not result:
            return result
        tree = None
        if set(owners) != {("user", self.env.uid)}:
            tree = self._owner_tree(company)
            owners = [o for o in owners if o in self._seen_owners(tree, owners)]
        needed = tree.inside(owners) if tree else set(owners)
        known = self._read_numbers(company, needed, periods)
        for owner in owners:
            for period in periods:
                for category, _label in CATEGORIES:
                    key = (*owner, *period, category)
                    result[key].update(known.get(key, {}))
        if tree:
            self._add_below(company, tree, owners, periods, known, result)
        return result

    @api.model
    def _read_numbers(self, company, owners, periods):
        """Current calls and adjustments of owners, by key of ``_numbers``."""
        result = defaultdict(dict)
        for row in self.env.execute_query_dict(
            self._numbers_query(company, owners, periods)
        ):
            key = (*self._owner_of(row, company), row["date_from"], row["date_to"])
            entry = result[(*key, row["category"])]
            amount = self._in_company_currency(company, row)
            if row["is_call"]:
                entry.update(
                    call=amount,
                    call_id=row["id"],
                    call_note=row["note"],
                    called_by=row["author_id"],
                    called_by_name=row["author"],
                    called_on=row["date"],
                )
            else:
                entry.update(
                    adjusted=amount,
                    adjustment_id=row["id"],
                    adjust_note=row["note"],
                    adjusted_by=row["author_id"],
                    adjusted_by_name=row["author"],
                    adjusted_on=row["date"],
                )
        for entry in result.values():
            adjusted = entry.get("adjusted")
            entry["number"] = entry.get("call") if adjusted is None else adjusted
        return result

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
    def _numbers_query(self, company, owners, periods):
        both = (self, self.env["sales.forecast.adjustment"])
        for model in both:
            model.flush_model()
        return SQL(" UNION ALL ").join(
            SQL(
                """
                SELECT %(is_call)s AS is_call, n.id, n.user_id, n.team_id, n.date_from,
                       n.date_to, n.category, n.amount::float8 AS amount,
                       n.currency_id, n.note, n.author_id, n.date, p.name AS author
                  FROM %(table)s n
                  JOIN res_users u ON u.id = n.author_id
                  JOIN res_partner p ON p.id = u.partner_id
                 WHERE n.company_id = %(company)s
                   AND n.date_end IS NULL
                   AND (n.date_from, n.date_to) IN %(periods)s
                   AND %(owners)s
                """,
                is_call=model._name == self._name,
                table=SQL.identifier(model._table),
                company=company.id,
                periods=tuple(periods),
                owners=self._owners_condition(owners),
            )
            for model in both
        )

    @api.model
    def _owners_condition(self, owners):
        """Of these owners; all there are where the company is among them."""
        kinds = defaultdict(list)
        for kind, id_ in owners:
            kinds[kind].append(id_)
        if kinds["company"]:
            return SQL("TRUE")
        return SQL(
            "(n.user_id = ANY(%s) OR n.team_id = ANY(%s))",
            kinds["user"],
            kinds["team"],
        )

    # === WHAT ADDS UP === #

    @api.model
    def _add_below(self, company, tree, owners, periods, known, result):
        """Fill in what those right below owners come to together."""
        below = {owner: tree.below(owner) for owner in owners}
        root = ("company", company.id)
        if root in below:
            below[root] = below[root] + self._without_place(tree, known)
        currency, counted = company.currency_id, {}
        for owner in owners:
            for period in periods:
                for category, _label in CATEGORIES:
                    tail = (*period, category)
                    amounts = [
                        self._count(tree, known, counted, child, tail)
                        for child in below[owner]
                    ]
                    given = [amount for amount in amounts if amount is not None]
                    entry = result[(*owner, *tail)]
                    entry["below_total"] = len(amounts)
                    entry["below_called"] = len(given)
                    if given:
                        entry["below"] = currency.round(sum(given))

    @api.model
    def _count(self, tree, known, counted, owner, tail):
        """What counts of an owner: the number, else what adds up below."""
        key = (*owner, *tail)
        if key not in counted:
            amount = known[key]["number"] if key in known else None
            if amount is None:
                amounts = [
                    self._count(tree, known, counted, child, tail)
                    for child in tree.below(owner)
                ]
                given = [amount for amount in amounts if amount is not None]
                amount = sum(given) if given else None
            counted[key] = amount
        return counted[key]

    @api.model
    def _without_place(self, tree, known):
        """People who are in no team and have called: right below the company."""
        people = {key[1] for key in known if key[0] == "user"} - tree.home.keys()
        users = self.env["res.users"].sudo()  # whether they are still there
        users = users.search([("id", "in", sorted(people))], order="id")
        return [("user", id_) for id_ in users.ids]
