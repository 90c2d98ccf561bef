import re

from markupsafe import Markup, escape

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import ConcurrencyError, LockError
from odoo.fields import Domain
from odoo.tools import plaintext2html
from odoo.tools.misc import format_date, get_lang, split_every

# Longer answers are cut: the page is open to whoever holds a link.
MAXIMUM_NOTE = 2000
HEX_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
CORE_BUTTON_COLOR = "#875A7B"


def readable_on(color):
    """Black or white, whichever can be read on ``color`` (``#rrggbb``)."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return "#000000" if red * 299 + green * 587 + blue * 114 > 150_000 else "#FFFFFF"


class SalesConfirmation(models.Model):
    """What becomes of the answer, and what page and mails show."""

    _inherit = "sales.confirmation"

    # === ANSWERING === #

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
        evidence = self.env["sales.evidence"].create(
            self._prepare_evidence(confirmed, note)
        )
        self._close(
            "confirmed" if confirmed else "corrected",
            date_answered=fields.Datetime.now(),
            answer_note=note,
            evidence_id=evidence.id,
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
        self._close("expired")
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
        involved = self.requested_by_id | self.lead_id.user_id
        leaders = self.lead_id._sales_verifier() - involved
        addresses = leaders.filtered("email").mapped("email_formatted")
        return addresses[0] if addresses else self.company_id.email_formatted

    def _get_statement_html(self):
        return Markup("<br/>").join(escape(line) for line in self.statement.split("\n"))
