from odoo import api, fields, models
from odoo.exceptions import UserError


class SalesCommissionPlan(models.Model):
    """States and versions: rules that people go by are fixed."""

    _inherit = "sales.commission.plan"

    next_version_id = fields.Many2one(
        comodel_name="sales.commission.plan",
        compute="_compute_next_version_id",
    )

    @api.depends("next_version_ids")
    def _compute_next_version_id(self):
        for plan in self:
            plan.next_version_id = plan.next_version_ids[:1]

    # === STATES === #

    def action_publish(self):
        """Make it what people are paid by.

        :raise UserError: for a plan nobody could be paid by
        """
        self.check_access("write")
        self._check_not_own()
        for plan in self:
            plan._check_editable()
            plan._check_complete()
        for plan in self:
            plan._end_previous()
            day = plan.company_id._sales_today()
            plan._decide("published", date_published=day)

    def action_close(self):
        """End a published plan with its current period; what was earned stays."""
        self.check_access("write")
        self._check_not_own()
        for plan in self:
            if plan.state != "published":
                raise UserError(self.env._("“%s” is not published.", plan.display_name))
            period = plan._period_of(plan.company_id._sales_today())
            values = {"date_to": period[1]} if period else {}
            plan._decide("closed", **values)

    def _decide(self, state, **vals):
        self.sudo().write({"state": state, **vals})  # only the buttons do, see write

    def _check_complete(self):
        """:raise UserError: for plans nobody could be paid by"""
        self.ensure_one()
        rows = self.bracket_ids
        if not (rows.filtered(lambda row: row.rate or row.amount) or self.rate_ids):
            raise UserError(
                self.env._("“%s” pays nothing yet: add a bracket.", self.display_name)
            )
        if self.previous_version_id and not (self.reason or "").strip():
            raise UserError(
                self.env._(
                    "Say under “Why It Was Changed” what is new in this version."
                )
            )
        previous = self.previous_version_id
        if previous and self.date_from < previous.date_from:
            raise UserError(
                self.env._("A version cannot begin before the one it replaces.")
            )

    # === VERSIONS === #

    def action_new_version(self):
        """Copy the plan to be changed, from the next period on."""
        self.ensure_one()
        return self._make_version().get_formview_action()

    def _make_version(self, reason=False, date_from=None):
        """A draft that will replace the plan.

        :param str reason: why; it has to be there when it is published
        :param date date_from: the first day; that of the next period by default
        :return: the new plan
        """
        self.ensure_one()
        self.check_access("write")
        self._check_not_own()
        self._check_may_succeed()
        plan = self.sudo()  # a version is recorded by its button, see write
        first = date_from or self._next_period()
        plan = plan.copy(
            {
                "name": self.name,
                "version": self.version + 1,
                "previous_version_id": self.id,
                "reason": reason,
                "date_from": first,
                "bonus_ids": [
                    fields.Command.create(vals)
                    for vals in plan.bonus_ids.filtered(
                        lambda bonus: bonus.trigger != "day" or bonus.date >= first
                    ).copy_data()
                ],
                "assignment_ids": [
                    fields.Command.create({**vals, "plan_id": False})
                    for vals in plan.assignment_ids.filtered(
                        lambda row: row._range()[1] > first
                    ).copy_data()
                ],
            }
        )
        return plan.with_env(self.env)

    def _check_may_succeed(self):
        """:raise UserError: where there is nothing to go on from"""
        if self.state != "published":
            raise UserError(
                self.env._(
                    "“%s” is not published: change it as it is.", self.display_name
                )
            )
        if self.next_version_ids:
            raise UserError(
                self.env._(
                    "“%s” is being worked on already: publish or delete it first.",
                    self.next_version_ids[0].display_name,
                )
            )

    def _next_period(self):
        """The first day of the period after the current one, within the plan."""
        today = self.company_id._sales_today()
        starts = [first for first, _after in self._periods()]
        return next((day for day in starts if day > today), starts[-1])

    def _end_previous(self):
        """The version before holds up to the day on which this one begins."""
        previous = self.previous_version_id
        if previous:
            previous._decide("closed", date_to=min(previous.date_to, self.date_from))

    def action_open_previous(self):
        """Open the version before."""
        return self.previous_version_id.get_formview_action()

    def action_open_next(self):
        """Open the version after."""
        return self.next_version_id.get_formview_action()
