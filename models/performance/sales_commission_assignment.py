from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date

from .commission_facts import Stay, as_decimal


def is_own(record):
    """Whether a record is of the user, as a salesperson or as a dealer."""
    user = record.env.user
    record = record.sudo()  # whose it is decides
    return (
        record.user_id == user
        or record.partner_id.commercial_partner_id
        == user.partner_id.commercial_partner_id
    )


class SalesCommissionAssignment(models.Model):
    """From when to when somebody is paid by a plan."""

    _name = "sales.commission.assignment"
    _description = "Person in a Commission Plan"
    _inherit = ["sales.commission.part"]
    _order = "plan_id, date_from, id"
    _check_company_auto = True

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
    role = fields.Selection(
        selection=[("own", "Own Credit"), ("override", "Credit of a Team")],
        string="Paid for",
        required=True,
        default="own",
    )
    team_id = fields.Many2one(
        comodel_name="crm.team",
        string="Sales Team",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        help="All credit of this team and of those below it counts.",
    )
    date_from = fields.Date(string="From", help="Empty: as long as there is the plan.")
    date_to = fields.Date(string="Until (Excluded)", help="The day after the last one.")
    date_last = fields.Date(
        string="Until",
        compute="_compute_date_last",
        inverse="_inverse_date_last",
        help="The last day. Empty: as long as there is the plan.",
    )
    share = fields.Float(
        string="Share (%)",
        default=100.0,
        digits=(16, 2),
        help="Of the commission the person gets. Percent, 0–100.",
    )

    _share_in_range = models.Constraint(
        "CHECK (share > 0 AND share <= 100)", "A share is above 0 and up to 100 %."
    )
    _dates_in_order = models.Constraint(
        "CHECK (date_to IS NULL OR date_from IS NULL OR date_to >= date_from)",
        "It ends after it begins.",
    )

    # === COMPUTE METHODS === #

    @api.depends("date_to")
    def _compute_date_last(self):
        for assignment in self:
            end = assignment.date_to
            assignment.date_last = end and fields.Date.subtract(end, days=1)

    @api.onchange("date_last")
    def _inverse_date_last(self):
        for assignment in self:
            last = assignment.date_last
            assignment.date_to = last and fields.Date.add(last, days=1)

    @api.depends("user_id", "partner_id")
    def _compute_display_name(self):
        for assignment in self:
            owner = assignment.user_id or assignment.partner_id
            assignment.display_name = owner.display_name

    def _range(self):
        """The days it holds within the plan: ``(first day, day after)``."""
        self.ensure_one()
        plan = self.plan_id
        first = max(self.date_from or plan.date_from, plan.date_from)
        return first, min(self.date_to or plan.date_to, plan.date_to)

    def _owner(self):
        """Who is paid, as results say it: ``("user", id)`` or ``("partner", id)``."""
        self.ensure_one()
        if self.user_id:
            return "user", self.user_id._origin.id
        return "partner", self.partner_id._origin.id

    def _as_stay(self):
        """As commission is worked out with it."""
        first, after = self._range()
        return Stay(
            self._owner(),
            self.role,
            self.team_id.id or None,
            first,
            after,
            as_decimal(self.share),
        )

    def _scope(self):
        """Whose credit and target counts: the owner, or ``("team", id)``."""
        self.ensure_one()
        return ("team", self.team_id._origin.id) if self.team_id else self._owner()

    # === CHECKS === #

    @api.constrains("user_id", "partner_id", "role", "team_id")
    def _check_owner(self):
        for assignment in self:
            if bool(assignment.user_id) == bool(assignment.partner_id):
                raise ValidationError(
                    self.env._("Choose for each row a salesperson or a dealer.")
                )
            if (assignment.role == "override") != bool(assignment.team_id):
                raise ValidationError(
                    self.env._(
                        "%s: choose a team where the credit of a team is paid for, and "
                        "none where the own credit is.",
                        assignment.display_name,
                    )
                )

    @api.constrains(
        "plan_id", "user_id", "partner_id", "role", "team_id", "date_from", "date_to"
    )
    def _check_alone(self):
        """Nobody is paid twice by a plan for the same thing on a day."""
        for plan in self.plan_id:
            for group in plan.assignment_ids.grouped(
                lambda a: (a.user_id, a.partner_id, a.role, a.team_id)
            ).values():
                ranges = sorted(assignment._range() for assignment in group)
                for (_first, after), (begin, _end) in zip(
                    ranges, ranges[1:], strict=False
                ):
                    if begin < after:
                        raise ValidationError(
                            self.env._(
                                "%(owner)s is in “%(plan)s” already on %(day)s. End "
                                "that row before.",
                                owner=group[0].display_name,
                                plan=plan.display_name,
                                day=format_date(self.env, begin),
                            )
                        )

    # === RIGHTS === #

    def _check_may_change(self):
        """People come and go while a plan is published; nobody adds oneself."""
        if self.env.su:
            return
        if any(is_own(assignment) for assignment in self):
            raise AccessError(
                self.env._(
                    "It is your own commission. Ask another director to change it."
                )
            )
        for plan in self.plan_id.filtered(lambda plan: plan.state == "closed"):
            plan._check_editable()
        self.plan_id._check_not_own()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fixed(self):
        for assignment in self.filtered(lambda a: a.plan_id.state != "draft"):
            raise UserError(
                self.env._(
                    "%s was paid by this plan. Set the last day instead.",
                    assignment.display_name,
                )
            )
        return super()._unlink_except_fixed()
