from odoo import api, fields, models
from odoo.exceptions import UserError

STATES = [
    ("draft", "In Progress"),
    ("checked", "Checked"),
    ("confirmed", "Confirmed"),
    ("paid", "Paid"),
]
# What was said in these is taken as said: later changes are corrections elsewhere.
SAID = ("checked", "confirmed", "paid")
# In these nothing of it changes any more, whoever asks.
FROZEN = ("confirmed", "paid")
FIXED = {
    "user_id",
    "partner_id",
    "team_id",
    "company_id",
    "currency_id",
    "date_from",
    "date_to",
    "amount",
    "amount_earned",
    "amount_held",
    "amount_corrected",
    "line_ids",
    "date_computed",
    "checked_by_id",
    "date_checked",
    "confirmed_by_id",
    "date_confirmed",
}


class SalesCommissionStatement(models.Model):
    """What a person or a dealer gets for a period, and how it comes about.

    While in progress it is worked out anew from the ledger. Once it is confirmed it
    stays as it is: whatever changes later is a named correction on the next one. Nobody
    has the right to write; everything happens by the buttons, each checked.
    """

    _name = "sales.commission.statement"
    _description = "Commission Statement"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date_from desc, id desc"
    _rec_names_search = ["user_id.name", "partner_id.name"]
    _mail_post_access = "read"

    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Salesperson",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Dealer",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    owner_name = fields.Char(string="Of", compute="_compute_owner_name")
    team_id = fields.Many2one(
        comodel_name="crm.team",
        string="Sales Team",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="Of the salesperson when it was last worked out, else the one led.",
    )
    company_id = fields.Many2one(
        comodel_name="res.company",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    currency_id = fields.Many2one(
        comodel_name="res.currency", required=True, readonly=True, ondelete="restrict"
    )
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(
        string="Until (Excluded)",
        required=True,
        readonly=True,
        help="The day after the last one.",
    )
    date_last = fields.Date(string="Until", compute="_compute_date_last")
    period = fields.Char(compute="_compute_period")
    state = fields.Selection(
        selection=STATES, required=True, readonly=True, default="draft", index=True
    )
    # Amounts, written together with the lines
    amount = fields.Monetary(
        string="To Be Paid",
        readonly=True,
        help="What is payable of it, with corrections of earlier statements.",
    )
    amount_earned = fields.Monetary(
        string="Earned", readonly=True, help="With what is still held."
    )
    amount_held = fields.Monetary(
        string="Held",
        readonly=True,
        help="Earned and not payable yet, such as until the customer pays.",
    )
    amount_corrected = fields.Monetary(
        string="Corrections",
        readonly=True,
        help="What of the amount to be paid corrects earlier statements.",
    )
    line_ids = fields.One2many(
        comodel_name="sales.commission.statement.line",
        inverse_name="statement_id",
        string="Lines",
        readonly=True,
    )
    digest = fields.Char(
        readonly=True, help="Tells whether what was worked out is new."
    )
    date_computed = fields.Datetime(string="Worked Out On", readonly=True)
    # Who did what
    checked_by_id = fields.Many2one(
        comodel_name="res.users", string="Checked by", readonly=True
    )
    date_checked = fields.Datetime(string="Checked On", readonly=True)
    confirmed_by_id = fields.Many2one(
        comodel_name="res.users", string="Confirmed by", readonly=True
    )
    date_confirmed = fields.Datetime(string="Confirmed On", readonly=True)
    paid_by_id = fields.Many2one(
        comodel_name="res.users", string="Marked as Paid by", readonly=True
    )
    date_paid = fields.Date(string="Paid On", readonly=True)
    acknowledged_by_id = fields.Many2one(
        comodel_name="res.users", string="Acknowledged by", readonly=True
    )
    date_acknowledged = fields.Datetime(string="Acknowledged On", readonly=True)

    _one_owner = models.Constraint(
        "CHECK ((user_id IS NULL) <> (partner_id IS NULL))",
        "A statement is of a salesperson or of a dealer.",
    )
    _dates_in_order = models.Constraint(
        "CHECK (date_to > date_from)", "A period ends after it begins."
    )
    _one_per_period = models.UniqueIndex(
        "(company_id, currency_id, date_from, COALESCE(user_id, 0),"
        " COALESCE(partner_id, 0))",
        "There is a statement of this period already.",
    )

    # === COMPUTE METHODS === #

    @api.depends("user_id", "partner_id")
    def _compute_owner_name(self):
        for statement in self:
            owner = statement._owner().sudo()  # whoever may see what somebody earned
            statement.owner_name = owner.display_name

    @api.depends("date_to")
    def _compute_date_last(self):
        for statement in self:
            last = statement.date_to and fields.Date.subtract(statement.date_to, days=1)
            statement.date_last = last

    @api.depends("date_from", "date_to")
    @api.depends_context("lang")
    def _compute_period(self):
        label = self.env["sales.target.plan"]._period_label
        for statement in self:
            days = statement.date_from, statement.date_to
            statement.period = label(*days) if all(days) else ""

    @api.depends("owner_name", "period")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for statement in self:
            statement.display_name = f"{statement.owner_name} · {statement.period}"

    def _owner(self):
        """The salesperson or the dealer it is of."""
        self.ensure_one()
        return self.user_id or self.partner_id

    def _owner_key(self):
        """The same as plans know it: ``("user" or "partner", id)``."""
        self.ensure_one()
        return ("user" if self.user_id else "partner", self._owner().id)

    def _owner_partner(self):
        """Whom to write to."""
        self.ensure_one()
        return self.partner_id or self.user_id.partner_id

    def _is_own(self):
        """Whether the user is the one it is of."""
        self.ensure_one()
        if self.user_id:
            return self.user_id == self.env.user
        return (
            self.partner_id.commercial_partner_id
            == self.env.user.partner_id.commercial_partner_id
        )

    # === FROZEN === #

    def write(self, vals):
        self._refuse_frozen(vals)
        return super().write(vals)

    def _refuse_frozen(self, vals):
        """:raise UserError: for what a confirmed statement says, even to the system"""
        moves = vals.get("state")
        if not (FIXED & vals.keys() or moves):
            return
        for statement in self:
            if statement.state not in FROZEN:
                continue
            if not FIXED & vals.keys() and (statement.state, moves) == (
                "confirmed",
                "paid",
            ):
                continue
            raise UserError(
                self.env._(
                    "%s is confirmed and stays as it is. What changes comes to the "
                    "next statement as a correction.",
                    statement.display_name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_said(self):
        for statement in self:
            if statement.state in SAID:
                raise UserError(
                    self.env._(
                        "%s has been checked and cannot be deleted.",
                        statement.display_name,
                    )
                )
