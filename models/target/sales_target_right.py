from odoo import fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

# What the owner, or whoever leads the team, may say while proposals are wanted.
PROPOSAL = {"proposed_amount", "proposal_note", "is_proposed"}
# What is remembered when it changes.
REMEMBERED = ("amount", "stretch_amount", "share")


class SalesTarget(models.Model):
    """Who sets whose targets, and what became of them."""

    _inherit = "sales.target"

    change_ids = fields.One2many(
        comodel_name="sales.target.change", inverse_name="target_id", string="Changes"
    )

    def _check_may_set(self, names, computed=False):
        """Nobody sets the own target, and nobody that of a plan that is agreed.

        :param names: of the fields that are written
        :param bool computed: whether a formula gave the values and nobody chose them
        :raise AccessError: for own targets
        :raise UserError: for those of plans that people go by
        """
        names = set(names)
        if self.env.su or not names:
            return
        if names <= PROPOSAL:
            self._check_may_propose()
            return
        self.plan_id._check_editable()
        self._check_not_closed()
        own = not computed and self._own_ones()
        if own:
            raise AccessError(
                self.env._(
                    "%s is your own target. Whoever is above you sets it; propose an "
                    "amount instead.",
                    own[:1].owner_name,
                )
            )

    def _closed_ones(self):
        """Those of periods that are over, which people went by: a director alone
        changes them in a new version, whose reason everybody reads."""
        if self.env.user.has_group("sales_process.group_director"):
            return self.browse()
        plans = self.plan_id.filtered("predecessor_id")
        today = {plan: plan.company_id._sales_today() for plan in plans}
        return self.filtered(
            lambda target: (
                target.plan_id in today and target.date_to <= today[target.plan_id]
            )
        )

    def _check_not_closed(self):
        """:raise UserError: naming a target whose period is over"""
        closed = self._closed_ones()[:1]
        if closed:
            raise UserError(
                self.env._(
                    "%(owner)s, from %(day)s: this period is over, and people went by "
                    "its target. Ask a director to change it.",
                    owner=closed.owner_name,
                    day=format_date(self.env, closed.date_from),
                )
            )

    def _own_ones(self):
        """Those of the user: as a salesperson, and of a team led.

        A director answers for the whole company: the teams led are not a director's own
        target, what the director has to sell is.
        """
        user = self.env.user
        is_director = user.has_group("sales_process.group_director")
        return self.filtered(
            lambda target: (
                target.sudo().user_id == user  # whose they are decides
                or (not is_director and target.sudo().team_id.user_id == user)
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

    def _check_are_mine(self):
        """:raise AccessError: for targets of somebody else"""
        user = self.env.user
        targets = self.sudo()  # whose they are decides
        if any(user not in (t.user_id, t.team_id.user_id) for t in targets):
            raise AccessError(self.env._("Everybody acknowledges the own targets."))

    # === CHANGES === #

    def _changes_before(self, vals):
        """What the targets are before they are written: {id: {field: value}}."""
        names = [name for name in REMEMBERED if name in vals]
        return {
            target.id: {name: target[name] for name in names}
            for target in (self if names else ())
        }

    def _note_changes(self, before):
        """Remember who changed what.

        :param dict before: see ``_changes_before``
        """
        rows = [
            {
                "target_id": target.id,
                "field": name,
                "old_value": old,
                "new_value": target[name],
                "user_id": self.env.uid,
            }
            for target in self
            for name, old in before.get(target.id, {}).items()
            if old != target[name]
        ]
        if rows:
            changes = self.env["sales.target.change"].sudo()  # nobody writes it by hand
            changes.create(rows)


class SalesTargetChange(models.Model):
    """Who changed a target, from what to what. Only the targets write it."""

    _name = "sales.target.change"
    _description = "Change of a Target"
    _order = "id desc"
    _rec_name = "target_id"

    target_id = fields.Many2one(
        comodel_name="sales.target",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    plan_id = fields.Many2one(related="target_id.plan_id", store=True, index=True)
    company_id = fields.Many2one(related="target_id.company_id", store=True)
    owner_name = fields.Char(related="target_id.owner_name")
    date_from = fields.Date(related="target_id.date_from", string="Period From")
    user_id = fields.Many2one(
        comodel_name="res.users", string="Changed By", readonly=True
    )
    create_date = fields.Datetime(string="When", readonly=True)
    field = fields.Selection(
        selection=[
            ("amount", "Target"),
            ("stretch_amount", "Stretch"),
            ("share", "Part of the Period (%)"),
        ],
        string="What",
        required=True,
        readonly=True,
    )
    old_value = fields.Float(string="Before", digits=0, readonly=True)
    new_value = fields.Float(string="After", digits=0, readonly=True)
