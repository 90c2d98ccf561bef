from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..base.guards import refuse_protected

# Whose target it may be; none of them: the company's.
OWNER_FIELDS = ("team_id", "user_id", "partner_id", "product_category_id")
# Only an owner's own button sets it.
RECORDED = {"date_acknowledged"}


class SalesTarget(models.Model):
    """What one owner is to reach in one period.

    Targets of a period are a tree: those of the owners below add up to the one above, or
    the difference is shown.
    """

    _name = "sales.target"
    _description = "Target"
    _inherit = ["mail.thread"]
    _order = "plan_id, date_from, id"
    _rec_name = "owner_name"
    _parent_store = True

    plan_id = fields.Many2one(
        comodel_name="sales.target.plan", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    metric_id = fields.Many2one(related="plan_id.metric_id", store=True, index=True)
    currency_id = fields.Many2one(related="plan_id.currency_id")
    plan_state = fields.Selection(related="plan_id.state", store=True)
    parent_id = fields.Many2one(
        comodel_name="sales.target", ondelete="cascade", index=True, string="Part of"
    )
    parent_path = fields.Char(index=True)
    child_ids = fields.One2many(
        comodel_name="sales.target", inverse_name="parent_id", string="Consists of"
    )
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="Until (Excluded)", required=True, readonly=True)
    team_id = fields.Many2one(comodel_name="crm.team", string="Sales Team", index=True)
    user_id = fields.Many2one(
        comodel_name="res.users", string="Salesperson", index=True
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner", string="Dealer", index="btree_not_null"
    )
    product_category_id = fields.Many2one(
        comodel_name="product.category", index="btree_not_null"
    )
    owner_name = fields.Char(string="Owner", compute="_compute_owner_name")
    amount = fields.Monetary(tracking=True, help="To be reached in this period.")
    stretch_amount = fields.Monetary(
        string="Stretch", tracking=True, help="What would be excellent."
    )
    proposed_amount = fields.Monetary(
        string="Proposed", help="What the owner thinks can be done."
    )
    proposal_note = fields.Char(string="Why")
    date_acknowledged = fields.Date(string="Acknowledged On", readonly=True, copy=False)
    children_amount = fields.Monetary(
        string="Given Below",
        compute="_compute_mismatch",
        help="What the owners below have together.",
    )
    mismatch = fields.Monetary(
        compute="_compute_mismatch",
        help="What the owners below lack (positive: not assigned), without what is "
        "assigned on top on purpose.",
    )

    _amounts_not_negative = models.Constraint(
        "CHECK (amount >= 0 AND COALESCE(stretch_amount, 0) >= 0)",
        "Targets are not below zero.",
    )
    _once = models.UniqueIndex(
        "(plan_id, COALESCE(parent_id, 0), date_from, COALESCE(team_id, 0),"
        " COALESCE(user_id, 0), COALESCE(partner_id, 0),"
        " COALESCE(product_category_id, 0))",
        "An owner has one target in a period.",
    )
    _user_idx = models.Index("(user_id, metric_id, date_from) WHERE user_id IS NOT NULL")

    # === COMPUTE METHODS === #

    @api.depends("company_id", *OWNER_FIELDS)
    def _compute_owner_name(self):
        for target in self:
            target.owner_name = target.sudo()._owner().display_name  # of a shown target

    def _owner(self):
        """The record whose target it is."""
        self.ensure_one()
        for name in OWNER_FIELDS:
            if self[name]:
                return self[name]
        return self.company_id

    def _owner_key(self):
        """Whose target it is, whatever the period."""
        owner = self._owner()
        return owner._name, owner.id

    @api.depends("amount", "child_ids.amount", "plan_id.over_percent")
    def _compute_mismatch(self):
        for target in self:
            given = sum(target.child_ids.mapped("amount"))
            wanted = target._amount_below()
            target.children_amount = given
            known = target.child_ids and target.currency_id
            target.mismatch = target.currency_id.round(wanted - given) if known else 0.0

    def _amount_below(self):
        """What the owners below should have together."""
        factor = 1 + self.plan_id.over_percent / 100
        return self.amount * factor if self.child_ids else self.amount

    # === CHECKS === #

    @api.constrains(*OWNER_FIELDS)
    def _check_owner(self):
        for target in self:
            if sum(1 for name in OWNER_FIELDS if target[name]) > 1:
                raise ValidationError(
                    self.env._("A target belongs to one owner: choose only one.")
                )

    @api.constrains("parent_id", "plan_id", "date_from")
    def _check_parent(self):
        for target in self.filtered("parent_id"):
            parent = target.parent_id
            if (parent.plan_id, parent.date_from) != (target.plan_id, target.date_from):
                raise ValidationError(
                    self.env._(
                        "A target is part of one in the same plan and period."
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_protected(self, vals, RECORDED)
        targets = super().create(vals_list)
        if not self.env.su:
            targets._check_may_set()
        return targets

    def write(self, vals):
        refuse_protected(self, vals, RECORDED)
        proposal = {"proposed_amount", "proposal_note"}
        if not self.env.su and vals.keys() - proposal:
            self._check_may_set()
        if not self.env.su and proposal & vals.keys():
            self._check_may_propose()
        return super().write(vals)

    def unlink(self):
        if not self.env.su:
            self._check_may_set()
        return super().unlink()

    def _check_may_set(self):
        """Nobody sets the own target, and nobody that of a published plan.

        :raise AccessError: for own ones
        :raise UserError: for those of plans that people go by
        """
        self.plan_id._check_editable()
        for target in self.sudo():  # whose they are decides
            own = target.user_id == self.env.user
            led = target.team_id.user_id == self.env.user
            if own or led:
                raise AccessError(
                    self.env._(
                        "%s is your own target. Whoever is above you sets it; propose "
                        "an amount instead.",
                        target.owner_name,
                    )
                )

    def _check_may_propose(self):
        for target in self:
            if target.plan_state != "proposed":
                raise UserError(
                    self.env._(
                        "“%s” does not ask for proposals right now.",
                        target.plan_id.display_name,
                    )
                )

    # === ACTIONS === #

    def action_acknowledge(self):
        """Say that one knows the own targets."""
        mine = self.filtered(lambda target: target.user_id == self.env.user)
        if mine != self:
            raise AccessError(self.env._("Everybody acknowledges the own targets."))
        mine.sudo().write(  # the day is recorded, see write
            {"date_acknowledged": self.env.company._sales_today()}
        )

    def _tell_owners(self):
        """Let the people know that they have targets."""
        for user, targets in self.grouped("user_id").items():
            plan = targets.plan_id
            if user and user.partner_id:
                plan.message_subscribe(user.partner_id.ids)
        for plan in self.plan_id:
            plan.message_post(
                body=self.env._("The targets of “%s” are published.", plan.display_name),
                subtype_xmlid="mail.mt_comment",
            )

    def _copy_to(self, plan):
        """Give another version of the plan the same targets.

        The number of queries does not depend on their number but for what is written.
        """
        made = {}
        levels = defaultdict(list)
        for target in self.sudo():  # of a plan whose rights are checked
            levels[(target.parent_path or "").count("/")].append(target)
        for level in sorted(levels):
            old = levels[level]
            vals_list = [
                {
                    **{name: target[name].id for name in OWNER_FIELDS},
                    "plan_id": plan.id,
                    "parent_id": made.get(target.parent_id, self.browse()).id,
                    "date_from": target.date_from,
                    "date_to": target.date_to,
                    "amount": target.amount,
                    "stretch_amount": target.stretch_amount,
                }
                for target in old
            ]
            made.update(zip(old, self.sudo().create(vals_list), strict=True))
