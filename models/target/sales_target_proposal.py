from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain


class SalesTargetPlan(models.Model):
    """What reps and leaders propose, and what becomes of it."""

    _inherit = "sales.target.plan"

    def action_ask_proposals(self):
        result = super().action_ask_proposals()
        self._remind_of_proposals()
        return result

    def action_remind_proposals(self):
        """Remind those who have not proposed anything yet."""
        for plan in self:
            plan._check_proposals_wanted()
        if not self._remind_of_proposals():
            raise UserError(self.env._("Everybody has proposed something already."))

    def _remind_of_proposals(self):
        """Tell the people without a proposal, in one message for each plan."""
        told = self.env["res.users"]
        for plan in self:
            people = plan._targets().grouped("user_id")
            users = self.env["res.users"].union(
                *(
                    user
                    for user, targets in people.items()
                    if user and not any(targets.mapped("is_proposed"))
                )
            )
            told |= users
            plan._tell(
                users,
                self.env._("What do you propose for “%s”?", plan.display_name),
                self.env._(
                    "Please enter what you think you can reach in each period, and why."
                ),
            )
        return told

    def _tell(self, users, subject, body):
        """One message to many people, with a link to the plan."""
        self.ensure_one()
        others = users - self.env.user
        if others:
            self.message_notify(
                partner_ids=others.partner_id.ids, subject=subject, body=body
            )

    def _check_proposals_wanted(self):
        if self.state != "proposed":
            raise UserError(
                self.env._(
                    "“%s” does not ask for proposals right now.", self.display_name
                )
            )

    def action_proposals(self):
        """Take proposals over, or add them up."""
        self.ensure_one()
        self._check_proposals_wanted()
        return self._open_wizard("sales.target.take", self.env._("Proposals"))

    def _take_proposals(self, node):
        """Make what those below propose their targets.

        Own targets are left out: whoever is above takes those over.

        :param str node: place of the one whose people and teams it is about
        :return: the targets that changed
        :raise UserError: where nobody else below proposed anything
        """
        self.ensure_one()
        self._check_proposals_wanted()
        targets = self.env["sales.target"]
        proposed = targets.search(
            Domain("plan_id", "=", self.id)
            & Domain("node", "=like", f"{node}/%")
            & Domain("is_proposed", "=", True)
        )
        proposed -= proposed._own_ones() | proposed._closed_ones()
        if not proposed:
            raise UserError(
                self.env._(
                    "Nobody below %s has proposed anything yet.", self._name_of(node)
                )
            )
        return targets._set_amounts(
            {target: {"amount": target.proposed_amount} for target in proposed}
        )

    def _sum_proposals(self, node):
        """Propose what those right below propose together.

        Whoever has proposed nothing counts with the target there is.

        :return: the targets that changed
        """
        self.ensure_one()
        self._check_proposals_wanted()
        rows = self._targets().filtered(lambda target: target.node == node)
        if not any(rows.child_ids.mapped("is_proposed")):
            raise UserError(
                self.env._(
                    "Nobody right below %s has proposed anything yet.",
                    self._name_of(node),
                )
            )
        return rows._set_amounts(
            {
                target: {
                    "proposed_amount": sum(
                        child.proposed_amount if child.is_proposed else child.amount
                        for child in target.child_ids
                    )
                }
                for target in rows
            }
        )
