from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date, get_lang

from ...engine.periods import next_of, start_of
from .sales_target import COMPANY_LETTER, OWNER_LETTERS
from .sales_target_figures import DAY

LETTERS = {letter: name for name, letter in OWNER_LETTERS.items()}
# Owners of a level stand in this order, then by name.
KINDS = (COMPANY_LETTER, *LETTERS)
# What owners are called by, of each kind.
NAMES = {
    "company_id": "name",
    "team_id": "name",
    "user_id": "name",
    "partner_id": "complete_name",
    "territory_id": "complete_name",
    "product_category_id": "complete_name",
}
# How a day is written at the axis of a chart, by the length of its steps.
LABELS = {"day": "d MMM", "week": "d MMM", "month": "MMM yyyy"}
# Periods a board can show, and how many of them before and after the present one.
CHOICES = {"week": 4, "month": 12, "quarter": 4, "year": 2}


class SalesTarget(models.Model):
    """The board of an owner: all its targets of some days, with what came of them and
    of those below."""

    _inherit = "sales.target"

    @api.model
    @api.readonly
    def get_board(
        self,
        user_id=None,
        plan_id=None,
        node=None,
        step="week",
        first=None,
        after=None,
    ):
        """What the board of an owner shows, of all published plans.

        :param user_id: of a person; with neither this nor a place it is one's own board
        :param plan_id: with ``node``: a place in the tree of owners of that plan
        :param step: ``day``, ``week`` or ``month``: how far apart points of the chart
            are
        :param first: first day, such as ``2024-05-01``; the present period by default
        :param after: the day after the last
        :return: dict with ``owner``, ``owners`` (whose boards may be opened),
            ``periods`` (to choose from), ``from``, ``to``, ``step`` and ``metrics``,
            each with ``below``: what the owners right below have come to
        :raise UserError: for steps there are not, and days in the wrong order
        """
        if step not in LABELS:
            raise UserError(self.env._("A chart goes by day, week or month."))
        company = self.env.company
        today = company._sales_today()
        first, after = self._board_range(first, after, today)
        plans = self._board_plans(first, after)
        owners = self._board_owners(plans)
        owner = self._board_owner(owners, user_id, plan_id, node)
        places = owner["places"] if owner else []
        return {
            "owner": _public(owner) if owner else False,
            "owners": [_public(row) for row in owners.values()],
            "periods": self._board_periods(today),
            "from": str(first),
            "to": str(after),
            "step": step,
            "today": str(today),
            "metrics": self._board_metrics(plans, owners, places, first, after, step),
        }

    # === WHICH DAYS, PLANS AND OWNERS === #

    @api.model
    def _board_range(self, first, after, today):
        """The days a board shows: those asked for, else the present month."""
        first = fields.Date.to_date(first) or start_of(today, "month")
        after = fields.Date.to_date(after) or next_of(first, "month")
        if first >= after:
            raise UserError(self.env._("A board ends after it begins."))
        return first, after

    @api.model
    def _board_plans(self, first, after):
        return self.env["sales.target.plan"].search(
            [
                ("state", "=", "published"),
                ("company_id", "in", self.env.companies.ids),
                ("date_from", "<", after),
                ("date_to", ">", first),
            ],
            order="metric_id, date_from, id",
        )

    @api.model
    def _board_owners(self, plans):
        """Whose boards the user may open: ``{owner key: dict}``, from the top down."""
        rows = self._read_group(
            Domain("plan_id", "in", plans.ids), ["node", "plan_id"], [], order="node"
        )
        owners, companies = {}, {}
        for node, plan in rows:
            key = node.rpartition("/")[2]
            if key == COMPANY_LETTER:  # every company has one
                key = f"{key}{plan.company_id.id}"
            owner = owners.setdefault(
                key,
                {
                    "key": key,
                    "plan_id": plan.id,
                    "node": node,
                    "level": node.count("/"),
                    "places": [],
                },
            )
            owner["places"].append((plan.id, node))
            companies.setdefault(key, plan.company_id.id)
        self._name_owners(owners)
        return dict(
            sorted(
                owners.items(),
                key=lambda item: _path(owners, item[1]["node"], companies[item[0]]),
            )
        )

    @api.model
    def _name_owners(self, owners):
        """Say who they are: ``kind``, ``name`` and ``user_id``."""
        ids = {}
        for key in owners:
            ids.setdefault(key[0], []).append(int(key[1:]))
        for letter, some in ids.items():
            field = LETTERS.get(letter, "company_id")
            for id_, name in self._names_of(field, some).items():
                owners[f"{letter}{id_}"].update(
                    kind=field.removesuffix("_id"),
                    name=name,
                    user_id=id_ if field == "user_id" else False,
                    is_own=field == "user_id" and id_ == self.env.uid,
                )

    @api.model
    def _names_of(self, field, ids):
        """Names of owners of targets one may see, in a query that reads nothing else.

        :param field: says whose target it is, a key of ``NAMES``
        :return: ``{id: name}``
        """
        owners = self.env[self._fields[field].comodel_name].sudo()  # see above
        query = owners.with_context(active_test=False)._search([("id", "in", ids)])
        return dict(
            self.env.execute_query(
                query.select(
                    SQL.identifier(owners._table, "id"),
                    owners._field_to_sql(owners._table, NAMES[field], query),
                )
            )
        )

    @api.model
    def _board_owner(self, owners, user_id, plan_id, node):
        """Whose board it is; without a wish one's own, else the first there is."""
        if user_id:
            return owners.get(f"u{user_id}")
        if plan_id and node:
            place = (plan_id, node)
            return next(
                (row for row in owners.values() if place in row["places"]), None
            )
        return owners.get(f"u{self.env.uid}") or next(iter(owners.values()), None)

    @api.model
    def _board_periods(self, today):
        """Periods to choose from: the present one, those before and after it."""
        fiscal_month = self.env.company._sales_fiscal_month()
        lang = get_lang(self.env).code  # of all labels, not of each
        result = []
        for kind, number in CHOICES.items():
            month = 1 if kind == "month" else fiscal_month
            first = start_of(today, kind, month)
            for _step in range(number):
                first = start_of(first - DAY, kind, month)
            for _step in range(2 * number + 1):
                after = next_of(first, kind, month)
                result.append(
                    {
                        "kind": kind,
                        "from": str(first),
                        "to": str(after),
                        "label": self._period_label(kind, first, after, lang),
                        "is_current": first <= today < after,
                    }
                )
                first = after
        return result

    @api.model
    def _period_label(self, kind, first, after, lang):
        if kind == "month":
            return format_date(self.env, first, lang, date_format="MMMM yyyy")
        if kind == "year" and first.month == 1:
            return str(first.year)
        # Quarters and years of companies begin in any month: say which days they are.
        return self.env._(
            "%(first)s – %(last)s",
            first=format_date(self.env, first, lang, date_format="d MMM"),
            last=format_date(self.env, after - DAY, lang, date_format="d MMM yyyy"),
        )

    # === THE FIGURES === #

    @api.model
    def _board_metrics(self, plans, owners, places, first, after, step):
        """One dict for each target of the owner: its figures, its course, and the
        figures of those right below, all read at once."""
        if not places:
            return []
        wanted = {
            (plan_id, node): row
            for row in owners.values()
            for plan_id, node in row["places"]
            if (plan_id, node) in places or (plan_id, _above(node)) in places
        }
        lines = plans._lines_of_places(
            [("node", "in", list({node for _plan, node in wanted}))], first, after
        )
        lines = {
            (plan.id, node): line
            for (plan, node), line in lines.items()
            if (plan.id, node) in wanted
        }
        plans._fill(list(lines.values()))
        own = {place: line for place, line in lines.items() if place in places}
        series = self._series(list(own.values()), step)
        twice = [plan_id for plan_id, _node in own]
        result = {}
        for (plan_id, node), line in own.items():
            plan = line.target.plan_id
            metric = plan.metric_id
            name = metric.name
            if twice.count(plan_id) > 1:
                name = f"{name} · {line.target.scope_team_id.display_name}"
            result[plan_id, node] = {
                **self._board_row(plan_id, node, line),
                "plan_name": plan.display_name,
                "name": name,
                "code": metric.code,
                "unit": plan.unit,
                "currency_id": plan.currency_id.id,
                "better": metric.better,
                "status": line.target._pace_status(line.figures["pace"]),
                "can_open": line.target.with_env(self.env)._can_open_credits(),
                "from": str(line.spans[0][0]),
                "to": str(line.spans[-1][1]),
                "series": series[line],
                "below": [],
            }
        for (plan_id, node), line in lines.items():
            above = result.get((plan_id, _above(node)))
            if above:
                row = self._board_row(plan_id, node, line)
                owner = wanted[plan_id, node]
                row.update(name=owner["name"], kind=owner["kind"])
                above["below"].append(row)
        return list(result.values())

    @api.model
    def _board_row(self, plan_id, node, line):
        """The figures of a place, as the client takes them."""
        reached = fields.Date.to_string(line.figures["date_reached"])
        return {
            **line.figures,
            "date_reached": reached,
            "plan_id": plan_id,
            "node": node,
        }

    # === THE COURSE === #

    @api.model
    def _series(self, lines, step):
        """How targets and what was achieved grow: ``{line: [point]}``.

        :param list lines: that know their pace
        """
        if not lines:
            return {}
        today = self._days_of(lines)
        first = min(line.spans[0][0] for line in lines)
        after = max(line.spans[-1][1] for line in lines)
        steps, begin = [], first
        while begin < after:
            end = begin + DAY if step == "day" else next_of(begin, step)
            steps.append((begin, min(end, after)))
            begin = end
        sums = self._sums_of(lines, steps)
        lang = get_lang(self.env).code
        labels = [
            format_date(self.env, begin, lang, date_format=LABELS[step])
            for begin, _end in steps
        ]
        return {
            line: self._course(line, steps, labels, sums, today[line.place[0]])
            for line in lines
        }

    @api.model
    def _course(self, line, steps, labels, sums, day):
        """Points of one line; what lies ahead has no achieved amounts."""
        working, rounded = line.working, line.rounded
        points = []
        wanted = achieved = 0.0
        for (begin, end), label in zip(steps, labels, strict=True):
            before, known = wanted, achieved
            wanted += line.amount_between(working, begin, end)
            achieved += sums.get((line, begin, end), 0.0)
            is_future = begin > day
            expected = wanted
            if begin <= day < end - DAY:
                expected = before + line.amount_between(working, begin, day + DAY)
            points.append(
                {
                    "from": str(begin),
                    "to": str(end),
                    "label": label,
                    "target": rounded(wanted - before),
                    "target_cum": rounded(wanted),
                    "achieved": None if is_future else rounded(achieved - known),
                    "achieved_cum": None if is_future else rounded(achieved),
                    "expected_cum": None if is_future else rounded(expected),
                    "is_future": is_future,
                }
            )
        return points


def _above(node):
    """The place above another one."""
    return node.rpartition("/")[0]


def _path(owners, node, company_id):
    """What places are sorted by: the names of all above, and the own one."""
    keys = [f"{COMPANY_LETTER}{company_id}", *node.split("/")[1:]]
    return [
        (KINDS.index(key[0]), owners[key]["name"].lower() if key in owners else key)
        for key in keys
    ]


def _public(owner):
    """What the client is told of an owner."""
    return {key: value for key, value in owner.items() if key != "places"}
