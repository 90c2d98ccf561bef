from odoo import api, fields, models


class SalesTargetPlan(models.Model):
    """What the targets of a plan add up to, and whether they add up."""

    _inherit = "sales.target.plan"

    owner_count = fields.Integer(string="Owners", compute="_compute_summary")
    total_amount = fields.Float(
        string="To Be Reached",
        compute="_compute_summary",
        digits=0,
        help="What is at the top of the tree, as far as you may see it.",
    )
    given_amount = fields.Float(
        string="Given Below",
        compute="_compute_summary",
        digits=0,
        help="What those right below the top have together.",
    )
    missing_amount = fields.Float(
        string="Not Given Yet",
        compute="_compute_summary",
        digits=0,
        help="In the periods in which those below the top have less than they should, "
        "with what is assigned on top on purpose.",
    )
    excess_amount = fields.Float(
        string="Given Too Much",
        compute="_compute_summary",
        digits=0,
        help="In the periods in which those below the top have more than they should.",
    )
    mismatch_count = fields.Integer(
        string="Do Not Add Up",
        compute="_compute_summary",
        help="How many owners have another target than those below them together, in "
        "some period.",
    )
    amount_currency_id = fields.Many2one(
        comodel_name="res.currency",
        compute="_compute_amount_currency_id",
        help="Of the amounts; empty for what is no money.",
    )

    @api.depends("unit", "currency_id")
    def _compute_amount_currency_id(self):
        for plan in self:
            plan.amount_currency_id = plan.unit == "money" and plan.currency_id

    @api.depends("target_ids.amount", "target_ids.parent_id", "over_percent")
    @api.depends_context("uid")
    def _compute_summary(self):
        amounts = self._amounts_by_node()
        below = self._sums_below()
        for plan in self:
            nodes = amounts.get(plan._origin.id, {})
            tops = {node for node in nodes if not _is_below(node, nodes)}
            given = missing = excess = 0.0
            uneven = set()
            for parent, amount in below.get(plan._origin.id, ()):
                if parent.node not in nodes:
                    continue
                rest = plan._rounded(parent._amount_below() - amount)
                if rest:
                    uneven.add(parent.node)
                if parent.node in tops:
                    given += amount
                    missing += max(rest, 0.0)
                    excess += max(-rest, 0.0)
            plan.owner_count = len({node.rpartition("/")[2] for node in nodes})
            plan.total_amount = plan._rounded(sum(nodes[node] for node in tops))
            plan.given_amount = plan._rounded(given)
            plan.missing_amount = plan._rounded(missing)
            plan.excess_amount = plan._rounded(excess)
            plan.mismatch_count = len(uneven)

    def action_open_changes(self):
        """Open what was changed, by whom and when, as far as one may see it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_target_change_action"
        )
        return {**action, "domain": [("plan_id", "=", self.id)]}

    def _amounts_by_node(self):
        """Of the targets the user may see: ``{plan id: {node: amount}}``."""
        groups = self.env["sales.target"]._read_group(
            [("plan_id", "in", self.ids)], ["plan_id", "node"], ["amount:sum"]
        )
        result = {}
        for plan, node, amount in groups:
            result.setdefault(plan.id, {})[node] = amount
        return result

    def _sums_below(self):
        """What those right below each target have: ``{plan id: [(target, sum)]}``."""
        targets = self.env["sales.target"].sudo()  # sums below are no secret
        groups = targets._read_group(
            [("plan_id", "in", self.ids), ("parent_id", "!=", False)],
            ["parent_id"],
            ["amount:sum"],
        )
        result = {}
        for parent, amount in groups:
            result.setdefault(parent.plan_id.id, []).append((parent, amount))
        return result


def _is_below(node, nodes):
    """Whether somebody above it is among them."""
    above = node.rpartition("/")[0]
    while above and above not in nodes:
        above = above.rpartition("/")[0]
    return bool(above)
