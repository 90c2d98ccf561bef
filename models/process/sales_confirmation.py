import hashlib
import re
import secrets
from datetime import timedelta

from markupsafe import Markup, escape

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import ConcurrencyError, LockError, UserError
from odoo.fields import Domain
from odoo.tools import clean_context, email_normalize, formataddr, plaintext2html
from odoo.tools.misc import format_date, get_lang, split_every

from odoo.addons.iap.tools.iap_tools import _MAIL_PROVIDERS

DEFAULT_DAYS = 14
MAXIMUM_DAYS = 90
# Longer answers are cut: the page is open to whoever holds a link.
MAXIMUM_NOTE = 2000
# A token has 43 characters; what is much longer is not worth hashing.
MAXIMUM_TOKEN = 128
HEX_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
CORE_BUTTON_COLOR = "#875A7B"


def digest_of(token):
    return hashlib.sha256(token.encode()).hexdigest()


def mailbox_of(email):
    """The mailbox behind a normalized address: ``ann+x@b.com`` is ``ann@b.com``."""
    local, _at, domain = email.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def readable_on(color):
    """Black or white, whichever can be read on ``color`` (``#rrggbb``)."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return "#000000" if red * 299 + green * 587 + blue * 114 > 150_000 else "#FFFFFF"


class SalesConfirmation(models.Model):
    """The buyer is asked to confirm a statement through a personal link.

    What: a request binds one contact, one deal and one exit criterion to a secret that
    only the contact's mailbox gets. The answer becomes evidence on the word of the
    customer, so nobody inside the company may ever see the secret: it is stored as a
    digest, mailed by the system user in a mail that belongs to no record, and never
    put on the deal.

    How it works: ``_request`` checks, mails and notes; the public page finds the row
    with ``_find`` and hands the answer to ``_answer``, once. Rows are only ever written
    by the engine; nobody has the right to create, write or delete them.
    """

    _name = "sales.confirmation"
    _description = "Confirmation by the Buyer"
    _order = "id desc"

    lead_id = fields.Many2one(
        comodel_name="crm.lead",
        string="Deal",
        readonly=True,
        index=True,
        ondelete="set null",
    )
    criterion_id = fields.Many2one(
        comodel_name="sales.process.criterion",
        string="Exit Criterion",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    criterion_key = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one(
        comodel_name="res.company", required=True, readonly=True, index=True
    )
    partner_id = fields.Many2one(
        comodel_name="res.partner",
        string="Contact",
        readonly=True,
        index=True,
        ondelete="set null",
    )
    partner_name = fields.Char(
        string="Name of the Contact", required=True, readonly=True
    )
    email = fields.Char(
        string="Sent to",
        required=True,
        readonly=True,
        help="The address the link was sent to, as it was then.",
    )
    statement = fields.Text(required=True, readonly=True)
    state = fields.Selection(
        selection=[
            ("sent", "Asked"),
            ("confirmed", "Confirmed"),
            ("corrected", "Corrected"),
            ("expired", "Expired"),
            ("cancelled", "Withdrawn"),
        ],
        required=True,
        default="sent",
        readonly=True,
        index=True,
    )
    date_sent = fields.Datetime(string="Asked on", required=True, readonly=True)
    date_expiry = fields.Datetime(string="Open until", required=True, readonly=True)
    date_answered = fields.Datetime(string="Answered on", readonly=True)
    answer_note = fields.Text(string="What the Buyer Wrote", readonly=True)
    requested_by_id = fields.Many2one(
        comodel_name="res.users", string="Asked by", required=True, readonly=True
    )
    evidence_id = fields.Many2one(
        comodel_name="sales.evidence",
        string="Evidence",
        readonly=True,
        ondelete="set null",
    )
    token_digest = fields.Char(
        required=True, readonly=True, copy=False, groups=fields.NO_ACCESS
    )
    mail_id = fields.Many2one(
        comodel_name="mail.mail",
        readonly=True,
        copy=False,
        ondelete="set null",
        groups=fields.NO_ACCESS,
    )
    delivery_failed = fields.Boolean(
        compute="_compute_delivery_failed",
        compute_sudo=True,
        help="The mail with the link could not be delivered.",
    )

    _token_uniq = models.UniqueIndex("(token_digest)", "This link exists already.")
    _open_idx = models.Index("(lead_id, criterion_key) WHERE state = 'sent'")
    _expiry_idx = models.Index("(date_expiry) WHERE state = 'sent'")

    # === COMPUTE METHODS === #

    @api.depends("criterion_id", "partner_name")
    def _compute_display_name(self):
        for request in self:
            request.display_name = (
                f"{request.criterion_id.name} · {request.partner_name}"
            )

    @api.depends("mail_id.state")
    def _compute_delivery_failed(self):
        for request in self:
            request.delivery_failed = request.mail_id.state == "exception"

    # === ACTION METHODS === #

    def action_cancel(self):
        """Withdraw open requests; their links stop working."""
        for request in self:
            request.check_access("read")
            request.lead_id.check_access("write")
            if request.state != "sent":
                raise UserError(
                    self.env._(
                        "“%s” is no longer open, so there is nothing to withdraw.",
                        request.display_name,
                    )
                )
        self._cancel()
        return True

    def action_ask_again(self):
        """Send the same question with a fresh link."""
        self.ensure_one()
        self.check_access("read")
        return self.lead_id._sales_dialog(
            self.env._("Ask the Buyer to Confirm"),
            "sales.confirmation.send",
            default_lead_id=self.lead_id.id,
            default_criterion_id=self.criterion_id.id,
            default_partner_id=self.partner_id.id,
            default_statement=self.statement,
        )

    # === ASKING === #

    @api.model
    def _request(self, lead, criterion, partner, statement, days=DEFAULT_DAYS):
        """Ask ``partner`` by mail to confirm ``statement``.

        An open request for the same deal, criterion and contact is withdrawn.

        :param lead: the deal, which the current user has to be allowed to change
        :param str statement: what is confirmed, in the language of the contact
        :param int days: for how long the link works
        :return: the request
        :raise UserError: when it cannot be asked, with what to do about it
        """
        statement = (statement or "").strip()
        lead.check_access("write")
        partner.check_access("read")
        message = self._request_error_message(lead, criterion, partner)
        if not message and not statement:
            message = self.env._("Write what the buyer is asked to confirm.")
        if not message and not 1 <= days <= MAXIMUM_DAYS:
            message = self.env._("The link can work for 1 to %s days.", MAXIMUM_DAYS)
        if message:
            raise UserError(message)
        self._find_open(lead, criterion, partner)._cancel()
        token = secrets.token_urlsafe(32)
        requests = self.sudo()  # rights on the deal are checked; rows are the engine's
        request = requests.create(
            self._prepare_request(lead, criterion, partner, statement, days, token)
        )
        request._mail_link(token)
        request.sudo(False)._note_request()
        return request.sudo(False)

    def _prepare_request(self, lead, criterion, partner, statement, days, token):
        now = fields.Datetime.now()
        return {
            "lead_id": lead.id,
            "criterion_id": criterion.id,
            "criterion_key": criterion.key,
            "company_id": (lead.company_id or self.env.company).id,
            "partner_id": partner.id,
            "partner_name": partner.name or partner.display_name,
            "email": email_normalize(partner.email, strict=False),
            "statement": statement,
            "date_sent": now,
            "date_expiry": now + timedelta(days=days),
            "requested_by_id": self.env.uid,
            "token_digest": digest_of(token),
        }

    @api.model
    def _request_error_message(self, lead, criterion, partner):
        """Why ``partner`` cannot be asked; empty when he can."""
        if "customer" not in (criterion.kind, criterion.verifier):
            return self.env._("“%s” is not confirmed by the buyer.", criterion.name)
        if criterion.process_id not in lead.sales_process_id._family():
            return self.env._(
                "“%(criterion)s” is not asked in the process of “%(deal)s”.",
                criterion=criterion.name,
                deal=lead.name,
            )
        if partner not in lead._sales_buyers(partner):
            return self.env._(
                "%(contact)s is neither a contact of the customer of “%(deal)s” nor in "
                "its buying committee. Add the person there first.",
                contact=partner.display_name,
                deal=lead.name,
            )
        return self._address_error_message(partner)

    @api.model
    def _address_error_message(self, partner):
        """Why no link may be sent to ``partner``; empty when it may.

        A link that reaches a mailbox of our own would let a salesperson confirm what
        the buyer never said.
        """
        email = email_normalize(partner.email, strict=False)
        if not email:
            return self.env._(
                "%s has no valid e-mail address. Add it to the contact first.",
                partner.display_name,
            )
        colleagues = partner.sudo().user_ids  # who is a colleague is no secret
        if not all(colleagues.mapped("share")) or self._is_own_address(email):
            return self.env._(
                "%(email)s belongs to your own company. Only the buyer can confirm, so "
                "the link has to go to an address of the customer.",
                email=email,
            )
        return ""

    @api.model
    def _is_own_address(self, email):
        """Whether mail to ``email`` (normalized) ends up with us."""
        domain = email.rpartition("@")[2]
        companies = self.env["res.company"].sudo().search([])  # any company is ours
        aliases = self.env["mail.alias"].sudo()  # addresses alone are compared
        alias_domains = self.env["mail.alias.domain"].sudo().search([])  # likewise
        addresses = {email_normalize(c.email) for c in companies} - {False}
        domains = {address.rpartition("@")[2] for address in addresses}
        own_domains = domains - _MAIL_PROVIDERS | set(alias_domains.mapped("name"))
        if domain in own_domains or mailbox_of(email) in map(mailbox_of, addresses):
            return True
        if aliases.search_count([("alias_full_name", "=ilike", email)], limit=1):
            return True
        people = self.env["res.users"].sudo()  # colleagues of all companies
        people = people.with_context(active_test=False).search(
            Domain("share", "=", False)
            & (
                Domain("partner_id.email_normalized", "=like", f"%@{domain}")
                | Domain("login", "=ilike", f"%@{domain}")
            )
        )
        known = people.mapped("partner_id.email_normalized") + people.mapped("login")
        return mailbox_of(email) in {mailbox_of(k.lower()) for k in known if k}

    def _mail_link(self, token):
        """Mail the link so that only the contact ever reads it.

        The mail is the system user's (creator and author may read a message), belongs
        to no record (whoever reads the record may read its messages), and the link
        stands in the outgoing mail alone, which is deleted once it is sent.
        """
        self.ensure_one()
        path = f"/sales/confirm/{token}"
        self.mail_id = self._send_mail(
            "sales_process.confirmation_mail_ask",
            confirmation_url=self.company_id.get_base_url() + path,
        )

    def _send_mail(self, template_xmlid, **context):
        """Queue a mail of ours to the contact; no colleague can read it."""
        engine = self.env(
            user=SUPERUSER_ID, context={**clean_context(self.env.context), **context}
        )
        template = engine.ref(template_xmlid)
        mail_id = template.with_company(self.company_id).send_mail(
            self.id,
            email_values={
                "email_to": formataddr((self.partner_name, self.email)),
                # Whoever edits the template must not get a copy of the link.
                "email_cc": False,
                "recipient_ids": [],
                "partner_ids": [],
                "model": False,
                "res_id": False,
                "record_company_id": self.company_id.id,
                "record_alias_domain_id": self.company_id.alias_domain_id.id,
                "auto_delete": True,
            },
        )
        mail = engine["mail.mail"].browse(mail_id)
        mail.mail_message_id.body = False
        engine.ref("mail.ir_cron_mail_scheduler_action")._trigger()
        return mail

    def _note_request(self):
        """Tell on the deal what was asked, without the link."""
        self.ensure_one()
        self.lead_id.message_post(
            body=self._quote(
                self.env._(
                    "Confirmation asked from %(contact)s (%(email)s):",
                    contact=self.partner_name,
                    email=self.email,
                ),
                self.statement,
            )
        )

    @api.model
    def _quote(self, title, *texts):
        quotes = [
            Markup("<blockquote>%s</blockquote>")
            % plaintext2html(text, with_paragraph=False)
            for text in texts
            if text
        ]
        return Markup("<p>%s</p>") % title + Markup("").join(quotes)

    @api.model
    def _find_open(self, lead, criterion, partner):
        return self.sudo().search(  # also what a colleague asked about this deal
            [
                ("lead_id", "=", lead.id),
                ("criterion_key", "=", criterion.key),
                ("partner_id", "=", partner.id),
                ("state", "=", "sent"),
            ]
        )

    def _cancel(self):
        self.sudo().state = "cancelled"  # rows are the engine's; callers check rights

    # === ANSWERING === #

    @api.model
    def _find(self, token):
        """The request behind a link, found by digest; empty when there is none."""
        if not token or len(token) > MAXIMUM_TOKEN:
            return self.browse()
        return self.search([("token_digest", "=", digest_of(token))], limit=1)

    def _is_open(self):
        """Whether the contact can still answer; nobody can without a request."""
        return bool(
            self.state == "sent"
            and self.lead_id
            and self.partner_id
            and self.date_expiry > fields.Datetime.now()
        )

    def _answer(self, confirmed, note=""):
        """Record what the contact answered. Works once.

        :param bool confirmed: False when the contact corrects the statement
        :param str note: what the contact wrote
        :return: False when the request was not open any more
        :raise ConcurrencyError: when somebody answers this very moment; the web layer
            then tries again and finds the request answered
        """
        self.ensure_one()
        try:
            self.lock_for_update()
        except LockError as error:
            raise ConcurrencyError(str(error)) from error
        self.invalidate_recordset()
        if not self._is_open():
            return False
        engine = self.env(
            user=SUPERUSER_ID,
            context={"lang": get_lang(self.env, self.requested_by_id.lang).code},
        )
        self.with_env(engine)._record_answer(
            confirmed, (note or "")[:MAXIMUM_NOTE].strip()
        )
        return True

    def _record_answer(self, confirmed, note):
        now = fields.Datetime.now()
        evidence = self.env["sales.evidence"].create(
            self._prepare_evidence(confirmed, note)
        )
        self.write(
            {
                "state": "confirmed" if confirmed else "corrected",
                "date_answered": now,
                "answer_note": note,
                "evidence_id": evidence.id,
            }
        )
        self._tell_salesperson(confirmed, note)
        self._send_mail("sales_process.confirmation_mail_receipt")

    def _prepare_evidence(self, confirmed, note):
        lines = [f"{self.partner_name} <{self.email}>", self.statement]
        if note:
            lines.append(self.env._("Wrote: %s", note))
        values = {
            "level": "customer",
            "partner_id": self.partner_id.id,
            "submitted_by_id": self.requested_by_id.id,
            "verified_by_id": False,
            "note": "\n".join(lines),
            "res_model": self._name,
            "res_id": self.id,
        }
        if not confirmed:
            values |= {"reject_reason": note, "date_expiry": False}
        return self.lead_id._sales_evidence_vals(
            self.criterion_id,
            "verified" if confirmed else "rejected",
            "buyer",
            **values,
        )

    def _tell_salesperson(self, confirmed, note):
        """Note the answer on the deal and on the desk of the salesperson."""
        who, what = self.partner_name, self.criterion_id.name
        if confirmed:
            title = self.env._("%(who)s confirmed: %(what)s", who=who, what=what)
        else:
            title = self.env._("%(who)s corrects: %(what)s", who=who, what=what)
        self.lead_id.message_post(
            body=self._quote(title, self.statement, note),
            author_id=self.partner_id.id,
            message_type="notification",
            subtype_xmlid="mail.mt_note",
        )
        user = self._get_salesperson()
        if user:
            self.lead_id._sales_request(user, title, note=plaintext2html(note or ""))
            user._bus_send(
                "simple_notification",
                {
                    "title": self.lead_id.name,
                    "message": title,
                    "type": "success" if confirmed else "warning",
                },
            )

    def _get_salesperson(self):
        """Who has to know: the owner of the deal, else whoever asked."""
        user = self.lead_id.user_id or self.requested_by_id
        return user.filtered("active")

    # === EXPIRY === #

    @api.model
    def _cron_expire(self, batch=200):
        """Close requests nobody answered in time, and say so to the salesperson.

        The page itself reads ``date_expiry`` and never waits for this job.
        """
        lapsed = self.search(self._get_lapsed_domain())
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(lapsed))
        for chunk in split_every(batch, lapsed.ids, self.browse):
            chunk = chunk.try_lock_for_update()
            chunk.filtered_domain(self._get_lapsed_domain())._expire()
            if not cron._commit_progress(len(chunk)):
                break

    @api.model
    def _get_lapsed_domain(self):
        return Domain("state", "=", "sent") & Domain(
            "date_expiry", "<=", fields.Datetime.now()
        )

    def _expire(self):
        self.state = "expired"
        for request in self.filtered("lead_id.active"):
            user = request._get_salesperson()
            if user:
                request = request.with_context(lang=user.lang)
                request.lead_id._sales_request(
                    user,
                    self.with_context(lang=user.lang).env._(
                        "No answer from %(who)s: %(what)s",
                        who=request.partner_name,
                        what=request.criterion_id.name,
                    ),
                )

    # === WHAT MAIL AND PAGE SHOW === #

    def _get_lang(self):
        """The language the contact reads."""
        partner = self.partner_id
        lang = partner.lang or partner.commercial_partner_id.lang
        return get_lang(self.env, lang or self.requested_by_id.lang).code

    def _format_day(self, moment):
        """A day as the contact writes it, in the time zone of the contact."""
        tz = self.partner_id.tz or self.requested_by_id.tz or "UTC"
        local = fields.Datetime.context_timestamp(self.with_context(tz=tz), moment)
        return format_date(
            self.env, local.date(), lang_code=self._get_lang(), date_format="long"
        )

    def _get_colors(self):
        """Background and text of the one button, in the company's look."""
        company = self.company_id
        color, text = company.email_secondary_color, company.email_primary_color
        if color in (False, CORE_BUTTON_COLOR) and company.primary_color:
            color, text = company.primary_color, False
        if not color or not HEX_COLOR.fullmatch(color):
            color, text = CORE_BUTTON_COLOR, False
        if not text or not HEX_COLOR.fullmatch(text):
            text = readable_on(color)
        return color, text

    def _get_receipt_reply_to(self):
        """Where a contact who never answered can say so: not the salesperson."""
        leaders = self.lead_id._sales_verifier() - self.requested_by_id
        addresses = leaders.filtered("email").mapped("email_formatted")
        return addresses[0] if addresses else self.company_id.email_formatted

    def _get_statement_html(self):
        return Markup("<br/>").join(escape(line) for line in self.statement.split("\n"))
