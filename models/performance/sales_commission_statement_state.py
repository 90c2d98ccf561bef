from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .sales_commission_statement import SAID

LEADER = "sales_process.group_leader"
DIRECTOR = "sales_process.group_director"
ACCOUNTANT = "account.group_account_invoice"
CHECKERS = (LEADER, ACCOUNTANT, DIRECTOR)
# From which state a statement may come into which other, and who brings it there.
# Guards, buttons and the texts of refusals are all made of this.
TRANSITIONS = {
    "draft": {"checked": CHECKERS},
    "checked": {"confirmed": (DIRECTOR,), "draft": CHECKERS},
    "confirmed": {"paid": (ACCOUNTANT,)},
    "paid": {},
}


class SalesCommissionStatement(models.Model):
    """The states of a statement, and who may bring it into which."""

    _inherit = "sales.commission.statement"

    next_states = fields.Char(
        compute="_compute_next_states",
        help="For the buttons: the states that the user can bring it into.",
    )
    is_own = fields.Boolean(string="Own", compute="_compute_is_own")
    can_acknowledge = fields.Boolean(compute="_compute_is_own")

    # === WHO MAY WHAT === #

    @api.depends("state", "user_id", "partner_id", "open_dispute_count")
    @api.depends_context("uid")
    def _compute_next_states(self):
        for statement in self:
            allowed = (
                target
                for target in TRANSITIONS.get(statement.state, ())
                if not statement._find_obstacle(target)
            )
            statement.next_states = ",".join(allowed)

    @api.depends("user_id", "partner_id", "state", "date_acknowledged")
    @api.depends_context("uid")
    def _compute_is_own(self):
        for statement in self:
            statement.is_own = statement._is_own()
            statement.can_acknowledge = (
                statement.is_own
                and statement.state in SAID
                and not statement.date_acknowledged
            )

    def _find_obstacle(self, target):
        """Why the user cannot bring this statement into a state.

        :return: text; empty where there is no reason
        """
        self.ensure_one()
        env = self.env
        labels = dict(self._fields["state"]._description_selection(env))
        allowed = TRANSITIONS[self.state]
        if target not in allowed:
            return env._(
                "%(statement)s is “%(state)s” and cannot become “%(target)s”. What can "
                "follow: %(next)s.",
                statement=self.display_name,
                state=labels[self.state],
                target=labels[target],
                next=", ".join(labels[key] for key in allowed) or env._("nothing"),
            )
        if not any(env.user.has_group(group) for group in allowed[target]):
            groups = [env.ref(group).sudo() for group in allowed[target]]  # names only
            return env._(
                "“%(target)s” is set by: %(groups)s. Ask one of them.",
                target=labels[target],
                groups=", ".join(group.name for group in groups),
            )
        if self._is_own() and not env.user.has_group(DIRECTOR):
            return env._(
                "%s is your own. Somebody else has to do that.", self.display_name
            )
        if target == "confirmed" and self._is_own() and self._other_directors():
            return env._(
                "%(statement)s is your own. Ask another director to confirm it: "
                "%(names)s.",
                statement=self.display_name,
                names=", ".join(self._other_directors()[:3].mapped("name")),
            )
        if target == "confirmed" and self.sudo().open_dispute_count:  # of all askers
            return env._(
                "%s has questions without an answer. Answer them first.",
                self.display_name,
            )
        return self._find_payment_obstacle() if target == "paid" else ""

    def _other_directors(self):
        """Who else may confirm: nobody where the user is the only director."""
        group = self.env.ref(DIRECTOR).sudo()  # whom to ask
        return group.all_user_ids.filtered(
            lambda user: (
                user.active
                and user != self.env.user
                and self.company_id in user.company_ids
            )
        )

    def _check_transition(self, target):
        """:raise AccessError: for statements that one may not see
        :raise UserError: for those that cannot come into this state
        """
        self.check_access("read")
        for statement in self:
            obstacle = statement._find_obstacle(target)
            if obstacle:
                raise UserError(obstacle)

    def _move_to(self, target, **values):
        """Bring statements into another state; the only way there is."""
        self._check_transition(target)
        self.sudo().write({"state": target, **values})  # recorded by the system

    # === BUTTONS === #

    def action_check(self):
        """Work them out once more and say that they are right.

        From then on they stay, unless they are set back.
        """
        self._check_transition("checked")
        self.sudo()._refresh(lock=True)  # by the system, whoever checks
        self._move_to(
            "checked", checked_by_id=self.env.uid, date_checked=fields.Datetime.now()
        )
        self._tell(self.env._("Checked."))
        return True

    def action_reset(self):
        """Go on working on checked statements."""
        self._move_to(
            "draft",
            checked_by_id=False,
            date_checked=False,
            acknowledged_by_id=False,
            date_acknowledged=False,
        )
        self.sudo()._refresh(lock=True)  # by the system, whoever sets back
        self._tell(self.env._("Set back."))
        return True

    def action_confirm(self):
        """Freeze them as they are; whoever earned it is told."""
        self._move_to(
            "confirmed",
            confirmed_by_id=self.env.uid,
            date_confirmed=fields.Datetime.now(),
        )
        for statement in self:
            statement._tell(
                self.env._("Confirmed: %s.", statement._amount_text("amount")),
                to_owner=True,
            )
        return True

    def action_pay(self):
        """Record that they are paid."""
        self._check_transition("paid")
        for company, statements in self.grouped("company_id").items():
            statements._move_to(
                "paid", paid_by_id=self.env.uid, date_paid=company._sales_today()
            )
        self._tell(self.env._("Paid."), to_owner=True)
        return True

    def action_acknowledge(self):
        """The one who earned it has read it and agrees.

        :raise AccessError: for anybody else
        """
        self.check_access("read")
        for statement in self:
            if not statement._is_own():
                raise AccessError(
                    self.env._("Only whoever earned it acknowledges a statement.")
                )
            if statement.state not in SAID:
                raise UserError(
                    self.env._(
                        "%s is still being worked out. Acknowledge it once it has been "
                        "checked.",
                        statement.display_name,
                    )
                )
        own = self.filtered(lambda statement: not statement.date_acknowledged)
        own.sudo().write(  # recorded by the system
            {
                "acknowledged_by_id": self.env.uid,
                "date_acknowledged": fields.Datetime.now(),
            }
        )
        own._tell(self.env._("Acknowledged."))
        return True

    def _tell(self, body, to_owner=False):
        """Keep in the thread what happened.

        :param bool to_owner: whether whoever earned it is notified
        """
        statements = self.sudo()  # portal users acknowledge, too
        author = self.env.user.partner_id
        if not to_owner:
            statements._message_log_batch(
                bodies=dict.fromkeys(statements.ids, body), author_id=author.id
            )
            return
        for statement in statements:
            statement.message_post(
                body=body,
                author_id=author.id,
                partner_ids=(statement._owner_partner() - author).ids,
                subtype_xmlid="mail.mt_comment",
            )

    def _amount_text(self, name):
        self.ensure_one()
        return self.currency_id.format(self[name])
