import hashlib
import secrets
from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import clean_context, email_normalize, formataddr

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


class SalesPersonalLink(models.AbstractModel):
    """One contact of a customer is asked something and answers once, without a login.

    A record binds the question to a secret that only the contact's mailbox gets. The
    answer counts as the word of the customer, so nobody inside the company may ever see
    the secret: it is stored as a digest, mailed by the system user in a mail that
    belongs to no record, and never put on any.

    A model of this kind has a ``state`` with at least ``sent`` and ``expired``, names
    its page, mails and the states of an ended question below, creates its records
    with :meth:`_prepare_link` and mails the link with :meth:`_mail_link`. The page
    finds the record with :meth:`_find` and answers with :meth:`_answer_once`, see
    ``sales_personal_link_answer``. Records are only ever written by the engine; nobody
    has the right to create, write or delete them.
    """

    _name = "sales.personal.link"
    _description = "Personal Link"

    # The address of the page, up to the token.
    _link_path = ""
    # Mail templates: with the link, and with what was recorded.
    _link_mail = ""
    _receipt_mail = ""
    _withdrawn_state = ""
    _answered_states = ()

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
        readonly=True,
        help="The address the link was sent to, as it was then.",
    )
    date_sent = fields.Datetime(string="Asked on", required=True, readonly=True)
    date_expiry = fields.Datetime(string="Open until", readonly=True)
    date_answered = fields.Datetime(string="Answered on", readonly=True)
    requested_by_id = fields.Many2one(
        comodel_name="res.users", string="Asked by", required=True, readonly=True
    )
    token_digest = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)
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

    # === COMPUTE METHODS === #

    @api.depends("mail_id.state")
    def _compute_delivery_failed(self):
        for request in self:
            request.delivery_failed = request.mail_id.state == "exception"

    # === ASKING === #

    @api.model
    def _new_token(self):
        return secrets.token_urlsafe(32)

    @api.model
    def _prepare_link(self, company, partner, days, token):
        """Values of a question to ``partner``, answered through ``token``.

        :param int days: for how long the link works
        """
        now = fields.Datetime.now()
        return {
            "company_id": company.id,
            "partner_id": partner.id,
            "partner_name": partner.name or partner.display_name,
            "email": email_normalize(partner.email, strict=False),
            "date_sent": now,
            "date_expiry": now + timedelta(days=days),
            "requested_by_id": self.env.uid,
            "token_digest": digest_of(token),
        }

    @api.model
    def _days_error_message(self, days):
        """Why a link cannot work for so many days; empty when it can."""
        if 1 <= days <= MAXIMUM_DAYS:
            return ""
        return self.env._("The link can work for 1 to %s days.", MAXIMUM_DAYS)

    @api.model
    def _address_error_message(self, partner):
        """Why no link may be sent to ``partner``; empty when it may.

        A link that reaches a mailbox of our own would let a colleague say what the
        customer never said.
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
                "%(email)s belongs to your own company. Only the customer can answer, "
                "so the link has to go to an address of the customer.",
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
        url = f"{self.company_id.get_base_url()}{self._link_path}{token}"
        self.mail_id = self._send_mail(self._link_mail, confirmation_url=url)

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

    # === ENDING === #

    def _cancel(self):
        """Withdraw open questions; their links stop working. Callers check rights."""
        self.sudo()._close(self._withdrawn_state)  # rows are the engine's

    def _close(self, state, **values):
        """End open questions; a mail that was never delivered goes, link and all."""
        self.mail_id.unlink()
        self.write({"state": state, **values})

    @api.model
    def _find(self, token):
        """The question behind a link, found by digest; empty when there is none."""
        if not token or len(token) > MAXIMUM_TOKEN:
            return self.browse()
        return self.search([("token_digest", "=", digest_of(token))], limit=1)
