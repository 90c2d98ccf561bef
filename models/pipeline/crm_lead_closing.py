from collections import defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..base.guards import refuse_protected

# Deals that closed in this transaction; their to-dos close with them.
CLOSED = "sales_closing_closed"
# Reason and note of the dialog on their way to the row that keeps them.
ANSWER = "sales_process_closing_answer"
# Set by the engine alone: a readonly field is still writable over RPC.
ENGINE_FIELDS = frozenset({"sales_missed_closing"})


class BeforeMove:
    """What was before a write that touches the closing date.

    :param inner: what lower layers remember
    :param dict dates: ``{lead id: closing date before}`` of open deals
    :param overdue: deals that were past it
    :param dict missed: ``{date: ids of deals}`` whose date had passed and is taken away
    """

    def __init__(self, inner, dates, overdue, missed):
        self.inner = inner
        self.dates = dates
        self.overdue = overdue
        self.missed = missed


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
    sales_missed_closing = fields.Date(
        string="Missed Closing Date",
        readonly=True,
        copy=False,
        help="The expected closing that had passed when it was taken away. The deal "
        "owes an answer until it has a new date or is closed.",
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
        "date_deadline",
        "sales_missed_closing",
        "won_status",
        "active",
        "type",
        "company_id",
        "user_id",
    )
    @api.depends_context("company")
    def _compute_sales_closing(self):
        for lead in self:
            days, due = 0, lead._sales_closing_due()
            if due and lead._sales_is_open():
                company = lead._sales_closing_company()
                days = max((company._sales_today() - due).days, 0)
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
        day = format_date(self.env, self._sales_closing_due())
        days, moved = self.sales_days_overdue, self.sales_push_count
        if days == 1:
            text = self.env._("Was expected to close yesterday, %s.", day)
        else:
            text = self.env._(
                "Was expected to close on %(day)s, %(days)s days ago.",
                day=day,
                days=days,
            )
        if not self.date_deadline:
            text += " " + self.env._("The date was taken away.")
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

    def _sales_closing_due(self):
        """The expected closing; that from before it was taken away too late.

        :rtype: datetime.date or False
        """
        self.ensure_one()
        return self.date_deadline or self.sales_missed_closing

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
            due = Domain("date_deadline", "<", day) | (
                Domain("date_deadline", "=", False)
                & Domain("sales_missed_closing", "<", day)
            )
            overdue |= due & belongs
        return overdue & Domain(
            [
                ("type", "=", "opportunity"),
                ("active", "=", True),
                ("won_status", "=", "pending"),
            ]
        )

    # === HOOKS === #

    def _sales_after_create(self, vals_list):
        result = super()._sales_after_create(vals_list)
        if self.filtered("sales_missed_closing"):  # a default of a client's, too
            refuse_protected(self, dict.fromkeys(ENGINE_FIELDS), ENGINE_FIELDS)
        return result

    def _sales_before_write(self, vals):
        refuse_protected(self, vals, ENGINE_FIELDS)
        moves = super()._sales_before_write(vals)
        if "date_deadline" not in vals:
            return moves
        deals = self.filtered(lambda lead: lead._sales_is_open())
        return BeforeMove(
            moves,
            dates={lead.id: lead.date_deadline for lead in deals},
            overdue=deals.filtered("sales_closing_overdue"),
            missed={} if vals["date_deadline"] else self._sales_passed_dates(),
        )

    def _sales_passed_dates(self):
        """Closing dates that are over, closed deals included: they may be reopened.

        :return: ``{date: ids of deals}``
        """
        passed = defaultdict(list)
        for lead in self:
            due = lead.date_deadline
            if due and due < lead._sales_closing_company()._sales_today():
                passed[due].append(lead.id)
        return passed

    def _sales_after_write(self, vals, moves):
        if not isinstance(moves, BeforeMove):
            return super()._sales_after_write(vals, moves)
        result = super()._sales_after_write(vals, moves.inner)
        everything = self.sudo()  # the writer may just have handed them over
        everything._sales_keep_missed(vals, moves.missed)
        deals = everything.filtered(lambda lead: lead.id in moves.dates)
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

    def _sales_keep_missed(self, vals, missed):
        """Taking a date away too late ends no question; a new date does."""
        for day, ids in missed.items():
            self.browse(ids)._sales_engine_write({"sales_missed_closing": day})
        if vals["date_deadline"]:
            answered = self.filtered("sales_missed_closing")
            answered._sales_engine_write({"sales_missed_closing": False})

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        missed = opportunities.filtered("sales_missed_closing")
        if missed and not self._sales_closing_due():
            day = min(missed.mapped("sales_missed_closing"))
            self.sudo()._sales_engine_write(  # no field for people
                {"sales_missed_closing": day}
            )
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
