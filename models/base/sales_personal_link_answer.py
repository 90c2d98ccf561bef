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


class SalesPersonalLink(models.AbstractModel):
    """What becomes of the answer, and what page and mails show."""

    _inherit = "sales.personal.link"

    # === ANSWERING === #

    def _is_open(self):
        """Whether the contact can still answer; nobody can without a record."""
        return bool(
            self.state == "sent"
            and self.partner_id
            and self.date_expiry > fields.Datetime.now()
        )

    def _is_answered(self):
        """Whether nothing is left to answer: the page then says so, and thanks."""
        return self.state in self._answered_states

    def _answer_once(self, *answer):
        """Record what the contact answered, as the system. Works once.

        :param answer: what :meth:`_record_answer` of the model takes
        :return: False when the question was not open any more
        :raise ConcurrencyError: when somebody answers this very moment; the web layer
            then tries again and finds the question answered
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
        self.with_env(engine)._record_answer(*answer)
        return True

    def _record_answer(self, *answer):
        """Hook: keep the answer and what follows from it."""
        raise NotImplementedError

    @api.model
    def _clean_note(self, note):
        return (note or "")[:MAXIMUM_NOTE].strip()

    def _send_receipt(self):
        """Tell the contact what was recorded in their name."""
        self._send_mail(self._receipt_mail)

    # === EXPIRY === #

    @api.model
    def _cron_expire(self, batch=200):
        """Close questions nobody answered in time, and say so to the salesperson.

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
        self._tell_expired()

    def _tell_expired(self):
        """Hook: tell the salespeople that these questions were not answered."""

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

    def _pick_reply_to(self, leaders):
        """Where a contact who never answered can say so: not whoever asked.

        :param leaders: who answers for the salesperson, nearest first
        """
        leaders = leaders - self.requested_by_id
        addresses = leaders.filtered("email").mapped("email_formatted")
        return addresses[0] if addresses else self.company_id.email_formatted

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

    @api.model
    def _with_breaks(self, text):
        """Plain text as HTML, line by line."""
        return Markup("<br/>").join(escape(line) for line in text.split("\n"))

    @api.model
    def _quote(self, title, *texts):
        """A title and quoted texts for the chatter."""
        # No <blockquote>: the chatter folds it away.
        quotes = [
            Markup('<p class="border-start ps-2">%s</p>')
            % plaintext2html(text, with_paragraph=False)
            for text in texts
            if text
        ]
        return Markup("<p>%s</p>") % title + Markup("").join(quotes)
