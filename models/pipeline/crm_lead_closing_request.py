from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date, split_every

from .crm_lead_closing import ANSWER
from .sales_closing_change import CLOSING_REASONS

# Open to-dos of one person about overdue deals; more would only be ignored.
ASKED_AT_ONCE = 10


class CrmLead(models.Model):
    """Asking owners of overdue deals for a date, and taking their answer."""

    _inherit = "crm.lead"

    # === ASKING === #

    @api.model
    def _sales_close_requests(self, lead_ids):
        """Close the to-dos that asked for a closing date of these deals."""
        if not lead_ids:
            return
        activities = self.env["mail.activity"].sudo()  # on the desk of a colleague
        activities.search([("sales_closing_lead_id", "in", list(lead_ids))]).write(
            {"active": False}
        )

    @api.model
    def _cron_ask_closing_dates(self, batch=500):
        """Put one to-do per overdue deal on its owner's desk; tidy up old ones."""
        self._sales_tidy_requests()
        waiting = self.search(self._sales_to_ask_domain(), order="id")
        waiting = waiting._sales_freshest_first()._sales_few_enough()
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(waiting))
        for deals in split_every(batch, waiting.ids, self.browse):
            deals._sales_ask_closing_dates()
            if not cron._commit_progress(len(deals)):
                break

    @api.model
    def _sales_to_ask_domain(self):
        """Overdue deals of companies that ask, whose owner has no open to-do for it."""
        return self._sales_overdue_domain(asking=True) & Domain(
            "sales_closing_activity_ids", "not any", [("active", "=", True)]
        )

    def _sales_freshest_first(self):
        """Overdue deals, those overdue for the shortest time first."""
        return self.sorted(lambda deal: deal._sales_closing_due(), reverse=True)

    def _sales_few_enough(self):
        """As many of these deals as their owners can be asked about at once.

        A company with years of stale deals would otherwise bury its people on the
        first morning. The deals overdue for the shortest time come first; the next
        ones follow as the first are answered.
        """
        asked = self.env["mail.activity"].sudo()  # to-dos of colleagues
        open_by_user = defaultdict(int)
        for user, count in asked._read_group(
            [("sales_closing_lead_id", "!=", False)], ["user_id"], ["__count"]
        ):
            open_by_user[user] = count
        taken = []
        for deal in self:
            user = deal._sales_closing_asked_user()
            if open_by_user[user] < ASKED_AT_ONCE:
                open_by_user[user] += 1
                taken.append(deal.id)
        return self.browse(taken)

    def _sales_ask_closing_dates(self):
        """Put a to-do on the desk of each owner of those of these that have none."""
        deals = self.try_lock_for_update()
        deals = deals.search(
            self._sales_to_ask_domain() & Domain("id", "in", deals.ids)
        )
        model_id = self.env["ir.model"]._get_id("crm.lead")
        todo = self.env.ref("mail.mail_activity_data_todo")
        vals_list = []
        for deal in deals:
            user = deal._sales_closing_asked_user()
            if user:
                vals_list.append(
                    {
                        "activity_type_id": todo.id,
                        "automated": True,
                        "date_deadline": deal._sales_closing_company()._sales_today(),
                        "res_id": deal.id,
                        "res_model_id": model_id,
                        "sales_closing_lead_id": deal.id,
                        "summary": deal._sales_closing_summary(user),
                        "user_id": user.id,
                    }
                )
        # One mail per deal every morning would make people stop reading them.
        activities = self.env["mail.activity"].with_context(
            mail_activity_quick_update=True
        )
        return activities.sudo().create(vals_list)  # to-dos for colleagues

    def _sales_closing_asked_user(self):
        """The owner; the nearest leader for a deal without one who still works here."""
        self.ensure_one()
        if self.user_id.active:
            return self.user_id
        team = self.team_id.sudo()  # who leads is no secret
        leaders = team._sales_leaders() if team else team.user_id
        return leaders.filtered("active")[:1]

    def _sales_closing_summary(self, user):
        return self.with_context(lang=user.lang).env._(
            "Past its expected closing: give a new date, or mark it won or lost"
        )

    @api.model
    def _sales_tidy_requests(self):
        """Close to-dos that nothing asks for any more; pass on those of former owners.

        Most close at once with the answer. What is left are changes that no write
        announced: other settings, a new owner, SQL.
        """
        activities = self.env["mail.activity"].with_context(
            mail_activity_quick_update=True
        )
        activities = activities.sudo().search(  # on the desks of colleagues
            [("sales_closing_lead_id", "!=", False)]
        )
        overdue = self.search(
            self._sales_overdue_domain(asking=True)
            & Domain("id", "in", activities.sales_closing_lead_id.ids)
        )
        stale = activities.filtered(lambda a: a.sales_closing_lead_id not in overdue)
        stale.write({"active": False})
        moved = defaultdict(activities.browse)
        for activity in activities - stale:
            user = activity.sales_closing_lead_id.user_id
            if user.active and activity.user_id != user:
                moved[user] |= activity
        for user, their in moved.items():
            their.write({"user_id": user.id})

    # === ACTION METHODS === #

    def action_sales_new_closing_date(self):
        """Ask for the new closing date of this deal and why it moved."""
        self.ensure_one()
        return self._sales_dialog(
            self.env._("New Closing Date"),
            "sales.closing.date",
            default_lead_id=self.id,
        )

    def action_sales_move_closing(self, date, reason, note=""):
        """Give these open deals a new closing date, with the reason on record.

        :param date: a day after today at the company
        :param str reason: one of ``CLOSING_REASONS``
        :param str note: required when the reason is ``other``
        :raise UserError: for a day that is not in the future, or without a reason
        """
        day = self._sales_check_closing(date, reason, note)
        text = (note or "").strip()
        old = {lead.id: lead._sales_closing_due() for lead in self}
        self.with_context(**{ANSWER: (reason, text)}).write({"date_deadline": day})
        self._sales_log_closing(old, reason, text)
        return True

    def _sales_check_closing(self, date, reason, note):
        """:return: the day ``date`` stands for"""
        try:
            day = fields.Date.to_date(date)
        except (TypeError, ValueError):
            day = None
        if not day:
            raise UserError(self.env._("Give the new closing date."))
        for lead in self:
            if not lead._sales_is_open():
                raise UserError(
                    self.env._("“%s” is closed: it needs no closing date.", lead.name)
                )
            today = lead._sales_closing_company()._sales_today()
            if day <= today:
                raise UserError(
                    self.env._(
                        "Choose a day after today, %s: the new closing date lies in "
                        "the future.",
                        format_date(self.env, today),
                    )
                )
        if reason not in dict(CLOSING_REASONS):
            raise UserError(self.env._("Say why the closing date moves."))
        if reason == "other" and not (note or "").strip():
            raise UserError(self.env._("Say in the note what the other reason is."))
        return day

    def _sales_log_closing(self, old, reason, note):
        field = self.env["sales.closing.change"]._fields["reason"]
        label = dict(field._description_selection(self.env))[reason]
        bodies = {}
        for lead in self:
            before = old[lead.id]
            bodies[lead.id] = self.env._(
                "Expected closing moved from %(old)s to %(new)s. Reason: %(reason)s",
                old=format_date(self.env, before) if before else "–",
                new=format_date(self.env, lead.date_deadline),
                reason=f"{label}. {note}" if note else label,
            )
        self._message_log_batch(bodies=bodies)

    def action_sales_view_closing_changes(self):
        """Open how the closing date of this deal moved."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "sales_process.sales_closing_change_action_lead"
        )
        action["domain"] = [("lead_id", "=", self.id)]
        return action
