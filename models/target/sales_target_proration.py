from datetime import UTC
from fractions import Fraction

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...engine.plan_split import decimal
from ...engine.target_split import ramp_weight, share_columns
from .sales_target_weight import RAMP

MOVES = [
    ("join", "Joins"),
    ("leave", "Leaves"),
    ("move", "Changes the Team"),
]
RESTS = [
    ("open", "Leave the Difference Open at the Team"),
    ("others", "Divide It Among the Others of the Team"),
    ("team", "Change the Target of the Team, and of Those Above"),
]


class SalesTargetPlan(models.Model):
    """A person joins, leaves or changes the team within a plan."""

    _inherit = "sales.target.plan"

    def action_move(self):
        """Say who joins, leaves or changes the team, and when."""
        self.ensure_one()
        if self.state == "published":
            self._check_may_succeed()
        else:
            self._check_editable()
        self._check_filled()
        return self._open_wizard("sales.target.move", self.env._("Join, Leave, Move"))

    def _prorate(self, kind, user, day, source=None, goal=None, rest="open", **new):
        """Write what becomes of the targets when somebody comes or goes.

        In the period of the day the target is divided by working days; the part a
        person has of it is ``share``. Later periods go as a whole. Sums are exact.

        :param str kind: see ``MOVES``
        :param user: whom it is about
        :param date day: the first day in the new team, or the first one away
        :param source: the team left
        :param goal: the team joined
        :param str rest: see ``RESTS``
        :param new: of somebody who joins: ``amount`` of a full period, else the average
            of the full people of the team; ``ramp`` percents
        :raise UserError: where it cannot be, with what to do
        """
        self.ensure_one()
        self._check_move(kind, user, day, source, goal)
        changes = {}
        if kind != "join":
            place = f"{self._node_of(source)}/u{user.id}"
            changes |= self._cells_away(place, day)
        if kind == "join":
            place = self._new_place(user, goal, day)
            changes |= self._cells_joined(place, day, **new)
        elif kind == "move":
            taken = self._taken(changes)
            changes |= self._cells_moved(self._new_place(user, goal, day), taken)
        if rest == "others":
            changes |= self._cells_others(changes)
        elif rest == "team":
            changes |= self._cells_above(changes)
        return self.env["sales.target"]._set_amounts(changes)

    def _check_move(self, kind, user, day, source, goal):
        if not self.date_from <= day < self.date_to:
            raise UserError(
                self.env._(
                    "%(day)s is no day of “%(plan)s”: choose one between %(first)s and "
                    "%(last)s.",
                    day=format_date(self.env, day),
                    plan=self.display_name,
                    first=format_date(self.env, self.date_from),
                    last=format_date(self.env, self.date_last),
                )
            )
        if kind == "move" and source == goal:
            raise UserError(self.env._("Choose another team to change to."))
        nodes = set(self._targets().mapped("node"))
        for team in filter(None, (source, goal)):
            if not self._node_of(team):
                raise UserError(
                    self.env._(
                        "%(team)s has no targets in “%(plan)s”: add it first.",
                        team=team.display_name,
                        plan=self.display_name,
                    )
                )
        if kind != "join" and f"{self._node_of(source)}/u{user.id}" not in nodes:
            raise UserError(
                self.env._(
                    "%(person)s has no targets in %(team)s.",
                    person=user.display_name,
                    team=source.display_name,
                )
            )

    def _new_place(self, user, team, day):
        """Make sure that somebody has targets in a team from a day on."""
        node = f"{self._node_of(team)}/u{user.id}"
        self._add_nodes([(node, {"user_id": user.id})], since=day)
        return node

    # === WHO GOES, COMES, CHANGES === #

    def _rest_of(self, target, day):
        """How much of a period lies after the beginning of a day, by working days.

        :rtype: Fraction
        """
        if day <= target.date_from:
            return Fraction(1)
        whole = self._working_days(target.date_from, target.date_to)
        if not whole:
            days = (target.date_to - target.date_from).days
            return Fraction((target.date_to - day).days, days)
        return Fraction(self._working_days(day, target.date_to)) / Fraction(whole)

    def _working_days(self, first, after):
        """Of the company, without public holidays."""
        company = self.company_id.sudo()  # its calendar is no secret
        begin, end = (
            company._sales_midnight(day).replace(tzinfo=UTC) for day in (first, after)
        )
        calendar = company.resource_calendar_id
        return round(calendar.get_work_duration_data(begin, end)["days"], 4)

    def _cells_away(self, node, day):
        """What is left of the targets of somebody who goes."""
        result = {}
        for target in self._tree()[node].values():
            if target.date_to <= day:
                continue
            rest = self._rest_of(target, day)
            result[target] = {
                name: self._part(target[name], 1 - rest)
                for name in ("amount", "stretch_amount")
            }
            result[target]["share"] = round(target.share * float(1 - rest), 2)
        return result

    def _part(self, amount, part):
        return self._rounded(float(Fraction(decimal(amount or 0)) * part))

    def _taken(self, changes):
        """What goes elsewhere: ``{first day: {field: amount}}``."""
        return {
            target.date_from: {
                name: (target[name] or 0.0) - value for name, value in vals.items()
            }
            for target, vals in changes.items()
        }

    def _cells_moved(self, node, taken):
        """What comes on top of the targets somebody has at another place."""
        result = {}
        for day, target in self._tree()[node].items():
            if day not in taken:
                continue
            # A place made for the move begins with nothing.
            had = target.share if target.amount or target.stretch_amount else 0.0
            vals = {
                name: self._rounded((target[name] or 0.0) + taken[day][name])
                for name in ("amount", "stretch_amount")
            }
            share = min(round(had + taken[day]["share"], 2), 100.0)
            result[target] = {**vals, "share": share}
        return result

    def _cells_joined(self, node, day, amount=None, ramp=RAMP):
        """The targets of somebody new: of a full person, × ramp × working days."""
        result = {}
        for target in self._tree()[node].values():
            if target.date_to <= day:
                continue
            full, stretch = self._full_target(target, amount)
            part = self._rest_of(target, day)
            begin = max(target.date_from, day)
            weight = ramp_weight(begin, target.date_to, joined=day, ramp=ramp)
            result[target] = {
                "amount": self._part(full * weight, part),
                "stretch_amount": self._part(stretch * weight, part),
                "share": round(100 * float(part), 2),
            }
        return result

    def _full_target(self, target, amount):
        """Target and stretch of a full person in a period: typed, else the average."""
        full = (target.parent_id.child_ids - target).filtered(
            lambda other: other.user_id and other.share == 100
        )
        if amount is None and not full:
            raise UserError(
                self.env._(
                    "Nobody in %s has a full target to go by: enter the amount of a "
                    "full period.",
                    target.parent_id.owner_name,
                )
            )
        whole = sum(full.mapped("amount"))
        average = whole / len(full) if amount is None else amount
        stretch = sum(full.mapped("stretch_amount"))
        return average, average * stretch / whole if whole else 0.0

    # === WHAT BECOMES OF THE REST === #

    def _differences(self, changes):
        """By how much those below a team change: ``{team's target: {field: more}}``."""
        result = {}
        for target, vals in changes.items():
            more = result.setdefault(target.parent_id, {})
            for name in ("amount", "stretch_amount"):
                more[name] = more.get(name, 0.0) + vals[name] - (target[name] or 0.0)
        return result

    def _cells_others(self, changes):
        """The others of each team take what is left, or give what is needed."""
        result = {}
        unit = self._unit_step()
        for team, more in self._differences(changes).items():
            others = team.child_ids.filtered(
                lambda target: target.user_id and target not in changes
            )
            for name, amount in more.items():
                change = self._rounded(-amount)
                if not change:
                    continue
                amounts = [other[name] or 0.0 for other in others]
                whole = decimal(self._rounded(sum(amounts) + change))
                if not others or whole < 0:
                    self._refuse_others(team, others)
                weights = [[value] for value in amounts]
                if not any(amounts):
                    weights = [[other.share] for other in others]
                table = share_columns([whole], weights, unit)
                for other, [part] in zip(others, table, strict=True):
                    result.setdefault(other, {})[name] = float(part)
        return result

    def _refuse_others(self, team, others):
        if not others:
            raise UserError(
                self.env._(
                    "There is nobody else in %s: leave the difference open instead.",
                    team.owner_name,
                )
            )
        raise UserError(
            self.env._(
                "The others in %(team)s have too little from %(day)s on to give that "
                "much. Leave the difference open instead.",
                team=team.owner_name,
                day=format_date(self.env, team.date_from),
            )
        )

    def _cells_above(self, changes):
        """Teams, and all above them, change by as much as their people."""
        result = {}
        factor = 1 + Fraction(str(self.over_percent)) / 100
        for team, more in self._differences(changes).items():
            parts = {name: Fraction(str(round(v, 6))) for name, v in more.items()}
            while team:
                # What is assigned on top of a target is not part of it.
                parts = {name: value / factor for name, value in parts.items()}
                vals = result.setdefault(
                    team,
                    {name: Fraction(str(team[name] or 0)) for name in parts},
                )
                for name, value in parts.items():
                    vals[name] += value
                team = team.parent_id
        return {
            target: {
                name: max(self._rounded(float(value)), 0.0)
                for name, value in vals.items()
            }
            for target, vals in result.items()
        }
