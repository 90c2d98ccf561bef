from odoo import api, fields, models
from odoo.exceptions import UserError

from .sales_target import OWNER_LETTERS

KEPT = ("date_from", "date_to", "amount", "stretch_amount", "share")


class SalesTargetPlan(models.Model):
    """What changes in the middle of a year is a new version with its reason."""

    _inherit = "sales.target.plan"

    successor_ids = fields.One2many(
        comodel_name="sales.target.plan",
        inverse_name="predecessor_id",
        string="Versions After It",
    )
    successor_id = fields.Many2one(
        comodel_name="sales.target.plan",
        string="Next Version",
        compute="_compute_successor_id",
    )

    @api.depends("successor_ids")
    def _compute_successor_id(self):
        for plan in self:
            plan.successor_id = plan.successor_ids[:1]

    def action_new_version(self):
        """Ask for the reason, then copy the plan to be changed."""
        self.ensure_one()
        self._check_may_succeed()
        return self._open_wizard("sales.target.version", self.env._("New Version"))

    def _check_may_succeed(self):
        """:raise UserError: where there is nothing to go on from"""
        if self.state != "published":
            raise UserError(
                self.env._(
                    "“%s” is not published: change it as it is.", self.display_name
                )
            )
        if self.successor_ids:
            raise UserError(
                self.env._(
                    "“%s” is being worked on already: publish or delete it first.",
                    self.successor_ids[0].display_name,
                )
            )

    def _make_version(self, reason):
        """Copy the plan with all its targets, as a draft that will replace it.

        Periods that are over are copied too; only directors change them.

        :param str reason: why it is changed
        :return: the new plan
        """
        self.ensure_one()
        self.check_access("write")
        self._check_may_succeed()
        if not (reason or "").strip():
            raise UserError(self.env._("Say why the plan is changed."))
        plan = self.sudo()  # a version is recorded by its button, see write
        plan = plan.copy(
            {
                "name": self.name,
                "version": self.version + 1,
                "predecessor_id": self.id,
                "reason": reason.strip(),
            }
        )
        self._copy_targets(plan)
        return plan.with_env(self.env)

    def _copy_targets(self, plan):
        """One create for each level of the tree."""
        copies, levels = {}, {}
        targets = self.sudo().target_ids  # copying changes nobody's target
        for target in targets:
            levels.setdefault(target.node.count("/"), []).append(target)
        for _depth, level in sorted(levels.items()):
            made = targets.create(
                [
                    {
                        "plan_id": plan.id,
                        "parent_id": copies[target.parent_id].id
                        if target.parent_id
                        else False,
                        **{name: target[name].id for name in OWNER_LETTERS},
                        **{name: target[name] for name in KEPT},
                    }
                    for target in level
                ]
            )
            copies |= dict(zip(level, made, strict=True))

    def action_open_predecessor(self):
        """Open the version before."""
        return self.predecessor_id.get_formview_action()

    def action_open_successor(self):
        """Open the version after."""
        return self.successor_id.get_formview_action()

    # === COMPARING === #

    def action_compare(self):
        """Open what changed since the version before, or what was proposed."""
        self.ensure_one()
        is_version = self.predecessor_id and self.state != "proposed"
        before = self._sums_by_node(self.predecessor_id)
        now = self._sums_by_node(self)
        rows = []
        for node in sorted(before.keys() | now.keys()):
            old, new = before.get(node), now.get(node)
            rows.append(
                {
                    "plan_id": self.id,
                    "node": node,
                    "name": "\u2003" * node.count("/") + (new or old)["name"],
                    "before": old["amount"] if old else 0.0,
                    "amount": new["amount"] if new else 0.0,
                    "proposed_amount": new["proposed"] if new else 0.0,
                    "is_proposed": bool(new and new["is_proposed"]),
                    "note": new["note"] if new else False,
                }
            )
        lines = self.env["sales.target.compare"].create(rows)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_target_compare_version_action"
            if is_version
            else "sales_process.sales_target_compare_proposal_action"
        )
        return {**action, "domain": [("id", "in", lines.ids)]}

    def _sums_by_node(self, plan):
        """The targets of a plan that the user may see, over all its periods."""
        result = {}
        for node, targets in plan._targets().grouped("node").items():
            notes = filter(None, targets.mapped("proposal_note"))
            result[node] = {
                "name": targets[0].owner_name,
                "amount": self._rounded(sum(targets.mapped("amount"))),
                "proposed": self._rounded(sum(targets.mapped("proposed_amount"))),
                "is_proposed": any(targets.mapped("is_proposed")),
                "note": "; ".join(notes),
            }
        return result
