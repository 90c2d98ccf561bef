from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import format_date

from .sales_contract import RENEWALS

# What a person is reminded of: the column of the day, and the one that remembers for
# which day that was done, so another day reminds again.
REMINDERS = {
    "notice": ("date_notice", "notice_reminded_for"),
    "end": ("date_end", "end_reminded_for"),
}


class SalesContract(models.Model):
    """The end of a contract and what comes after it."""

    _inherit = "sales.contract"

    notice_months = fields.Integer(
        string="Notice Period",
        compute="_compute_notice_months",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="In months before the end.",
    )
    renewal = fields.Selection(
        selection=RENEWALS,
        compute="_compute_renewal",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
        help="By hand: the salesperson is reminded to renew it. Automatic: the next "
        "contract is drafted when the day of notice has passed. Once notice is given, "
        "choose “Ends”.",
    )
    reminder_days = fields.Integer(
        string="Remind Before",
        compute="_compute_reminder_days",
        store=True,
        readonly=False,
        precompute=True,
        help="How many days before the day of notice and before the end the "
        "salesperson is reminded.",
    )
    date_notice = fields.Date(
        string="Notice Until",
        compute="_compute_date_notice",
        store=True,
        index="btree_not_null",
        help="The last day on which notice can be given.",
    )
    notice_reminded_for = fields.Date(readonly=True, copy=False)
    end_reminded_for = fields.Date(readonly=True, copy=False)
    predecessor_id = fields.Many2one(
        comodel_name="sales.contract",
        string="Renews",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    successor_ids = fields.One2many(
        comodel_name="sales.contract",
        inverse_name="predecessor_id",
        string="Renewed by",
    )
    successor_id = fields.Many2one(
        comodel_name="sales.contract",
        string="Next Contract",
        compute="_compute_successor_id",
    )

    _one_successor = models.UniqueIndex(
        "(predecessor_id) WHERE predecessor_id IS NOT NULL AND state != 'cancelled'",
        "This contract is renewed already.",
    )

    # === COMPUTE METHODS === #

    @api.depends("date_end", "notice_months")
    def _compute_date_notice(self):
        for contract in self:
            if not contract.date_end:
                contract.date_notice = False
                continue
            # Months run from the day after the end: notice of three months to the end
            # of February is possible until the last day of November.
            day = contract.date_end + relativedelta(days=1)
            day -= relativedelta(months=contract.notice_months)
            contract.date_notice = day - relativedelta(days=1)

    @api.depends("successor_ids.state")
    def _compute_successor_id(self):
        for contract in self:
            contract.successor_id = contract.successor_ids.filtered(
                lambda successor: successor.state != "cancelled"
            )[:1]

    # === ACTION METHODS === #

    def action_renew(self):
        """Draft the next contract, with quotations like the orders of this one."""
        self.ensure_one()
        self._check_renewable()
        return self._renew().get_formview_action()

    def action_view_successor(self):
        """Open the contract that renews this one."""
        return self.successor_id.get_formview_action()

    # === RENEWAL === #

    def _check_renewable(self):
        """:raise UserError: for contracts that cannot be renewed"""
        self.check_access("write")
        for contract in self:
            if contract.successor_id:
                raise UserError(
                    self.env._(
                        "%(contract)s is renewed by %(next)s already.",
                        contract=contract.name,
                        next=contract.successor_id.name,
                    )
                )
            if contract.state not in ("signed", "running", "closed"):
                raise UserError(
                    self.env._(
                        "%s was never signed or is cancelled, so there is nothing to "
                        "renew.",
                        contract.name,
                    )
                )
            if not contract.date_end:
                raise UserError(
                    self.env._(
                        "%s has no end, so it needs no renewal. Create a new contract "
                        "from the next order.",
                        contract.name,
                    )
                )

    def _renew(self):
        """Draft the next contract of each of these, for as long as the last one was.

        :return: the drafts, one for each, in the same order
        """
        contracts = self.sudo()  # what it renews is recorded by the system
        drafts = contracts.create([c._prepare_renewal() for c in self])
        drafts = drafts.with_env(self.env)
        for contract, draft in zip(self, drafts, strict=True):
            contract._renew_orders(draft)
        self._forget_reminders()
        self._message_log_batch(
            bodies={
                contract.id: self.env._("Renewed by %s.", draft._get_html_link())
                for contract, draft in zip(self, drafts, strict=True)
            }
        )
        return drafts

    def _prepare_renewal(self):
        """Values of the next contract; a hook for more of them."""
        self.ensure_one()
        start = self.date_end + relativedelta(days=1)
        length = relativedelta(start, self.date_start)
        return {
            "title": self.title,
            "type_id": self.type_id.id,
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "currency_id": self.currency_id.id,
            "user_id": self.user_id.id,
            "team_id": self.team_id.id,
            "collector_id": self.collector_id.id,
            "customer_signatory_id": self.customer_signatory_id.id,
            "company_signatory_id": self.company_signatory_id.id,
            "terms": self.terms,
            "date_start": start,
            "date_end": start + length - relativedelta(days=1),
            "notice_months": self.notice_months,
            "renewal": self.renewal,
            "reminder_days": self.reminder_days,
            "predecessor_id": self.id,
            "clause_ids": [
                Command.create(
                    {
                        "requirement_id": clause.requirement_id.id,
                        "sequence": clause.sequence,
                        "name": clause.name,
                        "text": clause.text,
                        "required": clause.required,
                        "agreed": clause.agreed,
                        "deviation": clause.deviation,
                    }
                )
                for clause in self.clause_ids
            ],
        }

    def _renew_orders(self, draft):
        """Quote what was ordered once more, for the next contract."""
        self.ensure_one()
        orders = self.order_ids.filtered(lambda order: order.state == "sale")
        quotations = orders.copy({"opportunity_id": False})
        draft._link_orders(quotations)

    # === REMINDERS === #

    @api.model
    def _reminder_domain(self, kind, today):
        """Contracts of which a person may have to be reminded today.

        :param str kind: a key of ``REMINDERS``
        :param date today: at the company
        """
        day, _done = REMINDERS[kind]
        domain = Domain("state", "in", ("signed", "running"))
        domain &= Domain(day, ">=", today)
        domain &= Domain("successor_ids", "not any", [("state", "!=", "cancelled")])
        if kind == "notice":
            domain &= Domain("notice_months", ">", 0)
        return domain

    @api.model
    def _find_to_remind(self, kind):
        """Contracts of all companies that are due for a reminder and had none yet."""
        day, done = REMINDERS[kind]
        found = self._search_by_company(
            lambda today: self._reminder_domain(kind, today)
        )
        today = {company: company._sales_today() for company in found.company_id}
        return found.filtered(
            lambda contract: (
                contract[day] - relativedelta(days=contract.reminder_days)
                <= today[contract.company_id]
                and contract[done] != contract[day]
            )
        )

    def _remind(self, kind):
        """Put one to-do per contract on the desk of the person responsible for it."""
        day, done = REMINDERS[kind]
        todo = self.env.ref("mail.mail_activity_data_todo")
        model_id = self.env["ir.model"]._get_id(self._name)
        vals_list, by_day = [], defaultdict(self.browse)
        for contract in self:
            by_day[contract[day]] |= contract
            user = contract._responsible()
            if not user:
                continue
            vals_list.append(
                {
                    "activity_type_id": todo.id,
                    "automated": True,
                    "date_deadline": contract[day],
                    "res_id": contract.id,
                    "res_model_id": model_id,
                    "sales_contract_reminder": kind,
                    "summary": contract._reminder_summary(kind, user),
                    "user_id": user.id,
                }
            )
        # One mail per contract every morning would make people stop reading them.
        activities = self.env["mail.activity"].with_context(
            mail_activity_quick_update=True
        )
        activities.sudo().create(vals_list)  # to-dos for colleagues
        for when, contracts in by_day.items():
            contracts.sudo().write({done: when})  # recorded by the system

    def _responsible(self):
        """Who is reminded: salesperson, else nearest leader, else collector."""
        self.ensure_one()
        people = self.user_id
        if self.team_id:
            people |= self.team_id.sudo()._sales_leaders()  # who leads is no secret
        people |= self.collector_id
        return people.filtered("active")[:1]

    def _reminder_summary(self, kind, user):
        local = self.with_context(lang=user.lang)
        end = format_date(local.env, self.date_end)
        if kind == "notice":
            return local.env._(
                "Ends on %(end)s unless it is renewed: notice is possible until "
                "%(notice)s",
                end=end,
                notice=format_date(local.env, self.date_notice),
            )
        if self.renewal == "none":
            return local.env._("Ends on %s", end)
        return local.env._("Ends on %s: renew it", end)

    def _forget_reminders(self):
        """Close the to-dos that asked for a decision on these contracts."""
        activities = self.env["mail.activity"].sudo()  # on the desks of colleagues
        activities.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("sales_contract_reminder", "!=", False),
            ]
        ).write({"active": False})

    @api.model
    def _automatic_renewal_domain(self, today):
        """Contracts that go on because nobody gave notice in time."""
        return (
            Domain("state", "in", ("signed", "running"))
            & Domain("renewal", "=", "automatic")
            & Domain("date_notice", "<", today)
            & Domain("successor_ids", "not any", [("state", "!=", "cancelled")])
        )
