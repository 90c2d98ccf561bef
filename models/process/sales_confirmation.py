import hashlib
import secrets
from datetime import timedelta

from markupsafe import Markup

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import clean_context, email_normalize, formataddr, plaintext2html

from odoo.addons.iap.tools.iap_tools import _MAIL_PROVIDERS

DEFAULT_DAYS = 14
MAXIMUM_DAYS = 90
# A token has 43 characters; what is much longer is not worth hashing.
MAXIMUM_TOKEN = 128


def digest_of(token):
    return hashlib.sha256(token.encode()).hexdigest()


def mailbox_of(email):
    """The mailbox behind a normalized address: ``ann+x@b.com`` is ``ann@b.com``."""
    local, _at, domain = email.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


class SalesConfirmation(models.Model):
    """The buyer is asked to confirm a statement through a personal link.

    A request binds one contact, one deal and one exit criterion to a secret that
    only the contact's mailbox gets. The answer becomes evidence on the word of the
    customer, so nobody inside the company may ever see the secret: it is stored as a
    digest, mailed by the system user in a mail that belongs to no record, and never
    put on the deal.

    ``_request`` checks, mails and notes; the public page finds the row with ``_find``
    and hands the answer to ``_answer``, once (see ``sales_confirmation_answer``). Rows
    are only ever written by the engine; nobody has the right to create, write or delete
    them.
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
        if criterion.process_id.family_id != lead.sales_process_id.family_id:
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
        companies = self.env["res.company"].sudo()  # any company is ours
        companies = companies.search([("email", "!=", False)])
        addresses = {email_normalize(c.email) for c in companies} - {False}
        domains = {address.rpartition("@")[2] for address in addresses}
        if domain in domains - _MAIL_PROVIDERS:
            return True
        if mailbox_of(email) in map(mailbox_of, addresses):
            return True
        alias_domains = self.env["mail.alias.domain"].sudo()  # mail to them comes here
        if alias_domains.search_count([("name", "=ilike", domain)], limit=1):
            return True
        aliases = self.env["mail.alias"].sudo()  # addresses alone are compared
        if aliases.search_count([("alias_full_name", "=", email)], limit=1):
            return True
        return self._is_colleague(email)

    @api.model
    def _is_colleague(self, email):
        """Whether a user of ours, also an archived one, has this mailbox or login."""
        domain = email.rpartition("@")[2]
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
        # No <blockquote>: the chatter folds it away.
        quotes = [
            Markup('<p class="border-start ps-2">%s</p>')
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
        self.sudo()._close("cancelled")  # rows are the engine's; callers check rights

    def _close(self, state, **values):
        """End open requests; a mail that was never delivered goes, link and all."""
        self.mail_id.unlink()
        self.write({"state": state, **values})

    @api.model
    def _find(self, token):
        """The request behind a link, found by digest; empty when there is none."""
        if not token or len(token) > MAXIMUM_TOKEN:
            return self.browse()
        return self.search([("token_digest", "=", digest_of(token))], limit=1)
