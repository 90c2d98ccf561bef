from collections import Counter, defaultdict
from itertools import chain

from odoo import api, models
from odoo.tools import SQL

from ..target.sales_target_figures import rounder
from .sales_forecast_call_numbers import NOTHING
from .sales_forecast_number import CATEGORIES


class SalesForecastCall(models.Model):
    """What the numbers of those below come to together.

    People are added up by the database, team by team; the teams are then added to
    those above them, from the bottom.
    """

    _inherit = "sales.forecast.call"

    @api.model
    def _add_below(self, company, tree, owners, people, periods, known, result):
        """Fill in what those right below owners come to.

        :param owners: whose entries of ``result`` are filled in
        :param set people: ids of users whose numbers are in ``known``
        :param dict known: numbers of them and of all teams that are needed
        """
        owners = {owner for owner in owners if owner[0] != "user"}
        if not owners:
            return
        root, needed = ("company", company.id), tree.inside(owners)
        totals, extra = defaultdict(lambda: [0.0, 0]), Counter()
        for place, tail, amount, number, unexpected in chain(
            self._sum_people(company, tree, needed, people, periods),
            self._known_people(root, tree, needed, known),
        ):
            totals[place, tail][0] += amount
            totals[place, tail][1] += number
            extra[place, tail] += unexpected
        tails = [
            (*period, category) for period in periods for category, _label in CATEGORIES
        ]
        self._add_teams(tree, root, needed, tails, known, totals)
        rounded = rounder(company.currency_id.rounding)
        for owner in owners:
            expected = self._count_expected(tree, owner)
            for tail in tails:
                amount, number = totals.get((owner, tail), (0.0, 0))
                entry = result.setdefault((*owner, *tail), dict(NOTHING))
                entry["below_called"] = number
                entry["below_total"] = expected + extra[owner, tail]
                if number:
                    entry["below"] = rounded(amount)

    @api.model
    def _count_expected(self, tree, owner):
        """How many of those right below an owner have to call."""
        return sum(
            kind == "team" or id_ not in tree.leading for kind, id_ in tree.below(owner)
        )

    @api.model
    def _add_teams(self, tree, root, needed, tails, known, totals):
        """Add what counts of each team to what stands above it."""
        teams = [id_ for kind, id_ in needed if kind == "team" and id_ in tree.active]
        for team in sorted(teams, key=lambda team: -len(tree.path(team))):
            parent = tree.parent[team]
            place = ("team", parent) if parent else root
            for tail in tails:
                amount = known.get(("team", team, *tail), {}).get("number")
                if amount is None:
                    amount, number = totals.get((("team", team), tail), (0.0, 0))
                    if not number:
                        continue
                totals[place, tail][0] += amount
                totals[place, tail][1] += 1

    @api.model
    def _known_people(self, root, tree, needed, known):
        """People whose numbers are read one by one: as of ``_sum_people``."""
        people = {key[1] for key in known if key[0] == "user"}
        places = {
            user: ("team", tree.home[user]) for user in people if user in tree.home
        }
        if root in needed and people - places.keys():
            users = self.env["res.users"].sudo()  # whether they are still there
            lost = users.search([("id", "in", sorted(people - places.keys()))])
            places.update(dict.fromkeys(lost.ids, root))
        for key, entry in known.items():
            if key[0] == "user" and places.get(key[1]) in needed:
                place = places[key[1]]
                unexpected = place == root or key[1] in tree.leading
                yield place, key[2:], entry["number"], 1, int(unexpected)

    @api.model
    def _sum_people(self, company, tree, needed, people, periods):
        """What people call together, by the team they count in.

        People without a team count right below the company.

        :param set people: those who are left out
        :return: iterable of ``(owner above, (date_from, date_to, category), amount,
            number of people, how many of them need not have called)``
        """
        root = ("company", company.id)
        homes = {
            user: team for user, team in tree.home.items() if ("team", team) in needed
        }
        condition = SQL(
            "n.user_id != ALL(%s) AND (%s OR n.user_id = ANY(%s))",
            sorted(people),
            root in needed,
            list(homes),
        )
        numbers = self._current_numbers(
            company, periods, condition, SQL("n.currency_id"), SQL()
        )
        query = SQL(
            """
            SELECT h.team_id, n.date_from, n.date_to, n.category, SUM(n.amount),
                   COUNT(*)
              FROM (SELECT user_id, date_from, date_to, category,
                           COALESCE(MAX(amount) FILTER (WHERE NOT is_call),
                                    MAX(amount)) AS amount
                      FROM (%s) both_kinds
                     GROUP BY user_id, date_from, date_to, category) n
              JOIN res_users u ON u.id = n.user_id
         LEFT JOIN unnest(%s::int[], %s::int[]) h (user_id, team_id)
                ON h.user_id = n.user_id
             WHERE h.team_id IS NOT NULL OR u.active
             GROUP BY h.team_id, n.date_from, n.date_to, n.category
            """,
            numbers,
            list(homes),
            list(homes.values()),
        )
        for team, first, after, category, amount, number in self.env.execute_query(
            query
        ):
            place = ("team", team) if team else root
            unexpected = number if place == root else 0
            yield place, (first, after, category), amount, number, unexpected
