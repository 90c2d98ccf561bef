from math import isfinite

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare, format_date, formatLang

from .sales_target import MONEY

# What a save tells of at once; the rest shows after these are put right.
PROBLEMS_SHOWN = 5
# Beyond this, cents are not exact any more in a browser.
LARGEST = 1e13


class SalesTargetPlan(models.Model):
    """What was typed into the grid, saved as a whole or not at all."""

    _inherit = "sales.target.plan"

    def save_grid(self, changes, comment=""):
        """Save what was changed in the grid.

        :param list changes: dicts with ``node``, ``date_from`` (ISO), ``field`` (one of
            ``MONEY``), ``value`` (a number; None takes a proposal back) and ``old``,
            the value the change was made from
        :param comment: why; with proposals it is kept as their reason
        :return: the number of targets that changed
        :raise UserError: naming owner and period of whatever cannot be saved; nothing
            is saved then
        :raise AccessError: for targets one may not set
        """
        self.ensure_one()
        self.check_access("read")
        self._grid_check_shape(changes)
        targets = self._grid_targets(changes)
        problems, values, proposals = [], {}, {}
        for change in changes:
            target = targets.get((change["node"], change["date_from"]))
            problem = self._grid_problem(change, target)
            if problem:
                problems.append(problem)
                continue
            is_proposal = change["field"] == "proposed_amount"
            chosen = proposals if is_proposal else values
            chosen.setdefault(target, {}).update(self._grid_vals(change, comment))
        self._grid_refuse(problems)
        changed = self.env["sales.target"]
        for chosen in filter(None, (values, proposals)):
            changed |= changed._set_amounts(chosen)
        if values:
            self._grid_log(len(changed), comment)
        return len(changed)

    def _grid_check_shape(self, changes):
        """:raise UserError: for what no grid sends"""
        try:
            for change in changes:
                fields.Date.to_date(change["date_from"]).isoformat()
                if change["field"] not in MONEY or not isinstance(change["node"], str):
                    raise ValueError(change["field"])
                if not (change["old"] is None or self._grid_is_number(change["old"])):
                    raise ValueError(change["old"])
                change.setdefault("value", None)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise UserError(
                self.env._(
                    "These changes cannot be read. Load the grid again and repeat them."
                )
            ) from error

    def _grid_targets(self, changes):
        """The targets that changes are about: ``{(node, ISO day): target}``."""
        found = self.env["sales.target"].search_fetch(
            [
                ("plan_id", "=", self.id),
                ("node", "in", list({change["node"] for change in changes})),
                ("date_from", "in", list({change["date_from"] for change in changes})),
            ],
            ["node", "date_from", "plan_id", *MONEY, "is_proposed"],
        )
        return {
            (target.node, fields.Date.to_string(target.date_from)): target
            for target in found
        }

    def _grid_vals(self, change, comment):
        name, value = change["field"], change["value"]
        vals = {name: value or 0.0}
        if name == "proposed_amount":
            vals["is_proposed"] = value is not None
            if comment or value is None:
                vals["proposal_note"] = comment if value is not None else False
        return vals

    # === REFUSING === #

    def _grid_problem(self, change, target):
        """Why a change cannot be saved, in a sentence; None if it can."""
        if not target:
            return self.env._(
                "There is no target in %(plan)s for %(node)s from %(day)s that you may "
                "see.",
                plan=self.display_name,
                node=change["node"],
                day=change["date_from"],
            )
        value, name = change["value"], change["field"]
        where = {"owner": target.owner_name, "period": self._grid_period_name(target)}
        if value is None and name == "proposed_amount":
            pass
        elif not self._grid_is_number(value):
            return self.env._(
                "%(owner)s, %(period)s: “%(value)s” is no number.", value=value, **where
            )
        elif value < 0 or value > LARGEST:
            return self.env._(
                "%(owner)s, %(period)s: %(value)s is no target. It lies between 0 and "
                "%(largest)s.",
                value=value,
                largest=self._grid_format(LARGEST),
                **where,
            )
        now = target[name]
        if name == "proposed_amount" and not target.is_proposed:
            now = None
        if self._grid_differs(now, change["old"]):
            return self.env._(
                "%(owner)s, %(period)s: somebody changed it from %(old)s to %(now)s "
                "while you entered %(value)s.",
                old=self._grid_format(change["old"]),
                now=self._grid_format(now),
                value=self._grid_format(value),
                **where,
            )
        return None

    @api.model
    def _grid_is_number(self, value):
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return is_number and isfinite(value)

    def _grid_differs(self, one, other):
        if one is None or other is None:
            return one is not other
        step = float(self._unit_step())
        return float_compare(one, other, precision_rounding=step) != 0

    def _grid_format(self, value):
        """An amount in words of the user's language."""
        if value is None or isinstance(value, str):
            return value or self.env._("nothing")
        if self.unit == "money":
            return formatLang(self.env, value, currency_obj=self.currency_id)
        return formatLang(self.env, value, digits=0 if self.unit == "count" else 2)

    def _grid_period_name(self, target):
        """A period by its first day, or by its month."""
        pattern = "MMMM yyyy" if self.period_type == "month" else False
        return format_date(self.env, target.date_from, date_format=pattern)

    def _grid_refuse(self, problems):
        """:raise UserError: with the first of the problems, if there are any"""
        if not problems:
            return
        more = len(problems) - PROBLEMS_SHOWN
        lines = problems[:PROBLEMS_SHOWN]
        if more > 0:
            lines.append(self.env._("… and %(count)s more.", count=more))
        raise UserError(
            "\n".join([self.env._("Nothing was saved:"), *(f"- {x}" for x in lines)])
        )

    def _grid_log(self, count, comment):
        """Say in the plan's thread why amounts changed; who and what is kept anyway."""
        if not (count and comment):
            return
        body = self.env._(
            "%(count)s targets changed: %(why)s", count=count, why=comment
        )
        # Leaders change targets of a plan that only directors write.
        self.sudo().message_post(
            body=Markup("<p>%s</p>") % body,
            author_id=self.env.user.partner_id.id,
            subtype_xmlid="mail.mt_note",
        )
