from odoo import api, fields, models
from odoo.tools import format_amount, format_date, get_lang


class SalesReminder(models.Model):
    """A reminder that a customer was sent. Only the system writes it, once.

    One mail is for everything that a customer owes a company at an address and is
    reminded of that day; its lines say what that is.
    """

    _name = "sales.reminder"
    _description = "Reminder"
    _order = "date desc, id desc"
    _rec_names_search = ["partner_id.name", "email"]

    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Sent to",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    commercial_partner_id = fields.Many2one(
        comodel_name="res.partner", string="Customer", readonly=True, index=True
    )
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    rule_id = fields.Many2one(
        comodel_name="sales.reminder.rule",
        string="Reminder",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    collector_id = fields.Many2one(
        comodel_name="res.users", string="Collects", readonly=True
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Sent by Hand by",
        readonly=True,
        help="Empty: the daily job sent it.",
    )
    date = fields.Datetime(string="Sent On", required=True, readonly=True)
    lang = fields.Char(string="Language", readonly=True)
    email = fields.Char(string="E-Mail", readonly=True)
    line_ids = fields.One2many(
        comodel_name="sales.reminder.line",
        inverse_name="reminder_id",
        string="Instalments",
        readonly=True,
    )
    total = fields.Char(
        compute="_compute_total", help="What the customer was asked for."
    )
    message_id = fields.Many2one(
        comodel_name="mail.message", readonly=True, ondelete="set null"
    )
    subject = fields.Char(compute="_compute_message", compute_sudo=True)
    body = fields.Html(string="Mail", compute="_compute_message", compute_sudo=True)
    delivery = fields.Selection(
        selection=[("waiting", "Waiting"), ("sent", "Sent"), ("failed", "Failed")],
        compute="_compute_message",
        compute_sudo=True,
    )

    # === COMPUTE METHODS === #

    @api.depends("partner_id", "rule_id")
    def _compute_display_name(self):
        for reminder in self:
            reminder.display_name = ", ".join(
                filter(None, (reminder.partner_id.name, reminder.rule_id.name))
            )

    @api.depends("line_ids.amount", "line_ids.currency_id")
    @api.depends_context("lang")
    def _compute_total(self):
        for reminder in self:
            reminder.total = reminder._format_total(reminder.env)

    @api.depends("message_id")
    def _compute_message(self):
        mails = self.env["mail.mail"].search(
            [("mail_message_id", "in", self.message_id.ids)]
        )
        states = {mail.mail_message_id: mail.state for mail in mails}
        for reminder in self:
            message = reminder.message_id
            state = states.get(message)
            reminder.subject = message.subject
            reminder.body = message.body
            reminder.delivery = message and (
                {"outgoing": "waiting", "exception": "failed", "cancel": "failed"}
            ).get(state, "sent")

    # === WORDS OF THE MAIL === #

    def _speak(self):
        """The reminder in the language of the customer."""
        self.ensure_one()
        return self.with_context(lang=get_lang(self.env, self.lang).code)

    def _format_total(self, env):
        """What is owed altogether, one amount for each currency."""
        return ", ".join(
            format_amount(env, sum(lines.mapped("amount")), currency)
            for currency, lines in self.line_ids.grouped("currency_id").items()
        )

    def _get_total(self):
        """What is owed altogether, in the language of the customer."""
        return self._format_total(self._speak().env)

    def _get_owed_html(self):
        """What is owed, as a table with a link to pay for each invoice."""
        reminder = self._speak()
        return reminder.env["ir.qweb"]._render(
            "sales_process.reminder_owed",
            {"reminder": reminder, "lines": reminder.line_ids._sorted_by_due()},
        )

    def _get_first_due(self):
        """The earliest day of what is owed, in the language of the customer."""
        days = self.line_ids.mapped("date_due")
        return format_date(self._speak().env, min(days)) if days else ""

    def _get_regards_html(self):
        """Whom the customer can ask, with phone and e-mail."""
        reminder = self._speak()
        person = reminder.collector_id.sudo()  # the contact is meant to be given out
        company = reminder.company_id
        return reminder.env["ir.qweb"]._render(
            "sales_process.reminder_regards",
            {
                "person": person,
                "company": company,
                "phone": person.phone or company.phone,
                "email": person.email or company.email,
            },
        )

    def _get_sender(self):
        """Who writes and gets the answers: whoever collects, else the company."""
        person = self.collector_id.sudo()  # the address is meant to be given out
        return (
            person.email_formatted if person.email else self.company_id.email_formatted
        )

    # === SENDING === #

    def _send(self):
        """Queue the mails. Whether they went out shows later, see ``delivery``."""
        self.line_ids.move_id._sales_ensure_tokens()
        for rule, reminders in self.grouped("rule_id").items():
            mails = rule.template_id.send_mail_batch(reminders.ids)
            for reminder, mail in zip(reminders, mails, strict=True):
                reminder.message_id = mail.mail_message_id

    def action_open_invoices(self):
        """Open the invoices that the customer was reminded of."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_out_invoice_type"
        )
        moves = self.line_ids.move_id._filtered_access("read")
        action["domain"] = [("id", "in", moves.ids)]
        action["context"] = {"create": False}
        return action
