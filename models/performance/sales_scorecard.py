from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import get_lang

from ...engine.periods import next_of, start_of
from ...engine.scorecard import Figure, focus, judged, peer_median, sides, strengths
from .scorecard_figures import RESULTS, Reading, row_kinds

REP = "sales_process.group_rep"
KINDS = ("month", "quarter", "year")
# Periods of a course, the one asked for included.
COURSE = 6


class SalesScorecard(models.AbstractModel):
    """How somebody is doing in a period, by results and by what leads to them.

    Nothing is kept and nothing is counted here: the ledger, targets, the funnel,
    evidence and calls are asked. What the user may not read of comparable people is
    shown as a median of at least three alone.
    """

    _name = "sales.scorecard"
    _description = "Scorecard"

    # === FOR THE SCREEN === #

    @api.readonly
    @api.model
    def get_scorecard(self, user_id=None, kind="month", first=None):
        """The scorecard of a person.

        :param user_id: one's own by default
        :param kind: ``month``, ``quarter`` or ``year`` of the company
        :param first: a day of the period, such as ``2024-05-01``; now by default
        :return: dict with ``user``, ``people`` (whose scorecards may be opened),
            ``period``, ``rows``, ``strengths``, ``focus`` and ``review``
        :raise AccessError: for people the user does not lead
        """
        self._check_seller()
        company = self.env.company
        tree = self._tree(company)
        people = self._seen_people(tree)
        user_id = self._chosen(user_id, people)
        periods = self._periods(company, kind, first)
        [card] = self._scorecards(company, [user_id], periods, tree)
        names = self._names(people | {user_id})
        return {
            **card,
            "user": {
                "id": user_id,
                "name": names[user_id],
                "is_own": user_id == self.env.uid,
            },
            "people": sorted(
                ({"id": id_, "name": name} for id_, name in names.items()),
                key=lambda person: (person["id"] != self.env.uid, person["name"]),
            ),
            "period": self._period_facts(company, kind, periods),
            "currency_id": company.currency_id.id,
            "review": self._review_facts(user_id, periods[-1]),
        }

    @api.model
    def _review_facts(self, user_id, period):
        """Hook: what is known of a review of that period; False for nothing."""
        return False

    # === WHO MAY SEE WHOM === #

    @api.model
    def _check_seller(self):
        """:raise AccessError: for those who do not work in sales"""
        if not (self.env.su or self.env.user.has_group(REP)):
            raise AccessError(
                self.env._("Scorecards are for people in sales. Ask a director.")
            )

    @api.model
    def _tree(self, company):
        return self.env["sales.forecast.call"]._owner_tree(company)

    @api.model
    def _seen_people(self, tree):
        """Ids of people whose scorecards the user may see: the own, those of the teams
        led and below, or all."""
        owners = [("user", user_id) for user_id in tree.home]
        seen = self.env["sales.forecast.call"]._seen_owners(tree, owners)
        return {user_id for _kind, user_id in seen} | {self.env.uid}

    @api.model
    def _chosen(self, user_id, people):
        """:raise AccessError: for a person the user may not see"""
        if not user_id:
            return self.env.uid
        if user_id not in people:
            raise AccessError(
                self.env._("This scorecard is for that person and those who lead it.")
            )
        return user_id

    @api.model
    def _names(self, ids):
        users = self.env["res.users"].sudo()  # names of people one works with
        return {user.id: user.name for user in users.browse(ids)}

    # === COMPARABLE PEOPLE === #

    @api.model
    def _peers(self, tree, user_id):
        """Who is comparable: in teams under the same top, at the same level.

        Who leads a team is compared with those who lead at the same depth; who leads
        none with all who lead none.

        :return: set of ids without the person's own
        """
        levels = self._levels(tree)
        own = levels.get(user_id)
        if own is None:
            return set()
        return {other for other, level in levels.items() if level == own} - {user_id}

    @api.model
    def _levels(self, tree):
        """``{user id: (top team, depth of the highest team led or None)}``"""
        led = {}
        for team in tree.active:
            leader = tree.leader[team]
            if leader:
                depth = len(tree.path(team))
                led[leader] = min(depth, led.get(leader, depth))
        return {
            user_id: (tree.path(home)[-1], led.get(user_id))
            for user_id, home in tree.home.items()
        }

    # === PERIODS === #

    @api.model
    def _periods(self, company, kind, day=None):
        """The period of a day and those before it.

        :return: list of ``(first day, day after)``, ascending
        :raise UserError: for what is no period, and for one that has not begun
        """
        if kind not in KINDS:
            raise UserError(self.env._("A scorecard is of a month, quarter or year."))
        today = company._sales_today()
        try:
            day = fields.Date.to_date(day) or today
        except (TypeError, ValueError):
            raise UserError(self.env._("“%s” is not a date.", day)) from None
        month = company._sales_fiscal_month()
        first = start_of(day, kind, month)
        if first > today:
            raise UserError(self.env._("That period has not begun yet."))
        periods = []
        for _number in range(COURSE):
            periods.append((first, next_of(first, kind, month)))
            first = start_of(fields.Date.subtract(first, days=1), kind, month)
        return periods[::-1]

    @api.model
    def _period_facts(self, company, kind, periods):
        first, after = periods[-1]
        today = company._sales_today()
        return {
            "kind": kind,
            "from": str(first),
            "to": str(after),
            "label": self._period_label(kind, first, after),
            "is_running": first <= today < after,
            "previous": str(periods[-2][0]),
            "next": str(after) if after <= today else False,
        }

    @api.model
    def _period_label(self, kind, first, after):
        lang = get_lang(self.env).code
        return self.env["sales.target"]._period_label(kind, first, after, lang)

    # === SCORECARDS === #

    @api.model
    def _scorecards(self, company, user_ids, periods, tree=None):
        """Scorecards of any number of people, whoever asks.

        The number of queries depends on neither the people nor the comparable ones.

        :param list user_ids: whose
        :param list periods: see :meth:`_periods`
        :return: list of dicts in the order of the people
        """
        tree = tree or self._tree(company)
        peers = {user_id: self._peers(tree, user_id) for user_id in user_ids}
        system = self.sudo().with_company(company)  # others show as a median alone
        reading = Reading(
            company=company.sudo(),  # its clock is no secret
            periods=periods,
            today=company._sales_today(),
            subjects=list(dict.fromkeys(user_ids)),
            people=sorted(set(user_ids).union(*peers.values())),
        )
        metrics = system.env["sales.metric"].search([("active", "=", True)])
        system._read_all(reading, metrics)
        used = self._used_keys(reading)
        kinds = [kind for kind in row_kinds(metrics) if kind.key in used]
        labels = self._labels(metrics)
        return [
            self._card(reading, user_id, sorted(peers[user_id]), kinds, labels)
            for user_id in user_ids
        ]

    @api.model
    def _used_keys(self, reading):
        """The rows that are shown: what somebody defined only where anybody has it."""
        found = {key for (key, *_rest), value in reading.values.items() if value}
        return found.union((key for key, _user in reading.aims), self._built_in())

    @api.model
    def _card(self, reading, user_id, peers, kinds, labels):
        figures = [self._figure(reading, user_id, peers, kind) for kind in kinds]
        rows = [
            self._row(reading, user_id, figure, kind, labels)
            for figure, kind in zip(figures, kinds, strict=True)
        ]
        found = {row["key"]: row for row in rows}
        best = focus(figures)
        card = {
            "peers": len(peers),
            "rows": rows,
            "strengths": [
                {"key": key, "name": row["name"], "text": self._praise(row)}
                for key in strengths(figures)
                for row in (found[key],)
            ],
            "focus": self._focus_facts(best, found, judged(figures)),
        }
        for row in rows:
            # With value and median it would tell how far apart comparable people are.
            del row["sides"]
        return card

    @api.model
    def _figure(self, reading, user_id, peers, kind):
        """What is judged: in a period that goes on, by what is expected until now."""
        aim = reading.aims.get((kind.key, user_id))
        return Figure(
            key=kind.key,
            value=reading.value(kind.key, user_id),
            better=kind.better,
            leverage=kind.leverage,
            target=aim and aim.pace,
            peers=tuple(reading.value(kind.key, peer) for peer in peers),
        )

    @api.model
    def _row(self, reading, user_id, figure, kind, labels):
        middle, number = peer_median(figure.peers)
        scores = sides(figure)
        aim = reading.aims.get((kind.key, user_id))
        cases = reading.cases.get((kind.key, user_id, reading.last))
        return {
            "key": kind.key,
            "name": labels[kind.key][0],
            "help": labels[kind.key][1],
            "group": kind.group,
            "is_result": kind.group == RESULTS,
            "unit": kind.unit,
            "better": kind.better,
            "value": figure.value,
            "cases": cases,
            "why": self._why_unknown(kind.key, reading) if figure.value is None else "",
            "target": aim.target if aim else None,
            "attainment": aim.attainment if aim else None,
            "pace": figure.target,
            "median": middle,
            "peers": number,
            "tone": _tone(scores),
            "sides": scores,
            "trend": [
                {
                    "from": str(first),
                    "to": str(after),
                    "value": reading.value(kind.key, user_id, place),
                }
                for place, (first, after) in enumerate(reading.periods)
            ],
        }


def _tone(scores):
    """``good``, ``weak`` or nothing, by the worse side."""
    if not scores:
        return ""
    if min(scores.values()) <= -0.5:
        return "weak"
    return "good" if max(scores.values()) >= 0.5 else ""
