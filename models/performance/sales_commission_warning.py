from markupsafe import Markup

from odoo import api, fields, models

from .sales_commission_preview import SHAPE


class SalesCommissionPlan(models.Model):
    """What whoever writes a plan should know before people go by it."""

    _inherit = "sales.commission.plan"

    warnings = fields.Html(
        string="Worth a Look",
        compute="_compute_warnings",
        sanitize=False,
        groups="sales_process.group_director",
    )

    @api.depends(
        *SHAPE,
        "rate_ids",
        "bonus_ids.trigger",
        "date_from",
        "date_to",
        "assignment_ids.user_id",
        "assignment_ids.partner_id",
        "assignment_ids.team_id",
    )
    def _compute_warnings(self):
        for plan in self:
            texts = [*plan._warnings_of_brackets(), *plan._warnings_of_people()]
            items = [Markup("<li>{}</li>").format(text) for text in texts]
            plan.warnings = (
                Markup('<ul class="mb-0">{}</ul>').format(Markup("").join(items))
                if items
                else False
            )

    def _warnings_of_brackets(self):
        env, rows = self.env, self.bracket_ids.sorted("lower")
        if not rows.filtered(lambda row: row.rate or row.amount) and not self.rate_ids:
            yield env._("It pays nothing yet: add a bracket.")
            return
        if len(set(rows.mapped("lower"))) < len(rows):
            yield env._("Two brackets begin at the same place: remove one.")
        if rows and rows[0].lower:
            yield env._(
                "Nothing is earned below %s: add a bracket from 0 if it should be.",
                self._bound_words(rows[0].lower),
            )
        if self.mode == "marginal" or not self.currency_id:
            return
        for bound, before, after in self._jumps(self._preview_brackets()):
            if after < before:
                yield env._(
                    "Selling more pays less: at %(bound)s the commission falls from "
                    "%(before)s to %(after)s.",
                    bound=self._money(bound),
                    before=self._money(before),
                    after=self._money(after),
                )
            elif after > before:
                yield env._(
                    "At %(bound)s the commission jumps from %(before)s to %(after)s.",
                    bound=self._money(bound),
                    before=self._money(before),
                    after=self._money(after),
                )

    def _bound_words(self, lower):
        if self.basis == "attainment":
            return self.env._("%s of the target", self._percent(lower))
        return self._money(lower)

    def _needs_target(self):
        triggers = self.bonus_ids.mapped("trigger")
        return self.basis == "attainment" or self.threshold or "attainment" in triggers

    def _warnings_of_people(self):
        env = self.env
        if not self.assignment_ids:
            yield env._("Nobody is in it yet.")
        elif self._needs_target() and (names := self._people_without_target()):
            yield env._(
                "No published target of %(metric)s in these days: %(people)s. Without "
                "one nothing that depends on it is earned.",
                metric=self.metric_id.name,
                people=", ".join(names),
            )
        if names := self._people_paid_twice():
            yield env._(
                "Also paid for %(metric)s by another plan in these days: %(people)s.",
                metric=self.metric_id.name,
                people=", ".join(names),
            )

    def _people_paid_twice(self):
        """Names of those whom another published plan pays for the same."""
        if not (self.metric_id and self.date_from and self.date_to):
            return []
        rows = self.env["sales.commission.assignment"].sudo()  # whoever is in them
        rows = rows.search(
            [
                ("plan_id", "not in", (self._origin | self.previous_version_id).ids),
                ("plan_id.state", "=", "published"),
                ("plan_id.metric_id", "=", self.metric_id.id),
                ("company_id", "=", self.company_id.id),
                ("plan_id.date_from", "<", self.date_to),
                ("plan_id.date_to", ">", self.date_from),
            ]
        )
        elsewhere = {row._scope() for row in rows if row.role == "own"}
        return sorted(
            {
                row.display_name
                for row in self.sudo().assignment_ids  # whoever is in it
                if row.role == "own" and row._scope() in elsewhere
            }
        )

    def _people_without_target(self):
        """Names of those in the plan for whom nothing can be compared."""
        if not (self.metric_id and self.date_from and self.date_to):
            return []
        wanted, names = {"user": set(), "partner": set(), "team": set()}, {}
        for row in self.sudo().assignment_ids:  # whoever is in it
            kind, id_ = row._scope()
            if id_:
                wanted[kind].add(id_)
                names[kind, id_] = (row.team_id or row).display_name
        found = self._read_targets(wanted, self.metric_id.ids, self.company_id)
        known = {
            owner
            for (owner, _metric), targets in found.items()
            if any(f < self.date_to and a > self.date_from for f, a, *_rest in targets)
        }
        return sorted({name for owner, name in names.items() if owner not in known})
