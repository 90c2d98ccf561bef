from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .sales_review import LEADER, OPEN, PERSON

# The version of the content somebody saw when pressing the button.
SEEN = "sales_review_version"
TODO = "mail.mail_activity_data_todo"
# Days a salesperson has to read and sign.
DAYS_TO_SIGN = 7


class SalesReview(models.Model):
    """The steps of a review: share, sign, cancel."""

    _inherit = "sales.review"

    def action_refresh(self):
        """Read the figures again, as long as it is being prepared."""
        for review in self:
            review._check_leader("draft")
        self.sudo()._read_figures()  # written by the system alone
        return True

    def action_share(self):
        """Show it to the salesperson: the figures stay as they are from now on."""
        for review in self:
            review._check_leader("draft")
        self.sudo()._read_figures()  # written by the system alone
        for review in self:
            review.sudo().write(  # the only way there is
                {"state": "shared", "date_shared": fields.Datetime.now()}
            )
            review._tell(
                self.env._("Your review is ready. Read it, comment on it, and sign."),
                review.user_id,
            )
            review._ask_to_sign(review.user_id)
        return True

    def action_sign(self):
        """Sign for oneself; with the second signature it stays for good.

        :raise AccessError: for whoever it is not about
        :raise UserError: for what cannot be signed, or was changed meanwhile
        """
        self.check_access("read")
        for review in self:
            review.sudo().lock_for_update()  # nobody changes what is being signed
            review._check_signing()
            side = review._side()
            review.sudo().write(  # each only for oneself, see above
                {
                    f"signed_{side}_by_id": self.env.uid,
                    f"signed_{side}_on": fields.Datetime.now(),
                }
            )
            review._after_signing()
        return True

    def action_cancel(self):
        """Give up a review that is not signed by both."""
        self.check_access("read")
        for review in self:
            review._check_not_signed()
            is_leader = review._side() == LEADER
            is_other_director = (
                self.env.user.has_group("sales_process.group_director")
                and review._side() != PERSON
            )
            if review.state not in OPEN or not (is_leader or is_other_director):
                raise AccessError(
                    self.env._(
                        "A review is cancelled by %s or by a director.",
                        review.leader_id.name,
                    )
                )
            shared = review.state == "shared"
            review.sudo().last_goal_ids._let_go()  # they are due in the next one
            review.sudo().write(  # the only way there is
                {"state": "cancelled", "date_cancelled": fields.Datetime.now()}
            )
            review._tell(self.env._("Cancelled."), review.user_id if shared else None)
            review.sudo().activity_unlink([TODO])  # nothing to sign any more
        return True

    # === CHECKS === #

    def _check_leader(self, state):
        """:raise AccessError: for anybody but the leader who prepares it
        :raise UserError: in another state
        """
        self.ensure_one()
        self.check_access("read")
        if self._side() != LEADER:
            raise AccessError(
                self.env._("%s prepares this review.", self.leader_id.name)
            )
        self._check_not_signed()
        if self.state != state:
            raise UserError(
                self.env._("%s is not being prepared any more.", self.display_name)
            )

    def _check_signing(self):
        self._check_not_signed()
        side = self._side()
        if not side:
            raise AccessError(
                self.env._(
                    "%(person)s and %(leader)s sign this review, each for themselves.",
                    person=self.user_id.name,
                    leader=self.leader_id.name,
                )
            )
        if self.state != "shared":
            raise UserError(
                self.env._("Only a shared review can be signed: share it first.")
            )
        if self[f"signed_{side}_on"]:
            raise UserError(self.env._("You have signed it already."))
        seen = self.env.context.get(SEEN)
        if seen and seen != self.version:
            raise UserError(
                self.env._(
                    "It was changed while you were reading. Reload it, read what is "
                    "new, then sign."
                )
            )

    # === AFTERWARDS === #

    def _after_signing(self):
        """Say who signed; ask the other one, or freeze it."""
        self.ensure_one()
        self.sudo().activity_unlink([TODO], user_id=self.env.uid)  # done by signing
        others = (self.user_id | self.leader_id) - self.env.user
        if self.signed_person_on and self.signed_leader_on:
            self.sudo().write({"state": "signed"})  # the only way there is
            self._tell(self.env._("Signed by both."), others)
            return
        self._tell(self.env._("Signed by %s.", self.env.user.name), others)
        self._ask_to_sign(others)

    def _ask_to_sign(self, user):
        review = self.sudo()  # to-dos for somebody else
        if review.activity_search([TODO], user_id=user.id):
            return
        due = fields.Date.add(review.company_id._sales_today(), days=DAYS_TO_SIGN)
        review.activity_schedule(
            TODO,
            date_deadline=due,
            summary=self.env._("Read and sign the review"),
            user_id=user.id,
        )
