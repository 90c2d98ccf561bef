from odoo import api, fields, models
from odoo.exceptions import UserError


class SalesTargetPlan(models.Model):
    """People are told of their targets, and say that they know them."""

    _inherit = "sales.target.plan"

    people_count = fields.Integer(string="People", compute="_compute_acknowledged")
    acknowledged_count = fields.Integer(
        string="Acknowledged", compute="_compute_acknowledged"
    )
    is_mine_open = fields.Boolean(
        string="I Have to Acknowledge", compute="_compute_is_mine_open"
    )

    @api.depends("target_ids.user_id", "target_ids.date_acknowledged")
    def _compute_acknowledged(self):
        """Somebody counts once all own targets are acknowledged."""
        groups = self.env["sales.target"].sudo()  # how many is no secret
        groups = groups._read_group(
            [("plan_id", "in", self.ids), ("user_id", "!=", False)],
            ["plan_id", "user_id"],
            ["__count", "date_acknowledged:count"],
        )
        people = dict.fromkeys(self.ids, 0)
        known = dict.fromkeys(self.ids, 0)
        for plan, _user, count, done in groups:
            people[plan.id] += 1
            known[plan.id] += count == done
        for plan in self:
            plan.people_count = people.get(plan.id, 0)
            plan.acknowledged_count = known.get(plan.id, 0)

    @api.depends("state", "target_ids.date_acknowledged")
    @api.depends_context("uid")
    def _compute_is_mine_open(self):
        mine = self._my_targets().filtered(lambda target: not target.date_acknowledged)
        for plan in self:
            plan.is_mine_open = plan.state == "published" and plan in mine.plan_id

    def _my_targets(self):
        """Those of the user, as a salesperson and of teams led."""
        return self.env["sales.target"].search(
            [
                ("plan_id", "in", self.ids),
                "|",
                ("user_id", "=", self.env.uid),
                ("team_id.user_id", "=", self.env.uid),
            ]
        )

    def action_acknowledge(self):
        """Say that one knows the own targets.

        :raise UserError: for somebody without any
        """
        mine = self._my_targets()
        if not mine:
            raise UserError(self.env._("You have no targets in this plan."))
        mine.action_acknowledge()

    def _after_publish(self):
        result = super()._after_publish()
        for plan in self:
            targets = plan._targets()
            users = targets.user_id | targets.team_id.user_id
            reason = plan.predecessor_id and plan.reason
            plan._tell(
                users,
                self.env._("Your targets: %s", plan.display_name),
                self.env._("The plan has changed: %s", reason)
                if reason
                else self.env._("Your targets are published. Please acknowledge them."),
            )
        return result
