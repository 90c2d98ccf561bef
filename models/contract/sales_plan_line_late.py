from odoo import api, fields, models

from .sales_plan_line_acceptance import ACCEPTANCE_GROUPS

LATE_STATES = ("due", "overdue")


class SalesPlanLineLate(models.Model):
    """What is late, and whom a salesperson calls about it.

    Late is what the customer has not paid in time, and what we have not invoiced in
    time. Everything is read from the instalment and its order; nobody needs access to
    accounting for it.
    """

    _inherit = "sales.plan.line"

    late_days = fields.Integer(
        string="Days Late",
        compute="_compute_late",
        groups=ACCEPTANCE_GROUPS,
        help="Since the invoice was to be paid, else since there was to be one.",
    )
    late_amount = fields.Monetary(
        string="To Collect",
        compute="_compute_late",
        groups=ACCEPTANCE_GROUPS,
        help="What is open of its invoices, else what is to be invoiced.",
    )
    late_text = fields.Char(
        string="Late", compute="_compute_late", groups=ACCEPTANCE_GROUPS
    )
    call_partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Contact to Call",
        compute="_compute_call",
        compute_sudo=True,
        groups=ACCEPTANCE_GROUPS,
        help="Who gets the invoice; without a phone number, who ordered, else the "
        "customer.",
    )
    call_phone = fields.Char(
        string="Phone",
        compute="_compute_call",
        compute_sudo=True,
        groups=ACCEPTANCE_GROUPS,
    )
    date_called = fields.Date(
        string="Last Called",
        readonly=True,
        copy=False,
        groups=ACCEPTANCE_GROUPS,
        help="When somebody last logged a call about it.",
    )

    # === COMPUTE METHODS === #

    @api.depends(
        "state", "amount", "amount_due", "date_firm", "date_invoice_due", "company_id"
    )
    @api.depends_context("lang")
    def _compute_late(self):
        today = {company: company._sales_today() for company in self.company_id}
        for line in self:
            overdue = line.state == "overdue"
            since = line.date_invoice_due if overdue else line.date_firm
            late = line.state in LATE_STATES
            days = (today[line.company_id] - since).days if late else 0
            line.late_days = days
            line.late_amount = late and (line.amount_due if overdue else line.amount)
            line.late_text = late and line._describe_late(overdue, days)

    def _describe_late(self, overdue, days):
        if overdue:
            return (
                self.env._("1 day late")
                if days == 1
                else self.env._("%s days late", days)
            )
        if not days:
            return self.env._("Invoice it today")
        return (
            self.env._("Not invoiced for 1 day")
            if days == 1
            else self.env._("Not invoiced for %s days", days)
        )

    @api.depends(
        "order_id.partner_invoice_id.phone",
        "order_id.partner_id.phone",
        "partner_id.phone",
    )
    def _compute_call(self):
        for line in self:
            order = line.order_id
            people = order.partner_invoice_id | order.partner_id | line.partner_id
            contact = people.filtered("phone")[:1] or people[:1]
            line.call_partner_id = contact
            line.call_phone = contact.phone

    def _engine_fields(self):
        return super()._engine_fields() | {"date_called"}

    # === ACTION METHODS === #

    def action_log_call(self):
        """One tap after a call: it is on record, and nobody calls again today.

        An open to-do of the person to call about one of these instalments is done with
        it. One call is about everything of the customer that is late.
        """
        self.check_access("write")
        kind = self.env.ref("mail.mail_activity_data_call", raise_if_not_found=False)
        calls = self.activity_ids.filtered(
            lambda activity: (
                activity.activity_type_id == kind and activity.user_id == self.env.user
            )
        )
        planned = self.filtered(lambda line: line.activity_ids & calls)
        calls |= (self - planned).activity_schedule(
            "mail.mail_activity_data_call",
            summary=self.env._("Called about what is late"),
            user_id=self.env.uid,
            automated=False,
        )
        calls.action_feedback()
        self._set_called()

    def _set_called(self):
        """Note today's call on all that is late of the customers of these lines."""
        lines = self | self.search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("state", "in", LATE_STATES),
            ]
        )
        for company, mine in lines.grouped("company_id").items():
            mine.sudo().date_called = company._sales_today()  # of those a person sees

    def action_view_order(self):
        """Open the order of the instalment."""
        self.ensure_one()
        return self.order_id._get_records_action()
