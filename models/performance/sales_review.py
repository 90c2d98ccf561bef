from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..base.guards import refuse_protected

STATES = [
    ("draft", "Being Prepared"),
    ("shared", "Shared"),
    ("signed", "Signed"),
    ("cancelled", "Cancelled"),
]
OPEN = ("draft", "shared")
LEADER, PERSON = "leader", "person"
# Who writes what, and in which states.
CONTENT = {
    "note_leader": (LEADER,),
    "focus": (LEADER,),
    "note_person": (PERSON,),
    "goal_ids": (LEADER, PERSON),
    "last_goal_ids": (LEADER,),
}
# What happens by buttons alone.
RECORDED = {
    "user_id",
    "leader_id",
    "team_id",
    "company_id",
    "kind",
    "date_from",
    "date_to",
    "state",
    "version",
    "previous_id",
    "line_ids",
    "date_read",
    "date_shared",
    "date_cancelled",
    "signed_person_by_id",
    "signed_person_on",
    "signed_leader_by_id",
    "signed_leader_on",
}
NO_SIGNATURES = {
    "signed_person_by_id": False,
    "signed_person_on": False,
    "signed_leader_by_id": False,
    "signed_leader_on": False,
}


class SalesReview(models.Model):
    """A conversation about a period: what the figures say, what is agreed, by whom.

    The leader prepares it and shares it; from then on the figures stay as they are.
    Both write and agree on goals, both sign, each only for oneself. What changes after
    one signature takes it away. Signed by both it stays for good: a correction is a new
    review.
    """

    _name = "sales.review"
    _description = "Performance Review"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_from desc, id desc"
    _rec_names_search = ["user_id.name"]
    _mail_post_access = "read"

    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Salesperson",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    leader_id = fields.Many2one(
        comodel_name="res.users",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    team_id = fields.Many2one(
        comodel_name="crm.team",
        string="Sales Team",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Of the salesperson when the review was made.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    kind = fields.Selection(
        selection=[("month", "Month"), ("quarter", "Quarter"), ("year", "Year")],
        string="Period of",
        required=True,
        readonly=True,
    )
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(
        string="Until (Excluded)",
        required=True,
        readonly=True,
        help="The day after the last one.",
    )
    period = fields.Char(compute="_compute_period")
    state = fields.Selection(
        selection=STATES, required=True, readonly=True, default="draft", index=True
    )
    version = fields.Integer(
        default=1, readonly=True, copy=False, help="Counts the changes of its content."
    )
    # What it says
    line_ids = fields.One2many(
        comodel_name="sales.review.line",
        inverse_name="review_id",
        string="Figures",
        readonly=True,
        help="As they were when the review was shared.",
    )
    date_read = fields.Datetime(string="Figures Read On", readonly=True)
    focus = fields.Text(
        help="What to work on until the next review. Suggested by the figures."
    )
    note_leader = fields.Text(string="The Leader Says")
    note_person = fields.Text(string="The Salesperson Says")
    goal_ids = fields.One2many(
        comodel_name="sales.review.goal",
        inverse_name="review_id",
        string="Agreed Goals",
    )
    # What had been agreed before
    previous_id = fields.Many2one(
        comodel_name="sales.review",
        string="Review Before",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    last_goal_ids = fields.One2many(
        comodel_name="sales.review.goal",
        inverse_name="checked_review_id",
        string="Goals Due",
        help="What was agreed in earlier reviews, and what came of it.",
    )
    # Who did what
    date_shared = fields.Datetime(string="Shared On", readonly=True, copy=False)
    date_cancelled = fields.Datetime(string="Cancelled On", readonly=True, copy=False)
    signed_person_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Signed by the Salesperson",
        readonly=True,
        copy=False,
    )
    signed_person_on = fields.Datetime(
        string="Salesperson Signed On", readonly=True, copy=False
    )
    signed_leader_by_id = fields.Many2one(
        comodel_name="res.users",
        string="Signed by the Leader",
        readonly=True,
        copy=False,
    )
    signed_leader_on = fields.Datetime(
        string="Leader Signed On", readonly=True, copy=False
    )
    my_side = fields.Selection(
        selection=[(LEADER, "Leader"), (PERSON, "Salesperson")],
        compute="_compute_my_side",
    )
    can_sign = fields.Boolean(compute="_compute_my_side")

    _two_people = models.Constraint(
        "CHECK (user_id <> leader_id)", "Nobody reviews the own work alone."
    )
    _dates_in_order = models.Constraint(
        "CHECK (date_to > date_from)", "A period ends after it begins."
    )
    _one_open = models.UniqueIndex(
        "(company_id, user_id, date_from, date_to) WHERE state IN ('draft', 'shared')",
        "This review has been begun already.",
    )

    # === COMPUTE METHODS === #

    @api.depends("date_from", "date_to", "kind")
    @api.depends_context("lang")
    def _compute_period(self):
        label = self.env["sales.scorecard"]._period_label
        for review in self:
            days = review.date_from, review.date_to
            review.period = label(review.kind, *days) if all(days) else ""

    @api.depends("user_id", "period")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for review in self:
            review.display_name = f"{review.user_id.name} · {review.period}"

    @api.depends(
        "user_id", "leader_id", "state", "signed_person_on", "signed_leader_on"
    )
    @api.depends_context("uid")
    def _compute_my_side(self):
        for review in self:
            review.my_side = review._side()
            review.can_sign = (
                review.state == "shared"
                and bool(review.my_side)
                and not review[f"signed_{review.my_side}_on"]
            )

    def _side(self):
        """On which side the user is: ``leader``, ``person`` or False."""
        self.ensure_one()
        if self.leader_id.id == self.env.uid:
            return LEADER
        return PERSON if self.user_id.id == self.env.uid else False

    # === WRITING === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_protected(self, vals, RECORDED)
        return super().create(vals_list)

    def write(self, vals):
        refuse_protected(self, vals, RECORDED)
        self._check_not_signed(vals)
        content = CONTENT.keys() & vals.keys()
        if content and not self.env.su:
            for review in self:
                review._check_side(*content)
            self._touch()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_shared(self):
        for review in self:
            if review.date_shared:
                raise UserError(
                    self.env._(
                        "%s has been shared and cannot be deleted. Cancel it.",
                        review.display_name,
                    )
                )

    def _check_not_signed(self, vals=None):
        """:raise UserError: for what both have signed, even to the system"""
        if vals is not None and not (CONTENT.keys() | RECORDED) & vals.keys():
            return
        for review in self:
            if review.state == "signed":
                raise UserError(
                    self.env._(
                        "%s is signed by both and stays as it is. A correction is a "
                        "new review of the same period.",
                        review.display_name,
                    )
                )

    def _check_side(self, *names):
        """Whether the user may write parts of the content now.

        :raise AccessError: saying who may
        :raise UserError: when the time for it is over, or has not come yet
        """
        self.ensure_one()
        side = self._side()
        for name in names:
            if side not in CONTENT[name]:
                label = self._fields[name]._description_string(self.env)
                raise AccessError(
                    self.env._(
                        "“%(part)s” is written by: %(people)s.",
                        part=label,
                        people=", ".join(
                            self.leader_id.name if who == LEADER else self.user_id.name
                            for who in CONTENT[name]
                        ),
                    )
                )
        allowed = OPEN if side == LEADER else ("shared",)
        if self.state not in allowed:
            self._check_not_signed()
            raise UserError(
                self.env._("%s cannot be changed any more.", self.display_name)
            )

    def _touch(self):
        """The content changes: signatures of what it was before are none any more.

        The row is always written, so that nobody can sign at the same moment.
        """
        for review in self:
            values = {"version": review.version + 1}
            signed = review.signed_person_by_id | review.signed_leader_by_id
            if signed:
                values.update(NO_SIGNATURES)
            review.sudo().write(values)  # counted by the system
            if signed:
                review._tell(
                    self.env._(
                        "Changed after it was signed: the signature of %s does not "
                        "count any more.",
                        ", ".join(signed.mapped("name")),
                    ),
                    signed - self.env.user,
                )

    def _tell(self, body, people=None):
        """Keep in the thread what happened, and notify people.

        :param people: recordset of ``res.users``
        """
        self.ensure_one()
        partners = people.partner_id if people else self.env["res.partner"]
        self.sudo().message_post(  # both may only read the thread's record
            body=body,
            author_id=self.env.user.partner_id.id,
            partner_ids=partners.ids,
            subtype_xmlid="mail.mt_comment" if partners else "mail.mt_note",
        )
