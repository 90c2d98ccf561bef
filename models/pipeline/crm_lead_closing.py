from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date, split_every

from .sales_closing_change import CLOSING_REASONS

# Deals that closed in this transaction; their to-dos close with them.
CLOSED = "sales_closing_closed"
# Reason and note of the dialog on their way to the row that keeps them.
ANSWER = "sales_process_closing_answer"
# Open to-dos of one person about overdue deals; more would only be ignored.
ASKED_AT_ONCE = 10


class BeforeMove:
    """What was before a write that touches the closing date.

    :param inner: what lower layers remember
    :param dict dates: ``{lead id: closing date before}`` of open deals
    :param overdue: deals that were past it
    """

    def __init__(self, inner, dates, overdue):
        self.inner = inner
        self.dates = dates
        self.overdue = overdue


class CrmLead(models.Model):
    """A deal past its expected closing asks for a new date, or for closing it."""

    _inherit = "crm.lead"

    sales_closing_change_ids = fields.One2many(
        comodel_name="sales.closing.change",
        inverse_name="lead_id",
        string="Moved Closing Dates",
        readonly=True,
    )
    sales_push_count = fields.Integer(
        string="Closing Moved",
        compute="_compute_sales_push_count",
        store=True,
        copy=False,
        help="How many times the expected closing moved later.",
    )
    sales_closing_activity_ids = fields.One2many(
        comodel_name="mail.activity",
        inverse_name="sales_closing_lead_id",
        string="Requests for a Closing Date",
        readonly=True,
        groups="base.group_system",
    )
    sales_days_overdue = fields.Integer(
        string="Days Past Closing",
        compute="_compute_sales_closing",
        help="Calendar days an open deal is past its expected closing.",
    )
    sales_closing_overdue = fields.Boolean(
        string="Past Expected Closing",
        compute="_compute_sales_closing",
        search="_search_sales_closing_overdue",
        help="Open, and past the expected closing by more than the days of grace.",
    )
    sales_closing_question = fields.Char(compute="_compute_sales_closing_question")

    # === COMPUTE METHODS === #

    @api.depends("sales_closing_change_ids.pushes")
    def _compute_sales_push_count(self):
        counts = dict(
            self.env["sales.closing.change"]._read_group(
                [("lead_id", "in", self._origin.ids)], ["lead_id"], ["pushes:sum"]
            )
        )
        for lead in self:
            lead.sales_push_count = counts.get(lead._origin, 0)

    @api.depends(
        "date_deadline", "won_status", "active", "type", "company_id", "user_id"
    )
    @api.depends_context("company")
    def _compute_sales_closing(self):
        for lead in self:
            days = 0
            if lead.date_deadline and lead._sales_is_open():
                company = lead._sales_closing_company()
                days = max((company._sales_today() - lead.date_deadline).days, 0)
            lead.sales_days_overdue = days
            lead.sales_closing_overdue = (
                days > lead._sales_closing_company().sales_closing_grace_days
                if days
                else False
            )

    @api.model
    def _search_sales_closing_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._sales_overdue_domain()

    @api.depends("sales_closing_overdue", "sales_push_count")
    @api.depends_context("lang", "uid", "company")
    def _compute_sales_closing_question(self):
        for lead in self:
            asks = (
                lead.sales_closing_overdue
                and lead._sales_closing_company().sales_closing_ask
                and lead._origin.has_access("write")
            )
            lead.sales_closing_question = lead._sales_closing_text() if asks else False

    def _sales_closing_text(self):
        """One or two short sentences above the deal."""
        self.ensure_one()
        day = format_date(self.env, self.date_deadline)
        days, moved = self.sales_days_overdue, self.sales_push_count
        if days == 1:
            text = self.env._("Was expected to close yesterday, %s.", day)
        else:
            text = self.env._(
                "Was expected to close on %(day)s, %(days)s days ago.",
                day=day,
                days=days,
            )
        if moved == 1:
            text += " " + self.env._("The date moved once before.")
        elif moved:
            text += " " + self.env._("The date moved %s times before.", moved)
        return text

    # === WHEN A DEAL IS OVERDUE === #

    def _sales_is_open(self):
        self.ensure_one()
        return (
            self.type == "opportunity" and self.active and self.won_status == "pending"
        )

    def _sales_closing_company(self):
        """The company whose clock and settings hold for this deal.

        :return: ``res.company`` as superuser, for its settings
        """
        self.ensure_one()
        deal = self.sudo()  # plain settings of a company
        return deal.company_id or deal.user_id.company_id or deal.env.company

    @api.model
    def _sales_overdue_domain(self, asking=False):
        """Open deals past their expected closing by more than the days of grace.

        :param bool asking: only those of companies that ask for a new date
        """
        companies = self.env["res.company"].sudo().search(Domain.TRUE)  # plain settings
        if asking:
            companies = companies.filtered("sales_closing_ask")
        by_day = defaultdict(lambda: companies.browse())
        for company in companies:
            day = fields.Date.subtract(
                company._sales_today(), days=company.sales_closing_grace_days
            )
            by_day[day] |= company
        overdue = Domain.FALSE
        for day, group in by_day.items():
            belongs = Domain("company_id", "in", group.ids) | (
                Domain("company_id", "=", False)
                & Domain("user_id.company_id", "in", group.ids)
            )
            if self.env.company in group:
                belongs |= Domain("company_id", "=", False) & Domain(
                    "user_id", "=", False
                )
            overdue |= Domain("date_deadline", "<", day) & belongs
        return overdue & Domain(
            [
                ("type", "=", "opportunity"),
                ("active", "=", True),
                ("won_status", "=", "pending"),
            ]
        )

    # === HOOKS === #

    def _sales_before_write(self, vals):
        moves = super()._sales_before_write(vals)
        if "date_deadline" not in vals:
            return moves
        deals = self.filtered(lambda lead: lead._sales_is_open())
        dates = {lead.id: lead.date_deadline for lead in deals}
        return BeforeMove(moves, dates, deals.filtered("sales_closing_overdue"))

    def _sales_after_write(self, vals, moves):
        if not isinstance(moves, BeforeMove):
            return super()._sales_after_write(vals, moves)
        result = super()._sales_after_write(vals, moves.inner)
        deals = self.sudo()  # the writer may just have handed them over
        deals = deals.filtered(lambda lead: lead.id in moves.dates)
        answer = self.env.context.get(ANSWER)
        self.env["sales.closing.change"]._record(
            deals,
            moves.dates,
            answer if isinstance(answer, tuple) else None,  # no client sends tuples
        )
        answered = (deals & moves.overdue).filtered(
            lambda lead: not lead.sales_closing_overdue
        )
        self._sales_close_requests(answered.ids)
        return result

    def _write_multi(self, vals_list):
        closed = [
            lead.id
            for lead, vals in zip(self, vals_list, strict=True)
            if vals.get("won_status") in ("won", "lost") or vals.get("active") is False
        ]
        if closed:
            self._sales_note_closed(closed)
        return super()._write_multi(vals_list)

    @api.model
    def _sales_note_closed(self, lead_ids):
        """Remember that these deals closed; their to-dos close before commit."""
        precommit = self.env.cr.precommit
        if CLOSED not in precommit.data:
            precommit.data[CLOSED] = set()
            precommit.add(self._sales_close_pending_requests)
        precommit.data[CLOSED].update(lead_ids)

    @api.model
    def _sales_close_pending_requests(self):
        self._sales_close_requests(self.env.cr.precommit.data.pop(CLOSED, ()))

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
        waiting = self.search(
            self._sales_to_ask_domain(), order="date_deadline desc, id"
        )
        waiting = waiting._sales_few_enough()
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
        old = {lead.id: lead.date_deadline for lead in self}
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
