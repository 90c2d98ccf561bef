from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import float_round, format_date

from ..base.guards import refuse_protected

# Whose target it is, with the letter of each kind in ``node``; none: the company's.
OWNER_LETTERS = {
    "team_id": "t",
    "user_id": "u",
    "partner_id": "p",
    "territory_id": "r",
    "product_category_id": "g",
}
COMPANY_LETTER = "c"
# Owners that stand for all below them, with the field that says what is above.
TREES = {
    "team_id": "sales_parent_id",
    "territory_id": "parent_id",
    "product_category_id": "parent_id",
}
MONEY = ("amount", "stretch_amount", "proposed_amount")
# What is set in bulk, see ``_set_amounts``.
AMOUNTS = {
    "amount",
    "stretch_amount",
    "share",
    "proposed_amount",
    "is_proposed",
    "proposal_note",
}
# Only an owner's own button, and what is worked out about people, set these.
RECORDED = {"date_acknowledged", "node"}


class SalesTarget(models.Model):
    """What one owner is to reach in one period.

    The targets of a period are a tree: those of the owners below add up to the one
    above, or the difference is shown. The same place in the tree has the same ``node``
    in every period and in every version of a plan.
    """

    _name = "sales.target"
    _description = "Target"
    _order = "plan_id, node, date_from, id"
    _rec_name = "owner_name"
    _check_company_auto = True

    plan_id = fields.Many2one(
        comodel_name="sales.target.plan", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    metric_id = fields.Many2one(related="plan_id.metric_id", store=True, index=True)
    unit = fields.Selection(related="plan_id.unit")
    currency_id = fields.Many2one(related="plan_id.currency_id")
    plan_state = fields.Selection(related="plan_id.state", store=True)
    parent_id = fields.Many2one(
        comodel_name="sales.target", ondelete="cascade", index=True, string="Part of"
    )
    child_ids = fields.One2many(
        comodel_name="sales.target", inverse_name="parent_id", string="Consists of"
    )
    node = fields.Char(
        string="Place",
        compute="_compute_node",
        store=True,
        recursive=True,
        help="Place in the tree of owners, such as c/t4/u7.",
    )
    scope_team_id = fields.Many2one(
        comodel_name="crm.team",
        string="In Team",
        compute="_compute_scope_team_id",
        store=True,
        recursive=True,
        index="btree_not_null",
        help="The team it is, or in which the owner has it.",
    )
    date_from = fields.Date(string="From", required=True)
    date_to = fields.Date(
        string="Until (Excluded)", required=True, help="The day after the last one."
    )
    team_id = fields.Many2one(
        comodel_name="crm.team",
        string="Sales Team",
        index="btree_not_null",
        ondelete="restrict",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Salesperson",
        index="btree_not_null",
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Dealer",
        index="btree_not_null",
        ondelete="restrict",
    )
    territory_id = fields.Many2one(
        comodel_name="sales.territory", index="btree_not_null", ondelete="restrict"
    )
    product_category_id = fields.Many2one(
        comodel_name="product.category", index="btree_not_null", ondelete="restrict"
    )
    owner_name = fields.Char(
        string="Owner", compute="_compute_owner_name", search="_search_owner_name"
    )
    share = fields.Float(
        string="Part of the Period (%)",
        default=100.0,
        digits=(16, 2),
        help="Of a person who joins, leaves or changes the team within the period: how "
        "much of a full person's target it is. Percent, 0–100.",
    )
    amount = fields.Float(
        digits=0, help="To be reached in this period, in the unit of the metric."
    )
    stretch_amount = fields.Float(
        string="Stretch", digits=0, help="What would be excellent."
    )
    proposed_amount = fields.Float(
        string="Proposed", digits=0, help="What the owner thinks can be done."
    )
    is_proposed = fields.Boolean(
        string="Has a Proposal", help="Whether somebody proposed an amount, also zero."
    )
    proposal_note = fields.Char(string="Why")
    date_acknowledged = fields.Date(string="Acknowledged On", readonly=True, copy=False)
    children_amount = fields.Float(
        string="Given Below",
        compute="_compute_mismatch",
        digits=0,
        help="What the owners below have together.",
    )
    mismatch = fields.Float(
        compute="_compute_mismatch",
        digits=0,
        help="What is not assigned to the owners below (negative: more was assigned "
        "than there is), beyond what is assigned on top on purpose.",
    )

    _amounts_not_negative = models.Constraint(
        "CHECK (amount >= 0 AND COALESCE(stretch_amount, 0) >= 0"
        " AND COALESCE(proposed_amount, 0) >= 0)",
        "Targets and proposals are not below zero.",
    )
    _share_in_range = models.Constraint(
        "CHECK (share >= 0 AND share <= 100)",
        "A part of a period lies between 0 and 100 %.",
    )
    _once = models.UniqueIndex(
        "(plan_id, node, date_from)", "An owner has one target in a period."
    )
    _user_idx = models.Index(
        "(user_id, metric_id, date_from) WHERE user_id IS NOT NULL"
    )

    # === COMPUTE METHODS === #

    @api.depends("parent_id.node", *OWNER_LETTERS)
    def _compute_node(self):
        for target in self:
            own = COMPANY_LETTER
            for name, letter in OWNER_LETTERS.items():
                if target[name]:
                    own = f"{letter}{target[name].id}"
            above = target.parent_id.node
            target.node = f"{above}/{own}" if above else own

    @api.depends("team_id", "parent_id.scope_team_id")
    def _compute_scope_team_id(self):
        for target in self:
            target.scope_team_id = target.team_id or target.parent_id.scope_team_id

    @api.depends("company_id", *OWNER_LETTERS)
    def _compute_owner_name(self):
        for target in self.sudo():  # of a target that is shown
            target.owner_name = target._owner().display_name

    @api.model
    def _search_owner_name(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        return Domain.OR(
            Domain(f"{name}.display_name", operator, value) for name in OWNER_LETTERS
        )

    def _owner(self):
        """The record whose target it is."""
        self.ensure_one()
        for name in OWNER_LETTERS:
            if self[name]:
                return self[name]
        return self.company_id

    def _owner_key(self):
        """Whose target it is, whatever the period and the place in the tree."""
        return self.node.rpartition("/")[2]

    @api.depends("amount", "child_ids.amount", "plan_id.over_percent")
    def _compute_mismatch(self):
        for target in self:
            children = target.sudo().child_ids  # their sum is no secret of theirs
            given = sum(children.mapped("amount"))
            target.children_amount = given
            missing = target._amount_below() - given
            target.mismatch = target._rounded(missing) if children else 0.0

    def _amount_below(self):
        """What the owners below should have together."""
        self.ensure_one()
        return self._rounded(self.amount * (1 + self.plan_id.over_percent / 100))

    def _rounded(self, amount):
        """As exact as amounts of this target are: cents, whole things, hundredths."""
        return self.plan_id._rounded(amount)

    # === CHECKS === #

    @api.constrains(*OWNER_LETTERS)
    def _check_owner(self):
        for target in self:
            if sum(1 for name in OWNER_LETTERS if target[name]) > 1:
                raise ValidationError(
                    self.env._(
                        "A target belongs to one owner: choose a team, a salesperson, "
                        "a dealer, a territory or a product category."
                    )
                )

    @api.constrains("parent_id", "plan_id", "date_from", "date_to")
    def _check_parent(self):
        if self._has_cycle():
            raise ValidationError(self.env._("A target cannot be part of itself."))
        for target in self.filtered("parent_id"):
            parent = target.parent_id
            if (parent.plan_id, parent.date_from, parent.date_to) != (
                target.plan_id,
                target.date_from,
                target.date_to,
            ):
                raise ValidationError(
                    self.env._(
                        "The target of %(owner)s from %(day)s is part of one of "
                        "another plan or period. Choose one of the same.",
                        owner=target.owner_name,
                        day=format_date(self.env, target.date_from),
                    )
                )

    @api.constrains("plan_id", "date_from", "date_to")
    def _check_period(self):
        for plan, targets in self.grouped("plan_id").items():
            periods = set(plan._periods())
            for target in targets:
                if (target.date_from, target.date_to) not in periods:
                    raise ValidationError(
                        self.env._(
                            "%(first)s up to %(after)s (excluded) is no period of "
                            "“%(plan)s”. Its periods are: %(periods)s",
                            first=format_date(self.env, target.date_from),
                            after=format_date(self.env, target.date_to),
                            plan=plan.display_name,
                            periods=plan._describe_periods(),
                        )
                    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_protected(self, vals, RECORDED)
        targets = super().create(self._rounded_vals(vals_list))
        if not self.env.su:
            targets.plan_id._check_editable()
        # An owner without an amount is nothing anybody gives to oneself.
        targets.filtered(
            lambda target: target.amount or target.stretch_amount
        )._check_may_set({"amount"})
        return targets

    def write(self, vals):
        refuse_protected(self, vals, RECORDED)
        self._check_may_set(vals.keys())
        before = self._changes_before(vals)
        [vals] = self[:1]._rounded_vals([vals])
        result = super().write(vals)
        if vals.keys() & {"plan_id", "parent_id", *OWNER_LETTERS}:
            # Moved to another place in the tree, it has to be one's to set there too.
            self.check_access("write")
            self._check_may_set(vals.keys())
        self._note_changes(before)
        return result

    def _set_amounts(self, values, computed=False):
        """Write many targets at once, each with values of its own.

        Rights are checked once and what changed is remembered in one go: the number of
        queries does not depend on how many there are.

        :param dict values: ``{target: {field: value}}`` with fields of ``AMOUNTS``
        :param bool computed: whether a formula gave them and nobody chose; then the own
            target may be among them
        :return: those that changed
        :raise AccessError: for targets one may not set
        :raise ValidationError: for amounts below zero
        """
        targets = self.browse([target.id for target in values])
        names = set().union(*values.values())
        if names - AMOUNTS:
            raise ValueError(f"Not set in bulk: {sorted(names - AMOUNTS)}")
        targets.check_access("write")
        targets._check_may_set(names, computed)
        rounded = self._rounded_vals(
            [{"plan_id": t.plan_id.id, **vals} for t, vals in values.items()]
        )
        before, alike = {}, defaultdict(list)
        for target, vals in zip(targets, rounded, strict=True):
            del vals["plan_id"]
            target._check_not_negative(vals)
            news = {name: new for name, new in vals.items() if target[name] != new}
            if news:
                before |= target._changes_before(news)
                alike[tuple(news.items())].append(target.id)
        for news, ids in alike.items():
            rows = self.browse(ids).sudo()  # all of them were checked above, at once
            # pylint: disable-next=super-method-mismatch
            super(SalesTarget, rows).write(dict(news))
        changed = self.browse([id_ for ids in alike.values() for id_ in ids])
        changed._note_changes(before)
        return changed

    def _check_not_negative(self, vals):
        """:raise ValidationError: naming the owner and the period"""
        if any(vals.get(name, 0) < 0 for name in MONEY):
            raise ValidationError(
                self.env._(
                    "%(owner)s, from %(day)s: targets and proposals are not below "
                    "zero.",
                    owner=self.owner_name,
                    day=format_date(self.env, self.date_from),
                )
            )

    def _rounded_vals(self, vals_list):
        """Amounts are in the rounding of their unit, whoever writes them."""
        plans = self.env["sales.target.plan"]
        steps, result = {}, []
        for vals in vals_list:
            plan = (
                plans.browse(vals["plan_id"]) if vals.get("plan_id") else self.plan_id
            )
            if plan not in steps:
                steps[plan] = float(plan._unit_step()) if plan else None
            rounded = {
                name: float_round(vals[name], precision_rounding=steps[plan])
                for name in MONEY
                if vals.get(name)
            }
            if "proposed_amount" in vals:
                rounded["is_proposed"] = vals.get("is_proposed", True)
            result.append({**vals, **rounded})
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_settled(self):
        self._check_may_set({"amount"})

    # === ACTIONS === #

    def action_acknowledge(self):
        """Say that one knows the own targets."""
        self._check_are_mine()
        plans = self.plan_id.filtered(lambda plan: plan.state == "published")
        for plan in plans:
            day = plan.company_id._sales_today()
            known = self.filtered(lambda target, plan=plan: target.plan_id == plan)
            known.sudo().write({"date_acknowledged": day})  # recorded, see RECORDED
